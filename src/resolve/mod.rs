//! Exposure, environment and base as one edge: references bound, defaults filled, contradictions found.
//!
//! Everything that can be known without a target is settled here, so that profiles need not look at a base.

use std::sync::{Arc, LazyLock};

use crate::diag::Diagnostics;
use crate::model::document::{Environment, Exposure};
use crate::model::edge::{BaseFacts, Carrier, Edge, Generation, Route};
use crate::model::name::Name;
use crate::model::object::BaseObject;
use crate::model::val::Val;
use crate::profile::dialect::Dialect;
use crate::vocab::blank::Blank;

mod agree;
mod backends;
mod bindings;
mod carriers;
mod declared;
mod foreign;
mod gateway;
mod grpc_route;
mod hosts;
mod index;
mod ingress;
mod isolation;
mod keys;
mod merge;
pub mod messages;
pub mod paths;
mod raw;
mod route_object;
mod route_rule;
mod settings;
mod streams;
mod workload;

use backends::Backends;
use carriers::Chosen;
use foreign::Readings;
use index::Index;
use raw::{RawRoute, Source};

/// What one exposure is resolved from.
#[derive(Debug, Clone, Copy)]
pub struct Input<'i> {
    /// The exposure.
    pub exposure: &'i Exposure,
    /// The environment, where there is one.
    pub environment: Option<&'i Environment>,
    /// The objects of the base.
    pub base: &'i [BaseObject],
    /// The generation of carriers that the target takes.
    pub generation: Generation,
    /// How known controllers read a base; one of them may be the target's own.
    pub dialects: &'i [Dialect],
    /// Id of the profile whose reading of a base is the target's own: its own, or the one that it speaks.
    pub target: &'i str,
    /// The vocabulary where nothing is set.
    pub blank: &'i Arc<Blank>,
}

/// What the readers of the base need to know of the target.
pub(crate) struct Context<'i> {
    dialects: &'i [Dialect],
    target: &'i str,
    /// Services carry the traffic: only then keys for balancers of Services are read as such, and those of others stay as they are.
    streams: bool,
}

impl<'i> Context<'i> {
    /// The Ingress dialect that fits; the target's own before others.
    fn ingress_dialect(&self, fits: impl Fn(&Dialect) -> bool) -> Option<&'i Dialect> {
        let mut all = self
            .dialects
            .iter()
            .filter(|d| d.generation == Generation::Ingress && fits(d));
        let first = all.clone().next()?;
        Some(all.find(|d| d.profile == self.target).unwrap_or(first))
    }
}

static NO_SPEC: LazyLock<Arc<Val>> = LazyLock::new(|| Val::map::<Name>([]));

/// Resolves an exposure. `None` when too little is known to go on; findings are in `diags` either way.
pub fn resolve(input: &Input<'_>, diags: &mut Diagnostics) -> Option<Edge> {
    let cx = Context {
        dialects: input.dialects,
        target: input.target,
        streams: carriers::are_services(input),
    };
    let index = Index::new(input.base);
    let chosen = carriers::choose(&cx, input, &index, diags)?;
    let namespace = namespace(input, &chosen, &index);
    let mut readings = Readings::default();

    let written = &input.exposure.spec;
    let before = diags.iter().count();
    let (mut raw, redirects) =
        front_end(&chosen, written, &index, input.blank, &mut readings, diags);
    compare_generations(
        &chosen,
        &raw,
        &index,
        input.blank,
        namespace.as_deref(),
        diags,
    );
    declared::canaries(list(written, "canaries"), &mut raw, diags);
    if raw.is_empty() {
        if let Some(first) = chosen
            .sources
            .first()
            .filter(|_| diags.iter().count() == before)
        {
            diags.push(messages::carrier_without_routes(first.object, first.span));
        }
        return None;
    }

    let hosts = hosts::map(list(written, "hostnames"), &raw, diags);
    let mut backends = Backends::default();
    let routes = routes(
        input,
        &chosen,
        &raw,
        &hosts,
        &index,
        namespace.as_deref(),
        &mut backends,
        diags,
    );
    let listeners = list(written, "listeners");
    let by_streams = chosen
        .sources
        .first()
        .is_some_and(|s| s.generation == Generation::Service);
    if !by_streams {
        agree::duplicates(&routes, &hosts.list, diags);
        streams::refuse(listeners, diags);
    }

    let foreign = keys::foreign_keys(&cx, &chosen, &raw, &routes, &backends, &mut readings, diags);
    let defaults = input.environment.map_or(&*NO_SPEC, |e| &e.defaults);
    let env = input.environment.map_or(&*NO_SPEC, |e| &e.spec);
    let entries = settings::Entries::gather(
        list(defaults, "backends"),
        &readings,
        list(written, "backends"),
        diags,
    );
    settings::check_services(
        list(written, "backends"),
        &backends,
        |n| index.named("Service", n).next().is_some(),
        diags,
    );
    settings::apply(&entries, &input.blank.backend, &mut backends, diags);
    let spec = merge::merge(&merge::merge(defaults, &readings.tree()), written);
    let spec = merge::with(&spec, "backends", entries.as_list());

    let (routes, streams) = if by_streams {
        let protocols = |at: usize, port: i64| {
            let ports = backends.list[at].ports.iter();
            ports
                .filter(|p| p.port == port)
                .map(|p| p.protocol.clone())
                .collect()
        };
        let streams = streams::streams(routes, protocols, listeners, diags);
        (Vec::new(), streams)
    } else {
        (routes, Vec::new())
    };
    bindings::check(&spec, env, input.blank, diags);
    let certificates = bindings::certificates(
        &spec,
        env,
        &chosen.sources,
        &index,
        &hosts.list,
        namespace.as_deref(),
        diags,
    );
    let base = isolation::network_policies(&cx, &chosen, &spec, env, &index, &mut backends, diags);
    let carriers = carriers::carriers(&chosen, input, namespace.as_deref());
    let base = BaseFacts {
        kinds: kinds(input.base),
        gateway_class: gateway_class(&carriers, &index),
        network_policies: base,
        namespace: backends.list.iter().find_map(|b| b.id.namespace.clone()),
    };
    Some(Edge {
        name: input.exposure.name.clone(),
        namespace,
        spec,
        env: env.clone(),
        carriers,
        unused: carriers::unused(&chosen, &index, &redirects),
        hosts: hosts.list,
        routes,
        streams,
        backends: backends.list,
        certificates,
        foreign,
        base,
        blank: input.blank.clone(),
    })
}

