//! What edgegen says about reading a base.
//!
//! The words of one area stand together, so that they stay alike.

use std::io;

use crate::diag::{Code, Diagnostic};
use crate::model::object::ObjectId;
use crate::source::Span;

fn error(code: &'static str, headline: String, at: Option<Span>, label: &str) -> Diagnostic {
    let problem = Diagnostic::error(Code::builtin(code), headline);
    match at {
        Some(span) => problem.at(span, label),
        None => problem,
    }
}

/// The way out of everything that edgegen does not build itself.
fn pipe(dir: &str) -> String {
    format!("build the base first: `kustomize build {dir} | edgegen render ...` with `base: \"-\"`")
}

/// EG1101: nothing there, or the machine refuses to read it.
pub(crate) fn unreadable(name: &str, at: Option<Span>, error_: &io::Error) -> Diagnostic {
    let why = match error_.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        _ => error_.to_string(),
    };
    error(
        "EG1101",
        format!("cannot read base `{name}`"),
        at,
        "named here",
    )
    .note(why)
}

/// EG1102: over the limit.
pub(crate) fn too_large(name: &str, at: Option<Span>, limit: u64) -> Diagnostic {
    error(
        "EG1102",
        format!("base file `{name}` is larger than {} MiB", limit >> 20),
        at,
        "named here",
    )
    .note(format!("the limit is {} MiB for one file", limit >> 20))
    .help("split the file, or leave out what the exposure does not need")
}

/// EG1103: a name that is not text.
pub(crate) fn name_not_text(dir: &str, name: &str) -> Diagnostic {
    error(
        "EG1103",
        format!("a file name in base `{dir}` is not UTF-8: `{name}`"),
        None,
        "",
    )
    .help("rename the file")
}

/// EG1104: a field of a kustomization that edgegen does not follow.
pub(crate) fn unsupported_field(at: Span, field: &str, dir: &str) -> Diagnostic {
    let problem = error(
        "EG1104",
        format!("kustomization field `{field}` is not read by edgegen"),
        Some(at),
        "not read",
    );
    match field {
        "bases" => problem.note("kustomize deprecates `bases`").help("list the folders under `resources`"),
        _ => problem
            .note("read are `resources`, `namespace`, `namePrefix`, `nameSuffix`, `labels`, `commonLabels` and `commonAnnotations`")
            .help(pipe(dir)),
    }
}

/// EG1105: a value of the wrong type in a kustomization.
pub(crate) fn wrong_type(at: Span, field: &str, expected: &str, found: &str) -> Diagnostic {
    error(
        "EG1105",
        format!("`{field}` is {found}, not {expected}"),
        Some(at),
        &format!("{expected} is expected"),
    )
}

/// EG1105: `apiVersion` or `kind` of a kustomization.
pub(crate) fn wrong_header(at: Span, field: &str, expected: &str, found: &str) -> Diagnostic {
    error(
        "EG1105",
        format!("`{field}` of a kustomization is `{expected}`, not `{found}`"),
        Some(at),
        "not a kustomization of the base",
    )
    .fix(format!("write `{expected}`"), at, expected)
}

/// EG1105: a kustomization file with no document or with several.
pub(crate) fn not_one_document(at: Span, name: &str, count: usize) -> Diagnostic {
    error(
        "EG1105",
        format!("`{name}` has {count} documents, not one"),
        Some(at),
        "one document is expected",
    )
}

/// EG1105: several kustomization files in one folder.
pub(crate) fn several_kustomizations(dir: &str, names: &[&str], at: Option<Span>) -> Diagnostic {
    error(
        "EG1105",
        format!("folder `{dir}` has several kustomization files"),
        at,
        "named here",
    )
    .note(format!("found: {}", names.join(", ")))
    .help("keep one of them")
}

/// EG1106: a resource that is not there.
pub(crate) fn resource_missing(at: Span, name: &str) -> Diagnostic {
    error(
        "EG1106",
        format!("resource `{name}` does not exist"),
        Some(at),
        "no such file or folder",
    )
}

