//! From objects back to neutral fields, by the rules of one target.
//!
//! It shows that nothing is lost on the way to a target, and reads what others wrote: a key that means nothing here says nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diag::Diagnostics;
use crate::profile::Profile;
use crate::profile::keys::split_unescaped;
use crate::profile::rule::{Effect, FindingKind, Key, Rule, Tree};
use crate::profile::store::Store;
use crate::source::Sources;
use crate::vocab::Vocabulary;

mod assume;
pub mod check;
mod filters;
mod names;
mod parts;
mod places;
pub mod settings;
mod solve;
pub mod sources;
mod state;
mod tree;
pub mod ways;

use names::{Names, Place, Sym, neutral, unescaped, words};
use state::{Note, Says, Solver, left};
use tree::Fit;

/// A value that an object gives back.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// Field of the vocabulary, or member of a binding (`certificates.arn`).
    pub field: String,
    /// For a setting of backends: the Service, where the object names one.
    pub service: Option<String>,
    /// The value, as a document has it.
    pub value: Value,
    /// Whether nothing else could have written the same there.
    pub sure: bool,
    /// The object, as `Kind/name`.
    pub object: String,
    /// The path in it.
    pub path: Vec<String>,
    /// Id of the rule that was read backwards.
    pub rule: String,
}

/// The rules of one target, ready to be read backwards.
#[derive(Debug)]
pub struct Reader {
    /// With the members that bindings have for the target.
    vocabulary: Vocabulary,
    profile: Profile,
}

/// A tree of a rule, and the objects that it is for.
struct Reading<'r> {
    rule: &'r Rule,
    kind: Option<&'r str>,
    tree: &'r Tree,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Patch,
    Append,
    Object,
    Declared,
}

/// What follows from an object, with where it came from.
struct Found<'r> {
    rule: &'r Rule,
    object: usize,
    declared: bool,
    note: Note,
}

impl Reader {
    /// Reads the rules of a target; `None` for a target that there is not.
    pub fn new(store: &Store, target: &str) -> Option<Self> {
        let profile =
            store.profile(target, &mut Sources::default(), &mut Diagnostics::default())?;
        let mut vocabulary = store.vocabulary.clone();
        vocabulary.bindings = store.bindings(target);
        Some(Self {
            vocabulary,
            profile,
        })
    }

    /// Why a rule's field is not given back, where the rule says so.
    pub fn unread(&self, rule: &str, field: &str) -> Option<&str> {
        let rule = self.profile.rules.iter().find(|r| r.id == rule)?;
        let (_, why) = rule.unread.iter().find(|(f, _)| names::meets(f, field))?;
        Some(why)
    }

    /// What objects say, in the order of fields. Objects that no rule writes say nothing.
    pub fn read(&self, objects: &[Value]) -> Vec<Given> {
        self.given(&self.found(objects), objects)
    }

