//! Lossless or loud: on every target, setting any field of the vocabulary changes the result or gives a finding.
//!
//! Exposures are made from the vocabulary and the profiles themselves, so that a new field or target needs no new test.

#![allow(clippy::disallowed_methods, reason = "a test chooses its cases")]

use std::collections::BTreeSet;

use edgegen::compile::Output;
use edgegen::diag::Diagnostics;
use edgegen::lower::account::Outcome;
use edgegen::profile::store::Store;
use edgegen::profile::trial;
use edgegen::source::Sources;
use edgegen::vocab::{Field, Shape};
use serde_json::{Value, json};

#[path = "fields/probe.rs"]
mod probe;

use probe::{SMALLEST, context, environment, exposure, merge, nested, of_streams, texts, values};

/// The embedded profiles.
fn store() -> Store {
    Store::embedded(&mut Sources::default(), &mut Diagnostics::default())
}

/// All targets, or the one that is named: `EDGEGEN_TARGET=id cargo test --test fields`.
fn chosen(store: &Store) -> Vec<&str> {
    let only = std::env::var("EDGEGEN_TARGET").ok();
    let wanted = |t: &&str| only.as_ref().is_none_or(|o| o == t);
    store.targets().into_iter().filter(wanted).collect()
}

/// What can be told from a compilation: its files, and its findings other than notes on what was set.
#[derive(PartialEq)]
struct Result {
    trees: Vec<edgegen::out::Tree>,
    findings: BTreeSet<(String, String)>,
    /// Fields that the target's documented default or a refusal answers.
    already: BTreeSet<String>,
}

impl Result {
    fn of(output: &Output) -> Self {
        let all = output
            .diags
            .iter()
            .chain(output.groups.iter().flat_map(|g| g.diags.iter()));
        Self {
            trees: output.rendered().map(|r| r.tree.clone()).collect(),
            findings: all
                .map(|d| (d.code.to_string(), d.headline.clone()))
                .collect(),
            already: output
                .rendered()
                .flat_map(|r| &r.account)
                .filter(|e| matches!(e.outcome, Outcome::AlreadySo | Outcome::Refused))
                .map(|e| e.field.to_string())
                .collect(),
        }
    }

    /// Findings that say that the probe itself is no valid document.
    fn invalid(&self) -> Option<&(String, String)> {
        self.findings
            .iter()
            .find(|(c, _)| c.starts_with("EG12") || c.starts_with("EG10") || c.starts_with("EG99"))
    }

    /// A value that nothing answers for: the engine found a gap of the profile.
    fn gap(&self) -> Option<&(String, String)> {
        self.findings
            .iter()
            .find(|(c, _)| c == "EG3101" || c == "EG3102" || c.starts_with("EG90"))
    }
}

