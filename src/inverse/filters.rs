//! Filters backwards: the value that one was given, from the value that it gave.
//!
//! A filter that loses what it was given (a digest, a count) tells nothing, and nothing is noted for it.

use serde_json::{Map, Value, json};

use super::names::{Names, Sym, unescaped};
use super::places::step;
use super::state::{Says, Solver};
use crate::model::duration::Duration;
use crate::profile::plain::Plain;

/// Arguments of a filter: those by place, those by name.
type Args<'r> = (&'r [Plain], &'r [(String, Plain)]);

impl<'r> Solver<'r> {
    pub(super) fn unfiltered(
        &mut self,
        of: &'r Plain,
        filter: &str,
        (args, named): Args<'r>,
        names: &Names<'r>,
        value: &Value,
    ) -> bool {
        let text = |s: &Self, at: usize| -> Option<String> {
            let found = s.constant(args.get(at)?, names)?;
            Some(found.as_str()?.to_owned())
        };
        let before = match filter {
            "text" | "int" | "string" | "list" | "sort" | "unique" | "reverse" | "trim"
            | "select" | "reject" | "selectattr" | "rejectattr" | "specific_first" => {
                Some(value.clone())
            }
            // Short names stay as they are; of others nothing is known.
            "capped" => return self.solve(of, names, value) || true_for_text(value),
            "lower" | "upper" => {
                let swapped = value.as_str().map(|s| match filter {
                    "lower" => s.to_uppercase(),
                    _ => s.to_lowercase(),
                });
                return self.solve(of, names, value)
                    || swapped.is_some_and(|s| self.solve(of, names, &Value::from(s)));
            }
            "seconds" => time(value, 1000),
            "milliseconds" => time(value, 1),
            "join" => match (text(self, 0), value.as_str()) {
                (Some(by), Some(joined)) if !by.is_empty() => {
                    Some(joined.split(by.as_str()).map(Value::from).collect())
                }
                (_, joined) => return joined.is_some(),
            },
            "split" => match (text(self, 0), value.as_array()) {
                (Some(by), Some(parts)) => {
                    let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
                    Some(Value::from(parts.join(&by)))
                }
                _ => return true,
            },
            "map" => match (named, value.as_array()) {
                ([(_, attribute), ..], Some(items)) => {
                    let Some(Value::String(path)) = self.constant(attribute, names) else {
                        return true;
                    };
                    Some(items.iter().map(|i| within(&path, i)).collect())
                }
                ([], Some(items)) if text(self, 0).as_deref() == Some("join") => {
                    let Some(by) = text(self, 1) else { return true };
                    let parts = |i: &Value| -> Value {
                        let whole = i.as_str().unwrap_or_default();
                        whole.splitn(2, by.as_str()).map(Value::from).collect()
                    };
                    Some(items.iter().map(parts).collect())
                }
                ([], Some(items)) => {
                    let filter = text(self, 0).unwrap_or_default();
                    let scale = match filter.as_str() {
                        "seconds" => 1000,
                        "milliseconds" => 1,
                        _ => 0,
                    };
                    let before = |i: &Value| {
                        if scale == 0 {
                            Some(i.clone())
                        } else {
                            time(i, scale)
                        }
                    };
                    items.iter().map(before).collect()
                }
                _ => return false,
            },
            "only" => {
                let (field, wanted) = (text(self, 0), args.get(1));
                let wanted = wanted.and_then(|w| self.constant(w, names));
                match (field, wanted, value.as_array()) {
                    (Some(field), Some(wanted), Some(items)) => {
                        let whole = |i: &Value| merge(i, &within(&field, &wanted));
                        Some(items.iter().map(whole).collect())
                    }
                    _ => Some(value.clone()),
                }
            }
            "default" => {
                return self.solve(of, names, value)
                    || args.first().is_some_and(|a| self.solve(a, names, value));
            }
            "first" | "last" => return self.item_of(of, names, value),
            "numbers" => value.as_array().map(|all| Value::from(ranges(all))),
            "ranges" => match (text(self, 0), text(self, 1), value.as_array()) {
                (Some(first), Some(last), Some(all)) => {
                    let part = |v: &Value| {
                        let (from, to) = (v.get(&first)?.as_u64()?, v.get(&last)?.as_u64()?);
                        Some(run(&(from, to)))
                    };
                    let parts: Option<Vec<String>> = all.iter().map(part).collect();
                    parts.map(|parts| Value::from(parts.join(",")))
                }
                _ => return true,
            },
            "replace" => match (text(self, 0), text(self, 1), value.as_str()) {
                (Some(from), Some(to), Some(s)) if !to.is_empty() => {
                    Some(Value::from(s.replace(&to, &from)))
                }
                _ => return true,
            },
            "json" => value.as_str().and_then(|s| serde_json::from_str(s).ok()),
            "renamed" => {
                let table = args.first().and_then(|a| self.value(a, names));
                let (Some(Value::Object(table)), Some(map)) = (table, value.as_object()) else {
                    return true;
                };
                let old = table
                    .iter()
                    .filter_map(|(old, new)| Some((old.clone(), map.get(new.as_str()?)?.clone())));
                Some(Value::Object(old.collect()))
            }
            "mapped" => match (text(self, 0), text(self, 1), value.as_object()) {
                (Some(key), Some(of), Some(map)) => Some(
                    map.iter()
                        .map(|(k, v)| json!({ key.as_str(): k, of.as_str(): v }))
                        .collect(),
                ),
                _ => return true,
            },
            "items" | "dictsort" => value.as_array().map(|pairs| {
                let entry = |p: &Value| Some((p.get(0)?.as_str()?.to_owned(), p.get(1)?.clone()));
                Value::Object(pairs.iter().filter_map(entry).collect())
            }),
            "regex_escaped" => value.as_str().map(|s| Value::from(unescaped(s))),
            "batch" | "slice" => value.as_array().map(|parts| {
                let items = parts.iter().filter_map(Value::as_array).flatten();
                items.cloned().collect()
            }),
            _ => return true,
        };
        before.is_some_and(|v| self.solve(of, names, &v))
    }

