//! What a stream holds besides the application: it passes by, unread and unchanged.
//!
//! Charts and functions send more through the pipe than the objects that a cluster serves; these are theirs, not the base's.

use crate::yaml::Node;

/// On each hook of a chart: it runs beside the release, may be there twice, and is never patched.
const HOOK: &str = "helm.sh/hook";
/// On what a pipeline of functions keeps to itself.
const LOCAL: &str = "config.kubernetes.io/local-config";

/// Whether an object of a stream is none of the application's. `given`: it is an item of a function's input.
pub fn passes_by(node: Node<'_>, given: bool) -> bool {
    let annotation = |key| node.at(&["metadata", "annotations", key]);
    let local = || {
        annotation(LOCAL).is_some_and(|n| n.as_str() != Some("false") && n.as_bool() != Some(false))
    };
    is_document(node) || annotation(HOOK).is_some() || given && local()
}

/// Whether a node is a document of edgegen.
pub fn is_document(node: Node<'_>) -> bool {
    node.get("apiVersion")
        .and_then(Node::as_str)
        .is_some_and(|v| v.starts_with("edgegen.io/"))
}

/// Whether a document is the input of a function, as kustomize and kpt send it.
pub fn is_resource_list(root: Node<'_>) -> bool {
    root.get("kind").and_then(Node::as_str) == Some("ResourceList")
        && root
            .get("apiVersion")
            .and_then(Node::as_str)
            .is_some_and(|v| v.starts_with("config.kubernetes.io/"))
}
