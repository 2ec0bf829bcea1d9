//! Differences as text for a terminal, as Markdown for a pull request, and as JSON.
//!
//! Risks and replacements come first; the rest is there for those who want to read on.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Change, Difference, Effect, Whole};

/// How many differences there are, of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Overlays that differ.
    pub overlays: usize,
    /// Of them with a risk.
    pub risky: usize,
    /// Of them that replace something.
    pub replacing: usize,
}

impl Count {
    /// Counts.
    pub fn of(all: &[Difference]) -> Self {
        Self {
            overlays: all.len(),
            risky: all.iter().filter(|d| d.is_risky()).count(),
            replacing: all.iter().filter(|d| d.replaces()).count(),
        }
    }

    /// In words.
    pub fn words(self) -> String {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let mut out = format!("{} overlay{} changed", self.overlays, plural(self.overlays));
        if self.risky > 0 {
            let _ = write!(out, ", {} with a risk", self.risky);
        }
        if self.replacing > 0 {
            let _ = write!(out, ", {} with a replacement", self.replacing);
        }
        out
    }
}

fn value(v: Option<&Value>) -> String {
    match v {
        None => "(not set)".to_owned(),
        Some(Value::Null) => "(removed)".to_owned(),
        Some(Value::String(s)) if s.is_empty() => "\"\"".to_owned(),
        Some(Value::String(s)) => s.replace('\n', "\\n"),
        Some(v) => v.to_string(),
    }
}

fn title(d: &Difference) -> String {
    let place = if d.label == d.target {
        String::new()
    } else {
        format!(" ({})", d.label)
    };
    let whole = match d.whole {
        Some(Whole::New) => ", new",
        Some(Whole::Gone) => ", gone",
        None => "",
    };
    format!("{} on {}{place}{whole}", d.exposure, d.target)
}

/// An effect in a line.
pub fn effect_words(effect: &Effect) -> String {
    match effect {
        Effect::Risk(what) => format!("risk: {what}"),
        Effect::Replaced(what, felt) => format!("replaces {what}: {felt}"),
    }
}

fn rules(change: &Change) -> String {
    let codes: Vec<&str> = change.rules.iter().map(|(code, _)| code.as_str()).collect();
    codes.join(", ")
}

/// What a change says, in neutral words where they are known.
pub(super) fn said(change: &Change) -> String {
    let values = format!(
        "{} -> {}",
        value(change.before.as_ref()),
        value(change.after.as_ref())
    );
    match &change.meaning {
        Some((before, after)) if before.rsplit(' ').next() != Some(after) => {
            format!("{values} ({before} -> {after})")
        }
        _ => values,
    }
}

/// The changes of an overlay by object, in order.
fn by_object(d: &Difference) -> Vec<(&str, Vec<&Change>)> {
    let mut out: Vec<(&str, Vec<&Change>)> = Vec::new();
    for change in &d.changes {
        match out.last_mut() {
            Some((object, list)) if *object == change.object => list.push(change),
            _ => out.push((&change.object, vec![change])),
        }
    }
    out
}

/// For a terminal.
pub fn text(all: &[Difference]) -> String {
    let mut out = String::new();
    for d in all {
        let _ = writeln!(out, "{}", title(d));
        for (effect, places) in &d.effects {
            let _ = writeln!(out, "  {}", effect_words(effect));
            for at in places {
                let c = &d.changes[*at];
                let _ = writeln!(out, "    {} {}: {}", c.object, c.place(), said(c));
            }
        }
        for (object, changes) in by_object(d) {
            let _ = writeln!(out, "  {object}");
            for c in changes {
                let _ = writeln!(out, "    {}: {}", c.place(), said(c));
                let rules = rules(c);
                if !rules.is_empty() {
                    let _ = writeln!(out, "      {rules}: {}", c.fields.join(", "));
                }
            }
        }
        out.push('\n');
    }
    out
}

