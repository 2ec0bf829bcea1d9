//! The patch planner: the smallest patches that kustomize applies safely, from the edits of a plan.
//!
//! Which form is safe was measured: merges by name fail loudly when their object is gone but replace or mix lists, JSON 6902 patches reach
//! into lists but are skipped in silence when their target is gone. So maps are merged, lists are patched under tests, and an object with
//! a JSON 6902 patch always has a merge by name as well.

use serde_json::{Map, Value};

use super::apply::{made, wanted, with_edits};
use super::index::BaseIndex;
use super::{Internal, ObjectPlan, Plan};
use crate::diag::Diagnostics;
use crate::model::object::ObjectId;

mod check;
mod joined;
mod list;
mod map;

/// All patches and new objects of a plan, each list by kind, namespace and name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Patches {
    /// Strategic merges by name.
    pub merges: Vec<MergePatch>,
    /// Patches of positions in lists.
    pub json: Vec<Json6902>,
    /// Objects that are left out.
    pub deletes: Vec<ObjectId>,
    /// New objects.
    pub created: Vec<Created>,
}

/// A strategic merge that names its object.
#[derive(Debug, Clone, PartialEq)]
pub struct MergePatch {
    /// The object.
    pub id: ObjectId,
    /// The fields to merge, without those that name the object; empty when the patch only asserts that the object exists.
    pub body: Map<String, Value>,
}

/// Operations on one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Json6902 {
    /// The object.
    pub id: ObjectId,
    /// What selects it, and only it.
    pub target: Target,
    /// In the order in which they apply.
    pub ops: Vec<Op>,
}

/// The selector of a JSON 6902 patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// API group; empty for the core group.
    pub group: String,
    /// API version without the group.
    pub version: String,
    /// Kind.
    pub kind: String,
    /// Regular expression that matches the whole name.
    pub name: String,
    /// Namespace; absent when the object has none and no namesake has one.
    pub namespace: Option<String>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Op {
    /// What it does.
    pub verb: Verb,
    /// Steps from the root: keys, positions, or `-` for the end of a list. Not escaped.
    pub path: Vec<String>,
    /// The value; ignored by `remove`.
    pub value: Value,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Fails the build unless the field has the value; null stands for an absent field.
    Test,
    /// Adds a field or an element.
    Add,
    /// Replaces a field or an element.
    Replace,
    /// Removes a field or an element.
    Remove,
}

/// A new object.
#[derive(Debug, Clone, PartialEq)]
pub struct Created {
    /// Its identity.
    pub id: ObjectId,
    /// The whole object.
    pub value: Value,
}

impl MergePatch {
    /// The patch as a document: the object's identity and the fields.
    pub fn document(&self) -> Value {
        let mut document = identity(&self.id);
        for (key, value) in &self.body {
            match (document.get_mut(key), value) {
                (Some(Value::Object(own)), Value::Object(more)) => {
                    own.extend(more.iter().map(|(k, v)| (k.clone(), v.clone())));
                }
                _ => {
                    document.insert(key.clone(), value.clone());
                }
            }
        }
        Value::Object(document)
    }
}

impl Op {
    pub(crate) fn new(verb: Verb, path: &[String], value: Value) -> Self {
        Self {
            verb,
            path: path.to_vec(),
            value,
        }
    }

    /// The path as a JSON pointer.
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            out.push('/');
            out.push_str(&step.replace('~', "~0").replace('/', "~1"));
        }
        out
    }

    /// The operation as RFC 6902 spells it.
    pub fn document(&self) -> Value {
        let verb = match self.verb {
            Verb::Test => "test",
            Verb::Add => "add",
            Verb::Replace => "replace",
            Verb::Remove => "remove",
        };
        let mut map = Map::new();
        map.insert("op".to_owned(), verb.into());
        map.insert("path".to_owned(), self.pointer().into());
        if self.verb != Verb::Remove {
            map.insert("value".to_owned(), self.value.clone());
        }
        Value::Object(map)
    }
}

/// The patch document that leaves an object out.
pub fn deletion(id: &ObjectId) -> Value {
    let mut document = identity(id);
    document.insert("$patch".to_owned(), "delete".into());
    Value::Object(document)
}

