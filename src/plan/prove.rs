//! The proof that the patches do what the plan says and nothing else.
//!
//! It applies the patches by the rules that kustomize was measured to follow, written independently of the planner, so that a mistake
//! in one of the two stops the run instead of reaching a cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::apply::{already_so, desired, drop_empty_annotations, edited};
use super::index::BaseIndex;
use super::patch::{Op, Patches, Verb};
use super::{Edit, Internal, ObjectPlan, Path, Plan};
use crate::model::object::ObjectId;

/// Proves that `patches` lead from the base to the plan's result, and that the result differs from the base in planned fields only.
pub fn prove(plan: &Plan, base: &BaseIndex<'_>, patches: &Patches) -> Result<(), Internal> {
    let merges: BTreeMap<_, _> = patches.merges.iter().map(|p| (&p.id, p)).collect();
    let json: BTreeMap<_, _> = patches.json.iter().map(|p| (&p.id, p)).collect();
    let deletes: BTreeSet<_> = patches.deletes.iter().collect();
    let created: BTreeMap<_, _> = patches.created.iter().map(|c| (&c.id, &c.value)).collect();
    let counts = [
        (merges.len(), patches.merges.len()),
        (json.len(), patches.json.len()),
        (deletes.len(), patches.deletes.len()),
        (created.len(), patches.created.len()),
    ];
    if let (Some(id), true) = (
        plan.objects.keys().next(),
        counts.iter().any(|(a, b)| a != b),
    ) {
        return Err(Internal::new(
            id,
            &[],
            "an object has two patches of one form",
        ));
    }
    if let Some(id) = json.keys().find(|id| !merges.contains_key(*id)) {
        return Err(Internal::new(
            id,
            &[],
            "operations without a patch by name would be skipped in silence when the object is gone",
        ));
    }
    for (id, object) in &plan.objects {
        let forms = (
            merges.contains_key(id),
            deletes.contains(id),
            created.contains_key(id),
        );
        match (object, forms) {
            (ObjectPlan::Patch(edits), (_, false, false)) => {
                let found = base
                    .get(id)
                    .ok_or_else(|| Internal::new(id, &[], "patched, but not in the base"))?;
                let before = found.value();
                let mut after = before.clone();
                if let Some(patch) = merges.get(id) {
                    merge_root(&mut after, &patch.document())
                        .map_err(|(path, what)| Internal::new(id, &path, what))?;
                }
                for op in json.get(id).map_or(&[][..], |p| &p.ops) {
                    operate(&mut after, op).map_err(|what| Internal::new(id, &op.path, what))?;
                }
                drop_empty_annotations(&mut after);
                let mut bare = before.clone();
                drop_empty_annotations(&mut bare);
                covered(id, &bare, &after, edits)?;
                same(id, &edited(before, edits), &after)?;
            }
            (ObjectPlan::Create(edits), (false, false, true)) => {
                if !made_of(created[id], edits, 0) {
                    same(id, &edited(Value::Object(Map::new()), edits), created[id])?;
                }
            }
            (ObjectPlan::Omit(_), (false, true, false)) => {}
            _ => {
                return Err(Internal::new(
                    id,
                    &[],
                    "its patches are not of the form that the plan asks for",
                ));
            }
        }
    }
    let stray = merges
        .keys()
        .chain(&deletes)
        .chain(created.keys())
        .find(|id| !plan.objects.contains_key(**id));
    stray.map_or(Ok(()), |id| {
        Err(Internal::new(id, &[], "patched without a plan"))
    })
}

/// Whether a value has the field of each edit, and no other. The edits agree in the first `depth` steps and are sorted; what is special
/// about them (nulls, empty annotations) is a `false` here, and compared at length.
fn made_of(value: &Value, edits: &[Edit], depth: usize) -> bool {
    if let [edit] = edits
        && edit.path.len() == depth
    {
        return desired(edit).is_some_and(|wanted| *wanted == *value);
    }
    let Value::Object(map) = value else {
        return false;
    };
    let mut groups = 0;
    let mut all = edits
        .chunk_by(|a, b| a.path.get(depth) == b.path.get(depth))
        .inspect(|_| groups += 1)
        .map(|of| (of[0].path.get(depth).and_then(|key| map.get(key)), of));
    all.all(|(found, of)| found.is_some_and(|v| made_of(v, of, depth + 1)))
        && groups == map.len()
        && groups > 0
}

fn same(id: &ObjectId, planned: &Value, patched: &Value) -> Result<(), Internal> {
    let mut paths = Vec::new();
    differences(Some(planned), Some(patched), &mut Vec::new(), &mut paths);
    match paths.first() {
        Some(path) => Err(Internal::new(
            id,
            path,
            "the patches do not lead to the planned value",
        )),
        None => Ok(()),
    }
}