/// For a comment on a pull request: what is risky or replaced is open, the rest folds. No longer than `limit` bytes.
pub fn markdown(all: &[Difference], limit: usize) -> String {
    let count = Count::of(all);
    if all.is_empty() {
        return "**edgegen**: no overlay changes.\n".to_owned();
    }
    let mut out = format!("**edgegen**: {}.\n\n", count.words());
    for d in all.iter().filter(|d| !d.effects.is_empty()) {
        for (effect, places) in &d.effects {
            let mark = match effect {
                Effect::Risk(_) => "⚠️",
                Effect::Replaced(..) => "♻️",
            };
            let _ = writeln!(
                out,
                "- {mark} **{}**: {}",
                escape(&title(d)),
                escape(&effect_words(effect))
            );
            for at in places {
                let c = &d.changes[*at];
                let place = format!("{} {}", c.object, c.place());
                let _ = writeln!(out, "  - {}: {}", code(&place), escape(&said(c)));
            }
        }
    }
    if count.risky + count.replacing > 0 {
        out.push('\n');
    }
    let mut left = all.len();
    for d in all {
        let block = folded(d);
        let rest = format!("\n{left} more; `edgegen diff` shows them.\n");
        if out.len() + block.len() + rest.len() > limit {
            return cut(out, limit.saturating_sub(rest.len())) + &rest;
        }
        out.push_str(&block);
        left -= 1;
    }
    out
}

/// At most so many bytes, whole lines only.
fn cut(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        let mut end = limit;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(text[..end].rfind('\n').map_or(0, |at| at + 1));
    }
    text
}

fn folded(d: &Difference) -> String {
    let changes = d.changes.len();
    let mut out = format!(
        "<details><summary>{}: {changes} value{}</summary>\n\n| object | value | before | after | rule |\n| --- | --- | --- | --- | --- |\n",
        escape(&title(d)),
        if changes == 1 { "" } else { "s" }
    );
    for c in &d.changes {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            code(&c.object),
            code(&c.place()),
            code(&value(c.before.as_ref())),
            code(&value(c.after.as_ref())),
            escape(&rules(c)),
        );
    }
    out.push_str("\n</details>\n");
    out
}

/// Text of users within a table or a line: nothing in it is markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' => out.push(' '),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '@' => out.push_str("@\u{200b}"),
            c => out.push(c),
        }
    }
    out
}

fn code(text: &str) -> String {
    let plain = text
        .replace('`', "'")
        .replace('|', "\\|")
        .replace('\n', " ");
    format!("`{plain}`")
}

/// For programs.
pub fn json(all: &[Difference]) -> Value {
    let effect = |d: &Difference, e: &Effect, places: &[usize]| {
        let at: Vec<Value> = places
            .iter()
            .map(|i| json!({ "object": d.changes[*i].object, "path": d.changes[*i].place() }))
            .collect();
        match e {
            Effect::Risk(what) => json!({ "type": "risk", "what": what, "at": at }),
            Effect::Replaced(what, felt) => {
                json!({ "type": "replacement", "what": what, "effect": felt, "at": at })
            }
        }
    };
    let overlays: Vec<Value> = all
        .iter()
        .map(|d| {
            let changes: Vec<Value> = d
                .changes
                .iter()
                .map(|c| {
                    let rules: Vec<&str> = c.rules.iter().map(|(code, _)| code.as_str()).collect();
                    json!({
                        "object": c.object,
                        "path": c.path,
                        "before": c.before,
                        "after": c.after,
                        "rules": rules,
                        "fields": c.fields,
                    })
                })
                .collect();
            let effects: Vec<Value> = d.effects.iter().map(|(e, p)| effect(d, e, p)).collect();
            json!({
                "exposure": d.exposure,
                "label": d.label,
                "target": d.target,
                "change": match d.whole {
                    Some(Whole::New) => "new",
                    Some(Whole::Gone) => "gone",
                    None => "changed",
                },
                "effects": effects,
                "changes": changes,
            })
        })
        .collect();
    json!({ "overlays": overlays })
}
