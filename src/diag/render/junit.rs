//! `JUnit` XML, which most build servers show as test results.
//!
//! An error is a failed case, everything else a passed one with its text as output; a clean run is one passed case.

use std::fmt::Write as _;

use super::{clean_line, full, short};
use crate::diag::{Diagnostic, Severity};
use crate::source::Sources;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let failures = diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .count();
    let tests = diagnostics.len().max(1);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{tests}\" failures=\"{failures}\">\n  \
         <testsuite name=\"edgegen\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n"
    );
    if diagnostics.is_empty() {
        out.push_str("    <testcase classname=\"edgegen\" name=\"no findings\"/>\n");
    }
    for d in diagnostics {
        let one = std::slice::from_ref(d);
        let name = escape(short::render(one, sources).trim_end());
        let text = escape(&full::render(one, sources, false));
        let _ = writeln!(
            out,
            "    <testcase classname=\"{}\" name=\"{name}\">",
            escape(&d.code.0)
        );
        let _ = if d.severity == Severity::Error {
            writeln!(
                out,
                "      <failure type=\"{}\" message=\"{}\">{text}</failure>",
                escape(&d.code.0),
                escape(&clean_line(&d.headline))
            )
        } else {
            writeln!(out, "      <system-out>{text}</system-out>")
        };
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no form for these.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                out.push('\u{fffd}');
            }
            _ => out.push(c),
        }
    }
    out
}
