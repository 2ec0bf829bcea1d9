//! Front end for `spec.routes`: routes that the exposure itself states, for a base that has only Services.
//!
//! The reader of documents has checked their form; here they get the shape of the other front ends.

use std::sync::Arc;

use super::messages;
use super::paths::prefix;
use super::raw::{PortRef, RawRoute, RawRule};
use crate::diag::Diagnostics;
use crate::model::edge::{At, PathMatch, Rewrite};
use crate::model::val::Val;

/// The routes of the exposure.
pub(crate) fn read<'b>(routes: &[Arc<Val>], diags: &mut Diagnostics) -> Vec<RawRoute<'b>> {
    let mut out = Vec::new();
    for route in routes {
        let mut hosts: Vec<At<String>> = route
            .find("hostnames")
            .map_or(&[][..], |h| h.items())
            .iter()
            .filter_map(|h| text(h))
            .collect();
        if hosts.is_empty() {
            hosts.push(At {
                value: String::new(),
                span: None,
            });
        }
        let mut rules = Vec::new();
        for r in route.find("rules").map_or(&[][..], |r| r.items()) {
            rules.extend(rule(r, diags));
        }
        if !rules.is_empty() {
            let name = route
                .find("name")
                .and_then(|n| n.as_str())
                .map(str::to_owned);
            out.push(RawRoute {
                object: None,
                name,
                source: 0,
                hosts,
                rules,
                span: route.span,
            });
        }
    }
    out
}

fn text(val: &Val) -> Option<At<String>> {
    Some(At {
        value: val.as_str()?.to_owned(),
        span: val.span,
    })
}

fn rule(val: &Arc<Val>, diags: &mut Diagnostics) -> Option<RawRule> {
    let first = |key: &str, diags: &mut Diagnostics| {
        let list = val.find(key).map_or(&[][..], |l| l.items());
        if let Some(span) = list.get(1).and_then(|v| v.span) {
            diags.push(messages::one_only(key, span));
        }
        list.first().cloned()
    };
    let path = first("matches", diags).and_then(|m| m.find("path").cloned());
    let filter = first("filters", diags);
    let backend = first("backendRefs", diags)?;
    let value = path
        .as_ref()
        .and_then(|p| p.find("value"))
        .and_then(|v| text(v));
    let exact = path
        .as_ref()
        .and_then(|p| p.find("type"))
        .is_some_and(|t| t.as_str() == Some("Exact"));
    let meant = match &value {
        None => At {
            value: PathMatch::Prefix("/".to_owned()),
            span: val.span,
        },
        Some(v) if exact => At {
            value: PathMatch::Exact(v.value.clone()),
            span: v.span,
        },
        Some(v) => At {
            value: prefix(&v.value),
            span: v.span,
        },
    };
    let rewrite = filter
        .as_ref()
        .and_then(|f| f.find("urlRewrite.path"))
        .and_then(|p| {
            if let Some(new) = p.find("replacePrefixMatch").and_then(|v| text(v)) {
                let PathMatch::Prefix(value) = prefix(&new.value) else {
                    return None;
                };
                return Some(At {
                    value: Rewrite::ReplacePrefix(value),
                    span: new.span,
                });
            }
            let new = p.find("replaceFullPath").and_then(|v| text(v))?;
            Some(At {
                value: Rewrite::ReplaceFull(new.value),
                span: new.span,
            })
        });
    let service = text(backend.find("name")?)?;
    let port = backend.find("port")?;
    let port = At {
        value: PortRef::Number(port.as_int()?),
        span: port.span,
    };
    Some(RawRule {
        path: meant,
        written: None,
        rewrite,
        service,
        namespace: None,
        port,
        name: None,
    })
}
