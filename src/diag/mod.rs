//! What edgegen has to say: the diagnostic type and the collector that every stage fills.
//!
//! Messages are built by the stages from typed facts and rendered once, at the end, by [`render`].

use std::borrow::Cow;

use crate::source::Span;

pub mod catalog;
pub mod render;
pub mod similar;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Stops the run before anything is written.
    Error,
    /// Is shown; the run goes on.
    Warning,
    /// Says what was decided; shown in reports and goldens.
    Note,
}

/// What a finding is called: a built-in `EG` code or a rule of a profile, `<profile>/<rule>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub Cow<'static, str>);

impl Code {
    /// A built-in code, for instance `EG1001`; its page is in [`catalog`].
    pub const fn builtin(id: &'static str) -> Self {
        Self(Cow::Borrowed(id))
    }

    /// The code of a profile's rule.
    pub fn rule(profile: &str, rule: &str) -> Self {
        Self(Cow::Owned(format!("{profile}/{rule}")))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A place with a few words on what it has to do with the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// In what sense; may be empty.
    pub text: String,
    /// The cause (`^^^`) rather than a reason (`---`). At most one label is primary.
    pub primary: bool,
}

/// What to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// A command-like sentence.
    pub text: String,
    /// Text to put in place of a range, shown as a change of that line.
    pub patch: Option<(Span, String)>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its name.
    pub code: Code,
    /// Its weight.
    pub severity: Severity,
    /// One phrase: lower-case start, no full stop, names in backticks; understandable alone.
    pub headline: String,
    /// Places; the primary one first.
    pub labels: Vec<Label>,
    /// Rules and facts, each with its source where it has one.
    pub notes: Vec<String>,
    /// What to do.
    pub helps: Vec<Help>,
    /// An entry under `accept` may turn this error into a note.
    pub acceptable: bool,
    /// Targets for which the same was found, when it was found for a target.
    pub targets: Vec<String>,
}

impl Diagnostic {
    fn new(code: Code, severity: Severity, headline: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            headline: headline.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
            acceptable: false,
            targets: Vec::new(),
        }
    }

    /// An error.
    pub fn error(code: Code, headline: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, headline)
    }

    /// A warning.
    pub fn warning(code: Code, headline: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, headline)
    }

    /// A note.
    pub fn note_only(code: Code, headline: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, headline)
    }

    /// Adds the place that caused the finding.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
            primary: true,
        });
        self
    }

    /// Adds the place that makes it a finding: the rule, the base object, the default.
    #[must_use]
    pub fn because(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
            primary: false,
        });
        self
    }

    /// Adds a rule or a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(Help {
            text: text.into(),
            patch: None,
        });
        self
    }

    /// Adds what to write in place of `span`.
    #[must_use]
    pub fn fix(
        mut self,
        text: impl Into<String>,
        span: Span,
        replacement: impl Into<String>,
    ) -> Self {
        self.helps.push(Help {
            text: text.into(),
            patch: Some((span, replacement.into())),
        });
        self
    }

    /// Lets an `accept` entry turn the error into a note.
    #[must_use]
    pub fn acceptable(mut self) -> Self {
        self.acceptable = true;
        self
    }

    /// The place that the short format shows.
    pub fn primary_span(&self) -> Option<Span> {
        self.labels
            .iter()
            .find(|l| l.primary)
            .or(self.labels.first())
            .map(|l| l.span)
    }
}

/// Findings of a run.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Keeps a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Keeps all findings of another collector.
    pub fn extend(&mut self, other: Diagnostics) {
        self.list.extend(other.list);
    }

    /// Whether one of the findings is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The findings in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// The findings, to be changed in place.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Diagnostic> {
        self.list.iter_mut()
    }

    /// Sorted by place, code and text; equal findings of several targets become one that names them.
    pub fn into_sorted(self) -> Vec<Diagnostic> {
        let mut list = self.list;
        list.sort_by(|a, b| {
            let key = |d: &Diagnostic| {
                (
                    d.primary_span(),
                    d.code.clone(),
                    d.headline.clone(),
                    d.targets.clone(),
                )
            };
            key(a).cmp(&key(b))
        });
        let mut out: Vec<Diagnostic> = Vec::with_capacity(list.len());
        for d in list {
            match out.last_mut() {
                Some(last)
                    if last.code == d.code
                        && last.headline == d.headline
                        && last.labels == d.labels
                        && last.helps == d.helps
                        && last.severity == d.severity =>
                {
                    for t in d.targets {
                        if !last.targets.contains(&t) {
                            last.targets.push(t);
                        }
                    }
                }
                _ => out.push(d),
            }
        }
        out
    }
}

impl Diagnostic {
    /// The same finding with its places in texts whose indexes moved by `offset`.
    #[must_use]
    pub fn moved(&self, offset: u32) -> Self {
        let mut out = self.clone();
        for label in &mut out.labels {
            label.span.source.0 += offset;
        }
        for (span, _) in out.helps.iter_mut().filter_map(|h| h.patch.as_mut()) {
            span.source.0 += offset;
        }
        out
    }
}
