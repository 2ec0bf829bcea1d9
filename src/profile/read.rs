//! From the YAML of a profile to compiled rules: every fault of the profile at once, at its line.
//!
//! The same reader serves the embedded profiles and folders given by `--profiles`.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::dialect::{Dialect, PathReading, Reading, ValueReading};
use super::expr::{Expr, Text};
use super::head::{Head, Unsupported};
use super::keys::{Form, KeyInfo};
use super::messages;
use super::rule::{Effect, Example, Finding, FindingKind, Key, Limit, Rule, Tree};
use crate::diag::Diagnostics;
use crate::model::edge::Generation;
use crate::vocab::{Pattern, fields_from};
use crate::yaml::{Kind, Node};

/// A map of a profile whose keys are taken one by one; what is left over is reported.
struct Fields<'d> {
    node: Node<'d>,
    known: Vec<&'static str>,
}

impl<'d> Fields<'d> {
    fn new(node: Node<'d>) -> Self {
        Self {
            node,
            known: Vec::new(),
        }
    }

    fn get(&mut self, key: &'static str) -> Option<Node<'d>> {
        self.known.push(key);
        self.node.get(key)
    }

    fn text(&mut self, key: &'static str) -> Option<String> {
        self.get(key).and_then(scalar_text)
    }

    fn need(&mut self, key: &'static str, diags: &mut Diagnostics) -> String {
        let text = self.text(key);
        if text.is_none() {
            diags.push(messages::lacks(self.node, key));
        }
        text.unwrap_or_default()
    }

    fn texts(&mut self, key: &'static str) -> Vec<String> {
        self.get(key).map(texts).unwrap_or_default()
    }

    fn value(&mut self, key: &'static str) -> Value {
        self.get(key).map_or(Value::Null, Node::to_value)
    }

    fn finish(self, diags: &mut Diagnostics) {
        for (key, _) in self.node.entries() {
            if !self.known.contains(&key.as_str().unwrap_or_default()) {
                diags.push(messages::unknown_key(key, &self.known));
            }
        }
    }
}

fn scalar_text(node: Node<'_>) -> Option<String> {
    match node.kind() {
        Kind::Str(s) => Some(s.trim().to_owned()),
        Kind::Null | Kind::List | Kind::Map => None,
        _ => Some(node.text().to_owned()),
    }
}

fn texts(node: Node<'_>) -> Vec<String> {
    match node.kind() {
        Kind::List => node.items().filter_map(scalar_text).collect(),
        _ => scalar_text(node).into_iter().collect(),
    }
}

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
        unsupported: f
            .get("unsupported")
            .map(|n| n.items().map(|n| unsupported(n, diags)).collect())
            .unwrap_or_default(),
        dialect: f.get("reads").map(|n| dialect(n, &id, carrier, diags)),
        needs: f.texts("needs"),
        span: node.get("id").unwrap_or(node).span(),
        id,
    };
    f.finish(diags);
    head
}

