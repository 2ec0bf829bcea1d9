//! Conditions backwards: what follows when one holds, or does not, and whether one does.
//!
//! A rule acted, so its condition held; a branch was taken, so the condition before it did.

use serde_json::Value;

use super::names::{Names, Sym, neutral, same};
use super::places::{is_true, step};
use super::state::{Says, Solver};
use crate::profile::expr::to_json;
use crate::profile::plain::Plain;
use crate::vocab::Type;

impl<'r> Solver<'r> {
    /// What follows when a condition holds, or does not; false where that cannot be.
    pub(super) fn assume(&mut self, cond: &'r Plain, names: &Names<'r>, held: bool) -> bool {
        if let Some(known) = self.truth(cond, names) {
            // What is known already is noted again, except where it follows from one of two sides.
            let one_sided = match cond {
                Plain::And(..) => !held,
                Plain::Or(..) => held,
                _ => false,
            };
            if known != held || one_sided {
                return known == held;
            }
        }
        self.attempt(|s| s.assumed(cond, names, held))
    }

    fn assumed(&mut self, cond: &'r Plain, names: &Names<'r>, held: bool) -> bool {
        match cond {
            Plain::Not(a) => self.assume(a, names, !held),
            Plain::And(a, b) if held => self.assume(a, names, true) && self.assume(b, names, true),
            Plain::Or(a, b) if !held => {
                self.assume(a, names, false) && self.assume(b, names, false)
            }
            Plain::And(a, b) | Plain::Or(a, b) => {
                // One of the two decides when the other is known not to.
                if self.truth(a, names) == Some(!held) {
                    self.assume(b, names, held)
                } else if self.truth(b, names) == Some(!held) {
                    self.assume(a, names, held)
                } else {
                    let first = self.perhaps(|s| s.assume(a, names, held));
                    let second = self.perhaps(|s| s.assume(b, names, held));
                    first || second
                }
            }
            Plain::Equal(a, b, wanted) => {
                let (side, constant) = match (self.constant(a, names), self.constant(b, names)) {
                    (None, Some(c)) => (a, c),
                    (Some(c), None) => (b, c),
                    _ => return true,
                };
                if held == *wanted {
                    self.solve(side, names, &constant)
                } else {
                    self.restrict(side, names, Says::Not(vec![constant]))
                }
            }
            Plain::Among(a, list, wanted) => {
                let list: Vec<Value> = list.iter().filter_map(|v| to_json(v).ok()).collect();
                if held == *wanted {
                    self.chosen(a, names, list)
                } else {
                    self.restrict(a, names, Says::Not(list))
                }
            }
            Plain::Within(a, list, wanted) if self.constant(list, names).is_some() => {
                let all: Vec<Value> = match self.constant(list, names) {
                    Some(Value::Array(items)) => items,
                    Some(Value::Object(map)) => map.into_iter().map(|(k, _)| k.into()).collect(),
                    _ => return true,
                };
                if held == *wanted {
                    self.constant(a, names).is_some() || self.chosen(a, names, all)
                } else {
                    self.restrict(a, names, Says::Not(all))
                }
            }
            Plain::Within(a, list, wanted) if held == *wanted => {
                match (self.value(a, names), self.element_of(list, names)) {
                    (Some(item), Some(place)) => self.assign(&place, &item),
                    _ => true,
                }
            }
            Plain::Choice(parts) if held => {
                let [then, cond, otherwise] = &**parts;
                if self.is_empty(otherwise, names) {
                    self.assume(cond, names, true) && self.assume(then, names, true)
                } else if self.is_empty(then, names) {
                    self.assume(cond, names, false) && self.assume(otherwise, names, true)
                } else {
                    true
                }
            }
            Plain::Filtered(inner, filter, ..) if filter == "default" => {
                self.assume(inner, names, held)
            }
            // There is an element in a list that is not empty.
            Plain::Ordered(count, than, _)
                if held && self.constant(than, names) == Some(Value::from(0)) =>
            {
                self.assume(count, names, true)
            }
            // Nothing that is counted or timed here is below zero.
            Plain::Ordered(of, than, _)
                if self.constant(than, names) == Some(Value::from(0))
                    && !matches!(&**of, Plain::Filtered(_, f, ..) if f == "length") =>
            {
                self.perhaps(|s| s.solve(of, names, &Value::from(0)));
                true
            }
            Plain::Filtered(inner, filter, ..) if held => {
                if filter == "length" {
                    self.assume(inner, names, true)
                } else {
                    self.elements(cond, names);
                    true
                }
            }
            Plain::Name(name, fields) => match names.get(name) {
                Some(Sym::Expr(inner, seen)) if fields.is_empty() => {
                    self.assume(inner, &seen.clone(), held)
                }
                _ => match self.place(cond, names) {
                    Some(place) => {
                        let of = neutral(self.vocabulary, &place);
                        let boolean = of.is_some_and(|n| matches!(n.ty, Type::Bool));
                        !boolean || self.note(place, Says::Is(Value::Bool(held)))
                    }
                    None => true,
                },
            },
            _ => true,
        }
    }

    /// Whether a condition holds, as far as it is known.
    pub(super) fn truth(&mut self, cond: &'r Plain, names: &Names<'r>) -> Option<bool> {
        match cond {
            Plain::Not(a) => self.truth(a, names).map(|t| !t),
            Plain::And(a, b) => match (self.truth(a, names), self.truth(b, names)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Plain::Or(a, b) => match (self.truth(a, names), self.truth(b, names)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Plain::Equal(a, b, wanted) => {
                let (a, b) = (self.value(a, names)?, self.value(b, names)?);
                Some(same(&a, &b) == *wanted)
            }
            Plain::Among(a, list, wanted) => {
                let value = self.value(a, names)?;
                let found = list
                    .iter()
                    .filter_map(|v| to_json(v).ok())
                    .any(|v| same(&v, &value));
                Some(found == *wanted)
            }
            Plain::Unset(a, wanted) => Some(self.value(a, names)?.is_null() == *wanted),
            _ => self.value(cond, names).map(|v| is_true(&v)),
        }
    }

    /// The value of an expression, as far as it is known.
    pub(super) fn value(&mut self, of: &'r Plain, names: &Names<'r>) -> Option<Value> {
        if let Some(constant) = self.constant(of, names) {
            return Some(constant);
        }
        if let Some(found) = self.lookup(of, names) {
            let key = self.value(found.key, &found.names)?;
            let at = found.table.get(key.as_str()?)?.clone();
            return found.steps.iter().try_fold(at, |v, s| step(&v, s));
        }
        let (notes, count) = (self.notes.len(), self.count);
        let place = self.place(of, names);
        self.notes.truncate(notes);
        self.count = count;
        let place = place?;
        let known = self.said(&place).or_else(|| self.known.get(&place));
        known.or_else(|| self.sole(&place)).cloned()
    }

    /// Of a rule's first backend, what all of its backends have.
    fn sole(&self, place: &[String]) -> Option<&Value> {
        let at = place.iter().rposition(|s| s == "backend")?;
        let mut start = place[..at].to_vec();
        start.push("backends".to_owned());
        let below = self.known.range(start.clone()..);
        let mut found = below
            .take_while(|(p, _)| p.starts_with(&start))
            .filter(|(p, _)| p.get(at + 2..) == Some(&place[at + 1..]))
            .map(|(_, v)| v);
        let first = found.next()?;
        found.all(|v| same(v, first)).then_some(first)
    }
}
