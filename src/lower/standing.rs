//! The target's own annotations that stand on the base already, against the same vocabulary as those that are written.
//!
//! A misspelt or misplaced key on the base is passed over by its controller without a word, like one that a rule would get wrong.

use std::collections::BTreeSet;

use super::build::Builder;
use super::{Input, messages};
use crate::diag::Diagnostics;
use crate::model::object::{BaseObject, ObjectId};
use crate::profile::Profile;
use crate::profile::keys::{Form, KeyInfo, go_bool};
use crate::source::Span;
use crate::yaml::Node;

/// Most edits between a misspelt key and the one that was meant.
const EDITS: usize = 3;

/// Reports keys on carriers, their routes and the Services behind them that do nothing there. What the plan itself writes or removes is
/// not looked at: the result does not have it.
pub(super) fn check(
    plan: &Builder,
    input: Input<'_>,
    find: impl Fn(&ObjectId) -> Option<usize>,
    version_of: impl Fn(&str) -> Option<String>,
    diags: &mut Diagnostics,
) {
    let edge = input.edge;
    let carriers = edge.carriers.iter().filter(|c| c.exists).map(|c| &c.id);
    let routes = edge.routes.iter().filter_map(|r| r.object.as_ref());
    let services = edge.backends.iter().map(|b| &b.id);
    let ids: BTreeSet<&ObjectId> = carriers.chain(routes).chain(services).collect();
    for id in ids {
        if plan.omits(id) {
            continue;
        }
        let Some(object) = find(id).map(|i| &input.base[i]) else {
            continue;
        };
        for (key, value) in annotations(object) {
            let Some(name) = key.as_str() else { continue };
            let removed = |f: &crate::model::edge::ForeignKey| f.object == *id && f.key == name;
            if plan.annotation(id, name).is_some() || edge.foreign.iter().any(removed) {
                continue;
            }
            let at = At {
                profile: input.profile,
                key: name,
                span: key.span(),
            };
            match input.profile.key(name) {
                Some(info) => at.known(info, id, value, &version_of, diags),
                None => at.unknown(diags),
            }
        }
    }
}

fn annotations(object: &BaseObject) -> impl Iterator<Item = (Node<'_>, Node<'_>)> {
    let map = object.node().at(&["metadata", "annotations"]);
    map.into_iter().flat_map(Node::entries)
}

/// A key where it stands.
struct At<'a> {
    profile: &'a Profile,
    key: &'a str,
    span: Span,
}

impl At<'_> {
    fn known(
        &self,
        info: &KeyInfo,
        id: &ObjectId,
        value: Node<'_>,
        version_of: impl Fn(&str) -> Option<String>,
        diags: &mut Diagnostics,
    ) {
        let target = &self.profile.head.id;
        let controller = self.profile.head.controller.as_deref();
        if let Some(why) = &info.never {
            diags.push(messages::standing_never(self.key, why, self.span));
        } else if !info.kinds.contains(&id.kind) {
            let on: Vec<_> = info.kinds.iter().map(|k| format!("`{k}`")).collect();
            diags.push(messages::standing(
                target,
                self.key,
                self.span,
                &format!("it is not read on kind `{}`", id.kind),
                &format!("`{target}` reads it on {}", on.join(", ")),
            ));
        } else if let Some((since, installed)) = info.too_new(controller, version_of) {
            let component = info.component.as_deref().or(controller);
            let component = component.unwrap_or_default();
            diags.push(messages::standing(
                target,
                self.key,
                self.span,
                &format!("it needs {component} {since}; {installed} is installed"),
                "an older version passes over it without a word",
            ));
        } else if let Some(why) = value.as_str().and_then(|v| fault(info, v)) {
            diags.push(messages::standing(
                target,
                self.key,
                value.span(),
                &why,
                "the controller ignores such a value or refuses the object",
            ));
        } else if let Some(instead) = &info.deprecated {
            diags.push(messages::standing_deprecated(self.key, instead, self.span));
        }
    }

    fn unknown(&self, diags: &mut Diagnostics) {
        let target = &self.profile.head.id;
        if let Some(near) = nearest(self.profile, self.key) {
            diags.push(messages::standing_misspelt(
                target, self.key, self.span, near,
            ));
            return;
        }
        let prefixes = self.profile.head.dialect.iter().flat_map(|d| &d.prefixes);
        if prefixes.clone().any(|p| self.key.starts_with(p.as_str())) {
            diags.push(messages::standing_unknown(target, self.key, self.span));
        }
    }
}

/// Why a value is not of the key's form. What people write and controllers take all the same is no fault here: other words for a
/// boolean, blanks within a list.
fn fault(info: &KeyInfo, value: &str) -> Option<String> {
    let lenient = match info.form {
        Form::Boolean => go_bool(value).is_some(),
        Form::List | Form::Pairs => true,
        _ => false,
    };
    if lenient { None } else { info.fault(value) }
}

/// The key that was meant: of the same domain or of the same name, a few edits away.
fn nearest<'p>(profile: &'p Profile, key: &str) -> Option<&'p str> {
    let (domain, name) = key.split_once('/')?;
    let edits = |k: &'p str| {
        let (its_domain, its_name) = k.split_once('/')?;
        let (a, b) = match (its_domain == domain, its_name == name) {
            (true, false) => (name, its_name),
            (false, true) => (domain, its_domain),
            _ => return None,
        };
        let most = (a.len() / 4).clamp(1, EDITS);
        if k.contains('{') || a.len().abs_diff(b.len()) > most {
            return None;
        }
        let edits = strsim::damerau_levenshtein(a, b);
        (edits <= most).then_some((edits, k))
    };
    let keys = profile.keys.iter().filter(|k| k.never.is_none());
    keys.filter_map(|k| edits(&k.key)).min().map(|(_, k)| k)
}
