//! Expressions backwards: what has to hold of the places in one for it to give a value.
//!
//! Each kind of expression says what it was made of; what loses its parts says nothing.

use serde_json::Value;

use super::names::{Names, Sym, same};
use super::places::step;
use super::state::{Says, Solver};
use crate::profile::plain::Plain;

impl<'r> Solver<'r> {
    /// Whether the expression can have given the value, with what follows from it.
    pub(super) fn solve(&mut self, of: &'r Plain, names: &Names<'r>, value: &Value) -> bool {
        self.attempt(|s| s.solved(of, names, value))
    }

    fn solved(&mut self, of: &'r Plain, names: &Names<'r>, value: &Value) -> bool {
        if let Some(constant) = self.constant(of, names) {
            return same(&constant, value);
        }
        if is_condition(of) {
            return match value {
                Value::Bool(b) => self.assume(of, names, *b),
                Value::String(s) => s.parse().is_ok_and(|b| self.assume(of, names, b)),
                _ => false,
            };
        }
        if let Some(found) = self.lookup(of, names) {
            let at = |v: &Value| found.steps.iter().try_fold(v.clone(), |v, s| step(&v, s));
            let fits = |v: &Value| at(v).is_some_and(|v| same(&v, value));
            let keys = found.table.iter().filter(|(_, v)| fits(v));
            let keys = keys.map(|(k, _)| Value::from(k.as_str())).collect();
            return self.chosen(found.key, &found.names, keys);
        }
        match of {
            Plain::Name(name, fields) if fields.is_empty() => match names.get(name) {
                Some(Sym::Expr(inner, seen)) => self.solve(inner, &seen.clone(), value),
                _ => self.placed(of, names, value),
            },
            Plain::Name(name, fields) => match names.get(name).cloned() {
                Some(Sym::Expr(inner, seen)) if entry(inner, fields).is_some() => {
                    entry(inner, fields).is_some_and(|e| self.solve(e, &seen, value))
                }
                _ => self.placed(of, names, value),
            },
            Plain::Item(list, key)
                if matches!(self.constant(key, names), Some(Value::Number(_))) =>
            {
                match self.place(of, names) {
                    Some(place) => self.assign(&place, value),
                    None => self.one_of(list, names, value),
                }
            }
            Plain::Field(..) | Plain::Item(..) => self.placed(of, names, value),
            Plain::Or(a, b) => {
                // Beside a constant that stands in where nothing is said, the value is as good as said.
                if self.constant(b, names).is_some() {
                    self.solve(a, names, value) || self.solve(b, names, value)
                } else {
                    self.either(|s| s.solve(a, names, value), |s| s.solve(b, names, value))
                }
            }
            Plain::And(a, b) => self.assume(a, names, true) && self.solve(b, names, value),
            Plain::Choice(parts) => {
                let [then, cond, otherwise] = &**parts;
                let way = |s: &mut Self, held: bool| {
                    let branch = if held { then } else { otherwise };
                    s.assume(cond, names, held) && s.solve(branch, names, value)
                };
                match self.truth(cond, names) {
                    Some(held) => way(self, held),
                    None => self.either(|s| way(s, true), |s| way(s, false)),
                }
            }
            Plain::Joined(..) => {
                let mut parts = Vec::new();
                flatten(of, &mut parts);
                let text = match value {
                    Value::String(s) => s.clone(),
                    Value::Number(n) => n.to_string(),
                    _ => return false,
                };
                self.pieces(&parts, names, &text)
            }
            Plain::List(items) => {
                let Value::Array(values) = value else {
                    return false;
                };
                // Items that gave none may be gone, so each value belongs to the first that can have given it.
                let mut from = 0;
                values.iter().all(|v| {
                    let found = (from..items.len()).find(|i| self.solve(&items[*i], names, v));
                    from = found.map_or(from, |i| i + 1);
                    found.is_some()
                })
            }
            Plain::Map(entries) => {
                let Value::Object(values) = value else {
                    return false;
                };
                entries.iter().all(|(key, inner)| {
                    let key = self.constant(key, names);
                    let found = key.as_ref().and_then(Value::as_str).map(|k| values.get(k));
                    match found.flatten() {
                        Some(v) => self.solve(inner, names, v),
                        None => true,
                    }
                })
            }
            Plain::Computed(..) => match value {
                Value::Array(items) => {
                    let mut parts = Vec::new();
                    sum(of, &mut parts);
                    items.iter().all(|i| self.summed(&parts, names, i))
                }
                _ => self.computed(of, names, value),
            },
            Plain::Quotient(sides, ..) => {
                let by = self.value(&sides[1], names).and_then(|v| v.as_f64());
                match (by, number(value)) {
                    (Some(by), Some(v)) => {
                        let product = (v * by).round();
                        let exact = (product / by - v).abs() < 1e-9 && product.abs() < 1e15;
                        #[expect(clippy::cast_possible_truncation, reason = "it is below 1e15")]
                        let whole = Value::from(product as i64);
                        exact && self.solve(&sides[0], names, &whole)
                    }
                    (_, None) => false,
                    _ => true,
                }
            }
            Plain::Filtered(inner, filter, args, named) => {
                self.unfiltered(inner, filter, (args, named), names, value)
            }
            _ => true,
        }
    }

