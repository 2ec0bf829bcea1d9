//! SARIF 2.1.0, which code scanning services show beside the code.
//!
//! Only what these services read is written: rules, results, regions, related places and fixes.

use serde_json::{Value, json};

use super::{code_title, end_line_col, notes};
use crate::diag::{Diagnostic, Label, Severity};
use crate::source::{Sources, Span};

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut codes: Vec<&str> = diagnostics.iter().map(|d| &*d.code.0).collect();
    codes.sort_unstable();
    codes.dedup();
    let results: Vec<Value> = diagnostics
        .iter()
        .map(|d| result(d, sources, &codes))
        .collect();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "edgegen",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": codes.iter().map(|c| rule(c)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{report:#}\n")
}

fn rule(code: &str) -> Value {
    match code_title(code) {
        Some(title) => json!({ "id": code, "shortDescription": { "text": title } }),
        None => json!({ "id": code }),
    }
}

fn result(d: &Diagnostic, sources: &Sources, codes: &[&str]) -> Value {
    let mut message = d.headline.clone();
    for note in notes(d) {
        message = message + "\nnote: " + &note;
    }
    for help in &d.helps {
        message = message + "\nhelp: " + &help.text;
    }
    let mut out = json!({
        "ruleId": d.code.0,
        "ruleIndex": codes.binary_search(&&*d.code.0).unwrap_or(0),
        "level": match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": message },
        "locations": [],
    });
    if let Some(primary) = d.labels.iter().find(|l| l.primary).or(d.labels.first()) {
        out["locations"] = json!([location(primary, sources)]);
        let related: Vec<Value> = d
            .labels
            .iter()
            .filter(|l| !std::ptr::eq(*l, primary))
            .map(|l| location(l, sources))
            .collect();
        if !related.is_empty() {
            out["relatedLocations"] = Value::Array(related);
        }
    }
    let fixes: Vec<Value> = d
        .helps
        .iter()
        .filter_map(|h| {
            h.patch
                .as_ref()
                .map(|(span, text)| fix(&h.text, *span, text, sources))
        })
        .collect();
    if !fixes.is_empty() {
        out["fixes"] = Value::Array(fixes);
    }
    out
}

fn location(label: &Label, sources: &Sources) -> Value {
    let mut out = json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&sources.get(label.span.source).name) },
        "region": region(label.span, sources),
    }});
    if !label.text.is_empty() {
        out["message"] = json!({ "text": label.text });
    }
    out
}

fn fix(text: &str, span: Span, replacement: &str, sources: &Sources) -> Value {
    json!({
        "description": { "text": text },
        "artifactChanges": [{
            "artifactLocation": { "uri": uri(&sources.get(span.source).name) },
            "replacements": [{
                "deletedRegion": region(span, sources),
                "insertedContent": { "text": replacement },
            }],
        }],
    })
}

fn region(span: Span, sources: &Sources) -> Value {
    let (line, column) = sources.line_col(span);
    let (end_line, end_column) = end_line_col(sources, span);
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

/// A path as a relative reference: what a URI cannot hold is written as `%XX`.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for b in path.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push('%');
            for digit in [b >> 4, b & 15] {
                out.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
    out
}
