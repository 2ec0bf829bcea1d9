//! Which objects are searched for keys of other controllers, and for which Services a key holds.
//!
//! A key on a carrier is for everything behind it, a key on a Service for that Service alone.

use std::collections::BTreeSet;

use super::Context;
use super::backends::Backends;
use super::carriers::Chosen;
use super::foreign::{self, Readings, Scope};
use super::raw::RawRoute;
use crate::diag::Diagnostics;
use crate::model::edge::{ForeignKey, Generation, Route};
use crate::profile::dialect::Dialect;

/// Reads and collects the keys of other controllers on carriers, routes and Services.
pub(crate) fn foreign_keys(
    cx: &Context<'_>,
    chosen: &Chosen<'_>,
    raw: &[RawRoute<'_>],
    routes: &[Route],
    backends: &Backends<'_>,
    readings: &mut Readings,
    diags: &mut Diagnostics,
) -> Vec<ForeignKey> {
    let mut out = Vec::new();
    let several = chosen.sources.len() > 1;
    for (at, source) in chosen.sources.iter().enumerate() {
        // A Service that is a carrier is looked at below, with all other Services.
        if source.generation == Generation::Service {
            continue;
        }
        let mine: Vec<String> = if several {
            let names = raw
                .iter()
                .filter(|r| r.source == at)
                .flat_map(|r| &r.rules)
                .flat_map(|r| &r.to)
                .map(|t| t.service.value.clone());
            names.collect::<BTreeSet<_>>().into_iter().collect()
        } else {
            Vec::new()
        };
        let tls = source.tls.first().map(|t| {
            t.secret
                .as_ref()
                .and_then(|s| s.span)
                .unwrap_or_else(|| source.object.name_span())
        });
        let scope = Scope {
            dialect: source.dialect,
            services: several.then_some(&mine),
            stays: !chosen.made,
            tls,
        };
        foreign::scan(cx, source.object, &scope, readings, &mut out, diags);
    }
    for route in raw {
        let Some(object) = route.object else { continue };
        let mut names: Vec<String> = route
            .rules
            .iter()
            .flat_map(|r| &r.to)
            .map(|t| t.service.value.clone())
            .collect();
        names.sort();
        names.dedup();
        let stays = routes.iter().any(|r| r.object.as_ref() == Some(&object.id));
        foreign::scan(
            cx,
            object,
            &Scope {
                dialect: None,
                services: Some(&names),
                stays,
                tls: None,
            },
            readings,
            &mut out,
            diags,
        );
    }
    // The target's own keys on the Services that carry the traffic are read as those on other carriers.
    let own = |d: &&Dialect| cx.streams && d.generation == Generation::Service;
    let own = cx
        .dialects
        .iter()
        .filter(own)
        .find(|d| d.profile == cx.target);
    for object in &backends.objects {
        let names = [object.id.name.clone()];
        let scope = Scope {
            dialect: own,
            services: Some(&names),
            stays: true,
            tls: None,
        };
        foreign::scan(cx, object, &scope, readings, &mut out, diags);
    }
    out
}