    /// A value that is an item of a list; of a table of lists, the lists that have it tell the key.
    fn item_of(&mut self, list: &'r Plain, names: &Names<'r>, value: &Value) -> bool {
        let Some(found) = self.lookup(list, names) else {
            return self.one_of(list, names, value) || self.solve(list, names, &json!([value]));
        };
        let has = |v: &Value| {
            let below = found.steps.iter().try_fold(v.clone(), |v, s| step(&v, s));
            below.is_some_and(|v| v.as_array().is_some_and(|a| a.contains(value)))
        };
        let keys = found.table.iter().filter(|(_, v)| has(v));
        let keys = keys.map(|(k, _)| Value::from(k.as_str())).collect();
        self.chosen(found.key, &found.names, keys)
    }

    /// What an element of the list that an expression gives may be.
    pub(super) fn elements(&mut self, list: &'r Plain, names: &Names<'r>) -> Vec<Sym<'r>> {
        match list {
            Plain::List(items) => {
                let item = |i| Sym::Expr(i, names.clone());
                items.iter().map(item).collect()
            }
            Plain::Computed(a, b, _) => {
                let mut out = self.elements(a, names);
                out.extend(self.elements(b, names));
                out
            }
            Plain::Choice(parts) => {
                let [then, _, otherwise] = &**parts;
                let mut out = Vec::new();
                for side in [then, otherwise] {
                    if !self.is_empty(side, names) {
                        out.extend(self.elements(side, names));
                    }
                }
                out
            }
            Plain::Name(name, fields) if fields.is_empty() => match names.get(name).cloned() {
                Some(Sym::Expr(inner, seen)) => self.elements(inner, &seen),
                _ => vec![self.one_element(list, names)],
            },
            Plain::Filtered(of, filter, ..)
                if matches!(
                    filter.as_str(),
                    "list" | "sort" | "unique" | "select" | "reject" | "default"
                ) =>
            {
                self.elements(of, names)
            }
            _ => vec![self.one_element(list, names)],
        }
    }

    fn one_element(&mut self, list: &'r Plain, names: &Names<'r>) -> Sym<'r> {
        let place = self.element_of(list, names);
        place.map_or(Sym::Unknown, Sym::Place)
    }

    /// The place of an element of the list that an expression gives.
    pub(super) fn element_of(
        &mut self,
        list: &'r Plain,
        names: &Names<'r>,
    ) -> Option<super::names::Place> {
        match list {
            Plain::Filtered(of, filter, args, named) => match filter.as_str() {
                "only" => {
                    let place = self.element_of(of, names)?;
                    let field = args.first().and_then(|a| self.constant(a, names));
                    let wanted = args.get(1).and_then(|a| self.value(a, names));
                    if let (Some(Value::String(field)), Some(wanted)) = (field, wanted) {
                        let mut below = place.clone();
                        below.extend(field.split('.').map(str::to_owned));
                        self.note(below, Says::Is(wanted));
                    }
                    Some(place)
                }
                "map" => {
                    let mut place = self.element_of(of, names)?;
                    if let Some((_, attribute)) = named.iter().find(|(n, _)| n == "attribute") {
                        let path = self.constant(attribute, names)?;
                        place.extend(path.as_str()?.split('.').map(str::to_owned));
                    }
                    Some(place)
                }
                "list" | "sort" | "unique" | "reverse" | "select" | "reject" | "selectattr"
                | "rejectattr" | "specific_first" | "default" => self.element_of(of, names),
                "sum" => {
                    let mut place = self.element_of(of, names)?;
                    let (_, attribute) = named.iter().find(|(n, _)| n == "attribute")?;
                    let path = self.constant(attribute, names)?;
                    place.extend(path.as_str()?.split('.').map(str::to_owned));
                    Some(self.element(place))
                }
                // A part of a list is a list, whose elements are those of the whole.
                "batch" | "slice" => {
                    let list = self.place(of, names);
                    list.or_else(|| self.element_of(of, names))
                }
                _ => None,
            },
            Plain::Choice(parts) => {
                let [then, _, otherwise] = &**parts;
                if self.is_empty(otherwise, names) {
                    self.element_of(then, names)
                } else if self.is_empty(then, names) {
                    self.element_of(otherwise, names)
                } else {
                    None
                }
            }
            _ => {
                if let Plain::Name(name, fields) = list
                    && let Some(Sym::Expr(inner, seen)) = names.get(name).cloned()
                    && fields.is_empty()
                {
                    return self.element_of(inner, &seen);
                }
                let place = self.place(list, names)?;
                Some(self.element(place))
            }
        }
    }
}

