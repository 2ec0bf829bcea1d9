//! Hosts: the names of the base, and the names that the exposure gives in their place.
//!
//! A host changes in rules, in TLS and in DNS together or not at all, so the mapping is made once, here.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::messages;
use super::raw::RawRoute;
use crate::diag::Diagnostics;
use crate::model::edge::{At, Host};
use crate::model::val::Val;

/// Hosts of the result and which of them a host of the base became.
#[derive(Default)]
pub(crate) struct Hosts {
    /// In the order of first use.
    pub(crate) list: Vec<Host>,
    of: BTreeMap<String, Vec<usize>>,
}

impl Hosts {
    /// Indexes of the hosts that take the place of a host of the base.
    pub(crate) fn of(&self, base: &str) -> &[usize] {
        self.of.get(base).map_or(&[], Vec::as_slice)
    }
}

struct Wanted {
    name: At<String>,
    in_base: Option<At<String>>,
}

/// Maps the hosts of all routes.
pub(crate) fn map(
    hostnames: &[Arc<Val>],
    routes: &[RawRoute<'_>],
    diags: &mut Diagnostics,
) -> Hosts {
    let mut base: Vec<&At<String>> = Vec::new();
    for host in routes.iter().flat_map(|r| &r.hosts) {
        if !base.iter().any(|b| b.value == host.value) {
            base.push(host);
        }
    }
    let wanted = wanted(hostnames, diags);
    let mut hosts = Hosts::default();
    let mut add = |base: &str, host: Host| {
        let at = hosts
            .list
            .iter()
            .position(|h| h.name.value == host.name.value)
            .unwrap_or_else(|| {
                hosts.list.push(host);
                hosts.list.len() - 1
            });
        hosts.of.entry(base.to_owned()).or_default().push(at);
    };
    let place = |w: &Wanted| {
        w.in_base
            .as_ref()
            .map_or(w.name.value.as_str(), |b| b.value.as_str())
            .to_owned()
    };
    let open = base.iter().any(|b| b.value.is_empty());
    let in_routes = |host: &str| base.iter().any(|b| b.value == host);
    let list = hostnames.first().and(hostnames.iter().find_map(|h| h.span));
    for b in &base {
        if b.value.is_empty() {
            let free: Vec<&Wanted> = wanted
                .iter()
                .filter(|w| w.in_base.is_none() && !in_routes(&w.name.value))
                .collect();
            for w in &free {
                add(
                    "",
                    Host {
                        name: w.name.clone(),
                        in_base: None,
                    },
                );
            }
            if free.is_empty() {
                add(
                    "",
                    Host {
                        name: (*b).clone(),
                        in_base: None,
                    },
                );
            }
            continue;
        }
        let mut listed = false;
        for w in wanted.iter().filter(|w| place(w) == b.value) {
            listed = true;
            let in_base = w.in_base.clone().filter(|i| i.value != w.name.value);
            add(
                &b.value,
                Host {
                    name: w.name.clone(),
                    in_base,
                },
            );
        }
        if !listed {
            if let Some(list) = list.filter(|_| !wanted.is_empty()) {
                diags.push(messages::host_not_listed(b, list));
            }
            add(
                &b.value,
                Host {
                    name: (*b).clone(),
                    in_base: None,
                },
            );
        }
    }
    let known: Vec<&str> = base
        .iter()
        .map(|b| b.value.as_str())
        .filter(|b| !b.is_empty())
        .collect();
    let taken = |host: &str| wanted.iter().any(|w| place(w) == host);
    for w in &wanted {
        match &w.in_base {
            Some(b) if !in_routes(&b.value) => diags.push(messages::unknown_base_host(b, &known)),
            None if !in_routes(&w.name.value) && !open => {
                let free = base
                    .iter()
                    .find(|b| !b.value.is_empty() && !taken(&b.value));
                diags.push(messages::host_not_served(&w.name, free.copied(), &known));
            }
            _ => {}
        }
    }
    hosts
}

fn wanted(hostnames: &[Arc<Val>], diags: &mut Diagnostics) -> Vec<Wanted> {
    let text = |v: &Val| {
        Some(At {
            value: v.as_str()?.to_owned(),
            span: v.span,
        })
    };
    let mut out: Vec<Wanted> = Vec::new();
    for entry in hostnames {
        let Some(name) = entry.find("name").and_then(|n| text(n)) else {
            continue;
        };
        if let Some(first) = out.iter().find(|w| w.name.value == name.value) {
            diags.push(messages::host_twice(&name, &first.name));
            continue;
        }
        out.push(Wanted {
            name,
            in_base: entry.find("inBase").and_then(|n| text(n)),
        });
    }
    out
}
