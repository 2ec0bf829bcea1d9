//! Reads plain expressions.
//!
//! It follows the engine's precedence and takes no expression that the engine would not; where it is in doubt, it takes none.

use std::sync::OnceLock;

use minijinja::Value;

use super::Plain;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'s> {
    Word(&'s str),
    Text(&'s str),
    Int(u64),
    Mark(&'s str),
}

#[derive(Clone, Copy, PartialEq)]
enum Membership {
    In,
    NotIn,
    Neither,
}

/// Words that are no names.
const RESERVED: &[&str] = &["and", "or", "not", "in", "is", "if", "else"];

pub(super) fn parse(source: &str) -> Option<Plain> {
    let mut reader = Reader {
        source,
        tokens: tokens(source)?,
        at: 0,
    };
    let read = reader.choice()?;
    (reader.at == reader.tokens.len()).then_some(read)
}

/// The tokens with their places; `None` at anything unusual.
fn tokens(source: &str) -> Option<Vec<(Token<'_>, usize, usize)>> {
    let bytes = source.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let from = at;
        let run = |start: usize, of: fn(u8) -> bool| {
            bytes[start..]
                .iter()
                .position(|b| !of(*b))
                .map_or(bytes.len(), |n| start + n)
        };
        let token = match bytes[at] {
            b' ' | b'\n' => {
                at += 1;
                continue;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                at = run(at, |b| b.is_ascii_alphanumeric() || b == b'_');
                Token::Word(&source[from..at])
            }
            b'0'..=b'9' => {
                at = run(at, |b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
                Token::Int(source[from..at].parse().ok()?)
            }
            quote @ (b'\'' | b'"') => {
                let end = from + 1 + bytes[from + 1..].iter().position(|b| *b == quote)?;
                at = end + 1;
                let text = &source[from + 1..end];
                if text.contains('\\') {
                    return None;
                }
                Token::Text(text)
            }
            _ => {
                let two = source.get(at..at + 2).unwrap_or_default();
                let len = if ["==", "!=", "<=", ">=", "//", "**"].contains(&two) {
                    2
                } else {
                    1
                };
                at += len;
                let mark = source.get(from..at)?;
                if len == 1 && !"=:,.|~+-*/%<>()[]{}".contains(mark) {
                    return None;
                }
                Token::Mark(mark)
            }
        };
        out.push((token, from, at));
    }
    Some(out)
}

struct Reader<'s> {
    source: &'s str,
    tokens: Vec<(Token<'s>, usize, usize)>,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<Token<'_>> {
        self.tokens.get(self.at).map(|(t, ..)| *t)
    }

    fn is_mark(&self, of: &[&str]) -> bool {
        matches!(self.peek(), Some(Token::Mark(m)) if of.contains(&m))
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(Token::Word(word));
        self.at += usize::from(found);
        found
    }

    fn mark(&mut self, mark: &str) -> bool {
        let found = self.peek() == Some(Token::Mark(mark));
        self.at += usize::from(found);
        found
    }

    /// Everything since the token `from`, for the engine.
    fn other(&self, from: usize) -> Plain {
        let (start, end) = (self.tokens[from].1, self.tokens[self.at - 1].2);
        Plain::Other(self.source[start..end].to_owned(), OnceLock::new())
    }

    fn choice(&mut self) -> Option<Plain> {
        let then = self.or()?;
        if !self.word("if") {
            return Some(then);
        }
        let cond = self.or()?;
        if !self.word("else") {
            return None;
        }
        let otherwise = self.choice()?;
        Some(Plain::Choice(Box::new([then, cond, otherwise])))
    }

    fn or(&mut self) -> Option<Plain> {
        let mut left = self.and()?;
        while self.word("or") {
            left = Plain::Or(Box::new(left), Box::new(self.and()?));
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Plain> {
        let mut left = self.not()?;
        while self.word("and") {
            left = Plain::And(Box::new(left), Box::new(self.not()?));
        }
        Some(left)
    }

    fn not(&mut self) -> Option<Plain> {
        if self.word("not") {
            return Some(Plain::Not(Box::new(self.not()?)));
        }
        self.compared()
    }

    fn compared(&mut self) -> Option<Plain> {
        let from = self.at;
        let mut left = self.joined()?;
        let mut count = 0;
        loop {
            let equal = self.is_mark(&["=="]);
            if equal || self.is_mark(&["!="]) {
                self.at += 1;
                left = Plain::Equal(Box::new(left), Box::new(self.joined()?), equal);
            } else if self.is_mark(&["<", "<=", ">", ">="]) {
                self.at += 1;
                self.joined()?;
                left = self.other(from);
            } else if let wanted @ (Membership::In | Membership::NotIn) = self.membership()? {
                left = if let Some(list) = self.constants() {
                    Plain::Among(Box::new(left), list, wanted == Membership::In)
                } else {
                    self.joined()?;
                    self.other(from)
                };
            } else {
                return Some(left);
            }
            count += 1;
            // A chain holds when each of its links does; rare enough for the engine.
            if count > 1 {
                left = self.other(from);
            }
        }
    }

    /// Passes `in` or `not in`; `None` for a `not` without its `in`.
    fn membership(&mut self) -> Option<Membership> {
        if self.word("in") {
            return Some(Membership::In);
        }
        if self.word("not") {
            return self.word("in").then_some(Membership::NotIn);
        }
        Some(Membership::Neither)
    }

    /// A list of constants that ends its side of a comparison; else nothing is passed.
    fn constants(&mut self) -> Option<Vec<Value>> {
        let from = self.at;
        let read = self.constant_list();
        let goes_on = self.is_mark(&[".", "[", "(", "|", "~", "+", "-", "*", "/", "//", "%", "**"])
            || self.peek() == Some(Token::Word("is"));
        if read.is_none() || goes_on {
            self.at = from;
            return None;
        }
        read
    }

    fn constant_list(&mut self) -> Option<Vec<Value>> {
        if !self.mark("[") {
            return None;
        }
        let mut out = Vec::new();
        loop {
            out.push(match self.peek()? {
                Token::Text(t) => Value::from(t),
                Token::Int(i) => Value::from(i),
                _ => return None,
            });
            self.at += 1;
            if self.mark("]") {
                return Some(out);
            }
            if !self.mark(",") {
                return None;
            }
        }
    }

    /// Sums, products and joined texts; only the last are plain.
    fn joined(&mut self) -> Option<Plain> {
        let from = self.at;
        let mut left = self.filtered()?;
        let mut plain = true;
        loop {
            if self.mark("~") {
                left = Plain::Joined(Box::new(left), Box::new(self.filtered()?));
            } else if self.is_mark(&["+", "-", "*", "/", "//", "%", "**"]) {
                self.at += 1;
                self.filtered()?;
                plain = false;
            } else {
                return Some(if plain { left } else { self.other(from) });
            }
        }
    }

    fn filtered(&mut self) -> Option<Plain> {
        let from = self.at;
        let mut read = self.fielded()?;
        loop {
            if self.mark("|") {
                self.name()?;
                if self.is_mark(&["("]) {
                    self.skip()?;
                }
                read = self.other(from);
            } else if self.word("is") {
                let wanted = !self.word("not");
                if !self.word("none") {
                    return None;
                }
                read = Plain::Unset(Box::new(read), wanted);
            } else {
                return Some(read);
            }
        }
    }

    fn fielded(&mut self) -> Option<Plain> {
        let from = self.at;
        let mut read = self.primary()?;
        loop {
            if self.mark(".") {
                let field = self.name()?.to_owned();
                match &mut read {
                    Plain::Name(_, fields) => fields.push(field),
                    _ => read = self.other(from),
                }
            } else if self.is_mark(&["[", "("]) {
                self.skip()?;
                read = self.other(from);
            } else {
                return Some(read);
            }
        }
    }

    fn primary(&mut self) -> Option<Plain> {
        let from = self.at;
        let read = match self.peek()? {
            Token::Text(t) => Plain::Const(Value::from(t)),
            Token::Int(i) => Plain::Const(Value::from(i)),
            Token::Word("true") => Plain::Const(Value::from(true)),
            Token::Word("false") => Plain::Const(Value::from(false)),
            Token::Word("none") => Plain::Const(Value::from(())),
            Token::Word("True" | "False" | "None") => return None,
            Token::Word(name) if !RESERVED.contains(&name) => {
                Plain::Name(name.to_owned(), Vec::new())
            }
            Token::Mark("(") => {
                self.at += 1;
                let inner = self.choice()?;
                return self.mark(")").then_some(inner);
            }
            Token::Mark("[" | "{") => {
                self.skip()?;
                return Some(self.other(from));
            }
            _ => return None,
        };
        self.at += 1;
        // Two texts side by side are one to the engine.
        if matches!(read, Plain::Const(_)) && matches!(self.peek(), Some(Token::Text(_))) {
            return None;
        }
        Some(read)
    }

    fn name(&mut self) -> Option<&str> {
        let Some((Token::Word(name), ..)) = self.tokens.get(self.at) else {
            return None;
        };
        self.at += 1;
        Some(name)
    }

    /// Passes a bracket with everything up to its partner.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0;
        loop {
            match self.peek()? {
                Token::Mark("(" | "[" | "{") => depth += 1,
                Token::Mark(")" | "]" | "}") => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}
