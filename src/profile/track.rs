//! Values as expressions see them, and the record of which of the user's values an expression read.
//!
//! This is what makes "lossless or loud" hold for profiles that others wrote: a field counts as used only when it was read.

use std::cell::RefCell;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr};

use crate::model::name::Name;
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

/// The same, looked at in place. Nothing is read meanwhile.
pub fn read_since<T>(mark: usize, look: impl FnOnce(&[Span]) -> T) -> T {
    READS.with_borrow(|r| look(r.get(mark..).unwrap_or_default()))
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

    fn is_true(self: &Arc<Self>) -> bool {
        match &self.data {
            Data::List(items) => !items.is_empty(),
            Data::Map(map) => !map.is_empty(),
            _ => true,
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        match &self.data {
            Data::List(items) => Some(items.len()),
            Data::Map(map) => Some(map.len()),
            _ => Some(0),
        }
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
#[derive(Debug)]
pub struct Scope {
    ground: Arc<Ground>,
    /// The name bound last, and the scope that it was bound in.
    local: Option<(Name, Value, Arc<Scope>)>,
}

/// What all scopes of one run have in common.
#[derive(Debug)]
struct Ground {
    /// The edge's context.
    root: Arc<Val>,
    /// `facts` of the profile.
    facts: Value,
}

impl Scope {
    /// The scope of an edge and of the constants of a profile.
    pub fn new(root: Arc<Val>, facts: Value) -> Arc<Self> {
        let ground = Arc::new(Ground { root, facts });
        Arc::new(Self {
            ground,
            local: None,
        })
    }

    /// The same with one more name, by `each` or `let`; it hides an outer one.
    #[must_use]
    pub fn with(self: &Arc<Self>, name: &Name, value: Value) -> Arc<Self> {
        Arc::new(Self {
            ground: Arc::clone(&self.ground),
            local: Some((name.clone(), value, Arc::clone(self))),
        })
    }

    /// The edge's context.
    pub fn root(&self) -> &Arc<Val> {
        &self.ground.root
    }

    /// The value of a name that `each` or `let` bound.
    pub fn local(&self, name: &str) -> Option<&Value> {
        let mut at = self;
        while let Some((known, value, outer)) = &at.local {
            if **known == *name {
                return Some(value);
            }
            at = outer;
        }
        None
    }

    /// The value with its place at a dotted path such as `backend.healthCheck.interval`, without noting that it was read.
    pub fn locate(&self, path: &str) -> Option<Arc<Val>> {
        let mut steps = path.split('.');
        let first = steps.next()?;
        let mut at = match (self.local(first), steps.clone().next()) {
            (Some(value), None) => return value.downcast_object::<Val>(),
            (Some(value), Some(second)) => {
                steps.next();
                value.downcast_object_ref::<Val>()?.get(second)?
            }
            (None, _) => self.root().get(first)?,
        };
        for step in steps {
            at = at.get(step)?;
        }
        Some(Arc::clone(at))
    }

    /// A name and the fields below it, not copied; what is read at its end is not noted yet.
    pub(super) fn seen<'s>(&'s self, name: &str, fields: &[String]) -> Option<Seen<'s>> {
        let bound = match self.local(name) {
            None if name == "facts" => Some(&self.ground.facts),
            local => local,
        };
        let Some(value) = bound else {
            return below(self.root().get(name)?, fields).map(Seen::Val);
        };
        let Some((first, more)) = fields.split_first() else {
            return Some(Seen::Value(value.clone()));
        };
        if let Some(val) = value.downcast_object_ref::<Val>() {
            return below(val.get(first)?, more).map(Seen::Val);
        }
        let at = fields
            .iter()
            .try_fold(value.clone(), |at, field| at.get_attr(field).ok())?;
        (!at.is_undefined()).then_some(Seen::Value(at))
    }
}

fn below<'v>(mut at: &'v Arc<Val>, fields: &[String]) -> Option<&'v Arc<Val>> {
    for field in fields {
        at = at.get(field)?;
    }
    Some(at)
}

/// What a plain expression looks at.
pub(super) enum Seen<'s> {
    /// A value of the edge or of the facts.
    Val(&'s Arc<Val>),
    /// A computed value.
    Value(Value),
}

impl Seen<'_> {
    /// The value as expressions have it; noted as read.
    pub(super) fn value(self) -> Value {
        match self {
            Seen::Val(val) => expose(val),
            Seen::Value(value) => value,
        }
    }

    /// Whether it counts as true; a leaf is noted as read.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Seen::Value(value) => value.is_true(),
            Seen::Val(val) => match &val.data {
                Data::List(items) => !items.is_empty(),
                Data::Map(map) => !map.is_empty(),
                leaf => {
                    touch(val);
                    match leaf {
                        Data::Bool(b) => *b,
                        Data::Int(i) => *i != 0,
                        Data::Float(f) => *f != 0.0,
                        Data::Str(s) => !s.is_empty(),
                        _ => false,
                    }
                }
            },
        }
    }

    /// Whether nothing is set; a leaf is noted as read.
    pub(super) fn is_none(&self) -> bool {
        match self {
            Seen::Value(value) => value.is_none(),
            Seen::Val(val) => {
                if !matches!(val.data, Data::List(_) | Data::Map(_)) {
                    touch(val);
                }
                val.is_null()
            }
        }
    }

    /// The text, where it is one; noted as read.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Seen::Value(value) => value.as_str(),
            Seen::Val(val) => {
                let text = val.as_str()?;
                touch(val);
                Some(text)
            }
        }
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if let Some(value) = self.local(key) {
            return Some(value.clone());
        }
        if key == "facts" {
            return Some(self.ground.facts.clone());
        }
        self.root().get(key).map(expose)
    }
}
