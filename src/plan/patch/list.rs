//! Differences between lists, as JSON 6902 operations under tests.
//!
//! Positions are all that JSON 6902 has, so each element that is changed or removed is first tested for what identifies it: a base that
//! was reordered since fails the build instead of being patched in the wrong place.

use serde_json::{Map, Value};

use super::{Op, Verb};

/// Keys that tell elements of a list apart, the first one that an element has.
const IDENTITIES: [&str; 4] = ["host", "name", "hostname", "path"];

/// Keys by which kustomize merges elements of the lists that it has a schema for.
const MERGE_KEYS: [&str; 10] = [
    "name",
    "port",
    "containerPort",
    "key",
    "ip",
    "uid",
    "topologyKey",
    "mountPath",
    "devicePath",
    "type",
];

/// Whether an enclosing test has already compared the old value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// Each change needs its own test.
    Open,
    /// The old value as a whole was tested.
    Tested,
}

/// Operations that lead from `old` to `new` at `path`.
pub(super) fn differ(
    old: &[Value],
    new: &[Value],
    path: &mut Vec<String>,
    guard: Guard,
    ops: &mut Vec<Op>,
) {
    let Some(kept) = align(old, new) else {
        if guard == Guard::Open {
            test(&Value::Array(old.to_vec()), path, ops);
        }
        ops.push(Op::new(Verb::Replace, path, Value::Array(new.to_vec())));
        return;
    };
    for (j, i) in kept.iter().enumerate() {
        if old[*i] != new[j] {
            path.push(i.to_string());
            element(old, *i, &new[j], path, guard, ops);
            path.pop();
        }
    }
    // From the end, so that positions of earlier elements stay what the tests say.
    for i in (0..old.len()).rev().filter(|i| !kept.contains(i)) {
        path.push(i.to_string());
        if guard == Guard::Open {
            match identity(old, i) {
                Some(key) => test_key(&old[i], key, path, ops),
                None => test(&old[i], path, ops),
            }
        }
        ops.push(Op::new(Verb::Remove, path, Value::Null));
        path.pop();
    }
    for item in &new[kept.len()..] {
        path.push("-".to_owned());
        ops.push(Op::new(Verb::Add, path, item.clone()));
        path.pop();
    }
}

/// Whether a merge would join elements of this list with one another, or read a null as a removal.
pub(super) fn merges_into_itself(items: &[Value]) -> bool {
    let joined = |a: &Value, b: &Value| {
        a == b
            || MERGE_KEYS
                .iter()
                .any(|key| a.get(key).is_some() && a.get(key) == b.get(key))
    };
    let mixed = items
        .windows(2)
        .any(|w| w[0].is_object() != w[1].is_object() || w[0].is_array() != w[1].is_array());
    mixed
        || items
            .iter()
            .enumerate()
            .any(|(i, item)| fragile(item) || items[..i].iter().any(|other| joined(item, other)))
}

fn fragile(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => merges_into_itself(items),
        Value::Object(map) => map.values().any(fragile),
        _ => false,
    }
}

/// A test that the value at `path` is the old one.
///
/// Kustomize crashes on a test whose value holds a null, so such a value is tested in parts.
pub(super) fn test(old: &Value, path: &mut Vec<String>, ops: &mut Vec<Op>) {
    if old.is_null() || !holds_null(old) {
        ops.push(Op::new(Verb::Test, path, old.clone()));
        return;
    }
    let parts: Vec<(String, &Value)> = match old {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(i, v)| (i.to_string(), v))
            .collect(),
        _ => Vec::new(),
    };
    for (step, part) in parts {
        path.push(step);
        test(part, path, ops);
        path.pop();
    }
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(holds_null),
        Value::Object(map) => map.values().any(holds_null),
        _ => false,
    }
}

fn test_key(element: &Value, key: &str, path: &mut Vec<String>, ops: &mut Vec<Op>) {
    path.push(key.to_owned());
    ops.push(Op::new(Verb::Test, path, element[key].clone()));
    path.pop();
}

