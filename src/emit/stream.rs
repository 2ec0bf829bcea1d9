//! The plain rendered stream: every object of the result, in one text.
//!
//! For people and tools without kustomize; what the plan does not touch passes through byte for byte, comments included.

use std::collections::BTreeMap;

use crate::base::Manifest;
use crate::diag::Diagnostic;
use crate::plan::apply::{Body, Built};
use crate::source::{Sources, Span};
use crate::yaml::Doc;
use crate::yaml::write::{Order, write};

/// The file of a stream.
pub const MANIFESTS: &str = "manifests.yaml";

/// The comment above a stream that lies in a folder, so that the next run knows the file for its own.
pub fn head(exposure: &str, target: &str) -> String {
    super::kustomize::head(exposure, target, MANIFESTS)
}

/// Writes the objects of a result as one stream of documents, in the order of the base's manifests, new objects last.
///
/// The manifests are texts of `sources`, and the stream is those texts: only the documents that differ are written anew, below the
/// comments that open them. A `List` of which one item differs is written as its items.
pub fn stream(
    manifests: &[Manifest],
    built: &[Built<'_>],
    sources: &Sources,
) -> Result<String, Box<Diagnostic>> {
    let mut of: BTreeMap<Span, Vec<&Built<'_>>> = BTreeMap::new();
    let mut made = Vec::new();
    for object in built {
        match &object.body {
            Body::Untouched(base) | Body::Patched(base, _) => {
                of.entry(base.doc.span).or_default().push(object);
            }
            Body::Created(_) => made.push(object),
        }
    }
    let mut out = Stream::default();
    for file in manifests.chunk_by(|a, b| a.doc.source == b.doc.source) {
        let Some(first) = file.first() else { continue };
        let text: &str = &sources.get(first.doc.source).text;
        let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
        for manifest in file {
            let doc = &manifest.doc;
            let (start, end) = (doc.span.start as usize, doc.span.end as usize);
            // The marker line of the document, and what stands before it without being an object.
            let gap = text.get(at..start).unwrap_or_default();
            at = end;
            let mine = of.get(&doc.span).map_or(&[][..], Vec::as_slice);
            if mine.len() == manifest.objects && mine.iter().all(|o| is_as_written(o)) {
                out.push(gap);
                out.push(text.get(start..end).unwrap_or_default());
            } else if mine.is_empty() {
                out.push(without_marker(gap));
            } else {
                out.push(gap);
                out.end_line();
                out.push(opening(doc, text));
                for (i, object) in mine.iter().enumerate() {
                    if i > 0 {
                        out.next();
                    }
                    out.push(&written(object)?);
                }
            }
        }
        out.push(text.get(at..).unwrap_or_default());
        out.next();
    }
    for object in made {
        out.next();
        out.push(&written(object)?);
    }
    out.end_line();
    Ok(out.text)
}

/// The text so far, and whether the next part begins a document.
#[derive(Default)]
struct Stream {
    text: String,
    next: bool,
}

impl Stream {
    /// What comes next is another document.
    fn next(&mut self) {
        self.next = true;
    }

    fn end_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn push(&mut self, part: &str) {
        if part.is_empty() {
            return;
        }
        if std::mem::take(&mut self.next) && !self.text.is_empty() {
            self.end_line();
            if !part.starts_with("---") {
                self.text.push_str("---\n");
            }
        }
        self.text.push_str(part);
    }
}

/// Whether the object is what its document says.
pub(super) fn is_as_written(object: &Built<'_>) -> bool {
    matches!(&object.body, Body::Untouched(base) if base.transformed.is_none())
}

/// What stands before a document, without the marker that opens it.
fn without_marker(gap: &str) -> &str {
    match gap.rfind("\n---") {
        Some(at) => &gap[..=at],
        None if gap.starts_with("---") => "",
        None => gap,
    }
}

/// The comments and empty lines before the first key.
fn opening<'t>(doc: &Doc, text: &'t str) -> &'t str {
    let (start, root) = (doc.span.start as usize, doc.root().span().start as usize);
    let lead = text.get(start..root).unwrap_or_default();
    let plain = lead.is_empty() || lead.ends_with('\n');
    let comments = |l: &str| l.trim().is_empty() || l.trim_start().starts_with('#');
    if plain && lead.lines().all(comments) {
        lead
    } else {
        ""
    }
}

fn written(object: &Built<'_>) -> Result<String, Box<Diagnostic>> {
    match write([&object.value()], Order::Canonical) {
        Ok(text) => Ok(text.text),
        Err(why) => Err(unwritable(object, &why.path, why.reason)),
    }
}

/// The finding for a value that no reader reads back.
pub(super) fn unwritable(object: &Built<'_>, path: &str, reason: String) -> Box<Diagnostic> {
    let headline = format!("`{path}` of `{}` cannot be written", object.id.short());
    let finding = Diagnostic::error(super::UNWRITABLE, headline).note(reason);
    Box::new(match &object.body {
        Body::Untouched(base) | Body::Patched(base, _) => {
            finding.at(base.name_span(), "in this object")
        }
        Body::Created(_) => finding,
    })
}
