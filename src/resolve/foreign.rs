//! Annotations of controllers other than the target's: what they mean, and that they go.
//!
//! A key that another controller owns does nothing on the target and says so to nobody; it is read, removed, or refused, but never left to be ignored.

use std::sync::Arc;

use serde_json::Value;

use super::Context;
use super::index::text;
use super::ingress::CLASS_ANNOTATION;
use super::merge::{merge, with};
use super::messages;
use crate::diag::Diagnostics;
use crate::model::duration::Duration;
use crate::model::edge::{At, ForeignKey, Generation};
use crate::model::name::Name;
use crate::model::object::BaseObject;
use crate::model::val::{Data, Val};
use crate::profile::dialect::{Dialect, Reading, ValueReading};
use crate::profile::keys::go_bool;
use crate::source::Span;
use crate::yaml::Node;

/// What the base itself says in fields of the vocabulary.
pub(crate) struct Readings {
    /// Fields of `spec` other than `backends`.
    pub(crate) spec: Arc<Val>,
    /// Entries in the manner of `backends`: for all, or for one Service.
    pub(crate) backends: Vec<(Option<String>, Arc<Val>)>,
    defaults: Arc<Val>,
}

impl Default for Readings {
    fn default() -> Self {
        let empty = Val::map::<Name>([]);
        Self {
            spec: empty.clone(),
            backends: Vec::new(),
            defaults: empty,
        }
    }
}

impl Readings {
    /// Notes a field. With a service, or below `backends`, it is one of a backend's fields.
    pub(crate) fn set(
        &mut self,
        service: Option<&str>,
        field: &str,
        value: Arc<Val>,
        diags: &mut Diagnostics,
    ) {
        let tree = match (service, field.strip_prefix("backends.")) {
            (None, None) => &mut self.spec,
            (_, below) => {
                let at = self
                    .backends
                    .iter()
                    .position(|(s, _)| s.as_deref() == service);
                let at = at.unwrap_or_else(|| {
                    self.backends
                        .push((service.map(str::to_owned), Val::map::<Name>([])));
                    self.backends.len() - 1
                });
                let (tree, field) = (&mut self.backends[at].1, below.unwrap_or(field));
                Self::put(tree, field, value, diags);
                return;
            }
        };
        Self::put(tree, field, value, diags);
    }

    fn put(tree: &mut Arc<Val>, field: &str, value: Arc<Val>, diags: &mut Diagnostics) {
        match tree.find(field) {
            Some(old) if old.data != value.data => {
                diags.push(messages::readings_differ(field, old, &value));
            }
            Some(_) => {}
            None => *tree = with(tree, field, value),
        }
    }

    /// Notes what a controller does without any annotation.
    fn set_default(&mut self, field: &str, value: Arc<Val>) {
        self.defaults = with(&self.defaults, field, value);
    }

    /// All fields of `spec` other than `backends`.
    pub(crate) fn tree(&self) -> Arc<Val> {
        merge(&self.defaults, &self.spec)
    }
}

/// What an object's keys are for.
pub(crate) struct Scope<'s> {
    /// How the object's own controller reads it.
    pub(crate) dialect: Option<&'s Dialect>,
    /// Services that its backend fields are for; all when absent.
    pub(crate) services: Option<&'s [String]>,
    /// The object stays in the result, so that the keys have to be removed.
    pub(crate) stays: bool,
    /// The object ends TLS, so that what its controller does then without annotations holds.
    pub(crate) tls: Option<Span>,
}

