//! What becomes of each annotation key of a target: a rule writes it, the field is refused, an override may, or nobody does.
//!
//! A key without a class is one that nobody has thought about; which rules write a key is read off their trees.

use super::Profile;
use super::expr::Expr;
use super::keys::KeyInfo;
use super::rule::{Effect, Key, Rule, Tree, mentions};

/// How deep names of a rule are followed into what they stand for.
const DEPTH: usize = 4;

/// The one class of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class<'p> {
    /// By these rules, on an object or as an option of a listener.
    Written(Vec<&'p str>),
    /// Not for an app: why.
    Never(&'p str),
    /// Not any more: what replaces it.
    Deprecated(&'p str),
    /// What it says is a field that the target refuses, under this id.
    Refused(&'p str),
    /// Only by an override: why no rule writes it.
    Override(&'p str),
}

impl Class<'_> {
    /// As a sentence of `explain`.
    pub fn sentence(&self, target: &str) -> String {
        match self {
            Class::Written(rules) => {
                let codes: Vec<String> = rules.iter().map(|r| format!("`{target}/{r}`")).collect();
                format!("Written by {}.", codes.join(", "))
            }
            Class::Never(why) => format!("Never set: {why}."),
            Class::Deprecated(instead) => format!("Deprecated: {instead}."),
            Class::Refused(id) => format!("Refused: see `{target}/{id}`."),
            Class::Override(why) => format!("Only as an override: {why}."),
        }
    }
}

impl Profile {
    /// The class of one of the profile's keys; `None` where nothing says what becomes of it.
    pub fn class<'p>(&'p self, key: &'p KeyInfo) -> Option<Class<'p>> {
        let writes = |r: &&Rule| sets(r).iter().any(|literals| spells(literals, &key.key));
        let rules: Vec<&str> = self
            .rules
            .iter()
            .filter(writes)
            .map(|r| r.id.as_str())
            .collect();
        if !rules.is_empty() {
            return Some(Class::Written(rules));
        }
        let stated = key.never.as_deref().map(Class::Never);
        let stated = stated.or_else(|| key.deprecated.as_deref().map(Class::Deprecated));
        let stated = stated.or_else(|| key.refused.as_deref().map(Class::Refused));
        stated.or_else(|| key.only.as_deref().map(Class::Override))
    }
}

/// The keys that a rule sets below `annotations` and `options`, each as the texts that it is made of.
fn sets(rule: &Rule) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for effect in &rule.effects {
        match effect {
            Effect::Patch(_, tree)
            | Effect::Append(_, tree)
            | Effect::Ensure(tree)
            | Effect::Create(tree) => collect(rule, tree, false, &mut out),
            Effect::Omit(..) | Effect::Remove(..) => {}
        }
    }
    out
}

fn collect(rule: &Rule, tree: &Tree, keyed: bool, out: &mut Vec<Vec<String>>) {
    match tree {
        Tree::Map(fields) => {
            for (key, below) in fields {
                if keyed && !matches!(below, Tree::Literal(serde_json::Value::Null)) {
                    out.push(match key {
                        Key::Plain(name) => vec![name.to_string()],
                        Key::Expr(e) => literals(rule, &e.source, DEPTH),
                    });
                }
                let names =
                    matches!(key, Key::Plain(n) if matches!(&**n, "annotations" | "options"));
                collect(rule, below, names, out);
            }
        }
        Tree::Expr(e) if keyed => out.extend(apart(rule, e)),
        Tree::List(items) => items.iter().for_each(|t| collect(rule, t, false, out)),
        Tree::When {
            then, otherwise, ..
        } => {
            collect(rule, then, keyed, out);
            if let Some(other) = otherwise {
                collect(rule, other, keyed, out);
            }
        }
        Tree::Each { body, .. } | Tree::Let { body, .. } => collect(rule, body, keyed, out),
        Tree::Literal(_) | Tree::Expr(_) | Tree::Json(_) => {}
    }
}

/// The texts of an expression that gives a whole map, each for itself.
fn apart(rule: &Rule, e: &Expr) -> Vec<Vec<String>> {
    let all = literals(rule, &e.source, DEPTH);
    all.into_iter().map(|l| vec![l]).collect()
}

/// The quoted texts of an expression in order, with those that its names stand for in their places.
fn literals(rule: &Rule, source: &str, depth: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['\'', '"']) {
        named(rule, &rest[..at], depth, &mut out);
        let quote = rest.as_bytes()[at] as char;
        let inner = &rest[at + 1..];
        let Some(end) = inner.find(quote) else { break };
        out.push(inner[..end].to_owned());
        rest = &inner[end + 1..];
    }
    named(rule, rest, depth, &mut out);
    out
}

fn named(rule: &Rule, text: &str, depth: usize, out: &mut Vec<String>) {
    if depth == 0 {
        return;
    }
    let all = rule.names.iter().map(|(n, e)| (n, &**e));
    for (name, expr) in all.chain(rule.lets.iter().map(|(n, e)| (n, e))) {
        if mentions(text, name) {
            out.extend(literals(rule, &expr.source, depth - 1));
        }
    }
}

/// Whether these texts spell the key; what stands in its braces is chosen at run time.
fn spells(literals: &[String], key: &str) -> bool {
    if !key.contains('{') {
        return literals.iter().any(|l| l == key) || literals.concat() == key;
    }
    let all = literals.concat();
    let mut at = 0;
    key.split('{')
        .map(|part| part.split_once('}').map_or(part, |(_, fixed)| fixed))
        .all(|part| match all[at..].find(part) {
            Some(found) => {
                at += found + part.len();
                true
            }
            None => false,
        })
}
