//! Texts: without quotes, in quotes, and as blocks of lines.
//!
//! Each form gives what the parser gives or is left to it: escapes by number, lines that are indented further in a folded text.

use std::borrow::Cow;

use granit_parser::ScalarStyle;

use super::{Quick, starts_plain};

impl Quick<'_, '_, '_> {
    pub(super) fn plain(&mut self, end: usize) {
        let text = &self.body[self.at..end];
        let range = self.range(self.at, end);
        self.text(Cow::Borrowed(text), ScalarStyle::Plain, range);
        self.at = end;
    }

    /// A text without quotes that may go on below, indented further than `column`. Ends at the next content.
    pub(super) fn plain_lines(&mut self, column: usize) -> Option<()> {
        let from = self.at;
        let (mut end, mut commented) = self.plain_line()?;
        let mut text = Cow::Borrowed(&self.body[from..end]);
        loop {
            let empty = self.empty_lines(self.at);
            self.next_content();
            if self.is_end() || self.column() <= column {
                break;
            }
            // A comment ends a text.
            let (empty, first) = (empty?, self.peek());
            let follows =
                starts_plain(first, self.byte(self.at + 1)) || b"'\"|>{}[]&*!%@`,".contains(&first);
            if commented || !follows {
                return None;
            }
            let line = self.at;
            (end, commented) = self.plain_line()?;
            fold(text.to_mut(), empty, &self.body[line..end]);
        }
        let range = self.range(from, end);
        self.text(text, ScalarStyle::Plain, range);
        Some(())
    }

    /// Where the text of this line ends, and whether a comment follows. Stands at the line feed after it.
    fn plain_line(&mut self) -> Option<(usize, bool)> {
        let mut end = self.at;
        loop {
            match self.peek() {
                b'\n' => return Some((end, false)),
                b':' if matches!(self.byte(self.at + 1), b' ' | b'\n') => return None,
                b'#' if self.byte(self.at - 1) == b' ' => {
                    self.skip_line();
                    return Some((end, true));
                }
                b' ' => {}
                _ => end = self.at + 1,
            }
            self.at += 1;
        }
    }

    /// Empty lines below a line feed; `None` where a comment comes next.
    pub(super) fn empty_lines(&self, feed: usize) -> Option<usize> {
        let (mut at, mut count) = (feed + 1, 0);
        loop {
            match self.bytes.get(at) {
                Some(b'\n') => count += 1,
                Some(b' ') => {}
                Some(b'#') => return None,
                _ => return Some(count),
            }
            at += 1;
        }
    }

    /// One past the closing quote; `None` for a text with rare escapes or on several lines.
    pub(super) fn quote_end(&self, from: usize, quote: u8) -> Option<usize> {
        let mut at = from + 1;
        loop {
            match self.byte(at) {
                b'\n' => return None,
                b'\\' if quote == b'"' => {
                    escaped(self.byte(at + 1))?;
                    at += 2;
                }
                // Two single quotes stand for one.
                b'\'' if quote == b'\'' && self.byte(at + 1) == b'\'' => at += 2,
                b if b == quote => return Some(at + 1),
                _ => at += 1,
            }
        }
    }

    pub(super) fn quoted(&mut self) -> Option<()> {
        let quote = self.peek();
        let end = self.quote_end(self.at, quote)?;
        let style = if quote == b'"' {
            ScalarStyle::DoubleQuoted
        } else {
            ScalarStyle::SingleQuoted
        };
        let inside = &self.body[self.at + 1..end - 1];
        let text = match quote {
            b'"' if inside.contains('\\') => Cow::Owned(unescaped(inside)?),
            b'\'' if inside.contains('\'') => Cow::Owned(inside.replace("''", "'")),
            _ => Cow::Borrowed(inside),
        };
        let range = self.range(self.at, end);
        self.text(text, style, range);
        self.at = end;
        Some(())
    }

    /// A literal or a folded text; ends at the next content.
    pub(super) fn text_block(&mut self, column: usize) -> Option<()> {
        let folded = self.peek() == b'>';
        self.at += 1;
        let chomp = self.peek();
        if matches!(chomp, b'-' | b'+') {
            self.at += 1;
        }
        self.end_of_line()?;
        let mut value = String::new();
        let (mut indent, mut empty) = (0, 0);
        // The parser counts the blanks before what follows to the text.
        let (mut start, mut end) = (0, self.bytes.len());
        loop {
            // At the line feed before the line that is looked at.
            if self.at >= self.bytes.len() {
                return None;
            }
            let line = self.at + 1;
            if line >= self.bytes.len() {
                break;
            }
            let rest = &self.bytes[line..];
            let stop = line + memchr::memchr(b'\n', rest)?;
            let blanks = rest.iter().take_while(|b| **b == b' ').count();
            if line + blanks == stop {
                if blanks > indent && (indent > 0 || blanks > column) {
                    return None;
                }
                empty += 1;
                self.at = stop;
                continue;
            }
            if indent == 0 {
                if blanks <= column || empty > 0 {
                    return None;
                }
                indent = blanks;
                start = line + blanks;
            }
            if blanks < indent {
                if blanks > column {
                    return None;
                }
                end = line + blanks;
                break;
            }
            if folded && blanks > indent {
                return None;
            }
            if folded && empty == 0 && value.pop().is_some() {
                value.push(' ');
            }
            for _ in 0..empty {
                value.push('\n');
            }
            if folded && empty > 0 {
                value.pop();
            }
            empty = 0;
            value.push_str(&self.body[line + indent..stop]);
            value.push('\n');
            self.at = stop;
        }
        if indent == 0 {
            return None;
        }
        match chomp {
            b'-' => {
                value.pop();
            }
            b'+' => (0..empty).for_each(|_| value.push('\n')),
            _ => {}
        }
        let range = self.range(start, end);
        let style = if folded {
            ScalarStyle::Folded
        } else {
            ScalarStyle::Literal
        };
        self.text(Cow::Owned(value), style, range);
        self.next_content();
        self.ends(column)
    }
}

/// Adds a line to a text: a blank stands for the end of the line before, or a line feed for each empty one between.
pub(super) fn fold(text: &mut String, empty: usize, line: &str) {
    if empty == 0 {
        text.push(' ');
    }
    (0..empty).for_each(|_| text.push('\n'));
    text.push_str(line);
}

/// What a usual escape stands for.
fn escaped(after: u8) -> Option<char> {
    Some(match after {
        b'"' | b'\\' | b'/' => char::from(after),
        b'n' => '\n',
        b't' => '\t',
        _ => return None,
    })
}

fn unescaped(inside: &str) -> Option<String> {
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside.bytes();
    while let Some(byte) = rest.next() {
        text.push(match byte {
            b'\\' => escaped(rest.next()?)?,
            _ => char::from(byte),
        });
    }
    Some(text)
}
