//! Profiles: what one target's controller reads, as data, and the expressions in them.
//!
//! No file here knows a controller; whatever a controller wants is said in `profiles/`.

pub mod check;
pub mod dialect;
pub mod expr;
pub mod filters;
pub mod head;
pub mod keys;
pub mod messages;
mod plain;
pub mod read;
pub mod rule;
pub mod store;
pub mod track;
pub mod trial;

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
    pub keys: Vec<KeyInfo>,
}

impl Profile {
    /// The key that `key` is, on any kind of object.
    pub fn key(&self, key: &str) -> Option<&KeyInfo> {
        self.keys
            .iter()
            .find(|k| k.key == key)
            .or_else(|| self.keys.iter().find(|k| k.matches(key)))
    }
}