fn list<'v>(spec: &'v Val, field: &str) -> &'v [Arc<Val>] {
    spec.find(field).map_or(&[], |l| l.items())
}

fn namespace(input: &Input<'_>, chosen: &Chosen<'_>, index: &Index<'_>) -> Option<String> {
    let own = input.exposure.namespace.as_ref().map(|n| n.value.clone());
    own.or_else(|| {
        chosen
            .sources
            .iter()
            .find_map(|s| s.object.id.namespace.clone())
    })
    .or_else(|| {
        let mut all = index
            .kind("Service")
            .into_iter()
            .map(|s| s.id.namespace.as_deref());
        let first = all.next()??;
        all.all(|n| n == Some(first)).then(|| first.to_owned())
    })
}

type Front<'b> = (Vec<RawRoute<'b>>, Vec<&'b BaseObject>);

fn front_end<'b>(
    chosen: &Chosen<'b>,
    spec: &Val,
    index: &Index<'b>,
    empty: &Blank,
    readings: &mut Readings,
    diags: &mut Diagnostics,
) -> Front<'b> {
    let sources: Vec<&Source<'b>> = chosen.sources.iter().collect();
    match sources.first().map(|s| s.generation) {
        None => (
            declared::read(list(spec, "routes"), empty, diags),
            Vec::new(),
        ),
        Some(Generation::Ingress) => (ingress::read(&sources, diags), Vec::new()),
        Some(Generation::Service) => (streams::read(&sources), Vec::new()),
        Some(Generation::Gateway) => gateway::read(&sources, index, empty, readings, diags),
    }
}

/// What the left-out carriers cannot say is no finding: they do not come into the result.
fn compare_generations(
    chosen: &Chosen<'_>,
    used: &[RawRoute<'_>],
    index: &Index<'_>,
    empty: &Blank,
    namespace: Option<&str>,
    diags: &mut Diagnostics,
) {
    let spare: Vec<&Source<'_>> = chosen.spare.iter().collect();
    let mut aside = Diagnostics::default();
    let routes = match spare.first().map(|s| s.generation) {
        None => return,
        Some(Generation::Ingress) => ingress::read(&spare, &mut aside),
        Some(_) => {
            let mut none = Readings::default();
            gateway::read(&spare, index, empty, &mut none, &mut aside).0
        }
    };
    agree::generations(index, used, &routes, namespace, diags);
}

#[expect(
    clippy::too_many_arguments,
    reason = "the one place where all that was found so far comes together"
)]
fn routes<'b>(
    input: &Input<'_>,
    chosen: &Chosen<'_>,
    raw: &[RawRoute<'b>],
    hosts: &hosts::Hosts,
    index: &Index<'b>,
    namespace: Option<&str>,
    backends: &mut Backends<'b>,
    diags: &mut Diagnostics,
) -> Vec<Route> {
    let exposure = input.exposure.name.value.as_str();
    let mut out: Vec<Route> = Vec::with_capacity(raw.len());
    for route in raw {
        let from = chosen.sources.get(route.source);
        let own = from
            .and_then(|s| s.object.id.namespace.as_deref())
            .or(namespace);
        let rules = backends::bind(index, route, own, backends, diags);
        let mut served: Vec<usize> = route
            .hosts
            .iter()
            .flat_map(|h| hosts.of(&h.value))
            .copied()
            .collect();
        served.sort_unstable();
        served.dedup();
        if rules.is_empty() || served.is_empty() {
            continue;
        }
        let object = route.object.filter(|_| !chosen.made).map(|o| o.id.clone());
        let stem = match (route.object, &route.name) {
            (Some(o), _) => o.id.name.clone(),
            (None, Some(name)) => name.clone(),
            (None, None) if raw.len() == 1 => exposure.to_owned(),
            (None, None) => match hosts.list[served[0]].name.value.as_str() {
                "" => format!("{exposure}-default"),
                host => format!("{exposure}-{}", host.replace('*', "wildcard")),
            },
        };
        let mut name = stem.clone();
        let mut count = 1;
        while object.is_none() && out.iter().any(|r| r.name == name) {
            count += 1;
            name = format!("{stem}-{count}");
        }
        let carrier = if chosen.made { 0 } else { route.source };
        out.push(Route {
            name,
            object,
            carrier,
            hosts: served,
            rules,
            span: route.span,
        });
    }
    out
}

fn kinds(base: &[BaseObject]) -> Vec<String> {
    let mut kinds: Vec<&str> = base.iter().map(|o| o.id.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.into_iter().map(str::to_owned).collect()
}

fn gateway_class(carriers: &[Carrier], index: &Index<'_>) -> Option<String> {
    let classes = carriers
        .iter()
        .filter(|c| c.exists && c.generation == Generation::Gateway)
        .filter_map(|c| c.class.as_ref());
    classes
        .filter_map(|c| index.get("GatewayClass", &c.value, None))
        .map(|o| o.id.name.clone())
        .next()
}
