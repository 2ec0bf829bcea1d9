//! Every annotation that is to be written, against the vocabulary of the target's controllers.
//!
//! Promise 3: each emitted key exists in the pinned version, sits where the controller reads it, and has a value that its parser takes.

use super::build::Builder;
use super::{Input, messages};
use crate::diag::Diagnostics;
use crate::model::object::{BaseObject, ObjectId};

/// Reports keys that are unknown, misplaced, too new, deprecated, or of a wrong form.
pub(super) fn check(
    plan: &Builder,
    input: Input<'_>,
    find: impl Fn(&ObjectId) -> Option<usize>,
    diags: &mut Diagnostics,
) {
    let profile = input.profile;
    let version_of = |name: &str| {
        let stated = input
            .edge
            .env
            .get("versions")
            .and_then(|v| v.get(name))
            .and_then(|v| v.as_str().map(str::to_owned));
        stated.or_else(|| profile.head.versions.get(name).cloned())
    };
    for (id, key, value, origin) in plan.annotations() {
        let Some(info) = profile.key(key) else {
            diags.push(messages::unknown_key(profile, key, origin));
            continue;
        };
        if !info.kinds.contains(&id.kind) {
            diags.push(messages::misplaced_key(profile, info, key, id, origin));
        }
        if let Some(why) = &info.never {
            diags.push(messages::never_key(key, why, origin));
        }
        if let Some((since, installed)) =
            info.too_new(profile.head.controller.as_deref(), version_of)
        {
            let component = info
                .component
                .as_deref()
                .or(profile.head.controller.as_deref())
                .unwrap_or_default();
            let stated = input
                .edge
                .env
                .get("versions")
                .and_then(|v| v.get(component))
                .and_then(|v| v.span);
            diags.push(messages::too_new_key(
                key, component, since, &installed, stated, origin,
            ));
        }
        if let Some(why) = info.fault(value) {
            diags.push(messages::wrong_form(key, value, &why, origin));
        }
        let base = match find(id).map(|i| &input.base[i]) {
            Some(other) if other.id != *id => input.base.iter().find(|o| o.id == *id),
            found => found,
        };
        let base = base.map(BaseObject::node);
        let old = base.and_then(|n| n.at(&["metadata", "annotations", key]));
        if let Some(old) = old.filter(|o| o.as_str().is_some_and(|o| o != value)) {
            diags.push(messages::replaces_base(key, value, old, origin));
        }
        if let Some(instead) = &info.deprecated {
            diags.push(messages::deprecated_key(key, instead, origin));
        }
    }
    super::standing::check(plan, input, &find, version_of, diags);
    super::together::check(plan, input, &find, diags);
}