/// Checks that each field that differs lies in a field of an edit.
fn covered(id: &ObjectId, before: &Value, after: &Value, edits: &[Edit]) -> Result<(), Internal> {
    let mut paths = Vec::new();
    differences(Some(before), Some(after), &mut Vec::new(), &mut paths);
    for path in &paths {
        let planned = edits.iter().any(|edit| {
            // An edit below a scalar of the base turns the scalar into a map; both places count as its own.
            let own = path.starts_with(&edit.path)
                || (edit.path.starts_with(path) && !is_map(at(before, path)));
            own && !already_so(edit, before)
        });
        if !planned {
            return Err(Internal::new(
                id,
                path,
                "differs from the base, but no edit asks for it",
            ));
        }
    }
    Ok(())
}

fn at<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |at, key| at.get(key))
}

fn is_map(value: Option<&Value>) -> bool {
    value.is_some_and(Value::is_object)
}

/// Collects the fields in which two values differ, as deep as maps go.
fn differences(a: Option<&Value>, b: Option<&Value>, path: &mut Path, out: &mut Vec<Path>) {
    let empty = Map::new();
    let (left, right) = match (a, b) {
        (Some(Value::Object(x)), Some(Value::Object(y))) => (x, y),
        (Some(Value::Object(x)), None) if !x.is_empty() => (x, &empty),
        (None, Some(Value::Object(y))) if !y.is_empty() => (&empty, y),
        _ => {
            if a != b {
                out.push(path.clone());
            }
            return;
        }
    };
    for key in left
        .keys()
        .chain(right.keys().filter(|key| !left.contains_key(*key)))
    {
        path.push(key.clone());
        differences(left.get(key), right.get(key), path, out);
        path.pop();
    }
}

type Misfit = (Path, &'static str);

fn merge_root(object: &mut Value, patch: &Value) -> Result<(), Misfit> {
    match (object, patch) {
        (Value::Object(object), Value::Object(patch)) => merge(object, patch, &mut Vec::new()),
        _ => Err((Vec::new(), "a merge needs two maps")),
    }
}

/// A strategic merge as kustomize does it, without the parts that the planner never uses.
fn merge(
    object: &mut Map<String, Value>,
    more: &Map<String, Value>,
    path: &mut Path,
) -> Result<(), Misfit> {
    for (key, value) in more {
        path.push(key.clone());
        match (object.get_mut(key), value) {
            (_, Value::Null) => {
                object.shift_remove(key);
            }
            (Some(Value::Object(inner)), Value::Object(inside)) => merge(inner, inside, path)?,
            (None | Some(Value::Null), Value::Object(inside)) => {
                let mut inner = Map::new();
                merge(&mut inner, inside, path)?;
                object.insert(key.clone(), Value::Object(inner));
            }
            (None | Some(Value::Null), _) => {
                object.insert(key.clone(), value.clone());
            }
            (Some(old), _) if is_collection(old) || is_collection(value) => {
                return Err((
                    path.clone(),
                    "a merge over another kind of value, or over a list",
                ));
            }
            _ => {
                object.insert(key.clone(), value.clone());
            }
        }
        path.pop();
    }
    Ok(())
}

fn is_collection(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// One operation as RFC 6902 has it, except that a test for null passes where a map has no such key.
fn operate(root: &mut Value, op: &Op) -> Result<(), &'static str> {
    let (last, parents) = op
        .path
        .split_last()
        .ok_or("an operation on the whole object")?;
    let parent = parents.iter().try_fold(root, |at, step| match at {
        Value::Object(map) => map.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    });
    match parent.ok_or("the path of an operation leads nowhere")? {
        Value::Object(map) => match op.verb {
            Verb::Test if map.get(last).unwrap_or(&Value::Null) == &op.value => Ok(()),
            Verb::Test => Err("a test fails"),
            Verb::Replace if !map.contains_key(last) => Err("replaces a field that is absent"),
            Verb::Add | Verb::Replace => {
                map.insert(last.clone(), op.value.clone());
                Ok(())
            }
            Verb::Remove => map
                .shift_remove(last)
                .map(|_| ())
                .ok_or("removes a field that is absent"),
        },
        Value::Array(items) => {
            let end = items.len();
            let i = if last == "-" {
                end
            } else {
                last.parse::<usize>()
                    .map_err(|_| "a position is not a number")?
            };
            match op.verb {
                Verb::Add if i <= end => items.insert(i, op.value.clone()),
                Verb::Test if items.get(i) == Some(&op.value) => {}
                Verb::Test => return Err("a test fails"),
                Verb::Replace if i < end => items[i] = op.value.clone(),
                Verb::Remove if i < end => {
                    items.remove(i);
                }
                _ => return Err("a position lies outside of its list"),
            }
            Ok(())
        }
        _ => Err("the path of an operation leads through a scalar"),
    }
}
