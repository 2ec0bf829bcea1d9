//! Kubernetes objects of the base and their identity.
//!
//! Base objects stay generic trees: typed structs would drop fields that they do not know, and a patch computed from them would delete users' data.

use std::sync::Arc;

use crate::source::Span;
use crate::yaml::{Doc, Node};

/// What identifies an object in a base or an overlay.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// `apps/v1`, `v1`, as written.
    pub api_version: String,
    /// `Ingress`.
    pub kind: String,
    /// Absent for cluster-scoped objects and for objects without a namespace in the text.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
}

impl ObjectId {
    /// The API group; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(g, _)| g)
    }

    /// The version without the group.
    pub fn version(&self) -> &str {
        self.api_version
            .split_once('/')
            .map_or(self.api_version.as_str(), |(_, v)| v)
    }

    /// `Ingress/bookstore`, as messages and traces show it.
    pub fn short(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }
}

impl std::fmt::Display for ObjectId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(ns) => write!(f, "{}/{}/{}", self.kind, ns, self.name),
            None => write!(f, "{}/{}", self.kind, self.name),
        }
    }
}

/// An object of the base as `kustomize build` of the base would give it.
#[derive(Debug, Clone)]
pub struct BaseObject {
    /// Identity after the base's own name and namespace transformations.
    pub id: ObjectId,
    /// Identity as written in the file.
    pub written: ObjectId,
    /// The document as written; spans of messages come from here.
    pub doc: Arc<Doc>,
    /// Position in `doc`'s root when the document is a `List`: index of the item.
    pub item: Option<usize>,
    /// The whole object after the base's transformations (namespace, prefix, suffix, labels, annotations), in the order of the text;
    /// `None` when no transformation changes it, so that the document itself is the object.
    pub transformed: Option<Arc<serde_json::Value>>,
}

impl BaseObject {
    /// The object's node as written.
    pub fn node(&self) -> Node<'_> {
        let root = self.doc.root();
        match self.item {
            None => root,
            Some(i) => root
                .get("items")
                .and_then(|n| n.items().nth(i))
                .unwrap_or(root),
        }
    }

    /// The object as the base's build gives it.
    pub fn value(&self) -> serde_json::Value {
        self.transformed
            .as_ref()
            .map_or_else(|| self.node().to_value(), |v| (**v).clone())
    }

    /// Where `metadata.name` stands.
    pub fn name_span(&self) -> Span {
        self.node()
            .at(&["metadata", "name"])
            .map_or_else(|| self.node().span(), Node::span)
    }
}
