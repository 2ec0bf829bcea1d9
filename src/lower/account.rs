//! The books: which values the user set, and what became of each.
//!
//! A value is known by its place in the user's text, so that what an expression read can be told from what it only mentions.

use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet, map};

use crate::model::edge::{Edge, RouteRule, WORDS};
use crate::model::name::Name;
use crate::model::val::{Data, Val};
use crate::source::Span;
use crate::vocab::{Field, Shape, Type, Vocabulary};

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing used it.
    Open,
    /// The target's documented default says the same.
    AlreadySo,
    /// It is in the result.
    Emitted,
    /// It is in the result, nearly.
    Approximated,
    /// The target cannot express it.
    Refused,
}

impl Outcome {
    /// The word for it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Open => "open",
            Outcome::AlreadySo => "already so",
            Outcome::Emitted => "emitted",
            Outcome::Approximated => "approximated",
            Outcome::Refused => "refused",
        }
    }
}

/// One value that the user set.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Field of the vocabulary, dotted: `backends.timeouts.idle`; members of bindings as `certificates.arn`.
    pub field: Name,
    /// Where it stands.
    pub span: Span,
    /// What became of it.
    pub outcome: Outcome,
    /// The rule that decided.
    pub rule: Option<Name>,
    /// Other places whose use counts as a use of this one: members of the binding that a name stands for.
    others: Vec<Span>,
}

/// The books of one run.
#[derive(Debug)]
pub struct Account {
    entries: Vec<Entry>,
    by_span: IndexMap<Span, usize, Places>,
    /// Places of the settings that hold for some backend. Another entry of `backends` stands in the place of the rest, and is counted
    /// itself.
    in_force: IndexSet<Span, Places>,
}

/// Hashes places, which are three small numbers.
type Places = BuildHasherDefault<PlaceHasher>;

#[derive(Default)]
struct PlaceHasher(u64);

