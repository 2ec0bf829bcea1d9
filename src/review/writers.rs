//! Which rules of a target write a path of an object, and which fields of the vocabulary they write there.
//!
//! Read from the trees of the rules, so that it holds for overlays that were written long ago, without a trace.

use std::collections::BTreeSet;

use crate::diag::Diagnostics;
use crate::profile::expr::Expr;
use crate::profile::rule::{Effect, Key, Rule, Tree};
use crate::profile::store::Store;
use crate::source::Sources;

/// A step of a path that a rule writes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    /// Chosen at run time, or an item of a list.
    Any,
}

/// A leaf of a rule's tree.
#[derive(Debug)]
struct Leaf {
    /// Kind of the object; absent where an expression gives it.
    kind: Option<String>,
    path: Vec<Step>,
    rule: usize,
    fields: Vec<String>,
    /// The expressions that it is made of.
    texts: String,
}

/// All leaves of a target's rules.
#[derive(Debug)]
pub struct Writers {
    leaves: Vec<Leaf>,
    /// Code and first sentence of each rule.
    rules: Vec<(String, String)>,
}

impl Writers {
    /// Reads the rules of a target; empty for a target that there is no longer.
    pub fn of(store: &Store, target: &str) -> Self {
        let mut out = Self {
            leaves: Vec::new(),
            rules: Vec::new(),
        };
        let profile = store.compiled(target, &mut Sources::default(), &mut Diagnostics::default());
        for (at, rule) in profile.iter().flat_map(|p| &p.rules).enumerate() {
            let summary = rule.doc.lines().next().unwrap_or_default().to_owned();
            out.rules.push((format!("{target}/{}", rule.id), summary));
            for effect in &rule.effects {
                match effect {
                    Effect::Patch(kind, tree) | Effect::Append(kind, tree) => {
                        out.tree(rule, at, Some(kind), tree, &mut Vec::new(), &[]);
                    }
                    Effect::Ensure(tree) | Effect::Create(tree) => {
                        let kind = kind_of(tree);
                        out.tree(rule, at, kind.as_deref(), tree, &mut Vec::new(), &[]);
                    }
                    Effect::Omit(kind, expr) => {
                        out.leaf(rule, at, Some(kind), Vec::new(), &[expr]);
                    }
                    Effect::Remove(kind, paths) => {
                        for path in paths {
                            let steps = path.iter().map(|s| Step::Key(s.to_string()));
                            out.leaf(rule, at, Some(kind), steps.collect(), &[]);
                        }
                    }
                }
            }
        }
        out
    }

    fn leaf(
        &mut self,
        rule: &Rule,
        at: usize,
        kind: Option<&str>,
        path: Vec<Step>,
        exprs: &[&Expr],
    ) {
        self.leaves.push(Leaf {
            kind: kind.map(str::to_owned),
            path,
            rule: at,
            fields: fields(rule, exprs),
            texts: exprs.iter().fold(String::new(), |all, e| all + &e.source),
        });
    }

    fn tree<'r>(
        &mut self,
        rule: &'r Rule,
        at: usize,
        kind: Option<&str>,
        tree: &'r Tree,
        path: &mut Vec<Step>,
        above: &[&'r Expr],
    ) {
        match tree {
            Tree::Map(fields) if !fields.is_empty() => {
                for (key, below) in fields {
                    let mut exprs = above.to_vec();
                    path.push(match key {
                        Key::Plain(name) => Step::Key(name.to_string()),
                        Key::Expr(e) => {
                            exprs.push(e);
                            Step::Any
                        }
                    });
                    self.tree(rule, at, kind, below, path, &exprs);
                    path.pop();
                }
            }
            Tree::List(items) => {
                for item in items {
                    path.push(Step::Any);
                    self.tree(rule, at, kind, item, path, above);
                    path.pop();
                }
            }
            Tree::Each {
                over, when, body, ..
            } => {
                let mut exprs = above.to_vec();
                exprs.push(over);
                exprs.extend(when);
                path.push(Step::Any);
                self.tree(rule, at, kind, body, path, &exprs);
                path.pop();
            }
            Tree::When {
                cond,
                then,
                otherwise,
            } => {
                let mut exprs = above.to_vec();
                exprs.push(cond);
                self.tree(rule, at, kind, then, path, &exprs);
                if let Some(other) = otherwise {
                    self.tree(rule, at, kind, other, path, &exprs);
                }
            }
            Tree::Let { names, body } => {
                let mut exprs = above.to_vec();
                exprs.extend(names.iter().map(|(_, e)| e));
                self.tree(rule, at, kind, body, path, &exprs);
            }
            Tree::Expr(e) => {
                let mut exprs = above.to_vec();
                exprs.push(e);
                self.leaf(rule, at, kind, path.clone(), &exprs);
            }
            Tree::Json(body) => {
                let mut exprs = above.to_vec();
                exprs.extend(body.exprs());
                self.leaf(rule, at, kind, path.clone(), &exprs);
            }
            Tree::Literal(_) | Tree::Map(_) => self.leaf(rule, at, kind, path.clone(), above),
        }
    }

