//! Reading keys: `keys.yaml`.
//!
//! The vocabulary of a controller's annotations.

use super::super::keys::{Form, KeyInfo};
use super::super::messages;
use super::Fields;
use crate::diag::Diagnostics;
use crate::vocab::Pattern;
use crate::yaml::Node;

/// Reads `keys.yaml`.
pub fn keys(node: Node<'_>, diags: &mut Diagnostics) -> Vec<KeyInfo> {
    node.items().map(|n| key(n, diags)).collect()
}

fn key(node: Node<'_>, diags: &mut Diagnostics) -> KeyInfo {
    let mut f = Fields::new(node);
    let pattern = f.text("pattern").map(|p| Pattern::new(&p));
    let (min, max) = (
        f.get("min").and_then(Node::as_int),
        f.get("max").and_then(Node::as_int),
    );
    let words = f.texts("words");
    let form = match f.text("form").as_deref() {
        Some("boolean") => Form::Boolean,
        Some("integer") => Form::Integer(min, max),
        Some("words") => Form::Words(words),
        Some("list") => Form::List,
        Some("pairs") => Form::Pairs,
        Some("json") => Form::Json,
        Some("text") | None => Form::Text(pattern),
        Some(other) => {
            diags.push(messages::unknown_form(node, other));
            Form::Text(None)
        }
    };
    let out = KeyInfo {
        key: f.need("key", diags),
        kinds: f.texts("kinds"),
        form,
        since: f.text("since"),
        component: f.text("component"),
        deprecated: f.text("deprecated"),
        never: f.text("never"),
        refused: f.text("refused"),
        only: f.text("override"),
        beside: f.texts("beside"),
        excludes: f.texts("excludes"),
        note: f.text("note").unwrap_or_default(),
        span: node.span(),
    };
    f.finish(diags);
    out
}
