//! A tree of values in which every leaf knows where the user wrote it.
//!
//! Exposure, environment and edge are such trees: messages point into the user's text, and the engine can tell which fields a profile read.

use std::sync::Arc;

use super::name::{Name, Named};
use crate::source::Span;

/// A value and the place that it was written at.
#[derive(Debug, Clone, PartialEq)]
pub struct Val {
    /// The value.
    pub data: Data,
    /// Where the value stands in a document; absent for defaults and for what edgegen computed.
    pub span: Option<Span>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Not set.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Str(Arc<str>),
    /// A list.
    List(Vec<Arc<Val>>),
    /// A map in the order of the vocabulary or of the text.
    Map(Named<Arc<Val>>),
}

impl Val {
    /// A value that nobody wrote.
    pub fn new(data: Data) -> Arc<Self> {
        Arc::new(Self { data, span: None })
    }

    /// A value and its place.
    pub fn at(data: Data, span: Option<Span>) -> Arc<Self> {
        Arc::new(Self { data, span })
    }

    /// Not set.
    pub fn null() -> Arc<Self> {
        Self::new(Data::Null)
    }

    /// Text that nobody wrote.
    pub fn text(text: impl Into<Arc<str>>) -> Arc<Self> {
        Self::new(Data::Str(text.into()))
    }

    /// A map that nobody wrote.
    pub fn map<K: Into<Name>>(entries: impl IntoIterator<Item = (K, Arc<Val>)>) -> Arc<Self> {
        Self::new(Data::Map(
            entries.into_iter().map(|(k, v)| (k.into(), v)).collect(),
        ))
    }

    /// A list that nobody wrote.
    pub fn list(items: impl IntoIterator<Item = Arc<Val>>) -> Arc<Self> {
        Self::new(Data::List(items.into_iter().collect()))
    }

    /// Whether it is not set.
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// The value under `key` of a map.
    pub fn get(&self, key: &str) -> Option<&Arc<Val>> {
        match &self.data {
            Data::Map(m) => m.get(key),
            _ => None,
        }
    }

    /// The value at a dotted path of map keys; `None` where a step is absent or null.
    pub fn find(&self, path: &str) -> Option<&Arc<Val>> {
        let mut steps = path.split('.');
        let mut at = self.get(steps.next()?)?;
        for step in steps {
            at = at.get(step)?;
        }
        (!at.is_null()).then_some(at)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.data {
            Data::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// The value of an integer.
    pub fn as_int(&self) -> Option<i64> {
        match self.data {
            Data::Int(i) => Some(i),
            _ => None,
        }
    }

    /// The value without its places, as JSON-like text; equal for values that say the same.
    pub fn canonical(&self) -> String {
        match &self.data {
            Data::Null => "null".to_owned(),
            Data::Bool(b) => b.to_string(),
            Data::Int(i) => i.to_string(),
            Data::Float(f) => f.to_string(),
            Data::Str(s) => format!("{s:?}"),
            Data::List(items) => {
                let items: Vec<String> = items.iter().map(|v| v.canonical()).collect();
                format!("[{}]", items.join(","))
            }
            Data::Map(map) => {
                let mut entries: Vec<String> = map
                    .iter()
                    .filter(|(_, v)| !v.is_null())
                    .map(|(k, v)| format!("{:?}:{}", &**k, v.canonical()))
                    .collect();
                entries.sort();
                format!("{{{}}}", entries.join(","))
            }
        }
    }

    /// Elements of a list; nothing for other kinds.
    pub fn items(&self) -> &[Arc<Val>] {
        match &self.data {
            Data::List(l) => l,
            _ => &[],
        }
    }

    /// Entries of a map; nothing for other kinds.
    pub fn entries(&self) -> impl Iterator<Item = (&Name, &Arc<Val>)> {
        match &self.data {
            Data::Map(m) => Some(m.iter()),
            _ => None,
        }
        .into_iter()
        .flatten()
    }
}

impl From<bool> for Data {
    fn from(b: bool) -> Self {
        Data::Bool(b)
    }
}

impl From<i64> for Data {
    fn from(i: i64) -> Self {
        Data::Int(i)
    }
}

impl From<&str> for Data {
    fn from(s: &str) -> Self {
        Data::Str(s.into())
    }
}

impl From<String> for Data {
    fn from(s: String) -> Self {
        Data::Str(s.into())
    }
}