/// One field on one target; gives what is wrong.
fn heard(
    store: &Store,
    target: &str,
    field: &str,
    shape: &Shape,
    binds: bool,
    texts: &[String],
) -> Vec<String> {
    let head = store.head(target).expect("a target has a head");
    let (context, base) = context(head, field);
    let env = environment(store, target, texts);
    let before = if field.starts_with("routes.") {
        Result::of(&trial::run(
            store,
            target,
            &exposure(
                store,
                target,
                "routes.rules.backendRefs.name",
                &json!("web"),
                texts,
            ),
            &env,
            base,
        ))
    } else {
        Result::of(&trial::run(store, target, &context, &env, base))
    };
    let tried = if binds {
        vec![json!("probe")]
    } else {
        values(shape, texts)
    };
    let mut wrong = Vec::new();
    let mut heard = false;
    for value in &tried {
        let spec = exposure(store, target, field, value, texts);
        let after = Result::of(&trial::run(store, target, &spec, &env, base));
        if let Some((code, headline)) = after.invalid() {
            wrong.push(format!(
                "{target} {field}: {value} is no probe: [{code}] {headline}"
            ));
        }
        if let Some((code, headline)) = after.gap() {
            wrong.push(format!("{target} {field}: {value}: [{code}] {headline}"));
        }
        heard |= after != before;
    }
    if tried.is_empty() {
        wrong.push(format!("{target} {field}: no value to try"));
    } else if !heard {
        wrong.push(format!(
            "{target} {field}: none of {} changes anything",
            json!(tried)
        ));
    }
    wrong
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test chooses its cases")]
fn every_field_changes_the_result_or_gives_a_finding() {
    let store = store();
    let texts = texts(&store);
    let leaves: Vec<_> = store
        .vocabulary
        .leaves()
        .into_iter()
        .filter(|l| !l.engine)
        // The probes of routes lead to the base's own Service; where else they lead is an error of its own.
        .filter(|l| {
            let ends = [
                "routes.rules.backendRefs.",
                "routes.rules.filters.requestMirror.backendRef.",
            ];
            l.path.ends_with(".weight") || !ends.iter().any(|e| l.path.starts_with(e))
        })
        .collect();
    let mut tasks = Vec::new();
    for target in chosen(&store) {
        let head = store.head(target).expect("a target has a head");
        let concerned = leaves.iter().filter(|l| head.concerns(&l.path));
        tasks.extend(concerned.map(|l| (target, l)));
    }
    let wrong = edgegen::parallel::map(&tasks, |(target, leaf)| {
        heard(
            &store,
            target,
            &leaf.path,
            leaf.shape,
            leaf.binds.is_some(),
            &texts,
        )
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_field_is_answered_for_streams_too() {
    let store = store();
    let texts = texts(&store);
    let leaves = store.vocabulary.leaves();
    let of_routes = ["routes.", "canaries.", "listeners.", "carriers."];
    let fields: Vec<_> = leaves
        .iter()
        .filter(|l| !l.engine && !of_routes.iter().any(|f| l.path.starts_with(f)))
        .collect();
    let mut tasks = Vec::new();
    for target in chosen(&store) {
        let head = store.head(target).expect("a target has a head");
        if head.carries_routes() && !head.streams.is_empty() {
            tasks.extend(fields.iter().map(|l| (head, *l)));
        }
    }
    let wrong = edgegen::parallel::map(&tasks, |(head, leaf)| {
        let (mut context, base) = of_streams(head, &leaf.path);
        context["carriers"] = json!([{ "kind": "Service", "name": "web" }]);
        let steps: Vec<&str> = leaf.path.split('.').collect();
        let tried = if leaf.binds.is_some() {
            vec![json!("probe")]
        } else {
            values(leaf.shape, &texts)
        };
        let env = environment(&store, &head.id, &texts);
        let gap = |value: Value| {
            let mut spec = context.clone();
            merge(
                &mut spec,
                &nested(&store.vocabulary.exposure, &steps, &value, &texts),
            );
            let after = Result::of(&trial::run(&store, &head.id, &spec, &env, base));
            let (code, headline) = after.invalid().or(after.gap())?;
            Some(format!(
                "{} {}: {value}: [{code}] {headline}",
                head.id, leaf.path
            ))
        };
        tried.into_iter().find_map(gap)
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// An exposure that refers to a binding of a kind by the name `probe`: each field whose value is such a name.
fn referring(store: &Store, target: &str, key: &str, texts: &[String]) -> Vec<Value> {
    let head = store.head(target).expect("a target has a head");
    let leaves = store.vocabulary.leaves();
    let fields = leaves.iter().filter(|l| l.binds == Some(key));
    fields
        .map(|l| {
            let mut spec = context(head, &l.path).0;
            // The probe's own certificate, not the one that other probes bring along.
            if let (true, Value::Object(fields)) = (key == "certificates", &mut spec) {
                fields.shift_remove("tls");
            }
            let steps: Vec<&str> = l.path.split('.').collect();
            merge(
                &mut spec,
                &nested(&store.vocabulary.exposure, &steps, &json!("probe"), texts),
            );
            spec
        })
        .collect()
}

/// A situation in which a binding's member may mean something: exposure, environment, base and the name of the binding.
struct Setting {
    spec: Value,
    env: Value,
    base: String,
    name: String,
}

/// Settings for a kind of binding: one made from the vocabulary, with the member alone, then those of the profile's own examples.
fn settings(store: &Store, target: &str, key: &str, texts: &[String]) -> Vec<Setting> {
    let mut env = environment(store, target, texts);
    if let Some(Value::Object(names)) = env.pointer_mut(&pointer(key)) {
        names.insert("probe".to_owned(), json!({}));
    }
    let mut out: Vec<Setting> = referring(store, target, key, texts)
        .into_iter()
        .map(|spec| Setting {
            spec,
            env: env.clone(),
            base: SMALLEST.to_owned(),
            name: "probe".to_owned(),
        })
        .collect();
    let profile = store.profile(target, &mut Sources::default(), &mut Diagnostics::default());
    for e in profile
        .iter()
        .flat_map(|p| &p.rules)
        .flat_map(|r| &r.examples)
    {
        let Some(Value::Object(names)) = e.environment.pointer(&pointer(key)) else {
            continue;
        };
        out.extend(names.keys().map(|name| Setting {
            spec: e.exposure.clone(),
            env: e.environment.clone(),
            base: e.base.clone(),
            name: name.clone(),
        }));
    }
    out
}

fn pointer(key: &str) -> String {
    format!("/{}", key.replace('.', "/"))
}

/// One member of a binding on one target; gives what is wrong.
fn member(
    store: &Store,
    target: &str,
    key: &str,
    member: &Field,
    texts: &[String],
) -> Option<String> {
    let mut gap = None;
    for at in settings(store, target, key, texts) {
        let Some(binding) = at.env.pointer(&format!("{}/{}", pointer(key), at.name)) else {
            continue;
        };
        let with = |value: Option<&Value>| {
            let mut binding = binding.clone();
            if let Value::Object(map) = &mut binding {
                map.shift_remove(&member.name);
                map.extend(value.map(|v| (member.name.clone(), v.clone())));
            }
            let mut env = at.env.clone();
            if let Some(Value::Object(names)) = env.pointer_mut(&pointer(key)) {
                names.insert(at.name.clone(), binding);
            }
            Result::of(&trial::run(store, target, &at.spec, &env, &at.base))
        };
        let before = with(None);
        let own = binding.get(&member.name).cloned();
        for value in own.into_iter().chain(values(&member.shape, texts)) {
            let after = with(Some(&value));
            if after == before {
                continue;
            }
            match after.invalid().or(after.gap()) {
                None => return None,
                Some((code, words)) => gap = Some(format!("{value} gives [{code}] {words}")),
            }
        }
    }
    let wrong = gap.unwrap_or_else(|| "no value changes anything".to_owned());
    Some(format!("{target} {key}.{}: {wrong}", member.name))
}

#[test]
fn every_member_of_a_binding_changes_the_result_or_gives_a_finding() {
    let store = store();
    let texts = texts(&store);
    let mut tasks = Vec::new();
    let targets = chosen(&store);
    for head in store
        .heads
        .iter()
        .filter(|h| targets.contains(&h.id.as_str()))
    {
        for (key, members) in &head.bindings {
            tasks.extend(members.iter().map(|m| (head.id.as_str(), key.as_str(), m)));
        }
    }
    let wrong = edgegen::parallel::map(&tasks, |(t, k, m)| member(&store, t, k, m, &texts));
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
