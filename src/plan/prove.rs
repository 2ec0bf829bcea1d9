//! The proof that the patches do what the plan says and nothing else.
//!
//! It applies the patches by the rules that kustomize was measured to follow, written independently of the planner, so that a mistake
//! in one of the two stops the run instead of reaching a cluster.

use serde_json::{Map, Value};

use super::apply::{desired, drop_empty_annotations, edited, is_so, wanted, with_edits};
use super::index::BaseIndex;
use super::patch::{MergePatch, Op, Patches, Verb};
use super::shared::{Tree, View};
use super::{Edit, Internal, ObjectPlan, Plan};
use crate::model::object::ObjectId;

/// Proves that `patches` lead from the base to the plan's result, and that the result differs from the base in planned fields only.
pub fn prove(plan: &Plan, base: &BaseIndex<'_>, patches: &Patches) -> Result<(), Internal> {
    let merges = ById::new(patches.merges.iter().map(|p| (&p.id, p)));
    let json = ById::new(patches.json.iter().map(|p| (&p.id, p)));
    let deletes = ById::new(patches.deletes.iter().map(|id| (id, ())));
    let created = ById::new(patches.created.iter().map(|c| (&c.id, &c.value)));
    let twice = merges.twice || json.twice || deletes.twice || created.twice;
    if let (Some(id), true) = (plan.objects.keys().next(), twice) {
        return Err(Internal::new::<&str>(
            id,
            &[],
            "an object has two patches of one form",
        ));
    }
    if let Some(id) = json.keys().find(|id| merges.get(id).is_none()) {
        return Err(Internal::new::<&str>(
            id,
            &[],
            "operations without a patch by name would be skipped in silence when the object is gone",
        ));
    }
    for (id, object) in &plan.objects {
        let forms = (
            merges.get(id).is_some(),
            deletes.get(id).is_some(),
            created.get(id).is_some(),
        );
        match (object, forms) {
            (ObjectPlan::Patch(edits), (_, false, false)) => {
                let before = base.value(id).ok_or_else(|| {
                    Internal::new::<&str>(id, &[], "patched, but not in the base")
                })?;
                let patch = merges.get(id);
                // A patch that names the object as it is named changes nothing by that; its fields are merged without a copy.
                let document = patch
                    .filter(|_| !is_named(before, id))
                    .map(MergePatch::document);
                let document = document.as_ref().and_then(Value::as_object);
                let mut after = Tree::Same(before);
                if let Some(patch) = patch {
                    merge(&mut after, document.unwrap_or(&patch.body), &mut Vec::new())
                        .map_err(|(path, what)| Internal::new(id, &path, what))?;
                }
                for op in json.get(id).map_or(&[][..], |p| &p.ops) {
                    operate(&mut after, op).map_err(|what| Internal::new(id, &op.path, what))?;
                }
                drop_empty_annotations(&mut after);
                let mut bare = Tree::Same(before);
                drop_empty_annotations(&mut bare);
                covered(id, bare.view(), after.view(), edits)?;
                let wanted = wanted(edits);
                let mut planned = with_edits(before, edits, &wanted);
                drop_empty_annotations(&mut planned);
                same(id, planned.view(), after.view())?;
            }
            (ObjectPlan::Create(edits), (false, false, true)) => {
                if let Some(value) = created.get(id)
                    && !made_of(value, edits, 0)
                {
                    let planned = edited(Value::Object(Map::new()), edits);
                    same(id, View::Same(&planned), View::Same(value))?;
                }
            }
            (ObjectPlan::Omit(_), (false, true, false)) => {}
            _ => {
                return Err(Internal::new::<&str>(
                    id,
                    &[],
                    "its patches are not of the form that the plan asks for",
                ));
            }
        }
    }
    let stray = merges
        .keys()
        .chain(deletes.keys())
        .chain(created.keys())
        .find(|id| !plan.objects.contains_key(*id));
    stray.map_or(Ok(()), |id| {
        Err(Internal::new::<&str>(id, &[], "patched without a plan"))
    })
}

