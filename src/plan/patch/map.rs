//! Differences between maps, as a merge by name where that is safe.
//!
//! Null removes a key, maps merge by key, scalars replace; everything else goes to guarded operations, because the merge would fail
//! (another kind of value) or mix old and new (lists).

use serde_json::{Map, Value};

use super::{Op, Verb, list};
use crate::plan::shared::View;

/// What leads from one object to another.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Fields for the merge by name.
    pub(super) merge: Map<String, Value>,
    /// Operations that apply after the merge.
    pub(super) ops: Vec<Op>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.merge.is_empty() && self.ops.is_empty()
    }
}

/// The changes from `old` to `new`, both whole objects.
pub(super) fn changes(old: &Value, new: View<'_, '_>) -> Changes {
    let mut out = Changes::default();
    if let (Value::Object(old), true) = (old, new.is_map()) {
        out.merge = differ(old, new, &mut Vec::new(), &mut out.ops);
    }
    out
}

fn differ(
    old: &Map<String, Value>,
    new: View<'_, '_>,
    path: &mut Vec<String>,
    ops: &mut Vec<Op>,
) -> Map<String, Value> {
    let mut merge = Map::new();
    for key in old.keys().filter(|key| new.get(key).is_none()) {
        merge.insert(key.clone(), Value::Null);
    }
    for (key, after) in new.fields() {
        let before = match (old.get(key), after) {
            (Some(before), View::Same(after)) if std::ptr::eq(before, after) => continue,
            (Some(before), _) if after.equals_value(before) => continue,
            (before, _) => before.unwrap_or(&Value::Null),
        };
        path.push(key.to_owned());
        match (before, after) {
            (Value::Object(a), _) if after.is_map() => {
                let inner = differ(a, after, path, ops);
                if !inner.is_empty() {
                    merge.insert(key.to_owned(), Value::Object(inner));
                }
            }
            (Value::Array(a), View::Same(Value::Array(b))) => {
                list::differ(a, b, path, list::Guard::Open, ops);
            }
            (Value::Null, _) => {
                if let Some(value) = plain(&after.value(), path, ops) {
                    merge.insert(key.to_owned(), value);
                }
            }
            (a, View::Same(b)) if is_scalar(a) && is_scalar(b) => {
                merge.insert(key.to_owned(), b.clone());
            }
            _ => {
                list::test(before, path, ops);
                ops.push(Op::new(Verb::Replace, path, after.value().into_owned()));
            }
        }
        path.pop();
    }
    merge
}

/// What a merge may set where the base has nothing; lists that it would not keep as they are become operations.
fn plain(value: &Value, path: &mut Vec<String>, ops: &mut Vec<Op>) -> Option<Value> {
    match value {
        Value::Object(map) => {
            let mut out = Map::new();
            for (key, inner) in map {
                path.push(key.clone());
                if let Some(inner) = plain(inner, path, ops) {
                    out.insert(key.clone(), inner);
                }
                path.pop();
            }
            Some(Value::Object(out))
        }
        Value::Array(items) if list::merges_into_itself(items) => {
            ops.push(Op::new(Verb::Test, path, Value::Null));
            ops.push(Op::new(Verb::Add, path, value.clone()));
            None
        }
        other => Some(other.clone()),
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}
