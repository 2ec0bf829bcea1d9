//! Filters of plain expressions.
//!
//! The most frequent ones are called at once; the others by their names in the engine's table, but without its machine.

use std::cell::RefCell;
use std::fmt::Write;
use std::sync::Arc;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{State, Value};

use super::super::expr::engine;
use super::super::filters;
use super::super::track::{Scope, Seen, expose};
use super::Plain;
use crate::model::val::{Data, Val};

thread_local! {
    /// What filters are called with; they keep nothing in it.
    static STATE: RefCell<Option<State<'static, 'static>>> = const { RefCell::new(None) };
}

/// A filter's result.
pub(super) fn filtered(
    of: Seen<'_>,
    name: &str,
    args: &[Plain],
    named: &[(String, Plain)],
    scope: &Arc<Scope>,
) -> Option<Value> {
    let list = match &of {
        Seen::Val(val) => match &val.data {
            Data::List(items) => Some(items),
            _ => None,
        },
        Seen::Value(_) => None,
    };
    match (name, list, args, named) {
        ("length", Some(items), [], []) => return Some(Value::from(items.len())),
        ("first", Some(items), [], []) => return items.first().map(expose),
        ("list", Some(items), [], []) => return Some(items.iter().map(expose).collect()),
        ("text", _, [], []) => return Some(filters::text(of.value())),
        ("seconds", None, [], []) => {
            return filters::seconds(of.text()?).ok().map(Value::from);
        }
        ("capped", None, [], []) => return Some(Value::from(filters::capped_at(of.text()?, 63))),
        ("slug", None, [], []) => return Some(Value::from(filters::slug(of.text()?))),
        ("digest", _, [], []) => return filters::digest(of.value()).ok().map(Value::from),
        ("json", _, [], []) => return filters::json(of.value()).ok().map(Value::from),
        ("only", Some(items), [Plain::Const(field), wanted], []) => {
            return only(items, field.as_str()?, &wanted.eval(scope)?);
        }
        ("map", Some(items), [], [(what, Plain::Const(field)), more @ ..])
            if what == "attribute" && more.len() < 2 =>
        {
            let field = field.as_str().filter(|f| !f.contains('.'))?;
            let instead = match more {
                [(what, Plain::Const(value))] if what == "default" => Some(value),
                [] => None,
                _ => return None,
            };
            let one = |v: &Arc<Val>| v.get(field).map(expose).or_else(|| instead.cloned());
            let values: Option<Vec<Value>> = items.iter().map(one).collect();
            return values.map(Value::from);
        }
        _ => {}
    }
    let of = of.value();
    match (name, of.kind(), args, named) {
        ("length", ValueKind::Seq, [], []) => return of.len().map(Value::from),
        ("first", ValueKind::Seq, [], []) => return of.try_iter().ok()?.next(),
        ("list", ValueKind::Seq, [], []) => return Some(of.try_iter().ok()?.collect()),
        ("join", ValueKind::Seq, [Plain::Const(between)], []) => {
            return joined(&of, between.as_str()?);
        }
        ("join", ValueKind::Seq, [], []) => return joined(&of, ""),
        _ => {}
    }
    let mut values = Vec::with_capacity(args.len() + 2);
    values.push(of);
    for arg in args {
        values.push(arg.eval(scope)?);
    }
    if !named.is_empty() {
        let named: Option<Kwargs> = named
            .iter()
            .map(|(name, arg)| Some((name.clone(), arg.eval(scope)?)))
            .collect();
        values.push(Value::from(named?));
    }
    STATE.with_borrow_mut(|state| {
        let state = state.get_or_insert_with(|| engine().empty_state());
        state.apply_filter(name, &values).ok()
    })
}

/// The value, or another where a map has no such field.
pub(super) fn or_instead(of: &Plain, instead: &Value, scope: &Arc<Scope>) -> Option<Value> {
    let found = match of {
        Plain::Item(a, b) => {
            let from = a.eval(scope)?;
            from.get_item(&b.eval(scope)?).ok()?
        }
        Plain::Name(name, fields) => {
            if let Some(seen) = scope.seen(name, fields) {
                return Some(seen.value());
            }
            let (last, above) = fields.split_last()?;
            scope.seen(name, above)?.value().get_attr(last).ok()?
        }
        _ => of.eval(scope)?,
    };
    Some(if found.is_undefined() {
        instead.clone()
    } else {
        found
    })
}

fn joined(list: &Value, between: &str) -> Option<Value> {
    let mut out = String::new();
    for (i, item) in list.try_iter().ok()?.enumerate() {
        if i > 0 {
            out.push_str(between);
        }
        match item.as_str() {
            Some(text) => out.push_str(text),
            None => write!(out, "{item}").ok()?,
        }
    }
    Some(Value::from(out))
}

/// The items whose field has the value.
fn only(items: &[Arc<Val>], field: &str, wanted: &Value) -> Option<Value> {
    let mut out = Vec::new();
    for item in items {
        let Data::Map(map) = &item.data else {
            return None;
        };
        let found = Seen::Val(map.get(field)?);
        let same = match (found.text(), wanted.as_str()) {
            (Some(text), Some(wanted)) => text == wanted,
            (Some(_), None) => false,
            (None, _) => found.value() == *wanted,
        };
        if same {
            out.push(expose(item));
        }
    }
    Some(Value::from(out))
}
