//! Expressions that name, compare, choose and join, evaluated without the engine.
//!
//! Most expressions of a profile do no more than that, and setting the engine up for each would be most of the time of a large run.
//! What is not plain is a leaf for the engine; whatever could be an error is left to it as a whole, so that the words stay its own.

use std::cmp::Ordering;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use minijinja::Value;
use minijinja::value::ValueKind;

use super::expr::Engine;
use super::track::{Scope, Seen, expose};
use crate::model::val::Data;
use filtered::{filtered, or_instead};

mod filtered;
mod parse;

/// An expression, or a part of one.
#[derive(Debug)]
pub(crate) enum Plain {
    /// A text, a number, true, false, none.
    Const(Value),
    /// A name of the scope, and the fields below it.
    Name(String, Vec<String>),
    /// A field of a computed value.
    Field(Box<Plain>, String),
    /// An item of a list or a value of a map.
    Item(Box<Plain>, Box<Plain>),
    Not(Box<Plain>),
    And(Box<Plain>, Box<Plain>),
    Or(Box<Plain>, Box<Plain>),
    /// `==`, or `!=` where it is false.
    Equal(Box<Plain>, Box<Plain>, bool),
    /// `<`, `<=`, `>`, `>=`: whether the order of the two is one of these.
    Ordered(Box<Plain>, Box<Plain>, &'static [Ordering]),
    /// `in` a list of constants, or `not in` where it is false.
    Among(Box<Plain>, Vec<Value>, bool),
    /// `in` any other value, or `not in` where it is false.
    Within(Box<Plain>, Box<Plain>, bool),
    /// `is none`, or `is not none` where it is false.
    Unset(Box<Plain>, bool),
    /// The first where the second holds, else the third.
    Choice(Box<[Plain; 3]>),
    /// Texts one after the other.
    Joined(Box<Plain>, Box<Plain>),
    /// `+`, `-` or `*` of integers.
    Computed(Box<Plain>, Box<Plain>, fn(i64, i64) -> Option<i64>),
    /// `/` or `//`: who reads a rule backwards needs the sides, and the value is the engine's.
    Quotient(Box<[Plain; 2]>, Box<Plain>),
    /// `[a, b]`.
    List(Vec<Plain>),
    /// `{a: b}`.
    Map(Vec<(Plain, Plain)>),
    /// A filter's name and arguments, and those that are named.
    Filtered(Box<Plain>, String, Vec<Plain>, Vec<(String, Plain)>),
    /// What only the engine can evaluate.
    Other(String, OnceLock<Option<Engine>>),
}

impl Plain {
    /// Reads an expression; `None` when nothing of it is plain.
    pub(super) fn parse(source: &str) -> Option<Self> {
        parse::parse(source).filter(|p| !matches!(p, Plain::Other(..)))
    }

    /// Whether the engine has no part in it.
    pub(super) fn whole(&self) -> bool {
        match self {
            Plain::Const(_) | Plain::Name(..) => true,
            Plain::Other(..) | Plain::Quotient(..) => false,
            Plain::Not(a) | Plain::Among(a, ..) | Plain::Unset(a, _) | Plain::Field(a, _) => {
                a.whole()
            }
            Plain::And(a, b)
            | Plain::Or(a, b)
            | Plain::Equal(a, b, _)
            | Plain::Ordered(a, b, _)
            | Plain::Within(a, b, _)
            | Plain::Item(a, b)
            | Plain::Computed(a, b, _)
            | Plain::Joined(a, b) => a.whole() && b.whole(),
            Plain::Choice(parts) => parts.iter().all(Plain::whole),
            Plain::List(items) => items.iter().all(Plain::whole),
            Plain::Map(entries) => entries.iter().all(|(k, v)| k.whole() && v.whole()),
            Plain::Filtered(of, _, args, named) => {
                of.whole() && args.iter().all(Plain::whole) && named.iter().all(|(_, v)| v.whole())
            }
        }
    }

