//! An object of the base while transformations are applied to it.
//!
//! The tree is copied out of the document only when something changes it; most bases change nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::fields::is_cluster_scoped;
use super::messages;
use super::passing::is_resource_list;
use crate::diag::Diagnostics;
use crate::model::object::{BaseObject, ObjectId};
use crate::source::Span;
use crate::yaml::{Doc, Kind, Node};

/// The name of the namespace of objects that name none.
pub(crate) const DEFAULT: &str = "default";

/// An object with its history.
#[derive(Debug)]
pub(crate) struct Object {
    doc: Arc<Doc>,
    item: Option<usize>,
    written: ObjectId,
    span: Span,
    /// Identity after the transformations so far.
    pub id: ObjectId,
    /// Names before each transformation of names or namespaces, oldest first.
    pub names: Vec<String>,
    /// Prefixes that were added, innermost first.
    pub prefixes: Vec<String>,
    /// Suffixes that were added, innermost first.
    pub suffixes: Vec<String>,
    /// `config.kubernetes.io/local-config` is set: read, but not part of the result.
    pub local: bool,
    /// It has an empty map of annotations.
    bare: bool,
    value: Option<Value>,
    changed: bool,
}

impl Object {
    /// Whether kustomize takes it for cluster-scoped.
    pub(crate) fn is_cluster_scoped(&self) -> bool {
        is_cluster_scoped(self.id.group(), self.id.version(), &self.id.kind)
    }

    /// The namespace that counts for identity; none for cluster-scoped objects.
    pub(crate) fn effective_namespace(&self) -> Option<&str> {
        effective(self.is_cluster_scoped(), self.id.namespace.as_deref())
    }

    /// As [`Self::effective_namespace`], as written.
    pub(crate) fn written_namespace(&self) -> Option<&str> {
        effective(self.is_cluster_scoped(), self.written.namespace.as_deref())
    }

    /// Where its name is written.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// The tree, to be changed; `change` says whether it did.
    pub(crate) fn change(
        &mut self,
        change: impl FnOnce(&mut Value) -> Result<bool, String>,
    ) -> Result<(), String> {
        let value = match self.value.take() {
            Some(value) => self.value.insert(value),
            None => self.value.insert(node(&self.doc, self.item).to_value()),
        };
        self.changed |= change(value)?;
        Ok(())
    }

    /// Takes out empty annotations: kustomize keeps its notes there, and removes the map with them.
    pub(crate) fn drop_empty_annotations(&mut self) {
        let empty = match &self.value {
            Some(value) => value.pointer("/metadata/annotations").is_some_and(is_empty),
            None => self.bare,
        };
        if empty {
            let value = self
                .value
                .get_or_insert_with(|| node(&self.doc, self.item).to_value());
            if let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut) {
                meta.shift_remove("annotations");
                self.changed = true;
            }
        }
    }

    /// The finished object.
    pub(crate) fn finish(self) -> BaseObject {
        BaseObject {
            id: self.id,
            written: self.written,
            doc: self.doc,
            item: self.item,
            transformed: self.value.filter(|_| self.changed).map(Arc::new),
        }
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty)
}

fn effective(cluster: bool, namespace: Option<&str>) -> Option<&str> {
    if cluster {
        None
    } else {
        Some(namespace.filter(|n| !n.is_empty()).unwrap_or(DEFAULT))
    }
}

fn node(doc: &Doc, item: Option<usize>) -> Node<'_> {
    match item {
        None => doc.root(),
        Some(i) => doc
            .root()
            .get("items")
            .and_then(|n| n.items().nth(i))
            .unwrap_or_else(|| doc.root()),
    }
}