    /// What follows from the objects.
    fn found(&self, objects: &[Value]) -> Vec<Found<'_>> {
        let readings = self.readings();
        let mut known = BTreeMap::new();
        // What one object says decides how another is read, so that they are looked at until nothing new follows.
        for _ in 0..4 {
            let found = self.pass(&readings, objects, &known);
            let now = self.settled(&found);
            if now == known {
                return found;
            }
            known = now;
        }
        self.pass(&readings, objects, &known)
    }

    fn readings(&self) -> Vec<Reading<'_>> {
        let mut out = Vec::new();
        for rule in &self.profile.rules {
            let mut add = |kind, tree, how| {
                out.push(Reading {
                    rule,
                    kind,
                    tree,
                    how,
                });
            };
            let silent = |kind: Option<&str>| {
                let nothing = |t: &Tree| matches!(t, Tree::Literal(Value::Null));
                rule.reads
                    .iter()
                    .any(|(k, t)| Some(k.as_str()) == kind && nothing(t))
            };
            for (kind, tree) in &rule.reads {
                if !silent(Some(kind)) {
                    add(Some(kind.as_str()), tree, How::Declared);
                }
            }
            for effect in &rule.effects {
                match effect {
                    Effect::Patch(kind, _) | Effect::Append(kind, _) if silent(Some(kind)) => {}
                    Effect::Ensure(tree) | Effect::Create(tree) if silent(fixed(tree, "kind")) => {}
                    Effect::Patch(kind, tree) => add(Some(kind.as_str()), tree, How::Patch),
                    Effect::Append(kind, tree) => add(Some(kind.as_str()), tree, How::Append),
                    Effect::Ensure(tree) | Effect::Create(tree) => {
                        add(fixed(tree, "kind"), tree, How::Object);
                    }
                    Effect::Omit(..) | Effect::Remove(..) => {}
                }
            }
        }
        out
    }

    fn pass<'k, 'r: 'k>(
        &'r self,
        readings: &[Reading<'r>],
        objects: &[Value],
        known: &'k BTreeMap<Place, Value>,
    ) -> Vec<Found<'r>> {
        let mut out = Vec::new();
        for (r, reading) in readings.iter().enumerate() {
            for (o, object) in objects.iter().enumerate() {
                if !fits_kind(reading, object) {
                    continue;
                }
                let stem = format!("{r}.{o}.");
                let mut solver =
                    Solver::new(&self.vocabulary, &self.profile.head.facts, known, stem);
                lay(&mut solver, reading, object);
                out.extend(solver.notes.into_iter().map(|note| Found {
                    rule: reading.rule,
                    object: o,
                    declared: reading.how == How::Declared,
                    note,
                }));
            }
        }
        self.chosen(out)
    }

    /// Leaves out what a rule reads in another way than its effects write it.
    fn chosen<'r>(&self, mut found: Vec<Found<'r>>) -> Vec<Found<'r>> {
        let field = |n: &Note| neutral(&self.vocabulary, &n.place).map(|n| n.field);
        let declared: BTreeSet<(&str, usize, String)> = found
            .iter()
            .filter(|f| f.declared)
            .filter_map(|f| Some((f.rule.id.as_str(), f.object, field(&f.note)?)))
            .collect();
        found.retain(|f| {
            let Some(field) = field(&f.note) else {
                return true;
            };
            let id = (f.rule.id.as_str(), f.object, field);
            f.declared || !declared.contains(&id)
        });
        found
    }

    /// Values of places, of which all objects say the same.
    fn settled(&self, found: &[Found<'_>]) -> BTreeMap<Place, Value> {
        let mut out: BTreeMap<Place, Option<Value>> = BTreeMap::new();
        for f in found {
            if let (Says::Is(v), true) = (&f.note.says, f.note.sure) {
                let place = f.note.place.clone();
                out.entry(place)
                    .and_modify(|old| {
                        if old.as_ref() != Some(v) {
                            *old = None;
                        }
                    })
                    .or_insert_with(|| Some(v.clone()));
            }
        }
        for (place, _, value) in self.left(found) {
            out.entry(place).or_insert(Some(value));
        }
        let known = out.into_iter().filter_map(|(k, v)| Some((k, v?)));
        known.collect()
    }

    /// Places of which nothing says the value, but all words except one are excluded; with what said so last.
    fn left<'f, 'r>(&self, found: &'f [Found<'r>]) -> Vec<(Place, &'f Found<'r>, Value)> {
        let mut by: BTreeMap<&Place, Vec<&Found<'r>>> = BTreeMap::new();
        for f in found.iter().filter(|f| f.note.sure) {
            by.entry(&f.note.place).or_default().push(f);
        }
        by.into_iter()
            .filter(|(_, of)| !of.iter().any(|f| matches!(f.note.says, Says::Is(_))))
            .filter_map(|(place, of)| {
                let ty = neutral(&self.vocabulary, place)?.ty;
                let says: Vec<&Says> = of.iter().map(|f| &f.note.says).collect();
                if words(ty).is_empty() {
                    return None;
                }
                Some((place.clone(), *of.last()?, left(ty, &says)?))
            })
            .collect()
    }

    fn given(&self, found: &[Found<'_>], objects: &[Value]) -> Vec<Given> {
        let services: BTreeMap<&[String], &Value> = found
            .iter()
            .filter_map(|f| match (f.note.place.as_slice(), &f.note.says) {
                ([list, _, last], Says::Is(v)) if list == "backends" && last == "service" => {
                    Some((&f.note.place[..2], v))
                }
                _ => None,
            })
            .collect();
        let stated = found.iter().filter_map(|f| match &f.note.says {
            Says::Is(v) => Some((f.note.place.clone(), f, v.clone())),
            _ => None,
        });
        let mut out: Vec<Given> = stated
            .chain(self.left(found))
            .chain(several(found))
            .filter_map(|(place, f, value)| {
                let field = neutral(&self.vocabulary, &place)?.field;
                let service = place.get(..2).and_then(|p| services.get(p));
                let object = &objects[f.object];
                let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
                Some(Given {
                    field,
                    service: service.map(|s| text(s)),
                    value,
                    sure: f.note.sure && !matches!(f.note.says, Says::Among(_)),
                    object: format!(
                        "{}/{}",
                        text(&object["kind"]),
                        text(&object["metadata"]["name"])
                    ),
                    path: f.note.at.clone(),
                    rule: f.rule.id.clone(),
                })
            })
            .collect();
        out.sort_by(|a, b| {
            let key = |g: &Given| (g.field.clone(), g.service.clone(), g.object.clone());
            key(a).cmp(&key(b)).then_with(|| a.path.cmp(&b.path))
        });
        out.dedup();
        out
    }
}

