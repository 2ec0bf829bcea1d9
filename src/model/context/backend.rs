//! A Service, its ports and its Pods as profile expressions see them.
//!
//! Settings of the vocabulary and facts of the base stand side by side, so that a rule can compare them.

use std::hash::BuildHasherDefault;
use std::sync::Arc;

use super::{Map, flag, int, map, optional, text, text_at, texts};
use crate::model::edge::{Backend, ServicePort};
use crate::model::name::Name;
use crate::model::val::{Data, Val};

/// A Service with its settings.
pub(crate) fn backend(backend: &Backend, settings: &Val) -> Arc<Val> {
    let used = backend
        .ports
        .iter()
        .filter(|p| backend.used.contains(&p.port));
    let workload = backend.workload.as_ref();
    let reach = &backend.reach;
    let readiness = workload.and_then(|w| w.readiness.as_ref()).map_or_else(
        Val::null,
        |(path, number, span)| {
            map([
                ("path", text_at(path, Some(*span))),
                ("port", number.map_or_else(Val::null, int)),
            ])
        },
    );
    let selector = Data::Map(
        backend
            .selector
            .iter()
            .map(|(k, v)| (Name::read(k), text(v)))
            .collect(),
    );
    let facts = [
        ("service", text_at(&backend.id.name, backend.span)),
        ("namespace", optional(backend.id.namespace.as_deref())),
        ("type", text(&backend.service_type)),
        ("headless", flag(backend.headless)),
        ("exists", flag(true)),
        ("class", optional(reach.class.as_deref())),
        (
            "externalTrafficPolicy",
            optional(reach.external_traffic_policy.as_deref()),
        ),
        (
            "ipFamilies",
            texts(reach.ip_families.iter().map(String::as_str)),
        ),
        ("nodePorts", flag(reach.node_ports)),
        ("selector", Val::new(selector)),
        ("ports", Val::list(used.map(port))),
        ("allPorts", Val::list(backend.ports.iter().map(port))),
        ("isolated", flag(backend.isolated_by.is_some())),
        (
            "workload",
            workload.map_or_else(Val::null, |w| {
                map([
                    ("kind", text(&w.id.kind)),
                    ("name", text(&w.id.name)),
                    (
                        "gracePeriod",
                        Val::at(Data::Int(w.grace_period), Some(w.grace_span)),
                    ),
                    ("preStop", w.pre_stop.map_or_else(Val::null, int)),
                ])
            }),
        ),
        ("readiness", readiness),
    ];
    let settings = settings.entries();
    let mut out = Map::with_capacity_and_hasher(facts.len() + 8, BuildHasherDefault::default());
    out.extend(facts.map(|(k, v)| (Name::Fixed(k), v)));
    out.extend(settings.map(|(k, v)| (k.clone(), v.clone())));
    Val::new(Data::Map(out))
}

fn port(port: &ServicePort) -> Arc<Val> {
    map([
        ("name", optional(port.name.as_deref())),
        ("port", int(port.port)),
        ("targetPort", port.target_port.map_or_else(Val::null, int)),
        ("targetName", optional(port.target_name.as_deref())),
        ("protocol", text(&port.protocol)),
        ("appProtocol", optional(port.app_protocol.as_deref())),
        ("nodePort", port.node_port.map_or_else(Val::null, int)),
    ])
}
