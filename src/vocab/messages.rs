//! The words of findings about fields: unknown, missing, of the wrong type or beyond a limit.
//!
//! Kept apart from the decoder so that wording is reviewed in one place.

use serde_json::Value;

use super::Field;
use crate::diag::similar::similar;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::yaml::{Kind, Node};

/// A field that the vocabulary does not have.
pub const UNKNOWN: Code = Code::builtin("EG1201");
const TYPE: Code = Code::builtin("EG1202");
const MISSING: Code = Code::builtin("EG1203");
const CHOICE: Code = Code::builtin("EG1204");
const FORM: Code = Code::builtin("EG1205");
const BOUNDS: Code = Code::builtin("EG1206");

pub(super) fn unknown_field(path: &str, key: Node<'_>, fields: &[Field]) -> Diagnostic {
    let name = key.as_str().unwrap_or_default();
    let d = Diagnostic::error(UNKNOWN, format!("`{path}` has no field `{name}`"))
        .at(key.span(), "unknown field");
    let near = similar(name, fields.iter().map(|f| f.name.as_str()));
    if let Some(best) = near.first() {
        d.fix(
            format!("a field with a similar name exists: `{best}`"),
            key.span(),
            *best,
        )
    } else {
        let names: Vec<_> = fields.iter().map(|f| format!("`{}`", f.name)).collect();
        d.help(format!("the fields are {}", names.join(", ")))
    }
}

pub(super) fn wrong_type(path: &str, wanted: &str, node: Node<'_>) -> Diagnostic {
    let d = Diagnostic::error(
        TYPE,
        format!("`{path}` is {}, not {wanted}", node.kind().name()),
    )
    .at(node.span(), format!("{wanted} is expected here"));
    let scalar = !matches!(
        node.kind(),
        Kind::Map | Kind::List | Kind::Null | Kind::Str(_)
    );
    if scalar && wanted == "a string" {
        return d.fix(
            "quotes make it a string",
            node.span(),
            format!("\"{}\"", node.text()),
        );
    }
    if let (Kind::Int(i), true) = (node.kind(), wanted.starts_with("a duration")) {
        return d.fix("a duration has a unit", node.span(), format!("{i}s"));
    }
    d
}

pub(super) fn missing_field(path: &str, field: &Field, span: Span) -> Diagnostic {
    let doc = field
        .shape
        .doc
        .split(". ")
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    let d = Diagnostic::error(MISSING, format!("`{path}` lacks `{}`", field.name))
        .at(span, format!("`{}` is required here", field.name));
    if doc.is_empty() {
        d
    } else {
        d.note(format!("`{}`: {doc}", field.name))
    }
}

pub(super) fn not_one_of(path: &str, node: Node<'_>, values: &[Value]) -> Diagnostic {
    let written = node.text().trim_matches(['"', '\'']);
    let show = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let list: Vec<_> = values.iter().map(|v| format!("`{}`", show(v))).collect();
    let d = Diagnostic::error(CHOICE, format!("`{path}` cannot be `{written}`"))
        .at(node.span(), format!("one of {}", list.join(", ")));
    let texts: Vec<String> = values.iter().map(show).collect();
    if let Some(v) = values.iter().find(|v| show(v) == written) {
        let (text, help) = if v.is_string() {
            (format!("\"{written}\""), "quotes make it a string")
        } else {
            (written.to_owned(), "it is a number")
        };
        return d.fix(help, node.span(), text);
    }
    if let Some(same) = texts.iter().find(|t| t.eq_ignore_ascii_case(written)) {
        return d.fix("letter case matters", node.span(), same.clone());
    }
    match similar(written, texts.iter().map(String::as_str)).first() {
        Some(best) => d.fix(
            format!("a similar value exists: `{best}`"),
            node.span(),
            *best,
        ),
        None => d,
    }
}

pub(super) fn malformed(
    path: &str,
    node: Node<'_>,
    why: String,
    help: Option<String>,
) -> Diagnostic {
    let d = Diagnostic::error(
        FORM,
        format!(
            "`{path}` cannot be `{}`",
            node.text().trim_matches(['"', '\''])
        ),
    )
    .at(node.span(), why);
    match help {
        Some(text) => d.fix("what may be meant", node.span(), text),
        None => d,
    }
}

pub(super) fn out_of_bounds(
    path: &str,
    node: Node<'_>,
    min: Option<String>,
    max: Option<String>,
) -> Diagnostic {
    let range = match (&min, &max) {
        (Some(a), Some(b)) => format!("`{a}` to `{b}`"),
        (Some(a), None) => format!("at least `{a}`"),
        (None, Some(b)) => format!("at most `{b}`"),
        (None, None) => String::new(),
    };
    Diagnostic::error(BOUNDS, format!("`{path}` cannot be `{}`", node.text()))
        .at(node.span(), format!("the vocabulary takes {range}"))
}