    /// Whether a rule writes something below the path.
    pub fn below(&self, kind: &str, path: &[String]) -> bool {
        self.leaves.iter().any(|l| {
            l.kind.as_deref().is_none_or(|k| k == kind)
                && l.path.len() > path.len()
                && l.path.iter().zip(path).all(|(step, want)| match step {
                    Step::Key(key) => key == want,
                    Step::Any => true,
                })
        })
    }

    /// Rules that write the path, with the fields that they write there: those whose own path is the most exact.
    pub fn of_path(&self, kind: &str, path: &[String]) -> (Vec<(String, String)>, Vec<String>) {
        let exactness = |leaf: &Leaf| {
            if leaf.kind.as_deref().is_some_and(|k| k != kind) || leaf.path.len() > path.len() {
                return None;
            }
            if leaf.path.is_empty() != path.is_empty() {
                return None;
            }
            // Compared from the left: a key that is named outranks one that is chosen at run time, however deep that goes on.
            let mut steps = Vec::with_capacity(leaf.path.len());
            for (step, found) in leaf.path.iter().zip(path) {
                match step {
                    Step::Key(key) if key == found => steps.push(2),
                    Step::Key(_) => return None,
                    Step::Any => steps.push(1),
                }
            }
            Some(steps)
        };
        let best = self.leaves.iter().filter_map(exactness).max();
        let chosen = self
            .leaves
            .iter()
            .filter(|l| best.is_some() && exactness(l) == best);
        let chosen: Vec<&Leaf> = chosen.collect();
        // Several rules may add to one text; the pair that is meant stands in the expression of one of them.
        let speaks = |l: &&&Leaf| path.last().is_some_and(|p| l.texts.contains(p.as_str()));
        let some = chosen.iter().any(|l| speaks(&l));
        let (mut rules, mut fields) = (BTreeSet::new(), BTreeSet::new());
        for leaf in chosen.iter().filter(|l| !some || speaks(l)) {
            rules.insert(leaf.rule);
            fields.extend(leaf.fields.iter().cloned());
        }
        (
            rules.into_iter().map(|r| self.rules[r].clone()).collect(),
            fields.into_iter().collect(),
        )
    }
}

fn kind_of(tree: &Tree) -> Option<String> {
    let Tree::Map(fields) = tree else { return None };
    fields.iter().find_map(|(key, value)| match (key, value) {
        (Key::Plain(name), Tree::Literal(kind)) if &**name == "kind" => {
            kind.as_str().map(str::to_owned)
        }
        _ => None,
    })
}

/// The fields of a rule that its expressions, or names that they use, speak of; all of the rule where they speak of none.
fn fields(rule: &Rule, exprs: &[&Expr]) -> Vec<String> {
    let mut texts: Vec<&str> = exprs.iter().map(|e| e.source.as_str()).collect();
    let mut at = 0;
    while at < texts.len() {
        for (name, expr) in rule
            .names
            .iter()
            .map(|(n, e)| (n, &**e))
            .chain(rule.lets.iter().map(|(n, e)| (n, e)))
        {
            let source = expr.source.as_str();
            if has_word(texts[at], name) && !texts.contains(&source) {
                texts.push(source);
            }
        }
        at += 1;
    }
    let spoken: Vec<String> = rule
        .fields
        .iter()
        .filter(|f| {
            let last = f.rsplit('.').next().unwrap_or(f);
            texts.iter().any(|t| has_word(t, last))
        })
        .cloned()
        .collect();
    if spoken.is_empty() {
        rule.fields.clone()
    } else {
        spoken
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}
