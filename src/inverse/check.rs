//! Whether a result gives back what its account says was emitted.
//!
//! The account says that a value was used; this shows that it is in the objects, in a form that tells it from others.

use serde_json::Value;

use super::names::{covers_above, fitting, same};
use super::{Given, Reader};
use crate::compile::Rendered;
use crate::lower::account::{Entry, Outcome};
use crate::model::duration::Duration;
use crate::profile::store::Store;
use crate::source::Sources;
use crate::vocab::Type;

/// A value that was emitted and is not given back, or another value that is given back in its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// Field of the vocabulary, or member of a binding.
    pub field: String,
    /// The rule that emitted it.
    pub rule: String,
    /// The value, as a document has it.
    pub value: String,
    /// What is given back in its place.
    pub given: Vec<String>,
}

/// Fields that are another way to say a value, which objects have in one form.
const OTHERWISE: &[(&str, &str)] = &[("canaries.weight", "routes.rules.backendRefs.weight")];

/// Compares what a result gives back with its account.
pub fn lost(store: &Store, reader: &Reader, rendered: &Rendered, sources: &Sources) -> Vec<Lost> {
    let given = reader.read(&rendered.built);
    let bound: Vec<String> = store
        .vocabulary
        .leaves()
        .into_iter()
        .filter(|l| l.binds.is_some())
        .map(|l| l.path)
        .collect();
    let mut out = Vec::new();
    for entry in &rendered.account {
        // A name stands for what the environment binds, and that has entries of its own.
        let emitted = entry.outcome == Outcome::Emitted;
        if !emitted || bound.iter().any(|b| **b == *entry.field) {
            continue;
        }
        let rule = entry.rule.as_deref().unwrap_or_default();
        let id = rule.split_once('/').map_or(rule, |(_, id)| id);
        if reader.unread(id, &entry.field).is_some() {
            continue;
        }
        let Some(value) = stated(store, entry, sources) else {
            continue;
        };
        let of: Vec<&Given> = given
            .iter()
            .filter(|g| {
                let other = OTHERWISE.iter().find(|(f, _)| **f == *entry.field);
                covers_above(&g.field, &entry.field) || other.is_some_and(|(_, o)| g.field == *o)
            })
            .collect();
        let back = |v: &Value| of.iter().any(|g| equal(&g.value, v));
        // A text of the base may hold several values.
        let parts = value.as_str().filter(|s| s.contains(','));
        let each = parts.is_some_and(|s| s.split(',').all(|p| back(&Value::from(p.trim()))));
        if !back(&value) && !each {
            out.push(Lost {
                field: entry.field.to_string(),
                rule: id.to_owned(),
                value: value.to_string(),
                given: of.iter().map(|g| g.value.to_string()).collect(),
            });
        }
    }
    out.sort();
    out.dedup();
    out
}

/// The value that stands at an entry's place; none where it follows from another text, as TLS does from the name of a Secret.
pub fn stated(store: &Store, entry: &Entry, sources: &Sources) -> Option<Value> {
    let text = sources.slice(entry.span);
    let value: Value = serde_json::from_str(text)
        .unwrap_or_else(|_| Value::from(text.trim_matches(|c| c == '\'' || c == '"')));
    let leaves = store.vocabulary.leaves();
    let Some(leaf) = leaves.into_iter().find(|l| *l.path == *entry.field) else {
        return Some(value);
    };
    match &leaf.shape.ty {
        // An annotation of the base has seconds.
        Type::Duration(..) => {
            let seconds = value.as_u64().or_else(|| value.as_str()?.parse().ok());
            let time = seconds.map(|s| Value::from(Duration(s * 1000).to_string()));
            fitting(&leaf.shape.ty, &value).or(time)
        }
        Type::Bool | Type::Int(..) | Type::Enum(_) => fitting(&leaf.shape.ty, &value),
        _ => Some(value),
    }
}

/// Whether two values mean the same: a time has several forms.
pub fn equal(a: &Value, b: &Value) -> bool {
    if same(a, b) {
        return true;
    }
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => {
            let times = (Duration::parse(a), Duration::parse(b));
            matches!(times, (Some(a), Some(b)) if a == b) || a.eq_ignore_ascii_case(b)
        }
        _ => false,
    }
}
