//! Filling trees up to those of the vocabulary in which every field is there.
//!
//! An expression may then ask for any field; an undefined one is a mistake in a profile and nothing else.

use std::sync::Arc;

use crate::model::val::{Data, Val};

/// `val` with the fields of `shape` that it lacks.
pub(crate) fn fill(val: Option<&Arc<Val>>, shape: &Arc<Val>) -> Arc<Val> {
    let Some(val) = val.filter(|v| !v.is_null()) else {
        return shape.clone();
    };
    match (&val.data, &shape.data) {
        (Data::Map(have), Data::Map(want)) => {
            if want.iter().all(|(k, w)| {
                have.get(k)
                    .is_some_and(|h| Arc::ptr_eq(&fill(Some(h), w), h))
            }) {
                return val.clone();
            }
            let mut out = have.clone();
            for (key, below) in want {
                let filled = fill(out.get(key), below);
                out.insert(key.clone(), filled);
            }
            Val::at(Data::Map(out), val.span)
        }
        _ => val.clone(),
    }
}

/// Whether a value says nothing.
pub(crate) fn blank(val: &Val) -> bool {
    match &val.data {
        Data::Null => true,
        Data::List(l) => l.is_empty(),
        Data::Map(m) => m.values().all(|v| blank(v)),
        _ => false,
    }
}
