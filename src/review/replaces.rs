//! Which changes make the cloud delete something and make it anew, as the target's profile says.
//!
//! A new balancer is a new address and minutes without service; a reviewer has to see it before the cluster does.

use super::{Change, Difference, Effect};
use crate::profile::store::Store;

/// A path whose change replaces something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaces {
    /// Kind of the object.
    pub kind: String,
    /// Path of the value; `*` is any step. A change at or below it counts. Empty: the object as a whole.
    pub path: Vec<String>,
    /// What is made anew.
    pub what: String,
    /// What users feel.
    pub effect: String,
    /// The vendor's page.
    pub see: String,
}

impl Replaces {
    fn hits(&self, change: &Change) -> bool {
        let kind = change.object.split('/').next().unwrap_or_default();
        let at = self
            .path
            .iter()
            .zip(&change.path)
            .all(|(want, have)| want == "*" || want == have);
        let deep = if self.path.is_empty() {
            change.path.is_empty()
        } else {
            self.path.len() <= change.path.len()
        };
        kind == self.kind && deep && at
    }
}

/// What the profiles of a target say is replaced, those that it extends first.
pub fn of(store: &Store, target: &str) -> Vec<Replaces> {
    let mut out = Vec::new();
    for node in store.replaces(target) {
        let text = |key: &str| {
            node.get(key)
                .and_then(|v| v.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let steps = node.get("path").and_then(|p| p.as_array());
        out.push(Replaces {
            kind: text("kind"),
            path: steps
                .into_iter()
                .flatten()
                .filter_map(|s| s.as_str().map(str::to_owned))
                .collect(),
            what: text("what"),
            effect: text("effect"),
            see: text("see"),
        });
    }
    out
}

/// Notes what the changes of an overlay replace. A value that was not there before replaces nothing that was.
pub(super) fn assess(known: &[Replaces], difference: &mut Difference) {
    for (at, change) in difference.changes.iter().enumerate() {
        for r in known.iter().filter(|r| r.hits(change)) {
            if change.before.is_some() || change.path.is_empty() {
                let effect = Effect::Replaced(r.what.clone(), r.effect.clone());
                difference.effects.entry(effect).or_default().push(at);
            }
        }
    }
}
