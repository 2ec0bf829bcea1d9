//! Reads a text of YAML or JSON documents into arenas of spanned nodes, the way kustomize reads resources.
//!
//! Every document is parsed on its own, so that one bad document hides nothing in the others and large streams use every core.

use std::num::NonZeroUsize;

use super::Doc;
use super::build::build;
use super::problem::{self, Problem};
use super::split::{Segment, segments};
use crate::diag::{Diagnostic, Diagnostics};
use crate::source::{SourceId, Sources, Span};

/// Streams of at least this size are parsed on several threads.
const PARALLEL_FROM: usize = 256 * 1024;

/// What a text may demand of memory and stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest text in bytes.
    pub max_bytes: usize,
    /// Deepest nesting of lists and maps, aliases followed.
    pub max_depth: usize,
    /// Most nodes that the aliases of one document may stand for.
    pub max_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 100 * 1024 * 1024,
            max_depth: 200,
            max_nodes: 1_000_000,
        }
    }
}

/// Reads all documents of a text; empty, comment-only and `null` documents are left out.
///
/// A document with an error of structure (syntax, depth, aliases) is left out, too. One whose tree is sound but holds, say, a key
/// twice is returned besides the error, so that later stages can report what else they find.
pub fn read(
    sources: &Sources,
    source: SourceId,
    limits: &Limits,
    diags: &mut Diagnostics,
) -> Vec<Doc> {
    let text = &sources.get(source).text;
    // Spans are 32 bits wide, whatever limit was set.
    let max_bytes = limits.max_bytes.min(u32::MAX as usize / 2);
    if text.len() > max_bytes {
        diags.push(problem::too_large(
            Span::new(source, 0, 0),
            text.len(),
            max_bytes,
        ));
        return Vec::new();
    }
    let parts = segments(text);
    let threads = if text.len() < PARALLEL_FROM {
        1
    } else {
        std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
    };
    let one = |part: &Segment| {
        let mut found = Vec::new();
        let doc = build(text, source, part, limits, &mut found);
        (doc, found)
    };
    let mut docs = Vec::with_capacity(parts.len());
    let mut keep = |results: Vec<(Option<Doc>, Vec<Problem>)>| {
        for (doc, found) in results {
            docs.extend(doc);
            for problem in found {
                diags.push(problem.into_diagnostic(source));
            }
        }
    };
    if threads == 1 || parts.len() < 2 {
        keep(parts.iter().map(one).collect());
        return docs;
    }
    let results = std::thread::scope(|scope| {
        let one = &one;
        let workers: Vec<_> = groups(&parts, threads)
            .map(|group| scope.spawn(move || group.iter().map(one).collect::<Vec<_>>()))
            .collect();
        workers
            .into_iter()
            .map(std::thread::ScopedJoinHandle::join)
            .collect::<Vec<_>>()
    });
    for result in results {
        match result {
            Ok(found) => keep(found),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
    docs
}

/// Neighbouring segments in at most `count` groups of about equal bytes.
fn groups(parts: &[Segment], count: usize) -> impl Iterator<Item = &[Segment]> {
    let total = parts.last().map_or(0, |p| p.end);
    let mut rest = parts;
    let mut number = 0;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        number += 1;
        let border = total / count * number;
        let cut = if number >= count {
            rest.len()
        } else {
            rest.partition_point(|p| p.start < border).max(1)
        };
        let (group, tail) = rest.split_at(cut);
        rest = tail;
        Some(group)
    })
}

/// Turns the bytes of a file into text, or says at which byte that fails.
///
/// `name` is the path as messages show it; there is no text yet that a span could point into.
pub fn decode_text(name: &str, bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes[..] {
        return Err(Box::new(problem::utf16(name)));
    }
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let line = memchr::memchr_iter(b'\n', &e.as_bytes()[..at]).count() + 1;
        Box::new(problem::not_utf8(name, at, line, e.as_bytes()[at]))
    })
}
