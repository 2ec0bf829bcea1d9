//! Finding the fields that a path of kustomize's tables means, in one object.
//!
//! A path has no steps for list elements: a step walks through every list that it meets, as kustomize does.

use serde_json::{Map, Value};

/// What is made at the end of a path that is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    /// Nothing.
    Nothing,
    /// An empty map.
    Map,
    /// An empty string.
    Text,
}

/// Why kustomize would refuse the object; shown as it is.
pub(crate) type Trouble = String;

/// Calls `set` on every field that `path` means; the answer says whether one of them changed.
pub(crate) fn each(
    value: &mut Value,
    path: &str,
    make: Make,
    set: &mut dyn FnMut(&mut Value) -> Result<bool, Trouble>,
) -> Result<bool, Trouble> {
    if path.is_empty() {
        return set(value);
    }
    match value {
        Value::Null => Ok(false),
        Value::Array(items) => {
            let mut changed = false;
            for item in items {
                changed |= each(item, path, make, set)?;
            }
            Ok(changed)
        }
        Value::Object(map) => {
            let (step, rest) = path.split_once('/').unwrap_or((path, ""));
            if let Some(ending) = step.strip_prefix('*') {
                let ending = ending.replace("~1", "/");
                let mut changed = false;
                for (_, below) in map.iter_mut().filter(|(key, _)| key.ends_with(&ending)) {
                    changed |= each(below, rest, make, set)?;
                }
                return Ok(changed);
            }
            step_into(map, step, rest, make, set)
        }
        _ => Err(format!("a list or map is expected above `{path}`")),
    }
}

fn step_into(
    map: &mut Map<String, Value>,
    step: &str,
    rest: &str,
    make: Make,
    set: &mut dyn FnMut(&mut Value) -> Result<bool, Trouble>,
) -> Result<bool, Trouble> {
    let (name, empty) = match step.strip_suffix("[]") {
        Some(name) => (name, map.get(name).map(|_| Value::Array(Vec::new()))),
        None if make == Make::Nothing => (step, None),
        None if make == Make::Text && rest.is_empty() => (step, Some(Value::String(String::new()))),
        None => (step, Some(Value::Object(Map::new()))),
    };
    let mut changed = false;
    if let Some(empty) = empty
        && map.get(name).is_none_or(Value::is_null)
    {
        map.insert(name.to_owned(), empty);
        changed = true;
    }
    match map.get_mut(name) {
        Some(below) => Ok(each(below, rest, make, set)? | changed),
        None => Ok(false),
    }
}

/// Puts a string under `key` of a map.
pub(crate) fn put(value: &mut Value, key: &str, text: &str) -> Result<bool, Trouble> {
    match value {
        Value::Object(map) => {
            if map.get(key).and_then(Value::as_str) == Some(text) {
                return Ok(false);
            }
            map.insert(key.to_owned(), Value::String(text.to_owned()));
            Ok(true)
        }
        _ => Err(format!("a map is expected to hold `{key}`")),
    }
}

/// Makes the value this string.
pub(crate) fn become_text(value: &mut Value, text: &str) -> Result<bool, Trouble> {
    match value {
        Value::Array(_) | Value::Object(_) => Err(format!(
            "a scalar is expected in place of a list or map to hold `{text}`"
        )),
        _ if value.as_str() == Some(text) => Ok(false),
        _ => {
            *value = Value::String(text.to_owned());
            Ok(true)
        }
    }
}
