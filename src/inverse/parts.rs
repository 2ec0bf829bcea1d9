//! Parts of ways: what one rule of a profile read of one rule of a route in one object, and which parts are of the same.
//!
//! What an object says without a path holds for the paths that it speaks of: its own, or those of the object that it names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Found;
use super::state::Says;
use super::ways::{DONE, Said, TAKEN};

/// What was read of one rule of a route.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    object: usize,
    /// The route's name, or that of the object that carries it.
    name: Option<String>,
    pub(super) hosts: Option<BTreeSet<String>>,
    /// The rule's own name.
    pub(super) own: Option<String>,
    pub(super) kind: String,
    pub(super) path: Option<String>,
    pub(super) words: BTreeMap<String, Value>,
    pub(super) backends: BTreeMap<String, Map<String, Value>>,
    pub(super) secured: bool,
    pub(super) objects: BTreeSet<usize>,
}

/// The rule of a route that a place is in: its steps.
fn rule_of(place: &[String]) -> Option<&[String]> {
    let steps: Vec<&str> = place.iter().map(String::as_str).collect();
    let end = match steps.as_slice() {
        ["routes", _, "rules", item, _, ..] if item.starts_with('#') => 4,
        ["carriers", _, "hosts", _, "rules", item, _, ..] if item.starts_with('#') => 6,
        ["carrier", "hosts", _, "rules", item, _, ..] if item.starts_with('#') => 5,
        _ => return None,
    };
    Some(&place[..end])
}

