//! The words of findings about profiles, for their authors.
//!
//! A profile is data that anyone may write, so its faults deserve carets as much as an exposure's do.

use super::expr::ExprError;
use crate::diag::similar::similar;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::yaml::{Kind, Node};

const SHAPE: Code = Code::builtin("EG9001");
const EXPRESSION: Code = Code::builtin("EG9002");
const NAME: Code = Code::builtin("EG9003");
const FIELD: Code = Code::builtin("EG9004");
const COVERAGE: Code = Code::builtin("EG9005");
const UNFIT: Code = Code::builtin("EG9006");

pub(super) fn lacks(node: Node<'_>, key: &str) -> Diagnostic {
    Diagnostic::error(SHAPE, format!("the profile lacks `{key}`"))
        .at(node.span(), format!("`{key}` is required here"))
}

pub(super) fn unknown_key(key: Node<'_>, known: &[&str]) -> Diagnostic {
    let name = key.as_str().unwrap_or_default();
    let d = Diagnostic::error(SHAPE, format!("a profile has no key `{name}` here"))
        .at(key.span(), "unknown key");
    match similar(name, known.iter().copied()).first() {
        Some(best) => d.fix(format!("a similar key exists: `{best}`"), key.span(), *best),
        None => d.help(format!("the keys are {}", known.join(", "))),
    }
}

pub(super) fn not_a_list(node: Node<'_>) -> Diagnostic {
    Diagnostic::error(SHAPE, "a file of rules is a list")
        .at(node.span(), "a list of rules is expected here")
}

pub(super) fn unknown_form(node: Node<'_>, form: &str) -> Diagnostic {
    Diagnostic::error(SHAPE, format!("a key has no form `{form}`")).at(
        node.get("form").map_or(node.span(), Node::span),
        "one of text, boolean, integer, words, list, pairs, json",
    )
}

pub(super) fn bad_expression(node: Node<'_>, source: &str, e: &ExprError) -> Diagnostic {
    Diagnostic::error(
        EXPRESSION,
        format!("the expression does not compile: {}", e.message),
    )
    .at(narrow(node, source, e), "")
}

/// The place within the scalar where the engine says so and the scalar is plain; else the scalar.
fn narrow(node: Node<'_>, source: &str, e: &ExprError) -> Span {
    let span = node.span();
    let plain = matches!(node.kind(), Kind::Str(s) if s == node.text());
    match &e.range {
        Some(r) if plain => {
            let text = node.text();
            let start = text.find(source).unwrap_or(0) + r.start;
            // The engine names single bytes.
            let end = text.ceil_char_boundary(start + r.len().max(1));
            let first = span.start as usize;
            let start = first + text.floor_char_boundary(start);
            Span::new(span.source, start, first + end)
        }
        _ => span,
    }
}

/// An expression that failed while it was evaluated: a fault of the profile, not of the user's input.
pub fn failed(rule: &str, at: Option<Span>, e: &ExprError) -> Diagnostic {
    let d = Diagnostic::error(
        EXPRESSION,
        format!("an expression of rule `{rule}` has no value: {}", e.message),
    );
    let d = d.note("this is a fault of the profile, not of the exposure");
    match at {
        Some(span) => d.at(span, ""),
        None => d,
    }
}

pub(super) fn unknown_name(
    rule: &str,
    name: &str,
    span: Option<Span>,
    known: &[&str],
) -> Diagnostic {
    let d = Diagnostic::error(
        NAME,
        format!("rule `{rule}` uses `{name}`, which nothing gives a value"),
    );
    let d = match span {
        Some(s) => d.at(s, "unknown name"),
        None => d,
    };
    match similar(name, known.iter().copied()).first() {
        Some(best) => d.help(format!("a similar name exists: `{best}`")),
        None => d,
    }
}

pub(super) fn unknown_field(rule: &str, field: &str, span: Span, known: &[String]) -> Diagnostic {
    let d = Diagnostic::error(
        FIELD,
        format!("`{rule}` answers for `{field}`, which is not in the vocabulary"),
    )
    .at(span, "");
    match similar(field, known.iter().map(String::as_str)).first() {
        Some(best) => d.help(format!("a similar field exists: `{best}`")),
        None => d,
    }
}

pub(super) fn unread_field(rule: &str, field: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        FIELD,
        format!("rule `{rule}` answers for `{field}` and does not read it"),
    )
    .at(span, "")
}

pub(super) fn uncovered(profile: &str, field: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        COVERAGE,
        format!("profile `{profile}` does not answer for `{field}`"),
    )
    .at(span, "")
    .help(format!(
        "write a rule with `fields: [{field}]`, or list it under `unsupported` with a reason"
    ))
}

pub(super) fn covered_twice(profile: &str, field: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        COVERAGE,
        format!("profile `{profile}` both expresses and refuses `{field}`"),
    )
    .at(span, "")
}

pub(super) fn unfit(what: String, span: Span) -> Diagnostic {
    Diagnostic::error(UNFIT, what).at(span, "")
}