/// Reads the annotations of one object.
pub(crate) fn scan(
    cx: &Context<'_>,
    object: &BaseObject,
    scope: &Scope<'_>,
    readings: &mut Readings,
    out: &mut Vec<ForeignKey>,
    diags: &mut Diagnostics,
) {
    if let Some(d) = scope.dialect.filter(|d| d.profile != cx.target) {
        for (field, value) in &d.defaults {
            if !field.starts_with("tls.") || scope.tls.is_some() {
                readings.set_default(field, from_json(value, scope.tls));
            }
        }
    }
    let Some(annotations) = object.node().at(&["metadata", "annotations"]) else {
        return;
    };
    for (key_node, value) in annotations.entries() {
        let Some(key) = key_node.as_str() else {
            continue;
        };
        if !scope.stays && is_lost(key) && owner(cx, key, value, scope.dialect).is_none() {
            diags.push(messages::lost_with_carrier(
                key,
                key_node.span(),
                &object.id,
            ));
            continue;
        }
        let Some(owner) = owner(cx, key, value, scope.dialect) else {
            // The target's own keys stay. What they say in words of the vocabulary counts all the same: rules write whole sets of
            // keys, and would replace what the base says by their defaults.
            let own = scope
                .dialect
                .filter(|d| d.profile == cx.target && scope.stays);
            if let Some((d, Some(Reading::Field { .. }))) = own.map(|d| (d, d.keys.get(key))) {
                read_key(
                    d,
                    key,
                    (key_node, value),
                    annotations,
                    scope,
                    readings,
                    diags,
                );
            }
            continue;
        };
        let elsewhere = !owner.kinds.is_empty() && !owner.kinds.contains(&object.id.kind);
        if elsewhere {
            diags.push(messages::foreign_misplaced(
                key,
                key_node.span(),
                owner,
                &object.id.kind,
            ));
        }
        let fields = if elsewhere || key == CLASS_ANNOTATION {
            Vec::new()
        } else {
            read_key(
                owner,
                key,
                (key_node, value),
                annotations,
                scope,
                readings,
                diags,
            )
        };
        if scope.stays {
            out.push(ForeignKey {
                object: object.id.clone(),
                key: key.to_owned(),
                span: key_node.span(),
                dialect: owner.profile.clone(),
                fields,
            });
        }
    }
}

/// Whether a key that no controller's dialect has may mean something to somebody: tools' own records and classes do not.
fn is_lost(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(d, _)| d);
    key != CLASS_ANNOTATION
        && !domain.is_empty()
        && !domain.ends_with("kubectl.kubernetes.io")
        && !domain.ends_with("config.kubernetes.io")
}

/// The dialect that a key belongs to, unless it is the target's.
fn owner<'c>(
    cx: &Context<'c>,
    key: &str,
    value: Node<'_>,
    own: Option<&Dialect>,
) -> Option<&'c Dialect> {
    let has = |d: &Dialect| {
        if d.generation == Generation::Service && !cx.streams {
            return false;
        }
        if key == CLASS_ANNOTATION {
            value
                .as_str()
                .is_some_and(|v| d.class_annotations.iter().any(|c| c == v))
        } else {
            d.keys.contains_key(key) || d.prefixes.iter().any(|p| key.starts_with(p.as_str()))
        }
    };
    if cx.dialects.iter().any(|d| d.profile == cx.target && has(d)) {
        return None;
    }
    let mut owners = cx.dialects.iter().filter(|d| has(d));
    let first = owners.clone().next()?;
    Some(
        owners
            .clone()
            .find(|d| own.is_some_and(|o| o.profile == d.profile))
            .or_else(|| owners.find(|d| d.keys.contains_key(key)))
            .unwrap_or(first),
    )
}

fn read_key(
    owner: &Dialect,
    key: &str,
    (key_node, value): (Node<'_>, Node<'_>),
    siblings: Node<'_>,
    scope: &Scope<'_>,
    readings: &mut Readings,
    diags: &mut Diagnostics,
) -> Vec<String> {
    let Some(reading) = owner.keys.get(key) else {
        let known = crate::diag::similar::similar(key, owner.keys.keys().map(String::as_str))
            .first()
            .map(|s| (*s).to_owned());
        diags.push(messages::foreign_without_word(
            key,
            key_node.span(),
            &owner.profile,
            None,
            known,
        ));
        return Vec::new();
    };
    match reading {
        Reading::NoField(instead) => {
            diags.push(messages::foreign_without_word(
                key,
                key_node.span(),
                &owner.profile,
                Some(instead),
                None,
            ));
            Vec::new()
        }
        Reading::NoMeaning(_) => Vec::new(),
        Reading::RewriteTarget | Reading::RegexPaths => vec!["routes".to_owned()],
        Reading::Joint(joint) => {
            let Some(written) = text(value) else {
                return Vec::new();
            };
            let apart = joint.beside.as_ref().is_some_and(|(other, wanted)| {
                let there = siblings.get(other).and_then(Node::as_str);
                !there.is_some_and(|v| alike(v, wanted))
            });
            let other = joint
                .word
                .as_ref()
                .is_some_and(|w| !alike(w, &written.value));
            if apart || other {
                return Vec::new();
            }
            // A place in the text stands for one value: that of the annotation's own field, else the first of the others.
            let mut span = written.span.filter(|_| joint.own.is_none());
            for (field, value) in &joint.also {
                readings.set_default(field, from_json(value, span.take()));
            }
            let also = joint.also.iter().map(|(f, _)| f.clone());
            let mut fields: Vec<String> = also.collect();
            if let Some(Reading::Field { field, value: how }) = &joint.own {
                fields.extend(set_field(key, &written, field, how, scope, readings, diags));
            }
            fields
        }
        Reading::Field { field, value: how } => match text(value) {
            Some(written) => set_field(key, &written, field, how, scope, readings, diags),
            None => Vec::new(),
        },
    }
}

