//! A reader for the YAML that people write most: blocks, one-line scalars, flow collections, literal texts.
//!
//! It gives what the parser gives, at a fraction of the time, or nothing: whatever is unusual, or wrong, is left to the parser as a whole.
//! Debug builds read every text in both ways and compare.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{ScalarStyle, StructureStyle};

use super::Repr;
use super::build::Builder;

/// Keys that are longer are left to the parser, which has a limit for them.
const LONG: usize = 200;

/// Takes the whole of `body` into the builder; `None` where the parser has to.
pub(super) fn read(builder: &mut Builder<'_>, body: &str, base: usize) -> Option<()> {
    let plain = |b: u8| b == b'\n' || (b' '..=b'~').contains(&b);
    // Without a branch inside, so that sixteen bytes are looked at in one step.
    let sound = |chunk: &[u8]| chunk.iter().fold(true, |all, b| all & plain(*b));
    if !body.as_bytes().chunks(64).all(sound) {
        return None;
    }
    let mut reader = Quick {
        out: builder,
        body,
        bytes: body.as_bytes(),
        base,
        at: 0,
        line: 0,
    };
    reader.next_content();
    if reader.at == reader.bytes.len() {
        return None;
    }
    match reader.peek() {
        b'{' | b'[' => {
            reader.flow()?;
            reader.end_of_line()?;
            reader.next_content();
        }
        _ => reader.block()?,
    }
    (reader.at == reader.bytes.len() && reader.out.found.is_empty()).then_some(())
}

struct Quick<'q, 'b, 't> {
    out: &'q mut Builder<'t>,
    body: &'b str,
    bytes: &'b [u8],
    base: usize,
    at: usize,
    /// Where the line of `at` starts.
    line: usize,
}

