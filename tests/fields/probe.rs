//! Documents in which one field of the vocabulary is set and means something.
//!
//! Made from the vocabulary and from the profiles' own examples, so that a new field or target needs no line here.

use std::collections::BTreeSet;

use edgegen::diag::Diagnostics;
use edgegen::profile::head::Head;
use edgegen::profile::store::Store;
use edgegen::source::Sources;
use edgegen::vocab::{Field, Shape, Type};
use serde_json::{Map, Value, json};

/// A base without a carrier, for fields that state the routes themselves.
const SERVICES: &str = "apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: web }\nspec: { selector: { app: web }, ports: [ { name: http, port: 80, targetPort: 8080 } ] }\n---\napiVersion: v1\nkind: Service\nmetadata: { name: probe, namespace: web }\nspec: { selector: { app: probe }, ports: [ { name: http, port: 80, targetPort: 8080 } ] }\n";

/// A policy under which the balancer reaches nothing.
const CLOSED: &str = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: closed, namespace: web }\nspec: { podSelector: {}, policyTypes: [Ingress] }\n";

pub(crate) const SMALLEST: &str = include_str!("../../profiles/smallest.yaml");

/// Texts from which a value of a pattern is chosen: those that the profiles' own examples use, and some more.
pub(crate) fn texts(store: &Store) -> Vec<String> {
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
pub(crate) fn values(shape: &Shape, texts: &[String]) -> Vec<Value> {
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
pub(crate) fn nested(shape: &Shape, steps: &[&str], value: &Value, texts: &[String]) -> Value {
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
                    let bound = f.binds.as_ref().map(|_| json!("probe"));
                    let v = bound.or_else(|| values(&f.shape, texts).into_iter().next());
                    map.extend(v.map(|v| (f.name.clone(), v)));
                }
            }
            Value::Object(map)
        }
        _ => value.clone(),
    }
}

pub(crate) fn merge(into: &mut Value, more: &Value) {
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
pub(crate) fn context(head: &Head, field: &str) -> (Value, &'static str) {
    if !head.carries_routes() {
        return of_streams(head, field);
    }
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
        f if f.starts_with("backends.tls.") => {
            (json!({ "backends": [ { "protocol": "HTTPS" } ] }), SMALLEST)
        }
        f if f.starts_with("canaries.") => (json!({}), two()),
        f if f.starts_with("routes.") => (
            json!({ "hostnames": [ { "name": "web.example.com" } ] }),
            SERVICES,
        ),
        _ => (json!({}), SMALLEST),
    }
}

/// The same where a Service carries streams: its one port, which ends TLS where the field is of TLS and the target ends it.
pub(crate) fn of_streams(head: &Head, field: &str) -> (Value, &'static str) {
    let ends_tls = head.streams.iter().any(|p| p == "TLS");
    let mut spec = json!({});
    let of_tls = ["tls.", "accessLogs.", "backends.protocol"];
    if ends_tls && of_tls.iter().any(|f| field.starts_with(f)) {
        spec["listeners"] = json!([{ "protocol": "TLS", "port": 80 }]);
        spec["hostnames"] = json!([{ "name": "web.example.com" }]);
        if field != "tls.certificates.name" {
            spec["tls"] = json!({ "certificates": [{ "name": "web" }] });
        }
    }
    if field.starts_with("listeners.") {
        spec["listeners"] = json!([{ "protocol": "TCP", "port": 80 }]);
    }
    if field.starts_with("backends.affinity.") {
        spec["backends"] = json!([{ "affinity": { "type": "ClientIP" } }]);
    }
    if field.starts_with("dns.") {
        spec["hostnames"] = json!([{ "name": "web.example.com" }]);
    }
    let base = if field == "networkPolicy" {
        closed()
    } else {
        SMALLEST
    };
    (spec, base)
}

