//! Findings of a run as text, and the exit code that follows from them.
//!
//! One function decides on exit codes.

use super::{Context, Done};
use crate::compile::{self, Output};
use crate::diag::render::{Format, render};
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::source::Sources;

/// What cannot be read, and what is asked for and is not there.
const USAGE: [&str; 7] = [
    "EG1301", "EG1304", "EG1310", "EG1401", "EG1402", "EG1404", "EG4008",
];

/// Findings, gathered by the texts that they point into.
#[derive(Debug, Default)]
pub struct Report {
    parts: Vec<(Vec<Diagnostic>, Sources)>,
}

impl Report {
    /// All findings of a compilation.
    pub fn of(output: &Output) -> Self {
        let mut report = Self::default();
        report.push(&output.diags, &output.sources);
        for g in &output.groups {
            report.push(&g.diags, &g.sources);
        }
        report
    }

    pub(super) fn add(&mut self, _ctx: &Context<'_>, diags: &Diagnostics, sources: &Sources) {
        self.push(diags, sources);
    }

    fn push(&mut self, diags: &Diagnostics, sources: &Sources) {
        if !diags.is_empty() {
            self.parts
                .push((diags.clone().into_sorted(), sources.clone()));
        }
    }

    /// The findings, with the texts that they point into.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&[Diagnostic], &Sources)> {
        self.parts.iter().map(|(d, s)| (d.as_slice(), s))
    }

    /// All findings.
    pub fn findings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.parts.iter().flat_map(|(d, _)| d)
    }

    /// The exit code: 70 for mistakes of edgegen, 2 for what cannot be read or asked for or is held by another run, 1 for other errors, else 0.
    pub fn code(&self) -> u8 {
        let errors = || self.findings().filter(|d| d.severity == Severity::Error);
        let asked = |d: &Diagnostic| USAGE.contains(&&*d.code.0);
        if errors().any(|d| d.code == compile::messages::INTERNAL) {
            70
        } else if errors().any(asked) {
            2
        } else {
            u8::from(errors().next().is_some())
        }
    }

    /// Findings as text. In full form, notes are one line each, and a count closes the list.
    pub(super) fn text(&self, ctx: &Context<'_>) -> String {
        let mut out = String::new();
        if ctx.messages != Format::Full {
            // One document for all groups: SARIF and JUnit have a single root.
            let (mut sources, mut all) = (Sources::default(), Vec::new());
            for (diags, of) in &self.parts {
                let offset = sources.absorb(of);
                all.extend(diags.iter().map(|d| d.moved(offset)));
            }
            let machine = matches!(ctx.messages, Format::Json | Format::Sarif | Format::Junit);
            return if all.is_empty() && !machine {
                out
            } else {
                render(&all, &sources, ctx.messages, false)
            };
        }
        for (diags, sources) in &self.parts {
            let (notes, loud): (Vec<_>, Vec<_>) = diags
                .iter()
                .cloned()
                .partition(|d| d.severity == Severity::Note);
            if !out.is_empty() && !loud.is_empty() {
                out.push('\n');
            }
            out.push_str(&render(&loud, sources, Format::Full, ctx.color));
            out.push_str(&render(&notes, sources, Format::Short, false));
        }
        let count = |s: Severity| self.findings().filter(|d| d.severity == s).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let of = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        match (errors, warnings) {
            (0, 0) => {}
            (0, w) => out.push_str(&format!("{}\n", of(w, "warning"))),
            (e, 0) => out.push_str(&format!("{}; nothing was written\n", of(e, "error"))),
            (e, w) => out.push_str(&format!(
                "{}, {}; nothing was written\n",
                of(e, "error"),
                of(w, "warning")
            )),
        }
        out
    }

    pub(super) fn done(&self, ctx: &Context<'_>) -> Done {
        Done {
            stdout: String::new(),
            stderr: self.text(ctx),
            code: self.code(),
        }
    }
}
