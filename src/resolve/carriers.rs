//! Which objects of the base carry the exposure's routes, and which of two generations is used.
//!
//! A base may hold the same routing as Ingress and as Gateway; a target takes one of them, and the other must not stay in the result.

use super::index::{Index, same_namespace};
use super::raw::Source;
use super::{Context, Input, gateway, ingress, messages, streams};
use crate::diag::Diagnostics;
use crate::model::edge::{Carrier, Generation};
use crate::model::object::{BaseObject, ObjectId};
use crate::source::Span;

/// What carries the routes.
pub(crate) struct Chosen<'b> {
    /// Objects that the routes are read from; empty when the exposure has the routes.
    pub(crate) sources: Vec<Source<'b>>,
    /// Objects of the other generation that are left out of the result.
    pub(crate) spare: Vec<Source<'b>>,
    /// The sources are not of the target's generation, so that carriers have to be made.
    pub(crate) made: bool,
}

/// Whether the exposure names Services as carriers.
pub(crate) fn are_services(input: &Input<'_>) -> bool {
    let listed = input.exposure.spec.find("carriers");
    let mut kinds = listed.map_or(&[][..], |c| c.items()).iter();
    kinds.any(|c| c.find("kind").and_then(|k| k.as_str()) == Some("Service"))
}

/// Finds the carriers. `None` when nothing can be said of the routes.
pub(crate) fn choose<'b>(
    cx: &Context<'b>,
    input: &Input<'b>,
    index: &Index<'b>,
    diags: &mut Diagnostics,
) -> Option<Chosen<'b>> {
    let spec = &input.exposure.spec;
    let listed = spec.find("carriers").map_or(&[][..], |c| c.items());
    let mut objects: Vec<(&'b BaseObject, Span)> = Vec::new();
    let mut failed = false;
    for entry in listed {
        let (Some(kind), Some(name)) = (
            entry.find("kind").and_then(|k| k.as_str()),
            entry.find("name"),
        ) else {
            continue;
        };
        let (Some(text), span) = (name.as_str(), name.span.unwrap_or(input.exposure.span)) else {
            continue;
        };
        let namespace = entry.find("namespace").and_then(|n| n.as_str());
        let found: Vec<&'b BaseObject> = index
            .named(kind, text)
            .filter(|o| same_namespace(o.id.namespace.as_deref(), namespace))
            .collect();
        match found[..] {
            [] => {
                diags.push(messages::unknown_carrier(
                    kind,
                    text,
                    span,
                    &index.kind(kind),
                ));
                failed = true;
            }
            [one] => objects.push((one, span)),
            [first, second, ..] => {
                diags.push(messages::ambiguous_carrier(kind, text, span, first, second));
                failed = true;
            }
        }
    }
    if failed {
        return None;
    }
    if listed.is_empty() {
        for kind in ["Ingress", "Gateway"] {
            objects.extend(index.kind(kind).into_iter().map(|o| (o, o.name_span())));
        }
    }
    let declared = spec.find("routes").filter(|r| !r.items().is_empty());
    match (objects.first(), declared) {
        (Some((object, _)), Some(routes)) => {
            diags.push(messages::routes_twice(
                routes.span.unwrap_or(input.exposure.span),
                object,
            ));
            return None;
        }
        (None, None) => {
            diags.push(messages::no_routes(
                input.exposure.name.span.unwrap_or(input.exposure.span),
                index.has("Service"),
            ));
            return None;
        }
        _ => {}
    }
    let stream = |(o, _): &&(&BaseObject, Span)| o.id.kind == "Service";
    if let (Some((service, span)), Some((other, _))) = (
        objects.iter().find(stream),
        objects.iter().find(|o| !stream(o)),
    ) {
        diags.push(messages::routes_and_streams(service, *span, other));
        return None;
    }
    let (mut used, mut other) = (Vec::new(), Vec::new());
    for (object, span) in objects {
        if let (Some(own), Some(theirs)) = (&input.exposure.namespace, &object.id.namespace)
            && own.value != *theirs
        {
            diags.push(messages::other_namespace(own, object, theirs));
            continue;
        }
        let source = match object.id.kind.as_str() {
            "Ingress" => ingress::source(cx, index, object, span, diags),
            "Service" => streams::source(object, span),
            _ => gateway::source(cx, object, span),
        };
        let generation = source.generation;
        if generation == input.generation {
            used.push(source);
        } else {
            other.push(source);
        }
    }
    if used.is_empty() {
        return Some(Chosen {
            sources: other,
            spare: Vec::new(),
            made: true,
        });
    }
    Some(Chosen {
        sources: used,
        spare: other,
        made: false,
    })
}

