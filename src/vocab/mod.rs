//! The vocabulary: which fields documents have, of which type, within which limits.
//!
//! It is data (`vocabulary/*.yaml`); the reader of documents, the JSON Schema, `explain`, the matrix and the checks on profiles all follow it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use serde_json::Value;

use crate::diag::Diagnostics;
use crate::model::name::Name;
use crate::source::Sources;
use crate::yaml::read::{Limits, read};
use crate::yaml::{Doc, Node};

pub mod blank;
pub mod decode;
pub mod messages;
pub mod schema;

/// What a value may be.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Its type with its limits.
    pub ty: Type,
    /// What it means, in full sentences.
    pub doc: String,
}

/// The types of the vocabulary.
#[derive(Debug, Clone)]
pub enum Type {
    /// A map with known keys.
    Map(Vec<Field>),
    /// A list.
    List(Box<Shape>),
    /// A map with free keys.
    MapOf(Box<Shape>),
    /// A map with free keys whose values are what profiles declare under this name.
    Bindings(String),
    /// An Exposure's `spec` without required fields.
    Exposure,
    /// Text, by a pattern where there is one.
    Str(Option<Pattern>),
    /// One of these words or numbers.
    Enum(Vec<Value>),
    /// `true` or `false`.
    Bool,
    /// An integer within bounds.
    Int(Option<i64>, Option<i64>),
    /// A time within bounds, in milliseconds.
    Duration(Option<u64>, Option<u64>),
    /// A network in CIDR form, without host bits.
    Cidr,
    /// A DNS name; `*.` in front where the flag is set.
    Hostname(bool),
    /// A URL path.
    Path,
}

/// A regular expression with its source; compiled when it is first used, because most never are in a run.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written.
    pub source: String,
    regex: OnceLock<Option<regex_lite::Regex>>,
    /// The text that matched last: exposures repeat what an environment binds.
    matched: Matched,
}

#[derive(Debug, Default)]
struct Matched(Mutex<String>);

impl Clone for Matched {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Pattern {
    /// Keeps a pattern.
    pub fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            regex: OnceLock::new(),
            matched: Matched::default(),
        }
    }

    /// Whether the text matches; a pattern that does not compile matches nothing.
    pub fn is_match(&self, text: &str) -> bool {
        // Another thread that looks at it is not waited for.
        let mut last = self.matched.0.try_lock().ok();
        if last.as_ref().is_some_and(|l| !l.is_empty() && **l == text) {
            return true;
        }
        let regex = self
            .regex
            .get_or_init(|| regex_lite::Regex::new(&self.source).ok());
        let is_match = regex.as_ref().is_some_and(|r| r.is_match(text));
        if let (true, Some(last)) = (is_match, &mut last) {
            text.clone_into(last);
        }
        is_match
    }
}

/// A key of a map.
#[derive(Debug, Clone)]
pub struct Field {
    /// The key.
    pub name: String,
    /// Its place below `spec`, dotted, without list marks; empty for a member of a binding.
    pub path: Name,
    /// What its value may be.
    pub shape: Shape,
    /// A document without it is refused.
    pub required: bool,
    /// Row of the neutral vocabulary, 0 where a field has none of its own.
    pub row: u32,
    /// edgegen itself uses it up.
    pub engine: bool,
    /// Its value is a name that the environment binds under this key.
    pub binds: Option<String>,
    /// What follows when it is removed or weakened, where it protects something. Words of an enumeration then go from the weakest to the
    /// strongest.
    pub guards: Option<String>,
}

/// Members of bindings, by `certificates`, `policies.waf`...
pub type Bindings = BTreeMap<String, Vec<Field>>;

/// The vocabulary of both documents.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    /// `spec` of an Exposure.
    pub exposure: Shape,
    /// `spec` of an Environment.
    pub environment: Shape,
    /// What may stand in a binding, by `certificates`, `policies.waf`...: members of all profiles.
    pub bindings: Bindings,
    /// The same for documents that say nothing.
    pub blank: Arc<blank::Blank>,
}

