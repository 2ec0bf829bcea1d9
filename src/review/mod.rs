//! What a change of overlays means: which exposure changes what on which target, by which rule, and what users will feel.
//!
//! Reviewers see goldens line by line; this says which of the lines open a door or make the cloud build something anew.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diag::{Code, Diagnostic};
use crate::plan::show_path;
use crate::profile::store::Store;

pub mod graph;
pub mod overlays;
pub mod page;
pub mod replaces;
pub mod report;
pub mod risk;
pub mod statement;
pub mod writers;

use overlays::Overlay;
use replaces::Replaces;
use statement::Statement;
use writers::Writers;

const REPLACED: Code = Code::builtin("EG4103");

/// A value in an overlay that is there before or after, or differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// `Kind/name`.
    pub object: String,
    /// Path of the value in the object; empty where the object as a whole comes or goes.
    pub path: Vec<String>,
    /// The value before.
    pub before: Option<Value>,
    /// The value after.
    pub after: Option<Value>,
    /// Rules that write the value: code and first sentence.
    pub rules: Vec<(String, String)>,
    /// Fields of the vocabulary that it follows from.
    pub fields: Vec<String>,
    /// What the field says before and after, where the target's rules tell it.
    pub meaning: Option<(String, String)>,
}

/// What a change of one overlay does to those who use it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// A protection goes or is weakened: what it guards.
    Risk(String),
    /// The cloud makes something anew: what, and what is felt.
    Replaced(String, String),
}

/// How one overlay differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Name of the exposure.
    pub exposure: String,
    /// Folder of the overlay below the output: environment or target.
    pub label: String,
    /// Id of the target.
    pub target: String,
    /// The whole overlay is new, or gone.
    pub whole: Option<Whole>,
    /// What differs, by object and path.
    pub changes: Vec<Change>,
    /// What follows, with the places in `changes` that it follows from.
    pub effects: BTreeMap<Effect, Vec<usize>>,
}

/// An overlay that is on one side only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// Not there before.
    New,
    /// Not there after.
    Gone,
}

impl Difference {
    /// Whether a protection goes or is weakened.
    pub fn is_risky(&self) -> bool {
        self.effects.keys().any(|e| matches!(e, Effect::Risk(_)))
    }

    /// Whether the cloud makes something anew.
    pub fn replaces(&self) -> bool {
        self.effects
            .keys()
            .any(|e| matches!(e, Effect::Replaced(..)))
    }
}

/// Compares overlays of the same exposure and folder; both sides sorted by these. Overlays that say the same are left out.
pub fn compare(store: &Store, before: &[Overlay], after: &[Overlay]) -> Vec<Difference> {
    let key = |o: &Overlay| (o.label.clone(), o.exposure.clone());
    let side = |all: &[Overlay]| -> BTreeMap<(String, String), usize> {
        all.iter().enumerate().map(|(i, o)| (key(o), i)).collect()
    };
    let (old, new) = (side(before), side(after));
    let keys: BTreeSet<&(String, String)> = old.keys().chain(new.keys()).collect();
    let mut known: BTreeMap<String, Knowledge> = BTreeMap::new();
    let mut out = Vec::new();
    for key in keys {
        let (was, is) = (
            old.get(key).map(|i| &before[*i]),
            new.get(key).map(|i| &after[*i]),
        );
        let Some(shown) = is.or(was) else { continue };
        let about = known
            .entry(shown.target.clone())
            .or_insert_with(|| Knowledge::of(store, &shown.target));
        let found = difference(store, about, was, is, shown);
        if found.whole.is_some() || !found.changes.is_empty() {
            out.push(found);
        }
    }
    out
}

/// A finding for each thing that overlays would replace if they were written.
pub fn replacements(found: &[Difference]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for d in found {
        for (effect, places) in &d.effects {
            let Effect::Replaced(what, felt) = effect else {
                continue;
            };
            let headline = format!(
                "{what} of `{}` on `{}` would be replaced",
                d.exposure, d.target
            );
            let mut finding = Diagnostic::error(REPLACED, headline).note(felt.clone());
            for at in places {
                let c = &d.changes[*at];
                finding = finding.note(format!("{} {}: {}", c.object, c.place(), report::said(c)));
            }
            finding.targets = vec![d.target.clone()];
            out.push(finding.help("write it with `--allow-replace` when that is wanted; `edgegen diff` shows what else changes"));
        }
    }
    out
}

/// What is known of a target, read once for all of its overlays.
struct Knowledge {
    writers: Writers,
    replaces: Vec<Replaces>,
}

impl Knowledge {
    fn of(store: &Store, target: &str) -> Self {
        Self {
            writers: Writers::of(store, target),
            replaces: replaces::of(store, target),
        }
    }
}

fn difference(
    store: &Store,
    about: &Knowledge,
    was: Option<&Overlay>,
    is: Option<&Overlay>,
    shown: &Overlay,
) -> Difference {
    let says = |o: Option<&Overlay>| o.map(|o| statement::of(&o.tree)).unwrap_or_default();
    let (old, new) = (says(was), says(is));
    let mut changes: Vec<Change> = Vec::new();
    let keys: BTreeSet<&(String, Vec<String>)> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (a, b) = (old.get(key), new.get(key));
        if a == b {
            continue;
        }
        changes.push(change(about, key, a, b));
    }
    let mut out = Difference {
        exposure: shown.exposure.clone(),
        label: shown.label.clone(),
        target: shown.target.clone(),
        whole: match (was, is) {
            (None, _) => Some(Whole::New),
            (_, None) => Some(Whole::Gone),
            _ => None,
        },
        changes,
        effects: BTreeMap::new(),
    };
    // What comes or goes as a whole neither weakens nor replaces anything that stays.
    if out.whole.is_none() {
        risk::assess(store, &mut out);
        replaces::assess(&about.replaces, &mut out);
    }
    out
}

fn change(
    about: &Knowledge,
    (object, path): &(String, Vec<String>),
    before: Option<&Statement>,
    after: Option<&Statement>,
) -> Change {
    let kind = object.split('/').next().unwrap_or_default();
    let (rules, fields) = about.writers.of_path(kind, path);
    Change {
        object: object.clone(),
        path: path.clone(),
        before: before.map(|s| s.value.clone()),
        after: after.map(|s| s.value.clone()),
        rules,
        fields,
        meaning: None,
    }
}

impl Change {
    /// The path as people write it; a word for the whole object where it is empty.
    pub fn place(&self) -> String {
        if self.path.is_empty() {
            "the object".to_owned()
        } else {
            show_path(&self.path)
        }
    }
}
