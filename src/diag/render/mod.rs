//! Diagnostics as text, in the forms that people and machines read.
//!
//! Each form is a pure function, so that goldens, documentation and a terminal show the same words.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Diagnostic, Severity, catalog};
use crate::source::{Sources, Span};

mod full;
mod github;
mod json;
mod junit;
mod markup;
mod sarif;
mod short;

pub use markup::markup;

/// A form of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Format {
    /// Headline, source lines with carets, notes and changes.
    #[default]
    Full,
    /// `path:line:column: severity[code]: headline`.
    Short,
    /// One JSON object a line.
    Json,
    /// Workflow commands that become annotations of a pull request.
    Github,
    /// SARIF 2.1.0.
    Sarif,
    /// `JUnit` XML.
    Junit,
}

impl Format {
    /// All formats with the names that the command line takes.
    pub const ALL: [(&'static str, Format); 6] = [
        ("full", Format::Full),
        ("short", Format::Short),
        ("json", Format::Json),
        ("github", Format::Github),
        ("sarif", Format::Sarif),
        ("junit", Format::Junit),
    ];
}

/// Writes the diagnostics in their order; `color` matters for [`Format::Full`] only.
pub fn render(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    format: Format,
    color: bool,
) -> String {
    match format {
        Format::Full => full::render(diagnostics, sources, color),
        Format::Short => short::render(diagnostics, sources),
        Format::Json => json::render(diagnostics, sources),
        Format::Github => github::render(diagnostics, sources),
        Format::Sarif => sarif::render(diagnostics, sources),
        Format::Junit => junit::render(diagnostics, sources),
    }
}

/// Writes one number and its noun.
fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The note on targets; none where the code names the only one already.
fn targets_note(d: &Diagnostic) -> Option<String> {
    match &d.targets[..] {
        [] => None,
        [one]
            if d.code
                .0
                .strip_prefix(one.as_str())
                .is_some_and(|rest| rest.starts_with('/')) =>
        {
            None
        }
        [one] => Some(format!("for target: {one}")),
        many => Some(format!("for targets: {}", many.join(", "))),
    }
}

/// Notes of the diagnostic, with the one on targets at the end.
fn notes(d: &Diagnostic) -> impl Iterator<Item = Cow<'_, str>> {
    d.notes
        .iter()
        .map(|n| Cow::Borrowed(n.as_str()))
        .chain(targets_note(d).map(Cow::Owned))
}

/// Line and column of the end of `span`, counted as for its start.
fn end_line_col(sources: &Sources, span: Span) -> (usize, usize) {
    sources.line_col(Span {
        start: span.end,
        ..span
    })
}

/// A text that may hold words of a user, without characters that a terminal would obey.
fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| c.is_control() && c != '\n') {
        Cow::Owned(
            text.chars()
                .map(|c| {
                    if c.is_control() && c != '\n' {
                        '\u{fffd}'
                    } else {
                        c
                    }
                })
                .collect(),
        )
    } else {
        Cow::Borrowed(text)
    }
}

/// The same on one line.
fn clean_line(text: &str) -> Cow<'_, str> {
    match clean(text) {
        cleaned if cleaned.contains('\n') => Cow::Owned(cleaned.replace('\n', " ")),
        cleaned => cleaned,
    }
}

/// The object of SARIF's rules and the short description of JSON consumers: what a code is called.
fn code_title(code: &str) -> Option<&'static str> {
    catalog::page(code)?
        .lines()
        .next()?
        .split_once(": ")
        .map(|(_, title)| title)
}

/// A place as machine formats write it.
fn place(sources: &Sources, span: Span) -> Value {
    let (line, column) = sources.line_col(span);
    let (end_line, end_column) = end_line_col(sources, span);
    json!({
        "file": sources.get(span.source).name,
        "start": span.start,
        "end": span.end,
        "line": line,
        "column": column,
        "endLine": end_line,
        "endColumn": end_column,
    })
}

#[cfg(test)]
mod tests;
