//! One rule of a route object: its matches, filters, backend and timeouts.
//!
//! The part of Gateway API that has far more words than every other controller understands; what has none in the model is named here.

use super::foreign::Readings;
use super::index::text;
use super::messages;
use super::paths::prefix;
use super::raw::{PortRef, RawRule};
use crate::diag::Diagnostics;
use crate::model::edge::{At, PathMatch, Rewrite};
use crate::model::object::BaseObject;
use crate::model::val::{Data, Val};
use crate::yaml::Node;

/// Reads a rule: one rule of the model for each of its matches.
pub(crate) fn read(
    rule: Node<'_>,
    object: &BaseObject,
    out: &mut Vec<RawRule>,
    readings: &mut Readings,
    diags: &mut Diagnostics,
) {
    let before = diags.iter().count();
    let rewrite = rewrite(rule, diags);
    let backend = backend(rule, object, diags);
    for (key, value) in rule.entries() {
        match key.as_str() {
            None | Some("name" | "matches" | "filters" | "backendRefs" | "timeouts") => {}
            Some(other) => diags.push(messages::no_word(
                &format!("`{other}` of a rule"),
                value.span(),
                other,
            )),
        }
    }
    let Some((service, namespace, port)) = backend else {
        if diags.iter().count() == before {
            diags.push(messages::no_word(
                "a rule without a backend",
                rule.span(),
                "fixed answers",
            ));
        }
        return;
    };
    for (key, value) in rule.get("timeouts").into_iter().flat_map(Node::entries) {
        match (key.as_str(), value.as_str()) {
            (Some("request"), Some(t)) => {
                readings.set(
                    Some(&service.value),
                    "timeouts.request",
                    Val::at(Data::Str(t.into()), Some(value.span())),
                    diags,
                );
            }
            _ => diags.push(messages::no_word(
                "a timeout of single attempts",
                key.span(),
                "`backendRequest`",
            )),
        }
    }
    let name = rule.get("name").and_then(Node::as_str).map(str::to_owned);
    let mut matches: Vec<At<PathMatch>> = rule
        .get("matches")
        .into_iter()
        .flat_map(Node::items)
        .map(|m| path(m, diags))
        .collect();
    if matches.is_empty() {
        matches.push(At {
            value: PathMatch::Prefix("/".to_owned()),
            span: Some(rule.span()),
        });
    }
    for path in matches {
        out.push(RawRule {
            path,
            written: None,
            rewrite: rewrite.clone(),
            service: service.clone(),
            namespace: namespace.clone(),
            port: port.clone(),
            name: name.clone(),
        });
    }
}

fn path(node: Node<'_>, diags: &mut Diagnostics) -> At<PathMatch> {
    for (key, value) in node.entries() {
        if let Some(what @ ("headers" | "method" | "queryParams")) = key.as_str() {
            diags.push(messages::no_word(
                &format!("a match by `{what}`"),
                value.span(),
                what,
            ));
        }
    }
    let path = node.get("path");
    let value = path.and_then(|p| p.get("value"));
    let text = value.and_then(Node::as_str).unwrap_or("/");
    let meant = match path.and_then(|p| p.get("type")).and_then(Node::as_str) {
        Some("Exact") => PathMatch::Exact(text.to_owned()),
        Some("RegularExpression") => PathMatch::Regex(text.to_owned()),
        _ => prefix(text),
    };
    At {
        value: meant,
        span: Some(value.unwrap_or(node).span()),
    }
}

fn rewrite(rule: Node<'_>, diags: &mut Diagnostics) -> Option<At<Rewrite>> {
    let mut out = None;
    for filter in rule.get("filters").into_iter().flat_map(Node::items) {
        let kind = filter.get("type").and_then(Node::as_str).unwrap_or("");
        let Some(url) = filter.get("urlRewrite").filter(|_| kind == "URLRewrite") else {
            let span = filter.get("type").unwrap_or(filter).span();
            diags.push(messages::no_word(
                &format!("the filter `{kind}`"),
                span,
                kind,
            ));
            continue;
        };
        if let Some(host) = url.get("hostname") {
            diags.push(messages::no_word(
                "a rewrite of the host",
                host.span(),
                "host rewrites",
            ));
        }
        let path = url.get("path");
        let at = |key: &str| path.and_then(|p| p.get(key)).and_then(text);
        out = match (at("replacePrefixMatch"), at("replaceFullPath")) {
            (Some(p), _) => {
                let PathMatch::Prefix(value) = prefix(&p.value) else {
                    continue;
                };
                Some(At {
                    value: Rewrite::ReplacePrefix(value),
                    span: p.span,
                })
            }
            (None, Some(p)) => Some(At {
                value: Rewrite::ReplaceFull(p.value),
                span: p.span,
            }),
            _ => None,
        };
    }
    out
}

type Target = (At<String>, Option<String>, At<PortRef>);

fn backend(rule: Node<'_>, object: &BaseObject, diags: &mut Diagnostics) -> Option<Target> {
    let all = rule.get("backendRefs").into_iter().flat_map(Node::items);
    let refs: Vec<Node<'_>> = all
        .filter(|r| r.get("weight").and_then(Node::as_int) != Some(0))
        .collect();
    let first = *refs.first()?;
    if let Some(second) = refs.get(1) {
        diags.push(messages::no_word(
            "traffic split over several backends",
            second.span(),
            "weights",
        ));
        return None;
    }
    if first
        .get("kind")
        .is_some_and(|k| k.as_str() != Some("Service"))
    {
        diags.push(messages::no_word(
            "a backend that is not a Service",
            first.span(),
            "other backends",
        ));
        return None;
    }
    if let Some(filters) = first.get("filters").filter(|f| f.items().next().is_some()) {
        diags.push(messages::no_word(
            "filters of one backend",
            filters.span(),
            "filters of backends",
        ));
    }
    let name = text(first.get("name")?)?;
    let port = first.get("port")?;
    let namespace = first
        .get("namespace")
        .and_then(Node::as_str)
        .map(str::to_owned)
        .or_else(|| object.id.namespace.clone());
    Some((
        name,
        namespace,
        At {
            value: PortRef::Number(port.as_int()?),
            span: Some(port.span()),
        },
    ))
}
