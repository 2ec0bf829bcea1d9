//! Builds the arena of one document from parser events.
//!
//! Aliases share the children of what they stand for, so a document needs no more memory than its text, whatever it refers to.

use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, StructureStyle};

use super::problem::{Problem, What};
use super::read::Limits;
use super::split::{Marker, Segment};
use super::{Doc, NONE, NodeData, Repr, text_checks};
use super::{maps, quick};
use crate::source::{SourceId, Span};

/// Parses one segment; nothing comes back for an empty or null document or one with an error of structure.
pub(crate) fn build(
    text: &Arc<str>,
    source: SourceId,
    part: &Segment,
    limits: &Limits,
    found: &mut Vec<Problem>,
) -> Option<Doc> {
    match part.marker {
        Marker::Clean => {}
        Marker::Content => found.push(Problem::at(
            What::ContentAfterMarker,
            part.parse_from..part.parse_from + 3,
        )),
        Marker::Odd => {
            let end = memchr::memchr(b'\n', &text.as_bytes()[part.parse_from..])
                .map_or(part.end, |i| part.parse_from + i);
            found.push(Problem::at(What::OddMarker, part.parse_from..end));
            return None;
        }
    }
    let body = &text[part.parse_from..part.end];
    let mut quick = Builder::new(text, part, limits);
    if quick::read(&mut quick, body, part.parse_from).is_some() {
        debug_assert!(
            quick.confirmed(text, part, limits, body),
            "the quick reader reads {body:?} in another way than the parser does"
        );
        return quick.finish(text, source, part);
    }
    if !text_checks::characters(body, part.parse_from, found) {
        return None;
    }
    let mut builder = Builder::new(text, part, limits);
    let mut sound = builder.run(body);
    // JSON may be indented by tabs; the parser wants blanks.
    if builder.tab_error
        && let Some(spaced) = text_checks::blank_tabs_of_flow_text(body)
    {
        builder = Builder::new(text, part, limits);
        sound = builder.run(&spaced);
    }
    found.append(&mut builder.found);
    if !sound {
        return None;
    }
    let doc = builder.finish(text, source, part)?;
    text_checks::tab_lines(&doc, body, part.parse_from, found);
    Some(doc)
}

/// A list or map that is being read.
pub(super) struct Frame {
    node: u32,
    pub(super) last: u32,
    pub(super) kind: Collection,
    is_flow: bool,
    /// A map with a `<<`.
    pub(super) merges: bool,
    /// Nodes below, aliases followed.
    size: usize,
    /// Levels below, aliases followed.
    height: usize,
    anchor: usize,
}

/// What is read next in a list or map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    List,
    MapKey,
    MapValue,
}

struct Anchor {
    id: usize,
    node: u32,
    size: usize,
    height: usize,
    open: bool,
}

