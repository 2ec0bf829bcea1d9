//! Lossless or loud: on every target, setting any field of the vocabulary changes the result or gives a finding.
//!
//! Exposures are made from the vocabulary and the profiles themselves, so that a new field or target needs no new test.

use std::collections::BTreeSet;

use edgegen::compile::Output;
use edgegen::diag::Diagnostics;
use edgegen::lower::account::Outcome;
use edgegen::profile::store::Store;
use edgegen::profile::trial;
use edgegen::source::Sources;
use edgegen::vocab::{Field, Shape, Type};
use serde_json::{Map, Value, json};

/// A base without a carrier, for fields that state the routes themselves.
const SERVICES: &str = "apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: web }\nspec: { selector: { app: web }, ports: [ { name: http, port: 80, targetPort: 8080 } ] }\n";

/// A policy under which the balancer reaches nothing.
const CLOSED: &str = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: closed, namespace: web }\nspec: { podSelector: {}, policyTypes: [Ingress] }\n";

const SMALLEST: &str = include_str!("../profiles/smallest.yaml");

/// The embedded profiles.
fn store() -> Store {
    Store::embedded(&mut Sources::default(), &mut Diagnostics::default())
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

/// Texts from which a value of a pattern is chosen: those that the profiles' own examples use, and some more.
fn texts(store: &Store) -> Vec<String> {
    fn collect(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(s) => out.push(s.clone()),
            Value::Array(items) => items.iter().for_each(|v| collect(v, out)),
            Value::Object(map) => map.values().for_each(|v| collect(v, out)),
            _ => {}
        }
    }
    let mut out: Vec<String> = [
        "probe",
        "probe-2",
        "200",
        "204",
        "10.9.8.7",
        "probe.example.net",
    ]
    .map(str::to_owned)
    .to_vec();
    for head in &store.heads {
        collect(&head.smallest.environment, &mut out);
        for u in &head.unsupported {
            collect(&u.environment, &mut out);
        }
    }
    for target in store.targets() {
        let profile = store.profile(target, &mut Sources::default(), &mut Diagnostics::default());
        for e in profile
            .iter()
            .flat_map(|p| &p.rules)
            .flat_map(|r| &r.examples)
        {
            collect(&e.environment, &mut out);
            collect(&e.exposure, &mut out);
        }
    }
    let mut seen = BTreeSet::new();
    out.retain(|t| seen.insert(t.clone()));
    out
}

/// Valid values of a leaf, by its type.
fn values(shape: &Shape, texts: &[String]) -> Vec<Value> {
    let all = |list: &[&str]| list.iter().map(|v| json!(v)).collect();
    match &shape.ty {
        Type::Bool => vec![json!(true), json!(false)],
        Type::Enum(values) => values.clone(),
        Type::Int(min, max) => {
            let (low, high) = (min.unwrap_or(1), max.unwrap_or(100));
            let mut list: Vec<i64> = [low, low + 1, 4, 7, 8443]
                .into_iter()
                .filter(|i| (low..=high).contains(i))
                .collect();
            list.dedup();
            list.into_iter().map(Value::from).collect()
        }
        Type::Duration(..) => all(&["7s", "20s", "45s", "90s"]),
        Type::Cidr => all(&["10.9.0.0/16"]),
        Type::Hostname(_) => all(&["probe.example.net"]),
        Type::Path => all(&["/probe", "/"]),
        Type::Str(pattern) => texts
            .iter()
            .filter(|t| pattern.as_ref().is_none_or(|p| p.is_match(t)))
            .take(2)
            .map(|t| json!(t))
            .collect(),
        Type::List(of) => values(of, texts).into_iter().map(|v| json!([v])).collect(),
        Type::MapOf(of) => values(of, texts)
            .into_iter()
            .map(|v| json!({ "probe": v }))
            .collect(),
        Type::Map(fields) => {
            let mut map = Map::new();
            for f in fields {
                if let Some(v) = values(&f.shape, texts).into_iter().next() {
                    map.insert(f.name.clone(), v);
                }
            }
            vec![Value::Object(map)]
        }
        Type::Bindings(_) | Type::Exposure => Vec::new(),
    }
}

/// A map with `value` at the end of the steps; required fields on the way have their first value.
fn nested(shape: &Shape, steps: &[&str], value: &Value, texts: &[String]) -> Value {
    let Some((first, rest)) = steps.split_first() else {
        return value.clone();
    };
    match &shape.ty {
        Type::List(of) => json!([nested(of, steps, value, texts)]),
        Type::Map(fields) => {
            let mut map = Map::new();
            for f in fields {
                if f.name == *first {
                    map.insert(f.name.clone(), nested(&f.shape, rest, value, texts));
                } else if f.required && !matches!(f.name.as_str(), "scope" | "base") {
                    let v = values(&f.shape, texts).into_iter().next();
                    map.extend(v.map(|v| (f.name.clone(), v)));
                }
            }
            Value::Object(map)
        }
        _ => value.clone(),
    }
}