/// Words of which one holds, where an object does not tell which.
fn several<'f, 'r>(found: &'f [Found<'r>]) -> Vec<(Place, &'f Found<'r>, Value)> {
    let mut out = Vec::new();
    for f in found {
        if let Says::Among(words) = &f.note.says {
            out.extend(words.iter().map(|w| (f.note.place.clone(), f, w.clone())));
        }
    }
    out
}

/// A fixed field of an object's tree.
fn fixed<'t>(tree: &'t Tree, field: &str) -> Option<&'t str> {
    match tree {
        Tree::Map(fields) => fields.iter().find_map(|(key, value)| match (key, value) {
            (Key::Plain(name), Tree::Literal(v)) if &**name == field => v.as_str(),
            _ => None,
        }),
        Tree::Let { body, .. } | Tree::When { then: body, .. } => fixed(body, field),
        _ => None,
    }
}

fn fits_kind(reading: &Reading<'_>, object: &Value) -> bool {
    let group = |v: &str| {
        v.split_once('/')
            .map_or(String::new(), |(g, _)| g.to_owned())
    };
    let kind = reading.kind.is_none_or(|k| object["kind"] == k);
    let wanted = fixed(reading.tree, "apiVersion").filter(|_| reading.how == How::Object);
    let version = object["apiVersion"].as_str().unwrap_or_default();
    kind && wanted.is_none_or(|w| group(w) == group(version))
}

/// The names that a rule's trees see, and what follows from them for an object.
fn bound<'r>(solver: &mut Solver<'r>, reading: &Reading<'r>, object: Option<&Value>) -> Names<'r> {
    let rule = reading.rule;
    let mut names = Names::default();
    for (name, expr) in rule.names.iter().map(|(n, e)| (n, &**e)) {
        names = names.with(name, symbol(expr, &names));
    }
    for (name, over) in &rule.each {
        // A list of one is a name for its item.
        let mut syms = over
            .parts()
            .map_or_else(Vec::new, |e| solver.elements(e, &names));
        let sym = match syms.len() {
            1 => syms.remove(0),
            _ => Sym::Unknown,
        };
        // The Service that is patched is that of the backend.
        if let (Sym::Place(place), Some("Service"), Some(object), true) =
            (&sym, reading.kind, object, reading.how != How::Object)
            && let [list, _] = place.as_slice()
            && list == "backends"
        {
            let service = [place.as_slice(), &["service".to_owned()]].concat();
            solver.note(service, Says::Is(object["metadata"]["name"].clone()));
        }
        names = names.with(name, sym);
    }
    for (name, expr) in &rule.lets {
        names = names.with(name, symbol(expr, &names));
    }
    names
}

