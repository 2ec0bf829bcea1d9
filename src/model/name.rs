//! Keys of values: names that the compiler knows, and names that users wrote.
//!
//! The edge of every exposure is built for every target with the same few hundred keys, so those must cost no allocation and next to no hashing.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;

/// A key; equal to another when their texts are.
#[derive(Debug, Clone)]
pub enum Name {
    /// A name that stands in the compiler.
    Fixed(&'static str),
    /// A name that was read.
    Read(Arc<str>),
}

/// An ordered map by name.
pub type Named<V> = IndexMap<Name, V, BuildHasherDefault<NameHasher>>;

impl Name {
    /// A name that was read.
    pub fn read(text: &str) -> Self {
        Name::Read(text.into())
    }

    /// A name that a profile or the vocabulary gives. It is kept until the process ends, once, so that no thread counts who uses it.
    pub fn kept(text: &str) -> Self {
        static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(text) {
            return Name::Fixed(known);
        }
        let text: &'static str = Box::leak(text.into());
        kept.insert(text);
        Name::Fixed(text)
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Name::Fixed(text) => text,
            Name::Read(text) => text,
        }
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        let (a, b): (&str, &str) = (self, other);
        std::ptr::eq(a, b) || a == b
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b): (&str, &str) = (self, other);
        if std::ptr::eq(a, b) {
            return Ordering::Equal;
        }
        a.cmp(b)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self)
    }
}

impl From<&'static str> for Name {
    fn from(text: &'static str) -> Self {
        Name::Fixed(text)
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Name::Read(text.into())
    }
}

impl From<Arc<str>> for Name {
    fn from(text: Arc<str>) -> Self {
        Name::Read(text)
    }
}

/// Eight bytes in one step: for short keys cheaper than what withstands an attacker, and the order of a [`Named`] does not depend on it.
#[derive(Debug, Clone, Copy)]
pub struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl NameHasher {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        let mut last = rest.len() as u64;
        for byte in rest {
            last = last << 8 | u64::from(*byte);
        }
        self.add(last);
    }

    fn write_u8(&mut self, number: u8) {
        self.add(u64::from(number));
    }

    fn finish(&self) -> u64 {
        // The table takes its buckets from the low bits and its tags from the high ones.
        self.0 ^ (self.0 >> 32)
    }
}
