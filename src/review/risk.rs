//! Changes that open a door: a protection that goes, or a value that is weaker than before.
//!
//! Which fields guard something is said in the vocabulary; what a value on a target means is found by asking its rules.

use serde_json::{Value, json};

use super::{Change, Difference, Effect, statement};
use crate::diag::Diagnostics;
use crate::lower::account::covers;
use crate::profile::store::Store;
use crate::profile::trial;
use crate::source::Sources;
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
        let said: Vec<_> = guarding
            .into_iter()
            .map(|leaf| {
                let of = |value| neutral(store, &target, leaf, change, value);
                (
                    leaf,
                    (of(change.before.as_ref()), of(change.after.as_ref())),
                )
            })
            .collect();
        let known = |(a, b): &(Option<Value>, Option<Value>)| a.is_some() && b.is_some();
        let any_known = said.iter().any(|(_, s)| known(s));
        let mut risks = Vec::new();
        let mut meaning = None;
        for (leaf, said) in &said {
            if let (Some(a), Some(b)) = said {
                meaning = Some((format!("{} {}", leaf.path, shown(a)), shown(b)));
            }
            // What one field says of both values needs no guess by another.
            if (known(said) || !any_known) && weaker(leaf, said, change) {
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

/// The word of the field for which the target's rules write the value: each is tried on the smallest base and, where not one alone gives
/// it there, in the examples of the rules that answer for the field, which have what the field needs beside it.
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
    let only = |from: &Start| -> Option<Value> {
        let fits = |word: &&Value| written(store, target, leaf, change, from, word, value);
        let mut fitting = words.iter().filter(fits);
        let first = fitting.next()?;
        fitting.next().is_none().then(|| first.clone())
    };
    only(&Start::default()).or_else(|| examples(store, target, leaf).iter().find_map(only))
}

/// What a word is tried in.
#[derive(Default)]
struct Start {
    exposure: Value,
    environment: Value,
    base: String,
}

/// The examples of rules that answer for the field and set it.
fn examples(store: &Store, target: &str, leaf: &Leaf<'_>) -> Vec<Start> {
    let (mut sources, mut unheard) = (Sources::default(), Diagnostics::default());
    let Some(profile) = store.profile(target, &mut sources, &mut unheard) else {
        return Vec::new();
    };
    let pointer = format!("/{}", leaf.path.replace('.', "/"));
    let answers = |f: &String| covers(f, &leaf.path);
    let rules = profile.rules.iter();
    let all = rules.filter(|r| r.fields.iter().any(answers));
    all.flat_map(|r| &r.examples)
        .filter(|e| e.finds.is_none() && e.exposure.pointer(&pointer).is_some())
        .map(|e| Start {
            exposure: e.exposure.clone(),
            environment: e.environment.clone(),
            base: e.base.clone(),
        })
        .collect()
}

/// Whether the rules write the value for the word.
fn written(
    store: &Store,
    target: &str,
    leaf: &Leaf<'_>,
    change: &Change,
    from: &Start,
    word: &Value,
    value: Option<&Value>,
) -> bool {
    let mut spec = from.exposure.clone();
    set(&mut spec, &leaf.path, word);
    let environment = match &from.environment {
        Value::Null => json!({}),
        some => some.clone(),
    };
    let output = trial::run(store, target, &spec, &environment, &from.base);
    if output.has_errors() {
        return false;
    }
    let kind = change.object.split('/').next().unwrap_or_default();
    output.rendered().next().is_some_and(|r| {
        let all = statement::of(&r.tree);
        let found = all.into_iter().find(|((object, path), _)| {
            object.split('/').next() == Some(kind) && *path == change.path
        });
        found.map(|(_, s)| s.value).as_ref() == value
    })
}

/// Sets a field in a tree of maps.
fn set(spec: &mut Value, path: &str, word: &Value) {
    let mut at = spec;
    for step in path.split('.') {
        if !at.is_object() {
            *at = json!({});
        }
        at = &mut at[step];
    }
    *at = word.clone();
}
