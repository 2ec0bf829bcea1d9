//! Front end for Ingress: rules, default backend and paths as the Ingress's own controller reads them.
//!
//! The class decides who that controller is; without knowing it, only the portable part of an Ingress has a meaning.

use super::Context;
use super::index::{Index, text};
use super::messages;
use super::paths::{self, PathMeaning};
use super::raw::{PortRef, RawRoute, RawRule, RawTarget, Source};
use crate::diag::Diagnostics;
use crate::model::edge::{At, BaseTls, Generation, PathMatch, WrittenPath};
use crate::model::object::BaseObject;
use crate::profile::dialect::{Dialect, PathReading, Reading};
use crate::source::Span;
use crate::yaml::Node;

/// The annotation that named a class before `ingressClassName` did.
pub(crate) const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";

const DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";

/// An Ingress with its class and dialect.
pub(crate) fn source<'b>(
    cx: &Context<'b>,
    index: &Index<'b>,
    object: &'b BaseObject,
    span: Span,
    diags: &mut Diagnostics,
) -> Source<'b> {
    let node = object.node();
    let annotated = annotation(node, CLASS_ANNOTATION).and_then(text);
    let named = node.at(&["spec", "ingressClassName"]).and_then(text);
    let by_annotation = annotated
        .as_ref()
        .and_then(|c| cx.ingress_dialect(|d| d.class_annotations.contains(&c.value)));
    let by_name = named
        .as_ref()
        .and_then(|c| cx.ingress_dialect(|d| d.classes.contains(&c.value)));
    if let (Some(a), Some(n)) = (&annotated, &named)
        && a.value != n.value
        && !(by_annotation.is_some()
            && by_annotation.map(|d| &d.profile) == by_name.map(|d| &d.profile))
    {
        diags.push(messages::two_classes(a, n));
    }
    let class = annotated
        .clone()
        .or(named.clone())
        .or_else(|| default_class(index));
    let dialect = match (&annotated, &class) {
        (Some(_), _) => by_annotation,
        (None, Some(c)) => by_name.or_else(|| cx.ingress_dialect(|d| d.classes.contains(&c.value))),
        (None, None) => None,
    };
    Source {
        object,
        generation: Generation::Ingress,
        span,
        class,
        dialect: dialect.or_else(|| by_keys(cx, node)),
        tls: tls(node),
        listeners: Vec::new(),
    }
}

/// The annotation of an object.
pub(crate) fn annotation<'d>(node: Node<'d>, key: &str) -> Option<Node<'d>> {
    node.at(&["metadata", "annotations"])?.get(key)
}

/// The only dialect whose annotations the object has.
fn by_keys<'b>(cx: &Context<'b>, node: Node<'_>) -> Option<&'b Dialect> {
    let annotations = node.at(&["metadata", "annotations"])?;
    let has = |d: &Dialect| {
        annotations
            .entries()
            .any(|(k, _)| k.as_str().is_some_and(|k| d.keys.contains_key(k)))
    };
    cx.ingress_dialect(has)
}

fn default_class(index: &Index<'_>) -> Option<At<String>> {
    if !index.has("IngressClass") {
        return None;
    }
    let object = index.kind("IngressClass").into_iter().find(|o| {
        annotation(o.node(), DEFAULT_CLASS).is_some_and(|n| n.as_str() == Some("true"))
    })?;
    Some(At {
        value: object.id.name.clone(),
        span: Some(object.name_span()),
    })
}

fn tls(node: Node<'_>) -> Vec<BaseTls> {
    let Some(list) = node.at(&["spec", "tls"]) else {
        return Vec::new();
    };
    list.items()
        .map(|entry| BaseTls {
            hosts: entry
                .get("hosts")
                .into_iter()
                .flat_map(Node::items)
                .filter_map(|h| Some(h.as_str()?.to_owned()))
                .collect(),
            secret: entry.get("secretName").and_then(text),
            namespace: None,
        })
        .collect()
}

/// How the paths of one Ingress are read.
struct Reader<'b> {
    dialect: Option<&'b Dialect>,
    rewrite: Option<At<String>>,
    regex: Vec<&'b str>,
    every_path: bool,
}

/// The routes of all Ingresses, one for each rule and one for the default backend.
pub(crate) fn read<'b>(sources: &[&Source<'b>], diags: &mut Diagnostics) -> Vec<RawRoute<'b>> {
    let mut regex_hosts: Vec<(&str, &str)> = Vec::new();
    for source in sources {
        if let (true, Some(d)) = (is_regex(source), source.dialect) {
            for rule in rules(source.object) {
                regex_hosts.push((
                    d.profile.as_str(),
                    rule.get("host").and_then(Node::as_str).unwrap_or(""),
                ));
            }
        }
    }
    let mut out = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        let profile = source.dialect.map_or("", |d| d.profile.as_str());
        let reader = Reader {
            dialect: source.dialect,
            rewrite: rewrite_target(source),
            regex: regex_hosts
                .iter()
                .filter(|(p, _)| *p == profile)
                .map(|(_, h)| *h)
                .collect(),
            every_path: is_regex(source),
        };
        one(source, at, &reader, diags, &mut out);
    }
    out
}

fn rules(object: &BaseObject) -> impl Iterator<Item = Node<'_>> {
    object
        .node()
        .at(&["spec", "rules"])
        .into_iter()
        .flat_map(Node::items)
}

