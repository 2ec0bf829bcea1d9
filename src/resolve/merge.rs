//! Settings from several places as one tree: the later one wins field by field, and every leaf keeps its place.
//!
//! Trees are shared, not copied: a field that only one side sets costs a reference.

use std::sync::Arc;

use crate::model::context::shape::blank;
use crate::model::name::{Name, Named};
use crate::model::val::{Data, Val};

/// `high` over `low`, field by field; lists are replaced as a whole.
pub(crate) fn merge(low: &Arc<Val>, high: &Arc<Val>) -> Arc<Val> {
    match (&low.data, &high.data) {
        (Data::Map(l), Data::Map(h)) => {
            if h.values().all(|v| blank(v)) && h.keys().all(|k| l.contains_key(k)) {
                return low.clone();
            }
            let mut out = l.clone();
            for (key, value) in h {
                match out.get_mut(key) {
                    Some(slot) => *slot = merge(slot, value),
                    None => {
                        out.insert(key.clone(), value.clone());
                    }
                }
            }
            Val::at(Data::Map(out), high.span.or(low.span))
        }
        _ if blank(high) => low.clone(),
        _ => high.clone(),
    }
}

/// `tree` with `value` at a dotted path.
pub(crate) fn with(tree: &Arc<Val>, path: &str, value: Arc<Val>) -> Arc<Val> {
    let (head, rest) = path
        .split_once('.')
        .map_or((path, None), |(h, r)| (h, Some(r)));
    let mut map = match &tree.data {
        Data::Map(m) => m.clone(),
        _ => Named::default(),
    };
    let below = match rest {
        None => value,
        Some(rest) => with(map.get(head).unwrap_or(&Val::null()), rest, value),
    };
    map.insert(Name::read(head), below);
    Val::at(Data::Map(map), tree.span)
}

/// `tree` without a key.
pub(crate) fn without(tree: &Arc<Val>, key: &str) -> Arc<Val> {
    match &tree.data {
        Data::Map(m) if m.contains_key(key) => {
            let mut m = m.clone();
            m.shift_remove(key);
            Val::at(Data::Map(m), tree.span)
        }
        _ => tree.clone(),
    }
}

/// Leaves that both trees set: path, first, second.
pub(crate) fn overlap<'v>(
    a: &'v Val,
    b: &'v Val,
    path: &str,
    out: &mut Vec<(String, &'v Val, &'v Val)>,
) {
    if blank(a) || blank(b) {
        return;
    }
    match (&a.data, &b.data) {
        (Data::Map(x), Data::Map(y)) => {
            for (key, value) in x {
                if let Some(other) = y.get(key) {
                    let below = if path.is_empty() {
                        key.to_string()
                    } else {
                        format!("{path}.{key}")
                    };
                    overlap(value, other, &below, out);
                }
            }
        }
        _ => out.push((path.to_owned(), a, b)),
    }
}