/// The carriers of the result.
pub(crate) fn carriers(
    chosen: &Chosen<'_>,
    input: &Input<'_>,
    namespace: Option<&str>,
) -> Vec<Carrier> {
    if chosen.made {
        let api_version = match input.generation {
            Generation::Ingress => "networking.k8s.io/v1",
            Generation::Gateway => "gateway.networking.k8s.io/v1",
            Generation::Service => "v1",
        };
        let id = ObjectId {
            api_version: api_version.to_owned(),
            kind: input.generation.kind().to_owned(),
            namespace: namespace.map(str::to_owned),
            name: input.exposure.name.value.clone(),
        };
        return vec![Carrier {
            generation: input.generation,
            id,
            exists: false,
            span: input.exposure.name.span,
            class: None,
            tls: Vec::new(),
            listeners: Vec::new(),
        }];
    }
    let carrier = |s: &Source<'_>| Carrier {
        generation: s.generation,
        id: s.object.id.clone(),
        exists: true,
        span: Some(s.span),
        class: s.class.clone(),
        tls: s.tls.clone(),
        listeners: s.listeners.clone(),
    };
    chosen.sources.iter().map(carrier).collect()
}

/// Objects of the base that the result leaves out: carriers, the routes attached to them, classes that nothing else uses.
pub(crate) fn unused<'b>(
    chosen: &Chosen<'b>,
    index: &Index<'b>,
    redirects: &[&'b BaseObject],
) -> Vec<(ObjectId, Span)> {
    let left: &[Source<'b>] = if chosen.made {
        &chosen.sources
    } else {
        &chosen.spare
    };
    // A Service stays, whoever carries its streams.
    let mut out: Vec<(ObjectId, Span)> = left
        .iter()
        .filter(|s| s.generation != Generation::Service)
        .map(|s| (s.object.id.clone(), s.object.name_span()))
        .collect();
    let gateways: Vec<&BaseObject> = left
        .iter()
        .filter(|s| s.generation == Generation::Gateway)
        .map(|s| s.object)
        .collect();
    let mut add = |o: &BaseObject| {
        if !out.iter().any(|(id, _)| *id == o.id) {
            out.push((o.id.clone(), o.name_span()));
        }
    };
    if !gateways.is_empty() {
        gateway::attached(index, &gateways, true)
            .into_iter()
            .for_each(&mut add);
        let others = index.kind("Gateway");
        for source in left {
            let Some(class) = source
                .class
                .as_ref()
                .filter(|_| source.generation == Generation::Gateway)
            else {
                continue;
            };
            let stays = |g: &&BaseObject| {
                !gateways.iter().any(|l| std::ptr::eq(*l, *g))
                    && g.node()
                        .at(&["spec", "gatewayClassName"])
                        .and_then(crate::yaml::Node::as_str)
                        == Some(class.value.as_str())
            };
            if let (false, Some(object)) = (
                others.iter().any(stays),
                index.get("GatewayClass", &class.value, None),
            ) {
                add(object);
            }
        }
    }
    for redirect in redirects {
        add(redirect);
    }
    out
}
