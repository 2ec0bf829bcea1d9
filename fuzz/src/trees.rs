//! Changes to the trees of an input: what comes out is YAML, and most of it has the fields and values that edgegen asks for.
//!
//! Texts changed by line mostly end in findings of syntax; what lies behind the readers is reached by documents that decode.

use std::sync::OnceLock;

use edgegen::diag::Diagnostics;
use edgegen::model::duration::Duration;
use edgegen::profile::store::Store;
use edgegen::source::Sources;
use edgegen::vocab::{Field, Shape, Type, Vocabulary};
use edgegen::yaml::read::{Limits, read};
use edgegen::yaml::write::write_documents;
use serde_json::{Map, Value, json};

use crate::mutate::{Care, Dice, ODD, words};

/// Trees that are larger are left to the changes by line.
const MOST: usize = 4_000;

/// The text with one to four changes to the trees of one of its files; nothing where that file is no YAML.
pub fn change(text: &str, dice: &mut Dice) -> Option<String> {
    let parts = split(text);
    let (head, body) = parts.get(dice.below(parts.len()))?;
    let mut docs = documents(body)?;
    for _ in 0..=dice.below(4) {
        step(&mut docs, dice);
    }
    let docs: Vec<Value> = docs.into_iter().filter(|d| !d.is_null()).collect();
    let new = write_documents(&docs).ok()?;
    let start = body.as_ptr() as usize - text.as_ptr() as usize;
    let (before, after) = (&text[..start], &text[start + body.len()..]);
    debug_assert!(before.ends_with(head));
    let end = if new.ends_with('\n') { "" } else { "\n" };
    Some(format!("{before}{new}{end}{after}"))
}

/// The files of an input, each with the line that names it.
fn split(text: &str) -> Vec<(&str, &str)> {
    let (mut out, mut head, mut start, mut at) = (Vec::new(), "", 0, 0);
    for line in text.split_inclusive('\n') {
        if line.starts_with("@@ ") {
            if at > start {
                out.push((head, &text[start..at]));
            }
            (head, start) = (line, at + line.len());
        }
        at += line.len();
    }
    if at > start {
        out.push((head, &text[start..at]));
    }
    out
}

fn documents(text: &str) -> Option<Vec<Value>> {
    let mut sources = Sources::default();
    let id = sources.add("in.yaml", text);
    let mut diags = Diagnostics::default();
    let docs = read(&sources, id, &Limits::default(), &mut diags);
    let values: Vec<Value> = docs.iter().map(|d| d.root().to_value()).collect();
    let fits = !diags.has_errors() && !values.is_empty();
    (fits && values.iter().map(count).sum::<usize>() < MOST).then_some(values)
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

/// A key of a map or a place in a list.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Key(String),
    At(usize),
}

type Place = Vec<Step>;

fn places(value: &Value, here: &mut Place, out: &mut Vec<Place>) {
    out.push(here.clone());
    match value {
        Value::Array(items) => {
            for (i, v) in items.iter().enumerate() {
                here.push(Step::At(i));
                places(v, here, out);
                here.pop();
            }
        }
        Value::Object(map) => {
            for (k, v) in map {
                here.push(Step::Key(k.clone()));
                places(v, here, out);
                here.pop();
            }
        }
        _ => {}
    }
}

fn at<'v>(value: &'v mut Value, place: &[Step]) -> Option<&'v mut Value> {
    place.iter().try_fold(value, |v, step| match step {
        Step::Key(k) => v.get_mut(k.as_str()),
        Step::At(i) => v.get_mut(*i),
    })
}

fn pick<'t, T>(of: &'t [T], dice: &mut Dice) -> Option<&'t T> {
    of.get(dice.below(of.len()))
}

