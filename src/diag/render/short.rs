//! One line a finding, in the form that editors and `grep` know.
//!
//! The headline must be understandable alone; this is where that shows.

use super::{clean_line, severity_name};
use crate::diag::Diagnostic;
use crate::source::Sources;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    diagnostics
        .iter()
        .map(|d| line(d, sources) + "\n")
        .collect()
}

fn line(d: &Diagnostic, sources: &Sources) -> String {
    let finding = format!("{}[{}]: {}", severity_name(d.severity), d.code, d.headline);
    let line = match d.primary_span() {
        None => finding,
        Some(span) => {
            let (line, column) = sources.line_col(span);
            format!(
                "{}:{line}:{column}: {finding}",
                sources.get(span.source).name
            )
        }
    };
    clean_line(&line).into_owned()
}