impl Hasher for PlaceHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.write_u32(u32::from(*b)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0.rotate_left(24) ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

impl Account {
    /// Opens an entry for every value that is set in the exposure, in the defaults and readings merged into it, and in the bindings that it refers to.
    pub fn new(edge: &Edge, vocabulary: &Vocabulary) -> Self {
        let mut account = Self {
            entries: Vec::new(),
            by_span: IndexMap::default(),
            in_force: IndexSet::default(),
        };
        let mut in_force = Vec::new();
        edge.backends
            .iter()
            .for_each(|b| leaf_spans(&b.settings, &mut in_force));
        account.in_force = in_force.into_iter().collect();
        account.walk(
            &vocabulary.exposure,
            &edge.spec,
            &Name::Fixed(""),
            &edge.env,
        );
        for rule in edge.routes.iter().flat_map(|r| &r.rules) {
            account.rule(rule);
        }
        for c in &edge.certificates {
            account.binding("certificates", &c.binding);
        }
        if let Some(class) = edge.env.find("class") {
            account.open(&Name::Fixed("class"), class, Vec::new());
        }
        account
    }

    fn walk(&mut self, shape: &Shape, val: &Arc<Val>, path: &Name, env: &Arc<Val>) {
        match (&shape.ty, &val.data) {
            (Type::Map(fields), Data::Map(_)) => {
                for f in fields.iter().filter(|f| !f.engine) {
                    if let Some(v) = val.get(&f.name) {
                        self.field(f, v, env);
                    }
                }
            }
            (Type::List(of), Data::List(items)) => {
                items.iter().for_each(|v| self.walk(of, v, path, env));
            }
            (Type::MapOf(of), Data::Map(entries)) => {
                entries.values().for_each(|v| self.walk(of, v, path, env));
            }
            _ => self.open(path, val, Vec::new()),
        }
    }

    /// Opens entries for what a rule of the base says besides its path and where it leads; those of `spec.routes` are open already.
    fn rule(&mut self, rule: &RouteRule) {
        for (name, field) in WORDS {
            if let Some(word) = rule.words.get(*name) {
                self.leaves(&Name::Fixed(field), word);
            }
        }
        if rule.backends.len() > 1 {
            let field = Name::Fixed("routes.rules.backendRefs.weight");
            for weight in rule.backends.iter().filter_map(|b| b.weight.as_ref()) {
                if let Some(span) = weight.span {
                    self.add(&field, span, Vec::new());
                }
            }
        }
    }

    /// Opens entries for every leaf below a field. How a value is compared (`type`) is no value of its own.
    fn leaves(&mut self, path: &Name, val: &Arc<Val>) {
        match &val.data {
            Data::Map(map) => {
                for (key, below) in map.iter().filter(|(k, _)| &***k != "type") {
                    self.leaves(&Name::from(format!("{}.{}", &**path, &**key)), below);
                }
            }
            Data::List(items) => items.iter().for_each(|v| self.leaves(path, v)),
            _ => self.open(path, val, Vec::new()),
        }
    }

    fn field(&mut self, field: &Field, val: &Arc<Val>, env: &Arc<Val>) {
        let Some(key) = &field.binds else {
            return self.walk(&field.shape, val, &field.path, env);
        };
        let bound = val
            .as_str()
            .and_then(|name| env.find(key)?.get(name).cloned());
        let others = bound
            .as_ref()
            .map(|b| self.binding(key, b))
            .unwrap_or_default();
        self.open(&field.path, val, others);
    }

    /// Opens entries for the members of a binding; gives their places.
    fn binding(&mut self, key: &str, binding: &Arc<Val>) -> Vec<Span> {
        let mut spans = Vec::new();
        for (name, member) in binding.entries() {
            let mut leaves = Vec::new();
            leaf_spans(member, &mut leaves);
            let field = Name::from(format!("{key}.{name}"));
            for span in leaves {
                spans.push(span);
                self.add(&field, span, Vec::new());
            }
        }
        spans
    }

    fn open(&mut self, path: &Name, val: &Val, others: Vec<Span>) {
        if let (false, Some(span)) = (val.is_null(), val.span)
            && (self.in_force.contains(&span) || !covers("backends", path))
        {
            self.add(path, span, others);
        }
    }

    fn add(&mut self, field: &Name, span: Span, others: Vec<Span>) {
        if let map::Entry::Vacant(place) = self.by_span.entry(span) {
            place.insert(self.entries.len());
            self.entries.push(Entry {
                field: field.clone(),
                span,
                outcome: Outcome::Open,
                rule: None,
                others,
            });
        }
    }

    /// Fields of the vocabulary among the places read that `answers_for` covers, sorted, without doubles.
    pub fn fields(&self, reads: &[Span], answers_for: &[String]) -> Vec<Name> {
        let mut out: Vec<Name> = reads
            .iter()
            .filter_map(|s| Some(&self.entries[*self.by_span.get(s)?].field))
            .filter(|f| covers_any(answers_for, f))
            .cloned()
            .collect();
        out.sort();
        out.dedup();
        out
    }

    /// Notes what became of the values that a rule read and answers for. A stronger outcome stays.
    pub fn note(&mut self, reads: &[Span], answers_for: &[String], outcome: Outcome, rule: &Name) {
        for span in reads {
            let Some(i) = self.by_span.get(span) else {
                continue;
            };
            let entry = &mut self.entries[*i];
            if covers_any(answers_for, &entry.field) && entry.outcome < outcome {
                entry.outcome = outcome;
                entry.rule = Some(rule.clone());
            }
        }
    }

    /// Entries at or below a field.
    pub fn below<'s>(&'s self, field: &'s str) -> impl Iterator<Item = &'s Entry> {
        self.entries.iter().filter(move |e| covers(field, &e.field))
    }

    /// Closes the books: names of bindings follow their members, and members that nothing used follow a name that was refused.
    pub fn close(mut self) -> Vec<Entry> {
        for i in 0..self.entries.len() {
            if self.entries[i].outcome != Outcome::Refused {
                continue;
            }
            let rule = self.entries[i].rule.clone();
            for span in self.entries[i].others.clone() {
                if let Some(j) = self.by_span.get(&span)
                    && self.entries[*j].outcome == Outcome::Open
                {
                    self.entries[*j].outcome = Outcome::Refused;
                    self.entries[*j].rule.clone_from(&rule);
                }
            }
        }
        for i in 0..self.entries.len() {
            let best = self.entries[i]
                .others
                .iter()
                .filter_map(|s| self.by_span.get(s))
                .map(|j| (self.entries[*j].outcome, self.entries[*j].rule.clone()))
                .max_by_key(|(o, _)| *o);
            if let Some((outcome, rule)) = best
                && self.entries[i].outcome < outcome
            {
                self.entries[i].outcome = outcome;
                self.entries[i].rule = rule;
            }
        }
        self.entries
    }
}

fn leaf_spans(val: &Arc<Val>, out: &mut Vec<Span>) {
    match &val.data {
        Data::Null => {}
        Data::List(items) => items.iter().for_each(|v| leaf_spans(v, out)),
        Data::Map(map) => map.values().for_each(|v| leaf_spans(v, out)),
        _ => out.extend(val.span),
    }
}

/// Whether `field` is `prefix` or lies below it.
pub fn covers(prefix: &str, field: &str) -> bool {
    field
        .strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn covers_any(prefixes: &[String], field: &str) -> bool {
    prefixes.iter().any(|p| covers(p, field))
}
