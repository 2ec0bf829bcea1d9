//! Trees in which every field is there and none is set, and filling others up to them.
//!
//! An expression may then ask for any field; an undefined one is a mistake in a profile and nothing else.

use std::sync::Arc;

use crate::model::name::{Name, Named};
use crate::model::val::{Data, Val};

/// A map of these fields, all unset.
pub(crate) fn shape(fields: &[&'static str]) -> Arc<Val> {
    let mut out = Named::default();
    for field in fields {
        let (head, rest) = field
            .split_once('.')
            .map_or((*field, None), |(h, r)| (h, Some(r)));
        if let Some(rest) = rest {
            let below: Vec<&'static str> = fields
                .iter()
                .filter_map(|f| f.strip_prefix(head)?.strip_prefix('.'))
                .collect();
            debug_assert!(below.contains(&rest), "a field is below its own head");
            out.entry(head.into()).or_insert_with(|| shape(&below));
        } else if let Some(name) = head.strip_suffix("[]") {
            out.insert(name.into(), Val::list([]));
        } else if let Some(name) = head.strip_suffix("{}") {
            out.insert(name.into(), Val::map::<Name>([]));
        } else {
            out.insert(head.into(), Val::null());
        }
    }
    Val::new(Data::Map(out))
}

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
