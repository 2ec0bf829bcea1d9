//! Reads plain expressions.
//!
//! It follows the engine's precedence and takes no expression that the engine would not; where it is in doubt, it takes none.

use std::cmp::Ordering;
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
            } else if let Some(wanted) = self.order() {
                left = Plain::Ordered(Box::new(left), Box::new(self.joined()?), wanted);
            } else if let wanted @ (Membership::In | Membership::NotIn) = self.membership()? {
                left = if let Some(list) = self.constants() {
                    Plain::Among(Box::new(left), list, wanted == Membership::In)
                } else {
                    let within = Box::new(self.joined()?);
                    Plain::Within(Box::new(left), within, wanted == Membership::In)
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

    /// Passes a sign of order; what it asks for.
    fn order(&mut self) -> Option<&'static [Ordering]> {
        let Some(Token::Mark(mark)) = self.peek() else {
            return None;
        };
        let wanted: &[Ordering] = match mark {
            "<" => &[Ordering::Less],
            "<=" => &[Ordering::Less, Ordering::Equal],
            ">" => &[Ordering::Greater],
            ">=" => &[Ordering::Greater, Ordering::Equal],
            _ => return None,
        };
        self.at += 1;
        Some(wanted)
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

    /// Texts that are joined, and sums. The engine joins what it has multiplied, and multiplies before it adds.
    fn joined(&mut self) -> Option<Plain> {
        let from = self.at;
        let mut left = self.filtered()?;
        let (mut texts, mut numbers, mut sums) = (false, 0, true);
        loop {
            sums &= !self.is_mark(&["-", "*", "/", "//", "%", "**"]);
            let compute: fn(i64, i64) -> Option<i64> = if self.mark("~") {
                texts = true;
                left = Plain::Joined(Box::new(left), Box::new(self.filtered()?));
                continue;
            } else if self.mark("+") {
                i64::checked_add
            } else if self.mark("-") {
                i64::checked_sub
            } else if self.mark("*") {
                i64::checked_mul
            } else if !texts && numbers == 0 && self.is_mark(&["/", "//"]) {
                self.at += 1;
                let sides = Box::new([left, self.filtered()?]);
                if !self.is_mark(&["~", "+", "-", "*", "/", "//", "%", "**"]) {
                    return Some(Plain::Quotient(sides, Box::new(self.other(from))));
                }
                let [first, _] = *sides;
                left = first;
                numbers = 2;
                continue;
            } else if self.is_mark(&["/", "//", "%", "**"]) {
                self.at += 1;
                numbers = 2;
                |_, _| None
            } else if (numbers > 1 && !sums) || (texts && numbers > 0) {
                // The order of several is the engine's matter, except in a sum.
                return Some(self.other(from));
            } else {
                return Some(left);
            };
            numbers += 1;
            left = Plain::Computed(Box::new(left), Box::new(self.filtered()?), compute);
        }
    }

    fn filtered(&mut self) -> Option<Plain> {
        let from = self.at;
        let mut read = self.fielded()?;
        loop {
            if self.mark("|") {
                let name = self.name()?.to_owned();
                if RESERVED.contains(&name.as_str()) {
                    return None;
                }
                let open = self.at;
                read = if let Some((args, named)) = self.arguments() {
                    Plain::Filtered(Box::new(read), name, args, named)
                } else {
                    self.at = open;
                    self.skip()?;
                    self.other(from)
                };
            } else if self.word("is") {
                let wanted = !self.word("not");
                read = if self.word("none") {
                    Plain::Unset(Box::new(read), wanted)
                } else {
                    self.name()?;
                    if self.is_mark(&["("]) {
                        self.skip()?;
                    }
                    self.other(from)
                };
            } else {
                return Some(read);
            }
        }
    }

    /// Arguments in their brackets, if there are any.
    #[expect(
        clippy::type_complexity,
        reason = "two lists that are taken apart at once"
    )]
    fn arguments(&mut self) -> Option<(Vec<Plain>, Vec<(String, Plain)>)> {
        let (mut args, mut named) = (Vec::new(), Vec::new());
        if !self.mark("(") {
            return Some((args, named));
        }
        while !self.mark(")") {
            let next = self.tokens.get(self.at + 1).map(|(t, ..)| *t);
            if next == Some(Token::Mark("=")) {
                let name = self.name()?.to_owned();
                self.at += 1;
                named.push((name, self.choice()?));
            } else if named.is_empty() {
                args.push(self.choice()?);
            } else {
                return None;
            }
            if !self.mark(",") && !self.is_mark(&[")"]) {
                return None;
            }
        }
        Some((args, named))
    }

    fn fielded(&mut self) -> Option<Plain> {
        let from = self.at;
        let mut read = self.primary()?;
        loop {
            if self.mark(".") {
                let field = self.name()?.to_owned();
                match &mut read {
                    Plain::Name(_, fields) => fields.push(field),
                    _ => read = Plain::Field(Box::new(read), field),
                }
            } else if self.is_mark(&["["]) {
                let open = self.at;
                self.at += 1;
                read = match self.choice() {
                    Some(item) if self.mark("]") => Plain::Item(Box::new(read), Box::new(item)),
                    _ => {
                        self.at = open;
                        self.skip()?;
                        self.other(from)
                    }
                };
            } else if self.is_mark(&["("]) {
                self.skip()?;
                read = self.other(from);
            } else {
                return Some(read);
            }
        }
    }

    /// A list or a map; else nothing is passed.
    fn collection(&mut self) -> Option<Plain> {
        if self.mark("[") {
            let mut items = Vec::new();
            while !self.mark("]") {
                items.push(self.choice()?);
                if !self.mark(",") && !self.is_mark(&["]"]) {
                    return None;
                }
            }
            return Some(Plain::List(items));
        }
        let mut entries = Vec::new();
        if !self.mark("{") {
            return None;
        }
        while !self.mark("}") {
            let key = self.choice()?;
            if !self.mark(":") {
                return None;
            }
            entries.push((key, self.choice()?));
            if !self.mark(",") && !self.is_mark(&["}"]) {
                return None;
            }
        }
        Some(Plain::Map(entries))
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
                if let Some(read) = self.collection() {
                    return Some(read);
                }
                self.at = from;
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