pub(super) struct Builder<'t> {
    pub(super) text: &'t str,
    pub(super) part: &'t Segment,
    limits: &'t Limits,
    pub(super) nodes: Vec<NodeData>,
    pub(super) owned: Vec<Box<str>>,
    pub(super) found: Vec<Problem>,
    pub(super) frames: Vec<Frame>,
    anchors: Vec<Anchor>,
    /// Nodes that aliases stand for so far.
    expanded: usize,
    tab_error: bool,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str, part: &'t Segment, limits: &'t Limits) -> Self {
        Self {
            text,
            part,
            limits,
            nodes: Vec::with_capacity((part.end - part.parse_from) / 14 + 4),
            owned: Vec::new(),
            found: Vec::new(),
            frames: Vec::new(),
            anchors: Vec::new(),
            expanded: 0,
            tab_error: false,
        }
    }

    /// The document; `None` for one of nothing.
    fn finish(self, text: &Arc<str>, source: SourceId, part: &Segment) -> Option<Doc> {
        let root = self.nodes.first()?;
        (root.repr != Repr::Null).then(|| Doc {
            source,
            span: Span::new(source, part.start, part.end),
            text: Arc::clone(text),
            nodes: self.nodes,
            owned: self.owned,
        })
    }

    /// Whether the parser gives the same: asked in debug builds, so that everything that tests read is the test.
    fn confirmed(&self, text: &str, part: &Segment, limits: &Limits, body: &str) -> bool {
        let mut other = Builder::new(text, part, limits);
        let sound = other.run(body) && other.found.is_empty();
        let same = self.nodes == other.nodes && self.owned == other.owned;
        sound && same
    }

    /// Takes all events; false when the tree is not sound.
    fn run(&mut self, body: &str) -> bool {
        let options = granit_parser::options! {
            disallow_directives: true,
            emit_unresolved_aliases: true,
            flow_nesting_limit: self.limits.max_depth + 1,
            block_nesting_limit: self.limits.max_depth + 1,
        };
        let base = self.part.parse_from;
        let mut documents = 0;
        for event in Parser::new_from_str_with_options(body, options) {
            let (event, span) = match event {
                Ok(next) => next,
                Err(error) => {
                    let at = base + error.marker().byte_offset().unwrap_or(0).min(body.len());
                    let last_end = self.nodes.last().map_or(base, |n| n.end as usize);
                    let (problem, tab) =
                        Problem::from_parser(&error, self.text, self.part, at, last_end);
                    self.tab_error = tab;
                    self.syntax_error(problem, at);
                    return false;
                }
            };
            let range = span
                .byte_range()
                .map_or(base..base, |r| base + r.start..base + r.end);
            let go_on = match event {
                Event::Scalar(value, style, anchor, tag) => {
                    self.scalar(value, body, style, anchor, tag.as_deref(), range);
                    true
                }
                Event::MappingStart(style, anchor, _) => self.open(Repr::Map, style, anchor, range),
                Event::SequenceStart(style, anchor, _) => {
                    self.open(Repr::List, style, anchor, range)
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    self.close(range);
                    true
                }
                Event::Alias(id) => self.alias(id, range),
                Event::UnresolvedAlias(_) => {
                    self.found.push(Problem::at(What::UnknownAnchor, range));
                    self.add(Repr::Null, 0..0, 1, 0);
                    true
                }
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        self.found.push(Problem::at(
                            What::TextAfterEnd,
                            first_line(self.text, range.start, self.part.end),
                        ));
                    }
                    documents == 1
                }
                _ => true,
            };
            if !go_on {
                return false;
            }
        }
        !self.found.iter().any(|p| p.what == What::UnknownAnchor)
    }

    /// Keeps an error of the parser, unless its cause was found already.
    fn syntax_error(&mut self, problem: Problem, at: usize) {
        let ended =
            self.frames.is_empty() && self.nodes.first().is_some_and(|n| n.repr != Repr::Null);
        let known = |what: &What| self.found.iter().any(|p| p.what == *what);
        if ended && matches!(problem.what, What::Syntax(..)) {
            let rest = first_line(self.text, at, self.part.end);
            self.found.push(Problem::at(What::TextAfterEnd, rest));
        } else if problem.what != What::KeyTooLong || !known(&What::KeyTooLong) {
            self.found.push(problem);
        }
    }

    pub(super) fn open(
        &mut self,
        repr: Repr,
        style: StructureStyle,
        anchor: usize,
        range: Range<usize>,
    ) -> bool {
        if self.frames.len() >= self.limits.max_depth {
            self.found.push(Problem::at(
                What::TooDeep(self.limits.max_depth),
                first_char(self.text, range.start),
            ));
            return false;
        }
        if self.at_key() {
            self.found.push(Problem::composite_key(
                self.text,
                range.start,
                self.part.end,
            ));
            return false;
        }
        let kind = if repr == Repr::Map {
            Collection::MapKey
        } else {
            Collection::List
        };
        let node = self.add(repr, range, 1, 0);
        self.remember(anchor, node, 1, 0, true);
        let is_flow = style == StructureStyle::Flow;
        self.frames.push(Frame {
            node,
            last: NONE,
            kind,
            is_flow,
            merges: false,
            size: 1,
            height: 0,
            anchor,
        });
        true
    }

    pub(super) fn close(&mut self, range: Range<usize>) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if frame.kind != Collection::List {
            if frame.merges {
                maps::merge(self, frame.node);
            }
            maps::report_duplicates(self, frame.node);
        }
        let last_end = if frame.last == NONE {
            0
        } else {
            self.nodes[frame.last as usize].end
        };
        let node = &mut self.nodes[frame.node as usize];
        node.end = if frame.is_flow {
            range.end as u32
        } else {
            last_end.max(node.start)
        };
        let (size, height) = (frame.size, frame.height + 1);
        if let Some(anchor) = self
            .anchors
            .iter_mut()
            .rev()
            .find(|a| frame.anchor != 0 && a.id == frame.anchor)
        {
            (anchor.size, anchor.height, anchor.open) = (size, height, false);
        }
        if let Some(parent) = self.frames.last_mut() {
            parent.size += size - 1;
            parent.height = parent.height.max(height);
        }
    }

    /// Appends a node to the list or map that is open.
    pub(super) fn add(
        &mut self,
        repr: Repr,
        range: Range<usize>,
        size: usize,
        height: usize,
    ) -> u32 {
        let id = self.nodes.len() as u32;
        self.nodes.push(NodeData {
            repr,
            start: range.start as u32,
            end: range.end as u32,
            first: NONE,
            next: NONE,
        });
        if let Some(frame) = self.frames.last_mut() {
            if frame.last == NONE {
                self.nodes[frame.node as usize].first = id;
            } else {
                self.nodes[frame.last as usize].next = id;
            }
            frame.last = id;
            frame.kind = match frame.kind {
                Collection::List => Collection::List,
                Collection::MapKey => Collection::MapValue,
                Collection::MapValue => Collection::MapKey,
            };
            frame.size += size;
            frame.height = frame.height.max(height);
        }
        id
    }

    /// Whether the next node is a key of a map.
    pub(super) fn at_key(&self) -> bool {
        self.frames
            .last()
            .is_some_and(|f| f.kind == Collection::MapKey)
    }

    pub(super) fn remember(
        &mut self,
        anchor: usize,
        node: u32,
        size: usize,
        height: usize,
        open: bool,
    ) {
        if anchor != 0 {
            self.anchors.push(Anchor {
                id: anchor,
                node,
                size,
                height,
                open,
            });
        }
    }

    pub(super) fn alias(&mut self, id: usize, range: Range<usize>) -> bool {
        let Some(anchor) = self.anchors.iter().rev().find(|a| a.id == id) else {
            self.found.push(Problem::at(What::UnknownAnchor, range));
            return false;
        };
        if anchor.open {
            self.found.push(Problem::at(What::SelfAlias, range));
            return false;
        }
        let (size, height, target) = (anchor.size, anchor.height, self.nodes[anchor.node as usize]);
        self.expanded = self.expanded.saturating_add(size);
        if self.expanded > self.limits.max_nodes {
            self.found
                .push(Problem::at(What::AliasBomb(self.limits.max_nodes), range));
            return false;
        }
        if self.frames.len() + height > self.limits.max_depth {
            self.found
                .push(Problem::at(What::TooDeep(self.limits.max_depth), range));
            return false;
        }
        let at_key = self.at_key();
        if at_key && !matches!(target.repr, Repr::Borrowed(..) | Repr::Owned(_)) {
            self.found.push(Problem::at(
                What::KeyNotString("an alias to something else"),
                range,
            ));
            return false;
        }
        // A scalar keeps the span of its text, because some places take the text as it was written.
        let is_scalar = !matches!(target.repr, Repr::List | Repr::Map);
        let span = if is_scalar {
            target.start as usize..target.end as usize
        } else {
            range
        };
        let node = self.add(target.repr, span, size, height);
        self.nodes[node as usize].first = target.first;
        true
    }
}

fn first_char(text: &str, at: usize) -> Range<usize> {
    at..at
        + text
            .get(at..)
            .and_then(|t| t.chars().next())
            .map_or(0, char::len_utf8)
}

fn first_line(text: &str, at: usize, end: usize) -> Range<usize> {
    let rest = text.get(at..end).unwrap_or("");
    at..at + rest.lines().next().unwrap_or("").trim_end().len()
}
