//! Comparing a tree with the folder that it would be written to.
//!
//! The same comparison serves `verify` in a user's repository and the golden overlays of this one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::diag::{Code, Diagnostic};
use crate::out::Tree;
use crate::out::owned;
use crate::world::{PathKind, World, display};

/// How a folder differs from a tree; paths are relative to the folder and sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The folder as the user wrote it.
    pub dir: PathBuf,
    /// In the tree only.
    pub missing: Vec<String>,
    /// In the folder only, and edgegen's.
    pub extra: Vec<String>,
    /// In both, with a unified difference from the folder to the tree.
    pub changed: Vec<(String, String)>,
}

impl Report {
    /// Whether the folder is what the tree says.
    pub fn is_clean(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty() && self.changed.is_empty()
    }

    /// The report as text: a headline, missing and extra files, then the differences. Empty when there are none.
    pub fn render(&self) -> String {
        if self.is_clean() {
            return String::new();
        }
        let dir = display(&self.dir);
        let mut out = format!(
            "{dir} differs ({} changed, {} missing, {} extra)\n",
            self.changed.len(),
            self.missing.len(),
            self.extra.len()
        );
        for path in &self.missing {
            let _ = writeln!(out, "missing: {dir}/{path}");
        }
        for path in &self.extra {
            let _ = writeln!(out, "extra: {dir}/{path}");
        }
        for (_, diff) in &self.changed {
            out.push_str(diff);
        }
        out
    }
}

/// Compares `tree` with what stands in `dir`.
pub fn compare(world: &dyn World, dir: &Path, tree: &Tree) -> Result<Report, Diagnostic> {
    let unreadable = |path: &Path, e: std::io::Error| {
        Diagnostic::error(
            Code::builtin("EG4007"),
            format!("cannot read `{}` to verify it", display(path)),
        )
        .note(e.to_string())
    };
    let mut report = Report {
        dir: dir.to_path_buf(),
        ..Report::default()
    };
    for (path, text) in tree {
        let at = dir.join(path);
        if world.kind(&at).map_err(|e| unreadable(&at, e))? == PathKind::Absent {
            report.missing.push(path.clone());
            continue;
        }
        let found = world
            .read(&at, owned::CAP)
            .map_err(|e| unreadable(&at, e))?;
        if found != text.as_bytes() {
            report.changed.push((
                path.clone(),
                difference(&display(&at), &String::from_utf8_lossy(&found), text),
            ));
        }
    }
    for path in owned::owned(world, dir).map_err(|e| unreadable(dir, e))? {
        let at = dir.join(&path);
        if !tree.contains_key(&path)
            && world.kind(&at).map_err(|e| unreadable(&at, e))? != PathKind::Absent
        {
            report.extra.push(path);
        }
    }
    Ok(report)
}

/// A unified difference with three lines around each change.
fn difference(name: &str, found: &str, built: &str) -> String {
    TextDiff::from_lines(found, built)
        .unified_diff()
        .context_radius(3)
        .header(name, "built")
        .to_string()
}
