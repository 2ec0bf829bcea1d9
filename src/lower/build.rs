//! The plan while it is being made: fields by object, with who wants them.
//!
//! Two rules may want the same; two that want different things are a conflict that names both.

use std::collections::{BTreeMap, btree_map};

use serde_json::Value;

use super::messages;
use crate::diag::Diagnostics;
use crate::model::name::Name;
use crate::model::object::ObjectId;
use crate::plan::{Action, Edit, ObjectPlan, Origin, Path, Plan};
use crate::profile::Profile;
use crate::profile::keys::{Form, split_unescaped};

/// Why a key of another controller is removed.
pub(super) const FOREIGN_KEY: &str = "edgegen/foreign-key";

/// A plan in the making.
#[derive(Debug, Default)]
pub(super) struct Builder {
    objects: BTreeMap<ObjectId, Building>,
    omitted: BTreeMap<ObjectId, Origin>,
}

/// What is wanted of one object.
#[derive(Debug, Default)]
pub(super) struct Building {
    /// The rule that made it with `create`: the base must not have the object.
    created_by: Option<Name>,
    /// Boxed, because what a tree holds is moved whenever something comes before it.
    set: BTreeMap<Path, Box<(Action, Origin)>>,
    items: BTreeMap<Path, Vec<(String, Origin)>>,
}

impl Building {
    /// Wants a field to have a value, or to be absent.
    pub(super) fn set(
        &mut self,
        id: &ObjectId,
        path: Path,
        action: Action,
        origin: Origin,
        diags: &mut Diagnostics,
    ) {
        let mut found = match self.set.entry(path) {
            btree_map::Entry::Vacant(place) => {
                place.insert(Box::new((action, origin)));
                return;
            }
            btree_map::Entry::Occupied(found) => found,
        };
        if found.get().0 == action {
            let from = &mut found.get_mut().1;
            from.fields.extend(origin.fields);
            from.fields.sort();
            from.fields.dedup();
            from.span = from.span.or(origin.span);
            return;
        }
        match &**found.get() {
            // A key that two controllers share (the class annotation) is removed as the other's and set as the target's own.
            (Action::Remove, from) if from.rule == *FOREIGN_KEY => {
                found.insert(Box::new((action, origin)));
            }
            (_, from) => diags.push(messages::conflict(id, found.key(), from, &origin)),
        }
    }
}

impl Builder {
    /// What is wanted of an object; the identity is copied only the first time.
    pub(super) fn object(&mut self, id: &ObjectId) -> &mut Building {
        if !self.objects.contains_key(id) {
            self.objects.insert(id.clone(), Building::default());
        }
        self.objects
            .get_mut(id)
            .expect("an object is there once it was inserted")
    }

    /// Adds an item to a joined list.
    pub(super) fn append(&mut self, id: &ObjectId, path: Path, item: String, origin: Origin) {
        self.object(id)
            .items
            .entry(path)
            .or_default()
            .push((item, origin));
    }

    /// Says that an object must be new.
    pub(super) fn created(&mut self, id: &ObjectId, rule: &Name, diags: &mut Diagnostics) {
        let building = self.object(id);
        if let Some(other) = building.created_by.as_ref().filter(|o| *o != rule) {
            diags.push(messages::created_twice(id, other, rule));
        }
        building.created_by = Some(rule.clone());
    }

    /// Leaves an object of the base out.
    pub(super) fn omit(&mut self, id: ObjectId, origin: Origin) {
        self.omitted.entry(id).or_insert(origin);
    }

    /// Whether an object of the base is left out.
    pub(super) fn omits(&self, id: &ObjectId) -> bool {
        self.omitted.contains_key(id)
    }

    /// All annotations that are to be set: object, key, value, origin.
    pub(super) fn annotations(&self) -> impl Iterator<Item = (&ObjectId, &str, &str, &Origin)> {
        self.objects.iter().flat_map(|(id, b)| {
            b.set.iter().filter_map(move |(path, wanted)| {
                let (action, origin) = &**wanted;
                match (path.as_slice(), action) {
                    ([m, a, key], Action::Set(Value::String(v)))
                        if *m == *"metadata" && *a == *"annotations" =>
                    {
                        Some((id, &**key, v.as_str(), origin))
                    }
                    _ => None,
                }
            })
        })
    }