    /// An item of a list that was put together of several: any of them may have had it.
    fn summed(&mut self, parts: &[&'r Plain], names: &Names<'r>, item: &Value) -> bool {
        let list = Value::Array(vec![item.clone()]);
        let start = self.notes.len();
        let mut count = 0;
        for part in parts {
            count += usize::from(self.attempt(|s| s.solve(part, names, &list)));
        }
        for note in &mut self.notes[start..] {
            note.sure &= count == 1;
        }
        count > 0
    }

    /// A sum, a difference or a product of two numbers, of which one is known.
    fn computed(&mut self, of: &'r Plain, names: &Names<'r>, value: &Value) -> bool {
        let (Plain::Computed(a, b, compute), Some(v)) = (of, number(value)) else {
            return false;
        };
        let known = (self.value(a, names), self.value(b, names));
        let (side, other, first) = match (
            known.0.and_then(|v| number(&v)),
            known.1.and_then(|v| number(&v)),
        ) {
            (None, Some(other)) => (a, other, true),
            (Some(other), None) => (b, other, false),
            _ => return true,
        };
        // Which of the three it is, is told by what it makes of two numbers.
        let before = match compute(7, 3) {
            Some(10) => v - other,
            Some(4) if first => v + other,
            Some(4) => other - v,
            Some(21) if other != 0.0 => v / other,
            _ => return true,
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what has a rest is left out"
        )]
        let whole = before as i64;
        before.fract() == 0.0 && self.solve(side, names, &Value::from(whole))
    }

    /// A list whose items were added to a text, beside those of other rules.
    pub(super) fn added(&mut self, of: &'r Plain, names: &Names<'r>, all: &[Value]) -> bool {
        match of {
            Plain::Name(name, fields) if fields.is_empty() => match names.get(name).cloned() {
                Some(Sym::Expr(inner, seen)) => self.added(inner, &seen, all),
                _ => self.any(of, names, all),
            },
            Plain::Choice(parts) => {
                let [then, cond, otherwise] = &**parts;
                let way = |s: &mut Self, held: bool| {
                    let branch = if held { then } else { otherwise };
                    s.assume(cond, names, held) && s.added(branch, names, all)
                };
                // A branch that adds nothing is taken where the other is not.
                if self.is_empty(then, names) {
                    self.attempt(|s| way(s, false)) || self.attempt(|s| way(s, true))
                } else if self.is_empty(otherwise, names) {
                    self.attempt(|s| way(s, true)) || self.attempt(|s| way(s, false))
                } else {
                    self.either(|s| way(s, true), |s| way(s, false))
                }
            }
            Plain::List(items) => items.iter().all(|i| self.any(i, names, all)),
            _ => self.any(of, names, all),
        }
    }

    fn any(&mut self, of: &'r Plain, names: &Names<'r>, all: &[Value]) -> bool {
        let each = |held, item| self.solve(of, names, item) || held;
        all.iter().fold(false, each)
    }

