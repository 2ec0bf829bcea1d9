//! Which objects a rule means: carriers, the Service of a backend, the HTTPRoute of a route, objects of the base.
//!
//! Profiles name kinds; the edge knows the objects.

use std::sync::Arc;

use minijinja::Value as Scripted;

use super::messages;
use super::run::{Instance, Runner};
use crate::diag::Diagnostics;
use crate::model::name::Name;
use crate::model::object::ObjectId;
use crate::profile::track::{self, Scope};

impl Runner<'_> {
    /// The objects that a kind stands for in `patch`, `append` and `remove`: carriers, the Service of `backend`, the HTTPRoute of `route`.
    pub(super) fn objects(
        &self,
        kind: &str,
        at: &Instance<'_>,
        diags: &mut Diagnostics,
    ) -> Vec<(ObjectId, Arc<Scope>)> {
        let edge = self.input.edge;
        let bound = |name: &str| at.scope.local(name);
        let name_in = |v: &Scripted, key: &str| {
            v.get_attr(key)
                .ok()
                .and_then(|n| n.as_str().map(str::to_owned))
        };
        if kind == "Service"
            && let Some(b) = bound("backend")
        {
            let name = name_in(b, "service");
            return edge
                .backends
                .iter()
                .find(|x| Some(&x.id.name) == name.as_ref())
                .map(|x| (x.id.clone(), Arc::clone(&at.scope)))
                .into_iter()
                .collect();
        }
        if kind == "HTTPRoute"
            && let Some(r) = bound("route")
        {
            let name = name_in(r, "name");
            let id = edge
                .routes
                .iter()
                .find(|x| Some(&x.name) == name.as_ref())
                .map(|x| {
                    x.object.clone().unwrap_or_else(|| ObjectId {
                        api_version: "gateway.networking.k8s.io/v1".to_owned(),
                        kind: "HTTPRoute".to_owned(),
                        namespace: edge.carriers[x.carrier].id.namespace.clone(),
                        name: x.name.clone(),
                    })
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
        if let Some(name) = bound("carrier").and_then(|c| name_in(c, "name")) {
            return carriers
                .iter()
                .filter(|(_, c)| c.id.name == name)
                .map(|(_, c)| (c.id.clone(), Arc::clone(&at.scope)))
                .collect();
        }
        let list = at
            .scope
            .root()
            .get("carriers")
            .map(|l| l.items().to_vec())
            .unwrap_or_default();
        carriers
            .iter()
            .filter_map(|(i, c)| {
                Some((
                    c.id.clone(),
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
