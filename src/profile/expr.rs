//! Typed expressions at the leaves of profiles.
//!
//! minijinja serves as an expression engine only: no statement, no template text, no value of a user is ever evaluated.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use minijinja::value::{DynObject, ValueKind};
use minijinja::{Environment, Expression, UndefinedBehavior, Value};
use serde_json::{Map, Number};

use super::filters;
use super::plain::Plain;
use super::track::{self, Scope};
use crate::model::val::{Data, Val};
use crate::source::Span;

/// An expression, compiled once.
#[derive(Debug)]
pub struct Expr {
    /// As written in the profile, without the leading `=`.
    pub source: String,
    /// Where it stands in the profile.
    pub span: Option<Span>,
    /// What can be evaluated without the engine.
    plain: OnceLock<Option<Box<Plain>>>,
    /// The whole as the engine has it; made when first needed where all of it is plain.
    engine: OnceLock<Result<Engine, ExprError>>,
}

/// An expression as the engine has it.
#[derive(Debug)]
pub(crate) struct Engine(Box<Expression<'static, 'static>>);

/// Why an expression has no usable value; always a fault of the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprError {
    /// What is wrong.
    pub message: String,
    /// The bytes of the expression that it concerns, where they are known.
    pub range: Option<std::ops::Range<usize>>,
}

pub(super) fn engine() -> &'static Environment<'static> {
    static ENGINE: OnceLock<Environment<'static>> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_fuel(Some(50_000));
        filters::register(&mut env);
        env
    })
}

impl Expr {
    /// Compiles `source`.
    pub fn compile(source: &str, span: Option<Span>) -> Result<Self, ExprError> {
        let new = Self::later(source, span);
        if !new.parts().is_some_and(Plain::whole) {
            // Not when it is first evaluated: faults of syntax are found when a profile is read.
            new.engine()?;
        }
        Ok(new)
    }

    /// The same, compiled when it is first evaluated, and then its faults are found.
    pub fn later(source: &str, span: Option<Span>) -> Self {
        Self {
            source: source.to_owned(),
            span,
            plain: OnceLock::new(),
            engine: OnceLock::new(),
        }
    }

    /// Its parts, for who reads a rule backwards; none where only the engine knows them.
    pub(crate) fn parts(&self) -> Option<&Plain> {
        self.plain
            .get_or_init(|| Plain::parse(&self.source).map(Box::new))
            .as_deref()
    }

    /// Evaluates it. An undefined result is an error, also where the engine's own strictness does not reach.
    pub fn eval(&self, scope: &Arc<Scope>) -> Result<Value, ExprError> {
        let start = track::mark();
        if let Some(value) = self.parts().and_then(|p| p.eval(scope)) {
            debug_assert!(
                self.confirmed(|v| v.kind() == value.kind() && *v == value, start, scope),
                "`{}` is evaluated in another way than the engine does",
                self.source
            );
            return Ok(value);
        }
        track::rewind(start);
        let value = self.engine()?.eval(scope)?;
        if value.kind() == ValueKind::Undefined {
            return Err(ExprError {
                message: format!("`{}` is undefined", self.source),
                range: None,
            });
        }
        Ok(value)
    }

    /// Whether the engine gives the same value and reads the same: asked in debug builds, so that the examples of all rules are the test.
    fn confirmed(&self, agrees: impl Fn(&Value) -> bool, start: usize, scope: &Arc<Scope>) -> bool {
        let reads = track::since(start);
        track::rewind(start);
        let other = self.engine().and_then(|e| e.eval(scope));
        let same_reads = track::since(start) == reads;
        let same = other.is_ok_and(|v| agrees(&v));
        // Comparing two maps reads them.
        track::rewind(start + reads.len());
        same && same_reads
    }

    fn engine(&self) -> Result<&Engine, ExprError> {
        let compiled = self.engine.get_or_init(|| Engine::compile(&self.source));
        compiled.as_ref().map_err(Clone::clone)
    }

