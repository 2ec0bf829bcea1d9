//! Running the examples of a profile: a whole compilation in memory for each.
//!
//! Examples are the tests of profiles, for those in this repository and for everybody else's.

use serde_json::{Map, Value, json};

use super::expr::from_json;
use super::head::Unsupported;
use super::rule::{Example, Rule};
use super::store::Store;
use super::track::Scope;
use crate::compile::{Output, Rendered, Request, compile_with};
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::inverse::{self, Reader};
use crate::load::API_VERSION;
use crate::model::name::Name;
use crate::model::val::Val;
use crate::select::Wanted;
use crate::source::Sources;
use crate::world::Memory;

const SMALLEST: &str = include_str!("../../profiles/smallest.yaml");

/// What came of an example.
#[derive(Debug)]
pub struct Outcome {
    /// Why it failed; empty when it held.
    pub faults: Vec<String>,
}

/// Runs an example of a rule for a target; with a reader, what it emits has to be given back.
pub fn example(
    store: &Store,
    target: &str,
    rule: &Rule,
    example: &Example,
    reader: Option<&Reader>,
) -> Outcome {
    if !applies(store, target, example) {
        return Outcome { faults: Vec::new() };
    }
    let output = run(
        store,
        target,
        &example.exposure,
        &example.environment,
        &example.base,
    );
    let code = format!("{target}/{}", rule.id);
    let mut faults = Vec::new();
    match &example.finds {
        Some(text) => {
            let hit = |d: &&Diagnostic| d.code.0 == code && d.headline.contains(text.as_str());
            if findings(&output).iter().find(hit).is_none() {
                faults.push(format!(
                    "no finding `{code}` with `{text}`; found: {}",
                    list(&output)
                ));
            }
        }
        None if output.has_errors() => faults.push(format!("refused: {}", list(&output))),
        None => {
            let rendered: Vec<&Rendered> = output.rendered().collect();
            match rendered.first() {
                Some(r) => compare(&r.built, &example.expect, &mut faults),
                None => faults.push("nothing was rendered".to_owned()),
            }
            if let Some(reader) = reader {
                faults.extend(unread(store, reader, &output));
            }
        }
    }
    Outcome { faults }
}

/// Values that were emitted and that the result does not give back.
fn unread(store: &Store, reader: &Reader, output: &Output) -> Vec<String> {
    let mut out = Vec::new();
    for group in &output.groups {
        for rendered in &group.rendered {
            for l in inverse::check::lost(store, reader, rendered, &group.sources) {
                out.push(format!(
                    "{} of `{}` is emitted by `{}` and cannot be read back: give the rule a tree under `reads`, or the field a reason under `unread`",
                    l.value, l.field, l.rule
                ));
            }
        }
    }
    out
}

/// Whether an example is for this target.
fn applies(store: &Store, target: &str, example: &Example) -> bool {
    let Some(when) = &example.when else {
        return true;
    };
    let facts = store.facts(target);
    let scope = Scope::new(Val::map::<Name>([]), from_json(&facts));
    when.holds(&scope).unwrap_or(true)
}

/// Runs the example of an unsupported field.
pub fn unsupported(store: &Store, target: &str, entry: &Unsupported) -> Outcome {
    let Some(exposure) = &entry.example else {
        return Outcome {
            faults: vec!["it has no example".to_owned()],
        };
    };
    let output = run(store, target, exposure, &entry.environment, "");
    let code = format!("{target}/{}", entry.id);
    let found = findings(&output).iter().any(|d| d.code.0 == code);
    Outcome {
        faults: if found {
            Vec::new()
        } else {
            vec![format!("no finding `{code}`; found: {}", list(&output))]
        },
    }
}

