//! Trees of rules backwards: a tree is laid beside an object, and what its leaves say follows.
//!
//! The tree that writes is the one that reads, so a profile says a thing once.

use serde_json::Value;

use super::names::{Names, Sym, is_element, same};
use super::state::{Note, Solver};
use crate::profile::rule::{Key, Tree};

/// What becomes of a tree when a part of it does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Nothing: fields stand by themselves.
    Fields,
    /// Fixed values have to be there, or another rule made the object.
    Object,
    /// Everything that is there has to fit: an item is told from others by what it says.
    Item,
}

impl<'r> Solver<'r> {
    /// Lays a tree beside a value. With [`Fit::Fields`] it gives whether every field that both have fits.
    pub(super) fn fits(
        &mut self,
        tree: &'r Tree,
        value: &Value,
        names: &Names<'r>,
        fit: Fit,
    ) -> bool {
        // Of fields that stand by themselves, those that fit are kept beside one that does not.
        if fit == Fit::Fields && matches!(tree, Tree::Map(_) | Tree::Let { .. }) {
            return self.fitted(tree, value, names, fit);
        }
        self.attempt(|s| s.fitted(tree, value, names, fit))
    }

    fn fitted(&mut self, tree: &'r Tree, value: &Value, names: &Names<'r>, fit: Fit) -> bool {
        match tree {
            Tree::Literal(fixed) => same(fixed, value),
            Tree::Expr(e) => match e.parts() {
                Some(of) => match value {
                    Value::Array(all) if self.joined => self.added(of, names, all),
                    _ => self.solve(of, names, value),
                },
                None => true,
            },
            Tree::Map(fields) => self.map(fields, value, names, fit),
            Tree::List(items) => {
                let Value::Array(values) = value else {
                    return false;
                };
                let mut found = values.is_empty() || items.is_empty();
                let mut met = vec![false; items.len()];
                for (i, v) in values.iter().enumerate() {
                    self.at.push(i.to_string());
                    let of = (0..items.len()).find(|t| self.fits(&items[*t], v, names, Fit::Item));
                    self.at.pop();
                    if let Some(t) = of {
                        met[t] = true;
                        found = true;
                    }
                }
                let all = items.iter().zip(met).all(|(t, met)| met || !needed(t));
                found && (all || fit == Fit::Fields)
            }
            Tree::Each {
                name,
                over,
                when,
                body,
            } => {
                if let Value::Array(values) = value
                    && !matches!(**body, Tree::List(_))
                    && fit != Fit::Item
                {
                    let mut found = values.is_empty();
                    for v in values {
                        found |= self.fits(tree, v, names, Fit::Item);
                    }
                    return found;
                }
                let cond = when.as_ref().and_then(|w| w.parts());
                let syms = match over.parts() {
                    Some(e) => self.elements(e, names),
                    None => vec![Sym::Unknown],
                };
                let start = self.notes.len();
                let mut count = 0;
                for sym in syms {
                    let inner = names.with(name, sym);
                    count += usize::from(self.attempt(|s| {
                        s.fits(body, value, &inner, Fit::Item)
                            && cond.is_none_or(|c| s.assume(c, &inner, true))
                    }));
                }
                // Where the list is put together of several, any may have had the item.
                for note in &mut self.notes[start..] {
                    note.sure &= count == 1;
                }
                count > 0
            }
            Tree::When {
                cond,
                then,
                otherwise,
            } => {
                let Some(cond) = cond.parts() else {
                    return match otherwise {
                        None => self.fits(then, value, names, fit),
                        Some(other) => self.either(
                            |s| s.fits(then, value, names, fit),
                            |s| s.fits(other, value, names, fit),
                        ),
                    };
                };
                let yes =
                    |s: &mut Self| s.assume(cond, names, true) && s.fits(then, value, names, fit);
                let Some(other) = otherwise else {
                    return yes(self);
                };
                let no =
                    |s: &mut Self| s.assume(cond, names, false) && s.fits(other, value, names, fit);
                self.either(yes, no)
            }
            Tree::Let { names: more, body } => {
                let mut inner = names.clone();
                for (name, expr) in more {
                    let sym = match expr.parts() {
                        Some(e) => Sym::Expr(e, inner.clone()),
                        None => Sym::Unknown,
                    };
                    inner = inner.with(name, sym);
                }
                self.fits(body, value, &inner, fit)
            }
            Tree::Json(body) => {
                let parsed = value.as_str().and_then(|s| serde_json::from_str(s).ok());
                // A text is one thing, so its fixed parts have to be there.
                let fit = if fit == Fit::Fields { Fit::Object } else { fit };
                parsed.is_some_and(|v: Value| self.fits(body, &v, names, fit))
            }
        }
    }

