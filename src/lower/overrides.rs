//! Raw keys that an exposure gives for one target: the escape hatch, held to the target's vocabulary.
//!
//! Each is reported as lock-in; none may contradict what a rule says from a neutral field.

use super::messages;
use super::run::Runner;
use crate::diag::Diagnostics;
use crate::model::name::Name;
use crate::model::object::ObjectId;
use crate::plan::{Action, Origin};
use crate::profile::keys::{Form, split_unescaped};

impl Runner<'_> {
    /// Adds the overrides for this target to the plan.
    pub(super) fn overrides(&mut self, diags: &mut Diagnostics) {
        let input = self.input;
        let Some(of) = input
            .exposure
            .spec
            .get("overrides")
            .and_then(|o| o.get(&input.profile.head.id))
        else {
            return;
        };
        let Some(kinds) = of.get("annotations") else {
            return;
        };
        for (kind, keys) in kinds.entries() {
            let objects = self.of_kind(kind);
            for (key, value) in keys.entries() {
                let (Some(text), span) = (value.as_str(), value.span) else {
                    continue;
                };
                let origin = Origin {
                    rule: Name::Fixed("edgegen/override"),
                    fields: vec![Name::Fixed("overrides")],
                    span,
                };
                if objects.is_empty() {
                    diags.push(messages::override_without_object(kind, span));
                }
                let joined = input
                    .profile
                    .key(key)
                    .is_some_and(|k| matches!(k.form, Form::Pairs | Form::List));
                for id in &objects {
                    if let Some(rule) = self.plan.annotation(id, key) {
                        diags.push(messages::override_of_rule(
                            key,
                            &rule.rule.clone(),
                            &rule.fields.clone(),
                            span,
                        ));
                    } else if joined {
                        for item in split_unescaped(text) {
                            self.plan.append(
                                id,
                                super::build::annotation_path(key),
                                item.trim().to_owned(),
                                origin.clone(),
                            );
                        }
                    } else {
                        let value = Action::Set(serde_json::Value::String(text.to_owned()));
                        self.plan.object(id).set(
                            id,
                            super::build::annotation_path(key),
                            value,
                            origin.clone(),
                            diags,
                        );
                    }
                }
                diags.push(messages::lock_in(&input.profile.head.id, key, span));
            }
        }
    }

    /// The carriers, routes or Services of the exposure that are of this kind.
    fn of_kind(&self, kind: &str) -> Vec<ObjectId> {
        let edge = self.input.edge;
        let carriers = edge.carriers.iter().map(|c| &c.id);
        let routes = edge.routes.iter().filter_map(|r| r.object.as_ref());
        let backends = edge.backends.iter().map(|b| &b.id);
        carriers
            .chain(routes)
            .chain(backends)
            .filter(|id| id.kind == kind)
            .cloned()
            .collect()
    }
}
