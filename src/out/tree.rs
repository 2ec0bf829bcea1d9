//! Emitted files in memory.
//!
//! Every format ends in this one type, so that writing, verifying and comparing are the same for all of them.

use std::collections::BTreeMap;
use std::path::{Component, Path};

/// Text under each path, relative to the overlay's folder and with `/` between names.
pub type Tree = BTreeMap<String, String>;

/// Whether `path` names a file in or under the overlay's folder: relative, no `.` or `..`, no empty name.
pub fn is_inside(path: &str) -> bool {
    let plain = Path::new(path)
        .components()
        .all(|c| matches!(c, Component::Normal(_)));
    plain
        && !path.is_empty()
        && !path.ends_with('/')
        && !path.contains("//")
        && !path.contains("/./")
        && !path.contains(['\\', '\0'])
}
