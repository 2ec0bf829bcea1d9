//! What one kustomization does to the objects below it: namespace, names, labels, annotations.
//!
//! In kustomize's order, so that a chain of kustomizations gives the same objects.

use super::fields::{self, Field};
use super::kustomization::{Labels, Settings};
use super::messages;
use super::object::{Object, report_duplicates};
use super::walk::{self, Make, Trouble};
use crate::diag::Diagnostics;

/// Applies all settings of one kustomization.
pub(crate) fn apply(settings: &Settings, objects: &mut [Object], diags: &mut Diagnostics) {
    if let Some(namespace) = &settings.namespace {
        for object in &mut *objects {
            let done = set_namespace(object, namespace);
            report(object, done, "namespace", diags);
        }
        report_duplicates(objects, diags);
    }
    if settings.renames() {
        for object in &mut *objects {
            let done = rename(object, &settings.prefix, &settings.suffix);
            report(object, done, "namePrefix", diags);
        }
    }
    for labels in &settings.labels {
        for object in &mut *objects {
            let done = add_labels(object, labels);
            report(object, done, "labels", diags);
        }
    }
    if !settings.annotations.is_empty() {
        for object in &mut *objects {
            let done = add(object, fields::ANNOTATIONS, &settings.annotations);
            report(object, done, "commonAnnotations", diags);
        }
    }
}

/// Turns a refusal into a finding at the object.
pub(crate) fn report(
    object: &Object,
    done: Result<(), Trouble>,
    what: &str,
    diags: &mut Diagnostics,
) {
    if let Err(trouble) = done {
        diags.push(messages::cannot_transform(
            &object.id,
            object.span(),
            what,
            &trouble,
        ));
    }
}

fn set_namespace(object: &mut Object, namespace: &str) -> Result<(), Trouble> {
    object.names.push(object.id.name.clone());
    let kind = object.id.kind.clone();
    if !object.is_cluster_scoped() {
        object.id.namespace = Some(namespace.to_owned());
        set_text(object, "metadata/namespace", namespace)?;
    }
    if kind == "RoleBinding" || kind == "ClusterRoleBinding" {
        object.change(|value| {
            walk::each(value, "subjects", Make::Nothing, &mut |subjects| {
                let mut changed = false;
                for subject in subjects.as_array_mut().into_iter().flatten() {
                    if subject.get("name").and_then(serde_json::Value::as_str) == Some("default") {
                        changed |= walk::put(subject, "namespace", namespace)?;
                    }
                }
                Ok(changed)
            })
        })?;
    }
    if kind == "Namespace" && object.id.api_version == "v1" {
        namespace.clone_into(&mut object.id.name);
        set_text(object, "metadata/name", namespace)?;
    }
    let (group, version) = (object.id.group().to_owned(), object.id.version().to_owned());
    for field in fields::NAMESPACE
        .iter()
        .filter(|f| f.on.matches(&group, &version, &kind))
    {
        let make = if field.create {
            Make::Text
        } else {
            Make::Nothing
        };
        object.change(|value| {
            walk::each(value, field.path, make, &mut |leaf| {
                walk::become_text(leaf, namespace)
            })
        })?;
    }
    Ok(())
}

fn set_text(object: &mut Object, path: &str, text: &str) -> Result<(), Trouble> {
    object.change(|value| {
        walk::each(value, path, Make::Text, &mut |leaf| {
            walk::become_text(leaf, text)
        })
    })
}

fn rename(object: &mut Object, prefix: &str, suffix: &str) -> Result<(), Trouble> {
    let (group, version) = (object.id.group(), object.id.version());
    if fields::KEEPS_NAME
        .iter()
        .any(|s| s.matches(group, version, &object.id.kind))
    {
        return Ok(());
    }
    if !prefix.is_empty() {
        object.names.push(object.id.name.clone());
        object.prefixes.push(prefix.to_owned());
        object.id.name.insert_str(0, prefix);
    }
    if !suffix.is_empty() {
        object.names.push(object.id.name.clone());
        object.suffixes.push(suffix.to_owned());
        object.id.name.push_str(suffix);
    }
    let name = object.id.name.clone();
    set_text(object, "metadata/name", &name)
}

fn add_labels(object: &mut Object, labels: &Labels) -> Result<(), Trouble> {
    add(object, fields::METADATA_LABELS, &labels.pairs)?;
    if labels.selectors || labels.templates {
        add(object, fields::TEMPLATE_LABELS, &labels.pairs)?;
    }
    if labels.selectors {
        add(object, fields::SELECTOR_LABELS, &labels.pairs)?;
    }
    Ok(())
}

fn add(object: &mut Object, table: &[Field], pairs: &[(String, String)]) -> Result<(), Trouble> {
    if pairs.is_empty() {
        return Ok(());
    }
    for field in table {
        if !field
            .on
            .matches(object.id.group(), object.id.version(), &object.id.kind)
        {
            continue;
        }
        let make = if field.create {
            Make::Map
        } else {
            Make::Nothing
        };
        object.change(|value| {
            walk::each(value, field.path, make, &mut |map| {
                let mut changed = false;
                for (key, text) in pairs {
                    changed |= walk::put(map, key, text)?;
                }
                Ok(changed)
            })
        })?;
    }
    Ok(())
}
