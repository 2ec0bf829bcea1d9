//! Reading heads: `profile.yaml`.
//!
//! Small, because heads of all profiles are read in every run.

use indexmap::IndexMap;

use super::super::dialect::{Dialect, Joint, Keys, PathReading, Reading, ValueReading};
use super::super::expr::Expr;
use super::super::head::{Head, Smallest, Unsupported};
use super::super::messages;
use super::rules::named;
use super::{Fields, Pass, scalar_text};
use crate::diag::Diagnostics;
use crate::model::edge::Generation;
use crate::model::name::Name;
use crate::source::Sources;
use crate::vocab::fields_from;
use crate::yaml::Node;
use crate::yaml::read::{Limits, read as parse};

/// Reads `profile.yaml`.
pub fn head(node: Node<'_>, diags: &mut Diagnostics) -> Head {
    let mut f = Fields::new(node);
    let id = f.need("id", diags);
    let carrier = match f.need("carrier", diags).as_str() {
        "Gateway" => Generation::Gateway,
        "Service" => Generation::Service,
        _ => Generation::Ingress,
    };
    let head = Head {
        title: f.need("title", diags),
        doc: f.text("doc").unwrap_or_default(),
        see: f.texts("see"),
        cloud: f.text("cloud"),
        rank: f.get("rank").and_then(Node::as_int),
        carrier,
        extends: f.texts("extends"),
        without: f.texts("without"),
        controller: f.text("controller"),
        versions: f
            .get("versions")
            .map(|n| text_map(n).into_iter().collect())
            .unwrap_or_default(),
        facts: f.value("facts"),
        bindings: f
            .get("bindings")
            .map(|n| {
                n.entries()
                    .map(|(k, v)| (k.as_str().unwrap_or_default().to_owned(), fields_from(v)))
                    .collect()
            })
            .unwrap_or_default(),
        once: f.texts("once"),
        streams: f.texts("streams"),
        no_streams: f.get("noStreams").map(text_map).unwrap_or_default(),
        routes: f.get("routes").is_none_or(|n| n.as_bool() != Some(false)),
        unsupported: f
            .get("unsupported")
            .map(|n| refusals(n, diags))
            .unwrap_or_default(),
        dialect: f.get("reads").map(|n| dialect(n, &id, carrier, diags)),
        speaks: f.text("speaks"),
        needs: f.texts("needs"),
        smallest: f
            .get("smallest")
            .map(|n| smallest(n, diags))
            .unwrap_or_default(),
        span: node.get("id").unwrap_or(node).span(),
        id,
    };
    // Read with the rules: see `names`.
    f.get("let");
    f.finish(diags);
    head
}

fn smallest(node: Node<'_>, diags: &mut Diagnostics) -> Smallest {
    let mut f = Fields::new(node);
    let out = Smallest {
        exposure: f.value("exposure"),
        environment: f.value("environment"),
    };
    f.finish(diags);
    out
}

fn text_map(node: Node<'_>) -> IndexMap<String, String> {
    node.entries()
        .filter_map(|(k, v)| Some((k.as_str()?.to_owned(), scalar_text(v)?)))
        .collect()
}

/// Reads `let`: names that all rules of the target see.
pub fn names(node: Node<'_>, pass: &mut Pass<'_>) -> Vec<(Name, Expr)> {
    named(node.get("let"), pass)
}

/// Reads the entries of `unsupported`.
pub fn refusals(node: Node<'_>, diags: &mut Diagnostics) -> Vec<Unsupported> {
    node.items().map(|n| unsupported(n, diags)).collect()
}

fn unsupported(node: Node<'_>, diags: &mut Diagnostics) -> Unsupported {
    let mut f = Fields::new(node);
    let out = Unsupported {
        id: f.need("id", diags),
        field: f.need("field", diags),
        reason: f.need("reason", diags),
        instead: f.need("instead", diags),
        see: f.texts("see"),
        example: f.get("example").map(Node::to_value),
        environment: f.value("environment"),
        span: node.span(),
    };
    f.finish(diags);
    out
}

