//! The kustomize overlay: one kustomization with inline patches, and one file for new objects.
//!
//! Few files on purpose: at a thousand exposures the number of files, not their size, decides how long a run takes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::diag::Diagnostic;
use crate::model::object::ObjectId;
use crate::plan::index::BaseIndex;
use crate::plan::patch::{Json6902, Op, Patches, deletion};
use crate::plan::{Action, Edit, ObjectPlan, Plan, show_path};
use crate::yaml::write::{Order, Unwritable, to_yaml, write, write_into};

/// The file that kustomize starts from.
pub const KUSTOMIZATION: &str = "kustomization.yaml";
/// The file of new objects; absent when there are none.
pub const RESOURCES: &str = "resources.yaml";

/// What an overlay is written from.
#[derive(Debug, Clone, Copy)]
pub struct OverlayInput<'a> {
    /// Name of the exposure, for the head of the file.
    pub exposure: &'a str,
    /// Name of the target, for the head of the file.
    pub target: &'a str,
    /// Path of the base, relative to the overlay's folder.
    pub base_path: &'a str,
    /// The patches.
    pub patches: &'a Patches,
    /// The plan that they come from; tells who set a value that cannot be written.
    pub plan: &'a Plan,
    /// The base that they were planned for.
    pub base: &'a BaseIndex<'a>,
}

/// Writes an overlay: file name to text.
pub fn overlay(input: &OverlayInput<'_>) -> Result<BTreeMap<String, String>, Box<Diagnostic>> {
    let mut files = BTreeMap::new();
    let created = &input.patches.created;
    if !created.is_empty() {
        let written = write(created.iter().map(|c| &c.value), Order::Canonical)
            .map_err(|why| blame(input, None, &why))?;
        files.insert(RESOURCES.to_owned(), written.text);
    }
    files.insert(KUSTOMIZATION.to_owned(), kustomization(input)?);
    Ok(files)
}

fn kustomization(input: &OverlayInput<'_>) -> Result<String, Box<Diagnostic>> {
    let new = !input.patches.created.is_empty();
    let mut out = head(input.exposure, input.target, KUSTOMIZATION);
    let mut resources = vec![input.base_path];
    if new {
        out.extend(["# edgegen:owns ", RESOURCES, "\n"]);
        resources.push(RESOURCES);
    }
    let head = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    });
    out.push_str(&to_yaml(&head).map_err(|why| blame(input, None, &why))?);

    let (merges, json, deletes) = (
        &input.patches.merges,
        &input.patches.json,
        &input.patches.deletes,
    );
    if merges.is_empty() && json.is_empty() && deletes.is_empty() {
        return Ok(out);
    }
    out.push_str("patches:\n");
    let operations: BTreeMap<&ObjectId, &Json6902> = json.iter().map(|p| (&p.id, p)).collect();
    for patch in merges {
        inline(&mut out, &patch.document(), Order::Canonical)
            .map_err(|why| blame(input, Some(&patch.id), &why))?;
        if let Some(patch) = operations.get(&patch.id) {
            operated(&mut out, patch).map_err(|why| blame(input, Some(&patch.id), &why))?;
        }
    }
    for id in deletes {
        inline(&mut out, &deletion(id), Order::AsIs).map_err(|why| blame(input, Some(id), &why))?;
    }
    Ok(out)
}

/// The comment at the head of what is written: where it comes from, and that `file` is edgegen's.
pub fn head(exposure: &str, target: &str, file: &str) -> String {
    format!(
        "# Written by edgegen from exposure {} for {}; edit the exposure, not this file.\n# edgegen:owns {file}\n",
        one_line(exposure),
        one_line(target),
    )
}

fn operated(out: &mut String, patch: &Json6902) -> Result<(), Unwritable> {
    inline(
        out,
        &patch.ops.iter().map(Op::document).collect(),
        Order::AsIs,
    )?;
    let target = &patch.target;
    let mut fields = serde_json::Map::new();
    if !target.group.is_empty() {
        fields.insert("group".to_owned(), target.group.as_str().into());
    }
    fields.insert("version".to_owned(), target.version.as_str().into());
    fields.insert("kind".to_owned(), target.kind.as_str().into());
    fields.insert("name".to_owned(), target.name.as_str().into());
    if let Some(namespace) = &target.namespace {
        fields.insert("namespace".to_owned(), namespace.as_str().into());
    }
    write_into(out, &json!({ "target": fields }), Order::AsIs, 2).map(|_| ())
}

/// An entry of `patches` with its text as a block.
fn inline(out: &mut String, patch: &Value, order: Order) -> Result<(), Unwritable> {
    out.push_str("- patch: |\n");
    if write_into(out, patch, order, 4)? {
        // Kustomize trims the text of a patch; without this line a value at its end would lose its line breaks.
        out.push_str("    # end\n");
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The finding for a value that the writer refuses, at the edit that set it or at the object that has it.
fn blame(input: &OverlayInput<'_>, id: Option<&ObjectId>, why: &Unwritable) -> Box<Diagnostic> {
    let objects = input
        .plan
        .objects
        .iter()
        .filter(|(other, _)| id.is_none_or(|id| id == *other));
    for (object, plan) in objects {
        let (ObjectPlan::Patch(edits) | ObjectPlan::Create(edits)) = plan else {
            continue;
        };
        if let Some(edit) = edits.iter().find(|edit| refused(edit)) {
            let finding = unwritable(
                &format!("`{}` of `{}`", show_path(&edit.path), object.short()),
                &why.reason,
            )
            .note(format!("set by `{}`", edit.origin.rule));
            return Box::new(match edit.origin.span {
                Some(span) => finding.at(span, "comes from here"),
                None => finding,
            });
        }
    }
    let subject = id.map_or_else(
        || format!("`{}`", why.path),
        |id| format!("a value of `{}`", id.short()),
    );
    let finding = unwritable(&subject, &why.reason);
    Box::new(match id.and_then(|id| input.base.get(id)) {
        Some(found) => finding.at(found.name_span(), "in this object"),
        None => finding,
    })
}

fn unwritable(subject: &str, reason: &str) -> Diagnostic {
    Diagnostic::error(
        super::UNWRITABLE,
        format!("{subject} cannot be written into an overlay"),
    )
    .note(reason)
}

fn refused(edit: &Edit) -> bool {
    let path = edit
        .path
        .iter()
        .any(|key| to_yaml(&json!({ &**key: null })).is_err());
    path || matches!(&edit.action, Action::Set(value) if to_yaml(value).is_err())
}
