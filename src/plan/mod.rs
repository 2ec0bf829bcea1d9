//! What lowering decided, and how it becomes patches.
//!
//! A plan holds edits in terms of fields of objects; it knows neither targets nor formats.

use serde_json::Value;

use crate::model::object::ObjectId;
use crate::source::Span;

/// One step of a path into an object: a map key. Lists are leaves: an edit replaces a list as a whole, and the planner finds the smallest patch.
pub type Path = Vec<String>;

/// Why an edit exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The rule that asked for it, `<profile>/<rule>`, or a built-in reason such as `edgegen/unused-carrier`.
    pub rule: String,
    /// The neutral fields that it carries, sorted.
    pub fields: Vec<String>,
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