fn dialect(
    node: Node<'_>,
    profile: &str,
    generation: Generation,
    diags: &mut Diagnostics,
) -> Dialect {
    let mut f = Fields::new(node);
    let out = Dialect {
        profile: profile.to_owned(),
        generation,
        classes: f.texts("classes"),
        class_annotations: f.texts("classAnnotations"),
        prefixes: f.texts("prefixes"),
        kinds: f.texts("kinds"),
        keys: f.get("keys").map_or_else(
            || Keys::unread(""),
            |n| {
                n.entries()
                    .map(|(k, v)| (k.as_str().unwrap_or_default().to_owned(), reading(v, diags)))
                    .collect()
            },
        ),
        implementation_specific: match f.text("implementationSpecific").as_deref() {
            Some("Glob") => PathReading::Glob,
            Some("Unknown") => PathReading::Unknown,
            _ => PathReading::Prefix,
        },
        defaults: f
            .get("defaults")
            .map(|n| {
                n.entries()
                    .map(|(k, v)| (k.as_str().unwrap_or_default().to_owned(), v.to_value()))
                    .collect()
            })
            .unwrap_or_default(),
    };
    f.finish(diags);
    out
}

/// Reads the text of the `keys` of a dialect that was set aside; its faults are found by the check of profiles, which reads it in place.
pub fn readings(text: &str) -> IndexMap<String, Reading> {
    let (mut sources, mut unheard) = (Sources::default(), Diagnostics::default());
    let source = sources.add("reads.keys", text);
    let docs = parse(&sources, source, &Limits::default(), &mut unheard);
    let keys = docs.first().and_then(|d| d.root().get("keys"));
    keys.into_iter()
        .flat_map(Node::entries)
        .map(|(k, v)| {
            (
                k.as_str().unwrap_or_default().to_owned(),
                reading(v, &mut unheard),
            )
        })
        .collect()
}

fn reading(node: Node<'_>, diags: &mut Diagnostics) -> Reading {
    let mut f = Fields::new(node);
    let also: Vec<(String, serde_json::Value)> = f
        .get("also")
        .into_iter()
        .flat_map(Node::entries)
        .map(|(k, v)| (k.as_str().unwrap_or_default().to_owned(), v.to_value()))
        .collect();
    let word = f.text("when");
    let beside = f.get("beside").and_then(|n| text_map(n).into_iter().next());
    let field = f.text("field");
    let noted = f.text("noMeaning");
    let lost = f.text("noField");
    let special = f.text("means");
    let form = f.text("as");
    let words = f.get("words");
    let ignore_case = f.get("ignoreCase").and_then(Node::as_bool).unwrap_or(false);
    f.finish(diags);
    if let Some(field) = field {
        let value = match (words, form.as_deref()) {
            (Some(w), _) => {
                let table = w
                    .entries()
                    .map(|(k, v)| (k.as_str().unwrap_or_default().to_owned(), v.to_value()))
                    .collect();
                ValueReading::Words(table, ignore_case)
            }
            (None, Some("boolean")) => ValueReading::Boolean,
            (None, Some("seconds")) => ValueReading::Seconds,
            (None, Some("integer")) => ValueReading::Integer,
            (None, Some("list")) => ValueReading::List,
            _ => ValueReading::Text,
        };
        let own = Reading::Field { field, value };
        if also.is_empty() && word.is_none() && beside.is_none() {
            return own;
        }
        return Reading::Joint(Box::new(Joint {
            own: Some(own),
            word,
            beside,
            also,
        }));
    }
    if !also.is_empty() {
        return Reading::Joint(Box::new(Joint {
            own: None,
            word,
            beside,
            also,
        }));
    }
    match (special.as_deref(), noted, lost) {
        (Some("rewriteTarget"), ..) => Reading::RewriteTarget,
        (Some("regexPaths"), ..) => Reading::RegexPaths,
        (_, Some(reason), _) => Reading::NoMeaning(reason),
        (_, _, Some(instead)) => Reading::NoField(instead),
        _ => {
            diags.push(messages::lacks(node, "field"));
            Reading::NoMeaning(String::new())
        }
    }
}
