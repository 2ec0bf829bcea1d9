//! The form for people: rustc's layout, with every file that a finding is about.
//!
//! Nearly every finding is a disagreement between two texts, so both lines are shown, and the change that cures it.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet};

use super::{clean, clean_line, count, notes};
use crate::diag::{Diagnostic, Label, Severity};
use crate::source::{SourceId, Sources, Span};

/// Findings that are shown in full; the rest is counted.
const MOST: usize = 50;

/// Bytes of text that are shown of one place; of longer lines only the place is named.
const WIDEST: usize = 1 << 16;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = String::new();
    for d in diagnostics.iter().take(MOST) {
        out.push_str(renderer.render(&report(d, sources)).trim_end_matches('\n'));
        out.push_str("\n\n");
    }
    if diagnostics.len() > MOST {
        let rest = count(diagnostics.len() - MOST, "more finding");
        out.push_str(&rest);
        out.push_str("; the short format lists all of them\n\n");
    }
    // One empty line between findings, none at the end.
    if out.ends_with("\n\n") {
        out.pop();
    }
    out
}

fn report<'a>(d: &'a Diagnostic, sources: &'a Sources) -> Vec<Group<'a>> {
    let level = match d.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut elements: Vec<Element<'a>> = Vec::new();
    for (source, labels) in by_source(&d.labels) {
        elements.push(match annotated(sources, source, &labels) {
            Some(snippet) => snippet.into(),
            None => named(sources, labels[0].span).into(),
        });
    }
    elements.extend(notes(d).map(|n| Level::NOTE.message(clean(&n).into_owned()).into()));
    elements.extend(
        d.helps
            .iter()
            .filter(|h| h.patch.is_none())
            .map(|h| Level::HELP.message(clean(&h.text)).into()),
    );
    let mut report = vec![
        level
            .primary_title(clean_line(&d.headline))
            .id(&*d.code.0)
            .elements(elements),
    ];
    for help in &d.helps {
        let Some((span, replacement)) = &help.patch else {
            continue;
        };
        let title = Level::HELP.secondary_title(clean_line(&help.text));
        let Some(window) = Window::around(sources, span.source, &[*span]) else {
            continue;
        };
        let mut snippet = Snippet::source(window.text).line_start(window.line);
        // The file is named where it is not the one that the report began with.
        if d.primary_span().is_none_or(|p| p.source != span.source) {
            snippet = snippet.path(sources.get(span.source).name.as_str());
        }
        report.push(
            title.element(snippet.patch(Patch::new(window.range(*span), clean(replacement)))),
        );
    }
    report
}

/// Labels by file: the primary label's file first, then in the order of the labels.
fn by_source(labels: &[Label]) -> Vec<(SourceId, Vec<&Label>)> {
    let mut files: Vec<(SourceId, Vec<&Label>)> = Vec::new();
    for label in labels
        .iter()
        .filter(|l| l.primary)
        .chain(labels.iter().filter(|l| !l.primary))
    {
        match files
            .iter_mut()
            .find(|(source, _)| *source == label.span.source)
        {
            Some((_, list)) => list.push(label),
            None => files.push((label.span.source, vec![label])),
        }
    }
    files
}

/// A place without its text.
fn named(sources: &Sources, span: Span) -> Origin<'_> {
    let (line, column) = sources.line_col(span);
    Origin::path(sources.get(span.source).name.as_str())
        .line(line)
        .char_column(column)
}

fn annotated<'a>(
    sources: &'a Sources,
    source: SourceId,
    labels: &[&'a Label],
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let spans: Vec<Span> = labels.iter().map(|l| l.span).collect();
    let window = Window::around(sources, source, &spans)?;
    let annotations = labels.iter().map(|label| {
        let kind = if label.primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let annotation = kind.span(window.range(label.span));
        if label.text.is_empty() {
            annotation
        } else {
            annotation.label(clean_line(&label.text))
        }
    });
    Some(
        Snippet::source(window.text)
            .line_start(window.line)
            .path(sources.get(source).name.as_str())
            .annotations(annotations.collect::<Vec<_>>()),
    )
}

/// The whole lines of a text that hold some spans; a base may be large, and only these lines are looked at.
struct Window<'a> {
    text: &'a str,
    start: usize,
    line: usize,
}

impl<'a> Window<'a> {
    /// `None` where the lines are too long to be shown.
    fn around(sources: &'a Sources, source: SourceId, spans: &[Span]) -> Option<Self> {
        let text: &str = &sources.get(source).text;
        let first = spans
            .iter()
            .map(|s| s.start as usize)
            .min()
            .unwrap_or(0)
            .min(text.len());
        let last = spans
            .iter()
            .map(|s| s.end as usize)
            .max()
            .unwrap_or(0)
            .clamp(first, text.len());
        let bytes = text.as_bytes();
        // Only so far is looked for the ends of the lines: a file may be one line of a hundred megabytes.
        let near = first.saturating_sub(WIDEST);
        let mut start = match memchr::memrchr(b'\n', &bytes[near..first]) {
            Some(i) => near + i + 1,
            None if near == 0 => 0,
            None => return None,
        };
        if bytes[start..].starts_with("\u{feff}".as_bytes()) {
            start += '\u{feff}'.len_utf8();
        }
        let far = (last + WIDEST).min(bytes.len());
        let end = match memchr::memchr(b'\n', &bytes[last..far]) {
            Some(i) => last + i,
            None if far == bytes.len() => far,
            None => return None,
        };
        if end.saturating_sub(start) > WIDEST {
            return None;
        }
        let line = memchr::memchr_iter(b'\n', &bytes[..start]).count() + 1;
        Some(Self {
            text: text.get(start..end.max(start)).unwrap_or(""),
            start,
            line,
        })
    }

    /// A span as a range of the window, on character borders.
    fn range(&self, span: Span) -> Range<usize> {
        let within = |at: u32| {
            self.text
                .floor_char_boundary((at as usize).saturating_sub(self.start))
        };
        let start = within(span.start);
        start..within(span.end).max(start)
    }
}
