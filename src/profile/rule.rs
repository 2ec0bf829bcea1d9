//! Rules: one block of a profile each, compiled.
//!
//! A rule says which neutral fields it answers for, under which condition, with which limits, and what it does to which objects.

use std::ops::Deref;
use std::sync::Arc;

use serde_json::Value;

use super::expr::{Expr, Text};
use crate::model::name::Name;
use crate::plan::Path;
use crate::source::Span;

/// A rule of a target.
#[derive(Debug)]
pub struct Rule {
    /// `<target>/<id>`: what findings and origins name it by.
    pub code: Name,
    /// Names of the whole target that it uses, in the order in which they are found: those that the condition needs come first.
    pub names: Vec<(Name, Arc<Expr>)>,
    /// How many of them the condition needs. The others are evaluated only where it holds.
    pub conditional: usize,
    /// What it says; the same for all targets that extend the profile that it stands in.
    pub body: Arc<Body>,
}

impl Deref for Rule {
    type Target = Body;

    fn deref(&self) -> &Body {
        &self.body
    }
}

/// What a rule says, whatever target has it.
#[derive(Debug)]
pub struct Body {
    /// Kebab-case id, unique within the profile.
    pub id: String,
    /// First line: summary. Then why, and limits.
    pub doc: String,
    /// Pages of the vendor that state what the rule relies on.
    pub see: Vec<String>,
    /// Fields of the vocabulary that it answers for, dotted.
    pub fields: Vec<String>,
    /// Lists to go through, outermost first: name and expression.
    pub each: Vec<(Name, Expr)>,
    /// Condition; without it the rule always holds.
    pub when: Option<Expr>,
    /// Names for values that are used more than once.
    pub lets: Vec<(Name, Expr)>,
    /// Why nothing needs to be written when the condition does not hold: the target's documented default.
    pub otherwise: Option<String>,
    /// Bounds of fields.
    pub limits: Vec<Limit>,
    /// What is wrong, not possible, or only nearly so.
    pub findings: Vec<Finding>,
    /// What it does.
    pub effects: Vec<Effect>,
    /// Trees by kind of object that are read in place of what the effects write, where these cannot be read backwards.
    pub reads: Vec<(String, Tree)>,
    /// Fields that objects do not give back, and why.
    pub unread: Vec<(String, String)>,
    /// Cases that show it; each is run as a test.
    pub examples: Vec<Example>,
    /// Where it stands.
    pub span: Span,
}

/// Bounds of one field.
#[derive(Debug)]
pub struct Limit {
    /// Dotted path of names in scope: `backend.healthCheck.interval`.
    pub field: String,
    /// Smallest value: a number or a duration.
    pub min: Option<Value>,
    /// Largest value.
    pub max: Option<Value>,
    /// Values are multiples of it.
    pub step: Option<Value>,
    /// For texts: the longest, in characters.
    pub max_length: Option<usize>,
}

/// What kind of thing a rule has to say, from the least to the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// Worth a line in reports.
    Note,
    /// The user should know.
    Warn,
    /// The target expresses it nearly; an `accept` entry takes that.
    Approximate,
    /// The target cannot express it; an `accept` entry leaves the field out.
    Refuse,
    /// The input is wrong for this target; nothing accepts it.
    Reject,
}

/// Something to say under a condition.
#[derive(Debug)]
pub struct Finding {
    /// What it does to the run.
    pub kind: FindingKind,
    /// Condition.
    pub when: Expr,
    /// Dotted path of the value that the caret points at.
    pub at: Option<String>,
    /// Headline.
    pub message: Text,
    /// The rule or fact behind it.
    pub note: Option<Text>,
    /// What to write instead.
    pub help: Option<Text>,
}

/// What a rule does.
#[derive(Debug)]
pub enum Effect {
    /// Sets fields of objects that the edge names: the carriers, the Service of `backend`, the HTTPRoute of `route`.
    Patch(String, Tree),
    /// Adds items to lists that are joined into one annotation.
    Append(String, Tree),
    /// Makes the object have these fields, whether the base has it or not.
    Ensure(Tree),
    /// Makes an object that the base must not have.
    Create(Tree),
    /// Leaves an object of the base out of the result: kind and name.
    Omit(String, Expr),
    /// Removes fields of the objects that [`Effect::Patch`] would find: kind and paths.
    Remove(String, Vec<Path>),
}

