//! Workflow commands: findings become annotations on the lines of a pull request.
//!
//! A command is one line, so everything beside the headline is joined into its message.

use std::fmt::Write as _;

use super::{clean, clean_line, end_line_col, notes};
use crate::diag::{Diagnostic, Severity};
use crate::source::Sources;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    diagnostics.iter().map(|d| command(d, sources)).collect()
}

fn command(d: &Diagnostic, sources: &Sources) -> String {
    let mut out = String::from(match d.severity {
        Severity::Error => "::error ",
        Severity::Warning => "::warning ",
        Severity::Note => "::notice ",
    });
    if let Some(span) = d.primary_span() {
        let (line, column) = sources.line_col(span);
        let (end_line, end_column) = end_line_col(sources, span);
        let _ = write!(
            out,
            "file={},line={line},endLine={end_line}",
            property(&clean_line(&sources.get(span.source).name))
        );
        // Columns are allowed on one line only.
        if line == end_line {
            let _ = write!(out, ",col={column},endColumn={end_column}");
        }
        out.push(',');
    }
    let mut message = clean(&d.headline).into_owned();
    for note in notes(d) {
        message = message + "\nnote: " + &clean(&note);
    }
    for help in &d.helps {
        message = message + "\nhelp: " + &clean(&help.text);
    }
    let _ = writeln!(
        out,
        "title={}::{}",
        property(&clean_line(&d.code.0)),
        data(&message)
    );
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
