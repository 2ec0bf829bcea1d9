//! Trees of a rule, evaluated into fields.
//!
//! Each field remembers which of the user's values it came from, for the trace and the books.

use std::borrow::Borrow;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::model::name::Name;
use crate::plan::Path;
use crate::profile::expr::{Expr, ExprError};
use crate::profile::rule::{Key, Tree};
use crate::profile::track::{self, Scope};
use crate::source::Span;

/// One field of an evaluated tree.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// Map keys from the top of the object.
    pub(super) path: Path,
    /// `None`: the field is removed.
    pub(super) value: Option<Value>,
    /// The user's values that were read for it.
    pub(super) reads: Vec<Span>,
}

/// An expression that failed, with its place.
pub(super) struct Failure {
    pub(super) error: ExprError,
    pub(super) span: Option<Span>,
}

/// All fields of the tree, in its order. Literal nulls remove; expressions that give none leave out.
pub(super) fn leaves(tree: &Tree, scope: &Arc<Scope>) -> Result<Vec<Leaf>, Failure> {
    let mut out = Vec::new();
    flatten(tree, scope, &mut Vec::new(), &mut out)?;
    Ok(out)
}

fn flatten(
    tree: &Tree,
    scope: &Arc<Scope>,
    path: &mut Path,
    out: &mut Vec<Leaf>,
) -> Result<(), Failure> {
    let start = track::mark();
    match tree {
        Tree::Map(fields) if !fields.is_empty() => {
            for (key, sub) in fields {
                let Some(key) = key_text(key, scope)? else {
                    continue;
                };
                path.push(key);
                flatten(sub, scope, path, out)?;
                path.pop();
            }
            return Ok(());
        }
        Tree::When {
            cond,
            then,
            otherwise,
        } => {
            let chosen = if holds(cond, scope)? {
                Some(then)
            } else {
                otherwise.as_ref()
            };
            let first = out.len();
            if let Some(sub) = chosen {
                let cond_reads = track::since(start);
                flatten(sub, scope, path, out)?;
                out[first..]
                    .iter_mut()
                    .for_each(|l| l.reads.extend(&cond_reads));
            }
            return Ok(());
        }
        Tree::Let { names, body } => {
            let mut inner = Arc::clone(scope);
            bind(&mut inner, names)?;
            let reads = track::since(start);
            let first = out.len();
            flatten(body, &inner, path, out)?;
            out[first..].iter_mut().for_each(|l| l.reads.extend(&reads));
            return Ok(());
        }
        Tree::Literal(Value::Null) => {
            out.push(Leaf {
                path: path.clone(),
                value: None,
                reads: Vec::new(),
            });
            return Ok(());
        }
        _ => {}
    }
    if let Some(value) = value(tree, scope)? {
        spread(value, &track::since(start), path, out);
    }
    Ok(())
}

/// A map that an expression gave is a set of fields, as if it stood in the tree.
fn spread(value: Value, reads: &[Span], path: &mut Path, out: &mut Vec<Leaf>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (k, v) in map {
                path.push(k.into());
                spread(v, reads, path, out);
                path.pop();
            }
        }
        Value::Null => {}
        value => out.push(Leaf {
            path: path.clone(),
            value: Some(value),
            reads: reads.to_vec(),
        }),
    }
}

/// The whole tree as one value; `None` when it is left out.
fn value(tree: &Tree, scope: &Arc<Scope>) -> Result<Option<Value>, Failure> {
    Ok(match tree {
        Tree::Literal(v) => Some(v.clone()).filter(|v| !v.is_null()),
        Tree::Expr(e) => {
            let found = e.json(scope).map_err(|error| Failure {
                error,
                span: e.span,
            })?;
            Some(found).filter(|v| !v.is_null())
        }
        Tree::Map(fields) => {
            let mut map = Map::with_capacity(fields.len());
            for (key, sub) in fields {
                let Some(key) = key_text(key, scope)? else {
                    continue;
                };
                if let Some(v) = value(sub, scope)? {
                    map.insert(key.to_string(), v);
                }
            }
            // A map whose every field was left out is left out; one that is written empty stays.
            (fields.is_empty() || !map.is_empty()).then_some(Value::Object(map))
        }
        Tree::List(items) => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                match item {
                    Tree::Each { .. } => {
                        if let Some(Value::Array(more)) = value(item, scope)? {
                            list.extend(more);
                        }
                    }
                    _ => list.extend(value(item, scope)?),
                }
            }
            (items.is_empty() || !list.is_empty()).then_some(Value::Array(list))
        }
        Tree::Each {
            name,
            over,
            when,
            body,
        } => {
            let mut list = Vec::new();
            for item in elements(over, scope)? {
                let inner = scope.with(name, item);
                if let Some(cond) = when
                    && !holds(cond, &inner)?
                {
                    continue;
                }
                match (&**body, value(body, &inner)?) {
                    (Tree::Each { .. }, Some(Value::Array(more))) => list.extend(more),
                    (_, item) => list.extend(item),
                }
            }
            (!list.is_empty()).then_some(Value::Array(list))
        }
        Tree::When {
            cond,
            then,
            otherwise,
        } => {
            let chosen = if holds(cond, scope)? {
                Some(then)
            } else {
                otherwise.as_ref()
            };
            match chosen {
                Some(sub) => value(sub, scope)?,
                None => None,
            }
        }
        Tree::Let { names, body } => {
            let mut inner = Arc::clone(scope);
            bind(&mut inner, names)?;
            value(body, &inner)?
        }
        Tree::Json(body) => value(body, scope)?.map(|v| Value::String(v.to_string())),
    })
}

/// Gives a scope names for the values of expressions, each of which sees the names before it.
pub(super) fn bind<E: Borrow<Expr>>(
    scope: &mut Arc<Scope>,
    names: &[(Name, E)],
) -> Result<(), Failure> {
    for (name, expr) in names {
        let expr: &Expr = expr.borrow();
        let value = expr.eval(scope).map_err(|error| Failure {
            error,
            span: expr.span,
        })?;
        *scope = scope.with(name, value);
    }
    Ok(())
}

fn key_text(key: &Key, scope: &Arc<Scope>) -> Result<Option<Name>, Failure> {
    Ok(match key {
        Key::Plain(s) => Some(s.clone()),
        Key::Expr(e) => {
            let v = e.eval(scope).map_err(|error| Failure {
                error,
                span: e.span,
            })?;
            (!v.is_none()).then(|| Name::from(v.to_string()))
        }
    })
}

fn holds(cond: &Expr, scope: &Arc<Scope>) -> Result<bool, Failure> {
    cond.holds(scope).map_err(|error| Failure {
        error,
        span: cond.span,
    })
}

/// The elements of a list expression; none for a list that is not set.
pub(super) fn elements(over: &Expr, scope: &Arc<Scope>) -> Result<Vec<minijinja::Value>, Failure> {
    over.elements(scope).map_err(|error| Failure {
        error,
        span: over.span,
    })
}