/// The smallest base with a policy that closes it.
fn closed() -> &'static str {
    static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    TEXT.get_or_init(|| format!("{SMALLEST}{CLOSED}"))
}

/// The smallest base with a second Service.
fn two() -> &'static str {
    static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    TEXT.get_or_init(|| {
        let (_, second) = SERVICES.split_once("---").expect("two Services");
        format!("{SMALLEST}---{second}")
    })
}

/// Exposure of a probe: the context, then the field; routes lead to the Service of the base and a name stays one.
pub(crate) fn exposure(
    store: &Store,
    target: &str,
    field: &str,
    value: &Value,
    texts: &[String],
) -> Value {
    let steps: Vec<&str> = field.split('.').collect();
    let head = store.head(target).expect("a target has a head");
    let mut spec = context(head, field).0;
    merge(
        &mut spec,
        &nested(&store.vocabulary.exposure, &steps, value, texts),
    );
    let text = spec.to_string();
    let mut spec: Value = serde_json::from_str(&text).expect("it was JSON");
    let port = spec.pointer_mut("/listeners/0");
    if let Some(port) = port.filter(|_| !head.carries_routes()) {
        match field {
            "listeners.protocol" => port["port"] = json!(80),
            "listeners.port" => port["protocol"] = json!("TCP"),
            _ => {}
        }
    }
    if let Some(canary) = spec.pointer_mut("/canaries/0") {
        merge(canary, &json!({ "service": "web", "canary": "probe" }));
    }
    if let Some(rule) = spec.pointer_mut("/routes/0/rules/0") {
        complete(rule, field);
    }
    if spec
        .pointer("/routes/0/rules/0/filters/0/requestRedirect")
        .is_some()
    {
        let other = json!({ "backendRefs": [ { "name": "web", "port": 80 } ] });
        if let Some(Value::Array(rules)) = spec.pointer_mut("/routes/0/rules") {
            rules.push(other);
        }
    }
    spec
}

/// A rule of a route that means something: it leads to the Services of the base, and its filter is of the type of its block.
fn complete(rule: &mut Value, field: &str) {
    let to = |name: &str| json!({ "name": name, "port": 80 });
    let weight = rule.pointer("/backendRefs/0/weight").cloned();
    rule["backendRefs"] = json!([to("web")]);
    if let Some(weight) = weight {
        rule["backendRefs"] = json!([to("web"), { "name": "probe", "port": 80, "weight": weight }]);
    }
    let Some(Value::Object(filter)) = rule.pointer_mut("/filters/0") else {
        return;
    };
    let block = field.split('.').nth(3).unwrap_or_default().to_owned();
    let kind = if block == "urlRewrite" {
        "URLRewrite".to_owned()
    } else {
        block[..1].to_ascii_uppercase() + &block[1..]
    };
    filter.insert("type".to_owned(), json!(kind));
    if let Some(path) = filter[&block].get_mut("path") {
        let full = path.get("replaceFullPath").is_some();
        let (kind, key) = if full {
            ("ReplaceFullPath", "replaceFullPath")
        } else {
            ("ReplacePrefixMatch", "replacePrefixMatch")
        };
        let new = path.get(key).cloned().unwrap_or(json!("/probe"));
        *path = json!({ "type": kind, key: new });
    }
    if block == "requestMirror" {
        filter[&block]["backendRef"] = to("probe");
    }
    if block == "requestRedirect"
        && let Value::Object(rule) = rule
    {
        rule.remove("backendRefs");
        rule.insert(
            "matches".to_owned(),
            json!([{ "path": { "value": "/old" } }]),
        );
    }
}

/// An environment in which the probe's names stand for the first members of the target's bindings.
pub(crate) fn environment(store: &Store, target: &str, texts: &[String]) -> Value {
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
    // A target that takes no certificates still has to say so of one that is bound.
    if !head.bindings.contains_key("certificates") {
        insert(&mut env, "certificates", json!({ "web": {}, "probe": {} }));
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
