//! What follows from an object while a tree is laid beside it, and the trying of what might.
//!
//! Only what follows is noted. Where two branches could have written the same, neither is sure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::names::{Place, fitting, neutral, same, words};
use crate::vocab::{Type, Vocabulary};

/// What is said of a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Says {
    /// Its value.
    Is(Value),
    /// Words that it is not.
    Not(Vec<Value>),
    /// It is one of these words.
    Among(Vec<Value>),
}

/// Something that follows from an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Note {
    pub(super) place: Place,
    pub(super) says: Says,
    /// Whether nothing else could have written the same.
    pub(super) sure: bool,
    /// The path in the object.
    pub(super) at: Vec<String>,
}

/// The state of reading one object by one tree.
#[derive(Debug)]
pub(super) struct Solver<'r> {
    pub(super) vocabulary: &'r Vocabulary,
    pub(super) facts: &'r Value,
    /// What was found before, in other objects too.
    pub(super) known: &'r BTreeMap<Place, Value>,
    pub(super) notes: Vec<Note>,
    /// Whether the tree adds items to texts, which were taken apart.
    pub(super) joined: bool,
    /// Whether the tree is one that only reads: what is null there must be absent.
    pub(super) declared: bool,
    /// Path in the object that is looked at.
    pub(super) at: Vec<String>,
    /// Begins the names of elements, so that those of two objects differ.
    stem: String,
    pub(super) count: usize,
    pub(super) depth: usize,
}

/// Expressions use names that use names; a circle ends here.
pub(super) const DEEPEST: usize = 160;

impl<'r> Solver<'r> {
    pub(super) fn new(
        vocabulary: &'r Vocabulary,
        facts: &'r Value,
        known: &'r BTreeMap<Place, Value>,
        stem: String,
    ) -> Self {
        Self {
            vocabulary,
            facts,
            known,
            notes: Vec::new(),
            joined: false,
            declared: false,
            at: Vec::new(),
            stem,
            count: 0,
            depth: 0,
        }
    }

    /// Tries something; what it noted is forgotten where it does not hold.
    pub(super) fn attempt(&mut self, run: impl FnOnce(&mut Self) -> bool) -> bool {
        let (notes, count, at) = (self.notes.len(), self.count, self.at.len());
        self.depth += 1;
        let held = self.depth < DEEPEST && run(self);
        self.depth -= 1;
        if !held {
            self.notes.truncate(notes);
            self.count = count;
        }
        self.at.truncate(at);
        held
    }

    /// What follows from one of two ways; false where neither can have been taken. What follows from one alone is not sure where both
    /// can.
    pub(super) fn either(
        &mut self,
        one: impl FnOnce(&mut Self) -> bool,
        other: impl FnOnce(&mut Self) -> bool,
    ) -> bool {
        let start = self.notes.len();
        let first = self.attempt(one);
        let noted = self.notes.split_off(start);
        let second = self.attempt(other);
        let mut more = self.notes.split_off(start);
        if first && second {
            for note in &mut more {
                note.sure &= noted.contains(note);
            }
            for note in noted {
                let sure = more.contains(&note);
                if !sure {
                    more.push(Note { sure, ..note });
                }
            }
            for mut note in more {
                // A word that is excluded on one way only says nothing, unless one alone is left then.
                if !note.sure && !matches!(note.says, Says::Is(_)) {
                    let of = neutral(self.vocabulary, &note.place);
                    match of.and_then(|n| left(n.ty, &[&note.says])) {
                        Some(word) => note.says = Says::Is(word),
                        None => continue,
                    }
                }
                self.notes.push(note);
            }
        } else {
            self.notes.extend(if first { noted } else { more });
        }
        first || second
    }

    /// Tries something of which nothing that follows is sure.
    pub(super) fn perhaps(&mut self, run: impl FnOnce(&mut Self) -> bool) -> bool {
        let start = self.notes.len();
        let held = self.attempt(run);
        for note in &mut self.notes[start..] {
            note.sure = false;
        }
        held
    }

    /// A new element of a list.
    pub(super) fn element(&mut self, mut list: Place) -> Place {
        self.count += 1;
        list.push(format!("#{}{}", self.stem, self.count));
        list
    }

    /// Notes what is said of a place; false where it cannot be.
    pub(super) fn note(&mut self, place: Place, says: Says) -> bool {
        if let Says::Is(value) = &says
            && let Some(old) = self.said(&place)
        {
            return same(old, value);
        }
        // `source` is the name of the member that is set; one that is true or false is true then.
        if let ([list, .., last], Says::Is(Value::String(member))) = (place.as_slice(), &says)
            && (list == "certificates" && last == "source")
        {
            let mut below = place[..place.len() - 1].to_vec();
            below.push(member.clone());
            let of = neutral(self.vocabulary, &below);
            if of.is_some_and(|n| matches!(n.ty, Type::Bool)) {
                self.note(below, Says::Is(Value::Bool(true)));
            }
        }
        let at = self.at.clone();
        self.notes.push(Note {
            place,
            says,
            sure: true,
            at,
        });
        true
    }

    pub(super) fn said(&self, place: &Place) -> Option<&Value> {
        self.notes.iter().find_map(|n| match &n.says {
            Says::Is(v) if n.sure && n.place == *place => Some(v),
            _ => None,
        })
    }

    /// Says that a place has a value, and each place below its own.
    pub(super) fn assign(&mut self, place: &Place, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => {
                let scalar = neutral(self.vocabulary, place)
                    .is_some_and(|n| !n.renamed && !matches!(n.ty, Type::List(_) | Type::Map(_)));
                let mut held = items.is_empty();
                for item in items {
                    let place = self.element(place.clone());
                    held |= !scalar && self.attempt(|s| s.assign(&place, item));
                }
                held
            }
            Value::Object(entries) => {
                let free =
                    neutral(self.vocabulary, place).is_some_and(|n| matches!(n.ty, Type::MapOf(_)));
                let mut held = entries.is_empty();
                for (key, value) in entries {
                    let mut below = place.clone();
                    below.push(if free {
                        format!("#={key}")
                    } else {
                        key.clone()
                    });
                    let fits = self.attempt(|s| s.assign(&below, value));
                    // A field that is known and has no such value: it is not this map.
                    if !fits && neutral(self.vocabulary, &below).is_some() {
                        return false;
                    }
                    held |= fits;
                }
                held
            }
            leaf if neutral(self.vocabulary, place)
                .is_some_and(|n| !n.renamed && matches!(n.ty, Type::List(_))) =>
            {
                let item = self.element(place.clone());
                self.assign(&item, leaf)
            }
            leaf => {
                let fits = match neutral(self.vocabulary, place) {
                    Some(n) => fitting(n.ty, leaf),
                    None => Some(leaf.clone()),
                };
                fits.is_some_and(|v| self.note(place.clone(), Says::Is(v)))
            }
        }
    }
}

/// The one word that is left of a type's words; none where several are.
pub(super) fn left(ty: &Type, said: &[&Says]) -> Option<Value> {
    let mut words = words(ty);
    for says in said {
        match says {
            Says::Is(_) => {}
            Says::Not(not) => words.retain(|w| !not.iter().any(|n| same(n, w))),
            Says::Among(of) => words.retain(|w| of.iter().any(|n| same(n, w))),
        }
    }
    match words.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}
