//! Checks before a patch is made: values that no patch may carry, names that no patch can hit alone.
//!
//! Each of them would come out of kustomize or a delivery tool as something else, mostly without a word.

use serde_json::{Map, Value};

use super::map::Changes;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::name::Name;
use crate::model::object::{BaseObject, ObjectId};
use crate::plan::index::BaseIndex;
use crate::plan::{Edit, Internal, show_path};

/// Largest integer that a JSON 6902 patch carries without loss: kustomize reads its values as floating point numbers.
const EXACT: u64 = 1 << 53;

/// Refuses edits whose values an overlay cannot carry, and edits that no lowering may make.
pub(super) fn edits(
    id: &ObjectId,
    edits: &[Edit],
    base: &Value,
    diags: &mut Diagnostics,
) -> Result<(), Internal> {
    for edit in edits {
        if edit.path.is_empty() {
            return Err(Internal::new::<&str>(
                id,
                &[],
                "an edit of the whole object",
            ));
        }
        let own = edit.path.iter().try_fold(base, |at, key| at.get(&**key));
        let Some(value) = super::super::apply::desired(edit) else {
            if names_the_object(edit) {
                return Err(Internal::new(
                    id,
                    &edit.path,
                    "an edit may not remove what names the object",
                ));
            }
            continue;
        };
        if names_the_object(edit) && !base.is_null() && own != Some(&*value) {
            return Err(Internal::new(
                id,
                &edit.path,
                "an edit may not change what names the object",
            ));
        }
        if is_note(&edit.path) && !holds_text_only(&edit.path, &value) {
            return Err(Internal::new(
                id,
                &edit.path,
                "labels and annotations hold text only",
            ));
        }
        if own == Some(&*value) {
            continue;
        }
        if !holds_dollar(edit, &value) {
            continue;
        }
        if edit.path.iter().any(|key| key.contains("${")) || substituted(&value, own) {
            diags.push(placed(
                edit,
                Diagnostic::error(
                    Code::builtin("EG3301"),
                    format!("`{}` of `{}` would hold `${{`", show_path(&edit.path), id.short()),
                )
                .note("delivery tools replace `${...}` in built manifests by variables, or by nothing")
                .help("write the value without `${`"),
            ));
        }
        if let Some(why) = edit
            .path
            .iter()
            .find_map(|key| unusable_key(key))
            .or_else(|| unusable(&value))
        {
            diags.push(placed(edit, unwritable(id, &edit.path, why)));
        }
    }
    Ok(())
}

/// The finding that a value cannot stand in an overlay.
pub(super) fn unwritable<S: AsRef<str>>(id: &ObjectId, path: &[S], why: &str) -> Diagnostic {
    let subject = if path.is_empty() {
        "a value".to_owned()
    } else {
        format!("`{}`", show_path(path))
    };
    Diagnostic::error(
        Code::builtin("EG3303"),
        format!(
            "{subject} of `{}` cannot be written into an overlay",
            id.short()
        ),
    )
    .note(why)
}

/// Refuses operations that repeat a number of the base which would lose digits.
pub(super) fn changes(
    found: &BaseObject,
    edits: &[Edit],
    changes: &Changes,
    diags: &mut Diagnostics,
) {
    let Some(op) = changes.ops.iter().find(|op| too_large(&op.value)) else {
        return;
    };
    let finding = unwritable(
        &found.id,
        &op.path,
        "a JSON 6902 patch keeps integers up to 9007199254740992 only",
    );
    let cause = edits.iter().find(|edit| {
        edit.path.len() <= op.path.len() && edit.path.iter().zip(&op.path).all(|(a, b)| **a == **b)
    });
    diags.push(match cause {
        Some(edit) if edit.origin.span.is_some() => placed(edit, finding),
        _ => finding.at(found.name_span(), "in this object"),
    });
}

/// Refuses an object in which any merge loses elements of a list.
pub(super) fn joined(found: &BaseObject, value: &Value, diags: &mut Diagnostics) {
    let Some(path) = super::joined::joined(&found.id, value) else {
        return;
    };
    let headline = format!(
        "`{}` of `{}` has two elements of one key",
        show_path(&path),
        found.id.short()
    );
    diags.push(
        Diagnostic::error(Code::builtin("EG3305"), headline)
            .at(found.name_span(), "the overlay changes this object")
            .note("kustomize keeps only one of the two in an object that a patch touches, whatever the patch is about")
            .help("keep one of the two elements in the base"),
    );
}

/// Refuses a patch that would hit two objects of the base.
pub(super) fn rival(id: &ObjectId, base: &BaseIndex<'_>, diags: &mut Diagnostics) {
    let (Some(found), Some(other)) = (base.get(id), base.rival(id)) else {
        return;
    };
    diags.push(
        Diagnostic::error(Code::builtin("EG3302"), format!("the name `{}` stands for two objects of the base", id.short()))
            .at(found.name_span(), "this object has the name after the base's own transformations")
            .because(other.name_span(), "this object has it, or had it before them")
            .note("kustomize matches patches against earlier names, too")
            .help("give one of the two objects another name, or change the base's namePrefix or nameSuffix"),
    );
}

