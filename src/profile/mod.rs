//! Profiles: what one target's controller reads, as data, and the expressions in them.
//!
//! No file here knows a controller; whatever a controller wants is said in `profiles/`.

pub mod check;
pub mod class;
mod cut;
pub mod dialect;
pub mod expr;
pub mod filters;
pub mod head;
pub mod keys;
pub mod messages;
pub(crate) mod plain;
pub mod read;
pub mod rule;
pub mod store;
pub mod track;
pub mod trial;

use std::collections::BTreeMap;
use std::sync::Arc;

use head::Head;
use keys::KeyInfo;
use rule::Rule;

/// One target, ready to lower edges.
#[derive(Debug)]
pub struct Profile {
    /// What it says of itself.
    pub head: Head,
    /// Rules of the profiles that it extends, then its own; a rule with the id of an earlier one stands in its place.
    pub rules: Vec<Rule>,
    /// Annotation keys, its own and those of the profiles that it extends.
    pub keys: Vec<Arc<KeyInfo>>,
    /// Positions in `keys` of those that are no pattern, by the key; of two that are alike the first.
    exact: BTreeMap<String, usize>,
}

impl Profile {
    /// A profile of these parts.
    pub fn new(head: Head, rules: Vec<Rule>, keys: Vec<Arc<KeyInfo>>) -> Self {
        let mut exact = BTreeMap::new();
        for (i, key) in keys.iter().enumerate() {
            exact.entry(key.key.clone()).or_insert(i);
        }
        Self {
            head,
            rules,
            keys,
            exact,
        }
    }

    /// The key that `key` is, on any kind of object.
    pub fn key(&self, key: &str) -> Option<&KeyInfo> {
        match self.exact.get(key) {
            Some(i) => self.keys.get(*i),
            None => self.keys.iter().find(|k| k.matches(key)),
        }
        .map(|k| &**k)
    }
}