fn merge(into: &mut Value, more: &Value) {
    match (into, more) {
        (Value::Object(a), Value::Object(b)) => {
            for (k, v) in b {
                merge(a.entry(k.clone()).or_insert(Value::Null), v);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == 1 && b.len() == 1 => {
            merge(&mut a[0], &b[0]);
        }
        (a, b) => *a = b.clone(),
    }
}

/// What has to be there for a field to mean anything: exposure, environment and base.
fn context(field: &str) -> (Value, &'static str) {
    let tls = json!({ "certificates": [ { "name": "web" } ] });
    match field {
        "tls.redirectStatus" => {
            let mut with = tls;
            with["redirectHTTP"] = json!(true);
            (json!({ "tls": with }), SMALLEST)
        }
        "tls.certificates.name" => (json!({}), SMALLEST),
        f if f.starts_with("tls.") => (json!({ "tls": tls }), SMALLEST),
        "backends.affinity.cookieName" | "backends.affinity.ttl" => (
            json!({ "backends": [ { "affinity": { "type": "Cookie" } } ] }),
            SMALLEST,
        ),
        "networkPolicy" => (json!({}), closed()),
        f if f.starts_with("routes.") => (
            json!({ "hostnames": [ { "name": "web.example.com" } ] }),
            SERVICES,
        ),
        _ => (json!({}), SMALLEST),
    }
}

/// The smallest base with a policy that closes it.
fn closed() -> &'static str {
    static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    TEXT.get_or_init(|| format!("{SMALLEST}{CLOSED}"))
}

/// Exposure of a probe: the context, then the field; routes lead to the Service of the base and a name stays one.
fn exposure(store: &Store, field: &str, value: &Value, texts: &[String]) -> Value {
    let steps: Vec<&str> = field.split('.').collect();
    let mut spec = context(field).0;
    merge(
        &mut spec,
        &nested(&store.vocabulary.exposure, &steps, value, texts),
    );
    let text = spec.to_string();
    let mut spec: Value = serde_json::from_str(&text).expect("it was JSON");
    if let Some(route) = spec.pointer_mut("/routes/0/rules/0") {
        let full = json!({ "backendRefs": [ { "name": "web", "port": 80 } ] });
        merge(route, &full);
        if let Some(rewrite) = route.pointer_mut("/filters/0/urlRewrite/path") {
            let full =
                rewrite["type"] == "ReplaceFullPath" || rewrite.get("replaceFullPath").is_some();
            let (kind, key) = if full {
                ("ReplaceFullPath", "replaceFullPath")
            } else {
                ("ReplacePrefixMatch", "replacePrefixMatch")
            };
            let to = rewrite.get(key).cloned().unwrap_or(json!("/probe"));
            *rewrite = json!({ "type": kind, key: to });
        }
    }
    spec
}

/// An environment in which the probe's names stand for the first members of the target's bindings.
fn environment(store: &Store, target: &str, texts: &[String]) -> Value {
    let mut env = json!({});
    let head = store.head(target).expect("a target has a head");
    for (key, members) in &head.bindings {
        let Some(first) = members.first() else {
            continue;
        };
        let names = if key == "certificates" {
            vec!["web", "probe"]
        } else {
            vec!["probe"]
        };
        for name in names {
            bind(&mut env, key, name, first, texts);
        }
    }
    let keys = store.vocabulary.binding_keys();
    for key in keys.into_iter().filter(|k| *k != "certificates") {
        let path = format!("/{}/probe", key.replace('.', "/"));
        if env.pointer(&path).is_none() {
            insert(&mut env, key, json!({ "probe": {} }));
        }
    }
    env
}

fn bind(env: &mut Value, key: &str, name: &str, member: &Field, texts: &[String]) {
    let value = values(&member.shape, texts).into_iter().next();
    let of = value.map_or_else(|| json!({}), |v| json!({ member.name.clone(): v }));
    insert(env, key, json!({ name: of }));
}

fn insert(env: &mut Value, key: &str, value: Value) {
    let mut nested = value;
    for step in key.rsplit('.') {
        nested = json!({ step: nested });
    }
    merge(env, &nested);
}

/// One field on one target; gives what is wrong.
fn probe(
    store: &Store,
    target: &str,
    field: &str,
    shape: &Shape,
    binds: bool,
    texts: &[String],
) -> Vec<String> {
    let (context, base) = context(field);
    let env = environment(store, target, texts);
    let before = if field.starts_with("routes.") {
        Result::of(&trial::run(
            store,
            target,
            &exposure(store, "routes.rules.backendRefs.name", &json!("web"), texts),
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
        let spec = exposure(store, field, value, texts);
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
fn every_field_changes_the_result_or_gives_a_finding() {
    let store = store();
    let texts = texts(&store);
    let leaves: Vec<_> = store
        .vocabulary
        .leaves()
        .into_iter()
        .filter(|l| !l.engine)
        // The probes of routes lead to the base's own Service; where else they lead is an error of its own.
        .filter(|l| !l.path.starts_with("routes.rules.backendRefs"))
        .collect();
    let mut tasks = Vec::new();
    for target in store.targets() {
        tasks.extend(leaves.iter().map(|l| (target, l)));
    }
    let wrong = edgegen::parallel::map(&tasks, |(target, leaf)| {
        probe(
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

/// An exposure that refers to a binding of a kind by the name `probe`: each field whose value is such a name.
fn referring(store: &Store, key: &str, texts: &[String]) -> Vec<Value> {
    let leaves = store.vocabulary.leaves();
    let fields = leaves.iter().filter(|l| l.binds == Some(key));
    fields
        .map(|l| {
            let mut spec = context(&l.path).0;
            // The probe's own certificate, not the one that other probes bring along.
            if key == "certificates" {
                spec = json!({});
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
    let mut out: Vec<Setting> = referring(store, key, texts)
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
    for head in store.heads.iter().filter(|h| h.is_target()) {
        for (key, members) in &head.bindings {
            tasks.extend(members.iter().map(|m| (head.id.as_str(), key.as_str(), m)));
        }
    }
    let wrong = edgegen::parallel::map(&tasks, |(t, k, m)| member(&store, t, k, m, &texts));
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