    /// What it looks at, not copied where it is a value of the scope.
    pub(super) fn seen<'s>(&self, scope: &'s Arc<Scope>) -> Option<Seen<'s>> {
        match self {
            Plain::Name(name, fields) => scope.seen(name, fields),
            _ => self.eval(scope).map(Seen::Value),
        }
    }

    /// Whether it is true; `None` where [`Self::eval`] gives none.
    pub(super) fn holds(&self, scope: &Arc<Scope>) -> Option<bool> {
        Some(match self {
            Plain::Not(a) => !a.holds(scope)?,
            Plain::And(a, b) => a.holds(scope)? && b.holds(scope)?,
            Plain::Or(a, b) => a.holds(scope)? || b.holds(scope)?,
            Plain::Unset(a, wanted) => a.seen(scope)?.is_none() == *wanted,
            Plain::Equal(a, b, wanted) => same(a, b, scope)? == *wanted,
            Plain::Among(a, list, wanted) => {
                let seen = a.seen(scope)?;
                let found = match seen.text() {
                    Some(text) => list.iter().any(|v| v.as_str() == Some(text)),
                    None => list.contains(&seen.value()),
                };
                found == *wanted
            }
            Plain::Choice(parts) => {
                let [then, cond, otherwise] = &**parts;
                return if cond.holds(scope)? {
                    then.holds(scope)
                } else {
                    otherwise.holds(scope)
                };
            }
            Plain::Ordered(a, b, wanted) => {
                let first = a.eval(scope)?;
                wanted.contains(&first.cmp(&b.eval(scope)?))
            }
            Plain::Within(a, b, wanted) => {
                let item = a.eval(scope)?;
                contains(b.seen(scope)?, &item)? == *wanted
            }
            _ => self.seen(scope)?.is_true(),
        })
    }

    /// The value; `None` where a name is not there or the engine reports an error.
    pub(super) fn eval(&self, scope: &Arc<Scope>) -> Option<Value> {
        Some(match self {
            Plain::Const(value) => value.clone(),
            Plain::Name(name, fields) => scope.seen(name, fields)?.value(),
            Plain::Not(_)
            | Plain::Unset(..)
            | Plain::Equal(..)
            | Plain::Among(..)
            | Plain::Ordered(..)
            | Plain::Within(..) => Value::from(self.holds(scope)?),
            Plain::Field(a, name) => a.eval(scope)?.get_attr(name).ok().filter(is_there)?,
            Plain::Item(a, b) => {
                let from = a.eval(scope)?;
                from.get_item(&b.eval(scope)?).ok().filter(is_there)?
            }
            Plain::And(a, b) => {
                let first = a.eval(scope)?;
                return if first.is_true() {
                    b.eval(scope)
                } else {
                    Some(first)
                };
            }
            Plain::Or(a, b) => {
                let first = a.eval(scope)?;
                return if first.is_true() {
                    Some(first)
                } else {
                    b.eval(scope)
                };
            }
            Plain::Choice(parts) => {
                let [then, cond, otherwise] = &**parts;
                return if cond.holds(scope)? {
                    then.eval(scope)
                } else {
                    otherwise.eval(scope)
                };
            }
            Plain::Joined(..) => {
                let mut out = String::new();
                self.join(scope, &mut out)?;
                Value::from(out)
            }
            Plain::Computed(a, b, compute) => {
                let (first, second) = (a.eval(scope)?, b.eval(scope)?);
                if !first.is_integer() || !second.is_integer() {
                    return None;
                }
                Value::from(compute(first.as_i64()?, second.as_i64()?)?)
            }
            Plain::Quotient(_, value) => return value.eval(scope),
            Plain::List(items) => {
                let items: Option<Vec<Value>> = items.iter().map(|i| i.eval(scope)).collect();
                Value::from(items?)
            }
            Plain::Map(entries) => {
                let entries: Option<Vec<(Value, Value)>> = entries
                    .iter()
                    .map(|(k, v)| Some((k.eval(scope)?, v.eval(scope)?)))
                    .collect();
                Value::from_pairs(entries?)
            }
            Plain::Filtered(of, name, args, named) => {
                if let ("default", [Plain::Const(instead)], []) = (&**name, &args[..], &named[..]) {
                    return or_instead(of, instead, scope);
                }
                return filtered(of.seen(scope)?, name, args, named, scope).filter(is_there);
            }
            Plain::Other(source, compiled) => {
                let engine = compiled.get_or_init(|| Engine::compile(source).ok());
                return engine.as_ref()?.eval(scope).ok().filter(is_there);
            }
        })
    }

    fn join(&self, scope: &Arc<Scope>, out: &mut String) -> Option<()> {
        if let Plain::Joined(a, b) = self {
            a.join(scope, out)?;
            return b.join(scope, out);
        }
        let seen = self.seen(scope)?;
        if let Some(text) = seen.text() {
            out.push_str(text);
        } else {
            write!(out, "{}", seen.value()).ok()?;
        }
        Some(())
    }
}

fn is_there(value: &Value) -> bool {
    !value.is_undefined()
}