fn step(docs: &mut Vec<Value>, dice: &mut Dice) {
    let which = dice.below(docs.len());
    let mut all = Vec::new();
    places(&docs[which], &mut Vec::new(), &mut all);
    let Some(place) = pick(&all, dice).cloned() else {
        return;
    };
    // Where a document of edgegen is, half of the changes follow the vocabulary.
    if dice.below(2) == 0 && by_vocabulary(&mut docs[which], &all, dice) {
        return;
    }
    let leaves: Vec<Value> = all
        .iter()
        .filter_map(|p| at(&mut docs[which], p).cloned())
        .filter(|v| !v.is_object() && !v.is_array())
        .collect();
    match dice.below(10) {
        0..=4 => {
            if let Some(v) = at(&mut docs[which], &place) {
                match v {
                    Value::Object(_) | Value::Array(_) => inside(v, dice),
                    _ => *v = scalar(v, &leaves, dice),
                }
            }
        }
        // A tree from elsewhere, also of another document, comes to this place.
        5 => {
            let from = dice.below(docs.len());
            let mut there = Vec::new();
            places(&docs[from], &mut Vec::new(), &mut there);
            let copy = pick(&there, dice).and_then(|p| at(&mut docs[from], p).cloned());
            if let (Some(copy), Some(v)) = (copy, at(&mut docs[which], &place)) {
                *v = copy;
            }
        }
        // It goes.
        6 | 7 => {
            if let Some((last, above)) = place.split_last()
                && let Some(v) = at(&mut docs[which], above)
            {
                match (v, last) {
                    (Value::Object(map), Step::Key(k)) => drop(map.shift_remove(k.as_str())),
                    (Value::Array(items), Step::At(i)) => drop(items.remove(*i)),
                    _ => {}
                }
            }
        }
        // Its key changes: a word of the vocabulary, or the key of another place.
        8 => {
            let other = pick(&all, dice).and_then(|p| p.last().cloned());
            if let Some((Step::Key(k), above)) = place.split_last()
                && let Some(Value::Object(map)) = at(&mut docs[which], above)
                && let Some(v) = map.shift_remove(k.as_str())
            {
                let new = match other {
                    Some(Step::Key(o)) if dice.below(3) > 0 => o,
                    _ => words()[dice.below(words().len())].clone(),
                };
                map.insert(new, v);
            }
        }
        // A whole document again, or gone.
        _ => {
            if dice.below(3) > 0 && docs.len() < 30 {
                let mut copy = docs[which].clone();
                if dice.below(2) == 0 {
                    let names = [json!("web"), json!("other"), json!("a-b")];
                    if let Some(name) = copy.pointer_mut("/metadata/name") {
                        *name = names[dice.below(3)].clone();
                    }
                }
                docs.push(copy);
            } else if docs.len() > 1 {
                docs.remove(which);
            }
        }
    }
}

/// A change to what is directly in a map or list: one again, two exchanged, the order.
fn inside(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            let (a, b) = (dice.below(items.len()), dice.below(items.len()));
            match dice.below(3) {
                0 if items.len() < 200 => items.insert(b, items[a].clone()),
                1 => items.swap(a, b),
                _ => items.reverse(),
            }
        }
        Value::Object(map) if map.len() > 1 => {
            let keys: Vec<String> = map.keys().cloned().collect();
            let (a, b) = (dice.below(keys.len()), dice.below(keys.len()));
            let (x, y) = (map[&keys[a]].clone(), map[&keys[b]].clone());
            map.insert(keys[a].clone(), y);
            if dice.below(2) == 0 {
                map.insert(keys[b].clone(), x);
            }
        }
        Value::Array(_) => *value = json!([words()[dice.below(words().len())]]),
        _ => *value = json!({}),
    }
}

