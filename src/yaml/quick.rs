//! A reader for the YAML that people write most: blocks, flow collections, texts in all usual forms.
//!
//! It gives what the parser gives, at a fraction of the time, or nothing: whatever is unusual, or wrong, is left to the parser as a whole.
//! Debug builds read every text in both ways and compare.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{ScalarStyle, StructureStyle};

use super::Repr;
use super::build::Builder;

mod flow;
mod texts;

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
        names: Vec::new(),
        anchor: 0,
    };
    reader.next_content();
    if reader.at == reader.bytes.len() {
        return None;
    }
    match reader.peek() {
        b'{' | b'[' => {
            reader.flow(None)?;
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
    /// Names of anchors so far; their numbers are those that the parser gives, from one.
    names: Vec<&'b str>,
    /// The anchor of the node that comes next, or none.
    anchor: usize,
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
        let anchor = self.anchor();
        if !self
            .out
            .open(Repr::List, StructureStyle::Block, anchor, range.clone())
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
        let anchor = self.anchor();
        if !self
            .out
            .open(Repr::Map, StructureStyle::Block, anchor, range.clone())
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
                    self.value(column)?;
                } else if !self.is_end() && self.column() == column && self.is_item(self.at) {
                    // The parser lets such a list begin with its first item's content.
                    let blanks = self.bytes[self.at + 1..].iter().take_while(|b| **b == b' ');
                    let skipped = 1 + blanks.count();
                    self.list(skipped)?;
                } else {
                    let range = self.range(colon + 1, colon + 1);
                    self.text(Cow::Borrowed(""), ScalarStyle::Plain, range);
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
        self.colon(|at| self.byte(at) == b'#' && self.byte(at - 1) == b' ')
    }

    /// The colon after the key at hand, in which a text without quotes ends the search where `stops` says so.
    fn colon(&self, stops: impl Fn(usize) -> bool) -> Option<usize> {
        let from = self.at;
        let mut at = match self.byte(from) {
            quote @ (b'"' | b'\'') => self.quote_end(from, quote)?,
            first if starts_plain(first, self.byte(from + 1)) => {
                let mut at = from;
                loop {
                    match self.byte(at) {
                        b'\n' => return None,
                        b':' if matches!(self.byte(at + 1), b' ' | b'\n') => break at,
                        _ if stops(at) => return None,
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

    /// A value that begins on its key's or item's line, or on one below; `column` is that of the block which it is in. Ends at the next
    /// content.
    fn value(&mut self, column: usize) -> Option<()> {
        if self.peek() == b'&' {
            self.name()?;
            if matches!(self.peek(), b'\n' | b'#') {
                self.end_of_line()?;
                self.next_content();
                let deeper = !self.is_end() && self.column() > column;
                let opens = self.is_item(self.at) || self.key_end().is_some();
                return if deeper && opens { self.block() } else { None };
            }
            // The anchor of a key.
            if self.key_end().is_some() {
                return None;
            }
        }
        match self.peek() {
            b'"' | b'\'' => self.quoted()?,
            b'{' | b'[' => self.flow(Some(column))?,
            b'*' => self.alias()?,
            b'|' | b'>' => return self.text_block(column),
            first if starts_plain(first, self.byte(self.at + 1)) => {
                return self.plain_lines(column);
            }
            _ => return None,
        }
        self.end_of_line()?;
        self.next_content();
        self.ends(column)
    }

    /// The anchor at hand, for the node that comes next.
    fn name(&mut self) -> Option<()> {
        let end = self.name_end();
        if end == self.at + 1 || !matches!(self.byte(end), b' ' | b'\n') || self.anchor != 0 {
            return None;
        }
        self.names.push(&self.body[self.at + 1..end]);
        self.anchor = self.names.len();
        self.at = end;
        self.blanks();
        Some(())
    }

    fn name_end(&self) -> usize {
        let name = |b: &u8| b.is_ascii_alphanumeric() || matches!(*b, b'-' | b'_');
        let rest = &self.bytes[self.at + 1..];
        self.at + 1 + rest.iter().take_while(|b| name(b)).count()
    }

    fn text(&mut self, text: Cow<'_, str>, style: ScalarStyle, range: Range<usize>) {
        let anchor = self.anchor();
        self.out.scalar(text, self.body, style, anchor, None, range);
    }

    /// The anchor of the node at hand; it has no other.
    fn anchor(&mut self) -> usize {
        std::mem::take(&mut self.anchor)
    }

    fn alias(&mut self) -> Option<()> {
        let end = self.name_end();
        if self.anchor != 0 || !matches!(self.byte(end), b' ' | b'\n' | b',' | b']' | b'}') {
            return None;
        }
        let name = &self.body[self.at + 1..end];
        let known = self.names.iter().rposition(|n| *n == name)?;
        let range = self.range(self.at, end);
        self.at = end;
        self.out.alias(known + 1, range).then_some(())
    }

    /// Whether the block at this column is over or goes on: what is indented further would go on with a text.
    fn ends(&self, column: usize) -> Option<()> {
        (self.is_end() || self.column() <= column).then_some(())
    }
}

/// Whether a text without quotes may begin so.
fn starts_plain(first: u8, next: u8) -> bool {
    first.is_ascii_alphanumeric()
        || b"_/.=~+($^;<)".contains(&first)
        || (first == b'-' && (next.is_ascii_alphanumeric() || matches!(next, b'.' | b'_')))
}

#[cfg(test)]
#[allow(
    clippy::disallowed_methods,
    reason = "it reads the repository's own files"
)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::build::Builder;
    use super::super::read::Limits;
    use super::super::split::segments;
    use super::read;

    /// Files of a folder and below.
    fn files(folder: &Path) -> Vec<std::path::PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder of the repository");
        let paths = entries.map(|e| e.expect("an entry").path());
        paths
            .flat_map(|p| if p.is_dir() { files(&p) } else { vec![p] })
            .collect()
    }

    /// Every run reads them, so their time is part of it.
    #[test]
    fn what_is_embedded_needs_no_parser() {
        for folder in ["profiles", "vocabulary"] {
            let all = files(Path::new(folder));
            for path in all
                .iter()
                .filter(|p| p.extension().is_some_and(|e| e == "yaml"))
            {
                let text = fs::read_to_string(path).expect("a text");
                for part in segments(&text) {
                    let limits = Limits::default();
                    let mut builder = Builder::new(&text, &part, &limits);
                    let body = &text[part.parse_from..part.end];
                    assert!(
                        body.trim().is_empty()
                            || read(&mut builder, body, part.parse_from).is_some(),
                        "{} has YAML that is read slowly after byte {}",
                        path.display(),
                        builder.nodes.last().map_or(0, |n| n.end),
                    );
                }
            }
        }
    }
}
