//! Findings as the results of a function: message, severity, the resource, the field with its value, the file.
//!
//! An orchestrator shows them beside the files of a user, so each names the field in the document that the user wrote.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::base::{is_document, is_resource_list};
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::plan::show_path;
use crate::source::{SourceId, Sources, Span};
use crate::yaml::read::{Limits, read};
use crate::yaml::{Doc, Node};

/// Where orchestrators note the file of a resource; the newer name first.
const PATH: [&str; 2] = [
    "internal.config.kubernetes.io/path",
    "config.kubernetes.io/path",
];
const INDEX: [&str; 2] = [
    "internal.config.kubernetes.io/index",
    "config.kubernetes.io/index",
];

/// One result for each finding, in their order.
pub fn results<'d>(
    found: impl IntoIterator<Item = &'d Diagnostic>,
    sources: &Sources,
) -> Vec<Value> {
    let mut texts = BTreeMap::new();
    let found = found.into_iter();
    found.map(|d| result(d, sources, &mut texts)).collect()
}

type Texts = BTreeMap<SourceId, Vec<Doc>>;

fn result(d: &Diagnostic, sources: &Sources, texts: &mut Texts) -> Value {
    let mut out = Map::new();
    out.insert("message".to_owned(), json!(message(d)));
    let severity = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    };
    out.insert("severity".to_owned(), json!(severity));
    if let Some(span) = d.primary_span() {
        let docs = texts.entry(span.source).or_insert_with(|| {
            read(
                sources,
                span.source,
                &Limits::default(),
                &mut Diagnostics::default(),
            )
        });
        let name = &sources.get(span.source).name;
        let place = docs
            .iter()
            .enumerate()
            .find(|(_, doc)| within(span, doc.span));
        match place {
            Some((i, doc)) => placed(&mut out, d, span, doc, (name, i)),
            None => {
                out.insert("file".to_owned(), json!({ "path": name }));
            }
        }
    }
    let mut tags = Map::new();
    tags.insert("code".to_owned(), json!(d.code.0));
    if !d.targets.is_empty() {
        tags.insert("targets".to_owned(), json!(d.targets.join(",")));
    }
    out.insert("tags".to_owned(), tags.into());
    Value::Object(out)
}

/// Headline, what the labels say, notes and helps, one line each.
fn message(d: &Diagnostic) -> String {
    let mut out = format!("{}: {}", d.code, d.headline);
    let labels = d
        .labels
        .iter()
        .map(|l| l.text.as_str())
        .filter(|t| !t.is_empty());
    labels.for_each(|t| out.extend(["\n", t]));
    d.notes.iter().for_each(|n| out.extend(["\nnote: ", n]));
    d.helps
        .iter()
        .for_each(|h| out.extend(["\nhelp: ", &h.text]));
    out
}

fn placed(
    out: &mut Map<String, Value>,
    d: &Diagnostic,
    span: Span,
    doc: &Doc,
    file: (&str, usize),
) {
    let (resource, is_item) = resource(doc.root(), span);
    let text = |path: &[&str]| resource.at(path).and_then(Node::as_str);
    if let (Some(kind), Some(name)) = (text(&["kind"]), text(&["metadata", "name"])) {
        let mut of = Map::new();
        let version = text(&["apiVersion"]).unwrap_or_default();
        of.insert("apiVersion".to_owned(), json!(version));
        of.insert("kind".to_owned(), json!(kind));
        if let Some(namespace) = text(&["metadata", "namespace"]) {
            of.insert("namespace".to_owned(), json!(namespace));
        }
        of.insert("name".to_owned(), json!(name));
        out.insert("resourceRef".to_owned(), of.into());
    }
    let mut path = String::new();
    let field = descend(resource, span, &mut path);
    if !path.is_empty() {
        let mut of = Map::new();
        of.insert("path".to_owned(), json!(path));
        if field.items().next().is_none() && field.entries().next().is_none() {
            of.insert("currentValue".to_owned(), field.to_value());
            if let Some(value) = proposed(d, field) {
                of.insert("proposedValue".to_owned(), value);
            }
        }
        out.insert("field".to_owned(), of.into());
    }
    let annotation = |keys: [&str; 2]| {
        let mut found = keys.iter().map(|k| text(&["metadata", "annotations", k]));
        found.find_map(|t| t)
    };
    let place = if is_item {
        let index = annotation(INDEX).and_then(|i| i.parse::<usize>().ok());
        annotation(PATH).map(|p| (p, index.unwrap_or_default()))
    } else {
        Some(file)
    };
    if let Some((path, index)) = place {
        out.insert("file".to_owned(), json!({ "path": path, "index": index }));
    }
}

/// The resource that a place lies in, and whether it came as an item or as the configuration of a function.
fn resource(root: Node<'_>, span: Span) -> (Node<'_>, bool) {
    if !is_resource_list(root) {
        return (root, false);
    }
    let items = root.get("items").into_iter().flat_map(Node::items);
    let config = root.get("functionConfig");
    let inline = config
        .filter(|c| is_document(*c))
        .and_then(|c| c.at(&["spec", "documents"]));
    let inline = inline.into_iter().flat_map(Node::items);
    let mut all = inline.chain(config).chain(items);
    (all.find(|n| within(span, n.span())).unwrap_or(root), true)
}

/// The innermost node that a place lies in, with the path to it.
fn descend<'d>(node: Node<'d>, span: Span, path: &mut String) -> Node<'d> {
    for (key, value) in node.entries() {
        if within(span, value.span()) || within(span, key.span()) {
            let name = show_path(&[key.as_str().unwrap_or_default().to_owned()]);
            if !path.is_empty() && !name.starts_with('[') {
                path.push('.');
            }
            path.push_str(&name);
            return descend(value, span, path);
        }
    }
    for (i, item) in node.items().enumerate() {
        if within(span, item.span()) {
            path.push_str(&format!("[{i}]"));
            return descend(item, span, path);
        }
    }
    node
}

fn within(inner: Span, outer: Span) -> bool {
    inner.source == outer.source && outer.start <= inner.start && inner.end <= outer.end
}

/// The field with the change that the finding offers for it.
fn proposed(d: &Diagnostic, field: Node<'_>) -> Option<Value> {
    let at = field.span();
    let (span, new) = d
        .helps
        .iter()
        .filter_map(|h| h.patch.as_ref())
        .find(|(span, _)| within(*span, at))?;
    let mut text = field.text().to_owned();
    let start = (span.start - at.start) as usize;
    text.replace_range(start..start + (span.end - span.start) as usize, new);
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let source = sources.add("", text);
    let docs = read(&sources, source, &Limits::default(), &mut diags);
    docs.first().map(|doc| doc.root().to_value())
}