/// A leaf of the vocabulary, flattened.
#[derive(Debug, Clone)]
pub struct Leaf<'v> {
    /// Dotted path below `spec`, without list marks: `backends.healthCheck.path`.
    pub path: String,
    /// Its shape.
    pub shape: &'v Shape,
    /// Row, inherited from the field above where it has none.
    pub row: u32,
    /// Used up by edgegen itself, or below such a field.
    pub engine: bool,
    /// The name of the binding that it refers to.
    pub binds: Option<&'v str>,
    /// What follows when it is removed or weakened; inherited from the field above where it has nothing of its own.
    pub guards: Option<&'v str>,
}

impl Vocabulary {
    /// The embedded vocabulary, with the bindings that the given profiles declare.
    pub fn load(bindings: Bindings) -> Self {
        let exposure = embedded(include_str!("../../vocabulary/exposure.yaml"));
        let environment = embedded(include_str!("../../vocabulary/environment.yaml"));
        let blank = Arc::new(blank::Blank::of(&exposure, &environment));
        Self {
            exposure,
            environment,
            bindings,
            blank,
        }
    }

    /// Keys under which an environment has bindings, dotted: `certificates`, `policies.waf`...
    pub fn binding_keys(&self) -> Vec<&str> {
        let mut out = Vec::new();
        keys(&self.environment, &mut out);
        out
    }

    /// All leaves of an Exposure's `spec`, in the order of the vocabulary.
    pub fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut out = Vec::new();
        let top = Above {
            row: 0,
            engine: false,
            binds: None,
            guards: None,
        };
        collect(&self.exposure, "", top, &mut out);
        out
    }
}

/// `spec` of a ChartMapping. Read when it is first asked for: most runs have no chart.
pub fn chart_mapping() -> &'static Shape {
    static SHAPE: LazyLock<Shape> =
        LazyLock::new(|| embedded(include_str!("../../vocabulary/chart-mapping.yaml")));
    &SHAPE
}

fn keys<'v>(shape: &'v Shape, out: &mut Vec<&'v str>) {
    match &shape.ty {
        Type::Bindings(key) => out.push(key),
        Type::Map(fields) => fields.iter().for_each(|f| keys(&f.shape, out)),
        _ => {}
    }
}

/// What a leaf has from the field that it belongs to, or from one above.
#[derive(Clone, Copy)]
struct Above<'v> {
    row: u32,
    engine: bool,
    binds: Option<&'v str>,
    guards: Option<&'v str>,
}

fn collect<'v>(shape: &'v Shape, path: &str, above: Above<'v>, out: &mut Vec<Leaf<'v>>) {
    match &shape.ty {
        Type::Map(fields) => {
            for f in fields {
                let below = if path.is_empty() {
                    f.name.clone()
                } else {
                    format!("{path}.{}", f.name)
                };
                let here = Above {
                    row: if f.row == 0 { above.row } else { f.row },
                    engine: above.engine || f.engine,
                    binds: f.binds.as_deref(),
                    guards: f.guards.as_deref().or(above.guards),
                };
                collect(&f.shape, &below, here, out);
            }
        }
        Type::List(of) if matches!(of.ty, Type::Map(_)) => collect(of, path, above, out),
        _ => out.push(Leaf {
            path: path.to_owned(),
            shape,
            row: above.row,
            engine: above.engine,
            binds: above.binds,
            guards: above.guards,
        }),
    }
}

fn documents(text: &str) -> Vec<Doc> {
    let mut sources = Sources::default();
    let source = sources.add("vocabulary", text);
    let mut diags = Diagnostics::default();
    read(&sources, source, &Limits::default(), &mut diags)
}

fn embedded(text: &str) -> Shape {
    let mut fields = documents(text)
        .first()
        .and_then(|d| d.root().get("fields").map(|n| fields_from(n)))
        .expect("the embedded vocabulary has fields");
    place(&mut fields, "");
    Shape {
        ty: Type::Map(fields),
        doc: String::new(),
    }
}

/// Tells every field its path.
fn place(fields: &mut [Field], above: &str) {
    for field in fields {
        let path = if above.is_empty() {
            field.name.clone()
        } else {
            format!("{above}.{}", field.name)
        };
        place_below(&mut field.shape, &path);
        field.path = Name::kept(&path);
    }
}