    /// The annotation that an object is to have, where something says so.
    pub(super) fn wanted(&self, id: &ObjectId, key: &str) -> Option<(&Action, &Origin)> {
        let wanted = self.objects.get(id)?.set.get(&annotation_path(key))?;
        Some((&wanted.0, &wanted.1))
    }

    /// The annotation that a rule already set on an object.
    pub(super) fn annotation(&self, id: &ObjectId, key: &str) -> Option<&Origin> {
        let path = annotation_path(key);
        self.objects.get(id)?.set.get(&path).map(|wanted| &wanted.1)
    }

    /// Joins the lists: sorted, without doubles; items of the base's own value stay unless a pair of the same key replaces them.
    pub(super) fn join(
        &mut self,
        profile: &Profile,
        base_value: impl Fn(&ObjectId, &Path) -> Option<String>,
        diags: &mut Diagnostics,
    ) {
        for (id, building) in &mut self.objects {
            for (path, items) in std::mem::take(&mut building.items) {
                let pairs = path
                    .last()
                    .and_then(|k| profile.key(k))
                    .is_some_and(|k| matches!(k.form, Form::Pairs));
                let key_of = |item: &str| {
                    if pairs {
                        item.split('=').next().unwrap_or(item).to_owned()
                    } else {
                        item.to_owned()
                    }
                };
                let mut out: BTreeMap<String, (String, Origin)> = BTreeMap::new();
                for (item, origin) in items {
                    match out.get(&key_of(&item)) {
                        Some((old, from)) if *old != item => {
                            diags.push(messages::conflict(id, &path, from, &origin));
                        }
                        _ => {
                            out.insert(key_of(&item), (item, origin));
                        }
                    }
                }
                let Some(origin) = out.values().map(|(_, o)| o.clone()).reduce(merge_origins)
                else {
                    continue;
                };
                for kept in base_value(id, &path)
                    .iter()
                    .flat_map(|v| split_unescaped(v))
                    .map(str::trim)
                    .filter(|p| !p.is_empty())
                {
                    out.entry(key_of(kept))
                        .or_insert_with(|| (kept.to_owned(), origin.clone()));
                }
                let text = out
                    .values()
                    .map(|(i, _)| i.as_str())
                    .collect::<Vec<_>>()
                    .join(",");
                building
                    .set
                    .insert(path, Box::new((Action::Set(Value::String(text)), origin)));
            }
        }
    }

    /// The plan. Objects that the base has are patched, others made.
    pub(super) fn finish(
        self,
        exists: impl Fn(&ObjectId) -> bool,
        diags: &mut Diagnostics,
    ) -> Plan {
        let mut plan = Plan::default();
        for (id, building) in self.objects {
            if self.omitted.contains_key(&id) {
                continue;
            }
            let edits: Vec<Edit> = building
                .set
                .into_iter()
                .map(|(path, wanted)| {
                    let (action, origin) = *wanted;
                    Edit {
                        path,
                        action,
                        origin,
                    }
                })
                .collect();
            for pair in edits.windows(2) {
                if pair[1].path.starts_with(&pair[0].path) {
                    diags.push(messages::conflict(
                        &id,
                        &pair[1].path,
                        &pair[0].origin,
                        &pair[1].origin,
                    ));
                }
            }
            let there = exists(&id);
            if let (true, Some(rule)) = (there, &building.created_by) {
                diags.push(messages::already_in_base(&id, rule));
            }
            if there {
                plan.objects.insert(id, ObjectPlan::Patch(edits));
            } else {
                let edits = edits
                    .into_iter()
                    .filter(|e| matches!(e.action, Action::Set(_)))
                    .collect();
                plan.objects.insert(id, ObjectPlan::Create(edits));
            }
        }
        plan.objects.extend(
            self.omitted
                .into_iter()
                .map(|(id, o)| (id, ObjectPlan::Omit(o))),
        );
        plan
    }
}

/// Path of an annotation.
pub(super) fn annotation_path(key: &str) -> Path {
    vec![
        Name::Fixed("metadata"),
        Name::Fixed("annotations"),
        Name::read(key),
    ]
}

fn merge_origins(mut a: Origin, b: Origin) -> Origin {
    let mut rules: Vec<&str> = a.rule.split(", ").chain([&*b.rule]).collect();
    rules.sort_unstable();
    rules.dedup();
    a.rule = rules.join(", ").into();
    a.fields.extend(b.fields);
    a.fields.sort();
    a.fields.dedup();
    a.span = a.span.or(b.span);
    a
}
