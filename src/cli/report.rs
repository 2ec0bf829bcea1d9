//! Findings of a run as text, and the exit code that follows from them.
//!
//! One function decides on exit codes.

use std::path::{Path, PathBuf};

use super::{Context, Done};
use crate::compile::{self, Output};
use crate::diag::render::{Format, render};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::source::Sources;
use crate::world::{display, normal};

const INTO_BASE: Code = Code::builtin("EG4104");

/// What cannot be read, and what is asked for and is not there.
const USAGE: [&str; 7] = [
    "EG1301", "EG1304", "EG1310", "EG1401", "EG1402", "EG1404", "EG4008",
];

/// Findings, gathered by the texts that they point into.
#[derive(Debug, Default)]
pub struct Report {
    parts: Vec<(Vec<Diagnostic>, Sources)>,
    /// Folders and files of the bases, into which nothing is written.
    guarded: Vec<PathBuf>,
}

impl Report {
    /// All findings of a compilation.
    pub fn of(output: &Output) -> Self {
        let mut report = Self::default();
        report.push(&output.diags, &output.sources);
        for g in &output.groups {
            report.push(&g.diags, &g.sources);
        }
        let bases = output.groups.iter().filter_map(|g| g.base.as_ref());
        report.guarded = bases.flat_map(crate::base::Base::guarded).collect();
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

    /// Findings in the format of the run.
    pub(super) fn text(&self, ctx: &Context<'_>) -> String {
        self.text_in(ctx.messages, ctx.color)
    }

    /// Findings as text. In full form, notes are one line each, and a count closes the list.
    fn text_in(&self, format: Format, color: bool) -> String {
        let mut out = String::new();
        if format != Format::Full {
            // One document for all groups: SARIF and JUnit have a single root.
            let (mut sources, mut all) = (Sources::default(), Vec::new());
            for (diags, of) in &self.parts {
                let offset = sources.absorb(of);
                all.extend(diags.iter().map(|d| d.moved(offset)));
            }
            let machine = matches!(format, Format::Json | Format::Sarif | Format::Junit);
            return if all.is_empty() && !machine {
                out
            } else {
                render(&all, &sources, format, false)
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
            out.push_str(&render(&loud, sources, Format::Full, color));
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
        let mut done = Done {
            stderr: self.text(ctx),
            code: self.code(),
            ..Done::default()
        };
        for (format, path) in &ctx.reports {
            if self.is_guarded(ctx, path) {
                let d = Diagnostic::error(
                    INTO_BASE,
                    format!("a report cannot be written to `{}`", display(path)),
                )
                .note("the file would lie in a base, which is only read")
                .help("name a path outside of the base");
                let text = render(&[d], &Sources::default(), ctx.messages, ctx.color);
                done.stderr.push_str(&text);
                done.code = done.code.max(2);
            } else {
                let text = self.text_in(*format, false);
                done.files.push((path.clone(), text));
            }
        }
        done
    }

    /// Whether a path lies in a base, also through a link.
    fn is_guarded(&self, ctx: &Context<'_>, path: &Path) -> bool {
        let real = |p: &Path| ctx.world.canonical(p).unwrap_or_else(|_| normal(p));
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        let place =
            real(folder.unwrap_or(Path::new("."))).join(path.file_name().unwrap_or_default());
        self.guarded.iter().any(|g| place.starts_with(real(g)))
    }
}