fn same(a: &Plain, b: &Plain, scope: &Arc<Scope>) -> Option<bool> {
    let first = a.seen(scope)?;
    if let Some(text) = first.text() {
        let second = b.seen(scope)?;
        if let Some(other) = second.text() {
            return Some(text == other);
        }
        // A text equals nothing but a text; what is read is read all the same.
        let _ = second.value();
        return Some(false);
    }
    let first = first.value();
    Some(first == b.seen(scope)?.value())
}

/// `in`, for what can be searched.
fn contains(container: Seen<'_>, item: &Value) -> Option<bool> {
    if let Seen::Val(val) = &container
        && let Data::List(items) = &val.data
    {
        return Some(items.iter().any(|v| expose(v) == *item));
    }
    let container = container.value();
    if let Some(text) = container.as_str() {
        return Some(text.contains(item.as_str()?));
    }
    match container.kind() {
        ValueKind::Map => container.get_item(item).ok().map(|v| is_there(&v)),
        ValueKind::Seq | ValueKind::Iterable => {
            Some(container.try_iter().ok()?.any(|v| v == *item))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use minijinja::Value;

    use super::Plain;
    use crate::model::val::Val;
    use crate::profile::expr::Expr;
    use crate::profile::track::Scope;

    fn value(source: &str) -> Option<Value> {
        let root = Val::map([
            (
                "a",
                Val::map([("b", Val::text("x")), ("gone", Val::null())]),
            ),
            ("n", Val::new(3.into())),
            (
                "l",
                Val::list([Val::text("x"), Val::map([("k", Val::text("v"))])]),
            ),
        ]);
        let scope = Scope::new(root, Value::from(()));
        // In a debug build this compares with the engine.
        let whole = Expr::compile(source, None)
            .and_then(|e| e.eval(&scope))
            .ok();
        let plain = Plain::parse(source)?.eval(&scope);
        assert!(plain.is_none() || plain == whole, "{source}");
        plain
    }

    #[test]
    fn plain_expressions_have_the_value_that_the_engine_gives() {
        let cases = [
            "a.b",
            "a.gone",
            "n",
            "'t'",
            "7",
            "true",
            "none",
            "(a.b)",
            "not a.gone",
            "not not n",
            "a.gone or a.b",
            "a.b and n",
            "a.b and a.gone or n",
            "a.b == 'x'",
            "a.b != 'x' and n == 3",
            "n == 3.0 or true",
            "a.b == 'x' == true",
            "a.b in ['x', 'y']",
            "a.b not in ['x']",
            "n in [1, 2]",
            "'x' in a.b",
            "not a.b in ['x']",
            "a.gone is none",
            "a.b is not none",
            "a.gone is none or n",
            "not a.gone is none",
            "1 if a.gone else 2",
            "1 if a.b else 2 if n else 3",
            "a.b ~ '-' ~ n",
            "'x' ~ true",
            "a.b | upper ~ 'y'",
            "(a.b ~ 'y') | upper == 'XY'",
            "n + 1 if a.b else n - 1",
            "n < 4 and 2 <= n",
            "a['b'] == 'x'",
            "{'x': 1}[a.b] or 2",
            "[1, n] | max == n or n",
            "a.b | default('y') if n else a.gone",
            "l[0] == 'x' and l[1].k in l[1]['k']",
            "l | length > 1 and l | length <= 2",
            "n * 2 == 6 and n + 1 > n - 1",
            "l | list | length",
            "[n, 2] | sort(reverse=true) | join(',')",
            "([{'k': 'v'}, l[1]] | only('k', 'v') | first).k",
            "[l[1]] | map(attribute='k') | map('upper') | list",
            "n | text ~ '/' ~ true | text",
            "'90s' | seconds + n",
            "'x' in l and 'y' not in l and 'k' in l[1]",
            "{'a': n, a.b: 2}['x']",
            "l",
            "l and a",
            "l == ['x', {'k': 'v'}]",
            "n - 1 - 1",
            "n ~ 1 + 1 if n > 5 else 'b' ~ n * 2",
        ];
        for case in cases {
            let _ = value(case);
        }
        assert!(cases.iter().filter(|c| value(c).is_some()).count() > 28);
    }

    #[test]
    fn what_may_be_a_fault_is_left_to_the_engine() {
        for case in [
            "a.c",
            "b",
            "a.gone.x",
            "1 if a.gone",
            "a.b is defined",
            "'a' 'b'",
            "'\\n'",
            "-n",
            "1 <",
        ] {
            assert_eq!(value(case), None, "{case}");
        }
    }
}