    /// Evaluates a condition.
    pub fn holds(&self, scope: &Arc<Scope>) -> Result<bool, ExprError> {
        let start = track::mark();
        if let Some(held) = self.parts().and_then(|p| p.holds(scope)) {
            debug_assert!(
                self.confirmed(|v| v.is_true() == held, start, scope),
                "`{}` is decided in another way than the engine does",
                self.source
            );
            return Ok(held);
        }
        track::rewind(start);
        Ok(self.eval(scope)?.is_true())
    }

    /// Evaluates it to a value of an object; a text is copied once.
    pub fn json(&self, scope: &Arc<Scope>) -> Result<serde_json::Value, ExprError> {
        if !cfg!(debug_assertions)
            && let Some(plain) = self.parts()
        {
            let start = track::mark();
            match plain.seen(scope) {
                Some(seen) => {
                    if let Some(text) = seen.text() {
                        return Ok(serde_json::Value::String(text.to_owned()));
                    }
                    return to_json(&seen.value());
                }
                None => track::rewind(start),
            }
        }
        to_json(&self.eval(scope)?)
    }

    /// The elements of a list; none of what is not set.
    pub fn elements(&self, scope: &Arc<Scope>) -> Result<Vec<Value>, ExprError> {
        let list = self.eval(scope)?;
        if list.is_none() {
            return Ok(Vec::new());
        }
        if let Some(val) = list.downcast_object_ref::<Val>() {
            return match &val.data {
                Data::List(items) => Ok(items.iter().map(track::expose).collect()),
                _ => Ok(val.entries().map(|(k, _)| Value::from(&**k)).collect()),
            };
        }
        match list.try_iter() {
            Ok(items) => Ok(items.collect()),
            Err(e) => Err(ExprError {
                message: e.to_string(),
                range: None,
            }),
        }
    }

    /// Dotted names that it uses and does not bind, sorted.
    pub fn names(&self) -> BTreeSet<String> {
        self.engine()
            .map(|e| e.0.undeclared_variables(true).into_iter().collect())
            .unwrap_or_default()
    }
}

impl Engine {
    pub(super) fn compile(source: &str) -> Result<Self, ExprError> {
        engine()
            .compile_expression_owned(source.to_owned())
            .map(|compiled| Self(Box::new(compiled)))
            .map_err(|e| error(&e))
    }

    /// The value, which may be undefined.
    pub(super) fn eval(&self, scope: &Arc<Scope>) -> Result<Value, ExprError> {
        self.0
            .eval(Value::from_dyn_object(DynObject::from(Arc::clone(scope))))
            .map_err(|e| error(&e))
    }
}

fn error(e: &minijinja::Error) -> ExprError {
    let message = e
        .detail()
        .map_or_else(|| e.kind().to_string(), |d| format!("{}: {d}", e.kind()));
    ExprError {
        message,
        range: e.range(),
    }
}

/// A result as a generic tree. Maps keep their order; undefined parts are errors.
pub fn to_json(value: &Value) -> Result<serde_json::Value, ExprError> {
    let fail = |what: &str| {
        Err(ExprError {
            message: format!("{what} is not a value of an object"),
            range: None,
        })
    };
    Ok(match value.kind() {
        ValueKind::None => serde_json::Value::Null,
        ValueKind::Bool => serde_json::Value::Bool(value.is_true()),
        ValueKind::Number if value.is_integer() => match value.as_i64() {
            Some(i) => i.into(),
            None => return fail("an integer beyond 64 bits"),
        },
        ValueKind::Number => {
            let float = f64::try_from(value.clone()).ok().and_then(Number::from_f64);
            match float {
                Some(n) => serde_json::Value::Number(n),
                None => return fail("a number that is not finite"),
            }
        }
        ValueKind::String => {
            serde_json::Value::String(value.as_str().unwrap_or_default().to_owned())
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().map_err(|e| error(&e))?;
            serde_json::Value::Array(items.map(|v| to_json(&v)).collect::<Result<_, _>>()?)
        }
        ValueKind::Map => {
            let keys = value.try_iter().map_err(|e| error(&e))?;
            let mut map = Map::new();
            for key in keys {
                let item = value.get_item(&key).map_err(|e| error(&e))?;
                map.insert(
                    key.as_str().map_or_else(|| key.to_string(), str::to_owned),
                    to_json(&item)?,
                );
            }
            serde_json::Value::Object(map)
        }
        _ => return fail("an undefined value"),
    })
}

