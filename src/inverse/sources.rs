//! Which objects, and where in them, each field of a target is read back from.
//!
//! For pages: who reads a cluster looks for the field, and who writes rules sees what nothing says.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Names, Sym, neutral};
use super::places::is_true;
use super::state::Solver;
use super::{How, Reader, Reading, bound, symbol};
use crate::lower::account::covers;
use crate::profile::expr::Expr;
use crate::profile::plain::Plain;
use crate::profile::rule::{Key, Tree};

/// Where a field is read back from.
#[derive(Debug, Default)]
pub struct Source {
    /// Kind of the object and path in it; `*` stands for what differs.
    pub places: BTreeSet<(String, String)>,
    /// Why some rule's value of it is not.
    pub unread: BTreeSet<String>,
}

/// What one tree says, by the names of its rule.
struct Walk<'r, 's> {
    solver: &'s mut Solver<'r>,
    found: Vec<Leaf>,
    /// Whether what is looked at is a value, and no condition of a fixed one.
    direct: bool,
}

/// A field that a tree says at a path.
#[derive(Debug, Clone, PartialEq)]
struct Leaf {
    field: String,
    path: String,
    direct: bool,
}

impl Reader {
    /// Every field that objects of the target say, or that a rule says they do not.
    pub fn sources(&self) -> BTreeMap<String, Source> {
        let known = BTreeMap::new();
        let readings = self.readings();
        let mut all: Vec<(&Reading<'_>, Vec<Leaf>)> = Vec::new();
        for reading in &readings {
            let facts = &self.profile.head.facts;
            let mut solver = Solver::new(&self.vocabulary, facts, &known, "1.".to_owned());
            let names = bound(&mut solver, reading, None);
            let mut walk = Walk {
                solver: &mut solver,
                found: Vec::new(),
                direct: true,
            };
            walk.tree(reading.tree, &names, "", &[]);
            all.push((reading, walk.found));
        }
        let mut out: BTreeMap<String, Source> = BTreeMap::new();
        // Where nothing has the value itself, what follows from it has to tell.
        for direct in [true, false] {
            let before: BTreeSet<String> = out.keys().cloned().collect();
            for (reading, found) in &all {
                for leaf in found.iter().filter(|l| l.direct == direct) {
                    if before.contains(&leaf.field)
                        || self.unread(&reading.rule.id, &leaf.field).is_some()
                        || instead(&all, reading, &leaf.field)
                    {
                        continue;
                    }
                    let source = out.entry(leaf.field.clone()).or_default();
                    let kind = reading.kind.unwrap_or("*").to_owned();
                    source.places.insert((kind, leaf.path.clone()));
                }
            }
        }
        for rule in &self.profile.rules {
            for (field, why) in &rule.unread {
                let source = out.entry(field.clone()).or_default();
                source.unread.insert(why.clone());
            }
        }
        // Of a field with others below it, these tell.
        let all: Vec<String> = out.keys().cloned().collect();
        out.retain(|field, source| {
            let below = |f: &String| f != field && covers(field, f);
            !source.unread.is_empty() || !all.iter().any(below)
        });
        out.retain(|field, _| !covers("carriers", field));
        out
    }
}

/// Whether the reading's rule reads the field in another way than it writes it.
fn instead(all: &[(&Reading<'_>, Vec<Leaf>)], reading: &Reading<'_>, field: &str) -> bool {
    reading.how != How::Declared
        && all.iter().any(|(other, found)| {
            other.how == How::Declared
                && other.rule.id == reading.rule.id
                && other.kind == reading.kind
                && found.iter().any(|l| l.field == field)
        })
}

impl<'r> Walk<'r, '_> {
    fn tree(
        &mut self,
        tree: &'r Tree,
        names: &Names<'r>,
        path: &str,
        conds: &[(&'r Plain, Names<'r>)],
    ) {
        match tree {
            Tree::Literal(fixed) if is_true(fixed) => self.conditions(conds, path),
            Tree::Literal(_) => {}
            Tree::Expr(e) => self.expr(e, names, path, conds),
            Tree::Map(fields) => {
                for (key, below) in fields {
                    let step = match key {
                        Key::Plain(key) => key.to_string(),
                        Key::Expr(e) => {
                            let mut step = String::new();
                            if let Some(of) = e.parts() {
                                step = self.key(of, names);
                                self.says(of, names, &joined(path, &step));
                            }
                            step
                        }
                    };
                    // What an object is called by says nothing but itself.
                    if !matches!(step.as_str(), "apiVersion" | "kind") || !path.is_empty() {
                        self.tree(below, names, &joined(path, &step), conds);
                    }
                }
            }
            Tree::List(items) => {
                let path = format!("{path}[]");
                items.iter().for_each(|t| self.tree(t, names, &path, conds));
            }
            Tree::Each {
                name, over, body, ..
            } => {
                let mut syms = over
                    .parts()
                    .map_or_else(Vec::new, |e| self.solver.elements(e, names));
                if syms.is_empty() {
                    syms.push(Sym::Unknown);
                }
                for sym in syms {
                    self.tree(body, &names.with(name, sym), path, conds);
                }
            }
            Tree::When {
                cond,
                then,
                otherwise,
            } => {
                let mut inner = conds.to_vec();
                inner.extend(cond.parts().map(|c| (c, names.clone())));
                self.tree(then, names, path, &inner);
                if let Some(other) = otherwise {
                    self.tree(other, names, path, &inner);
                }
            }
            Tree::Let { names: more, body } => {
                let mut inner = names.clone();
                for (name, expr) in more {
                    inner = inner.with(name, symbol(expr, &inner));
                }
                self.tree(body, &inner, path, conds);
            }
            Tree::Json(body) => self.tree(body, names, &format!("{path} (JSON) "), conds),
        }
    }

    fn expr(
        &mut self,
        e: &'r Expr,
        names: &Names<'r>,
        path: &str,
        conds: &[(&'r Plain, Names<'r>)],
    ) {
        let before = self.found.len();
        if let Some(of) = e.parts() {
            self.says(of, names, path);
        }
        if self.found.len() == before {
            self.conditions(conds, path);
        }
    }

    /// A fixed value says what it was written for.
    fn conditions(&mut self, conds: &[(&'r Plain, Names<'r>)], path: &str) {
        self.direct = false;
        for (cond, names) in conds {
            self.says(cond, names, path);
        }
        self.direct = true;
    }

    /// A key with a star for each part that is no constant.
    fn key(&mut self, of: &'r Plain, names: &Names<'r>) -> String {
        match of {
            Plain::Joined(a, b) => self.key(a, names) + &self.key(b, names),
            Plain::Choice(parts) => self.key(&parts[0], names),
            _ => match self.solver.constant(of, names) {
                Some(serde_json::Value::String(text)) => text,
                _ => "*".to_owned(),
            },
        }
    }

    /// The fields that an expression gives: of a choice between constants, what it is chosen by.
    fn says(&mut self, of: &'r Plain, names: &Names<'r>, path: &str) {
        if let Some(field) = self.field(of, names) {
            let path = path.trim_end().to_owned();
            let direct = self.direct;
            let leaf = Leaf {
                field,
                path,
                direct,
            };
            if !self.found.contains(&leaf) {
                self.found.push(leaf);
            }
            return;
        }
        let before = self.found.len();
        match of {
            Plain::Name(name, _) => {
                if let Some(Sym::Expr(inner, seen)) = names.get(name).cloned() {
                    self.says(inner, &seen, path);
                }
            }
            Plain::Field(a, _) | Plain::Not(a) | Plain::Among(a, ..) | Plain::Unset(a, _) => {
                self.says(a, names, path);
            }
            Plain::Filtered(a, ..) => self.says(a, names, path),
            Plain::Item(a, b) => {
                self.says(b, names, path);
                if self.found.len() == before {
                    self.says(a, names, path);
                }
            }
            Plain::And(a, b)
            | Plain::Or(a, b)
            | Plain::Equal(a, b, _)
            | Plain::Ordered(a, b, _)
            | Plain::Within(a, b, _)
            | Plain::Joined(a, b)
            | Plain::Computed(a, b, _) => {
                self.says(a, names, path);
                self.says(b, names, path);
            }
            Plain::Quotient(sides, ..) => sides.iter().for_each(|s| self.says(s, names, path)),
            Plain::Choice(parts) => {
                self.says(&parts[0], names, path);
                self.says(&parts[2], names, path);
                if self.found.len() == before {
                    self.says(&parts[1], names, path);
                }
            }
            Plain::List(items) => items.iter().for_each(|i| self.says(i, names, path)),
            Plain::Map(entries) => entries.iter().for_each(|(_, v)| self.says(v, names, path)),
            Plain::Const(_) | Plain::Other(..) => {}
        }
    }

    fn field(&mut self, of: &'r Plain, names: &Names<'r>) -> Option<String> {
        let place = self.solver.place(of, names)?;
        let found = neutral(self.solver.vocabulary, &place)?;
        (found.field != "backends.service").then_some(found.field)
    }
}

fn joined(path: &str, step: &str) -> String {
    if path.is_empty() || path.ends_with(' ') {
        format!("{path}{step}")
    } else {
        format!("{path}.{step}")
    }
}
