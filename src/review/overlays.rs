//! Overlays that are somewhere: in a folder, in a revision of a repository, or just compiled.
//!
//! They are told by the head of their kustomization, which says of which exposure and for which target they were written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compile::Output;
use crate::diag::{Code, Diagnostic};
use crate::out::{Tree, owned};
use crate::world::{PathKind, World, display};

/// The files of one exposure for one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Name of the exposure.
    pub exposure: String,
    /// Folder above it: environment or target.
    pub label: String,
    /// Id of the target.
    pub target: String,
    /// Its files.
    pub tree: Tree,
}

const UNREADABLE: Code = Code::builtin("EG4101");
const REVISION: Code = Code::builtin("EG4102");

/// Folders of overlays are not deeper than this below the folder that is given.
const DEEPEST: usize = 8;

/// The overlays of a run.
pub fn compiled(output: &Output) -> Vec<Overlay> {
    output
        .rendered()
        .map(|r| Overlay {
            exposure: r.exposure.clone(),
            label: r.label.clone(),
            target: r.target.clone(),
            tree: r.tree.clone(),
        })
        .collect()
}

/// Overlays of a run that are in its output folder with another text: as they are there, and as they would be.
pub fn changed(world: &dyn World, output: &Output, out: &Path) -> (Vec<Overlay>, Vec<Overlay>) {
    let rendered: Vec<_> = output.rendered().collect();
    let found = crate::parallel::map(&rendered, |r| {
        let folder = out.join(&r.label).join(&r.exposure);
        let mut tree = Tree::new();
        for (name, text) in &r.tree {
            // What is not there is no change of anything; what cannot be read is told by the writer.
            let bytes = world.read(&folder.join(name), owned::CAP).ok()?;
            if bytes != text.as_bytes() {
                tree.insert(name.clone(), String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        (!tree.is_empty()).then_some(tree)
    });
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (r, tree) in rendered.iter().zip(found) {
        let Some(tree) = tree else { continue };
        let overlay = |tree: Tree| Overlay {
            exposure: r.exposure.clone(),
            label: r.label.clone(),
            target: r.target.clone(),
            tree,
        };
        let mut fresh = r.tree.clone();
        fresh.retain(|name, _| tree.contains_key(name));
        before.push(overlay(tree));
        after.push(overlay(fresh));
    }
    (before, after)
}

/// The overlays below a folder.
pub fn in_folder(world: &dyn World, folder: &Path) -> Result<Vec<Overlay>, Diagnostic> {
    let mut files = BTreeMap::new();
    walk(world, folder, Path::new(""), 0, &mut files).map_err(|e| {
        Diagnostic::error(
            UNREADABLE,
            format!("cannot read the overlays in `{}`", display(folder)),
        )
        .note(e.to_string())
        .help("name a folder that `edgegen render` wrote")
    })?;
    Ok(found(&files))
}

fn walk(
    world: &dyn World,
    root: &Path,
    below: &Path,
    depth: usize,
    out: &mut BTreeMap<PathBuf, String>,
) -> std::io::Result<()> {
    for name in world.list(&root.join(below))? {
        let path = below.join(&name);
        let at = root.join(&path);
        match world.kind(&at)? {
            PathKind::Dir if depth < DEEPEST => walk(world, root, &path, depth + 1, out)?,
            PathKind::File if path.extension().is_some_and(|e| e == "yaml") => {
                let bytes = world.read(&at, owned::CAP)?;
                out.insert(path, String::from_utf8_lossy(&bytes).into_owned());
            }
            _ => {}
        }
    }
    Ok(())
}

/// The overlays below a folder as a revision of the repository has them; `git` is asked.
pub fn in_revision(revision: &str, folder: &Path) -> Result<Vec<Overlay>, Diagnostic> {
    let wrong = |note: String| {
        Diagnostic::error(
            REVISION,
            format!("cannot read the overlays of revision `{revision}`"),
        )
        .note(note)
        .help("name a revision that is in this clone: `git fetch origin main`, then `--base-rev origin/main`")
    };
    let git = |args: &[&str]| -> Result<Vec<u8>, Diagnostic> {
        let out = Command::new("git")
            .args(args)
            .output()
            .map_err(|e| wrong(format!("`git` does not run: {e}")))?;
        if out.status.success() {
            Ok(out.stdout)
        } else {
            Err(wrong(
                String::from_utf8_lossy(&out.stderr).trim().to_owned(),
            ))
        }
    };
    if revision.is_empty() || revision.starts_with('-') || revision.contains(':') {
        return Err(wrong("that is no name of a revision".to_owned()));
    }
    let place = display(folder);
    let commit = format!("{revision}^{{commit}}");
    git(&[
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &commit,
    ])?;
    let listed = git(&["ls-tree", "-r", "-z", "--name-only", revision, "--", &place])?;
    let mut files = BTreeMap::new();
    for name in String::from_utf8_lossy(&listed).split('\0') {
        let Some(below) = Path::new(name).strip_prefix(folder).ok().filter(|p| {
            p.extension().is_some_and(|e| e == "yaml") && p.components().count() <= DEEPEST
        }) else {
            continue;
        };
        let text = git(&["cat-file", "blob", &format!("{revision}:./{name}")])?;
        files.insert(
            below.to_path_buf(),
            String::from_utf8_lossy(&text).into_owned(),
        );
    }
    Ok(found(&files))
}

/// The overlays among files: folders with a kustomization that edgegen wrote.
fn found(files: &BTreeMap<PathBuf, String>) -> Vec<Overlay> {
    let mut out = Vec::new();
    for (path, text) in files {
        if path.file_name().is_none_or(|n| n != "kustomization.yaml") {
            continue;
        }
        let Some((exposure, target)) = written_for(text) else {
            continue;
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let above = folder.parent().and_then(|p| p.file_name());
        let mut tree = Tree::new();
        for name in owned::listed(text) {
            if let Some(file) = files.get(&folder.join(&name)) {
                tree.insert(name, file.clone());
            }
        }
        out.push(Overlay {
            label: above.map_or_else(|| target.clone(), |a| a.to_string_lossy().into_owned()),
            exposure,
            target,
            tree,
        });
    }
    out.sort_by(|a, b| (&a.label, &a.exposure).cmp(&(&b.label, &b.exposure)));
    out
}

/// Exposure and target in the first line of a kustomization.
fn written_for(text: &str) -> Option<(String, String)> {
    let line = text.lines().next()?;
    let rest = line.strip_prefix("# Written by edgegen from exposure ")?;
    let (exposure, rest) = rest.split_once(" for ")?;
    let target = rest.split(';').next()?;
    Some((exposure.to_owned(), target.to_owned()))
}
