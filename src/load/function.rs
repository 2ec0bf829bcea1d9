//! The input of a function as documents: its configuration, and those of edgegen among the items.
//!
//! Exposures and environments may come on any of these ways, so that a pipeline needs no file beside its own.

use super::messages;
use crate::base::{is_document, is_resource_list};
use crate::diag::Diagnostics;
use crate::yaml::{Doc, Node};

/// What the configuration may say of targets: under `data` of a ConfigMap, the form for functions without a kind of their own, and
/// as annotations `edgegen.io/...` of a document.
pub const SETTINGS: [&str; 3] = ["cloud", "target", "environment"];

/// The settings in a ConfigMap.
pub fn settings(config: Node<'_>) -> Option<Node<'_>> {
    let core = config.get("apiVersion").and_then(Node::as_str) == Some("v1");
    let data = config.get("data");
    data.filter(|_| core && kind(config) == Some("ConfigMap"))
}

/// The nodes of a document that may be documents of edgegen: its root, or those that the input of a function brings along.
pub fn roots(doc: &Doc) -> Vec<Node<'_>> {
    let root = doc.root();
    if !is_resource_list(root) {
        return vec![root];
    }
    let config = root.get("functionConfig");
    let config = config.filter(|c| !c.is_null() && settings(*c).is_none());
    let mut out: Vec<Node<'_>> = match config {
        Some(c) if is_function(c) => {
            let documents = c.at(&["spec", "documents"]);
            documents.into_iter().flat_map(Node::items).collect()
        }
        other => other.into_iter().collect(),
    };
    // Kustomize sends a generator its own configuration as an item, too.
    let name = |n: Node<'_>| {
        let name = n.at(&["metadata", "name"]).and_then(Node::as_str);
        name.map(str::to_owned)
    };
    let same =
        |item: Node<'_>| config.is_some_and(|c| kind(c) == kind(item) && name(c) == name(item));
    let items = root.get("items").into_iter().flat_map(Node::items);
    out.extend(items.filter(|i| is_document(*i) && !same(*i)));
    out
}

/// Reports what the configuration holds and nothing reads.
pub(super) fn configuration(doc: &Doc, diags: &mut Diagnostics) {
    let root = doc.root();
    let config = root
        .get("functionConfig")
        .filter(|_| is_resource_list(root));
    let Some(config) = config else { return };
    let (of, known): (_, &[&str]) = match settings(config) {
        Some(data) => (Some(data), &SETTINGS),
        None if is_function(config) => (config.get("spec"), &["documents"]),
        None => return,
    };
    for (key, _) in of.into_iter().flat_map(Node::entries) {
        if !key.as_str().is_some_and(|k| known.contains(&k)) {
            diags.push(messages::unknown_top(key));
        }
    }
}

/// Whether a configuration is the one that holds documents.
fn is_function(config: Node<'_>) -> bool {
    is_document(config) && kind(config) == Some("Function")
}

pub(super) fn kind(node: Node<'_>) -> Option<&str> {
    node.get("kind").and_then(Node::as_str)
}