fn place_below(shape: &mut Shape, path: &str) {
    match &mut shape.ty {
        Type::Map(fields) => place(fields, path),
        Type::List(of) => place_below(of, path),
        _ => {}
    }
}

/// Reads the fields of a map from their YAML form. Used for the embedded vocabulary and for bindings that profiles declare.
pub fn fields_from(node: Node<'_>) -> Vec<Field> {
    node.entries()
        .map(|(k, v)| field_from(k.as_str().unwrap_or_default(), v))
        .collect()
}

fn field_from(name: &str, node: Node<'_>) -> Field {
    let flag = |key: &str| node.get(key).and_then(Node::as_bool).unwrap_or(false);
    Field {
        name: name.to_owned(),
        path: Name::Fixed(""),
        shape: shape_from(node),
        required: flag("required"),
        row: node
            .get("row")
            .and_then(Node::as_int)
            .and_then(|i| u32::try_from(i).ok())
            .unwrap_or(0),
        engine: flag("engine"),
        binds: node.get("binds").and_then(Node::as_str).map(str::to_owned),
        guards: node.get("guards").and_then(Node::as_str).map(str::to_owned),
    }
}

fn shape_from(node: Node<'_>) -> Shape {
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    let int = |key: &str| node.get(key).and_then(Node::as_int);
    let time = |key: &str| {
        text(key)
            .and_then(crate::model::duration::Duration::parse)
            .map(|d| d.0)
    };
    let of = || {
        Box::new(node.get("of").map_or(
            Shape {
                ty: Type::Str(None),
                doc: String::new(),
            },
            shape_from,
        ))
    };
    let ty = match text("type").unwrap_or("string") {
        "map" => Type::Map(node.get("fields").map(fields_from).unwrap_or_default()),
        "list" => Type::List(of()),
        "mapOf" => match text("bindings") {
            Some(key) => Type::Bindings(key.to_owned()),
            None => Type::MapOf(of()),
        },
        "exposure" => Type::Exposure,
        "enum" => Type::Enum(
            node.get("values")
                .map(|n| n.items().map(Node::to_value).collect())
                .unwrap_or_default(),
        ),
        "boolean" => Type::Bool,
        "integer" => Type::Int(int("min"), int("max")),
        "port" => Type::Int(Some(1), Some(65_535)),
        "duration" => Type::Duration(time("min"), time("max")),
        "cidr" => Type::Cidr,
        "hostname" => Type::Hostname(
            node.get("wildcard")
                .and_then(Node::as_bool)
                .unwrap_or(false),
        ),
        "path" => Type::Path,
        _ => Type::Str(text("pattern").map(Pattern::new)),
    };
    Shape {
        ty,
        doc: text("doc").unwrap_or_default().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::yaml::Node;

    /// Words that say what a field is; a text without quotes that has a comma would give others.
    const WORDS: [&str; 15] = [
        "type", "doc", "row", "required", "values", "min", "max", "of", "pattern", "engine",
        "guards", "binds", "bindings", "wildcard", "fields",
    ];

    fn strangers(node: Node<'_>, out: &mut Vec<String>) {
        for (key, value) in node.entries() {
            let name = key.as_str().unwrap_or_default();
            if !WORDS.contains(&name) {
                out.push(name.to_owned());
            }
            if name == "of" {
                strangers(value, out);
            }
        }
        for (_, field) in node.get("fields").iter().flat_map(|f| f.entries()) {
            strangers(field, out);
        }
    }

    #[test]
    fn all_words_of_the_vocabulary_are_known() {
        let texts = [
            include_str!("../../vocabulary/exposure.yaml"),
            include_str!("../../vocabulary/environment.yaml"),
            include_str!("../../vocabulary/chart-mapping.yaml"),
        ];
        for text in texts {
            let mut out = Vec::new();
            let documents = super::documents(text);
            let fields = documents[0].root().get("fields").expect("fields");
            for (_, field) in fields.entries() {
                strangers(field, &mut out);
            }
            assert!(out.is_empty(), "{out:?}");
        }
    }
}
