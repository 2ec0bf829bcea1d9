//! What can be wrong with a text of YAML, and the words for it.
//!
//! Problems are small while a document is parsed, perhaps on another thread, and become diagnostics afterwards.

use std::ops::Range;

use granit_parser::{ErrorKind, ScanError};

use super::split::Segment;
use super::syntax;
use crate::diag::{Code, Diagnostic};
use crate::source::{SourceId, Span};

/// The kind of problem, with its facts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Syntax(String, Option<&'static str>),
    Tab,
    UnclosedQuote,
    Helm,
    Directive,
    DuplicateKey(Box<str>),
    KeyNotString(&'static str),
    AmbiguousKey(Box<str>),
    KeyTooLong,
    TooDeep(usize),
    AliasBomb(usize),
    SelfAlias,
    UnknownAnchor,
    QuotedMerge,
    MergeValue,
    MergeConflict(Box<str>),
    TextAfterEnd,
    ContentAfterMarker,
    OddMarker,
    NonFinite,
    Timestamp,
    TagMismatch(String),
    Escape(&'static str),
    ControlCharacter(char),
    TabLine,
    NoFinalBreak,
}

/// A problem at a place of the text.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) what: What,
    range: Range<usize>,
    because: Option<Range<usize>>,
    /// The text at `range` as it was written, where quotes around it are the cure.
    written: Option<String>,
}

impl Problem {
    pub(super) fn at(what: What, range: Range<usize>) -> Self {
        Self {
            what,
            range,
            because: None,
            written: None,
        }
    }

    /// Adds the place that makes it a problem.
    pub(super) fn and(mut self, because: Range<usize>) -> Self {
        self.because = Some(because);
        self
    }

    /// Remembers the text, for a help that puts quotes around it.
    pub(super) fn replace(mut self, text: &str) -> Self {
        self.written = text
            .get(self.range.clone())
            .map(str::to_owned)
            .filter(|t| !t.contains(['"', '\\', '\n']) && !t.is_empty());
        self
    }

    /// A list or map in the place of a key: mostly a template that was not rendered.
    pub(super) fn composite_key(text: &str, at: usize, end: usize) -> Self {
        helm_near(text, at.saturating_sub(1)..end, at).map_or_else(
            || Self::at(What::KeyNotString("a list or a map"), at..at + 1),
            |range| Self::at(What::Helm, range),
        )
    }

    /// The problem behind an error of the parser, and whether a tab caused it.
    pub(super) fn from_parser(
        error: &ScanError,
        text: &str,
        part: &Segment,
        at: usize,
        last_end: usize,
    ) -> (Self, bool) {
        let at = (0..=3)
            .map(|back| at.saturating_sub(back))
            .find(|a| text.is_char_boundary(*a))
            .unwrap_or(0);
        let on_char = at..at + text[at..].chars().next().map_or(0, char::len_utf8);
        let tab = is_tab_error(error.kind(), &text[..at], &text[at..]);
        let what = match error.kind() {
            ErrorKind::DirectiveDisallowed => What::Directive,
            ErrorKind::UnknownAnchor => What::UnknownAnchor,
            _ if long_key(text, at).is_some() => What::KeyTooLong,
            ErrorKind::RecursionLimitExceeded => What::TooDeep(200),
            _ if tab => What::Tab,
            ErrorKind::UnclosedQuotedScalar | ErrorKind::InvalidQuotedScalarIndent => {
                What::UnclosedQuote
            }
            _ => {
                if let Some(range) = helm_near(text, part.parse_from..part.end, at) {
                    return (Self::at(What::Helm, range), false);
                }
                let (headline, help) = syntax::words(error);
                What::Syntax(headline, help)
            }
        };
        let range = match what {
            What::KeyTooLong => long_key(text, at).unwrap_or(on_char),
            What::Tab => tab_before(text, at).unwrap_or(on_char),
            What::UnclosedQuote => open_quote(text, last_end, part.end).unwrap_or(on_char),
            _ if on_char.is_empty() || text[on_char.clone()].trim().is_empty() => {
                last_char(text, part, at)
            }
            _ => on_char,
        };
        (Self::at(what, range), tab)
    }

