//! The objects of the result: the base with the plan's edits, computed on generic trees.
//!
//! It says what every output format must lead to; the proof, the plain stream and the tests compare against it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::index::BaseIndex;
use super::shared::{Tree, View};
use super::{Action, Edit, ObjectPlan, Plan};
use crate::model::name::Name;
use crate::model::object::{BaseObject, ObjectId};

/// One object of the result.
#[derive(Debug, Clone)]
pub struct Built<'a> {
    /// Its identity.
    pub id: &'a ObjectId,
    /// Where it comes from, and its value when that is not the base's own.
    pub body: Body<'a>,
}

/// Where an object of the result comes from.
#[derive(Debug, Clone)]
pub enum Body<'a> {
    /// The base's object, unchanged and not copied.
    Untouched(&'a BaseObject),
    /// The base's object with edits.
    Patched(&'a BaseObject, Value),
    /// A new object.
    Created(Value),
}

impl Built<'_> {
    /// The object as a generic tree.
    pub fn value(&self) -> Value {
        match &self.body {
            Body::Untouched(object) => object.value(),
            Body::Patched(_, value) | Body::Created(value) => value.clone(),
        }
    }
}

/// The objects of the result: those of the base in its order, then the new ones in the plan's order.
///
/// Objects that the plan leaves out are gone. Edits of an object that the base has not are passed over; the patch planner reports them.
pub fn apply<'a>(plan: &'a Plan, base: &BaseIndex<'a>) -> Vec<Built<'a>> {
    let mut out: Vec<Built<'a>> = Vec::with_capacity(base.objects().len() + plan.objects.len());
    for object in base.objects() {
        let body = match plan.objects.get(&object.id) {
            Some(ObjectPlan::Omit(_)) => continue,
            Some(ObjectPlan::Patch(edits)) => Body::Patched(object, edited(object.value(), edits)),
            Some(ObjectPlan::Create(_)) | None => Body::Untouched(object),
        };
        out.push(Built {
            id: &object.id,
            body,
        });
    }
    for (id, object) in &plan.objects {
        if let ObjectPlan::Create(edits) = object {
            out.push(Built {
                id,
                body: Body::Created(edited(Value::Object(Map::new()), edits)),
            });
        }
    }
    out
}

/// An object with edits applied, as the build gives it.
pub fn edited(value: Value, edits: &[Edit]) -> Value {
    let wanted = wanted(edits);
    let mut tree = with_edits(&value, edits, &wanted);
    drop_empty_annotations(&mut tree);
    tree.view().value().into_owned()
}

/// The object that the fields of edits make up.
pub(super) fn made(edits: &[Edit]) -> Value {
    match build(edits, 0) {
        Some(value) if !has_empty_annotations(&value) => value,
        _ => edited(Value::Object(Map::new()), edits),
    }
}

/// A map of the edits' fields, which agree in the first `depth` steps and are sorted. Whatever is special about them (an order, nulls)
/// is a `None`, and left to [`edited`].
fn build(edits: &[Edit], depth: usize) -> Option<Value> {
    if let [edit] = edits
        && edit.path.len() == depth
    {
        return desired(edit).map(Cow::into_owned);
    }
    let groups = || edits.chunk_by(|a, b| a.path.get(depth) == b.path.get(depth));
    let mut map = Map::with_capacity(groups().count());
    for of in groups() {
        let old = map.insert(of[0].path.get(depth)?.to_string(), build(of, depth + 1)?);
        if old.is_some() {
            return None;
        }
    }
    (!map.is_empty()).then_some(Value::Object(map))
}

fn has_empty_annotations(value: &Value) -> bool {
    match value.pointer("/metadata/annotations") {
        Some(Value::Null) => true,
        Some(Value::Object(map)) => map.is_empty(),
        _ => false,
    }
}

/// What each edit wants, for [`with_edits`].
pub(super) fn wanted(edits: &[Edit]) -> Vec<Option<Cow<'_, Value>>> {
    edits.iter().map(desired).collect()
}

