//! Texts that were read, and byte ranges in them.
//!
//! Every message points into one of these texts, so they are kept for the whole run and nothing else holds file names.

use std::sync::{Arc, OnceLock};

/// Index of a text in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A byte range in one text; `start == end` marks a place between two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text that the range lies in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A range of `source`.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        Self {
            source,
            start: start as u32,
            end: end as u32,
        }
    }
}

/// One text with the name that messages show for it.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path as the user wrote it or relative to what the user wrote; `/` as separator; `<stdin>` for a stream.
    pub name: String,
    /// Valid UTF-8, as read, including a byte order mark and carriage returns.
    pub text: Arc<str>,
    /// Where each line but the first starts; gathered when a place is first asked for, since thousands of findings may be about one text.
    breaks: Arc<OnceLock<Vec<usize>>>,
}

impl Source {
    fn breaks(&self) -> &[usize] {
        self.breaks.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.text.as_bytes());
            ends.map(|i| i + 1).collect()
        })
    }
}

/// All texts of a run, in the order in which they were read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    list: Vec<Source>,
}

impl Sources {
    /// Keeps a text and returns its index.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        self.list.push(Source {
            name: name.into(),
            text: text.into(),
            breaks: Arc::default(),
        });
        SourceId(self.list.len() as u32 - 1)
    }

    /// The text behind `id`.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.list[id.0 as usize]
    }

    /// The bytes of `span` as text; empty where the span does not fall on character borders.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source)
            .text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// Line and column of the start of `span`, both counted from 1; the column counts characters, without a byte order mark.
    pub fn line_col(&self, span: Span) -> (usize, usize) {
        let source = self.get(span.source);
        let text = &source.text;
        let at = (span.start as usize).min(text.len());
        let breaks = source.breaks();
        let line = breaks.partition_point(|start| *start <= at) + 1;
        let line_start = if line > 1 { breaks[line - 2] } else { 0 };
        let head = text.get(line_start..at).unwrap_or("");
        (
            line,
            head.trim_start_matches('\u{feff}').chars().count() + 1,
        )
    }

    /// All texts in reading order.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.list
            .iter()
            .enumerate()
            .map(|(i, s)| (SourceId(i as u32), s))
    }
}

impl Sources {
    /// Adds all texts of another collection; gives the number by which their indexes move.
    pub fn absorb(&mut self, other: &Sources) -> u32 {
        let offset = self.list.len() as u32;
        self.list.extend(other.list.iter().cloned());
        offset
    }
}