fn lay<'r>(solver: &mut Solver<'r>, reading: &Reading<'r>, object: &Value) {
    let rule = reading.rule;
    let names = bound(solver, reading, Some(object));
    let before = solver.notes.len();
    solver.joined = reading.how == How::Append;
    solver.declared = reading.how == How::Declared;
    let object = match reading.how {
        How::Append | How::Declared => apart(reading.tree, object, reading.how),
        _ => object.clone(),
    };
    let fit = match reading.how {
        How::Patch | How::Append => Fit::Fields,
        How::Object | How::Declared => Fit::Object,
    };
    let bound = solver.notes.len();
    let held = solver.fits(reading.tree, &object, &names, fit);
    // Names by themselves say nothing of an object that has nothing of the tree.
    if solver.notes.len() == bound && !(held && touches(reading.tree, &object)) {
        solver.notes.clear();
        return;
    }
    // Where the rule may not have acted, what is absent was not removed by it.
    if rule.when.is_some() && reading.how != How::Declared && !acted(reading, &object) {
        for note in &mut solver.notes[bound..] {
            note.sure = false;
        }
    }
    // The object has what the rule writes, so the rule's condition held.
    if let Some(when) = rule.when.as_ref().and_then(|w| w.parts())
        && held
        && reading.how != How::Declared
        && acted(reading, &object)
    {
        solver.assume(when, &names, true);
    }
    // Nor did the target have to refuse what the object speaks of.
    if held && reading.how != How::Declared && acted(reading, &object) {
        let end = solver.notes.len();
        for f in rule
            .findings
            .iter()
            .filter(|f| f.kind >= FindingKind::Refuse)
        {
            if let Some(cond) = f.when.parts() {
                solver.assume(cond, &names, false);
            }
        }
        let more = solver.notes.split_off(end);
        let spoken = |n: &Note| solver.notes[before..].iter().any(|o| o.place == n.place);
        let more: Vec<Note> = more.into_iter().filter(|n| spoken(n)).collect();
        solver.notes.extend(more);
    }
}

fn symbol<'r>(expr: &'r crate::profile::expr::Expr, names: &Names<'r>) -> Sym<'r> {
    expr.parts()
        .map_or(Sym::Unknown, |e| Sym::Expr(e, names.clone()))
}

/// The object with its joined texts taken apart where a tree adds items, or reads a list.
fn apart(tree: &Tree, value: &Value, how: How) -> Value {
    match (tree, value) {
        (Tree::Map(fields), Value::Object(map)) => {
            let mut out = map.clone();
            for (key, below) in fields {
                for (k, found) in &mut out {
                    if matches!(key, Key::Expr(_)) || matches!(key, Key::Plain(p) if **p == **k) {
                        *found = apart(below, found, how);
                    }
                }
            }
            Value::Object(out)
        }
        (Tree::Let { body, .. } | Tree::When { then: body, .. }, _) => apart(body, value, how),
        (Tree::List(_) | Tree::Each { .. } | Tree::Expr(_), Value::String(text))
            if how == How::Append || !matches!(tree, Tree::Expr(_)) =>
        {
            let items = split_unescaped(text);
            items
                .iter()
                .map(|i| Value::from(unescaped(i.trim())))
                .collect()
        }
        _ => value.clone(),
    }
}

/// Whether an object has something that a tree writes besides the object's identity, which other rules and the base write too.
fn acted(reading: &Reading<'_>, object: &Value) -> bool {
    fn beyond(tree: &Tree, value: &Value, identity: &[&str]) -> bool {
        match tree {
            Tree::Map(fields) => fields.iter().any(|(key, below)| match key {
                Key::Plain(k) if identity.contains(&&**k) => false,
                Key::Plain(k) if **k == *"metadata" => value
                    .get("metadata")
                    .is_some_and(|v| beyond(below, v, &["name", "namespace"])),
                Key::Plain(k) => value.get(&**k).is_some_and(|v| touches(below, v)),
                Key::Expr(_) => true,
            }),
            Tree::Let { body, .. } | Tree::When { then: body, .. } => beyond(body, value, identity),
            _ => true,
        }
    }
    match reading.how {
        How::Object => beyond(reading.tree, object, &["apiVersion", "kind"]),
        _ => touches(reading.tree, object),
    }
}

/// Whether an object has any of the fields that a tree writes.
fn touches(tree: &Tree, value: &Value) -> bool {
    match (tree, value) {
        (Tree::Map(fields), Value::Object(map)) => fields.iter().any(|(key, below)| match key {
            Key::Plain(k) => map.get(&**k).is_some_and(|v| touches(below, v)),
            // Which one is not known; any that is there may be it.
            Key::Expr(_) => !map.is_empty(),
        }),
        (Tree::Map(_), _) => false,
        (Tree::Literal(fixed), _) => !fixed.is_null(),
        _ => true,
    }
}