/// Operations on the element at position `i`; `path` leads to it.
fn element(
    old: &[Value],
    i: usize,
    new: &Value,
    path: &mut Vec<String>,
    guard: Guard,
    ops: &mut Vec<Op>,
) {
    let (Value::Object(before), Value::Object(after)) = (&old[i], new) else {
        value(&old[i], new, path, guard, ops);
        return;
    };
    match (guard, identity(old, i)) {
        (Guard::Tested, _) => fields(before, after, None, path, guard, ops),
        (Guard::Open, Some(key)) => {
            test_key(&old[i], key, path, ops);
            fields(before, after, Some(key), path, guard, ops);
        }
        // Nothing says which element this is, so all of it does.
        (Guard::Open, None) => {
            test(&old[i], path, ops);
            fields(before, after, None, path, Guard::Tested, ops);
        }
    }
}

/// Operations on the fields of a map; `tested` is the key whose old value a test has already compared.
fn fields(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    tested: Option<&str>,
    path: &mut Vec<String>,
    guard: Guard,
    ops: &mut Vec<Op>,
) {
    for (key, before) in old {
        path.push(key.clone());
        let guard = if tested == Some(key.as_str()) {
            Guard::Tested
        } else {
            guard
        };
        match new.get(key) {
            Some(after) if before == after => {}
            Some(after) => value(before, after, path, guard, ops),
            None => {
                if guard == Guard::Open {
                    test(before, path, ops);
                }
                ops.push(Op::new(Verb::Remove, path, Value::Null));
            }
        }
        path.pop();
    }
    for (key, after) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        path.push(key.clone());
        if guard == Guard::Open {
            ops.push(Op::new(Verb::Test, path, Value::Null));
        }
        ops.push(Op::new(Verb::Add, path, after.clone()));
        path.pop();
    }
}

fn value(old: &Value, new: &Value, path: &mut Vec<String>, guard: Guard, ops: &mut Vec<Op>) {
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => fields(a, b, None, path, guard, ops),
        (Value::Array(a), Value::Array(b)) => differ(a, b, path, guard, ops),
        _ => {
            if guard == Guard::Open {
                test(old, path, ops);
            }
            ops.push(Op::new(Verb::Replace, path, new.clone()));
        }
    }
}

/// The key whose text tells element `i` from all others of its list.
fn identity(list: &[Value], i: usize) -> Option<&'static str> {
    let key = IDENTITIES
        .into_iter()
        .find(|key| list[i].get(key).is_some_and(Value::is_string))?;
    let unique = list
        .iter()
        .enumerate()
        .all(|(j, other)| j == i || other.get(key) != list[i].get(key));
    unique.then_some(key)
}

/// What an element is compared by when lists are laid side by side.
fn label(element: &Value) -> Option<(&'static str, &str)> {
    IDENTITIES
        .into_iter()
        .find_map(|key| Some((key, element.get(key)?.as_str()?)))
}

/// Positions in `old` of the first elements of `new`, in order; the rest of `new` is appended. `None` when elements changed places.
fn align(old: &[Value], new: &[Value]) -> Option<Vec<usize>> {
    if old.is_empty() {
        return None;
    }
    let same = |a: &Value, b: &Value| match (label(a), label(b)) {
        (Some(x), Some(y)) => x == y,
        (None, None) => a == b,
        _ => false,
    };
    let known = |element: &Value, list: &[Value]| list.iter().any(|other| same(element, other));
    if old.len() == new.len() {
        let renamed = |a: &Value, b: &Value| !known(a, new) && !known(b, old);
        if old
            .iter()
            .zip(new)
            .all(|(a, b)| same(a, b) || renamed(a, b))
        {
            return Some((0..old.len()).collect());
        }
    }
    let mut kept = Vec::new();
    for (i, element) in old.iter().enumerate() {
        let rest = &new[kept.len()..];
        if rest.first().is_some_and(|next| same(element, next)) {
            kept.push(i);
        } else if known(element, rest) {
            return None;
        }
    }
    // A list that shares nothing with the old one reads better as a whole.
    let shares = !kept.is_empty() || new.is_empty();
    shares.then_some(kept)
}
