//! What an expression names: a constant, a value of a fixed table, or a place of the neutral model.
//!
//! Everything that is solved ends at one of these.

use serde_json::Value;

use super::names::{Names, Place, Sym};
use super::state::{DEEPEST, Solver};
use crate::profile::expr::to_json;
use crate::profile::plain::Plain;

/// A value of a fixed table.
pub(super) struct Lookup<'r> {
    pub(super) table: serde_json::Map<String, Value>,
    pub(super) key: &'r Plain,
    pub(super) names: Names<'r>,
    pub(super) steps: Vec<Value>,
}

/// What stands at a step of a value.
pub(super) fn step(value: &Value, step: &Value) -> Option<Value> {
    match step {
        Value::String(key) => value.get(key).cloned(),
        Value::Number(n) => value.get(usize::try_from(n.as_u64()?).ok()?).cloned(),
        _ => None,
    }
}

impl<'r> Solver<'r> {
    /// A value of a fixed table, with the key that chooses it and the steps below it.
    pub(super) fn lookup(&self, of: &'r Plain, names: &Names<'r>) -> Option<Lookup<'r>> {
        let below = |mut found: Lookup<'r>, steps: &[Value]| {
            found.steps.extend(steps.iter().cloned());
            found
        };
        match of {
            Plain::Name(name, fields) => match names.get(name)? {
                Sym::Expr(inner, seen) => {
                    let steps: Vec<Value> = fields.iter().map(|f| f.as_str().into()).collect();
                    Some(below(self.lookup(inner, seen)?, &steps))
                }
                _ => None,
            },
            Plain::Field(a, field) => Some(below(self.lookup(a, names)?, &[field.as_str().into()])),
            Plain::Item(table, key) => match self.constant(key, names) {
                Some(fixed) => Some(below(self.lookup(table, names)?, &[fixed])),
                None => match self.constant(table, names)? {
                    Value::Object(table) => Some(Lookup {
                        table,
                        key,
                        names: names.clone(),
                        steps: Vec::new(),
                    }),
                    _ => None,
                },
            },
            _ => None,
        }
    }

    /// The value of an expression that needs nothing of an exposure.
    pub(super) fn constant(&self, of: &Plain, names: &Names<'r>) -> Option<Value> {
        match of {
            Plain::Const(c) => to_json(c).ok(),
            Plain::Name(name, fields) if name == "facts" => {
                let mut at = self.facts;
                for field in fields {
                    at = at.get(field)?;
                }
                Some(at.clone())
            }
            Plain::Name(name, fields) => match names.get(name)? {
                Sym::Expr(inner, seen) => {
                    let mut at = self.constant(inner, seen)?;
                    for field in fields {
                        at = at.get_mut(field)?.take();
                    }
                    Some(at)
                }
                _ => None,
            },
            Plain::Item(a, key) => {
                let (table, key) = (self.constant(a, names)?, self.constant(key, names)?);
                match key {
                    Value::String(k) => table.get(k).cloned(),
                    Value::Number(n) => table.get(usize::try_from(n.as_u64()?).ok()?).cloned(),
                    _ => None,
                }
            }
            Plain::Field(a, field) => self.constant(a, names)?.get(field).cloned(),
            Plain::List(items) => {
                let items: Option<Vec<Value>> =
                    items.iter().map(|i| self.constant(i, names)).collect();
                items.map(Value::Array)
            }
            Plain::Map(entries) => {
                let mut out = serde_json::Map::new();
                for (key, value) in entries {
                    let key = self.constant(key, names)?;
                    let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                    out.insert(key, self.constant(value, names)?);
                }
                Some(Value::Object(out))
            }
            _ => None,
        }
    }

    pub(super) fn is_empty(&self, of: &Plain, names: &Names<'r>) -> bool {
        self.constant(of, names).is_some_and(|c| !is_true(&c))
    }

    /// The place that an expression names.
    pub(super) fn place(&mut self, of: &'r Plain, names: &Names<'r>) -> Option<Place> {
        self.depth += 1;
        let found = if self.depth < DEEPEST {
            self.placed_at(of, names)
        } else {
            None
        };
        self.depth -= 1;
        found
    }

    fn placed_at(&mut self, of: &'r Plain, names: &Names<'r>) -> Option<Place> {
        let below = |mut place: Place, fields: &[String]| {
            place.extend(fields.iter().cloned());
            place
        };
        match of {
            Plain::Name(name, fields) => match names.get(name).cloned() {
                Some(Sym::Place(place)) => Some(below(place, fields)),
                Some(Sym::Expr(inner, seen)) => Some(below(self.place(inner, &seen)?, fields)),
                Some(Sym::Unknown) => None,
                None => Some(below(vec![name.clone()], fields)),
            },
            Plain::Field(a, field) => {
                Some(below(self.place(a, names)?, std::slice::from_ref(field)))
            }
            Plain::Item(a, key) => match self.value(key, names)? {
                Value::String(key) => Some(below(self.place(a, names)?, &[key])),
                Value::Number(n) => match self.place(a, names) {
                    Some(place) => Some(below(place, &[format!("#{n}")])),
                    None => self.element_of(a, names),
                },
                _ => None,
            },
            Plain::Filtered(inner, filter, ..) => match filter.as_str() {
                "default" => self.place(inner, names),
                "first" | "last" => self.element_of(inner, names),
                _ => None,
            },
            Plain::Or(a, b) => {
                self.constant(b, names)?;
                self.place(a, names)
            }
            Plain::Choice(parts) => {
                let [then, _, otherwise] = &**parts;
                if self.is_empty(otherwise, names) {
                    self.place(then, names)
                } else if self.is_empty(then, names) {
                    self.place(otherwise, names)
                } else {
                    None
                }
            }
            _ => None,
        }
    }
}

pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(s) => !s.is_empty(),
        Value::Array(a) => !a.is_empty(),
        Value::Object(o) => !o.is_empty(),
    }
}
