//! The reference of a kind of document: every field with type, limits, meaning, and the targets that express it.
//!
//! `edgegen explain Exposure` and the page in the docs are this text, from the vocabulary and the profiles.

use std::collections::BTreeMap;

use super::outcome::outcome;
use crate::model::duration::Duration;
use crate::profile::Profile;
use crate::profile::store::Store;
use crate::vocab::{Field, Shape, Type, Vocabulary, chart_mapping};

/// The reference of the kind that `what` names.
pub(super) fn document(store: &Store, profiles: &[Profile], what: &str) -> Option<String> {
    let kinds = ["Exposure", "Environment", "ChartMapping"];
    let kind = *kinds.iter().find(|k| k.eq_ignore_ascii_case(what))?;
    let vocabulary = &store.vocabulary;
    let (shape, intro) = match kind {
        "Exposure" => (&vocabulary.exposure, EXPOSURE),
        "Environment" => (&vocabulary.environment, ENVIRONMENT),
        _ => (chart_mapping(), CHART_MAPPING),
    };
    let mut out = format!(
        "# {kind}\n\n{intro}\n\nWritten by `edgegen explain {kind}`; `edgegen schema` prints the same for editors.\n\n{TYPES}\n"
    );
    let page = Page {
        vocabulary,
        profiles,
        answered: kind == "Exposure",
    };
    page.fields(members(shape).unwrap_or_default(), "", false, &mut out);
    Some(out)
}

const EXPOSURE: &str = "What the app team writes: which part of a base is reached from outside, and how. It names no cloud. These are the fields below\n\
`spec`; `metadata` has `name`, and `namespace` where the base's own is not meant.";

const ENVIRONMENT: &str = "What the platform team writes, one for each cluster: its target, its versions, and what the names in exposures stand for there.\n\
These are the fields below `spec`.";

const CHART_MAPPING: &str = "Which values of a chart carry what, for charts whose values differ from those that `helm create` writes. These are the fields\n\
below `spec`.";

const TYPES: &str = "A duration is a number with `h`, `m`, `s` or `ms`, or several of them: `90s`, `1m30s`. A network is an address with its prefix\n\
length, `10.0.0.0/8`. A path starts with `/`. Where a field is not set, what its text says after \"without\" holds; where that says\n\
nothing, the target's own default does.";

struct Page<'p> {
    vocabulary: &'p Vocabulary,
    profiles: &'p [Profile],
    /// Whether targets answer for the fields.
    answered: bool,
}

impl Page<'_> {
    fn fields(&self, fields: &[Field], above: &str, engine: bool, out: &mut String) {
        for f in fields {
            let engine = engine || f.engine;
            let path = match above {
                "" => f.name.clone(),
                _ => format!("{above}.{}", f.name),
            };
            let level = if above.is_empty() { "##" } else { "###" };
            out.push_str(&format!("\n{level} {path}\n\n{}\n\n", f.shape.doc));
            let needed = if f.required { ", required" } else { "" };
            out.push_str(&format!("- Type: {}{needed}\n", full_type(&f.shape)));
            if let Some(key) = &f.binds {
                out.push_str(&format!(
                    "- The name of an entry of `{key}` in the environment\n"
                ));
            }
            if let Some(guards) = &f.guards {
                out.push_str(&format!("- Risk when it goes or is weakened: {guards}\n"));
            }
            if let Some(below) = members(&f.shape) {
                self.fields(below, &path, engine, out);
                continue;
            }
            self.bindings(&f.shape, out);
            if path == "versions" {
                self.versions(out);
            }
            if self.answered {
                out.push_str(&self.targets(&path, engine));
            }
        }
    }

    /// The targets by what becomes of the field there.
    fn targets(&self, path: &str, engine: bool) -> String {
        if engine {
            return "- Used by edgegen itself, for every target\n".to_owned();
        }
        let mut by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for p in self.profiles {
            by.entry(outcome(p, path).word())
                .or_default()
                .push(&p.head.id);
        }
        let mut out = String::new();
        for (word, title) in [("yes", "Yes"), ("partly", "Partly"), ("no", "No")] {
            if let Some(ids) = by.get(word) {
                let all = ids.len() == self.profiles.len();
                let ids = if all {
                    "every target".to_owned()
                } else {
                    ids.join(", ")
                };
                out.push_str(&format!("- {title}: {ids}\n"));
            }
        }
        out
    }

    /// What may stand below a name, and for which targets.
    fn bindings(&self, shape: &Shape, out: &mut String) {
        let Type::Bindings(key) = &shape.ty else {
            return;
        };
        let mut seen: Vec<(String, Vec<&str>)> = Vec::new();
        for p in self.profiles {
            let declared = p.head.bindings.iter().filter(|(k, _)| *k == key);
            for m in declared.flat_map(|(_, members)| members) {
                let mut text = String::new();
                describe(m, &format!("<name>.{}", m.name), 0, &mut text);
                match seen.iter_mut().find(|(t, _)| *t == text) {
                    Some((_, ids)) => ids.push(&p.head.id),
                    None => seen.push((text, vec![&p.head.id])),
                }
            }
        }
        debug_assert!(self.vocabulary.binding_keys().contains(&key.as_str()));
        if !seen.is_empty() {
            out.push_str("\nWhat may stand below a name, and for which targets:\n\n");
        }
        for (text, ids) in seen {
            let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
            out.push_str(&format!("{first} For {}.\n{rest}", ids.join(", ")));
        }
    }

    fn versions(&self, out: &mut String) {
        let mut known: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for p in self.profiles {
            for (component, version) in &p.head.versions {
                known
                    .entry((component, version))
                    .or_default()
                    .push(&p.head.id);
            }
        }
        if known.is_empty() {
            return;
        }
        out.push_str("\n| name | newest known | targets |\n| --- | --- | --- |\n");
        for ((component, version), ids) in known {
            out.push_str(&format!(
                "| `{component}` | {version} | {} |\n",
                ids.join(", ")
            ));
        }
    }
}

