//! Expressions that name, compare, choose and join, evaluated without the engine.
//!
//! Most expressions of a profile do no more than that, and setting the engine up for each would be most of the time of a large run.
//! What is not plain is a leaf for the engine; whatever could be an error is left to it as a whole, so that the words stay its own.

use std::sync::{Arc, OnceLock};

use minijinja::Value;
use minijinja::value::Object;

use super::expr::Engine;
use super::track::Scope;

mod parse;

/// An expression, or a part of one.
#[derive(Debug)]
pub(super) enum Plain {
    /// A text, a number, true, false, none.
    Const(Value),
    /// A name of the scope, and the fields below it.
    Name(String, Vec<String>),
    Not(Box<Plain>),
    And(Box<Plain>, Box<Plain>),
    Or(Box<Plain>, Box<Plain>),
    /// `==`, or `!=` where it is false.
    Equal(Box<Plain>, Box<Plain>, bool),
    /// `in` a list of constants, or `not in` where it is false.
    Among(Box<Plain>, Vec<Value>, bool),
    /// `is none`, or `is not none` where it is false.
    Unset(Box<Plain>, bool),
    /// The first where the second holds, else the third.
    Choice(Box<[Plain; 3]>),
    /// Texts one after the other.
    Joined(Box<Plain>, Box<Plain>),
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
            Plain::Other(..) => false,
            Plain::Not(a) | Plain::Among(a, ..) | Plain::Unset(a, _) => a.whole(),
            Plain::And(a, b) | Plain::Or(a, b) | Plain::Equal(a, b, _) | Plain::Joined(a, b) => {
                a.whole() && b.whole()
            }
            Plain::Choice(parts) => parts.iter().all(Plain::whole),
        }
    }

    /// The value; `None` where a name is not there or the engine reports an error.
    pub(super) fn eval(&self, scope: &Arc<Scope>) -> Option<Value> {
        Some(match self {
            Plain::Const(value) => value.clone(),
            Plain::Name(name, fields) => {
                let mut at = scope.get_value_by_str(name)?;
                for field in fields {
                    at = at.get_attr(field).ok()?;
                }
                return (!at.is_undefined()).then_some(at);
            }
            Plain::Not(a) => Value::from(!a.eval(scope)?.is_true()),
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
            Plain::Equal(a, b, wanted) => {
                let first = a.eval(scope)?;
                Value::from((first == b.eval(scope)?) == *wanted)
            }
            Plain::Among(a, list, wanted) => {
                let value = a.eval(scope)?;
                Value::from(list.contains(&value) == *wanted)
            }
            Plain::Unset(a, wanted) => Value::from(a.eval(scope)?.is_none() == *wanted),
            Plain::Choice(parts) => {
                let [then, cond, otherwise] = &**parts;
                return if cond.eval(scope)?.is_true() {
                    then.eval(scope)
                } else {
                    otherwise.eval(scope)
                };
            }
            Plain::Joined(a, b) => {
                let first = a.eval(scope)?;
                Value::from(format!("{first}{}", b.eval(scope)?))
            }
            Plain::Other(source, compiled) => {
                let engine = compiled.get_or_init(|| Engine::compile(source).ok());
                return engine
                    .as_ref()?
                    .eval(scope)
                    .ok()
                    .filter(|v| !v.is_undefined());
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use minijinja::Value;

    use super::Plain;
    use crate::model::val::Val;
    use crate::profile::expr::Expr;
    use crate::profile::track::Scope;

    fn value(source: &str) -> Option<Value> {
        let scope = Arc::new(Scope {
            root: Val::map([
                (
                    "a",
                    Val::map([("b", Val::text("x")), ("gone", Val::null())]),
                ),
                ("n", Val::new(3.into())),
            ]),
            facts: Value::from(()),
            locals: Vec::new(),
        });
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