/// The value of a place: what is sure, else what alone may be. Where several may be, a text that is none of them.
fn value(of: &[&Found<'_>]) -> Option<Value> {
    let of_kind = |sure: bool| -> Vec<&Value> {
        let mut out: Vec<&Value> = Vec::new();
        for f in of.iter().filter(|f| f.note.sure || !sure) {
            if let Says::Is(v) = &f.note.says
                && !out.contains(&v)
            {
                out.push(v);
            }
        }
        out
    };
    let sure = of_kind(true);
    let all = if sure.is_empty() {
        of_kind(false)
    } else {
        sure
    };
    match all.as_slice() {
        [] => None,
        [one] => Some((*one).clone()),
        several => Some(Value::from(format!("one of {several:?}"))),
    }
}

/// The word of a type that is left when the special one is excluded.
fn excluded(steps: &[&str], of: &[&Found<'_>]) -> Option<Value> {
    let (not, word) = match steps {
        ["path", "type"] => ("Exact", "Prefix"),
        ["rewrite", "type"] => ("ReplacePrefix", "ReplaceFull"),
        _ => return None,
    };
    let says =
        |f: &&Found<'_>| matches!(&f.note.says, Says::Not(all) if all.iter().any(|v| v == not));
    of.iter().any(says).then(|| Value::from(word))
}

/// The parts of one object that one rule read, one for each rule of a route.
pub(super) fn read(
    object: usize,
    said: &Said<'_, '_>,
    secured: &BTreeSet<(usize, &[String])>,
    out: &mut Vec<Part>,
) {
    let rules: BTreeSet<&[String]> = said.keys().filter_map(|p| rule_of(p)).collect();
    let text = |place: Vec<String>| value(said.get(&place)?)?.as_str().map(str::to_owned);
    for rule in rules {
        let outer = if rule[0] == "carrier" { 1 } else { 2 };
        let below = |end: usize, last: &str| [&rule[..end], &[last.to_owned()]].concat();
        let listed = below(outer, "hostnames");
        let mut hosts: BTreeSet<String> = said
            .iter()
            .filter(|(p, _)| p.len() == listed.len() + 1 && p.starts_with(&listed))
            .filter_map(|(_, of)| value(of)?.as_str().map(str::to_owned))
            .collect();
        if rule[0] != "routes" {
            hosts.extend(text(below(rule.len() - 2, "host")));
        }
        let mut part = Part {
            object,
            name: text(below(outer, "name")),
            hosts: Some(hosts).filter(|h| !h.is_empty()),
            objects: [object].into(),
            ..Part::default()
        };
        let mut fields = Map::new();
        for (place, of) in said.iter().filter(|(p, _)| p.starts_with(rule)) {
            let steps: Vec<&str> = place[rule.len()..].iter().map(String::as_str).collect();
            part.secured |= steps == ["requestRedirect", "scheme"]
                && of
                    .iter()
                    .any(|f| secured.contains(&(object, f.note.at.as_slice())));
            let Some(found) = value(of).or_else(|| excluded(&steps, of)) else {
                continue;
            };
            let (at, field) = match steps.as_slice() {
                ["backends", at, field] => (*at, *field),
                ["backend", field] => ("", *field),
                steps => {
                    put(&mut fields, steps, found);
                    continue;
                }
            };
            let to = part.backends.entry(at.to_owned()).or_default();
            to.insert(field.to_owned(), found);
        }
        part.fill(fields);
        out.push(part);
    }
}

fn put(fields: &mut Map<String, Value>, steps: &[&str], value: Value) {
    let Some((first, rest)) = steps.split_first() else {
        return;
    };
    if rest.is_empty() {
        fields.entry(*first).or_insert(value);
        return;
    }
    let below = fields.entry(*first).or_insert_with(|| Map::new().into());
    if let Value::Object(below) = below {
        put(below, rest, value);
    }
}

impl Part {
    fn fill(&mut self, mut fields: Map<String, Value>) {
        let text = |v: Option<Value>| v.and_then(|v| v.as_str().map(str::to_owned));
        self.own = text(fields.remove("name"));
        if let Some(Value::Object(mut path)) = fields.remove("path") {
            self.path = text(path.remove("value"));
            self.kind = text(path.remove("type")).unwrap_or_default();
        }
        let known = |word: &String| TAKEN.contains(&word.as_str()) || DONE.contains(&word.as_str());
        self.words
            .extend(fields.into_iter().filter(|(word, _)| known(word)));
        // The first of a list is one of the list.
        let first = self
            .backends
            .get("")
            .and_then(|b| b.get("service"))
            .cloned();
        let again = |(at, b): (&String, &Map<String, Value>)| {
            !at.is_empty() && b.get("service") == first.as_ref()
        };
        if first.is_none() || self.backends.iter().any(again) {
            self.backends.remove("");
        }
        self.backends.retain(|_, b| !b.is_empty());
    }

    /// It is a path, and no more about one that is said elsewhere.
    fn leads(&self) -> bool {
        let somewhere = self.own.is_none() || !self.backends.is_empty();
        let bare = self.words.is_empty();
        self.path.is_some() && (somewhere || bare)
    }

    /// It leads to further backends of paths that another object has.
    fn further(&self) -> bool {
        let index = |at: &String| at.strip_prefix('#').and_then(|n| n.parse::<usize>().ok());
        let mut named = self
            .backends
            .iter()
            .filter(|(_, b)| b.contains_key("service"));
        !self.backends.is_empty() && named.all(|(at, _)| index(at).is_some_and(|i| i > 0))
    }

    /// Whether what this part says holds for another's path.
    fn concerns(&self, full: &Part) -> bool {
        let same_object = self.object == full.object;
        let named = self.name.is_some() && self.name == full.name;
        let alone = full
            .backends
            .values()
            .next()
            .and_then(|b| b.get("service")?.as_str());
        let own = self.own.as_deref().is_none_or(|own| {
            full.own.as_deref() == Some(own) || (full.own.is_none() && alone == Some(own))
        });
        let hosts = match (&self.hosts, &full.hosts) {
            (Some(mine), Some(of)) => !mine.is_disjoint(of),
            (Some(_), None) => false,
            (None, _) => true,
        };
        let path = self.path.is_none() || self.path == full.path;
        (named || same_object && self.name.is_none()) && own && hosts && path
    }

    /// Adds what another part says of the same; what is said already stays.
    fn add(&mut self, other: &Part) {
        for (word, value) in &other.words {
            match (self.words.get_mut(word), value) {
                (Some(Value::Object(old)), Value::Object(new)) => {
                    for (key, value) in new {
                        old.entry(key.clone()).or_insert_with(|| value.clone());
                    }
                }
                (Some(_), _) => {}
                (None, _) => {
                    self.words.insert(word.clone(), value.clone());
                }
            }
        }
        let leads = self.backends.values().any(|b| b.contains_key("service"));
        for (at, backend) in &other.backends {
            if leads && backend.contains_key("service") {
                continue;
            }
            let to = self.backends.entry(at.clone()).or_default();
            for (key, value) in backend {
                to.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        self.secured |= other.secured;
        if !other.words.is_empty() || !other.backends.is_empty() {
            self.objects.extend(&other.objects);
        }
    }
}

/// Parts with a path, each with what others say of it.
pub(super) fn joined(parts: Vec<Part>) -> Vec<Part> {
    let (mut full, loose): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(Part::leads);
    let has: BTreeSet<usize> = full.iter().map(|p| p.object).collect();
    let mut lost = Vec::new();
    for other in loose {
        // What an object that has paths says is for its own.
        let reach = |part: &&mut Part| other.object == part.object || !has.contains(&other.object);
        let mut met = false;
        for part in full.iter_mut().filter(reach).filter(|p| other.concerns(p)) {
            part.add(&other);
            met = true;
        }
        if other.secured && !met {
            lost.push(other);
        }
    }
    // A redirect of no path is one that nobody meets.
    full.extend(lost.into_iter().map(|part| Part {
        path: Some(String::new()),
        ..part
    }));
    let (further, mut full): (Vec<Part>, Vec<Part>) = full.into_iter().partition(Part::further);
    for other in further {
        let same = |p: &&mut Part| {
            (&p.path, &p.kind, &p.hosts, &p.name)
                == (&other.path, &other.kind, &other.hosts, &other.name)
        };
        for part in full.iter_mut().filter(same) {
            for (at, backend) in &other.backends {
                let to = match part.backends.values_mut().next() {
                    Some(first) if at == "#0" => first,
                    _ => part.backends.entry(at.clone()).or_default(),
                };
                to.extend(backend.clone());
            }
            part.objects.extend(&other.objects);
        }
    }
    full
}
