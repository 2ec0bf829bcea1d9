//! `JUnit` XML, which most build servers show as test results.
//!
//! An error is a failed case, everything else a passed one with its text as output; a clean run is one passed case.

use std::fmt::Write as _;

use super::{clean_line, full, markup, short};
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
        let name = markup(short::render(one, sources).trim_end());
        let text = markup(&full::render(one, sources, false));
        let _ = writeln!(
            out,
            "    <testcase classname=\"{}\" name=\"{name}\">",
            markup(&d.code.0)
        );
        let _ = if d.severity == Severity::Error {
            writeln!(
                out,
                "      <failure type=\"{}\" message=\"{}\">{text}</failure>",
                markup(&d.code.0),
                markup(&clean_line(&d.headline))
            )
        } else {
            writeln!(out, "      <system-out>{text}</system-out>")
        };
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}
