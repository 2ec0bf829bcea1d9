//! Several plans for one base as one plan: what many exposures of one chart want of it.
//!
//! Each was made for the base as it is; where two of them touch one field they have to want the same.

use super::{Edit, ObjectPlan, Origin, Path, Plan};
use crate::model::object::ObjectId;

/// A field that two plans want to be different.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    /// The object.
    pub object: ObjectId,
    /// The field; empty for the object as a whole.
    pub path: Path,
    /// Why the earlier plan wants it so.
    pub first: Origin,
    /// Why the later one does not.
    pub second: Origin,
}

/// Adds a plan to those before it; gives what cannot be had together.
pub fn join(into: &mut Plan, plan: Plan) -> Vec<Clash> {
    let mut clashes = Vec::new();
    for (id, new) in plan.objects {
        let Some(old) = into.objects.remove(&id) else {
            into.objects.insert(id, new);
            continue;
        };
        let joined = match (old, new) {
            (ObjectPlan::Patch(old), ObjectPlan::Patch(new)) => {
                ObjectPlan::Patch(edits(&id, old, new, &mut clashes))
            }
            (old, new) => {
                if !alike(&old, &new) {
                    clashes.extend(origin(&old).zip(origin(&new)).map(|(first, second)| Clash {
                        object: id.clone(),
                        path: Path::new(),
                        first: first.clone(),
                        second: second.clone(),
                    }));
                }
                old
            }
        };
        into.objects.insert(id, joined);
    }
    clashes
}

/// The edits of both, sorted by path.
fn edits(id: &ObjectId, old: Vec<Edit>, new: Vec<Edit>, clashes: &mut Vec<Clash>) -> Vec<Edit> {
    let mut all = old;
    for edit in new {
        let near = |e: &&Edit| e.path.starts_with(&edit.path) || edit.path.starts_with(&e.path);
        match all.iter().find(near) {
            None => all.push(edit),
            Some(e) if e.path == edit.path && e.action == edit.action => {}
            Some(e) => clashes.push(Clash {
                object: id.clone(),
                path: edit.path.clone(),
                first: e.origin.clone(),
                second: edit.origin.clone(),
            }),
        }
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// Whether two plans for one object lead to the same, whoever wants it.
fn alike(a: &ObjectPlan, b: &ObjectPlan) -> bool {
    match (a, b) {
        (ObjectPlan::Omit(_), ObjectPlan::Omit(_)) => true,
        (ObjectPlan::Create(a), ObjectPlan::Create(b)) => {
            let same = |(a, b): (&Edit, &Edit)| a.path == b.path && a.action == b.action;
            a.len() == b.len() && a.iter().zip(b).all(same)
        }
        _ => false,
    }
}

fn origin(plan: &ObjectPlan) -> Option<&Origin> {
    match plan {
        ObjectPlan::Omit(origin) => Some(origin),
        ObjectPlan::Patch(edits) | ObjectPlan::Create(edits) => edits.first().map(|e| &e.origin),
    }
}
