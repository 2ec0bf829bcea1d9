//! YAML and JSON texts as trees with byte spans, read the way kustomize reads them, and the canonical writer.
//!
//! Knows nothing of Kubernetes or of exposures. Only the reader's own files touch the parser crate, so that it can be exchanged.

use std::sync::Arc;

use serde_json::{Map, Number, Value};

use crate::source::{SourceId, Span};

mod build;
mod leaf;
mod maps;
mod problem;
mod quick;
pub mod read;
pub mod scalar;
mod split;
mod syntax;
mod tags;
mod text_checks;
pub mod write;

/// One document: an arena of nodes over the text that it came from.
#[derive(Debug, Clone)]
pub struct Doc {
    /// The text.
    pub source: SourceId,
    /// From the first byte after the document marker to the next marker or the end; what a stream passes through unchanged.
    pub span: Span,
    pub(crate) text: Arc<str>,
    pub(crate) nodes: Vec<NodeData>,
    pub(crate) owned: Vec<Box<str>>,
}

/// What a node is, before its scalar is resolved to text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Repr {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    /// The value is exactly these bytes of the text.
    Borrowed(u32, u32),
    /// The value was folded or unescaped: index into `owned`.
    Owned(u32),
    List,
    /// Children come in pairs: key, value.
    Map,
}

/// A node of the arena. Children of a list or map form a chain: `first`, then `next`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NodeData {
    pub(crate) repr: Repr,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) first: u32,
    pub(crate) next: u32,
}

/// "No node" in the chains of the arena.
pub(crate) const NONE: u32 = u32::MAX;

/// A node of a document.
#[derive(Debug, Clone, Copy)]
pub struct Node<'d> {
    doc: &'d Doc,
    id: u32,
}

/// What a node holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind<'d> {
    /// `null`, `~`, or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer beyond `i64`.
    UInt(u64),
    /// A finite number with a fraction or exponent.
    Float(f64),
    /// Text.
    Str(&'d str),
    /// A list.
    List,
    /// A map.
    Map,
}

impl Kind<'_> {
    /// The name that messages use for it.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a boolean",
            Kind::Int(_) | Kind::UInt(_) => "an integer",
            Kind::Float(_) => "a number",
            Kind::Str(_) => "a string",
            Kind::List => "a list",
            Kind::Map => "a map",
        }
    }
}

impl Doc {
    /// The outermost node.
    pub fn root(&self) -> Node<'_> {
        Node { doc: self, id: 0 }
    }

    /// The text that spans point into.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<'d> Node<'d> {
    /// What it holds.
    pub fn kind(self) -> Kind<'d> {
        match self.data().repr {
            Repr::Null => Kind::Null,
            Repr::Bool(b) => Kind::Bool(b),
            Repr::Int(i) => Kind::Int(i),
            Repr::UInt(u) => Kind::UInt(u),
            Repr::Float(f) => Kind::Float(f),
            Repr::Borrowed(a, b) => Kind::Str(&self.doc.text[a as usize..b as usize]),
            Repr::Owned(i) => Kind::Str(&self.doc.owned[i as usize]),
            Repr::List => Kind::List,
            Repr::Map => Kind::Map,
        }
    }

    /// Where it stands. A quoted scalar's span includes the quotes.
    pub fn span(self) -> Span {
        let d = self.data();
        Span {
            source: self.doc.source,
            start: d.start,
            end: d.end,
        }
    }

    /// The scalar as the user wrote it, quotes included.
    pub fn text(self) -> &'d str {
        let d = self.data();
        self.doc
            .text
            .get(d.start as usize..d.end as usize)
            .unwrap_or("")
    }

    /// The text of a string.
    pub fn as_str(self) -> Option<&'d str> {
        match self.kind() {
            Kind::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// The value of an integer that fits `i64`.
    pub fn as_int(self) -> Option<i64> {
        match self.kind() {
            Kind::Int(i) => Some(i),
            _ => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(self) -> bool {
        matches!(self.data().repr, Repr::Null)
    }

    /// Elements of a list; nothing for other kinds.
    pub fn items(self) -> impl Iterator<Item = Node<'d>> {
        let first = if matches!(self.data().repr, Repr::List) {
            self.data().first
        } else {
            NONE
        };
        Chain {
            doc: self.doc,
            at: first,
        }
    }

    /// Keys and values of a map, in the order of the text; nothing for other kinds.
    pub fn entries(self) -> impl Iterator<Item = (Node<'d>, Node<'d>)> {
        let first = if matches!(self.data().repr, Repr::Map) {
            self.data().first
        } else {
            NONE
        };
        let mut chain = Chain {
            doc: self.doc,
            at: first,
        };
        std::iter::from_fn(move || Some((chain.next()?, chain.next()?)))
    }

    /// The value under `key` of a map.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        self.entry(key).map(|(_, v)| v)
    }

    /// Key and value under `key` of a map.
    pub fn entry(self, key: &str) -> Option<(Node<'d>, Node<'d>)> {
        self.entries().find(|(k, _)| k.as_str() == Some(key))
    }

    /// The value at a path of map keys.
    pub fn at(self, path: &[&str]) -> Option<Node<'d>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// A copy as a generic tree, in the order of the text.
    pub fn to_value(self) -> Value {
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::Bool(b) => Value::Bool(b),
            Kind::Int(i) => Value::Number(i.into()),
            Kind::UInt(u) => Value::Number(u.into()),
            Kind::Float(f) => Number::from_f64(f).map_or(Value::Null, Value::Number),
            Kind::Str(s) => Value::String(s.to_owned()),
            Kind::List => Value::Array(self.items().map(Node::to_value).collect()),
            Kind::Map => Value::Object(
                self.entries()
                    .map(|(k, v)| (k.as_str().unwrap_or_default().to_owned(), v.to_value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    fn data(self) -> &'d NodeData {
        &self.doc.nodes[self.id as usize]
    }
}

struct Chain<'d> {
    doc: &'d Doc,
    at: u32,
}

impl<'d> Iterator for Chain<'d> {
    type Item = Node<'d>;

    fn next(&mut self) -> Option<Node<'d>> {
        if self.at == NONE {
            return None;
        }
        let node = Node {
            doc: self.doc,
            id: self.at,
        };
        self.at = node.data().next;
        Some(node)
    }
}