    /// A field is not there, and the tree removes it under a condition.
    fn absent(&mut self, tree: &'r Tree, names: &Names<'r>) {
        if let Tree::Map(fields) = tree {
            fields
                .iter()
                .for_each(|(_, below)| self.absent(below, names));
        }
        let Tree::When {
            cond,
            then,
            otherwise: Some(otherwise),
        } = tree
        else {
            return;
        };
        let removed = |t: &Tree| matches!(t, Tree::Literal(Value::Null));
        if let Some(cond) = cond.parts()
            && removed(then) != removed(otherwise)
        {
            self.assume(cond, names, removed(then));
        }
    }

    /// Each of several keys speaks of an element of its own, unless something besides speaks of it, too.
    fn set_apart(&self, of_keys: &mut [Vec<Note>]) {
        for (nth, notes) in of_keys.iter_mut().enumerate() {
            for note in notes {
                let place = &note.place;
                let known = |at: usize| {
                    let mut others = self.notes.iter().map(|n| &n.place);
                    others.any(|o| o.len() > at + 1 && o[..=at] == place[..=at])
                };
                let made = |at: &usize| is_element(&place[*at]) && !known(*at);
                if let Some(at) = (0..place.len()).find(made) {
                    note.place[at] += &format!(".{nth}");
                }
            }
        }
    }

    fn map(
        &mut self,
        fields: &'r [(Key, Tree)],
        value: &Value,
        names: &Names<'r>,
        fit: Fit,
    ) -> bool {
        let Value::Object(values) = value else {
            return false;
        };
        let mut all = true;
        let plain: Vec<&str> = fields
            .iter()
            .filter_map(|(k, _)| match k {
                Key::Plain(k) => Some(&**k),
                Key::Expr(_) => None,
            })
            .collect();
        for (key, below) in fields {
            match key {
                Key::Plain(key) if matches!(below, Tree::Literal(Value::Null)) => {
                    if self.declared && values.get(&**key).is_some_and(|v| !v.is_null()) {
                        return false;
                    }
                }
                Key::Plain(key) => {
                    let Some(found) = values.get(&**key).filter(|v| !v.is_null()) else {
                        self.absent(below, names);
                        if fit != Fit::Fields && needed(below) {
                            return false;
                        }
                        continue;
                    };
                    self.at.push(key.to_string());
                    let fixed = matches!(below, Tree::Literal(_) | Tree::Map(_) | Tree::List(_));
                    let held = if &**key == "apiVersion" {
                        true
                    } else {
                        self.fits(below, found, names, fit)
                    };
                    self.at.pop();
                    if !held && (fit == Fit::Item || (fit == Fit::Object && fixed)) {
                        return false;
                    }
                    all &= held;
                }
                Key::Expr(key) => {
                    let Some(key) = key.parts() else { continue };
                    let others = values.iter().filter(|(k, _)| !plain.contains(&k.as_str()));
                    let mut found = Vec::new();
                    for (k, v) in others {
                        self.at.push(k.clone());
                        let start = self.notes.len();
                        let held = self.attempt(|s| {
                            s.solve(key, names, &Value::from(k.as_str()))
                                && s.fits(below, v, names, fit)
                        });
                        self.at.pop();
                        let more = self.notes.split_off(start);
                        if held {
                            found.push(more);
                        }
                    }
                    if found.len() > 1 {
                        self.set_apart(&mut found);
                    }
                    self.notes.extend(found.into_iter().flatten());
                }
            }
        }
        fit != Fit::Fields || all
    }
}

/// Whether an object that a tree made has the tree's part in any case.
fn needed(tree: &Tree) -> bool {
    match tree {
        Tree::Literal(fixed) => !fixed.is_null(),
        Tree::Map(fields) => fields.iter().any(|(_, t)| needed(t)),
        Tree::List(items) => items.iter().any(needed),
        Tree::Let { body, .. } | Tree::Json(body) => needed(body),
        Tree::Expr(_) | Tree::Each { .. } | Tree::When { .. } => false,
    }
}