/// A YAML tree with expressions at its leaves.
#[derive(Debug)]
pub enum Tree {
    /// As it stands; null means that the field is removed.
    Literal(Value),
    /// The value of an expression; none leaves the field out.
    Expr(Expr),
    /// Fields; keys may be expressions.
    Map(Vec<(Key, Tree)>),
    /// Items; those that are left out do not count.
    List(Vec<Tree>),
    /// An item for each element of a list.
    Each {
        /// Name of the element.
        name: Name,
        /// The list.
        over: Expr,
        /// Elements without it are skipped.
        when: Option<Expr>,
        /// The item.
        body: Box<Tree>,
    },
    /// One of two trees.
    When {
        /// Condition.
        cond: Expr,
        /// If it holds.
        then: Box<Tree>,
        /// If not; left out without it.
        otherwise: Option<Box<Tree>>,
    },
    /// A tree with further names.
    Let {
        /// Names and what they stand for; later ones may use earlier ones.
        names: Vec<(Name, Expr)>,
        /// The tree that sees them.
        body: Box<Tree>,
    },
    /// A tree as compact JSON in a text; left out with the tree.
    Json(Box<Tree>),
}

/// A key of a tree.
#[derive(Debug)]
pub enum Key {
    /// As it stands.
    Plain(Name),
    /// The text that an expression gives; none leaves the field out.
    Expr(Expr),
}

/// A case that shows what a rule does.
#[derive(Debug, Clone)]
pub struct Example {
    /// Name of the case, unique within the rule.
    pub name: String,
    /// Fields of the exposure's `spec`, on top of the profile's smallest exposure.
    pub exposure: Value,
    /// Fields of the environment's `spec`.
    pub environment: Value,
    /// Objects in place of the smallest base's, by their YAML text; empty to use that base.
    pub base: String,
    /// Objects of the result by kind, or `Kind/name`, with fields that must have these values.
    pub expect: Value,
    /// A text that the finding of this rule has in its headline; the case is refused then.
    pub finds: Option<String>,
    /// Runs only for targets for which it holds; sees `facts` only. For examples of rules that several targets share.
    pub when: Option<Arc<Expr>>,
    /// Where it stands.
    pub span: Span,
}

impl Tree {
    /// All expressions in it.
    pub fn exprs(&self) -> Vec<&Expr> {
        let mut out = Vec::new();
        self.collect(&mut out);
        out
    }

    fn collect<'t>(&'t self, out: &mut Vec<&'t Expr>) {
        match self {
            Tree::Literal(_) => {}
            Tree::Expr(e) => out.push(e),
            Tree::Map(fields) => {
                for (k, v) in fields {
                    if let Key::Expr(e) = k {
                        out.push(e);
                    }
                    v.collect(out);
                }
            }
            Tree::List(items) => items.iter().for_each(|t| t.collect(out)),
            Tree::Each {
                over, when, body, ..
            } => {
                out.push(over);
                out.extend(when);
                body.collect(out);
            }
            Tree::When {
                cond,
                then,
                otherwise,
            } => {
                out.push(cond);
                then.collect(out);
                if let Some(t) = otherwise {
                    t.collect(out);
                }
            }
            Tree::Let { names, body } => {
                out.extend(names.iter().map(|(_, e)| e));
                body.collect(out);
            }
            Tree::Json(body) => body.collect(out),
        }
    }

    /// Names that `$each` and `$let` bind anywhere in it.
    pub fn bound(&self) -> Vec<&str> {
        match self {
            Tree::Literal(_) | Tree::Expr(_) => Vec::new(),
            Tree::Map(fields) => fields.iter().flat_map(|(_, t)| t.bound()).collect(),
            Tree::List(items) => items.iter().flat_map(Tree::bound).collect(),
            Tree::Each { name, body, .. } => std::iter::once(&**name).chain(body.bound()).collect(),
            Tree::When {
                then, otherwise, ..
            } => then
                .bound()
                .into_iter()
                .chain(otherwise.iter().flat_map(|t| t.bound()))
                .collect(),
            Tree::Let { names, body } => names
                .iter()
                .map(|(name, _)| &**name)
                .chain(body.bound())
                .collect(),
            Tree::Json(body) => body.bound(),
        }
    }
}