fn text_map(node: Node<'_>) -> IndexMap<String, String> {
    node.entries()
        .filter_map(|(k, v)| Some((k.as_str()?.to_owned(), scalar_text(v)?)))
        .collect()
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
        keys: f
            .get("keys")
            .map(|n| {
                n.entries()
                    .map(|(k, v)| (k.as_str().unwrap_or_default().to_owned(), reading(v, diags)))
                    .collect()
            })
            .unwrap_or_default(),
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

fn reading(node: Node<'_>, diags: &mut Diagnostics) -> Reading {
    let mut f = Fields::new(node);
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
        return Reading::Field { field, value };
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

/// Reads one file of `rules/`.
pub fn rules(node: Node<'_>, diags: &mut Diagnostics) -> Vec<Rule> {
    if node.kind() != Kind::List {
        diags.push(messages::not_a_list(node));
        return Vec::new();
    }
    node.items().map(|n| rule(n, diags)).collect()
}

fn rule(node: Node<'_>, diags: &mut Diagnostics) -> Rule {
    let mut f = Fields::new(node);
    let mut findings = Vec::new();
    for (key, kind) in [
        ("reject", FindingKind::Reject),
        ("refuse", FindingKind::Refuse),
        ("approximate", FindingKind::Approximate),
        ("warn", FindingKind::Warn),
        ("note", FindingKind::Note),
    ] {
        if let Some(list) = f.get(key) {
            findings.extend(list.items().filter_map(|n| finding(n, kind, diags)));
        }
    }
    let mut effects = Vec::new();
    for (kind, body) in f.get("patch").into_iter().flat_map(Node::entries) {
        effects.push(Effect::Patch(name_of(kind), tree(body, diags)));
    }
    for (kind, body) in f.get("append").into_iter().flat_map(Node::entries) {
        effects.push(Effect::Append(name_of(kind), tree(body, diags)));
    }
    effects.extend(
        f.get("ensure")
            .into_iter()
            .flat_map(Node::items)
            .map(|n| Effect::Ensure(tree(n, diags))),
    );
    effects.extend(
        f.get("create")
            .into_iter()
            .flat_map(Node::items)
            .map(|n| Effect::Create(tree(n, diags))),
    );
    for (kind, name) in f.get("omit").into_iter().flat_map(Node::entries) {
        if let Some(e) = expr(name, diags) {
            effects.push(Effect::Omit(name_of(kind), e));
        }
    }
    for (kind, paths) in f.get("remove").into_iter().flat_map(Node::entries) {
        let paths = paths
            .items()
            .map(|p| p.items().filter_map(scalar_text).collect())
            .collect();
        effects.push(Effect::Remove(name_of(kind), paths));
    }
    let out = Rule {
        id: f.need("id", diags),
        doc: f.need("doc", diags),
        see: f.texts("see"),
        fields: f.texts("fields"),
        each: named(f.get("each"), diags),
        when: f.get("when").and_then(|n| expr(n, diags)),
        lets: named(f.get("let"), diags),
        otherwise: f.text("otherwise"),
        limits: f
            .get("limits")
            .into_iter()
            .flat_map(Node::items)
            .map(|n| limit(n, diags))
            .collect(),
        findings,
        effects,
        examples: f
            .get("examples")
            .into_iter()
            .flat_map(Node::items)
            .map(|n| example(n, diags))
            .collect(),
        span: node.get("id").unwrap_or(node).span(),
    };
    f.finish(diags);
    out
}

fn name_of(key: Node<'_>) -> String {
    key.as_str().unwrap_or_default().to_owned()
}

fn named(node: Option<Node<'_>>, diags: &mut Diagnostics) -> Vec<(String, Expr)> {
    node.into_iter()
        .flat_map(Node::entries)
        .filter_map(|(k, v)| Some((name_of(k), expr(v, diags)?)))
        .collect()
}

/// An expression; a leading `=` is allowed everywhere and needed only in trees.
fn expr(node: Node<'_>, diags: &mut Diagnostics) -> Option<Expr> {
    let text = scalar_text(node).unwrap_or_default();
    let source = text.strip_prefix('=').unwrap_or(&text).trim();
    match Expr::compile(source, Some(node.span())) {
        Ok(e) => Some(e),
        Err(e) => {
            diags.push(messages::bad_expression(node, source, &e));
            None
        }
    }
}

fn text(node: Node<'_>, diags: &mut Diagnostics) -> Option<Text> {
    let source = scalar_text(node)?;
    match Text::compile(&source, Some(node.span())) {
        Ok(t) => Some(t),
        Err(e) => {
            diags.push(messages::bad_expression(node, &source, &e));
            None
        }
    }
}

fn finding(node: Node<'_>, kind: FindingKind, diags: &mut Diagnostics) -> Option<Finding> {
    let mut f = Fields::new(node);
    let when = f
        .get("if")
        .map_or_else(|| Expr::compile("true", None).ok(), |n| expr(n, diags));
    let message = f.get("message").and_then(|n| text(n, diags));
    let out = Finding {
        kind,
        when: when?,
        at: f.text("at"),
        note: f.get("note").and_then(|n| text(n, diags)),
        help: f.get("help").and_then(|n| text(n, diags)),
        message: if let Some(m) = message {
            m
        } else {
            diags.push(messages::lacks(node, "message"));
            return None;
        },
    };
    f.finish(diags);
    Some(out)
}

fn limit(node: Node<'_>, diags: &mut Diagnostics) -> Limit {
    let mut f = Fields::new(node);
    let out = Limit {
        field: f.need("field", diags),
        min: f.get("min").map(Node::to_value),
        max: f.get("max").map(Node::to_value),
        step: f.get("step").map(Node::to_value),
        max_length: f
            .get("maxLength")
            .and_then(Node::as_int)
            .and_then(|i| usize::try_from(i).ok()),
    };
    f.finish(diags);
    out
}

fn example(node: Node<'_>, diags: &mut Diagnostics) -> Example {
    let mut f = Fields::new(node);
    let out = Example {
        name: f.need("name", diags),
        exposure: f.value("exposure"),
        environment: f.value("environment"),
        base: f.text("base").map(|t| t + "\n").unwrap_or_default(),
        expect: f.value("expect"),
        finds: f.text("finds"),
        when: f.get("when").and_then(|n| expr(n, diags)).map(Arc::new),
        span: node.span(),
    };
    f.finish(diags);
    out
}

fn tree(node: Node<'_>, diags: &mut Diagnostics) -> Tree {
    match node.kind() {
        Kind::Str(s) if s.starts_with('=') => {
            expr(node, diags).map_or(Tree::Literal(Value::Null), Tree::Expr)
        }
        Kind::List => Tree::List(node.items().map(|n| tree(n, diags)).collect()),
        Kind::Map => special(node, diags).unwrap_or_else(|| {
            let fields = node.entries().filter_map(|(k, v)| {
                let key = match k.as_str().unwrap_or_default() {
                    s if s.starts_with('=') => Key::Expr(expr(k, diags)?),
                    s => Key::Plain(s.to_owned()),
                };
                Some((key, tree(v, diags)))
            });
            Tree::Map(fields.collect())
        }),
        _ => Tree::Literal(node.to_value()),
    }
}

/// `$each: {name: list}, $do: tree` and `$when: condition, $then: tree, $else: tree`.
fn special(node: Node<'_>, diags: &mut Diagnostics) -> Option<Tree> {
    if node.get("$each").is_none() && node.get("$when").is_none() {
        return None;
    }
    let mut f = Fields::new(node);
    let each = named(f.get("$each"), diags).pop();
    let when = f.get("$when").and_then(|n| expr(n, diags));
    let body = f.get("$do").or_else(|| f.node.get("$then"));
    f.known.push("$then");
    let otherwise = f.get("$else").map(|n| Box::new(tree(n, diags)));
    let Some(body) = body else {
        diags.push(messages::lacks(node, "$do"));
        return Some(Tree::Literal(Value::Null));
    };
    let body = Box::new(tree(body, diags));
    f.finish(diags);
    Some(match (each, when) {
        (Some((name, over)), when) => Tree::Each {
            name,
            over,
            when,
            body,
        },
        (None, Some(cond)) => Tree::When {
            cond,
            then: body,
            otherwise,
        },
        (None, None) => Tree::Literal(Value::Null),
    })
}

/// Reads `keys.yaml`.
pub fn keys(node: Node<'_>, diags: &mut Diagnostics) -> Vec<KeyInfo> {
    node.items().map(|n| key(n, diags)).collect()
}

fn key(node: Node<'_>, diags: &mut Diagnostics) -> KeyInfo {
    let mut f = Fields::new(node);
    let pattern = f.text("pattern").and_then(|p| Pattern::new(&p));
    let (min, max) = (
        f.get("min").and_then(Node::as_int),
        f.get("max").and_then(Node::as_int),
    );
    let words = f.texts("words");
    let form = match f.text("form").as_deref() {
        Some("boolean") => Form::Boolean,
        Some("integer") => Form::Integer(min, max),
        Some("words") => Form::Words(words),
        Some("list") => Form::List,
        Some("pairs") => Form::Pairs,
        Some("json") => Form::Json,
        Some("text") | None => Form::Text(pattern),
        Some(other) => {
            diags.push(messages::unknown_form(node, other));
            Form::Text(None)
        }
    };
    let out = KeyInfo {
        key: f.need("key", diags),
        kinds: f.texts("kinds"),
        form,
        since: f.text("since"),
        component: f.text("component"),
        deprecated: f.text("deprecated"),
        never: f.text("never"),
        note: f.text("note").unwrap_or_default(),
        span: node.span(),
    };
    f.finish(diags);
    out
}

/// Bindings of all heads, merged: what an environment may hold.
pub fn bindings(heads: &[Head]) -> BTreeMap<String, Vec<crate::vocab::Field>> {
    let mut out: BTreeMap<String, Vec<crate::vocab::Field>> = BTreeMap::new();
    for head in heads {
        for (key, members) in &head.bindings {
            let all = out.entry(key.clone()).or_default();
            for m in members {
                if !all.iter().any(|a| a.name == m.name) {
                    all.push(m.clone());
                }
            }
        }
    }
    out
}
