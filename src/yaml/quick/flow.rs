//! Lists and maps in brackets.
//!
//! JSON is read here, too. A key with its colon stands on one line; between brackets, commas and values lines may end.

use std::borrow::Cow;

use granit_parser::{ScalarStyle, StructureStyle};

use super::texts::fold;
use super::{Quick, starts_plain};
use crate::yaml::Repr;

impl Quick<'_, '_, '_> {
    /// A list or map in brackets; `column` is that of the block which it is in.
    pub(super) fn flow(&mut self, column: Option<usize>) -> Option<()> {
        let open = self.peek();
        let (repr, last) = if open == b'{' {
            (Repr::Map, b'}')
        } else {
            (Repr::List, b']')
        };
        let range = self.range(self.at, self.at + 1);
        let anchor = self.anchor();
        if !self.out.open(repr, StructureStyle::Flow, anchor, range) {
            return None;
        }
        self.at += 1;
        self.gap(column)?;
        while self.peek() != last {
            if open == b'{' {
                let colon = self.flow_key_end()?;
                self.key(colon)?;
                self.at = colon + 1;
                self.gap(column)?;
            }
            if self.peek() == b'&' {
                self.name()?;
            }
            match self.peek() {
                b'"' | b'\'' => self.quoted()?,
                b'{' | b'[' => self.flow(column)?,
                b'*' => self.alias()?,
                first if starts_plain(first, self.byte(self.at + 1)) => self.flow_plain(column)?,
                _ => return None,
            }
            self.gap(column)?;
            match self.peek() {
                b',' => self.at += 1,
                b if b == last => break,
                _ => return None,
            }
            self.gap(column)?;
        }
        self.at += 1;
        let range = self.range(self.at - 1, self.at);
        self.out.close(range);
        Some(())
    }

    fn flow_key_end(&self) -> Option<usize> {
        self.colon(|at| match self.byte(at) {
            b',' | b'[' | b']' | b'{' | b'}' | b'#' => true,
            b':' => b",[]{}".contains(&self.byte(at + 1)),
            _ => false,
        })
    }

    /// A text without quotes, on one or several lines.
    fn flow_plain(&mut self, column: Option<usize>) -> Option<()> {
        let from = self.at;
        let mut end = self.flow_plain_end()?;
        let mut text = Cow::Borrowed(&self.body[from..end]);
        loop {
            self.at = end;
            let empty = self.empty_lines_after(end);
            self.gap(column)?;
            if matches!(self.peek(), b',' | b']' | b'}') {
                break;
            }
            // Another text on the next line goes on with this one; a comment between them would end it.
            let empty = empty?;
            if !starts_plain(self.peek(), self.byte(self.at + 1)) {
                return None;
            }
            let line = self.at;
            end = self.flow_plain_end()?;
            fold(text.to_mut(), empty, &self.body[line..end]);
        }
        let range = self.range(from, end);
        self.text(text, ScalarStyle::Plain, range);
        Some(())
    }

    /// Empty lines below a text that ends here; `None` where no line ends or a comment comes next.
    fn empty_lines_after(&self, end: usize) -> Option<usize> {
        let blanks = self.bytes[end..].iter().take_while(|b| **b == b' ');
        let feed = end + blanks.count();
        (self.byte(feed) == b'\n').then(|| self.empty_lines(feed))?
    }

    fn flow_plain_end(&self) -> Option<usize> {
        let (mut at, mut end) = (self.at, self.at);
        loop {
            match self.byte(at) {
                b',' | b']' | b'}' | b'\n' => return Some(end),
                b'#' if self.byte(at - 1) == b' ' => return Some(end),
                b'[' | b'{' | b'#' => return None,
                b':' if b" ,[]{}\n".contains(&self.byte(at + 1)) => return None,
                b' ' => {}
                _ => end = at + 1,
            }
            at += 1;
        }
    }

    /// Passes blanks, comments and line feeds between brackets, commas and values.
    fn gap(&mut self, column: Option<usize>) -> Option<()> {
        let from = self.at;
        self.blanks();
        if self.peek() == b'#' && self.at > from {
            self.skip_line();
        }
        if self.peek() == b'\n' {
            self.next_content();
            // The last bracket may stand below the key.
            let closes = usize::from(matches!(self.peek(), b']' | b'}'));
            let deep = column.is_none_or(|c| self.column() + closes > c);
            // Dots at the start of a line end a document.
            if self.is_end() || !deep || (self.column() == 0 && self.peek() == b'.') {
                return None;
            }
        }
        Some(())
    }
}
