//! Rules of routes, streams and where they lead as profile expressions see them.
//!
//! Gateway API's words keep their names and places, so that a rule of a profile can write them and point at them.

use std::sync::Arc;

use super::{Map, flag, int, map, optional, text, text_at};
use crate::model::edge::{BackendRef, Edge, PathMatch, Rewrite, RouteRule, Stream, WORDS};
use crate::model::val::{Data, Val};

impl Edge {
    /// One rule of a route.
    pub(super) fn rule(&self, index: usize, rule: &RouteRule) -> Arc<Val> {
        let (kind, path) = match &rule.path.value {
            PathMatch::Prefix(p) => ("Prefix", p),
            PathMatch::Exact(p) => ("Exact", p),
            PathMatch::Regex(p) => ("Regex", p),
        };
        let rewrite = rule.rewrite.as_ref().map_or_else(Val::null, |r| {
            let (kind, value) = match &r.value {
                Rewrite::ReplacePrefix(v) => ("ReplacePrefix", v),
                Rewrite::ReplaceFull(v) => ("ReplaceFull", v),
                Rewrite::Captures(v) => ("Captures", v),
            };
            let entries = [("type", text(kind)), ("value", text_at(value, r.span))];
            Val::at(
                Data::Map(entries.into_iter().map(|(k, v)| (k.into(), v)).collect()),
                r.span,
            )
        });
        let written = rule.written.as_ref().map_or_else(Val::null, |w| {
            map([("path", text(&w.path)), ("pathType", text(&w.path_type))])
        });
        let backends: Vec<Arc<Val>> = rule.backends.iter().map(|b| self.target(b)).collect();
        let first = backends.first().cloned().unwrap_or_else(Val::null);
        let path = map([
            ("type", text(kind)),
            ("value", text_at(path, rule.path.span)),
        ]);
        let mut out: Map = WORDS
            .iter()
            .map(|(name, _)| ((*name).into(), self.word(rule, name)))
            .collect();
        out.extend(
            [
                ("path", path),
                ("rewrite", rewrite),
                ("backend", first),
                ("backends", Val::list(backends)),
                ("written", written),
                ("name", optional(rule.name.as_deref())),
                ("index", int(i64::try_from(index).unwrap_or(i64::MAX))),
            ]
            .map(|(k, v)| (k.into(), v)),
        );
        Val::new(Data::Map(out))
    }

    /// A word of a rule: null or an empty list where the rule does not say it.
    fn word(&self, rule: &RouteRule, name: &str) -> Arc<Val> {
        let Some(value) = rule.words.get(name) else {
            let list = matches!(name, "headers" | "queryParams");
            return if list { Val::list([]) } else { Val::null() };
        };
        let (Some(mirror), "requestMirror") = (&rule.mirror, name) else {
            return value.clone();
        };
        let mut out: Map = self
            .target(mirror)
            .entries()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let percent = value.get("percent").cloned();
        out.insert("percent".into(), percent.unwrap_or_else(Val::null));
        Val::at(Data::Map(out), value.span)
    }

    /// Where a rule leads.
    fn target(&self, to: &BackendRef) -> Arc<Val> {
        let service = &self.backends[to.backend];
        let weight = to
            .weight
            .as_ref()
            .map_or_else(Val::null, |w| Val::at(Data::Int(w.value), w.span));
        map([
            ("service", text_at(&service.id.name, to.service_span)),
            ("namespace", optional(service.id.namespace.as_deref())),
            ("port", Val::at(Data::Int(to.port), to.span)),
            ("portName", optional(to.port_name.as_deref())),
            ("byName", flag(to.by_name)),
            ("weight", weight),
        ])
    }

    /// `tcp-7000`; the same in every result, whatever else is served.
    fn stream_name(stream: &Stream) -> Arc<Val> {
        let word = stream.protocol.value.to_ascii_lowercase();
        text(&format!("{word}-{}", stream.to.port))
    }

    /// A stream as the listener that takes it.
    pub(super) fn stream_listener(stream: &Stream) -> Arc<Val> {
        map([
            ("name", Self::stream_name(stream)),
            (
                "protocol",
                text_at(&stream.protocol.value, stream.protocol.span),
            ),
            ("port", Val::at(Data::Int(stream.to.port), stream.to.span)),
            ("role", text("Serve")),
            ("hostname", Val::null()),
            ("wildcard", flag(false)),
            ("host", Val::null()),
        ])
    }

    /// A stream and where it leads.
    pub(super) fn stream(&self, stream: &Stream) -> Arc<Val> {
        map([
            ("name", Self::stream_name(stream)),
            (
                "protocol",
                text_at(&stream.protocol.value, stream.protocol.span),
            ),
            ("port", Val::at(Data::Int(stream.to.port), stream.to.span)),
            ("backend", self.target(&stream.to)),
        ])
    }
}
