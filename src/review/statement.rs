//! What an overlay says, value by value, whatever form its patches have.
//!
//! Two overlays are compared by what they do to objects, not by the lines that say it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diag::Diagnostics;
use crate::out::Tree;
use crate::source::Sources;
use crate::yaml::read::{Limits, read};

/// A value that an overlay gives to a path of an object; null removes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The value; texts that hold pairs or JSON are taken apart.
    pub value: Value,
}

/// Statements by object (`Kind/name`) and path.
pub type Statements = BTreeMap<(String, Vec<String>), Statement>;

/// The statements of an overlay's files: patches of its kustomization, and the objects of all others.
pub fn of(tree: &Tree) -> Statements {
    let mut out = Statements::new();
    for (name, text) in tree {
        for document in documents(text) {
            if name == "kustomization.yaml" {
                for patch in items(&document, "patches") {
                    self::patch(patch, &mut out);
                }
            } else {
                whole(&document, &mut out);
            }
        }
    }
    out
}

/// All documents of a text; none where it cannot be read, which `verify` tells.
fn documents(text: &str) -> Vec<Value> {
    let mut sources = Sources::default();
    let source = sources.add("overlay", text);
    let mut diags = Diagnostics::default();
    read(&sources, source, &Limits::default(), &mut diags)
        .iter()
        .map(|d| d.root().to_value())
        .collect()
}

fn items<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn text<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    value.pointer(path).and_then(Value::as_str)
}

fn named(kind: Option<&str>, name: Option<&str>) -> String {
    format!("{}/{}", kind.unwrap_or("?"), name.unwrap_or("?"))
}

fn patch(patch: &Value, out: &mut Statements) {
    let Some(body) = text(patch, "/patch") else {
        return;
    };
    for document in documents(body) {
        match &document {
            Value::Array(operations) => {
                let object = named(text(patch, "/target/kind"), text(patch, "/target/name"));
                operations.iter().for_each(|o| operation(&object, o, out));
            }
            Value::Object(map) if map.get("$patch").is_some() => {
                let object = named(text(&document, "/kind"), text(&document, "/metadata/name"));
                let value = Value::from("left out");
                out.insert((object, Vec::new()), Statement { value });
            }
            _ => whole(&document, out),
        }
    }
}

/// One JSON 6902 operation; what it only tests is no statement.
fn operation(object: &str, operation: &Value, out: &mut Statements) {
    let op = text(operation, "/op").unwrap_or_default();
    let pointer = text(operation, "/path").unwrap_or_default();
    let path: Vec<String> = pointer
        .split('/')
        .skip(1)
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect();
    match op {
        "add" | "replace" => {
            let value = operation.get("value").cloned().unwrap_or(Value::Null);
            let appended = path.last().is_some_and(|l| l == "-");
            let mut path = path;
            if appended {
                let stem = path.len() - 1;
                let mut at = 0;
                // Several values may be added at the end of one list.
                while out.keys().any(|(o, p)| {
                    o == object
                        && p.starts_with(&path[..stem])
                        && p.get(stem) == Some(&format!("+{at}"))
                }) {
                    at += 1;
                }
                path[stem] = format!("+{at}");
            }
            leaves(object, &mut path, &value, out);
        }
        "remove" => {
            let key = (object.to_owned(), path);
            out.insert(key, Statement { value: Value::Null });
        }
        _ => {}
    }
}

fn whole(document: &Value, out: &mut Statements) {
    let object = named(text(document, "/kind"), text(document, "/metadata/name"));
    let Value::Object(map) = document else {
        return;
    };
    for (key, value) in map {
        if !matches!(key.as_str(), "apiVersion" | "kind") {
            leaves(&object, &mut vec![key.clone()], value, out);
        }
    }
    out.remove(&(
        object.clone(),
        vec!["metadata".to_owned(), "name".to_owned()],
    ));
    out.remove(&(object, vec!["metadata".to_owned(), "namespace".to_owned()]));
}

fn leaves(object: &str, path: &mut Vec<String>, value: &Value, out: &mut Statements) {
    let below: Vec<(String, Value)> = match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(i, v)| (i.to_string(), v.clone()))
            .collect(),
        Value::String(text) => parts(text),
        _ => Vec::new(),
    };
    if below.is_empty() {
        let key = (object.to_owned(), path.clone());
        out.insert(
            key,
            Statement {
                value: value.clone(),
            },
        );
    }
    for (key, value) in below {
        path.push(key);
        leaves(object, path, &value, out);
        path.pop();
    }
}

/// What a text is made of, where it is JSON or a list of `key=value` pairs.
fn parts(text: &str) -> Vec<(String, Value)> {
    if text.starts_with(['{', '[']) {
        return match serde_json::from_str(text) {
            Ok(Value::Object(map)) => map.into_iter().collect(),
            Ok(Value::Array(list)) => list
                .into_iter()
                .enumerate()
                .map(|(i, v)| (i.to_string(), v))
                .collect(),
            _ => Vec::new(),
        };
    }
    let pair = |item: &str| {
        let (key, value) = item.split_once('=')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        (!key.is_empty() && key.chars().all(plain)).then(|| (key.to_owned(), Value::from(value)))
    };
    let pairs: Option<Vec<_>> = text.split(',').map(pair).collect();
    pairs.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_of_each_form_say_values() {
        let kustomization = "patches:\n- patch: |\n    kind: Service\n    metadata: {name: web, annotations: {a: \"x.y=1,z=2\", b: '[{\"HTTP\":80}]', c: null}}\n- patch: |\n    - {op: test, path: /spec/rules/0/host, value: a}\n    - {op: replace, path: /spec/rules/0/host, value: b}\n    - {op: add, path: /spec/tls/-, value: {hosts: [b]}}\n    - {op: add, path: /spec/tls/-, value: {hosts: [c]}}\n  target: {kind: Ingress, name: web}\n- patch: |\n    $patch: delete\n    kind: Gateway\n    metadata: {name: old}\n";
        let tree = Tree::from([("kustomization.yaml".to_owned(), kustomization.to_owned())]);
        let shown: Vec<String> = of(&tree)
            .iter()
            .map(|((object, path), s)| format!("{object} {} {}", path.join("|"), s.value))
            .collect();
        assert_eq!(
            shown,
            [
                "Gateway/old  \"left out\"",
                "Ingress/web spec|rules|0|host \"b\"",
                "Ingress/web spec|tls|+0|hosts|0 \"b\"",
                "Ingress/web spec|tls|+1|hosts|0 \"c\"",
                "Service/web metadata|annotations|a|x.y \"1\"",
                "Service/web metadata|annotations|a|z \"2\"",
                "Service/web metadata|annotations|b|0|HTTP 80",
                "Service/web metadata|annotations|c null",
            ]
        );
    }
}
