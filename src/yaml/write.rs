//! The canonical writer: block style, two spaces, every string safe for readers of YAML 1.1 and 1.2.
//!
//! Overlays are read by kustomize, kubectl and people; the emitters of serde crates leave `on` and `0x1F` without quotes.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::scalar::is_plain_safe;

/// Deepest nesting that is written; readers stop at about the same depth.
const MAX_DEPTH: usize = 200;
/// Longest key in characters; readers refuse 1,024 and more.
const MAX_KEY: usize = 1000;

/// A value that no reader would read back as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable {
    /// Keys and positions from the root to the value, joined by dots.
    pub path: String,
    /// Why it cannot be written.
    pub reason: String,
}

impl std::fmt::Display for Unwritable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`: {}", self.path, self.reason)
    }
}

impl std::error::Error for Unwritable {}

/// Writes one document, in the order of its keys, with a final line break.
pub fn to_yaml(value: &Value) -> Result<String, Unwritable> {
    let mut writer = Writer::new(Order::AsIs);
    writer.root(value)?;
    Ok(writer.out)
}

/// Writes several documents with `---` between them.
pub fn write_documents(values: &[Value]) -> Result<String, Unwritable> {
    write(values, Order::AsIs).map(|text| text.text)
}

/// The order of keys; lists keep theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As the value has them.
    AsIs,
    /// As goldens and overlays show them: an object starts with apiVersion, kind, metadata and spec; metadata with name, namespace,
    /// labels and annotations; an operation of a JSON 6902 patch with op, path and value. All other keys are sorted.
    Canonical,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The documents.
    pub text: String,
    /// Whether the value that was written last is a text that ends in a line break.
    pub ends_in_line_break: bool,
}

/// Writes one list or map at the end of a text, every line indented; tells whether the value that was written last is a text that ends in
/// a line break.
pub fn write_into(
    out: &mut String,
    value: &Value,
    order: Order,
    indent: usize,
) -> Result<bool, Unwritable> {
    let mut writer = Writer::new(order);
    writer.out = std::mem::take(out);
    let written = match value {
        Value::Object(map) if !map.is_empty() => writer.map(map, OBJECT, indent, false),
        Value::Array(items) if !items.is_empty() => writer.list(items, OBJECT, indent, false),
        other => {
            writer.indent(indent);
            writer.root(other)
        }
    };
    *out = writer.out;
    written.map(|()| writer.ends_in_line_break)
}

/// Writes documents with `---` between them.
pub fn write<'v>(
    values: impl IntoIterator<Item = &'v Value>,
    order: Order,
) -> Result<Text, Unwritable> {
    let mut writer = Writer::new(order);
    for (i, value) in values.into_iter().enumerate() {
        if i > 0 {
            writer.out.push_str("---\n");
        }
        writer.root(value)?;
    }
    Ok(Text {
        text: writer.out,
        ends_in_line_break: writer.ends_in_line_break,
    })
}

const OBJECT: &[&str] = &["apiVersion", "kind", "metadata", "spec"];
const METADATA: &[&str] = &["name", "namespace", "labels", "annotations"];
const OPERATION: &[&str] = &["op", "path", "value"];

/// The entries in canonical order, `front` first.
fn ordered<'v>(map: &'v Map<String, Value>, front: &[&str]) -> Vec<(&'v String, &'v Value)> {
    let front = if is_operation(map) { OPERATION } else { front };
    let rank = |key: &str| front.iter().position(|f| *f == key).unwrap_or(front.len());
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    entries
}

fn is_operation(map: &Map<String, Value>) -> bool {
    // Most maps are told from one without asking for its keys.
    if !map.keys().any(|key| key == "op") {
        return false;
    }
    let op = map.get("op").and_then(Value::as_str);
    let path = map.get("path").and_then(Value::as_str);
    matches!(
        op,
        Some("add" | "remove" | "replace" | "test" | "move" | "copy")
    ) && path.is_some_and(|p| p.is_empty() || p.starts_with('/'))
}

/// A step from the root, for messages only.
#[derive(Clone, Copy)]
enum Step<'v> {
    Key(&'v str),
    Item(usize),
}

struct Writer<'v> {
    out: String,
    order: Order,
    path: Vec<Step<'v>>,
    ends_in_line_break: bool,
}

impl<'v> Writer<'v> {
    fn new(order: Order) -> Self {
        Self {
            out: String::new(),
            order,
            path: Vec::new(),
            ends_in_line_break: false,
        }
    }

    fn root(&mut self, value: &'v Value) -> Result<(), Unwritable> {
        match value {
            Value::Object(map) if !map.is_empty() => self.map(map, OBJECT, 0, false),
            Value::Array(items) if !items.is_empty() => self.list(items, OBJECT, 0, false),
            // A block scalar at the root would stand at column 0, where `---` ends it.
            Value::String(text) => {
                self.ends_in_line_break = text.ends_with('\n');
                self.flow_string(text)?;
                self.out.push('\n');
                Ok(())
            }
            other => self.scalar(other, 0).map(|()| self.out.push('\n')),
        }
    }

    /// Writes the entries; `inline` when the first one follows a `- ` on the same line.
    fn map(
        &mut self,
        map: &'v Map<String, Value>,
        front: &[&str],
        indent: usize,
        inline: bool,
    ) -> Result<(), Unwritable> {
        match self.order {
            Order::AsIs => self.entries(map, indent, inline),
            Order::Canonical => self.entries(ordered(map, front), indent, inline),
        }
    }

    fn entries(
        &mut self,
        entries: impl IntoIterator<Item = (&'v String, &'v Value)>,
        indent: usize,
        inline: bool,
    ) -> Result<(), Unwritable> {
        for (i, (key, value)) in entries.into_iter().enumerate() {
            self.path.push(Step::Key(key));
            if i > 0 || !inline {
                self.indent(indent);
            }
            self.key(key)?;
            self.out.push(':');
            match value {
                Value::Object(inner) if !inner.is_empty() => {
                    self.out.push('\n');
                    self.deeper()?;
                    let front = if key == "metadata" { METADATA } else { &[] };
                    self.map(inner, front, indent + 2, false)?;
                }
                Value::Array(items) if !items.is_empty() => {
                    self.out.push('\n');
                    self.deeper()?;
                    self.list(items, &[], indent, false)?;
                }
                other => {
                    self.out.push(' ');
                    self.scalar(other, indent + 2)?;
                    self.end_line();
                }
            }
            self.path.pop();
        }
        Ok(())
    }

    fn list(
        &mut self,
        items: &'v [Value],
        front: &[&str],
        indent: usize,
        inline: bool,
    ) -> Result<(), Unwritable> {
        for (i, item) in items.iter().enumerate() {
            self.path.push(Step::Item(i));
            if i > 0 || !inline {
                self.indent(indent);
            }
            self.out.push_str("- ");
            match item {
                Value::Object(inner) if !inner.is_empty() => {
                    self.deeper()?;
                    self.map(inner, front, indent + 2, true)?;
                }
                Value::Array(inner) if !inner.is_empty() => {
                    self.deeper()?;
                    self.list(inner, &[], indent + 2, true)?;
                }
                other => {
                    self.scalar(other, indent + 2)?;
                    self.end_line();
                }
            }
            self.path.pop();
        }
        Ok(())
    }

    fn scalar(&mut self, value: &Value, indent: usize) -> Result<(), Unwritable> {
        self.ends_in_line_break = value.as_str().is_some_and(|t| t.ends_with('\n'));
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Value::Number(n) => {
                let _ = write!(self.out, "{n}");
            }
            Value::String(text) if is_literal_safe(text) => self.literal(text, indent),
            Value::String(text) => self.flow_string(text)?,
            Value::Array(_) => self.out.push_str("[]"),
            Value::Object(_) => self.out.push_str("{}"),
        }
        Ok(())
    }

    fn literal(&mut self, text: &str, indent: usize) {
        let body = text.trim_end_matches('\n');
        self.out.push_str(match text.len() - body.len() {
            0 => "|-",
            1 => "|",
            _ => "|+",
        });
        for line in body.split('\n') {
            self.out.push('\n');
            if !line.is_empty() {
                self.indent(indent);
                self.out.push_str(line);
            }
        }
        self.out.push_str(&text[body.len()..]);
    }

    fn key(&mut self, key: &str) -> Result<(), Unwritable> {
        if key == "<<" {
            return Err(self.refuse("the key `<<` means a merge to some readers, even in quotes"));
        }
        let start = self.out.len();
        self.flow_string(key)?;
        if self.out.len() - start > MAX_KEY && self.out[start..].chars().count() > MAX_KEY {
            return Err(self.refuse("the key is longer than 1,000 characters"));
        }
        Ok(())
    }

    fn flow_string(&mut self, text: &str) -> Result<(), Unwritable> {
        if is_plain_safe(text) {
            self.out.push_str(text);
            return Ok(());
        }
        // JSON in an annotation is read by people: within single quotes nothing needs an escape.
        let visible = |c: char| matches!(c, ' '..='~');
        if text.contains('"') && !text.contains('\'') && text.chars().all(visible) {
            self.out.push('\'');
            self.out.push_str(text);
            self.out.push('\'');
            return Ok(());
        }
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\t' => self.out.push_str("\\t"),
                '\r' => self.out.push_str("\\r"),
                '\0'..='\u{1f}' => {
                    let _ = write!(self.out, "\\x{:02X}", c as u32);
                }
                '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                    let _ = write!(self.out, "\\u{:04X}", c as u32);
                }
                '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                    return Err(self.refuse(format!(
                        "the text holds U+{:04X}, which kustomize refuses in any form",
                        c as u32
                    )));
                }
                _ => self.out.push(c),
            }
        }
        self.out.push('"');
        Ok(())
    }

    fn indent(&mut self, by: usize) {
        const BLANKS: &str = "                                ";
        let mut left = by;
        while left > 0 {
            let now = left.min(BLANKS.len());
            self.out.push_str(&BLANKS[..now]);
            left -= now;
        }
    }

    fn end_line(&mut self) {
        // A literal block that ends in a line break has ended its line already.
        if !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn deeper(&self) -> Result<(), Unwritable> {
        if self.path.len() >= MAX_DEPTH {
            Err(self.refuse("nested deeper than 200 levels"))
        } else {
            Ok(())
        }
    }

    fn refuse(&self, reason: impl Into<String>) -> Unwritable {
        let steps: Vec<String> = self
            .path
            .iter()
            .map(|step| match step {
                Step::Key(key) => (*key).to_owned(),
                Step::Item(at) => at.to_string(),
            })
            .collect();
        Unwritable {
            path: steps.join("."),
            reason: reason.into(),
        }
    }
}

/// Whether a text with line breaks reads back unchanged from a literal block.
fn is_literal_safe(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n'])
        && text.chars().all(|c| {
            c == '\n'
                || (c >= ' '
                    && !matches!(
                        c,
                        '\u{7f}'
                            ..='\u{9f}'
                                | '\u{2028}'
                                | '\u{2029}'
                                | '\u{feff}'
                                | '\u{fffe}'
                                | '\u{ffff}'
                    ))
        })
        && !text.split('\n').any(|line| line.ends_with(' '))
}