/// Another scalar: mostly of the same kind.
fn scalar(old: &Value, leaves: &[Value], dice: &mut Dice) -> Value {
    if dice.below(8) == 0 {
        let odd = ODD[dice.below(ODD.len())];
        return documents(odd)
            .and_then(|d| d.into_iter().next())
            .unwrap_or(Value::Null);
    }
    if dice.below(4) == 0 {
        return pick(leaves, dice).cloned().unwrap_or(Value::Null);
    }
    match old {
        Value::Bool(b) => json!(!b),
        Value::Number(_) => {
            let edges = [0, 1, -1, 2, 80, 443, 8080, 65_535, 65_536, 1_000_000];
            let old = old.as_i64().unwrap_or_default();
            let new = match dice.below(4) {
                0 => old.saturating_add(1),
                1 => old.saturating_mul(2),
                _ => edges[dice.below(edges.len())],
            };
            json!(new)
        }
        Value::String(text) => json!(spelled(text, leaves, dice)),
        _ => json!(dice.word(Care::Sound)),
    }
}

/// A text near another: a token of it exchanged, or its form.
fn spelled(text: &str, leaves: &[Value], dice: &mut Dice) -> String {
    let of_token = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let edges: Vec<usize> = (0..text.len())
        .filter(|i| text.is_char_boundary(*i))
        .filter(|i| {
            let before = text[..*i].chars().next_back();
            text[*i..].starts_with(of_token) && !before.is_some_and(of_token)
        })
        .collect();
    let other = pick(leaves, dice).and_then(Value::as_str).unwrap_or("web");
    match dice.below(6) {
        0..=2 if !edges.is_empty() => {
            let start = edges[dice.below(edges.len())];
            let len = text[start..]
                .find(|c| !of_token(c))
                .unwrap_or(text.len() - start);
            let tokens: Vec<&str> = other
                .split(|c| !of_token(c))
                .filter(|t| !t.is_empty())
                .collect();
            let new = match pick(&tokens, dice) {
                Some(t) if dice.below(3) > 0 => (*t).to_owned(),
                _ => dice.word(Care::Sound),
            };
            format!("{}{new}{}", &text[..start], &text[start + len..])
        }
        0 | 3 => format!("{text}{other}"),
        1 => format!("*.{text}"),
        2 => format!("/{text}"),
        4 => text.to_uppercase(),
        _ => text.repeat(1 + dice.below(40)).chars().take(300).collect(),
    }
}

/// Sets a field of an exposure, an environment or a mapping somewhere in the document, as the vocabulary has it.
fn by_vocabulary(doc: &mut Value, all: &[Place], dice: &mut Dice) -> bool {
    let mine: Vec<(&Place, &'static Shape)> = all
        .iter()
        .filter_map(|p| {
            let kind = at(doc, p)?.get("kind")?.as_str()?.to_owned();
            Some((p, shape_of(&kind)?))
        })
        .collect();
    let Some((place, shape)) = pick(&mine, dice) else {
        return false;
    };
    let Some(Value::Object(map)) = at(doc, place) else {
        return false;
    };
    let spec = map.entry("spec").or_insert(json!({}));
    grow(shape, spec, dice);
    true
}

fn vocabulary() -> &'static Vocabulary {
    static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
    VOCABULARY.get_or_init(|| {
        Store::embedded(&mut Sources::default(), &mut Diagnostics::default()).vocabulary
    })
}

fn shape_of(kind: &str) -> Option<&'static Shape> {
    match kind {
        "Exposure" => Some(&vocabulary().exposure),
        "Environment" => Some(&vocabulary().environment),
        "ChartMapping" => Some(edgegen::vocab::chart_mapping()),
        _ => None,
    }
}

/// Walks down to some field of the shape and sets it; what is on the way is made where it is not there.
fn grow(shape: &Shape, value: &mut Value, dice: &mut Dice) {
    match &shape.ty {
        Type::Map(fields) => grow_map(fields, value, dice),
        Type::Exposure => grow(&vocabulary().exposure, value, dice),
        Type::Bindings(key) => {
            let none = Vec::new();
            let members = vocabulary().bindings.get(key).unwrap_or(&none);
            grow_map(members, named(value, dice), dice);
        }
        Type::MapOf(of) => grow(of, named(value, dice), dice),
        Type::List(of) => {
            if !value.is_array() {
                *value = json!([]);
            }
            if let Value::Array(items) = value {
                let i = dice.below(items.len() + 1);
                if i == items.len() {
                    items.push(made(of, dice));
                }
                grow(of, &mut items[i], dice);
            }
        }
        _ => *value = made(shape, dice),
    }
}

