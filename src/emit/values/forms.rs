//! How a template turns a value into a field, and back.
//!
//! A value is written only when what the template makes of it is the field that the plan wants; nothing is taken on trust.

use serde_json::{Map, Value, json};

/// How a template writes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    AsIs,
    /// The rules of an Ingress from hosts with paths, for one backend.
    Hosts,
    /// The rules of a route from matches and filters, for one backend.
    Rules,
}

impl Form {
    /// The form of that name; none is `AsIs`.
    pub fn named(name: Option<&str>) -> Self {
        match name {
            Some("Hosts") => Self::Hosts,
            Some("Rules") => Self::Rules,
            _ => Self::AsIs,
        }
    }

    /// What the template writes itself, as a field of the base shows it: the backend of all rules.
    pub fn backend(self, field: &Value) -> Option<Value> {
        let first = field.as_array()?.first()?;
        match self {
            Self::AsIs => None,
            Self::Hosts => first.pointer("/http/paths/0/backend").cloned(),
            Self::Rules => first.get("backendRefs").cloned(),
        }
    }

    /// The field that the template makes of a value.
    pub fn render(self, value: &Value, backend: Option<&Value>) -> Option<Value> {
        let items = || value.as_array();
        match self {
            Self::AsIs => Some(value.clone()),
            Self::Hosts => items()?.iter().map(|h| host(h, backend?)).collect(),
            Self::Rules => items()?.iter().map(|r| rule(r, backend?)).collect(),
        }
    }

    /// The value of which the template makes the field.
    pub fn invert(self, field: &Value, backend: Option<&Value>) -> Option<Value> {
        let rules = || field.as_array().map_or(&[][..], Vec::as_slice).iter();
        let value = match self {
            Self::AsIs => field.clone(),
            Self::Hosts => rules().map(entry).collect(),
            Self::Rules => {
                let keys = ["matches", "filters"];
                rules().map(|r| picked(r, &keys)).collect()
            }
        };
        let made = self.render(&value, backend)?;
        self.same(&made, field).then_some(value)
    }

    /// Whether two fields say the same; a route's references may leave to the API what it fills in.
    pub fn same(self, a: &Value, b: &Value) -> bool {
        match self {
            Self::Rules => with_defaults(a) == with_defaults(b),
            _ => a == b,
        }
    }
}

/// Whether templates take a value for none at all.
pub fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::String(s)) => s.is_empty(),
        Some(Value::Array(l)) => l.is_empty(),
        Some(Value::Object(m)) => m.is_empty(),
        Some(Value::Number(n)) => n.as_f64() == Some(0.0),
        Some(Value::Bool(true)) => false,
    }
}

/// Whether a text in it would be expanded by a chart that passes its values through `tpl`, as many do.
pub fn is_template(value: &Value) -> bool {
    match value {
        Value::String(s) => s.contains("{{"),
        Value::Array(l) => l.iter().any(is_template),
        Value::Object(m) => m.iter().any(|(k, v)| k.contains("{{") || is_template(v)),
        _ => false,
    }
}

fn picked(map: &Value, keys: &[&str]) -> Value {
    let found = keys.iter().filter_map(|k| Some((*k, map.get(*k)?)));
    Value::Object(found.map(|(k, v)| (k.to_owned(), v.clone())).collect())
}

/// An element of `hosts` from a rule.
fn entry(rule: &Value) -> Value {
    let paths = rule.pointer("/http/paths").and_then(Value::as_array);
    let paths: Vec<Value> = paths
        .into_iter()
        .flatten()
        .map(|p| picked(p, &["path", "pathType"]))
        .collect();
    json!({ "host": rule.get("host"), "paths": paths })
}

/// The rule that an element of `hosts` becomes. A rule without a host would come out with an empty one.
fn host(entry: &Value, backend: &Value) -> Option<Value> {
    let host = entry.get("host")?.as_str()?;
    let paths: Vec<Value> = entry
        .get("paths")?
        .as_array()?
        .iter()
        .map(|p| {
            let mut path = picked(p, &["path", "pathType"]);
            path["backend"] = backend.clone();
            path
        })
        .collect();
    Some(json!({ "host": host, "http": { "paths": paths } }))
}

/// The rule that an element of `rules` becomes.
fn rule(entry: &Value, backend: &Value) -> Option<Value> {
    entry.as_object()?;
    let mut rule = picked(entry, &["matches", "filters"]);
    rule["backendRefs"] = backend.clone();
    Some(rule)
}

/// Rules with what the API fills into references to backends.
fn with_defaults(rules: &Value) -> Value {
    let mut rules = rules.clone();
    for reference in rules
        .as_array_mut()
        .into_iter()
        .flatten()
        .filter_map(|r| r.get_mut("backendRefs")?.as_array_mut())
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        let mut fill = |key: &str, value: Value| {
            reference.entry(key).or_insert(value);
        };
        fill("group", json!(""));
        fill("kind", json!("Service"));
        fill("weight", json!(1));
        sort(reference);
    }
    rules
}

fn sort(map: &mut Map<String, Value>) {
    map.sort_keys();
}
