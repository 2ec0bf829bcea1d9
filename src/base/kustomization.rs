//! One `kustomization.yaml` of the base, decoded.
//!
//! edgegen reads the part of kustomize that moves and names objects; every other field is refused at its line, because leaving it out would give an overlay for a base that does not exist.

use super::messages;
use crate::diag::{Diagnostic, Diagnostics};
use crate::source::Span;
use crate::yaml::{Kind, Node};

/// The file names that kustomize takes, in its order.
pub(crate) const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Labels of one entry, sorted by key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labels {
    /// Keys and values.
    pub pairs: Vec<(String, String)>,
    /// Also into selectors and templates.
    pub selectors: bool,
    /// Also into templates.
    pub templates: bool,
}

/// What a kustomization asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// `resources`, with where each is written.
    pub resources: Vec<(String, Span)>,
    /// `namespace`.
    pub namespace: Option<String>,
    /// `namePrefix`; empty when not set.
    pub prefix: String,
    /// `nameSuffix`; empty when not set.
    pub suffix: String,
    /// `labels`, then `commonLabels`.
    pub labels: Vec<Labels>,
    /// `commonAnnotations`, sorted by key.
    pub annotations: Vec<(String, String)>,
}

impl Settings {
    /// Whether it changes names.
    pub(crate) fn renames(&self) -> bool {
        !self.prefix.is_empty() || !self.suffix.is_empty()
    }
}

/// Decodes the one document of a kustomization file. `dir` is the folder as messages show it.
pub(crate) fn decode(root: Node<'_>, dir: &str, diags: &mut Diagnostics) -> Settings {
    let mut settings = Settings::default();
    if !matches!(root.kind(), Kind::Map) {
        diags.push(messages::wrong_type(
            root.span(),
            "kustomization",
            "a map",
            root.kind().name(),
        ));
        return settings;
    }
    let mut common = None;
    for (key, value) in root.entries() {
        let name = key.as_str().unwrap_or_default();
        if value.is_null() {
            continue;
        }
        match name {
            "apiVersion" => header(
                value,
                "apiVersion",
                "kustomize.config.k8s.io/v1beta1",
                diags,
            ),
            "kind" => header(value, "kind", "Kustomization", diags),
            "metadata" => {}
            "resources" => settings.resources = resources(value, diags),
            "namespace" => settings.namespace = text(value, name, diags).filter(|s| !s.is_empty()),
            "namePrefix" => settings.prefix = text(value, name, diags).unwrap_or_default(),
            "nameSuffix" => settings.suffix = text(value, name, diags).unwrap_or_default(),
            "commonLabels" => {
                common = Some(Labels {
                    pairs: pairs(value, name, diags),
                    selectors: true,
                    templates: true,
                });
            }
            "commonAnnotations" => settings.annotations = pairs(value, name, diags),
            "labels" => match value.kind() {
                Kind::List => {
                    settings.labels = value
                        .items()
                        .map(|entry| labels(entry, dir, diags))
                        .collect();
                }
                other => diags.push(messages::wrong_type(
                    value.span(),
                    name,
                    "a list",
                    other.name(),
                )),
            },
            _ if is_empty(value) => {}
            _ => diags.push(messages::unsupported_field(key.span(), name, dir)),
        }
    }
    settings.labels.extend(common);
    settings
}

/// Whether a field that edgegen does not follow asks for nothing.
fn is_empty(value: Node<'_>) -> bool {
    match value.kind() {
        Kind::List => value.items().next().is_none(),
        Kind::Map => value.entries().next().is_none(),
        _ => false,
    }
}

fn header(value: Node<'_>, field: &str, expected: &str, diags: &mut Diagnostics) {
    if value.as_str() != Some(expected) {
        diags.push(messages::wrong_header(
            value.span(),
            field,
            expected,
            value.text(),
        ));
    }
}

fn resources(value: Node<'_>, diags: &mut Diagnostics) -> Vec<(String, Span)> {
    if !matches!(value.kind(), Kind::List) {
        diags.push(messages::wrong_type(
            value.span(),
            "resources",
            "a list",
            value.kind().name(),
        ));
        return Vec::new();
    }
    let mut out = Vec::new();
    for item in value.items() {
        if let Some(path) = text(item, "resources", diags) {
            out.push((path, item.span()));
        }
    }
    out
}

fn labels(entry: Node<'_>, dir: &str, diags: &mut Diagnostics) -> Labels {
    let mut out = Labels::default();
    if !matches!(entry.kind(), Kind::Map) {
        diags.push(messages::wrong_type(
            entry.span(),
            "labels",
            "a map",
            entry.kind().name(),
        ));
        return out;
    }
    for (key, value) in entry.entries() {
        match key.as_str().unwrap_or_default() {
            _ if value.is_null() => {}
            "pairs" => out.pairs = pairs(value, "labels.pairs", diags),
            "includeSelectors" => out.selectors = flag(value, "labels.includeSelectors", diags),
            "includeTemplates" => out.templates = flag(value, "labels.includeTemplates", diags),
            _ if is_empty(value) => {}
            other => diags.push(messages::unsupported_field(
                key.span(),
                &format!("labels.{other}"),
                dir,
            )),
        }
    }
    out
}

fn flag(value: Node<'_>, field: &str, diags: &mut Diagnostics) -> bool {
    value.as_bool().unwrap_or_else(|| {
        diags.push(messages::wrong_type(
            value.span(),
            field,
            "a boolean",
            value.kind().name(),
        ));
        false
    })
}

fn text(value: Node<'_>, field: &str, diags: &mut Diagnostics) -> Option<String> {
    let found = value.as_str().map(str::to_owned);
    if found.is_none() {
        diags.push(not_text(value, field));
    }
    found
}

fn pairs(value: Node<'_>, field: &str, diags: &mut Diagnostics) -> Vec<(String, String)> {
    if !matches!(value.kind(), Kind::Map) {
        diags.push(messages::wrong_type(
            value.span(),
            field,
            "a map",
            value.kind().name(),
        ));
        return Vec::new();
    }
    let mut out = Vec::new();
    for (key, value) in value.entries() {
        let found = if value.is_null() {
            Some(String::new())
        } else {
            text(value, field, diags)
        };
        if let (Some(key), Some(found)) = (key.as_str(), found) {
            out.push((key.to_owned(), found));
        }
    }
    out.sort();
    out
}

fn not_text(value: Node<'_>, field: &str) -> Diagnostic {
    let problem = messages::wrong_type(value.span(), field, "a string", value.kind().name());
    match value.kind() {
        Kind::List | Kind::Map | Kind::Null => problem,
        _ => problem.fix(
            "quote the value",
            value.span(),
            format!("\"{}\"", value.text()),
        ),
    }
}