/// The value of some name in a map with free keys.
fn named<'v>(value: &'v mut Value, dice: &mut Dice) -> &'v mut Value {
    if !value.is_object() {
        *value = json!({});
    }
    let Value::Object(map) = value else {
        unreachable!("it was made a map")
    };
    let known: Vec<String> = map.keys().cloned().collect();
    let name = match pick(&known, dice) {
        Some(k) if dice.below(3) > 0 => k.clone(),
        _ => NAMES[dice.below(NAMES.len())].to_owned(),
    };
    map.entry(name).or_insert(Value::Null)
}

fn grow_map(fields: &[Field], value: &mut Value, dice: &mut Dice) {
    let Some(field) = pick(fields, dice) else {
        return;
    };
    if !value.is_object() {
        *value = made_map(fields, dice);
    }
    if let Value::Object(map) = value {
        let below = map.entry(field.name.clone()).or_insert(Value::Null);
        grow(&field.shape, below, dice);
    }
}

fn made_map(fields: &[Field], dice: &mut Dice) -> Value {
    let mut map = Map::new();
    for f in fields.iter().filter(|f| f.required) {
        map.insert(f.name.clone(), made(&f.shape, dice));
    }
    Value::Object(map)
}

/// Names that examples and environments use, so that what refers to something often finds it.
const NAMES: [&str; 9] = [
    "edge",
    "shared",
    "web",
    "bookstore",
    "shop",
    "catalog",
    "storefront",
    "strict",
    "aws-alb",
];

/// A value of the shape, mostly within its limits.
fn made(shape: &Shape, dice: &mut Dice) -> Value {
    let text = |all: &[&str], dice: &mut Dice| json!(all[dice.below(all.len())]);
    match &shape.ty {
        Type::Map(fields) => made_map(fields, dice),
        Type::Exposure | Type::MapOf(_) | Type::Bindings(_) => json!({}),
        Type::List(of) => Value::Array((0..dice.below(3)).map(|_| made(of, dice)).collect()),
        Type::Str(_) => match dice.below(3) {
            0 => json!(words()[dice.below(words().len())]),
            _ => text(&NAMES, dice),
        },
        Type::Enum(values) => pick(values, dice).cloned().unwrap_or(Value::Null),
        Type::Bool => json!(dice.below(2) == 0),
        Type::Int(min, max) => {
            let (min, max) = (min.unwrap_or(-5), max.unwrap_or(1_000_000));
            let usual = [80, 443, 8080, 3, 60];
            json!(match dice.below(5) {
                0 => min,
                1 => max,
                2 => max.saturating_add(1),
                _ => usual[dice.below(usual.len())].clamp(min, max),
            })
        }
        Type::Duration(min, max) => {
            let (min, max) = (min.unwrap_or(0), max.unwrap_or(360_000_000));
            let usual = [1_000, 15_000, 30_000, 60_000, 300_000, 3_600_000, 500];
            let ms = match dice.below(6) {
                0 => min,
                1 => max,
                _ => usual[dice.below(usual.len())].clamp(min, max),
            };
            json!(Duration(ms).to_string())
        }
        Type::Cidr => text(&["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32"], dice),
        Type::Hostname(_) => text(
            &[
                "a.example.com",
                "*.example.com",
                "bookstore.localdev.me",
                "shop.localdev.me",
            ],
            dice,
        ),
        Type::Path => text(&["/", "/healthz", "/api/books", "/a/b/", "/api"], dice),
    }
}
