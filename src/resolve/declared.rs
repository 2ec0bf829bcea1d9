//! Front end for `spec.routes`: routes that the exposure itself states, for a base that has only Services; and its canaries.
//!
//! The reader of documents has checked their form; here they get the shape of the other front ends.

use std::sync::Arc;

use super::messages;
use super::raw::{PortRef, RawRoute, RawTarget};
use super::route_rule;
use crate::diag::Diagnostics;
use crate::model::edge::At;
use crate::model::val::Val;
use crate::vocab::blank::Blank;

/// The routes of the exposure.
pub(crate) fn read<'b>(
    routes: &[Arc<Val>],
    empty: &Blank,
    diags: &mut Diagnostics,
) -> Vec<RawRoute<'b>> {
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
        for rule in route.find("rules").map_or(&[][..], |r| r.items()) {
            route_rule::read(rule, None, empty, &mut rules, diags);
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

/// Splits the traffic of Services as `canaries` says; the Service itself keeps the rest of a hundred.
pub(crate) fn canaries(
    canaries: &[Arc<Val>],
    routes: &mut [RawRoute<'_>],
    diags: &mut Diagnostics,
) {
    for canary in canaries {
        let names = (canary.find("service"), canary.find("canary"));
        let (Some(of), Some(to)) = (names.0.and_then(|v| text(v)), names.1.and_then(|v| text(v)))
        else {
            continue;
        };
        let Some(weight) = canary.find("weight").and_then(|w| {
            Some(At {
                value: w.as_int()?,
                span: w.span,
            })
        }) else {
            continue;
        };
        let port = canary.find("port").and_then(|p| {
            Some(At {
                value: PortRef::Number(p.as_int()?),
                span: p.span,
            })
        });
        let mut found = false;
        let rules = routes.iter_mut().flat_map(|r| &mut r.rules);
        for rule in rules.filter(|r| r.to.iter().any(|t| t.service.value == of.value)) {
            found = true;
            let [stable] = &mut rule.to[..] else {
                diags.push(messages::canary_of_split(&of, rule.path.span));
                break;
            };
            let added = RawTarget {
                service: to.clone(),
                namespace: stable.namespace.clone(),
                port: port.clone().unwrap_or_else(|| stable.port.clone()),
                weight: Some(weight.clone()),
            };
            stable.weight = Some(At {
                value: 100 - weight.value,
                span: weight.span,
            });
            rule.to.push(added);
        }
        if !found {
            let known: Vec<&str> = routes
                .iter()
                .flat_map(|r| &r.rules)
                .flat_map(|r| &r.to)
                .map(|t| t.service.value.as_str())
                .collect();
            diags.push(messages::canary_of_nothing(&of, &known));
        }
    }
}