impl Rule {
    /// The rule of a target, with those of the target's names that it uses, and those that they use.
    pub fn of(target: &str, body: Arc<Body>, all: &[(Name, Arc<Expr>)]) -> Self {
        let first = used(body.when.iter().map(|e| &*e.source), all);
        let every = used(body.sources().into_iter(), all);
        let chosen = |wanted: &dyn Fn(usize) -> bool| {
            let kept = all.iter().enumerate().filter(|(at, _)| wanted(*at));
            kept.map(|(_, name)| name.clone()).collect::<Vec<_>>()
        };
        let mut names = chosen(&|at| first[at]);
        let conditional = names.len();
        names.extend(chosen(&|at| every[at] && !first[at]));
        Self {
            code: Name::kept(&format!("{target}/{}", body.id)),
            names,
            conditional,
            body,
        }
    }

    /// All expressions of the rule.
    pub fn exprs(&self) -> Vec<&Expr> {
        let mut out: Vec<&Expr> = self.names.iter().map(|(_, e)| &**e).collect();
        out.extend(self.body.exprs());
        let texts = self.findings.iter().flat_map(Finding::texts);
        out.extend(texts.flat_map(Text::exprs));
        out
    }

    /// Names that the rule binds itself.
    pub fn bound(&self) -> Vec<&str> {
        let named = self.names.iter().map(|(n, _)| &**n);
        let mut out: Vec<&str> = named
            .chain(self.each.iter().map(|(n, _)| &**n))
            .chain(self.lets.iter().map(|(n, _)| &**n))
            .collect();
        for e in &self.effects {
            match e {
                Effect::Patch(_, t)
                | Effect::Append(_, t)
                | Effect::Ensure(t)
                | Effect::Create(t) => out.extend(t.bound()),
                Effect::Omit(..) | Effect::Remove(..) => {}
            }
        }
        out
    }
}

impl Finding {
    /// What it says, in parts.
    fn texts(&self) -> impl Iterator<Item = &Text> {
        std::iter::once(&self.message)
            .chain(&self.note)
            .chain(&self.help)
    }
}

impl Body {
    /// Its expressions, without those in texts.
    fn exprs(&self) -> Vec<&Expr> {
        let mut out: Vec<&Expr> = self.each.iter().map(|(_, e)| e).collect();
        out.extend(&self.when);
        out.extend(self.lets.iter().map(|(_, e)| e));
        out.extend(self.findings.iter().map(|f| &f.when));
        for e in &self.effects {
            match e {
                Effect::Patch(_, t)
                | Effect::Append(_, t)
                | Effect::Ensure(t)
                | Effect::Create(t) => out.extend(t.exprs()),
                Effect::Omit(_, e) => out.push(e),
                Effect::Remove(..) => {}
            }
        }
        out
    }

    /// The same with those in texts, as they are written; nothing is compiled for it.
    fn sources(&self) -> Vec<&str> {
        let mut out: Vec<&str> = self.exprs().into_iter().map(|e| &*e.source).collect();
        let texts = self.findings.iter().flat_map(Finding::texts);
        out.extend(texts.flat_map(Text::sources));
        out
    }
}

/// Which names expressions use, and which those use.
fn used<'e>(sources: impl Iterator<Item = &'e str>, all: &[(Name, Arc<Expr>)]) -> Vec<bool> {
    let mut used = vec![false; all.len()];
    sources.for_each(|source| mark(source, all, &mut used));
    // A name may use earlier ones.
    for at in (0..all.len()).rev() {
        if used[at] {
            mark(&all[at].1.source, &all[..at], &mut used);
        }
    }
    used
}

/// Marks the names that an expression uses, by its text: one too many costs an evaluation, no more.
fn mark(source: &str, all: &[(Name, Arc<Expr>)], used: &mut [bool]) {
    if used.iter().all(|u| *u) {
        return;
    }
    for word in words(source) {
        if let Some(at) = all.iter().position(|(name, _)| **name == *word) {
            used[at] = true;
        }
    }
}

/// Whether a text has a name as a word of its own, not as a field of another.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    words(text).any(|word| word == name)
}

/// The words of an expression that are no field of another.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + bytes[at..].iter().position(word)?;
            let end = bytes[start..].iter().position(|b| !word(b));
            at = end.map_or(bytes.len(), |n| start + n);
            if start == 0 || bytes[start - 1] != b'.' {
                return text.get(start..at);
            }
        }
    })
}