/// Things by the identity of an object, in order.
struct ById<'p, T> {
    sorted: Vec<(&'p ObjectId, T)>,
    /// One identity stands for two of them.
    twice: bool,
}

impl<'p, T: Copy> ById<'p, T> {
    fn new(all: impl Iterator<Item = (&'p ObjectId, T)>) -> Self {
        let mut sorted: Vec<_> = all.collect();
        sorted.sort_by_key(|(id, _)| *id);
        let twice = sorted.windows(2).any(|pair| pair[0].0 == pair[1].0);
        Self { sorted, twice }
    }

    fn get(&self, id: &ObjectId) -> Option<T> {
        // Few objects are compared faster one by one: their names differ.
        let at = if self.sorted.len() < 16 {
            self.sorted
                .iter()
                .position(|(own, _)| own.name == id.name && *own == id)?
        } else {
            self.sorted.binary_search_by_key(&id, |(own, _)| own).ok()?
        };
        Some(self.sorted[at].1)
    }

    fn keys(&self) -> impl Iterator<Item = &'p ObjectId> {
        self.sorted.iter().map(|(id, _)| *id)
    }
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
        .map(|of| (of[0].path.get(depth).and_then(|key| map.get(&**key)), of));
    all.all(|(found, of)| found.is_some_and(|v| made_of(v, of, depth + 1)))
        && groups == map.len()
        && groups > 0
}

/// Whether the object has the name by which a patch would find it.
fn is_named(object: &Value, id: &ObjectId) -> bool {
    let is = |path: &[&str], wanted: Option<&str>| {
        let found = View::Same(object).at(path);
        match (found, wanted) {
            (Some(View::Same(Value::String(text))), Some(wanted)) => text == wanted,
            (None, None) => true,
            _ => false,
        }
    };
    is(&["apiVersion"], Some(&id.api_version))
        && is(&["kind"], Some(&id.kind))
        && is(&["metadata", "name"], Some(&id.name))
        && is(&["metadata", "namespace"], id.namespace.as_deref())
}