fn identity(id: &ObjectId) -> Map<String, Value> {
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), id.name.clone().into());
    if let Some(namespace) = &id.namespace {
        metadata.insert("namespace".to_owned(), namespace.clone().into());
    }
    let mut document = Map::new();
    document.insert("apiVersion".to_owned(), id.api_version.clone().into());
    document.insert("kind".to_owned(), id.kind.clone().into());
    document.insert("metadata".to_owned(), Value::Object(metadata));
    document
}

/// Plans the patches that lead from the base to the plan's result.
///
/// Findings are about values that a user can change; an error is a plan that no lowering may make.
pub fn patches(
    plan: &Plan,
    base: &BaseIndex<'_>,
    diags: &mut Diagnostics,
) -> Result<Patches, Internal> {
    let mut out = Patches::default();
    for (id, object) in &plan.objects {
        match object {
            ObjectPlan::Patch(edits) => {
                let found = base.get(id).ok_or_else(|| {
                    Internal::new::<&str>(id, &[], "patched, but not in the base")
                })?;
                let value = base.value(id).unwrap_or(&Value::Null);
                check::edits(id, edits, value, diags)?;
                let wanted = wanted(edits);
                // Not what the build drops: a patch that removes the whole map would take keys that the base gains later.
                let result = with_edits(value, edits, &wanted);
                let changes = map::changes(value, result.view());
                if !changes.is_empty() {
                    check::rival(id, base, diags);
                    check::joined(found, value, diags);
                    check::changes(found, edits, &changes, diags);
                    add(&mut out, id, changes, base);
                }
            }
            ObjectPlan::Create(edits) => {
                check::edits(id, edits, &Value::Null, diags)?;
                check::occupant(id, edits, base, diags);
                let value = made(edits);
                check::created(id, &value)?;
                out.created.push(Created {
                    id: id.clone(),
                    value,
                });
            }
            ObjectPlan::Omit(_) => {
                base.get(id).ok_or_else(|| {
                    Internal::new::<&str>(id, &[], "left out, but not in the base")
                })?;
                check::rival(id, base, diags);
                out.deletes.push(id.clone());
            }
        }
    }
    out.merges.sort_by(|a, b| order(&a.id).cmp(&order(&b.id)));
    out.json.sort_by(|a, b| order(&a.id).cmp(&order(&b.id)));
    out.deletes.sort_by(|a, b| order(a).cmp(&order(b)));
    out.created.sort_by(|a, b| order(&a.id).cmp(&order(&b.id)));
    Ok(out)
}

/// The order of objects in output: kind, namespace, name, API version.
pub fn order(id: &ObjectId) -> (&str, Option<&str>, &str, &str) {
    (&id.kind, id.namespace.as_deref(), &id.name, &id.api_version)
}

fn add(out: &mut Patches, id: &ObjectId, changes: map::Changes, base: &BaseIndex<'_>) {
    // Even when nothing is left to merge: an object that is gone must fail the build, and only a merge by name does.
    out.merges.push(MergePatch {
        id: id.clone(),
        body: changes.merge,
    });
    if !changes.ops.is_empty() {
        out.json.push(Json6902 {
            id: id.clone(),
            target: target(id, base),
            ops: changes.ops,
        });
    }
}

fn target(id: &ObjectId, base: &BaseIndex<'_>) -> Target {
    // A target without a namespace matches every namespace, so an object without one is named by the namespace that it counts in.
    let namesake = || {
        base.namesakes(id)
            .any(|o| o.id != *id && (o.id.namespace.is_some() || o.written.namespace.is_some()))
    };
    let namespace = id
        .namespace
        .clone()
        .or_else(|| namesake().then(|| "default".to_owned()));
    Target {
        group: id.group().to_owned(),
        version: id.version().to_owned(),
        kind: id.kind.clone(),
        name: exactly(&id.name),
        namespace: namespace.map(|n| exactly(&n)),
    }
}

/// A regular expression that matches this text only; kustomize anchors it.
fn exactly(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