/// EG1106: a folder under `resources` that has no kustomization.
pub(crate) fn folder_without_kustomization(at: Span, name: &str) -> Diagnostic {
    error(
        "EG1106",
        format!("resource folder `{name}` has no `kustomization.yaml`"),
        Some(at),
        "a folder is named here",
    )
    .help("list the files of the folder, or give it a `kustomization.yaml`")
}

/// EG1107: a path that leaves the folder of its kustomization.
pub(crate) fn outside(at: Option<Span>, name: &str, why: &str) -> Diagnostic {
    error("EG1107", format!("`{name}` lies outside the folder of its kustomization"), at, why)
        .note("kustomize loads a file only from the folder of the kustomization that lists it, or from below")
        .help("move the file, or list a folder that has its own `kustomization.yaml`")
}

/// EG1108: a kustomization that includes itself.
pub(crate) fn cycle(at: Span, name: &str) -> Diagnostic {
    error(
        "EG1108",
        format!("resource `{name}` leads back to a kustomization that includes it"),
        Some(at),
        "the circle closes here",
    )
}

/// EG1109: one path twice.
pub(crate) fn listed_twice(at: Span, first: Span, name: &str) -> Diagnostic {
    error(
        "EG1109",
        format!("resource `{name}` is listed twice"),
        Some(at),
        "listed again",
    )
    .because(first, "listed first")
}

/// EG1110: one identity twice.
pub(crate) fn duplicate_object(id: &ObjectId, at: Span, first: Span) -> Diagnostic {
    error(
        "EG1110",
        format!("object `{id}` is in the base twice"),
        Some(at),
        "defined again",
    )
    .because(first, "defined first")
}

/// EG1111: a field without which nothing is an object.
pub(crate) fn field_missing(at: Span, field: &str) -> Diagnostic {
    error(
        "EG1111",
        format!("object without `{field}`"),
        Some(at),
        &format!("`{field}` is required"),
    )
}

/// EG1111: such a field that is not text.
pub(crate) fn field_not_text(at: Span, field: &str, found: &str) -> Diagnostic {
    let found = if found == "a string" { "empty" } else { found };
    error(
        "EG1111",
        format!("`{field}` of an object is {found}"),
        Some(at),
        "a string that is not empty is expected",
    )
}

/// EG1111: a document or item that is not a map.
pub(crate) fn not_an_object(at: Span, found: &str) -> Diagnostic {
    error(
        "EG1111",
        format!("a base document is {found}, not an object"),
        Some(at),
        "an object is expected",
    )
}

/// EG1112: nothing to work on.
pub(crate) fn empty(name: &str, at: Option<Span>) -> Diagnostic {
    error(
        "EG1112",
        format!("base `{name}` has no objects"),
        at,
        "named here",
    )
}

/// EG1113: a list as an item of a list.
pub(crate) fn nested_list(at: Span) -> Diagnostic {
    error(
        "EG1113",
        "a `List` is an item of a `List`".to_owned(),
        Some(at),
        "this item is a list",
    )
    .help("write its items into the outer list")
}

/// EG1113: `items` of a list.
pub(crate) fn items_not_a_list(at: Span, found: &str) -> Diagnostic {
    error(
        "EG1113",
        format!("`items` of a `List` is {found}"),
        Some(at),
        "a list is expected",
    )
}

/// EG1114: a base file that is not as it was read.
pub(crate) fn changed(name: &str) -> Diagnostic {
    error("EG1114", format!("base file `{name}` changed during the run"), None, "")
        .note("edgegen only reads the base: another program wrote to it, and the overlay would fit neither state")
        .help("run edgegen again")
}

/// EG1115: an object that kustomize would refuse to transform.
pub(crate) fn cannot_transform(id: &ObjectId, at: Span, what: &str, trouble: &str) -> Diagnostic {
    error(
        "EG1115",
        format!("`{what}` cannot be applied to `{id}`"),
        Some(at),
        "this object",
    )
    .note(trouble)
}

/// EG1116: a resource that is not on this machine.
pub(crate) fn remote(at: Span, name: &str, dir: &str) -> Diagnostic {
    error(
        "EG1116",
        format!("resource `{name}` is remote"),
        Some(at),
        "not a path",
    )
    .note("edgegen works offline")
    .help(pipe(dir))
}