    /// The words.
    pub(super) fn into_diagnostic(self, source: SourceId) -> Diagnostic {
        let span = Span::new(source, self.range.start, self.range.end);
        let because = self.because.map(|r| Span::new(source, r.start, r.end));
        let error = |id, headline: String| Diagnostic::error(Code::builtin(id), headline);
        let warning = |id, headline: String| Diagnostic::warning(Code::builtin(id), headline);
        let mut out = match self.what {
            What::Syntax(why, help) => {
                let found = error("EG1010", format!("invalid YAML: {why}")).at(span, "the reader stopped here");
                match help {
                    Some(help) => found.help(help),
                    None => found,
                }
            }
            What::UnclosedQuote => error("EG1010", "invalid YAML: a quote is never closed".to_owned()).at(span, "opened here"),
            What::DuplicateKey(key) => error("EG1011", format!("key `{key}` occurs twice in one map"))
                .at(span, "the second one")
                .note("kustomize refuses the document, kubectl takes the last value"),
            What::KeyNotString(what) => error("EG1012", format!("a key is {what} instead of a string"))
                .at(span, "not a string")
                .note("kustomize fails on such a key, kubectl turns it into text"),
            What::AmbiguousKey(key) => warning("EG1013", format!("key `{key}` is a string to kustomize and a boolean to kubectl"))
                .at(span, "read in two ways"),
            What::TooDeep(limit) => error("EG1014", format!("lists and maps are nested deeper than {limit} levels"))
                .at(span, format!("level {}", limit + 1)),
            What::AliasBomb(limit) => error("EG1015", format!("the aliases of one document stand for more than {limit} values"))
                .at(span, "the limit is passed here")
                .note("kustomize does not finish on such a document"),
            What::SelfAlias => error("EG1016", "an alias lies inside of what it stands for".to_owned()).at(span, "refers to a value around it"),
            What::UnknownAnchor => error("EG1016", "an alias has no anchor before it".to_owned())
                .at(span, "no such anchor in this document")
                .note("anchors reach to the end of their own document only"),
            What::QuotedMerge => error("EG1017", "the key `<<` in quotes is read in two ways".to_owned())
                .at(span, "a merge to kubectl, a plain key to kustomize"),
            What::MergeValue => error("EG1017", "`<<` takes a map or a list of maps".to_owned()).at(span, "neither"),
            What::MergeConflict(key) => warning("EG1018", format!("key `{key}` is merged from two places that readers rank differently"))
                .at(span, "kustomize keeps this value")
                .help("write `<<` before the keys of the map itself"),
            What::Helm => error("EG1021", "this is an unrendered Helm template".to_owned())
                .at(span, "a template action")
                .help("render the chart first, for instance `helm template . > base/all.yaml`, and read the result"),
            What::Directive => error("EG1022", "a YAML directive is not supported".to_owned())
                .at(span, "a line that begins with `%`")
                .note("kustomize and kubectl refuse it, too")
                .help("remove the line"),
            What::TextAfterEnd => error("EG1023", "text follows the end of a document without `---`".to_owned())
                .at(span, "kustomize and kubectl drop this in silence")
                .help("write `---` on the line before it"),
            What::ContentAfterMarker => warning("EG1024", "a document begins on the line of its `---`".to_owned())
                .at(span, "kubectl refuses this")
                .help("put the document on the next line"),
            What::OddMarker => error("EG1024", "a line begins with `---` and goes on".to_owned())
                .at(span, "kustomize takes this for a new document")
                .help("write `---` alone on the line, or quote or indent the text"),
            What::NonFinite => error("EG1025", "a number is infinite or no number at all".to_owned())
                .at(span, "JSON has no form for this")
                .help("put it in quotes if text is meant"),
            What::Timestamp => warning("EG1026", "a date without quotes is read in two ways".to_owned())
                .at(span, "kustomize adds a time of day, kubectl keeps the text"),
            What::TagMismatch(tag) => error("EG1027", format!("the value does not fit its tag `{tag}`")).at(span, "does not fit"),
            What::Escape(what) => error("EG1028", format!("{what} is no escape that kustomize and kubectl read"))
                .at(span, "JSON allows this, YAML readers do not")
                .help("write the character itself"),
            What::ControlCharacter(c) => error("EG1029", format!("the text holds the control character U+{:04X}", c as u32))
                .at(span, "kustomize refuses to read this")
                .help("remove it, or write it as an escape in double quotes"),
            What::KeyTooLong => error("EG1030", "a key is longer than 1,024 characters".to_owned()).at(span, "too long for every reader"),
            What::TabLine => warning("EG1031", "a line holds nothing but tabs".to_owned())
                .at(span, "kustomize and kubectl refuse this line")
                .help("empty the line"),
            What::NoFinalBreak => warning("EG1032", "the text ends in a block scalar without a line break".to_owned())
                .at(span, "kubectl adds a line break to the value, kustomize does not")
                .help("end the last line"),
            What::Tab => error("EG1033", "a tab stands where YAML wants blanks".to_owned())
                .at(span, "a tab")
                .help("indent with blanks"),
        };
        if let Some(place) = because {
            let text = match &*out.code.0 {
                "EG1011" => "the first one",
                _ => "kubectl takes the value merged here",
            };
            out = out.because(place, text);
        }
        if let Some(text) = self.written {
            let quoted = format!("\"{text}\"");
            out = out.fix("put the key in quotes", span, quoted);
        }
        out
    }
}