/// Numbers as a text with ranges.
fn ranges(all: &[Value]) -> String {
    let mut numbers: Vec<u64> = all.iter().filter_map(Value::as_u64).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for n in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == n => *last = n,
            _ => runs.push((n, n)),
        }
    }
    runs.iter().map(run).collect::<Vec<_>>().join(",")
}

fn run((from, to): &(u64, u64)) -> String {
    if from == to {
        from.to_string()
    } else {
        format!("{from}-{to}")
    }
}

/// A time of so many units of so many milliseconds.
fn time(value: &Value, scale: u64) -> Option<Value> {
    let number = match value {
        Value::Number(n) => n.as_u64(),
        Value::String(s) => s.parse().ok(),
        _ => None,
    };
    number.map(|n| Value::from(Duration(n.saturating_mul(scale)).to_string()))
}

fn true_for_text(value: &Value) -> bool {
    value.is_string()
}

/// A map in which a value stands at a dotted path.
fn within(path: &str, value: &Value) -> Value {
    path.rsplit('.')
        .fold(value.clone(), |v, step| json!({ step: v }))
}

fn merge(item: &Value, more: &Value) -> Value {
    let (Value::Object(a), Value::Object(b)) = (item, more) else {
        return item.clone();
    };
    let all = b.iter().chain(a).map(|(k, v)| (k.clone(), v.clone()));
    Value::Object(all.collect::<Map<_, _>>())
}
