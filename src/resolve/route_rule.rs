//! One rule in Gateway API's terms: its matches, filters and backends, from `spec.routes` or from a route object.
//!
//! Both front ends give the same tree of the vocabulary, so that what a rule means is written once.

use std::sync::Arc;

use super::messages;
use super::paths::prefix;
use super::raw::{PortRef, RawRule, RawTarget};
use crate::diag::Diagnostics;
use crate::model::context::shape::{blank, fill};
use crate::model::edge::{At, PathMatch, Rewrite, WORDS};
use crate::model::name::Named;
use crate::model::val::Val;
use crate::vocab::blank::Blank;

/// Reads a rule in the shape of `spec.routes[].rules[]`: one rule of the model for each of its matches.
pub(crate) fn read(
    rule: &Arc<Val>,
    namespace: Option<&str>,
    empty: &Blank,
    out: &mut Vec<RawRule>,
    diags: &mut Diagnostics,
) {
    let blocks = blocks(rule, diags);
    let filter = |path: &str| {
        let (name, below) = path.split_once('.').unwrap_or((path, ""));
        let (_, block) = blocks.iter().find(|(own, _)| *own == name)?;
        let found = if below.is_empty() {
            Some(*block)
        } else {
            block.find(below)
        };
        found.filter(|v| !blank(v))
    };
    let redirect = filter("requestRedirect");
    let to: Vec<RawTarget> = items(rule, "backendRefs")
        .iter()
        .filter_map(|b| target(b, namespace))
        .collect();
    match (redirect, to.is_empty()) {
        (None, true) => return diags.push(messages::rule_without_backend(rule.span)),
        (Some(redirect), false) => {
            diags.push(messages::redirect_with_backend(redirect.span, rule.span));
        }
        _ => {}
    }
    let mut words = Named::default();
    let mut say = |name: &'static str, value: Option<&Arc<Val>>| {
        if let Some(value) = value.filter(|v| !blank(v)) {
            words.insert(name.into(), full(value, name, empty));
        }
    };
    say("hostname", filter("urlRewrite.hostname"));
    for name in [
        "requestRedirect",
        "requestHeaderModifier",
        "responseHeaderModifier",
        "requestMirror",
    ] {
        say(name, filter(name));
    }
    let copy = filter("requestMirror.backendRef");
    let whole = RawRule {
        path: At {
            value: PathMatch::Prefix("/".to_owned()),
            span: rule.span,
        },
        written: None,
        rewrite: filter("urlRewrite.path").and_then(rewrite),
        to,
        mirror: copy.and_then(|b| target(b, namespace)),
        words,
        name: rule
            .find("name")
            .and_then(|n| n.as_str())
            .map(str::to_owned),
    };
    let matches = items(rule, "matches");
    if matches.is_empty() {
        out.push(whole);
        return;
    }
    for entry in matches {
        let mut one = whole.clone();
        one.path = path(entry);
        for name in ["headers", "queryParams", "method"] {
            if let Some(value) = entry.find(name).filter(|v| !blank(v)) {
                one.words.insert(name.into(), full(value, name, empty));
            }
        }
        out.push(one);
    }
}

fn items<'v>(val: &'v Val, key: &str) -> &'v [Arc<Val>] {
    val.find(key).map_or(&[][..], |l| l.items())
}

/// A word with every field that it may have.
fn full(value: &Arc<Val>, name: &str, empty: &Blank) -> Arc<Val> {
    let Some(shape) = empty.words.get(name) else {
        return value.clone();
    };
    if value.items().is_empty() {
        return fill(Some(value), shape);
    }
    let items = value.items().iter().map(|v| fill(Some(v), shape));
    Val::at(crate::model::val::Data::List(items.collect()), value.span)
}

/// What the filters of a rule do, by block; each filter has the block of its type and no other, and no type comes twice.
fn blocks<'v>(rule: &'v Val, diags: &mut Diagnostics) -> Vec<(&'static str, &'v Arc<Val>)> {
    let mut out: Vec<(&'static str, &Arc<Val>)> = Vec::new();
    for filter in items(rule, "filters") {
        let Some(kind) = filter.find("type").and_then(|t| t.as_str()) else {
            continue;
        };
        let own = field_of(kind);
        let other = filter
            .entries()
            .find(|(k, v)| &***k != "type" && &***k != own && !blank(v));
        if let Some((key, value)) = other {
            diags.push(messages::filter_of_other_type(kind, key, value.span));
        }
        match filter.find(own).filter(|f| !blank(f)) {
            Some(_) if out.iter().any(|(seen, _)| *seen == own) => {
                diags.push(messages::one_only(kind, filter.span));
            }
            Some(block) => out.push((own, block)),
            None if other.is_none() => {
                diags.push(messages::filter_without_block(kind, own, filter.span));
            }
            None => {}
        }
    }
    out
}

/// The block that belongs to a type of filter.
pub(crate) fn field_of(kind: &str) -> &'static str {
    if kind == "URLRewrite" {
        return "urlRewrite";
    }
    let same = |field: &str| {
        field.len() == kind.len()
            && field[1..] == kind[1..]
            && field[..1].eq_ignore_ascii_case(&kind[..1])
    };
    WORDS
        .iter()
        .map(|(name, _)| *name)
        .find(|name| kind.is_char_boundary(1) && same(name))
        .unwrap_or("type")
}

fn text(val: &Val) -> Option<At<String>> {
    Some(At {
        value: val.as_str()?.to_owned(),
        span: val.span,
    })
}

fn path(entry: &Val) -> At<PathMatch> {
    let value = entry.find("path.value").and_then(|v| text(v));
    let (written, span) = match value {
        Some(v) => (v.value, v.span),
        None => ("/".to_owned(), entry.span),
    };
    let kind = entry.find("path.type").and_then(|t| t.as_str());
    let value = match kind {
        Some("Exact") => PathMatch::Exact(written),
        Some("RegularExpression") => PathMatch::Regex(written),
        _ => prefix(&written),
    };
    At { value, span }
}

fn rewrite(path: &Arc<Val>) -> Option<At<Rewrite>> {
    if let Some(new) = path.find("replacePrefixMatch").and_then(|v| text(v)) {
        let PathMatch::Prefix(value) = prefix(&new.value) else {
            return None;
        };
        return Some(At {
            value: Rewrite::ReplacePrefix(value),
            span: new.span,
        });
    }
    let new = path.find("replaceFullPath").and_then(|v| text(v))?;
    Some(At {
        value: Rewrite::ReplaceFull(new.value),
        span: new.span,
    })
}

fn target(backend: &Arc<Val>, namespace: Option<&str>) -> Option<RawTarget> {
    let port = backend.find("port")?;
    let own = backend.find("namespace").and_then(|n| n.as_str());
    Some(RawTarget {
        service: text(backend.find("name")?)?,
        namespace: own.or(namespace).map(str::to_owned),
        port: At {
            value: PortRef::Number(port.as_int()?),
            span: port.span,
        },
        weight: backend.find("weight").and_then(|w| {
            Some(At {
                value: w.as_int()?,
                span: w.span,
            })
        }),
    })
}