/// Adds the objects of one document: itself, or the items of a list. `passes_by` is asked for each, and told whether it is an item of
/// a function's input.
pub(crate) fn objects_of(
    doc: &Arc<Doc>,
    passes_by: impl Fn(Node<'_>, bool) -> bool,
    out: &mut Vec<Object>,
    diags: &mut Diagnostics,
) {
    let root = doc.root();
    if matches!(root.kind(), Kind::Map) && root.entries().next().is_none() {
        return;
    }
    let items = root
        .get("kind")
        .and_then(Node::as_str)
        .filter(|k| k.ends_with("List"))
        .and_then(|_| root.get("items"));
    let Some(items) = items else {
        if !passes_by(root, false) {
            out.extend(object(doc, root, None, diags));
        }
        return;
    };
    let given = is_resource_list(root);
    match items.kind() {
        Kind::List => {
            for (i, item) in items.items().enumerate().filter(|(_, n)| !n.is_null()) {
                let nested = item
                    .get("kind")
                    .and_then(Node::as_str)
                    .is_some_and(|k| k.ends_with("List"));
                if passes_by(item, given) {
                    continue;
                }
                if nested && item.get("items").is_some() {
                    diags.push(messages::nested_list(item.span()));
                } else {
                    out.extend(object(doc, item, Some(i), diags));
                }
            }
        }
        Kind::Null => {}
        other => diags.push(messages::items_not_a_list(items.span(), other.name())),
    }
}

fn object(
    doc: &Arc<Doc>,
    node: Node<'_>,
    item: Option<usize>,
    diags: &mut Diagnostics,
) -> Option<Object> {
    if !matches!(node.kind(), Kind::Map) {
        diags.push(messages::not_an_object(node.span(), node.kind().name()));
        return None;
    }
    let meta = node.get("metadata");
    let mut text = |from: Option<Node<'_>>, key: &str, field: &str| {
        let found = from.and_then(|n| n.get(key));
        let text = found.and_then(Node::as_str).filter(|s| !s.is_empty());
        if text.is_none() {
            let at = from.unwrap_or(node);
            let place = at.entries().next().map_or(at.span(), |(k, _)| k.span());
            diags.push(found.map_or_else(
                || messages::field_missing(place, field),
                |n| messages::field_not_text(n.span(), field, n.kind().name()),
            ));
        }
        text.map(str::to_owned)
    };
    let api_version = text(Some(node), "apiVersion", "apiVersion");
    let kind = text(Some(node), "kind", "kind");
    let name = text(meta, "name", "metadata.name");
    let namespace = match meta.and_then(|m| m.get("namespace")) {
        Some(n) if !n.is_null() => {
            if n.as_str().is_none() {
                diags.push(messages::field_not_text(
                    n.span(),
                    "metadata.namespace",
                    n.kind().name(),
                ));
            }
            n.as_str().filter(|s| !s.is_empty()).map(str::to_owned)
        }
        _ => None,
    };
    let annotations = meta.and_then(|m| m.get("annotations"));
    let local = annotations.and_then(|a| a.get("config.kubernetes.io/local-config"));
    let id = ObjectId {
        api_version: api_version?,
        kind: kind?,
        namespace,
        name: name?,
    };
    Some(Object {
        doc: Arc::clone(doc),
        item,
        written: id.clone(),
        span: meta
            .and_then(|m| m.get("name"))
            .map_or(node.span(), Node::span),
        id,
        names: Vec::new(),
        prefixes: Vec::new(),
        suffixes: Vec::new(),
        local: local.is_some_and(|n| n.as_str() != Some("false") && n.as_bool() != Some(false)),
        bare: annotations.is_some_and(|a| {
            a.is_null() || matches!(a.kind(), Kind::Map) && a.entries().next().is_none()
        }),
        // Finding an item again would walk the list from its start, for each item.
        value: item.map(|_| node.to_value()),
        changed: false,
    })
}

/// Reports objects with one identity; both places are shown.
pub(crate) fn report_duplicates(objects: &[Object], diags: &mut Diagnostics) {
    let mut seen: BTreeMap<(&str, &str, Option<&str>, &str), &Object> = BTreeMap::new();
    for object in objects {
        let key = (
            object.id.api_version.as_str(),
            object.id.kind.as_str(),
            object.effective_namespace(),
            object.id.name.as_str(),
        );
        match seen.get(&key) {
            Some(first) => diags.push(messages::duplicate_object(
                &object.id,
                object.span(),
                first.span(),
            )),
            None => {
                seen.insert(key, object);
            }
        }
    }
}
