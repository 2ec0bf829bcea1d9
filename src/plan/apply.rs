//! The objects of the result: the base with the plan's edits, computed on generic trees.
//!
//! It says what every output format must lead to; the proof, the plain stream and the tests compare against it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::index::BaseIndex;
use super::{Action, Edit, ObjectPlan, Plan};
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
    let mut value = with_edits(value, edits);
    drop_empty_annotations(&mut value);
    value
}

/// An object with edits applied, before the build drops what it leaves empty.
pub(super) fn with_edits(mut value: Value, edits: &[Edit]) -> Value {
    for edit in edits {
        match desired(edit) {
            Some(new) => set(&mut value, &edit.path, new.into_owned()),
            None => remove(&mut value, &edit.path),
        }
    }
    value
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
    let found = edit.path.iter().try_fold(base, |at, key| at.get(key));
    match desired(edit) {
        Some(value) => found == Some(&*value),
        None => found.is_none(),
    }
}

fn set(root: &mut Value, path: &[String], new: Value) {
    let mut at = root;
    for key in path {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(map) = at else { return };
        if !map.contains_key(key) {
            map.insert(key.clone(), Value::Null);
        }
        let Some(inner) = map.get_mut(key) else {
            return;
        };
        at = inner;
    }
    *at = new;
}

fn remove(root: &mut Value, path: &[String]) {
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    let parent = parents.iter().try_fold(root, |at, key| at.get_mut(key));
    if let Some(Value::Object(map)) = parent {
        map.shift_remove(last);
    }
}

/// Kustomize never leaves an empty map of annotations on an object that it touches.
pub(super) fn drop_empty_annotations(value: &mut Value) {
    if let Some(Value::Object(metadata)) = value.get_mut("metadata") {
        let empty = match metadata.get("annotations") {
            Some(Value::Null) => true,
            Some(Value::Object(map)) => map.is_empty(),
            _ => false,
        };
        if empty {
            metadata.shift_remove("annotations");
        }
    }
}
