//! Adds scalars to the arena: keys, text, numbers and what their tags make of them.
//!
//! Split from the tree builder because every rule on which the Kubernetes readers disagree about single values stands here.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{ScalarStyle, Tag};

use super::build::{Builder, Collection};
use super::problem::{Problem, What};
use super::scalar::{self, Scalar};
use super::{Repr, tags, text_checks};

impl Builder<'_> {
    /// Adds a scalar: a key, or a value by the rules for its style and tag.
    pub(super) fn scalar(
        &mut self,
        value: Cow<'_, str>,
        body: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        range: Range<usize>,
    ) {
        let at_key = self.at_key();
        let plain = style == ScalarStyle::Plain;
        // The parser writes `~` for a value that is not there.
        let absent = plain && range.is_empty();
        let value = if absent { Cow::Borrowed("") } else { value };
        if absent && !at_key && tag.is_none() {
            let at = self.after_colon().unwrap_or(range.start);
            let node = self.add(Repr::Null, at..at, 1, 0);
            self.remember(anchor, node, 1, 0, false);
            return;
        }
        if style == ScalarStyle::DoubleQuoted && matches!(value, Cow::Owned(_)) {
            text_checks::escapes(&self.text[range.clone()], range.start, &mut self.found);
        }
        let resolved = match tag {
            None if plain => scalar::resolve(&value),
            None => Scalar::Str,
            Some(tag) => match tags::resolve(tag, &value, plain) {
                Ok(tags::Tagged::Scalar(s)) => s,
                Ok(tags::Tagged::Text(text)) => {
                    let repr = self.keep(text);
                    let node = self.add(repr, range, 1, 0);
                    self.remember(anchor, node, 1, 0, false);
                    return;
                }
                Err(tag) => {
                    self.found
                        .push(Problem::at(What::TagMismatch(tag), range.clone()));
                    Scalar::Str
                }
            },
        };
        if at_key {
            self.check_key(
                &value,
                resolved,
                plain && tag.is_none_or(|t| t.suffix() == "merge"),
                tag.is_none(),
                &range,
            );
        }
        let repr = match resolved {
            _ if at_key => self.string(value, body),
            Scalar::Null => Repr::Null,
            Scalar::Bool(b) => Repr::Bool(b),
            Scalar::Int(i) => Repr::Int(i),
            Scalar::UInt(u) => Repr::UInt(u),
            Scalar::Float(f) => Repr::Float(f),
            Scalar::NonFinite => {
                self.found.push(Problem::at(What::NonFinite, range.clone()));
                Repr::Null
            }
            Scalar::Timestamp => {
                self.found.push(Problem::at(What::Timestamp, range.clone()));
                self.string(value, body)
            }
            Scalar::Str if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) => {
                self.block(&value, &range)
            }
            Scalar::Str => self.string(value, body),
        };
        let node = self.add(repr, range, 1, 0);
        self.remember(anchor, node, 1, 0, false);
    }

    fn check_key(
        &mut self,
        value: &str,
        resolved: Scalar,
        may_merge: bool,
        untagged: bool,
        range: &Range<usize>,
    ) {
        let problem = match resolved {
            Scalar::Str if value == "<<" && may_merge => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.merges = true;
                }
                return;
            }
            Scalar::Str if value == "<<" => What::QuotedMerge,
            Scalar::Str if value.len() > 1024 && value.chars().count() > 1024 => What::KeyTooLong,
            Scalar::Str if may_merge && untagged && scalar::is_yaml11_boolean(value) => {
                What::AmbiguousKey(value.into())
            }
            Scalar::Str => return,
            Scalar::Null => What::KeyNotString("null"),
            Scalar::Bool(_) => What::KeyNotString("a boolean"),
            Scalar::Timestamp => What::KeyNotString("a date"),
            Scalar::Int(_) | Scalar::UInt(_) | Scalar::Float(_) | Scalar::NonFinite => {
                What::KeyNotString("a number")
            }
        };
        self.found
            .push(Problem::at(problem, range.clone()).replace(self.text));
    }

    /// A block scalar; without a line break at the end of the text kustomize reads none, the grammar reads one.
    fn block(&mut self, value: &str, range: &Range<usize>) -> Repr {
        let cut = !self.text.ends_with('\n')
            && range.end >= self.text.trim_end_matches([' ', '\t']).len()
            && value.ends_with('\n');
        if cut {
            self.found.push(Problem::at(
                What::NoFinalBreak,
                range.start..self.text.len(),
            ));
            return self.keep(value[..value.len() - 1].to_owned());
        }
        self.keep(value.to_owned())
    }

    fn string(&mut self, value: Cow<'_, str>, body: &str) -> Repr {
        if let Cow::Borrowed(slice) = value
            && let offset = (slice.as_ptr() as usize).wrapping_sub(body.as_ptr() as usize)
        {
            let start = self.part.parse_from.wrapping_add(offset);
            if offset <= body.len() && self.text.get(start..start + slice.len()) == Some(slice) {
                return Repr::Borrowed(start as u32, (start + slice.len()) as u32);
            }
        }
        self.keep(value.into_owned())
    }

    fn keep(&mut self, value: String) -> Repr {
        self.owned.push(value.into_boxed_str());
        Repr::Owned(self.owned.len() as u32 - 1)
    }

    /// The place after the colon of the key that waits for a value.
    fn after_colon(&self) -> Option<usize> {
        let frame = self
            .frames
            .last()
            .filter(|f| f.kind == Collection::MapValue)?;
        let from = self.nodes[frame.last as usize].end as usize;
        let rest = self.text.get(from..)?;
        let colon = rest.bytes().take_while(|b| *b == b' ').count();
        (rest.as_bytes().get(colon) == Some(&b':')).then_some(from + colon + 1)
    }
}
