//! One JSON object a line, with everything that the other forms show.
//!
//! Byte ranges serve tools that change files, lines and columns those that show them.

use serde_json::{Value, json};

use super::{place, severity_name};
use crate::diag::{Diagnostic, Help, Label};
use crate::source::Sources;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    diagnostics
        .iter()
        .map(|d| object(d, sources).to_string() + "\n")
        .collect()
}

fn object(d: &Diagnostic, sources: &Sources) -> Value {
    json!({
        "severity": severity_name(d.severity),
        "code": d.code.0,
        "headline": d.headline,
        "labels": d.labels.iter().map(|l| label(l, sources)).collect::<Vec<_>>(),
        "notes": d.notes,
        "helps": d.helps.iter().map(|h| help(h, sources)).collect::<Vec<_>>(),
        "acceptable": d.acceptable,
        "targets": d.targets,
    })
}

fn label(l: &Label, sources: &Sources) -> Value {
    let mut out = place(sources, l.span);
    out["text"] = json!(l.text);
    out["primary"] = json!(l.primary);
    out
}

fn help(h: &Help, sources: &Sources) -> Value {
    let patch = h.patch.as_ref().map(|(span, replacement)| {
        let mut out = place(sources, *span);
        out["replacement"] = json!(replacement);
        out
    });
    json!({ "text": h.text, "patch": patch })
}
