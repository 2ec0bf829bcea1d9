//! The form for people: rustc's layout, with every file that a finding is about.
//!
//! Nearly every finding is a disagreement between two texts, so both lines are shown, and the change that cures it.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Patch, Renderer, Snippet};

use super::{clean, clean_line, count, notes};
use crate::diag::{Diagnostic, Label, Severity};
use crate::source::{SourceId, Sources, Span};

/// Findings that are shown in full; the rest is counted.
const MOST: usize = 50;

/// Bytes between two places of one snippet.
const MOST_APART: usize = 32 * 1024;

/// Bytes of one place that are shown, and of a line on either side of it: a line may be as long as the file.
const MOST_SHOWN: usize = 4 * 1024;

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
        elements.push(annotated(sources, source, &labels).into());
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
            .id(clean_line(&d.code.0))
            .elements(elements),
    ];
    for help in &d.helps {
        let Some((span, replacement)) = &help.patch else {
            continue;
        };
        let title = Level::HELP.secondary_title(clean_line(&help.text));
        let window = Window::around(sources, span.source, &[*span]);
        let range = window.range(*span);
        let mut snippet = Snippet::source(window.text).line_start(window.line);
        // The file is named where it is not the one that the report began with.
        if d.primary_span().is_none_or(|p| p.source != span.source) {
            snippet = snippet.path(clean_line(&sources.get(span.source).name));
        }
        report.push(title.element(snippet.patch(Patch::new(range, clean(replacement)))));
    }
    report
}

/// Labels by file: the primary label's file first, then in the order of the labels. Places far apart in one file stand in snippets of
/// their own, so that what lies between them is not looked at.
fn by_source(labels: &[Label]) -> Vec<(SourceId, Vec<&Label>)> {
    let mut files: Vec<(SourceId, Vec<&Label>)> = Vec::new();
    for label in labels
        .iter()
        .filter(|l| l.primary)
        .chain(labels.iter().filter(|l| !l.primary))
    {
        let near = |(source, list): &&mut (SourceId, Vec<&Label>)| {
            let gap = |l: &&Label| l.span.start.abs_diff(label.span.start) as usize <= MOST_APART;
            *source == label.span.source && list.iter().any(gap)
        };
        match files.iter_mut().find(near) {
            Some((_, list)) => list.push(label),
            None => files.push((label.span.source, vec![label])),
        }
    }
    files
}

fn annotated<'a>(
    sources: &'a Sources,
    source: SourceId,
    labels: &[&'a Label],
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let spans: Vec<Span> = labels.iter().map(|l| l.span).collect();
    let window = Window::around(sources, source, &spans);
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
    let annotations: Vec<_> = annotations.collect();
    Snippet::source(window.text)
        .line_start(window.line)
        .path(clean_line(&sources.get(source).name))
        .annotations(annotations)
}

/// The whole lines of a text that hold some spans; a base may be large, and only these lines are looked at.
struct Window<'a> {
    text: Cow<'a, str>,
    start: usize,
    line: usize,
}

impl<'a> Window<'a> {
    fn around(sources: &'a Sources, source: SourceId, spans: &[Span]) -> Self {
        let text: &str = &sources.get(source).text;
        let first = spans
            .iter()
            .map(|s| s.start as usize)
            .min()
            .unwrap_or(0)
            .min(text.len());
        let last = spans
            .iter()
            .map(|s| (s.end as usize).min(s.start as usize + MOST_SHOWN))
            .max()
            .unwrap_or(0)
            .clamp(first, text.len());
        let bytes = text.as_bytes();
        let mut start = memchr::memrchr(b'\n', &bytes[..first]).map_or(0, |i| i + 1);
        if bytes[start..].starts_with("\u{feff}".as_bytes()) {
            start += '\u{feff}'.len_utf8();
        }
        let end = memchr::memchr(b'\n', &bytes[last..]).map_or(text.len(), |i| last + i);
        let (line, _) = sources.line_col(Span::new(source, start, start));
        let start = text.ceil_char_boundary(start.max(first.saturating_sub(MOST_SHOWN)));
        let end = text.floor_char_boundary(end.min(last + MOST_SHOWN));
        Self {
            text: without_orders(text.get(start..end.max(start)).unwrap_or("")),
            start,
            line,
        }
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

/// A text of the user without the orders to terminals that the library lets pass, those of U+0080 to U+009F. What stands for them is
/// as long, so that places stay.
fn without_orders(text: &str) -> Cow<'_, str> {
    let is_order = |c: char| matches!(c, '\u{80}'..='\u{9f}');
    if text.contains(is_order) {
        Cow::Owned(text.replace(is_order, "\u{bf}"))
    } else {
        Cow::Borrowed(text)
    }
}