/// Whether two texts say the same, as words or as booleans.
fn alike(a: &str, b: &str) -> bool {
    a == b || (go_bool(a).is_some() && go_bool(a) == go_bool(b))
}

fn set_field(
    key: &str,
    written: &At<String>,
    field: &str,
    how: &ValueReading,
    scope: &Scope<'_>,
    readings: &mut Readings,
    diags: &mut Diagnostics,
) -> Vec<String> {
    match parse(written, how) {
        Err(expected) => {
            diags.push(messages::foreign_value(key, written, field, &expected));
            Vec::new()
        }
        Ok(val) => {
            match scope.services.filter(|_| field.starts_with("backends.")) {
                None => readings.set(None, field, val, diags),
                Some(services) => services
                    .iter()
                    .for_each(|s| readings.set(Some(s), field, val.clone(), diags)),
            }
            vec![field.to_owned()]
        }
    }
}

/// The value that an annotation's text stands for, or what it should have been.
fn parse(text: &At<String>, how: &ValueReading) -> Result<Arc<Val>, String> {
    let at = |data: Data| Val::at(data, text.span);
    let raw = text.value.as_str();
    match how {
        ValueReading::Text => Ok(at(Data::from(raw))),
        ValueReading::Boolean => go_bool(raw)
            .map(|b| at(b.into()))
            .ok_or_else(|| "`true` or `false`".to_owned()),
        ValueReading::Integer => raw
            .parse::<i64>()
            .map(|i| at(i.into()))
            .map_err(|_| "a whole number".to_owned()),
        ValueReading::Seconds => match raw.parse::<u32>() {
            Ok(n) if n < 100_000 => Ok(at(Data::from(format!("{n}s")))),
            Ok(n) => Ok(at(Data::from(Duration(u64::from(n) * 1000).to_string()))),
            Err(_) => Err("a whole number of seconds without a unit".to_owned()),
        },
        ValueReading::List => {
            let parts = raw
                .split(',')
                .map(str::trim)
                .filter(|p| !p.is_empty())
                .map(|p| at(Data::from(p)));
            Ok(at(Data::List(parts.collect())))
        }
        ValueReading::Words(table, fold) => {
            let hit = table.iter().find(|(word, _)| {
                if *fold {
                    word.eq_ignore_ascii_case(raw)
                } else {
                    *word == raw
                }
            });
            hit.map(|(_, value)| from_json(value, text.span))
                .ok_or_else(|| {
                    table
                        .keys()
                        .map(|w| format!("`{w}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                })
        }
    }
}

fn from_json(value: &Value, span: Option<Span>) -> Arc<Val> {
    let data = match value {
        Value::Null => Data::Null,
        Value::Bool(b) => Data::Bool(*b),
        Value::Number(n) => n
            .as_i64()
            .map_or_else(|| Data::Float(n.as_f64().unwrap_or_default()), Data::Int),
        Value::String(s) => Data::from(s.as_str()),
        Value::Array(a) => Data::List(a.iter().map(|v| from_json(v, span)).collect()),
        Value::Object(o) => Data::Map(
            o.iter()
                .map(|(k, v)| (Name::read(k), from_json(v, span)))
                .collect(),
        ),
    };
    Val::at(data, span)
}