    /// A value that is an item of a list: any item that can have given it may have.
    pub(super) fn one_of(&mut self, list: &'r Plain, names: &Names<'r>, value: &Value) -> bool {
        let start = self.notes.len();
        let mut count = 0;
        for sym in self.elements(list, names) {
            count += usize::from(match sym {
                Sym::Place(place) => self.attempt(|s| s.assign(&place, value)),
                Sym::Expr(inner, seen) => self.solve(inner, &seen, value),
                Sym::Unknown => true,
            });
        }
        for note in &mut self.notes[start..] {
            note.sure &= count == 1;
        }
        count > 0
    }

    fn placed(&mut self, of: &'r Plain, names: &Names<'r>, value: &Value) -> bool {
        match self.place(of, names) {
            Some(place) => self.assign(&place, value),
            None => true,
        }
    }

    /// The key by which a value was chosen is one of these.
    pub(super) fn chosen(
        &mut self,
        key: &'r Plain,
        names: &Names<'r>,
        mut keys: Vec<Value>,
    ) -> bool {
        match keys.len() {
            0 => false,
            1 => self.solve(key, names, &keys.remove(0)),
            _ => self.restrict(key, names, Says::Among(keys)),
        }
    }

    pub(super) fn restrict(&mut self, of: &'r Plain, names: &Names<'r>, says: Says) -> bool {
        if let Some(place) = self.place(of, names) {
            return self.note(place, says);
        }
        // Of two that may have it, neither has it for sure.
        if let Plain::Or(a, b) = of {
            for side in [a, b] {
                self.perhaps(|s| s.restrict(side, names, says.clone()));
            }
        }
        true
    }

    /// A text that was joined of parts: constants stand where they stand, the rest lies between them.
    fn pieces(&mut self, parts: &[&'r Plain], names: &Names<'r>, text: &str) -> bool {
        let Some((first, rest)) = parts.split_first() else {
            return text.is_empty();
        };
        if let Some(constant) = self.constant(first, names) {
            let constant = constant
                .as_str()
                .map_or_else(|| constant.to_string(), str::to_owned);
            let tail = text.strip_prefix(&constant);
            return tail.is_some_and(|t| self.pieces(rest, names, t));
        }
        if rest.is_empty() {
            return self.solve(first, names, &Value::from(text));
        }
        let ends: Vec<usize> = text
            .char_indices()
            .map(|(i, _)| i)
            .chain([text.len()])
            .collect();
        ends.into_iter().any(|end| {
            let head = Value::from(&text[..end]);
            self.attempt(|s| s.solve(first, names, &head) && s.pieces(rest, names, &text[end..]))
        })
    }
}

/// Whether an expression is true or false, not a value.
fn is_condition(of: &Plain) -> bool {
    match of {
        Plain::Not(_)
        | Plain::Equal(..)
        | Plain::Ordered(..)
        | Plain::Among(..)
        | Plain::Within(..)
        | Plain::Unset(..) => true,
        Plain::And(_, b) | Plain::Or(_, b) => is_condition(b),
        _ => false,
    }
}

/// What stands in an expression that is a map, below these fields.
fn entry<'r>(of: &'r Plain, fields: &[String]) -> Option<&'r Plain> {
    let Some((first, rest)) = fields.split_first() else {
        return Some(of);
    };
    let Plain::Map(entries) = of else { return None };
    let found = entries.iter().find(|(k, _)| match k {
        Plain::Const(c) => c.as_str() == Some(first),
        _ => false,
    });
    found.and_then(|(_, v)| entry(v, rest))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.parse().ok(),
        _ => None,
    }
}

/// The lists of a sum.
fn sum<'r>(of: &'r Plain, out: &mut Vec<&'r Plain>) {
    match of {
        Plain::Computed(a, b, _) => {
            sum(a, out);
            sum(b, out);
        }
        _ => out.push(of),
    }
}

fn flatten<'r>(of: &'r Plain, out: &mut Vec<&'r Plain>) {
    match of {
        Plain::Joined(a, b) => {
            flatten(a, out);
            flatten(b, out);
        }
        _ => out.push(of),
    }
}
