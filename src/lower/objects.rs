//! Which objects a rule means: carriers, the Service of a backend, the HTTPRoute of a route, objects of the base.
//!
//! Profiles name kinds; the edge knows the objects.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::Value as Scripted;

use super::messages;
use super::run::{Instance, Runner};
use crate::diag::Diagnostics;
use crate::model::edge::Edge;
use crate::model::name::Name;
use crate::model::object::ObjectId;
use crate::model::val::Val;
use crate::profile::track::{self, Scope};

impl<'a> Runner<'a> {
    /// The objects that a kind stands for in `patch`, `append` and `remove`: carriers, the Service of `backend`, the HTTPRoute of `route`.
    pub(super) fn objects(
        &self,
        kind: &str,
        at: &Instance<'_>,
        diags: &mut Diagnostics,
    ) -> Vec<(Cow<'a, ObjectId>, Arc<Scope>)> {
        let edge: &'a Edge = self.input.edge;
        let bound = |name: &str| at.scope.local(name);
        // The name counts as read, as if an expression had asked for it.
        let is_named = |v: &Scripted, key: &str, name: &str| {
            let val = v.downcast_object_ref::<Val>().and_then(|v| v.get(key));
            val.inspect(|v| track::touch(v))
                .is_some_and(|v| v.as_str() == Some(name))
        };
        if kind == "Service"
            && let Some(b) = bound("backend")
        {
            let mark = track::mark();
            return edge
                .backends
                .iter()
                .find(|x| {
                    track::rewind(mark);
                    is_named(b, "service", &x.id.name)
                })
                .map(|x| (Cow::Borrowed(&x.id), Arc::clone(&at.scope)))
                .into_iter()
                .collect();
        }
        if kind == "HTTPRoute"
            && let Some(r) = bound("route")
        {
            let mark = track::mark();
            let id = edge
                .routes
                .iter()
                .find(|x| {
                    track::rewind(mark);
                    is_named(r, "name", &x.name)
                })
                .map(|x| match &x.object {
                    Some(id) => Cow::Borrowed(id),
                    None => Cow::Owned(ObjectId {
                        api_version: "gateway.networking.k8s.io/v1".to_owned(),
                        kind: "HTTPRoute".to_owned(),
                        namespace: edge.carriers[x.carrier].id.namespace.clone(),
                        name: x.name.clone(),
                    }),
                });
            return id
                .map(|id| (id, Arc::clone(&at.scope)))
                .into_iter()
                .collect();
        }
        let carriers: Vec<_> = edge
            .carriers
            .iter()
            .enumerate()
            .filter(|(_, c)| c.generation.kind() == kind)
            .collect();
        if carriers.is_empty() {
            diags.push(messages::no_object(&at.code, kind, at.rule.span));
            return Vec::new();
        }
        if let Some(bound) = bound("carrier") {
            let mark = track::mark();
            return carriers
                .iter()
                .filter(|(_, c)| {
                    track::rewind(mark);
                    is_named(bound, "name", &c.id.name)
                })
                .map(|(_, c)| (Cow::Borrowed(&c.id), Arc::clone(&at.scope)))
                .collect();
        }
        let list = at
            .scope
            .root()
            .get("carriers")
            .map_or(&[][..], |l| l.items());
        carriers
            .iter()
            .filter_map(|(i, c)| {
                Some((
                    Cow::Borrowed(&c.id),
                    at.scope
                        .with(&Name::Fixed("carrier"), track::expose(list.get(*i)?)),
                ))
            })
            .collect()
    }

    pub(super) fn base_object(&self, id: &ObjectId) -> Option<usize> {
        self.base
            .get(&(id.kind.as_str(), id.name.as_str(), id.namespace.as_deref()))
            .copied()
    }

    /// The identity that the base has for the same kind, name and namespace; `id` itself for new objects.
    pub(super) fn known(&self, id: ObjectId) -> ObjectId {
        match self.base_object(&id) {
            Some(i) if self.input.base[i].id.group() == id.group() => self.input.base[i].id.clone(),
            _ => id,
        }
    }
}
