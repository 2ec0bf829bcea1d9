//! Annotations of one object that go together, or must not: of what is written and of what stands on the base already.
//!
//! A key that needs another does nothing without it, and of two that exclude each other the controller takes one or refuses the object.

use std::collections::BTreeSet;

use super::build::Builder;
use super::{Input, messages};
use crate::diag::Diagnostics;
use crate::model::object::{BaseObject, ObjectId};
use crate::plan::{Action, Origin};
use crate::profile::keys::KeyInfo;
use crate::source::Span;

/// Reports keys that stand without one that they need, and pairs that exclude each other.
pub(super) fn check(
    plan: &Builder,
    input: Input<'_>,
    find: impl Fn(&ObjectId) -> Option<usize>,
    diags: &mut Diagnostics,
) {
    let of_base = |id: &ObjectId| find(id).map(|i| &input.base[i]).filter(|o| o.id == *id);
    for (id, key, _, origin) in plan.annotations() {
        if let Some(info) = relating(input, key) {
            let at = Stands::Plan(origin);
            related(plan, input, (id, of_base(id)), (key, info, at), diags);
        }
    }
    let edge = input.edge;
    let carriers = edge.carriers.iter().filter(|c| c.exists).map(|c| &c.id);
    let routes = edge.routes.iter().filter_map(|r| r.object.as_ref());
    let services = edge.backends.iter().map(|b| &b.id);
    let ids: BTreeSet<&ObjectId> = carriers.chain(routes).chain(services).collect();
    for id in ids.into_iter().filter(|id| !plan.omits(id)) {
        let Some(object) = of_base(id) else { continue };
        let map = object.node().at(&["metadata", "annotations"]);
        for (key, _) in map.into_iter().flat_map(crate::yaml::Node::entries) {
            let Some(name) = key.as_str() else { continue };
            let Some(info) = relating(input, name) else {
                continue;
            };
            if let Some(at @ Stands::Base(_)) = standing(plan, input, (id, Some(object)), name) {
                related(plan, input, (id, Some(object)), (name, info, at), diags);
            }
        }
    }
}

/// Where a key of the result comes from.
#[derive(Clone, Copy)]
pub(super) enum Stands<'a> {
    /// A rule or an override.
    Plan(&'a Origin),
    /// The base, at this place.
    Base(Span),
}

/// An object, as the base has it.
type Object<'a> = (&'a ObjectId, Option<&'a BaseObject>);

fn relating<'a>(input: Input<'a>, key: &str) -> Option<&'a KeyInfo> {
    let info = input.profile.key(key)?;
    (!info.beside.is_empty() || !info.excludes.is_empty()).then_some(info)
}

fn related(
    plan: &Builder,
    input: Input<'_>,
    object: Object<'_>,
    (key, info, at): (&str, &KeyInfo, Stands<'_>),
    diags: &mut Diagnostics,
) {
    let there = |other: &str| standing(plan, input, object, other);
    for other in &info.excludes {
        if let Some(from) = there(other) {
            diags.push(messages::excluded(key, at, other, from));
        }
    }
    if !info.beside.is_empty() && !info.beside.iter().any(|other| there(other).is_some()) {
        diags.push(messages::alone(key, &info.beside, at));
    }
}

/// Whether the result has an annotation on an object, and from where.
fn standing<'a>(
    plan: &'a Builder,
    input: Input<'_>,
    (id, object): Object<'_>,
    key: &str,
) -> Option<Stands<'a>> {
    match plan.wanted(id, key) {
        Some((Action::Set(_), origin)) => return Some(Stands::Plan(origin)),
        Some(_) => return None,
        None => {}
    }
    let foreign = &input.edge.foreign;
    if foreign.iter().any(|f| f.object == *id && f.key == key) {
        return None;
    }
    let map = object?.node().at(&["metadata", "annotations"])?;
    let found = map.entries().find(|(k, _)| k.as_str() == Some(key));
    found.map(|(k, _)| Stands::Base(k.span()))
}