fn key_of<'b>(source: &Source<'b>, wanted: impl Fn(&Reading) -> bool) -> Option<Node<'b>> {
    let dialect = source.dialect?;
    let annotations = source.object.node().at(&["metadata", "annotations"])?;
    annotations
        .entries()
        .find(|(k, _)| {
            k.as_str()
                .and_then(|k| dialect.keys.get(k))
                .is_some_and(&wanted)
        })
        .map(|(_, v)| v)
}

fn rewrite_target(source: &Source<'_>) -> Option<At<String>> {
    key_of(source, |r| *r == Reading::RewriteTarget).and_then(text)
}

fn is_regex(source: &Source<'_>) -> bool {
    rewrite_target(source).is_some()
        || key_of(source, |r| *r == Reading::RegexPaths).is_some_and(|v| {
            v.as_str()
                .is_some_and(|s| crate::profile::keys::go_bool(s) == Some(true))
        })
}

fn one<'b>(
    source: &Source<'b>,
    at: usize,
    reader: &Reader<'b>,
    diags: &mut Diagnostics,
    out: &mut Vec<RawRoute<'b>>,
) {
    let node = source.object.node();
    let fallback = node
        .at(&["spec", "defaultBackend"])
        .and_then(|b| Some((b, backend_of(b, diags)?)));
    // What no path of a host takes goes to the default backend, as do hosts that no rule names.
    let rest = fallback.map(|(backend, (service, port))| {
        let path = At {
            value: PathMatch::Prefix("/".to_owned()),
            span: Some(backend.span()),
        };
        let rule = RawRule::simple(path, target(service, port));
        (backend, rule)
    });
    if let Some((backend, rule)) = rest.clone() {
        out.push(route(
            at,
            At {
                value: String::new(),
                span: None,
            },
            vec![rule],
            backend.span(),
        ));
    }
    for rule in rules(source.object) {
        let host = rule.get("host").and_then(text).unwrap_or(At {
            value: String::new(),
            span: None,
        });
        let regex = reader.every_path || reader.regex.contains(&host.value.as_str());
        let mut list = Vec::new();
        for path in rule
            .at(&["http", "paths"])
            .into_iter()
            .flat_map(Node::items)
        {
            list.extend(path_rule(path, regex, reader, source, diags));
        }
        let whole = |r: &RawRule| r.path.value == PathMatch::Prefix("/".to_owned());
        if let (Some((_, rest)), false) = (&rest, list.is_empty() || list.iter().any(whole)) {
            list.push(rest.clone());
        }
        if !list.is_empty() {
            out.push(route(at, host, list, rule.span()));
        }
    }
}

fn route<'b>(source: usize, host: At<String>, rules: Vec<RawRule>, span: Span) -> RawRoute<'b> {
    RawRoute {
        object: None,
        name: None,
        source,
        hosts: vec![host],
        rules,
        span: Some(span),
    }
}

fn path_rule(
    node: Node<'_>,
    regex: bool,
    reader: &Reader<'_>,
    source: &Source<'_>,
    diags: &mut Diagnostics,
) -> Option<RawRule> {
    let (service, port) = backend_of(node.get("backend")?, diags)?;
    let written_path = node.get("path");
    let path = written_path.and_then(Node::as_str).unwrap_or("");
    let span = written_path.map_or_else(|| node.span(), Node::span);
    let type_node = node.get("pathType");
    let path_type = type_node
        .and_then(Node::as_str)
        .unwrap_or("ImplementationSpecific");
    let meaning = if regex {
        let text = if path.is_empty() { "/" } else { path };
        paths::regex(text, reader.rewrite.as_ref().map(|r| r.value.as_str()))
    } else {
        let reading = reader
            .dialect
            .map_or(PathReading::Unknown, |d| d.implementation_specific);
        if let Some(meaning) = paths::plain(path, path_type, reading) {
            meaning
        } else {
            diags.push(messages::path_without_meaning(
                path,
                span,
                type_node.map(Node::span),
                source,
            ));
            return None;
        }
    };
    let PathMeaning {
        path: meant,
        rewrite,
        differs,
    } = meaning;
    if let Some(example) = differs {
        diags.push(messages::path_differs(
            path,
            &meant,
            &example,
            span,
            reader.rewrite.as_ref().and_then(|r| r.span),
        ));
    }
    let path_match = At {
        value: meant,
        span: Some(span),
    };
    Some(RawRule {
        written: Some(WrittenPath {
            path: path.to_owned(),
            path_type: path_type.to_owned(),
        }),
        rewrite: rewrite.map(|value| At {
            value,
            span: reader.rewrite.as_ref().and_then(|r| r.span),
        }),
        ..RawRule::simple(path_match, target(service, port))
    })
}

fn target(service: At<String>, port: At<PortRef>) -> RawTarget {
    RawTarget {
        service,
        namespace: None,
        port,
        weight: None,
    }
}

fn backend_of(node: Node<'_>, diags: &mut Diagnostics) -> Option<(At<String>, At<PortRef>)> {
    if let Some(resource) = node.get("resource") {
        diags.push(messages::resource_backend(
            resource.span(),
            resource.get("kind").and_then(Node::as_str).unwrap_or(""),
        ));
        return None;
    }
    let service = node.get("service")?;
    let name = text(service.get("name")?)?;
    let port = service.get("port")?;
    let port = match (port.get("number"), port.get("name")) {
        (Some(n), _) => At {
            value: PortRef::Number(n.as_int()?),
            span: Some(n.span()),
        },
        (None, Some(n)) => At {
            value: PortRef::Name(n.as_str()?.to_owned()),
            span: Some(n.span()),
        },
        _ => return None,
    };
    Some((name, port))
}
