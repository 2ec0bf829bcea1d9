//! Kubernetes objects as JSON, read from a YAML stream, and the comparison of two sets of them.
//!
//! The order of objects in a stream is the business of whoever writes it; what they say is not.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_json::Value;

/// Objects by `apiVersion kind namespace/name`.
pub type Objects = BTreeMap<String, Value>;

/// Reads a stream of YAML documents; empty documents are left out.
pub fn documents(text: &str) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    for document in yaml_serde::Deserializer::from_str(text) {
        let value = Value::deserialize(document).map_err(|e| format!("not YAML: {e}"))?;
        if !value.is_null() {
            found.push(value);
        }
    }
    Ok(found)
}

/// Reads a stream of objects; two of one identity are an error.
pub fn read(text: &str) -> Result<Objects, String> {
    let mut objects = Objects::new();
    for value in documents(text)? {
        let id = id(&value);
        if objects.insert(id.clone(), value).is_some() {
            return Err(format!("{id} is there twice"));
        }
    }
    Ok(objects)
}

/// The identity of an object, as messages show it.
pub fn id(object: &Value) -> String {
    let text = |pointer: &str| {
        object
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    format!(
        "{} {} {}/{}",
        text("/apiVersion"),
        text("/kind"),
        text("/metadata/namespace"),
        text("/metadata/name")
    )
}

/// The differences between two sets of objects, one line each; none when they say the same.
pub fn compare(left: (&str, &Objects), right: (&str, &Objects)) -> Vec<String> {
    let ((left_name, left), (right_name, right)) = (left, right);
    let mut found = Vec::new();
    for id in left.keys().filter(|id| !right.contains_key(*id)) {
        found.push(format!("{id}: only {left_name} has it"));
    }
    for (id, object) in right {
        match left.get(id) {
            None => found.push(format!("{id}: only {right_name} has it")),
            Some(other) => {
                let mut paths = Vec::new();
                differences(other, object, "", &mut paths);
                found.extend(paths.into_iter().map(|(path, a, b)| {
                    format!("{id}: {path}: {left_name} has {a}, {right_name} has {b}")
                }));
            }
        }
    }
    found
}

/// Collects the JSON pointers at which two values differ, with both values.
pub fn differences(
    left: &Value,
    right: &Value,
    at: &str,
    found: &mut Vec<(String, String, String)>,
) {
    let shown = |v: Option<&Value>| v.map_or_else(|| "nothing".to_owned(), Value::to_string);
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let path = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => differences(a, b, &path, found),
                    (a, b) => found.push((path, shown(a), shown(b))),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{at}/{i}"), found);
            }
        }
        _ if left == right => {}
        _ => found.push((at.to_owned(), left.to_string(), right.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n---\napiVersion: v1\nkind: Service\nmetadata: {name: b, annotations: {on: \"yes\", port: \"80\"}}\n";

    #[test]
    fn the_order_of_objects_does_not_matter() {
        let (first, second) = TWO.split_once("---\n---\n").unwrap();
        let turned = format!("{second}---\n{first}");
        assert!(
            compare(
                ("left", &read(TWO).unwrap()),
                ("right", &read(&turned).unwrap())
            )
            .is_empty()
        );
    }

    #[test]
    fn a_string_that_became_a_number_is_found() {
        let other = TWO.replace("\"80\"", "80");
        let found = compare(
            ("left", &read(TWO).unwrap()),
            ("right", &read(&other).unwrap()),
        );
        assert_eq!(
            found,
            ["v1 Service /b: /metadata/annotations/port: left has \"80\", right has 80"]
        );
    }

    #[test]
    fn an_object_too_many_and_one_too_few_are_found() {
        let other = TWO.replace("name: a}", "name: c}");
        let found = compare(
            ("left", &read(TWO).unwrap()),
            ("right", &read(&other).unwrap()),
        );
        assert_eq!(
            found,
            [
                "v1 Service /a: only left has it",
                "v1 Service /c: only right has it"
            ]
        );
    }

    #[test]
    fn an_object_twice_is_an_error() {
        assert!(read(&TWO.replace("name: b", "name: a")).is_err());
    }
}