/// A generic tree as a value for expressions.
pub fn from_json(value: &serde_json::Value) -> Value {
    track::expose(&Val::new(crate::vocab::decode::from_json(value)))
}

/// Text with expressions in braces: `` `{name}` has {count} ports ``.
#[derive(Debug)]
pub struct Text {
    /// As written.
    pub source: String,
    span: Option<Span>,
    parts: OnceLock<Vec<Part>>,
}

#[derive(Debug)]
enum Part {
    Plain(String),
    Expr(Expr),
}

/// A part of a text as it is written.
enum Piece<'s> {
    Plain(&'s str),
    Expr(&'s str),
}

impl Text {
    /// Compiles `source`; `{{` and `}}` stand for single braces.
    pub fn compile(source: &str, span: Option<Span>) -> Result<Self, ExprError> {
        let new = Self::later(source, span);
        for piece in pieces(source)? {
            if let Piece::Expr(source) = piece {
                Expr::compile(source, span)?;
            }
        }
        Ok(new)
    }

    /// The same, compiled when it is first shown. What is at fault then is shown as written.
    pub fn later(source: &str, span: Option<Span>) -> Self {
        Self {
            source: source.to_owned(),
            span,
            parts: OnceLock::new(),
        }
    }

    fn parts(&self) -> &[Part] {
        self.parts.get_or_init(|| {
            let Ok(pieces) = pieces(&self.source) else {
                return vec![Part::Plain(self.source.clone())];
            };
            let part = |piece| match piece {
                Piece::Plain(text) => Part::Plain(text.to_owned()),
                Piece::Expr(source) => Part::Expr(Expr::later(source, self.span)),
            };
            pieces.into_iter().map(part).collect()
        })
    }

    /// The expressions in it as they are written.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        let pieces = pieces(&self.source).unwrap_or_default();
        pieces.into_iter().filter_map(|p| match p {
            Piece::Expr(source) => Some(source),
            Piece::Plain(_) => None,
        })
    }

    /// The text with its expressions evaluated; an expression that fails is shown as written.
    pub fn render(&self, scope: &Arc<Scope>) -> String {
        let mut out = String::new();
        for part in self.parts() {
            match part {
                Part::Plain(s) => out.push_str(s),
                Part::Expr(e) => match e.eval(scope) {
                    Ok(v) if v.is_none() => out.push_str("not set"),
                    Ok(v) => out.push_str(&v.to_string()),
                    Err(_) => out.push_str(&e.source),
                },
            }
        }
        out
    }

    /// The expressions in it.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.parts().iter().filter_map(|p| match p {
            Part::Expr(e) => Some(e),
            Part::Plain(_) => None,
        })
    }
}

/// Cuts a text at its braces.
fn pieces(source: &str) -> Result<Vec<Piece<'_>>, ExprError> {
    let mut pieces = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['{', '}']) {
        let brace = &rest[at..=at];
        if rest[at + 1..].starts_with(brace) {
            pieces.push(Piece::Plain(&rest[..=at]));
            rest = &rest[at + 2..];
            continue;
        }
        let end = (brace == "{").then(|| rest[at..].find('}')).flatten();
        let Some(end) = end else {
            return Err(ExprError {
                message: format!("`{brace}` without its partner in `{source}`"),
                range: None,
            });
        };
        pieces.push(Piece::Plain(&rest[..at]));
        pieces.push(Piece::Expr(&rest[at + 1..at + end]));
        rest = &rest[at + end + 1..];
    }
    pieces.push(Piece::Plain(rest));
    Ok(pieces)
}
