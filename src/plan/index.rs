//! Look-up of base objects by identity, built once for a base and shared by all targets.
//!
//! A base may hold thousands of objects while a plan touches five; no stage after this one walks the whole base.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use crate::model::object::{BaseObject, ObjectId};

/// The objects of a base by identity, and by every name that kustomize knows them under.
#[derive(Debug)]
pub struct BaseIndex<'b> {
    objects: &'b [BaseObject],
    /// Each as a generic tree, made when a plan first changes it.
    values: Vec<OnceLock<Value>>,
    by_id: BTreeMap<&'b ObjectId, usize>,
    by_name: BTreeMap<(&'b str, &'b str, &'b str), Vec<usize>>,
}

impl<'b> BaseIndex<'b> {
    /// Indexes a base.
    pub fn new(objects: &'b [BaseObject]) -> Self {
        let mut by_id = BTreeMap::new();
        let mut by_name: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (i, object) in objects.iter().enumerate() {
            by_id.entry(&object.id).or_insert(i);
            let (id, written) = (&object.id, &object.written);
            by_name
                .entry((id.group(), id.kind.as_str(), id.name.as_str()))
                .or_default()
                .push(i);
            if written.name != id.name {
                by_name
                    .entry((id.group(), id.kind.as_str(), written.name.as_str()))
                    .or_default()
                    .push(i);
            }
        }
        Self {
            objects,
            values: objects.iter().map(|_| OnceLock::new()).collect(),
            by_id,
            by_name,
        }
    }

    /// All objects, in the order of the base.
    pub fn objects(&self) -> &'b [BaseObject] {
        self.objects
    }

    /// The object with this identity.
    pub fn get(&self, id: &ObjectId) -> Option<&'b BaseObject> {
        self.by_id.get(id).map(|&i| &self.objects[i])
    }

    /// The object with this identity as a generic tree.
    pub fn value(&self, id: &ObjectId) -> Option<&Value> {
        let at = *self.by_id.get(id)?;
        Some(self.values[at].get_or_init(|| self.objects[at].value()))
    }

    /// Objects of the same group and kind that have this name or had it before the base's own transformations, in any namespace.
    ///
    /// Kustomize matches patches against earlier names, too, so each of these can be hit by a patch for `id`.
    pub fn namesakes<'s>(&'s self, id: &'s ObjectId) -> impl Iterator<Item = &'b BaseObject> + 's {
        let key = (id.group(), id.kind.as_str(), id.name.as_str());
        self.by_name
            .get(&key)
            .into_iter()
            .flatten()
            .map(|&i| &self.objects[i])
    }

    /// Another object that a patch for `id` would hit as well.
    pub fn rival(&self, id: &ObjectId) -> Option<&'b BaseObject> {
        self.namesakes(id).find(|o| {
            o.id != *id
                && o.id.api_version == id.api_version
                && [&o.id, &o.written]
                    .iter()
                    .any(|known| effective_namespace(known) == effective_namespace(id))
        })
    }

    /// The object that stands where a new object with this identity would: same group, kind, namespace and name, in any version.
    pub fn occupant(&self, id: &ObjectId) -> Option<&'b BaseObject> {
        self.namesakes(id)
            .find(|o| o.id.name == id.name && effective_namespace(&o.id) == effective_namespace(id))
    }
}

/// The namespace that kustomize compares: objects without one count as members of `default`.
pub fn effective_namespace(id: &ObjectId) -> &str {
    id.namespace.as_deref().unwrap_or("default")
}