/// Says that a text is larger than the limit.
pub(super) fn too_large(span: Span, bytes: usize, limit: usize) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG1019"),
        format!("the text has {bytes} bytes, the limit is {limit}"),
    )
    .at(span, "")
}

/// Says that a file is UTF-16.
pub(super) fn utf16(name: &str) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG1020"),
        format!("`{name}` is UTF-16, not UTF-8"),
    )
    .note("the byte order mark at the start says so")
    .help(format!(
        "convert it, for instance `iconv -f UTF-16 -t UTF-8 {name}`"
    ))
}

/// Says at which byte a file stops being UTF-8.
pub(super) fn not_utf8(name: &str, at: usize, line: usize, byte: u8) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG1020"),
        format!("`{name}` is not UTF-8: byte 0x{byte:02X} at offset {at}"),
    )
    .note(format!(
        "the byte stands on line {line}; kubectl would replace it in silence, kustomize fails"
    ))
}

fn is_tab_error(kind: &ErrorKind, before: &str, rest: &str) -> bool {
    let line = before.rfind('\n').map_or(before, |i| &before[i + 1..]);
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    ) || rest.starts_with('\t')
        || (line.contains('\t') && line.trim().is_empty())
}

/// The last character before `at` that is seen; the parser often stops at a line break or at the end of the text.
fn last_char(text: &str, part: &Segment, at: usize) -> Range<usize> {
    let before = text[part.parse_from..at.max(part.parse_from)].trim_end();
    let end = part.parse_from + before.len();
    let start = before
        .char_indices()
        .next_back()
        .map_or(end, |(i, _)| part.parse_from + i);
    start..end
}

/// The first quote after the nodes that were read which nothing on its line closes.
fn open_quote(text: &str, from: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.get(..end)?.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        let starts = matches!(bytes[at], b'\'' | b'"')
            && (at == 0 || b" \t\n[{,:-".contains(&bytes[at - 1]));
        if starts {
            let line = bytes[at + 1..].iter().take_while(|b| **b != b'\n');
            match line.clone().position(|b| *b == bytes[at]) {
                None => return Some(at..at + 1),
                Some(step) => at += step + 1,
            }
        }
        at += 1;
    }
    None
}

/// A key beyond the limit of the grammar on the line of `at`.
fn long_key(text: &str, at: usize) -> Option<Range<usize>> {
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let line = text[start..].lines().next()?;
    let key = &line[..line.find(':')?];
    let indent = key.len() - key.trim_start_matches([' ', '-', '?', '{', '[']).len();
    (key.len() - indent > 1024).then_some(start + indent..start + key.len())
}

/// The blanks and tabs at the start of the line of `at`, from the first tab on.
fn tab_before(text: &str, at: usize) -> Option<Range<usize>> {
    let line = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let next = text[at..].find('\n').map_or(text.len(), |i| at + i + 1);
    [line, next].into_iter().find_map(|line| {
        let indent = text[line..]
            .bytes()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        let tab = text[line..line + indent].find('\t')?;
        Some(line + tab..line + indent)
    })
}

/// The template action on the line of `at` or on the last line with text before it.
fn helm_near(text: &str, part: Range<usize>, at: usize) -> Option<Range<usize>> {
    let body = text.get(part.clone())?;
    let here = at.clamp(part.start, part.end) - part.start;
    let line_start = body[..here].rfind('\n').map_or(0, |i| i + 1);
    let before = body[..line_start].trim_end();
    let from = before.rfind('\n').map_or(0, |i| i + 1);
    let to = body[here..].find('\n').map_or(body.len(), |i| here + i);
    let open = from + body[from..to].find("{{")?;
    let inside = body[open + 2..to].trim_start_matches('-').trim_start();
    let is_action =
        inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '.' | '$' | '/' | '('));
    let line = &body[body[..open].rfind('\n').map_or(0, |i| i + 1)..open];
    if !is_action || line.contains('#') || line.matches(['"', '\'']).count() % 2 == 1 {
        return None;
    }
    let end = body[open..to].find("}}").map_or(to, |i| open + i + 2);
    Some(part.start + open..part.start + end)
}
