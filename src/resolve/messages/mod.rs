//! The words of the resolver: one function for each finding, facts in, message out.
//!
//! Kept apart from the logic so that a message can be read, compared and reworded without reading the code that finds it.

use crate::diag::Diagnostic;
use crate::diag::similar::similar;
use crate::source::Span;

mod base;
mod names;
mod routing;

pub(crate) use base::*;
pub(crate) use names::*;
pub(crate) use routing::*;

/// Adds the cause, where its place is known.
fn cause(d: Diagnostic, span: Option<Span>, text: impl Into<String>) -> Diagnostic {
    match span {
        Some(span) => d.at(span, text),
        None => d,
    }
}

/// Adds a reason, where its place is known.
fn reason(d: Diagnostic, span: Option<Span>, text: impl Into<String>) -> Diagnostic {
    match span {
        Some(span) => d.because(span, text),
        None => d,
    }
}

/// Offers the similar name, else lists the names when they are few.
fn offer(d: Diagnostic, what: &str, word: &str, span: Option<Span>, known: &[&str]) -> Diagnostic {
    if let Some(hit) = similar(word, known.iter().copied()).first() {
        let text = format!("{what} with a similar name exists: `{hit}`");
        return match span {
            Some(span) => d.fix(text, span, *hit),
            None => d.help(text),
        };
    }
    if known.is_empty() {
        d
    } else {
        d.help(format!("known here: {}", names(known)))
    }
}

/// Up to eight names in backticks.
fn names(known: &[&str]) -> String {
    let shown: Vec<String> = known.iter().take(8).map(|n| format!("`{n}`")).collect();
    let rest = known.len().saturating_sub(8);
    if rest == 0 {
        shown.join(", ")
    } else {
        format!("{} and {rest} more", shown.join(", "))
    }
}