/// Refuses a new object where the base has one.
pub(super) fn occupant(
    id: &ObjectId,
    edits: &[Edit],
    base: &BaseIndex<'_>,
    diags: &mut Diagnostics,
) {
    let Some(found) = base.occupant(id) else {
        return;
    };
    let mut finding = Diagnostic::error(
        Code::builtin("EG3304"),
        format!("the base already has `{id}`, which this target needs as an object of its own"),
    )
    .at(found.name_span(), "declared here");
    if let Some(span) = edits.iter().find_map(|edit| edit.origin.span) {
        finding = finding.because(span, "asks for the new object");
    }
    diags.push(finding.help("take the object out of the base, or give it another name"));
}

/// Checks that a new object is what its identity says.
pub(super) fn created(id: &ObjectId, value: &Value) -> Result<(), Internal> {
    let text = |path: &[&str]| {
        path.iter()
            .try_fold(value, |at, key| at.get(key))
            .and_then(Value::as_str)
    };
    let expected = [
        (&["apiVersion"][..], Some(id.api_version.as_str())),
        (&["kind"][..], Some(id.kind.as_str())),
        (&["metadata", "name"][..], Some(id.name.as_str())),
        (&["metadata", "namespace"][..], id.namespace.as_deref()),
    ];
    for (path, wanted) in expected {
        if text(path) != wanted {
            return Err(Internal::new(
                id,
                path,
                format!(
                    "a new object has {:?} here, its identity says {wanted:?}",
                    text(path)
                ),
            ));
        }
    }
    Ok(())
}

/// Whether anything in an edit could be a substitution, a directive or a field without a name: nearly never.
fn holds_dollar(edit: &Edit, value: &Value) -> bool {
    edit.path.iter().any(|key| is_odd(key)) || has_dollar(value)
}

fn is_odd(key: &str) -> bool {
    key.is_empty() || memchr::memchr(b'$', key.as_bytes()).is_some()
}

fn has_dollar(value: &Value) -> bool {
    match value {
        Value::String(text) => memchr::memchr(b'$', text.as_bytes()).is_some(),
        Value::Array(items) => items.iter().any(has_dollar),
        Value::Object(map) => map
            .iter()
            .any(|(key, item)| is_odd(key) || has_dollar(item)),
        _ => false,
    }
}

fn placed(edit: &Edit, finding: Diagnostic) -> Diagnostic {
    let finding = match edit.origin.span {
        Some(span) => finding.at(span, "comes from here"),
        None => finding,
    };
    finding.note(format!("set by `{}`", edit.origin.rule))
}

fn names_the_object(edit: &Edit) -> bool {
    let step = |at: usize| edit.path.get(at).map(|step| &**step);
    match (step(0), step(1)) {
        (Some("apiVersion" | "kind" | "metadata"), None) => true,
        (Some("metadata"), Some(field)) => matches!(field, "name" | "namespace"),
        _ => false,
    }
}

fn is_note(path: &[Name]) -> bool {
    matches!(path, [first, second, ..] if **first == *"metadata" && matches!(&**second, "annotations" | "labels"))
}

fn holds_text_only(path: &[Name], value: &Value) -> bool {
    match (path.len(), value) {
        (2, Value::Object(map)) => map.values().all(Value::is_string),
        (3, value) => value.is_string(),
        _ => false,
    }
}

/// Whether a text of `value` holds a substitution that the base itself does not have at this place.
fn substituted(value: &Value, own: Option<&Value>) -> bool {
    match value {
        Value::String(text) => text.contains("${") && !own.is_some_and(|own| has_text(own, text)),
        Value::Array(items) => items.iter().any(|item| substituted(item, own)),
        Value::Object(map) => map
            .iter()
            .any(|(key, item)| key.contains("${") || substituted(item, own)),
        _ => false,
    }
}

fn has_text(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Array(items) => items.iter().any(|item| has_text(item, text)),
        Value::Object(map) => map.values().any(|item| has_text(item, text)),
        _ => false,
    }
}

fn unusable(value: &Value) -> Option<&'static str> {
    match value {
        Value::Array(items) => items.iter().find_map(unusable),
        Value::Object(map) => unusable_map(map),
        _ => None,
    }
}

fn unusable_map(map: &Map<String, Value>) -> Option<&'static str> {
    map.iter()
        .find_map(|(key, value)| unusable_key(key).or_else(|| unusable(value)))
}

fn unusable_key(key: &str) -> Option<&'static str> {
    if key.is_empty() {
        return Some("kustomize loses fields with an empty name");
    }
    let directive = [
        "$patch",
        "$retainKeys",
        "$setElementOrder",
        "$deleteFromPrimitiveList",
    ];
    directive
        .iter()
        .any(|d| key.starts_with(d))
        .then_some("keys that start with `$` are directives of a strategic merge patch")
}

fn too_large(value: &Value) -> bool {
    match value {
        Value::Number(n) => n
            .as_i64()
            .map_or_else(|| n.is_u64(), |i| i.unsigned_abs() > EXACT),
        Value::Array(items) => items.iter().any(too_large),
        Value::Object(map) => map.values().any(too_large),
        _ => false,
    }
}
