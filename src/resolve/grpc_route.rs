//! A rule of a GRPCRoute in the words of an HTTPRoute: a method of a service is a path.
//!
//! gRPC is HTTP/2 in which every call has the path `/service/method`, so that one model holds both and every target that has paths has gRPC.

use std::sync::Arc;

use super::messages;
use super::raw::RawRoute;
use super::route_object::tree;
use crate::diag::Diagnostics;
use crate::model::edge::At;
use crate::model::name::{Name, Named};
use crate::model::val::{Data, Val};
use crate::source::Span;
use crate::yaml::Node;

/// Fields of a match that are read here.
pub(super) const MATCH: &[&str] = &["method", "headers"];

/// A rule as one of an HTTPRoute; what has no path is reported.
pub(super) fn rule(rule: Node<'_>, diags: &mut Diagnostics) -> Arc<Val> {
    let mut out = Named::default();
    for (key, value) in rule.entries() {
        let key = key.as_str().unwrap_or_default();
        if key == "matches" {
            let matches = value.items().map(|m| one_match(m, diags)).collect();
            out.insert(
                Name::read(key),
                Val::at(Data::List(matches), Some(value.span())),
            );
        } else {
            out.insert(Name::read(key), tree(value));
        }
    }
    Val::at(Data::Map(out), Some(rule.span()))
}

fn one_match(entry: Node<'_>, diags: &mut Diagnostics) -> Arc<Val> {
    let mut out = Named::default();
    for (key, value) in entry.entries() {
        match key.as_str() {
            Some("method") => {
                out.insert("path".into(), path(value, diags));
            }
            Some(other) => {
                out.insert(Name::read(other), tree(value));
            }
            None => {}
        }
    }
    Val::at(Data::Map(out), Some(entry.span()))
}

/// The path of a service, or of one of its methods.
fn path(method: Node<'_>, diags: &mut Diagnostics) -> Arc<Val> {
    let text = |key: &str| method.get(key).and_then(Node::as_str);
    if text("type").is_some_and(|t| t != "Exact") {
        diags.push(messages::no_word(
            "a service or method that is matched by an expression",
            method.span(),
            "expressions for methods",
        ));
    }
    let (kind, value) = match (text("service"), text("method")) {
        (Some(service), Some(method)) => ("Exact", format!("/{service}/{method}")),
        (Some(service), None) => ("PathPrefix", format!("/{service}")),
        (None, None) => ("PathPrefix", "/".to_owned()),
        (None, Some(_)) => {
            diags.push(messages::no_word(
                "a method of any service",
                method.span(),
                "methods without a service",
            ));
            ("PathPrefix", "/".to_owned())
        }
    };
    let span = Some(method.span());
    let word = |v: &str| Val::at(Data::Str(v.into()), span);
    let fields = [("type", word(kind)), ("value", word(&value))];
    Val::at(
        Data::Map(fields.into_iter().map(|(k, v)| (k.into(), v)).collect()),
        span,
    )
}

/// Reports Services that are called in both ways: what a Service speaks is one setting.
pub(super) fn both(calls: &[RawRoute<'_>], requests: &[RawRoute<'_>], diags: &mut Diagnostics) {
    let services = |routes: &[RawRoute<'_>]| -> Vec<(At<String>, Option<String>)> {
        let rules = routes.iter().flat_map(|r| &r.rules);
        rules
            .flat_map(|r| &r.to)
            .map(|t| (t.service.clone(), t.namespace.clone()))
            .collect()
    };
    let others = services(requests);
    let mut told: Vec<Option<Span>> = Vec::new();
    for (service, namespace) in services(calls) {
        let same =
            |o: &(At<String>, Option<String>)| o.0.value == service.value && o.1 == namespace;
        if let (Some(span), true) = (service.span, others.iter().any(same))
            && !told.contains(&service.span)
        {
            told.push(service.span);
            diags.push(messages::no_word(
                "a Service behind a GRPCRoute and an HTTPRoute",
                span,
                "Services that speak both",
            ));
        }
    }
}
