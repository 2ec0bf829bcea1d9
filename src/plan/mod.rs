//! What lowering decided, and how it becomes patches.
//!
//! A plan holds edits in terms of fields of objects; it knows neither targets nor formats.

use serde_json::Value;

use crate::model::name::Name;
use crate::model::object::ObjectId;
use crate::source::Span;

pub mod apply;
pub mod index;
pub mod join;
pub mod patch;
pub mod prove;
mod shared;

/// One step of a path into an object: a map key. Lists are leaves: an edit replaces a list as a whole, and the planner finds the smallest patch.
pub type Path = Vec<Name>;

/// Why an edit exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The rule that asked for it, `<profile>/<rule>`, or a built-in reason such as `edgegen/unused-carrier`.
    pub rule: Name,
    /// The neutral fields that it carries, sorted.
    pub fields: Vec<Name>,
    /// Where the user wrote the value; absent for defaults.
    pub span: Option<Span>,
}

/// What happens at a path of an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The field has this value: a scalar, a list, or an empty map.
    Set(Value),
    /// The field is absent.
    Remove,
}

/// One change to one field of one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The field; map keys only.
    pub path: Path,
    /// The change.
    pub action: Action,
    /// The reason.
    pub origin: Origin,
}

/// All changes to one object.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectPlan {
    /// The base has the object; it is changed in these fields. Sorted by path, one edit a path, no path a prefix of another.
    Patch(Vec<Edit>),
    /// The object is new; these fields make it up, `apiVersion`, `kind` and `metadata.name` included.
    Create(Vec<Edit>),
    /// The base has the object; the result has not.
    Omit(Origin),
}

/// What lowering decided for one exposure and one target.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Objects in a fixed order: by kind, namespace, name.
    pub objects: std::collections::BTreeMap<ObjectId, ObjectPlan>,
}

/// A mistake of edgegen itself: shown with the version, never as a finding about the user's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Internal {
    /// The object in question.
    pub object: Box<ObjectId>,
    /// The field in question; empty for the whole object.
    pub path: Path,
    /// What does not hold.
    pub what: String,
}

impl Internal {
    /// A mistake in one object.
    pub fn new<S: AsRef<str>>(object: &ObjectId, path: &[S], what: impl Into<String>) -> Self {
        Self {
            object: Box::new(object.clone()),
            path: path.iter().map(|step| Name::read(step.as_ref())).collect(),
            what: what.into(),
        }
    }
}

impl std::fmt::Display for Internal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "internal error in edgegen {}: {}",
            env!("CARGO_PKG_VERSION"),
            self.object
        )?;
        if !self.path.is_empty() {
            write!(f, " {}", show_path(&self.path))?;
        }
        write!(f, ": {}", self.what)
    }
}

impl std::error::Error for Internal {}

/// `metadata.annotations[a.b/c]`: steps joined by dots; a key with other characters than letters, digits, `-` and `_` in brackets.
pub fn show_path<S: AsRef<str>>(path: &[S]) -> String {
    let mut out = String::new();
    for step in path.iter().map(AsRef::as_ref) {
        if !step.is_empty()
            && step
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(step);
        } else {
            out.push('[');
            out.extend(step.chars().flat_map(|c| {
                if c.is_control() {
                    c.escape_debug().collect()
                } else {
                    vec![c]
                }
            }));
            out.push(']');
        }
    }
    out
}
