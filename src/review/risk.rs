//! Changes that open a door: a protection that goes, or a value that is weaker than before.
//!
//! Which fields guard something is said in the vocabulary; what a value on a target means is found by asking its rules.

use serde_json::{Value, json};

use super::{Change, Difference, Effect, statement};
use crate::lower::account::covers;
use crate::profile::store::Store;
use crate::profile::trial;
use crate::vocab::{Leaf, Type};

/// Notes the risks of an overlay's changes.
pub(super) fn assess(store: &Store, difference: &mut Difference) {
    let leaves = store.vocabulary.leaves();
    let target = difference.target.clone();
    for at in 0..difference.changes.len() {
        let change = &difference.changes[at];
        let guarding: Vec<&Leaf<'_>> = leaves
            .iter()
            .filter(|l| l.guards.is_some())
            .filter(|l| {
                change
                    .fields
                    .iter()
                    .any(|f| covers(f, &l.path) || covers(&l.path, f))
            })
            .collect();
        let mut risks = Vec::new();
        let mut meaning = None;
        for leaf in guarding {
            let said = (
                neutral(store, &target, leaf, change, change.before.as_ref()),
                neutral(store, &target, leaf, change, change.after.as_ref()),
            );
            if let (Some(a), Some(b)) = &said {
                meaning = Some((format!("{} {}", leaf.path, shown(a)), shown(b)));
            }
            if weaker(leaf, &said, change) {
                risks.push(leaf.guards.unwrap_or_default().to_owned());
            }
        }
        difference.changes[at].meaning = meaning;
        for what in risks {
            let places = difference.effects.entry(Effect::Risk(what)).or_default();
            if !places.contains(&at) {
                places.push(at);
            }
        }
    }
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether the change weakens what the field guards. Where the values' meaning is not known, a removal does, and so does any other value:
/// a reviewer who looks once too often loses less.
fn weaker(leaf: &Leaf<'_>, said: &(Option<Value>, Option<Value>), change: &Change) -> bool {
    match said {
        (Some(a), Some(b)) => match (a, b) {
            (Value::Bool(a), Value::Bool(b)) => *a && !*b,
            _ => strength(leaf, b) < strength(leaf, a),
        },
        // What was not said before guards more than nothing did.
        _ => change.before.is_some() && change.before != change.after,
    }
}

/// The place of a word among those of its field, which go from the weakest to the strongest.
fn strength(leaf: &Leaf<'_>, value: &Value) -> usize {
    match &leaf.shape.ty {
        Type::Enum(words) => words.iter().position(|w| w == value).unwrap_or(0),
        _ => 0,
    }
}

/// The word of the field for which the target's rules write the value: each is tried on the smallest base.
fn neutral(
    store: &Store,
    target: &str,
    leaf: &Leaf<'_>,
    change: &Change,
    value: Option<&Value>,
) -> Option<Value> {
    let words: Vec<Value> = match &leaf.shape.ty {
        Type::Enum(words) => words.clone(),
        Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
        _ => return None,
    };
    let kind = change.object.split('/').next().unwrap_or_default();
    let mut fitting = words.into_iter().filter(|word| {
        let mut spec = json!({});
        set(&mut spec, &leaf.path, word);
        let output = trial::run(store, target, &spec, &json!({}), "");
        let written = output.rendered().find_map(|r| {
            let all = statement::of(&r.tree);
            let found = all
                .into_iter()
                .find(|((object, path), _)| {
                    object.split('/').next() == Some(kind) && *path == change.path
                })
                .map(|(_, s)| s.value);
            Some(found).filter(|_| !output.has_errors())
        });
        written.is_some_and(|w| w.as_ref() == value)
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

fn set(spec: &mut Value, path: &str, word: &Value) {
    let mut value = word.clone();
    for step in path.rsplit('.') {
        value = json!({ step: value });
    }
    *spec = value;
}
