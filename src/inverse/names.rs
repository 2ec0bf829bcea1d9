//! Names of a rule while it is read backwards, and the places of the neutral model that they lead to.
//!
//! A place is known by its steps; what follows from a name is said of the place, so that several rules can speak of one.

use std::rc::Rc;

use serde_json::Value;

use crate::lower::account::covers;
use crate::model::duration::Duration;
use crate::model::edge::WORDS;
use crate::profile::plain::Plain;
use crate::vocab::decode::check_text;
use crate::vocab::{Field, Shape, Type, Vocabulary};

/// Steps from a root name; one that starts with `#` is an element of a list or an entry of a free map.
pub(super) type Place = Vec<String>;

/// Whether a step is an element that stands for one that an object has, which no index and no key names.
pub(super) fn is_element(step: &str) -> bool {
    step.starts_with('#') && step.contains('.') && !step.starts_with("#=")
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Sym<'r> {
    /// A place of the neutral model, or of what expressions see besides.
    Place(Place),
    /// An expression, in the names that it sees.
    Expr(&'r Plain, Names<'r>),
    /// Something that objects do not tell.
    Unknown,
}

/// Names that are bound, the last one first.
#[derive(Debug, Clone, Default)]
pub(super) struct Names<'r>(Option<Rc<Bound<'r>>>);

#[derive(Debug)]
struct Bound<'r> {
    name: &'r str,
    sym: Sym<'r>,
    outer: Names<'r>,
}

impl<'r> Names<'r> {
    /// The same with one more.
    pub(super) fn with(&self, name: &'r str, sym: Sym<'r>) -> Self {
        let outer = self.clone();
        Self(Some(Rc::new(Bound { name, sym, outer })))
    }

    /// What a name stands for, where it is bound.
    pub(super) fn get(&self, name: &str) -> Option<&Sym<'r>> {
        let mut at = self;
        while let Some(bound) = &at.0 {
            if bound.name == name {
                return Some(&bound.sym);
            }
            at = &bound.outer;
        }
        None
    }
}

/// A field of the vocabulary, or a member of a binding, with the type of its values.
#[derive(Debug)]
pub(super) struct Neutral<'v> {
    pub(super) field: String,
    pub(super) ty: &'v Type,
    /// The place has another name in the vocabulary, where elements may be texts that are maps there.
    pub(super) renamed: bool,
}

/// The field that a place is; none for what only expressions see.
pub(super) fn neutral<'v>(vocabulary: &'v Vocabulary, place: &[String]) -> Option<Neutral<'v>> {
    let name = renamed(place);
    let found = stepped(vocabulary, &name)?;
    Some(Neutral {
        renamed: name != place,
        ..found
    })
}

fn stepped<'v>(vocabulary: &'v Vocabulary, place: &[String]) -> Option<Neutral<'v>> {
    let steps: Vec<&str> = place.iter().map(String::as_str).collect();
    if let ["certificates", rest @ ..] = steps.as_slice() {
        return match skip_items(rest) {
            ["name", ..] => None,
            ["hosts", ..] => walk(
                vocabulary,
                &[&["tls", "certificates", "#"], skip_items(rest)].concat(),
            ),
            rest => member(vocabulary, "certificates", rest),
        };
    }
    if let ["class"] = steps.as_slice() {
        static TEXT: Type = Type::Str(None);
        return Some(Neutral {
            field: "class".to_owned(),
            ty: &TEXT,
            renamed: false,
        });
    }
    walk(vocabulary, &steps)
}

fn skip_items<'a, 'b>(mut steps: &'a [&'b str]) -> &'a [&'b str] {
    while let [first, rest @ ..] = steps {
        if !first.starts_with('#') {
            break;
        }
        steps = rest;
    }
    steps
}

fn walk<'v>(vocabulary: &'v Vocabulary, steps: &[&str]) -> Option<Neutral<'v>> {
    let mut shape = &vocabulary.exposure;
    let mut field: Option<&Field> = None;
    for (at, step) in steps.iter().enumerate() {
        if let Some(key) = field.and_then(|f| f.binds.as_deref()) {
            return member(vocabulary, key, &steps[at..]);
        }
        shape = match (&shape.ty, step.starts_with('#')) {
            (Type::List(of) | Type::MapOf(of), true) => of,
            (Type::List(of), false) => inner(of, step, &mut field)?,
            (_, true) => return None,
            (..) => inner(shape, step, &mut field)?,
        };
    }
    Some(Neutral {
        field: field?.path.to_string(),
        ty: &shape.ty,
        renamed: false,
    })
}

fn inner<'v>(shape: &'v Shape, step: &str, field: &mut Option<&'v Field>) -> Option<&'v Shape> {
    let Type::Map(fields) = &shape.ty else {
        return None;
    };
    let found = fields.iter().find(|f| f.name == step)?;
    *field = Some(found);
    Some(&found.shape)
}

