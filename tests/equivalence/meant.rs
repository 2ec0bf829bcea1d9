//! What an exposure means: the ways of requests and the settings of backends in the model, with the places of their values.
//!
//! The places tell which entries of the account speak of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use edgegen::inverse::ways::{Way, redirect, shares};
use edgegen::model::edge::{BackendRef, Edge, PathMatch, Rewrite, Route, RouteRule, WORDS};
use edgegen::model::val::{Data, Val};
use edgegen::source::Span;
use serde_json::{Value, json};

/// A way of the model, with the places of what it says, by word; `takes` is for what decides which requests it takes.
pub struct Meant {
    /// The way.
    pub way: Way,
    /// Places by word.
    pub places: BTreeMap<String, Vec<Span>>,
}

fn plain(val: &Val) -> Value {
    match &val.data {
        Data::Null => Value::Null,
        Data::Bool(b) => (*b).into(),
        Data::Int(i) => (*i).into(),
        Data::Float(f) => (*f).into(),
        Data::Str(s) => (&**s).into(),
        Data::List(items) => items.iter().map(|v| plain(v)).collect(),
        Data::Map(map) => {
            let entries = map.iter().filter(|(_, v)| !v.is_null());
            entries.map(|(k, v)| (k.to_string(), plain(v))).collect()
        }
    }
}

fn spans(val: &Val, out: &mut Vec<Span>) {
    out.extend(val.span);
    match &val.data {
        Data::List(items) => items.iter().for_each(|v| spans(v, out)),
        Data::Map(map) => map.values().for_each(|v| spans(v, out)),
        _ => {}
    }
}

/// Values of headers and parameters: how they are compared is said, and the order says nothing.
fn matched(value: Value) -> Value {
    let mut items = value.as_array().cloned().unwrap_or_default();
    for item in &mut items {
        if item["type"].is_null() {
            item["type"] = json!("Exact");
        }
    }
    items.sort_by_key(Value::to_string);
    items.into()
}

fn end(edge: &Edge, to: &BackendRef) -> Value {
    let service = &edge.backends[to.backend].id.name;
    json!({ "service": service, "port": to.port, "weight": to.weight.as_ref().map_or(1, |w| w.value) })
}

fn of_rule(edge: &Edge, route: &Route, rule: &RouteRule, out: &mut Vec<Meant>) {
    let (kind, path) = match &rule.path.value {
        PathMatch::Prefix(p) => ("Prefix", p),
        PathMatch::Exact(p) => ("Exact", p),
        PathMatch::Regex(p) => ("Regex", p),
    };
    let mut words: BTreeMap<String, Value> = BTreeMap::new();
    let mut places: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    let mut takes: Vec<Span> = rule.path.span.into_iter().collect();
    for (word, _) in WORDS {
        let Some(val) = rule.words.get(*word) else {
            continue;
        };
        let mut at = Vec::new();
        spans(val, &mut at);
        let value = match *word {
            "headers" | "queryParams" => {
                takes.extend(&at);
                matched(plain(val))
            }
            "method" => {
                takes.extend(&at);
                plain(val)
            }
            "requestRedirect" => redirect(plain(val)),
            "requestMirror" => {
                let mut copy = plain(val);
                copy.as_object_mut().expect("a map").remove("backendRef");
                for (k, v) in end(edge, rule.mirror.as_ref().expect("it has one"))
                    .as_object()
                    .expect("a map")
                {
                    copy[k] = v.clone();
                }
                copy
            }
            "hostname" => plain(val),
            _ => continue,
        };
        words.insert((*word).to_owned(), value);
        places.insert((*word).to_owned(), at);
    }
    if let Some(rewrite) = &rule.rewrite {
        let (kind, value) = match &rewrite.value {
            Rewrite::ReplaceFull(v) => ("ReplaceFull", v),
            Rewrite::ReplacePrefix(v) => ("ReplacePrefix", v),
            Rewrite::Captures(v) => ("Captures", v),
        };
        words.insert(
            "rewrite".to_owned(),
            json!({ "type": kind, "value": value }),
        );
        places.insert("rewrite".to_owned(), rewrite.span.into_iter().collect());
    }
    if !words.contains_key("requestRedirect") {
        let mut to: Vec<Value> = rule.backends.iter().map(|b| end(edge, b)).collect();
        shares(&mut to);
        to.sort_by_key(Value::to_string);
        words.insert("backends".to_owned(), to.into());
        let weights = rule.backends.iter().filter_map(|b| b.weight.as_ref()?.span);
        places.insert("backends".to_owned(), weights.collect());
    }
    places.insert("takes".to_owned(), takes);
    for host in &route.hosts {
        let way = Way {
            host: edge.hosts[*host].name.value.clone(),
            kind: kind.to_owned(),
            path: path.clone(),
            words: words.clone(),
            secured: false,
            rule: None,
            objects: [].into(),
        };
        out.push(Meant {
            way,
            places: places.clone(),
        });
    }
}

/// The ways of all routes, prefixes as such.
pub fn ways(edge: &Edge) -> Vec<Meant> {
    let mut out = Vec::new();
    for route in &edge.routes {
        for rule in &route.rules {
            of_rule(edge, route, rule, &mut out);
        }
    }
    out
}

/// A setting in force for a Service.
pub struct InForce {
    /// The Service.
    pub service: String,
    /// Field of the vocabulary.
    pub field: String,
    /// The value, as a document has it.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// The settings of all backends.
pub fn settings(edge: &Edge) -> Vec<InForce> {
    fn leaves(service: &str, field: &str, val: &Arc<Val>, out: &mut Vec<InForce>) {
        if let Data::Map(map) = &val.data {
            for (key, below) in map {
                leaves(service, &format!("{field}.{}", &**key), below, out);
            }
        } else if let (Some(span), false) = (val.span, val.is_null()) {
            let (service, field) = (service.to_owned(), field.to_owned());
            out.push(InForce {
                service,
                field,
                value: plain(val),
                span,
            });
        }
    }
    let mut out = Vec::new();
    for backend in &edge.backends {
        leaves(&backend.id.name, "backends", &backend.settings, &mut out);
    }
    out
}