/// Compiles an exposure, given by fields of its `spec`, on the smallest base or another one.
pub fn run(
    store: &Store,
    target: &str,
    exposure: &Value,
    environment: &Value,
    base: &str,
) -> Output {
    let smallest = store
        .head(target)
        .map(|h| h.smallest.clone())
        .unwrap_or_default();
    let mut spec = json!({ "base": "./base", "scope": "Public" });
    merge(&mut spec, &smallest.exposure);
    merge(&mut spec, exposure);
    // Examples of inherited rules accept codes by the name of the profile that they stand in.
    let accepted = spec.get_mut("accept").and_then(Value::as_array_mut);
    for entry in accepted.into_iter().flatten() {
        let code = entry["code"].as_str().unwrap_or_default();
        if let Some((profile, rule)) = code.split_once('/')
            && store.lineage(target).iter().any(|p| p == profile)
        {
            entry["code"] = format!("{target}/{rule}").into();
        }
    }
    let exposure = json!({ "apiVersion": API_VERSION, "kind": "Exposure", "metadata": { "name": "web", "namespace": "web" }, "spec": spec });
    let mut spec = json!({ "target": target });
    merge(&mut spec, &smallest.environment);
    merge(&mut spec, environment);
    // Examples of shared rules bind a certificate in their own way; where the target has its way for it, that one counts.
    let taken: Vec<&str> = store
        .head(target)
        .and_then(|h| h.bindings.get("certificates"))
        .map(|members| members.iter().map(|m| m.name.as_str()).collect())
        .unwrap_or_default();
    let own = smallest.environment["certificates"].as_object();
    for name in own.into_iter().flat_map(Map::keys) {
        if let Some(members) = spec["certificates"][name].as_object_mut() {
            members.retain(|member, _| taken.contains(&member.as_str()));
        }
    }
    let environment = json!({ "apiVersion": API_VERSION, "kind": "Environment", "metadata": { "name": "trial" }, "spec": spec });
    let world = Memory::new([
        ("/trial/exposure.yaml", exposure.to_string().as_str()),
        ("/trial/environment.yaml", environment.to_string().as_str()),
        ("/trial/base/kustomization.yaml", "resources: [app.yaml]\n"),
        (
            "/trial/base/app.yaml",
            if base.is_empty() { SMALLEST } else { base },
        ),
    ]);
    let request = Request {
        inputs: vec!["/trial".into()],
        wanted: Wanted {
            targets: vec![target.to_owned()],
            ..Wanted::default()
        },
        out: "/out".into(),
        detail: true,
        ..Request::default()
    };
    compile_with(&world, store, &Sources::default(), &request)
}

fn merge(into: &mut Value, more: &Value) {
    match (into, more) {
        (Value::Object(a), Value::Object(b)) => {
            for (k, v) in b {
                if v.is_null() {
                    a.shift_remove(k);
                    continue;
                }
                merge(a.entry(k.clone()).or_insert(Value::Null), v);
            }
        }
        (_, Value::Null) => {}
        (a, b) => *a = b.clone(),
    }
}

fn findings(output: &Output) -> Vec<Diagnostic> {
    let mut all = Diagnostics::default();
    all.extend(output.diags.clone());
    for g in &output.groups {
        all.extend(g.diags.clone());
    }
    all.into_sorted()
}

fn list(output: &Output) -> String {
    let all = findings(output);
    let shown: Vec<String> = all
        .iter()
        .filter(|d| d.severity != Severity::Note)
        .map(|d| format!("[{}] {} {}", d.code, d.headline, d.notes.join("; ")))
        .collect();
    if shown.is_empty() {
        "nothing".to_owned()
    } else {
        shown.join(" | ")
    }
}

/// Whether the objects have the fields that `expect` says: by `Kind/name`, or by `Kind` where there is one; null for what must be absent.
fn compare(built: &[Value], expect: &Value, faults: &mut Vec<String>) {
    let empty = Map::new();
    for (selector, wanted) in expect.as_object().unwrap_or(&empty) {
        let (kind, name) = selector
            .split_once('/')
            .map_or((selector.as_str(), None), |(k, n)| (k, Some(n)));
        let found: Vec<&Value> = built
            .iter()
            .filter(|o| o["kind"] == kind && name.is_none_or(|n| o["metadata"]["name"] == n))
            .collect();
        match (found.as_slice(), wanted) {
            ([], Value::Null) => {}
            ([], _) => faults.push(format!("there is no {selector}")),
            (_, Value::Null) => faults.push(format!("{selector} is there")),
            (objects, _) => objects
                .iter()
                .for_each(|o| within(o, wanted, selector, faults)),
        }
    }
}

fn within(found: &Value, wanted: &Value, path: &str, faults: &mut Vec<String>) {
    match (found, wanted) {
        (Value::Object(f), Value::Object(w)) => {
            for (k, v) in w {
                let below = format!("{path} {k}");
                match f.get(k) {
                    None if v.is_null() => {}
                    None => faults.push(format!("{below} is absent")),
                    Some(_) if v.is_null() => faults.push(format!("{below} is there")),
                    Some(x) => within(x, v, &below, faults),
                }
            }
        }
        (Value::Array(f), Value::Array(w)) if f.len() == w.len() => {
            for (i, (x, v)) in f.iter().zip(w).enumerate() {
                within(x, v, &format!("{path}[{i}]"), faults);
            }
        }
        (f, w) if f == w => {}
        (f, w) => faults.push(format!("{path} is {f}, not {w}")),
    }
}