fn same(id: &ObjectId, planned: View<'_, '_>, patched: View<'_, '_>) -> Result<(), Internal> {
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
fn covered(
    id: &ObjectId,
    before: View<'_, '_>,
    after: View<'_, '_>,
    edits: &[Edit],
) -> Result<(), Internal> {
    let mut paths = Vec::new();
    differences(Some(before), Some(after), &mut Vec::new(), &mut paths);
    for path in &paths {
        let planned = edits.iter().any(|edit| {
            // An edit below a scalar of the base turns the scalar into a map; both places count as its own.
            let own = begins(path, &edit.path)
                || (begins(&edit.path, path) && !before.at(path).is_some_and(View::is_map));
            own && !is_so(edit, before)
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

/// Whether `path` begins with the steps of `start`.
fn begins<A: AsRef<str>, B: AsRef<str>>(path: &[A], start: &[B]) -> bool {
    path.len() >= start.len()
        && path
            .iter()
            .zip(start)
            .all(|(a, b)| a.as_ref() == b.as_ref())
}

/// Collects the fields in which two values differ, as deep as maps go. What both share is the same without a look.
fn differences<'t, 'v: 't>(
    a: Option<View<'t, 'v>>,
    b: Option<View<'t, 'v>>,
    path: &mut Vec<&'t str>,
    out: &mut Vec<Vec<&'t str>>,
) {
    if let (Some(View::Same(x)), Some(View::Same(y))) = (a, b)
        && std::ptr::eq(x, y)
    {
        return;
    }
    let map = |v: Option<View<'t, 'v>>| v.filter(|v| v.is_map());
    let (left, right) = match (map(a), map(b)) {
        (Some(x), Some(y)) => (Some(x), Some(y)),
        (Some(x), None) if b.is_none() && !x.is_empty() => (Some(x), None),
        (None, Some(y)) if a.is_none() && !y.is_empty() => (None, Some(y)),
        _ => {
            let equal = match (a, b) {
                (Some(a), Some(b)) => a.equals(b),
                (a, b) => a.is_none() && b.is_none(),
            };
            if !equal {
                out.push(path.clone());
            }
            return;
        }
    };
    let get = |of: Option<View<'t, 'v>>, key: &str| of.and_then(|v| v.get(key));
    for (key, value) in left.into_iter().flat_map(View::fields) {
        path.push(key);
        differences(Some(value), get(right, key), path, out);
        path.pop();
    }
    for (key, value) in right.into_iter().flat_map(View::fields) {
        if get(left, key).is_none() {
            path.push(key);
            differences(None, Some(value), path, out);
            path.pop();
        }
    }
}

type Misfit<'v> = (Vec<&'v str>, &'static str);

/// A strategic merge as kustomize does it, without the parts that the planner never uses.
fn merge<'v>(
    object: &mut Tree<'v>,
    more: &'v Map<String, Value>,
    path: &mut Vec<&'v str>,
) -> Result<(), Misfit<'v>> {
    if !object.view().is_map() {
        return Err((path.clone(), "a merge needs two maps"));
    }
    for (key, value) in more {
        path.push(key);
        let old = object.view().get(key);
        match (old, value) {
            (_, Value::Null) => {
                object.remove(key);
            }
            (Some(old), Value::Object(inside)) if old.is_map() => {
                if let Some(inner) = object.field_mut(key) {
                    merge(inner, inside, path)?;
                }
            }
            (None | Some(View::Same(Value::Null)), Value::Object(inside)) => {
                let mut inner = Tree::Map(Vec::new());
                merge(&mut inner, inside, path)?;
                object.insert(key, inner);
            }
            (None | Some(View::Same(Value::Null)), _) => object.insert(key, Tree::Same(value)),
            (Some(old), _) if old.is_map() || old.is_list() || is_collection(value) => {
                return Err((
                    path.clone(),
                    "a merge over another kind of value, or over a list",
                ));
            }
            _ => object.insert(key, Tree::Same(value)),
        }
        path.pop();
    }
    Ok(())
}

fn is_collection(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// One operation as RFC 6902 has it, except that a test for null passes where a map has no such key.
fn operate<'v>(root: &mut Tree<'v>, op: &'v Op) -> Result<(), &'static str> {
    let (last, parents) = op
        .path
        .split_last()
        .ok_or("an operation on the whole object")?;
    let parent = parents.iter().try_fold(root, |at, step| {
        if at.view().is_map() {
            at.field_mut(step)
        } else {
            at.items_mut()?.get_mut(step.parse::<usize>().ok()?)
        }
    });
    let parent = parent.ok_or("the path of an operation leads nowhere")?;
    let value = || Tree::Same(&op.value);
    if parent.view().is_map() {
        let found = parent.view().get(last);
        return match op.verb {
            Verb::Test if found.map_or(op.value.is_null(), |v| v.equals_value(&op.value)) => Ok(()),
            Verb::Test => Err("a test fails"),
            Verb::Replace if found.is_none() => Err("replaces a field that is absent"),
            Verb::Add | Verb::Replace => {
                parent.insert(last, value());
                Ok(())
            }
            Verb::Remove if parent.remove(last) => Ok(()),
            Verb::Remove => Err("removes a field that is absent"),
        };
    }
    let items = parent
        .items_mut()
        .ok_or("the path of an operation leads through a scalar")?;
    let end = items.len();
    let i = if last == "-" {
        end
    } else {
        last.parse::<usize>()
            .map_err(|_| "a position is not a number")?
    };
    match op.verb {
        Verb::Add if i <= end => items.insert(i, value()),
        Verb::Test
            if items
                .get(i)
                .is_some_and(|v| v.view().equals_value(&op.value)) => {}
        Verb::Test => return Err("a test fails"),
        Verb::Replace if i < end => items[i] = value(),
        Verb::Remove if i < end => {
            items.remove(i);
        }
        _ => return Err("a position lies outside of its list"),
    }
    Ok(())
}
