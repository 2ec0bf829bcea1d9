//! Lists of the base in which a merge by name loses elements.
//!
//! Kustomize walks the whole object at every merge, also at one that names nothing but the object, and keeps one element of each key in
//! the lists that it has a schema for. Two variables of one name are legal in a container, so this would change objects in silence.

use serde_json::{Map, Value};

use crate::model::object::ObjectId;

/// The first list that holds two elements of one key, as a path of keys and positions.
pub(super) fn joined(id: &ObjectId, object: &Value) -> Option<Vec<String>> {
    let mut path = has_schema(id.group()).then(|| find(object)).flatten()?;
    path.reverse();
    Some(path)
}

/// Whether kustomize knows the kinds of an API group; those of custom resources it does not.
fn has_schema(group: &str) -> bool {
    !group.contains('.') || (group.ends_with(".k8s.io") && group != "gateway.networking.k8s.io")
}

/// The path from the list up.
fn find(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Object(map) => map.iter().find_map(|(key, inner)| {
            if inner.as_array().is_some_and(|items| repeats(key, items)) {
                return Some(vec![key.clone()]);
            }
            let mut path = find(inner)?;
            path.push(key.clone());
            Some(path)
        }),
        Value::Array(items) => items.iter().enumerate().find_map(|(i, inner)| {
            let mut path = find(inner)?;
            path.push(i.to_string());
            Some(path)
        }),
        _ => None,
    }
}

fn repeats(field: &str, items: &[Value]) -> bool {
    items.iter().enumerate().any(|(i, item)| {
        let key = key(field, item);
        key.is_some()
            && items[..i]
                .iter()
                .any(|other| self::key(field, other) == key)
    })
}

/// What kustomize tells elements of a field's list apart by; `None` for lists that it leaves alone.
fn key<'v>(field: &str, item: &'v Value) -> Option<(&'v Value, &'v str)> {
    let protocol =
        |map: &'v Map<String, Value>| map.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
    let map = match (field, item) {
        ("finalizers", Value::String(_)) => return Some((item, "")),
        (_, Value::Object(map)) => map,
        _ => return None,
    };
    match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets"
        | "secrets" => Some((map.get("name")?, "")),
        "ports" => Some((
            map.get("containerPort").or_else(|| map.get("port"))?,
            protocol(map),
        )),
        "volumeMounts" => Some((map.get("mountPath")?, "")),
        "volumeDevices" => Some((map.get("devicePath")?, "")),
        "hostAliases" => Some((map.get("ip")?, "")),
        "ownerReferences" => Some((map.get("uid")?, "")),
        "conditions" => Some((map.get("type")?, "")),
        "topologySpreadConstraints" => Some((
            map.get("topologyKey")?,
            map.get("whenUnsatisfiable")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        )),
        _ => None,
    }
}
