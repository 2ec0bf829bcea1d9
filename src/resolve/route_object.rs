//! A rule of a route object of the base as a tree of the vocabulary, with the place of every value.
//!
//! Gateway API has more words than every controller understands; what the vocabulary has none for is named here, and nothing is left out.

use std::sync::Arc;

use super::foreign::Readings;
use super::grpc_route;
use super::messages;
use super::raw::RawRule;
use super::route_rule;
use crate::diag::Diagnostics;
use crate::model::name::{Name, Named};
use crate::model::object::BaseObject;
use crate::model::val::{Data, Val};
use crate::vocab::blank::Blank;
use crate::yaml::{Kind, Node};

/// Reads a rule of a route object: one rule of the model for each of its matches.
pub(crate) fn read(
    rule: Node<'_>,
    object: &BaseObject,
    empty: &Blank,
    out: &mut Vec<RawRule>,
    readings: &mut Readings,
    diags: &mut Diagnostics,
) {
    let calls = object.id.kind == "GRPCRoute";
    let before = diags.iter().count();
    only(
        rule,
        &["name", "matches", "filters", "backendRefs", "timeouts"],
        "of a rule",
        diags,
    );
    for entry in rule.get("matches").into_iter().flat_map(Node::items) {
        let known: &[&str] = if calls {
            grpc_route::MATCH
        } else {
            &["path", "headers", "queryParams", "method"]
        };
        only(entry, known, "of a match", diags);
    }
    for filter in rule.get("filters").into_iter().flat_map(Node::items) {
        check_filter(filter, empty, diags);
    }
    let backends = || rule.get("backendRefs").into_iter().flat_map(Node::items);
    backends().for_each(|b| check_backend(b, diags));
    let tree = if calls {
        grpc_route::rule(rule, diags)
    } else {
        tree(rule)
    };
    if diags.iter().count() > before {
        return;
    }
    if calls {
        for backend in backends() {
            let service = backend.get("name").and_then(Node::as_str);
            // The kind says it; the place of the name is the name's own.
            let kind = object.node().get("kind").map(Node::span);
            let spoken = Val::at(Data::Str("GRPC".into()), kind);
            readings.set(service, "protocol", spoken, diags);
        }
    }
    for (key, value) in rule.get("timeouts").into_iter().flat_map(Node::entries) {
        if key.as_str() != Some("request") {
            diags.push(messages::no_word(
                "a timeout of single attempts",
                key.span(),
                "`backendRequest`",
            ));
            continue;
        }
        for backend in backends() {
            let service = backend.get("name").and_then(Node::as_str);
            readings.set(service, "timeouts.request", self::tree(value), diags);
        }
    }
    route_rule::read(&tree, object.id.namespace.as_deref(), empty, out, diags);
}

fn only(node: Node<'_>, known: &[&str], of: &str, diags: &mut Diagnostics) {
    for (key, value) in node.entries() {
        let name = key.as_str().unwrap_or_default();
        if !known.contains(&name) {
            diags.push(messages::no_word(
                &format!("`{name}` {of}"),
                value.span(),
                name,
            ));
        }
    }
}

fn check_filter(filter: Node<'_>, empty: &Blank, diags: &mut Diagnostics) {
    let kind = filter.get("type").and_then(Node::as_str).unwrap_or("");
    let own = route_rule::field_of(kind);
    let Some(block) = filter.get(own).filter(|_| own != "type") else {
        let span = filter.get("type").unwrap_or(filter).span();
        diags.push(messages::no_word(
            &format!("the filter `{kind}`"),
            span,
            kind,
        ));
        return;
    };
    let known: Vec<&str> = match empty.words.get(own) {
        Some(shape) => shape.entries().map(|(k, _)| &**k).collect(),
        None => vec!["hostname", "path"],
    };
    only(block, &known, &format!("of the filter `{kind}`"), diags);
    if let Some(copy) = block.get("backendRef") {
        check_backend(copy, diags);
    }
}

fn check_backend(backend: Node<'_>, diags: &mut Diagnostics) {
    if backend
        .get("kind")
        .is_some_and(|k| k.as_str() != Some("Service"))
    {
        diags.push(messages::no_word(
            "a backend that is not a Service",
            backend.span(),
            "other backends",
        ));
    }
    if let Some(filters) = backend
        .get("filters")
        .filter(|f| f.items().next().is_some())
    {
        diags.push(messages::no_word(
            "filters of one backend",
            filters.span(),
            "filters of backends",
        ));
    }
}

/// A node with the place of every value.
pub(super) fn tree(node: Node<'_>) -> Arc<Val> {
    let data = match node.kind() {
        Kind::Map => {
            let mut map = Named::default();
            for (key, value) in node.entries() {
                map.insert(Name::read(key.as_str().unwrap_or_default()), tree(value));
            }
            Data::Map(map)
        }
        Kind::List => Data::List(node.items().map(tree).collect()),
        _ => crate::vocab::decode::from_json(&node.to_value()),
    };
    Val::at(data, Some(node.span()))
}
