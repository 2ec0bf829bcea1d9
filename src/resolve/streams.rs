//! Front end for Services that carry the traffic themselves: each of their ports is a stream, without hosts, paths or headers.
//!
//! They are read as a rule for each port, so that Services, ports, hosts for DNS and settings are looked up as for routes.

use std::sync::Arc;

use super::index::text;
use super::messages;
use super::raw::{PortRef, RawRoute, RawRule, RawTarget, Source};
use crate::diag::Diagnostics;
use crate::model::edge::{At, Generation, PathMatch, Route, Stream};
use crate::model::object::BaseObject;
use crate::model::val::Val;
use crate::source::Span;
use crate::yaml::Node;

/// A Service with its class.
pub(crate) fn source(object: &BaseObject, span: Span) -> Source<'_> {
    Source {
        object,
        generation: Generation::Service,
        span,
        class: object
            .node()
            .at(&["spec", "loadBalancerClass"])
            .and_then(text),
        dialect: None,
        tls: Vec::new(),
        listeners: Vec::new(),
    }
}

/// A route for each Service, a rule for each of its ports.
pub(crate) fn read<'b>(sources: &[&Source<'b>]) -> Vec<RawRoute<'b>> {
    let mut out = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        let ports = source.object.node().at(&["spec", "ports"]);
        let rules: Vec<RawRule> = ports
            .into_iter()
            .flat_map(Node::items)
            .filter_map(|p| rule(source, p.get("port")?))
            .collect();
        if !rules.is_empty() {
            out.push(RawRoute {
                object: None,
                name: None,
                source: at,
                hosts: vec![At {
                    value: String::new(),
                    span: None,
                }],
                rules,
                span: Some(source.span),
            });
        }
    }
    out
}

fn rule(source: &Source<'_>, port: Node<'_>) -> Option<RawRule> {
    let path = At {
        value: PathMatch::Prefix("/".to_owned()),
        span: Some(port.span()),
    };
    let to = RawTarget {
        service: At {
            value: source.object.id.name.clone(),
            span: Some(source.object.name_span()),
        },
        namespace: source.object.id.namespace.clone(),
        port: At {
            value: PortRef::Number(port.as_int()?),
            span: Some(port.span()),
        },
        weight: None,
    };
    Some(RawRule::simple(path, to))
}

/// The streams of looked-up routes; the exposure's listeners say where TLS ends.
pub(crate) fn streams(
    routes: Vec<Route>,
    protocols: impl Fn(usize, i64) -> Vec<String>,
    listeners: &[Arc<Val>],
    diags: &mut Diagnostics,
) -> Vec<Stream> {
    let mut out: Vec<Stream> = Vec::new();
    for to in routes
        .into_iter()
        .flat_map(|r| r.rules)
        .flat_map(|r| r.backends)
    {
        let twice = |s: &Stream| s.to.backend == to.backend && s.to.port == to.port;
        if out.iter().any(twice) {
            continue;
        }
        for protocol in protocols(to.backend, to.port) {
            out.push(Stream {
                protocol: At {
                    value: protocol,
                    span: to.span,
                },
                to: to.clone(),
            });
        }
    }
    for listener in listeners {
        let (Some(protocol), Some(port)) = (listener.find("protocol"), listener.find("port"))
        else {
            continue;
        };
        let (Some(word), Some(number)) = (protocol.as_str(), port.as_int()) else {
            continue;
        };
        let carried = if word == "TLS" { "TCP" } else { word };
        let fits = |s: &&mut Stream| s.to.port == number && s.protocol.value == carried;
        if let Some(stream) = out.iter_mut().find(fits) {
            stream.protocol = At {
                value: word.to_owned(),
                span: protocol.span,
            };
            stream.to.span = port.span;
        } else {
            let known: Vec<String> = out
                .iter()
                .map(|s| format!("{} {}", s.protocol.value, s.to.port))
                .collect();
            diags.push(messages::listener_without_port(
                word,
                number,
                listener.span,
                &known,
            ));
        }
    }
    out
}

/// Reports listeners of streams where routes carry the traffic.
pub(crate) fn refuse(listeners: &[Arc<Val>], diags: &mut Diagnostics) {
    for listener in listeners {
        let protocol = listener.find("protocol");
        let Some(word @ ("TCP" | "UDP" | "TLS")) = protocol.and_then(|p| p.as_str()) else {
            continue;
        };
        diags.push(messages::stream_listener_of_routes(word, listener.span));
    }
}
