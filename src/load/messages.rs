//! The words of findings about files and documents as such.
//!
//! Findings about fields are in `vocab::messages`.

use crate::diag::{Code, Diagnostic};
use crate::model::edge::At;
use crate::yaml::Node;

const UNREADABLE: Code = Code::builtin("EG1301");
const FOREIGN: Code = Code::builtin("EG1302");
const HEAD: Code = Code::builtin("EG1303");
const NOTHING: Code = Code::builtin("EG1304");
const NO_BASE: Code = Code::builtin("EG1305");

pub(super) fn absent(path: &str) -> Diagnostic {
    Diagnostic::error(UNREADABLE, format!("there is no file or folder `{path}`"))
}

/// Something could not be read; the system's words are kept.
pub fn unreadable(path: &str, e: &std::io::Error) -> Diagnostic {
    Diagnostic::error(UNREADABLE, format!("`{path}` cannot be read")).note(e.to_string())
}

pub(super) fn foreign_document(root: Node<'_>) -> Diagnostic {
    let at = root.get("apiVersion").map_or(root.span(), Node::span);
    Diagnostic::error(FOREIGN, "the file holds an object that is not edgegen's")
        .at(at, format!("`{}` is expected here", super::API_VERSION))
        .help("name exposures and environments with `-f`; manifests belong into the base that `spec.base` names")
}

pub(super) fn unknown_version(root: Node<'_>) -> Diagnostic {
    let at = root.get("apiVersion").map_or(root.span(), Node::span);
    Diagnostic::error(HEAD, "this version of the API is not known")
        .at(at, "")
        .fix("the version is", at, super::API_VERSION)
}

pub(super) fn unknown_kind(root: Node<'_>) -> Diagnostic {
    let at = root.get("kind").map_or(root.span(), Node::span);
    Diagnostic::error(
        HEAD,
        "the kind is none of `Exposure`, `Environment` and `ChartMapping`",
    )
    .at(at, "")
}

pub(super) fn unknown_top(key: Node<'_>) -> Diagnostic {
    let name = key.as_str().unwrap_or_default();
    Diagnostic::error(HEAD, format!("a document has no field `{name}` here"))
        .at(key.span(), "unknown field")
}

pub(super) fn no_name(root: Node<'_>) -> Diagnostic {
    let at = root.get("metadata").map_or(root.span(), Node::span);
    Diagnostic::error(HEAD, "the document has no `metadata.name`").at(at, "a name is required here")
}

pub(super) fn bad_name(name: &At<String>) -> Diagnostic {
    let d = Diagnostic::error(HEAD, format!("`{}` is not a name", name.value));
    match name.span {
        Some(span) => d.at(
            span,
            "1 to 63 lower-case letters, digits and hyphens, no hyphen at the ends",
        ),
        None => d,
    }
}

pub(super) fn no_base(root: Node<'_>) -> Diagnostic {
    let at = root.get("spec").map_or(root.span(), Node::span);
    Diagnostic::error(NO_BASE, "the exposure names no base")
        .at(at, "`base` is required here")
        .help("write the folder of the manifests, relative to this file: `base: ./base`; `-` is a stream on standard input")
}

/// No exposure was found at all.
pub fn nothing(paths: &[String]) -> Diagnostic {
    Diagnostic::error(
        NOTHING,
        format!("there is no exposure in {}", paths.join(", ")),
    )
    .help("`edgegen init BASE` writes a first one")
}