/// A member of a binding as an item of a list, with what is below it.
fn describe(field: &Field, name: &str, depth: usize, out: &mut String) {
    let needed = if field.required { ", required" } else { "" };
    let doc = field.shape.doc.trim_end_matches('.');
    let gap = "  ".repeat(depth);
    let ty = full_type(&field.shape);
    out.push_str(&format!("{gap}- `{name}` ({ty}{needed}): {doc}.\n"));
    for below in members(&field.shape).unwrap_or_default() {
        describe(below, &below.name, depth + 1, out);
    }
}

/// The shape at a dotted path.
pub(super) fn find<'v>(shape: &'v Shape, path: &str) -> Option<&'v Shape> {
    path.split('.').try_fold(shape, |at, step| {
        members(at)?
            .iter()
            .find(|f| f.name == step)
            .map(|f| &f.shape)
    })
}

/// The fields of a map, or of the maps in a list.
pub(super) fn members(shape: &Shape) -> Option<&[Field]> {
    match &shape.ty {
        Type::Map(fields) => Some(fields),
        Type::List(of) | Type::MapOf(of) => members(of),
        _ => None,
    }
}

/// The type in words.
pub(super) fn type_of(shape: &Shape) -> String {
    match &shape.ty {
        Type::Map(_) => "map".to_owned(),
        Type::List(of) => format!("list of {}", type_of(of)),
        Type::MapOf(of) => format!("map of {}", type_of(of)),
        Type::Bindings(_) => "map of bindings".to_owned(),
        Type::Exposure => "fields of an exposure".to_owned(),
        Type::Str(_) => "string".to_owned(),
        Type::Enum(values) => values
            .iter()
            .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(" or "),
        Type::Bool => "boolean".to_owned(),
        Type::Int(Some(a), Some(b)) => format!("integer, {a} to {b}"),
        Type::Int(Some(a), None) => format!("integer, at least {a}"),
        Type::Int(None, Some(b)) => format!("integer, at most {b}"),
        Type::Int(None, None) => "integer".to_owned(),
        Type::Duration(min, max) => {
            let show = |ms: &u64| Duration(*ms).to_string();
            match (min.as_ref().map(show), max.as_ref().map(show)) {
                (Some(a), Some(b)) => format!("duration, {a} to {b}"),
                (Some(a), None) => format!("duration, at least {a}"),
                (None, Some(b)) => format!("duration, at most {b}"),
                (None, None) => "duration".to_owned(),
            }
        }
        Type::Cidr => "network".to_owned(),
        Type::Hostname(true) => "host name, `*.` in front allowed".to_owned(),
        Type::Hostname(false) => "host name".to_owned(),
        Type::Path => "path".to_owned(),
    }
}

/// The same with the pattern that a text matches.
fn full_type(shape: &Shape) -> String {
    fn pattern(shape: &Shape) -> Option<&str> {
        match &shape.ty {
            Type::Str(p) => p.as_ref().map(|p| p.source.as_str()),
            Type::List(of) | Type::MapOf(of) => pattern(of),
            _ => None,
        }
    }
    match pattern(shape) {
        Some(p) => {
            let shown = |c: char| {
                if c.is_control() {
                    c.escape_default().to_string()
                } else {
                    c.to_string()
                }
            };
            let p: String = p.chars().map(shown).collect();
            format!("{} that matches `{p}`", type_of(shape))
        }
        None => type_of(shape),
    }
}
