//! Building the new folder beside the old one.
//!
//! Unchanged files and files that edgegen does not own are hard links to the old ones: their content, times and identity stay.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::guard::Place;
use super::{Changes, messages, owned};
use crate::diag::Diagnostic;
use crate::world::{Disk, PathKind, World};

/// What staging found and did.
#[derive(Debug)]
pub(crate) struct Staged {
    /// Against the folder as it is now; nothing is staged where this is empty and the folder exists.
    pub changes: Changes,
    /// The folder does not exist yet.
    pub is_new: bool,
    /// Every path of the old folder that the new one has or that edgegen removes.
    pub known: BTreeSet<String>,
}

/// Compares the tree with the folder and stages the new folder where they differ.
pub(crate) fn stage(place: &Place, is_new: bool) -> Result<Staged, Diagnostic> {
    let fail = |e: io::Error| messages::failed("write the overlay folder", &place.given, &e);
    let (owned, manifest) = if is_new {
        (BTreeSet::new(), None)
    } else {
        owned::owned_and_manifest(&Disk, &place.dir).map_err(fail)?
    };
    let mut changes = Changes::default();
    let mut same = BTreeSet::new();
    for (path, text) in place.tree {
        if is_new || !check_place(place, path, &owned)? {
            changes.written.push(path.clone());
        } else if match &manifest {
            Some(bytes) if path == owned::MANIFEST => bytes == text.as_bytes(),
            _ => is_equal(&place.dir.join(path), text).map_err(fail)?,
        } {
            changes.unchanged += 1;
            same.insert(path.as_str());
        } else {
            changes.written.push(path.clone());
        }
    }
    for path in owned.iter().filter(|p| !place.tree.contains_key(*p)) {
        if matches!(
            Disk.kind(&place.dir.join(path)).map_err(fail)?,
            PathKind::File | PathKind::Link
        ) {
            changes.removed.push(path.clone());
        }
    }
    let mut known: BTreeSet<String> = place.tree.keys().cloned().chain(owned).collect();
    if is_new || !changes.is_empty() {
        build(place, is_new, &same, &mut known).map_err(fail)?;
    }
    Ok(Staged {
        changes,
        is_new,
        known,
    })
}

/// Whether a file of edgegen's stands at `path`; an error where something else does.
fn check_place(place: &Place, path: &str, owned: &BTreeSet<String>) -> Result<bool, Diagnostic> {
    let kind = |p: &str| {
        Disk.kind(&place.dir.join(p))
            .map_err(|e| messages::failed("look at", &place.dir.join(p), &e))
    };
    for (i, _) in path.match_indices('/') {
        match kind(&path[..i])? {
            PathKind::Dir => {}
            PathKind::Absent => return Ok(false),
            // A file of an earlier run may make room for a folder.
            PathKind::File if owned.contains(&path[..i]) => return Ok(false),
            _ => return Err(messages::in_the_way(&place.given, &path[..i])),
        }
    }
    match kind(path)? {
        PathKind::Absent => Ok(false),
        PathKind::File if owned.contains(path) => Ok(true),
        _ => Err(messages::in_the_way(&place.given, path)),
    }
}

fn is_equal(path: &Path, text: &str) -> io::Result<bool> {
    Ok(Disk.read(path, owned::CAP)? == text.as_bytes())
}

fn build(
    place: &Place,
    is_new: bool,
    same: &BTreeSet<&str>,
    known: &mut BTreeSet<String>,
) -> io::Result<()> {
    fs::create_dir(&place.stage)?;
    for (path, text) in place.tree {
        let to = place.stage.join(path);
        if path.contains('/')
            && let Some(dir) = to.parent()
        {
            fs::create_dir_all(dir)?;
        }
        if same.contains(path.as_str()) {
            link(&place.dir.join(path), &to)?;
        } else {
            fs::File::create_new(&to)?.write_all(text.as_bytes())?;
        }
    }
    if !is_new {
        carry(place, "", known)?;
        fs::set_permissions(&place.stage, fs::metadata(&place.dir)?.permissions())?;
    }
    Ok(())
}

/// Links what edgegen does not own, folder by folder.
fn carry(place: &Place, inside: &str, known: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(place.dir.join(inside))? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidFilename,
                format!("the name `{}` is not UTF-8", name.display()),
            ));
        };
        let path = if inside.is_empty() {
            name.to_owned()
        } else {
            format!("{inside}/{name}")
        };
        if known.contains(&path) {
            continue;
        }
        let to = place.stage.join(&path);
        if entry.file_type()?.is_dir() {
            // A folder that held nothing but stale files of edgegen's goes with them; an empty one was somebody's.
            let was_empty = fs::read_dir(entry.path())?.next().is_none();
            carry(place, &path, known)?;
            if was_empty {
                fs::create_dir_all(&to)?;
            }
            if to.exists() {
                fs::set_permissions(&to, entry.metadata()?.permissions())?;
            }
        } else {
            if let Some(dir) = to.parent() {
                fs::create_dir_all(dir)?;
            }
            link(&entry.path(), &to)?;
            known.insert(path);
        }
    }
    Ok(())
}

/// A second name for a file, or a copy where the file system has no second names.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(e) if can_copy(&e) && Disk.kind(from)? == PathKind::File => {
            fs::copy(from, to).map(|_| ())
        }
        result => result,
    }
}

fn can_copy(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported | io::ErrorKind::TooManyLinks
    )
}