/// An object with edits applied, before the build drops what it leaves empty.
pub(super) fn with_edits<'v>(
    value: &'v Value,
    edits: &'v [Edit],
    wanted: &'v [Option<Cow<'_, Value>>],
) -> Tree<'v> {
    let mut tree = Tree::Same(value);
    for (edit, wanted) in edits.iter().zip(wanted) {
        match wanted {
            Some(new) => set(&mut tree, &edit.path, new),
            None => remove(&mut tree, &edit.path),
        }
    }
    tree
}

/// The value that a field has after an edit; `None` when the field is absent.
///
/// A null outside of lists is an absent field, as in every merge; a number without a fraction is an integer, because JSON 6902
/// patches pass through a reader that makes no difference.
pub fn desired(edit: &Edit) -> Option<Cow<'_, Value>> {
    match &edit.action {
        Action::Remove | Action::Set(Value::Null) => None,
        Action::Set(value) if is_settled(value, true) => Some(Cow::Borrowed(value)),
        Action::Set(value) => Some(Cow::Owned(settled(value, true))),
    }
}

/// Whether [`settled`] would give the value itself: nearly always.
fn is_settled(value: &Value, drop_null: bool) -> bool {
    match value {
        Value::Object(map) => map
            .values()
            .all(|v| !(drop_null && v.is_null()) && is_settled(v, drop_null)),
        Value::Array(items) => items.iter().all(|v| is_settled(v, false)),
        Value::Number(n) => !n.is_f64(),
        _ => true,
    }
}

fn settled(value: &Value, drop_null: bool) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(_, v)| !(drop_null && v.is_null()))
                .map(|(k, v)| (k.clone(), settled(v, drop_null)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(|v| settled(v, false)).collect()),
        Value::Number(n) if n.is_f64() => {
            integer(n.as_f64().unwrap_or_default()).unwrap_or_else(|| value.clone())
        }
        other => other.clone(),
    }
}

fn integer(float: f64) -> Option<Value> {
    let fits = float.fract() == 0.0 && float.abs() < 1e15;
    // The text of such a number has no fraction, so this is exact where a cast would need an exception from the lints.
    fits.then(|| format!("{float:.0}").parse::<i64>().ok())
        .flatten()
        .map(Value::from)
}

/// Whether the base's object has the field as the edit wants it.
pub fn already_so(edit: &Edit, base: &Value) -> bool {
    is_so(edit, View::Same(base))
}

pub(super) fn is_so(edit: &Edit, base: View<'_, '_>) -> bool {
    match (desired(edit), base.at(&edit.path)) {
        (Some(value), Some(found)) => found.value() == value,
        (None, None) => true,
        _ => false,
    }
}

fn set<'v>(root: &mut Tree<'v>, path: &'v [Name], new: &'v Value) {
    let Some((key, below)) = path.split_first() else {
        *root = Tree::Same(new);
        return;
    };
    if !root.view().is_map() {
        *root = Tree::Map(Vec::new());
    }
    if let Some(inner) = root.field_mut(key) {
        return set(inner, below, new);
    }
    let mut inner = Tree::Same(&Value::Null);
    set(&mut inner, below, new);
    root.insert(key, inner);
}

fn remove(root: &mut Tree<'_>, path: &[Name]) {
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    // Nothing is made the tree's own for a field that is not there.
    if root.view().at(path).is_none() {
        return;
    }
    let parent = parents.iter().try_fold(root, |at, key| at.field_mut(key));
    if let Some(parent) = parent {
        parent.remove(last);
    }
}

/// Kustomize never leaves an empty map of annotations on an object that it touches.
pub(super) fn drop_empty_annotations(value: &mut Tree<'_>) {
    let found = value.view().at(&["metadata", "annotations"]);
    if found.is_some_and(|a| a.is_null() || (a.is_map() && a.is_empty()))
        && let Some(metadata) = value.field_mut("metadata")
    {
        metadata.remove("annotations");
    }
}
