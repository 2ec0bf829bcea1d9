//! Values as expressions see them, and the record of which of the user's values an expression read.
//!
//! This is what makes "lossless or loud" hold for profiles that others wrote: a field counts as used only when it was read.

use std::cell::RefCell;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr};

use crate::model::val::{Data, Val};
use crate::source::Span;

thread_local! {
    static READS: RefCell<Vec<Span>> = const { RefCell::new(Vec::new()) };
}

/// Forgets what was read so far on this thread.
pub fn clear() {
    READS.with_borrow_mut(Vec::clear);
}

/// How much was read so far; a mark for [`since`].
pub fn mark() -> usize {
    READS.with_borrow(Vec::len)
}

/// Forgets what was read since a mark.
pub fn rewind(mark: usize) {
    READS.with_borrow_mut(|r| r.truncate(mark));
}

/// Places of the user's values that were read since a mark.
pub fn since(mark: usize) -> Vec<Span> {
    READS.with_borrow(|r| r.get(mark..).unwrap_or_default().to_vec())
}

/// Notes that a value was read without an expression, and all that is below it.
pub fn touch(val: &Val) {
    match &val.data {
        Data::List(items) => items.iter().for_each(|v| touch(v)),
        Data::Map(map) => map.values().for_each(|v| touch(v)),
        Data::Null => {}
        _ => {
            if let Some(span) = val.span {
                READS.with_borrow_mut(|r| r.push(span));
            }
        }
    }
}

/// A value for an expression: leaves as plain values, noted as read; maps and lists as objects that note when their leaves are read.
pub fn expose(val: &Arc<Val>) -> Value {
    match &val.data {
        Data::Null => Value::from(()),
        Data::List(_) | Data::Map(_) => Value::from_dyn_object(DynObject::from(Arc::clone(val))),
        leaf => {
            touch(val);
            match leaf {
                Data::Bool(b) => Value::from(*b),
                Data::Int(i) => Value::from(*i),
                Data::Float(f) => Value::from(*f),
                Data::Str(s) => Value::from(Arc::clone(s)),
                _ => Value::from(()),
            }
        }
    }
}

impl Object for Val {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if matches!(self.data, Data::List(_)) {
            ObjectRepr::Seq
        } else {
            ObjectRepr::Map
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match &self.data {
            Data::List(items) => items.get(key.as_usize()?).map(expose),
            Data::Map(_) => self.get_value_by_str(key.as_str()?),
            _ => None,
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.get(key).map(expose)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &self.data {
            Data::List(items) => Enumerator::Seq(items.len()),
            Data::Map(map) => Enumerator::Values(map.keys().map(|k| Value::from(&**k)).collect()),
            _ => Enumerator::Empty,
        }
    }
}

/// The names that an expression can use: the edge, the profile's facts, and the names that a rule binds.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The edge's context.
    pub root: Arc<Val>,
    /// `facts` of the profile.
    pub facts: Value,
    /// Names bound by `each` and `let`, the innermost last.
    pub locals: Vec<(Arc<str>, Value)>,
}

impl Scope {
    /// A copy with one more name.
    #[must_use]
    pub fn with(&self, name: &str, value: Value) -> Self {
        let mut next = self.clone();
        next.locals.push((name.into(), value));
        next
    }

    /// The value with its place at a dotted path such as `backend.healthCheck.interval`, without noting that it was read.
    pub fn locate(&self, path: &str) -> Option<Arc<Val>> {
        let mut steps = path.split('.');
        let first = steps.next()?;
        let mut at = match self.locals.iter().rev().find(|(n, _)| &**n == first) {
            Some((_, v)) => v.downcast_object::<Val>()?,
            None => Arc::clone(self.root.get(first)?),
        };
        for step in steps {
            at = Arc::clone(at.get(step)?);
        }
        Some(at)
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if let Some((_, v)) = self.locals.iter().rev().find(|(n, _)| &**n == key) {
            return Some(v.clone());
        }
        if key == "facts" {
            return Some(self.facts.clone());
        }
        self.root.get(key).map(expose)
    }
}