fn member<'v>(vocabulary: &'v Vocabulary, key: &str, steps: &[&str]) -> Option<Neutral<'v>> {
    let (first, rest) = steps.split_first()?;
    let members = vocabulary.bindings.get(key)?;
    let mut shape = &members.iter().find(|f| f.name == *first)?.shape;
    for step in rest {
        shape = match (&shape.ty, step.starts_with('#')) {
            (Type::List(of) | Type::MapOf(of), true) => of,
            (_, true) => return None,
            (..) => inner(shape, step, &mut None)?,
        };
    }
    Some(Neutral {
        field: format!("{key}.{first}"),
        ty: &shape.ty,
        renamed: false,
    })
}

/// The place under the names of the vocabulary: expressions see hosts and rules of routes in the form that they have once resolved.
fn renamed(place: &[String]) -> Place {
    let bare: Vec<&str> = place
        .iter()
        .map(String::as_str)
        .filter(|s| !s.starts_with('#'))
        .collect();
    let path = |text: &str| text.split('.').map(str::to_owned).collect();
    let rest = match bare.as_slice() {
        ["hosts", "name"] | ["carrier" | "carriers", "hosts", "host"] | ["routes", "hostnames"] => {
            return path("hostnames.name");
        }
        ["routes", "rules", rest @ ..] | ["carrier" | "carriers", "hosts", "rules", rest @ ..] => {
            rest
        }
        _ => return place.to_vec(),
    };
    let field = match rest {
        ["path", "value"] => "routes.rules.matches.path.value".to_owned(),
        ["backend" | "backends", "service"] => "routes.rules.backendRefs.name".to_owned(),
        ["backend" | "backends", more @ ("port" | "weight")] => {
            format!("routes.rules.backendRefs.{more}")
        }
        ["rewrite", "value"] => "routes.rules.filters.urlRewrite.path".to_owned(),
        ["requestMirror", "service"] => {
            "routes.rules.filters.requestMirror.backendRef.name".to_owned()
        }
        ["requestMirror", "port"] => {
            "routes.rules.filters.requestMirror.backendRef.port".to_owned()
        }
        [word, more @ ..] => match WORDS.iter().find(|(k, _)| k == word) {
            Some((_, field)) => [&[*field], more].concat().join("."),
            None => return place.to_vec(),
        },
        [] => return place.to_vec(),
    };
    path(&field)
}

/// The value in the form that documents have; none where it is no value of the type.
pub(super) fn fitting(ty: &Type, value: &Value) -> Option<Value> {
    match (ty, value) {
        (Type::Int(min, max), Value::Number(n)) => {
            let n = n.as_i64()?;
            let within = min.is_none_or(|m| m <= n) && max.is_none_or(|m| n <= m);
            within.then(|| value.clone())
        }
        // Of a place above leaves, a text says one that is not named.
        (Type::Bool, Value::Bool(_)) | (Type::Map(_), Value::String(_)) => Some(value.clone()),
        (Type::Bool, Value::String(s)) => s.parse::<bool>().ok().map(Value::from),
        (Type::Int(..), Value::String(s)) => fitting(ty, &Value::from(s.parse::<i64>().ok()?)),
        (Type::Enum(words), _) => {
            let exact = words.iter().find(|w| same(w, value));
            let alike = |w: &&Value| {
                let (w, v) = (w.as_str(), value.as_str());
                w.zip(v).is_some_and(|(w, v)| w.eq_ignore_ascii_case(v))
            };
            exact.or_else(|| words.iter().find(alike)).cloned()
        }
        (Type::Duration(..), Value::String(s)) => {
            Duration::parse(s).map(|d| Value::from(d.to_string()))
        }
        (Type::Str(_) | Type::Cidr | Type::Hostname(_) | Type::Path, Value::String(s)) => {
            check_text(ty, s).ok().map(|()| value.clone())
        }
        (Type::List(of), _) => fitting(&of.ty, value),
        _ => None,
    }
}

/// Whether two values are the same for who writes them: a number and its digits are.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a == b,
        (Value::String(text), other @ (Value::Number(_) | Value::Bool(_)))
        | (other @ (Value::Number(_) | Value::Bool(_)), Value::String(text)) => {
            let digits = other.to_string();
            *text == digits
        }
        _ => a == b,
    }
}

/// All words of a type that has few.
pub(super) fn words(ty: &Type) -> Vec<Value> {
    match ty {
        Type::Enum(words) => words.clone(),
        Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
        _ => Vec::new(),
    }
}

/// Whether a field is the other or stands above it.
pub(super) fn covers_above(above: &str, field: &str) -> bool {
    covers(above, field)
}

/// Whether one of two fields covers the other.
pub(super) fn meets(a: &str, b: &str) -> bool {
    covers(a, b) || covers(b, a)
}

/// A text without the signs that keep others from their meaning.
pub(super) fn unescaped(item: &str) -> String {
    let mut out = String::new();
    let mut rest = item.chars();
    while let Some(c) = rest.next() {
        out.extend(if c == '\\' { rest.next() } else { Some(c) });
    }
    out
}
