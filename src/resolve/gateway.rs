//! Front end for Gateway API: a Gateway's listeners and the routes that are attached to it.
//!
//! Whatever of a route the model has no word for is named in an error; a route that were read in part would send traffic where nobody asked for it.

use super::Context;
use super::foreign::Readings;
use super::grpc_route;
use super::index::{Index, same_namespace, text};
use super::messages;
use super::raw::{RawRoute, Source};
use super::route_object;
use crate::diag::Diagnostics;
use crate::model::edge::{At, BaseListener, BaseTls, Generation};
use crate::model::object::BaseObject;
use crate::model::val::{Data, Val};
use crate::source::Span;
use crate::vocab::blank::Blank;
use crate::yaml::Node;

/// A Gateway with its class, listeners and certificates.
pub(crate) fn source<'b>(cx: &Context<'b>, object: &'b BaseObject, span: Span) -> Source<'b> {
    let spec = object.node().get("spec");
    let class = spec.and_then(|s| s.get("gatewayClassName")).and_then(text);
    let dialect = class.as_ref().and_then(|c| {
        cx.dialects
            .iter()
            .find(|d| d.generation == Generation::Gateway && d.classes.contains(&c.value))
    });
    let (mut listeners, mut tls) = (Vec::new(), Vec::new());
    for l in spec
        .and_then(|s| s.get("listeners"))
        .into_iter()
        .flat_map(Node::items)
    {
        let Some(name) = l.get("name").and_then(text) else {
            continue;
        };
        let hostname = l.get("hostname").and_then(Node::as_str).map(str::to_owned);
        let refs: Vec<Node<'_>> = l
            .at(&["tls", "certificateRefs"])
            .into_iter()
            .flat_map(Node::items)
            .collect();
        let hosts: Vec<String> = hostname.iter().cloned().collect();
        for r in &refs {
            if r.get("kind")
                .and_then(Node::as_str)
                .is_none_or(|k| k == "Secret")
            {
                let namespace = r.get("namespace").and_then(Node::as_str).map(str::to_owned);
                tls.push(BaseTls {
                    hosts: hosts.clone(),
                    secret: r.get("name").and_then(text),
                    namespace,
                });
            }
        }
        // A certificate may be told elsewhere (an option, an annotation of the Gateway); TLS is ended all the same.
        let secure = l.get("protocol").and_then(Node::as_str) == Some("HTTPS");
        if refs.is_empty() && (secure || l.get("tls").is_some()) {
            tls.push(BaseTls {
                hosts,
                secret: None,
                namespace: None,
            });
        }
        let protocol = l
            .get("protocol")
            .and_then(Node::as_str)
            .unwrap_or("HTTP")
            .to_owned();
        listeners.push(BaseListener {
            name,
            port: l.get("port").and_then(Node::as_int).unwrap_or(0),
            protocol,
            hostname,
        });
    }
    Source {
        object,
        generation: Generation::Gateway,
        span,
        class,
        dialect,
        tls,
        listeners,
    }
}

/// The Gateways that a route object names, by its own text, and what it says of listeners: section name and port.
fn parents(route: &BaseObject) -> impl Iterator<Item = (&str, Option<&str>, Node<'_>)> {
    route
        .node()
        .at(&["spec", "parentRefs"])
        .into_iter()
        .flat_map(Node::items)
        .filter_map(move |p| {
            if p.get("kind")
                .and_then(Node::as_str)
                .is_some_and(|k| k != "Gateway")
            {
                return None;
            }
            let namespace = p
                .get("namespace")
                .and_then(Node::as_str)
                .or(route.id.namespace.as_deref());
            Some((p.get("name")?.as_str()?, namespace, p))
        })
}

fn is_parent(gateway: &BaseObject, name: &str, namespace: Option<&str>) -> bool {
    (gateway.written.name == name || gateway.id.name == name)
        && (same_namespace(gateway.id.namespace.as_deref(), namespace)
            || same_namespace(gateway.written.namespace.as_deref(), namespace))
}

/// Route objects that are attached to one of `gateways`, and to no other Gateway when `only` is set.
pub(crate) fn attached<'b>(
    index: &Index<'b>,
    gateways: &[&'b BaseObject],
    only: bool,
) -> Vec<&'b BaseObject> {
    let mut out = Vec::new();
    for kind in ["HTTPRoute", "GRPCRoute"] {
        for route in index.kind(kind) {
            let mine = |(name, namespace, _): (&str, Option<&str>, Node<'_>)| {
                gateways.iter().any(|g| is_parent(g, name, namespace))
            };
            if parents(route).any(mine) && (!only || parents(route).all(mine)) {
                out.push(route);
            }
        }
    }
    out
}