impl Quick<'_, '_, '_> {
    /// The byte at hand; a line feed at the end of the text.
    fn peek(&self) -> u8 {
        self.byte(self.at)
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    fn column(&self) -> usize {
        self.at - self.line
    }

    fn blanks(&mut self) {
        while self.peek() == b' ' {
            self.at += 1;
        }
    }

    /// Passes empty lines and comments up to the next content, or to the end. Stands at a line feed or at the start of a line.
    fn next_content(&mut self) {
        loop {
            if self.at >= self.bytes.len() {
                self.at = self.bytes.len();
                // No block goes on at this column.
                self.line = self.at;
                return;
            }
            if self.bytes[self.at] == b'\n' {
                self.at += 1;
            }
            self.line = self.at;
            self.blanks();
            match self.bytes.get(self.at) {
                None | Some(b'\n') => {}
                Some(b'#') => self.skip_line(),
                Some(_) => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Passes blanks and a comment up to the line feed.
    fn end_of_line(&mut self) -> Option<()> {
        let from = self.at;
        self.blanks();
        if self.peek() == b'#' && self.at > from {
            self.skip_line();
        }
        (self.peek() == b'\n').then_some(())
    }

    fn is_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn is_item(&self, at: usize) -> bool {
        self.byte(at) == b'-' && matches!(self.byte(at + 1), b' ' | b'\n')
    }

    fn range(&self, from: usize, to: usize) -> Range<usize> {
        self.base + from..self.base + to
    }

    /// A list or a map whose first item stands at hand; ends at the next content after it.
    fn block(&mut self) -> Option<()> {
        if self.is_item(self.at) {
            return self.list(0);
        }
        self.map()
    }

    fn list(&mut self, skipped: usize) -> Option<()> {
        let column = self.column();
        let range = self.range(self.at + skipped, self.at + skipped);
        if !self
            .out
            .open(Repr::List, StructureStyle::Block, 0, range.clone())
        {
            return None;
        }
        loop {
            self.at += 1;
            self.blanks();
            if self.peek() == b'\n' || self.peek() == b'#' {
                self.end_of_line()?;
                self.next_content();
                if self.is_end() || self.column() <= column {
                    return None;
                }
                self.block()?;
            } else if self.is_item(self.at) || self.key_end().is_some() {
                self.block()?;
            } else {
                self.value(column)?;
            }
            if !self.goes_on(column)? || !self.is_item(self.at) {
                break;
            }
        }
        self.out.close(range);
        Some(())
    }

    /// Whether the content at hand belongs to the block at this column.
    fn goes_on(&self, column: usize) -> Option<bool> {
        if self.is_end() || self.column() < column {
            return Some(false);
        }
        (self.column() == column).then_some(true)
    }

    fn map(&mut self) -> Option<()> {
        let column = self.column();
        let range = self.range(self.at, self.at);
        if !self
            .out
            .open(Repr::Map, StructureStyle::Block, 0, range.clone())
        {
            return None;
        }
        loop {
            let colon = self.key_end()?;
            self.key(colon)?;
            self.at = colon + 1;
            self.blanks();
            if self.peek() == b'\n' || (self.peek() == b'#' && self.at > colon + 1) {
                self.end_of_line()?;
                self.next_content();
                let deeper = !self.is_end() && self.column() > column;
                if deeper && (self.is_item(self.at) || self.key_end().is_some()) {
                    self.block()?;
                } else if deeper {
                    return None;
                } else if !self.is_end() && self.column() == column && self.is_item(self.at) {
                    // The parser lets such a list begin with its first item's content.
                    let blanks = self.bytes[self.at + 1..].iter().take_while(|b| **b == b' ');
                    let skipped = 1 + blanks.count();
                    self.list(skipped)?;
                } else {
                    let range = self.range(colon + 1, colon + 1);
                    self.out
                        .scalar(Cow::Borrowed(""), "", ScalarStyle::Plain, 0, None, range);
                }
            } else {
                self.value(column)?;
            }
            if !self.goes_on(column)? {
                break;
            }
            if self.is_item(self.at) {
                return None;
            }
        }
        self.out.close(range);
        Some(())
    }

    /// The colon after the key at hand; `None` where no usual key is.
    fn key_end(&self) -> Option<usize> {
        let from = self.at;
        let mut at = match self.byte(from) {
            quote @ (b'"' | b'\'') => self.quote_end(from, quote)?,
            first if starts_plain(first, self.byte(from + 1)) => {
                let mut at = from;
                loop {
                    match self.byte(at) {
                        b'\n' => return None,
                        b':' if matches!(self.byte(at + 1), b' ' | b'\n') => break at,
                        b'#' if self.byte(at - 1) == b' ' => return None,
                        _ => at += 1,
                    }
                }
            }
            _ => return None,
        };
        if at - from > LONG {
            return None;
        }
        while self.byte(at) == b' ' {
            at += 1;
        }
        (self.byte(at) == b':' && matches!(self.byte(at + 1), b' ' | b'\n')).then_some(at)
    }

    fn key(&mut self, colon: usize) -> Option<()> {
        if matches!(self.peek(), b'"' | b'\'') {
            return self.quoted();
        }
        let end = self.at + self.body[self.at..colon].trim_end().len();
        self.plain(end);
        Some(())
    }

    /// A value that begins on its key's or item's line; `column` is that of the block which it is in. Ends at the next content.
    fn value(&mut self, column: usize) -> Option<()> {
        match self.peek() {
            b'"' | b'\'' => self.quoted()?,
            b'{' | b'[' => self.flow()?,
            b'|' => return self.literal(column),
            first if starts_plain(first, self.byte(self.at + 1)) => {
                let (mut at, mut end) = (self.at, self.at);
                loop {
                    match self.byte(at) {
                        b'\n' => break,
                        b':' if matches!(self.byte(at + 1), b' ' | b'\n') => return None,
                        b'#' if self.byte(at - 1) == b' ' => break,
                        b' ' => {}
                        _ => end = at + 1,
                    }
                    at += 1;
                }
                self.plain(end);
            }
            _ => return None,
        }
        self.end_of_line()?;
        self.next_content();
        // What is indented further goes on with a text.
        (self.is_end() || self.column() <= column).then_some(())
    }

    fn plain(&mut self, end: usize) {
        let text = &self.body[self.at..end];
        let range = self.range(self.at, end);
        self.out.scalar(
            Cow::Borrowed(text),
            self.body,
            ScalarStyle::Plain,
            0,
            None,
            range,
        );
        self.at = end;
    }

    /// One past the closing quote; `None` for a text with escapes or on several lines.
    fn quote_end(&self, from: usize, quote: u8) -> Option<usize> {
        let mut at = from + 1;
        loop {
            match self.byte(at) {
                b'\n' | b'\\' if quote == b'"' || self.byte(at) == b'\n' => return None,
                b if b == quote => break,
                _ => at += 1,
            }
        }
        // Two single quotes stand for one.
        (self.byte(at + 1) != b'\'' || quote == b'"').then_some(at + 1)
    }

    fn quoted(&mut self) -> Option<()> {
        let quote = self.peek();
        let end = self.quote_end(self.at, quote)?;
        let style = if quote == b'"' {
            ScalarStyle::DoubleQuoted
        } else {
            ScalarStyle::SingleQuoted
        };
        let text = &self.body[self.at + 1..end - 1];
        let range = self.range(self.at, end);
        self.out
            .scalar(Cow::Borrowed(text), self.body, style, 0, None, range);
        self.at = end;
        Some(())
    }

    /// A flow collection on one line.
    fn flow(&mut self) -> Option<()> {
        let open = self.peek();
        let (repr, last) = if open == b'{' {
            (Repr::Map, b'}')
        } else {
            (Repr::List, b']')
        };
        let range = self.range(self.at, self.at + 1);
        if !self.out.open(repr, StructureStyle::Flow, 0, range) {
            return None;
        }
        self.at += 1;
        self.blanks();
        while self.peek() != last {
            if open == b'{' {
                let colon = self.flow_key_end()?;
                self.key(colon)?;
                self.at = colon + 1;
                self.blanks();
            }
            match self.peek() {
                b'"' | b'\'' => self.quoted()?,
                b'{' | b'[' => self.flow()?,
                first if starts_plain(first, self.byte(self.at + 1)) => {
                    let end = self.flow_plain_end()?;
                    self.plain(end);
                }
                _ => return None,
            }
            self.blanks();
            match self.peek() {
                b',' => self.at += 1,
                b if b == last => break,
                _ => return None,
            }
            self.blanks();
        }
        self.at += 1;
        let range = self.range(self.at - 1, self.at);
        self.out.close(range);
        Some(())
    }

    fn flow_key_end(&self) -> Option<usize> {
        let from = self.at;
        let mut at = match self.byte(from) {
            quote @ (b'"' | b'\'') => self.quote_end(from, quote)?,
            first if starts_plain(first, self.byte(from + 1)) => {
                let mut at = from;
                loop {
                    match self.byte(at) {
                        b'\n' | b',' | b'[' | b']' | b'{' | b'}' | b'#' => return None,
                        b':' if self.byte(at + 1) == b' ' => break at,
                        b':' if b",[]{}\n".contains(&self.byte(at + 1)) => return None,
                        _ => at += 1,
                    }
                }
            }
            _ => return None,
        };
        if at - from > LONG {
            return None;
        }
        while self.byte(at) == b' ' {
            at += 1;
        }
        (self.byte(at) == b':' && self.byte(at + 1) == b' ').then_some(at)
    }

    fn flow_plain_end(&self) -> Option<usize> {
        let (mut at, mut end) = (self.at, self.at);
        loop {
            match self.byte(at) {
                b',' | b']' | b'}' => return Some(end),
                b'\n' | b'[' | b'{' | b'#' => return None,
                b':' if b" ,[]{}\n".contains(&self.byte(at + 1)) => return None,
                b' ' => {}
                _ => end = at + 1,
            }
            at += 1;
        }
    }

    /// A literal text; ends at the next content.
    fn literal(&mut self, column: usize) -> Option<()> {
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
            for _ in 0..empty {
                value.push('\n');
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
        self.out.scalar(
            Cow::Owned(value),
            self.body,
            ScalarStyle::Literal,
            0,
            None,
            range,
        );
        self.next_content();
        (self.is_end() || self.column() <= column).then_some(())
    }
}

/// Whether a text without quotes may begin so.
fn starts_plain(first: u8, next: u8) -> bool {
    first.is_ascii_alphanumeric()
        || b"_/.=~+($^;<)".contains(&first)
        || (first == b'-' && (next.is_ascii_alphanumeric() || matches!(next, b'.' | b'_')))
}