/// The routes of all Gateways. Routes that only redirect to HTTPS become a reading; their objects are returned beside.
pub(crate) fn read<'b>(
    sources: &[&Source<'b>],
    index: &Index<'b>,
    empty: &Blank,
    readings: &mut Readings,
    diags: &mut Diagnostics,
) -> (Vec<RawRoute<'b>>, Vec<&'b BaseObject>) {
    let (mut out, mut redirects, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen: Vec<*const BaseObject> = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        for object in attached(index, &[source.object], false) {
            if seen.contains(&std::ptr::from_ref(object)) {
                continue;
            }
            seen.push(object);
            if object.id.kind == "GRPCRoute" {
                let twin = index.get("HTTPRoute", &object.id.name, object.id.namespace.as_deref());
                if twin.is_some() {
                    diags.push(messages::no_word(
                        "a GRPCRoute with the name of an HTTPRoute",
                        object.name_span(),
                        "routes of one name",
                    ));
                }
                calls.extend(route(source, at, object, empty, readings, diags));
                continue;
            }
            if let Some((redirect, status)) = redirect_only(object) {
                readings.set(
                    None,
                    "tls.redirectHTTP",
                    Val::at(Data::Bool(true), Some(redirect)),
                    diags,
                );
                readings.set(
                    None,
                    "tls.redirectStatus",
                    Val::at(Data::Int(status.0), Some(status.1)),
                    diags,
                );
                redirects.push(object);
                continue;
            }
            out.extend(route(source, at, object, empty, readings, diags));
        }
    }
    grpc_route::both(&calls, &out, diags);
    out.extend(calls);
    (out, redirects)
}

/// The place of the redirect and its status, when every rule of the route redirects to HTTPS.
fn redirect_only(object: &BaseObject) -> Option<(Span, (i64, Span))> {
    let mut found = None;
    for rule in object.node().at(&["spec", "rules"])?.items() {
        let redirect = rule
            .get("filters")?
            .items()
            .find_map(|f| f.get("requestRedirect"))?;
        let other = redirect
            .entries()
            .any(|(k, _)| !matches!(k.as_str(), Some("scheme" | "statusCode" | "port")));
        if redirect.get("scheme")?.as_str() != Some("https")
            || other
            || rule
                .get("backendRefs")
                .is_some_and(|b| b.items().next().is_some())
        {
            return None;
        }
        let status = redirect
            .get("statusCode")
            .map_or((302, redirect.span()), |s| {
                (s.as_int().unwrap_or(302), s.span())
            });
        found.get_or_insert((redirect.span(), status));
    }
    found
}

fn route<'b>(
    source: &Source<'b>,
    at: usize,
    object: &'b BaseObject,
    empty: &Blank,
    readings: &mut Readings,
    diags: &mut Diagnostics,
) -> Option<RawRoute<'b>> {
    let hosts = hosts(source, object);
    let mut rules = Vec::new();
    for rule in object
        .node()
        .at(&["spec", "rules"])
        .into_iter()
        .flat_map(Node::items)
    {
        route_object::read(rule, object, empty, &mut rules, readings, diags);
    }
    (!rules.is_empty() && !hosts.is_empty()).then(|| RawRoute {
        object: Some(object),
        name: None,
        source: at,
        hosts,
        rules,
        span: Some(object.name_span()),
    })
}

/// Hosts of the route where a listener of the Gateway takes them.
fn hosts(source: &Source<'_>, object: &BaseObject) -> Vec<At<String>> {
    let own: Vec<At<String>> = object
        .node()
        .at(&["spec", "hostnames"])
        .into_iter()
        .flat_map(Node::items)
        .filter_map(text)
        .collect();
    let mut out: Vec<At<String>> = Vec::new();
    let mut add = |host: At<String>| {
        if !out.iter().any(|h| h.value == host.value) {
            out.push(host);
        }
    };
    for (name, namespace, parent) in parents(object) {
        if !is_parent(source.object, name, namespace) {
            continue;
        }
        let section = parent.get("sectionName").and_then(Node::as_str);
        let port = parent.get("port").and_then(Node::as_int);
        let chosen = source.listeners.iter().filter(|l| {
            section.is_none_or(|s| s == l.name.value) && port.is_none_or(|p| p == l.port)
        });
        for listener in chosen {
            match (&listener.hostname, own.is_empty()) {
                (None, true) => add(At {
                    value: String::new(),
                    span: None,
                }),
                (Some(h), true) => add(At {
                    value: h.clone(),
                    span: listener.name.span,
                }),
                (None, false) => own.iter().cloned().for_each(&mut add),
                (Some(h), false) => own.iter().filter_map(|o| common(o, h)).for_each(&mut add),
            }
        }
    }
    if out.iter().any(|h| h.value.is_empty()) {
        out.retain(|h| h.value.is_empty());
    }
    out
}

/// The hosts that both names match.
fn common(route: &At<String>, listener: &str) -> Option<At<String>> {
    let covers = |wild: &str, name: &str| {
        wild.strip_prefix('*')
            .is_some_and(|suffix| name.ends_with(suffix) && name.len() > suffix.len())
    };
    if route.value == listener || covers(listener, &route.value) {
        return Some(route.clone());
    }
    covers(&route.value, listener).then(|| At {
        value: listener.to_owned(),
        span: route.span,
    })
}
