//! Putting a staged folder in its place, and what follows a run that was killed.
//!
//! At every moment one of the two folders stands in the place, or, where the file system cannot exchange, the old one waits beside it for the next run.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::guard::Place;
use super::messages;
use crate::diag::Diagnostic;
use crate::world::{Disk, PathKind, World};

/// Ends the name of a folder that is being staged. It is fixed, so that the next run finds it.
pub(crate) const STAGE: &str = ".edgegen-new";
/// Ends the name of an old folder that was moved out of the way.
pub(crate) const ASIDE: &str = ".edgegen-old";

/// How a folder came to its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing stood there.
    Moved,
    /// Exchanged in one step; the old folder has the staging name.
    Exchanged,
    /// In two steps; the old folder has the aside name.
    Aside,
}

/// Cleans up after a killed run; tells whether the folder is there.
pub(crate) fn recover(place: &Place) -> Result<bool, Diagnostic> {
    let fail = |e: io::Error| {
        messages::failed(
            "clean up after a run that was stopped, beside",
            &place.given,
            &e,
        )
    };
    let mut there = place.found.dir;
    if place.found.aside {
        if there {
            fs::remove_dir_all(&place.aside).map_err(fail)?;
        } else {
            fs::rename(&place.aside, &place.dir).map_err(fail)?;
            there = true;
        }
    }
    if place.found.stage {
        fs::remove_dir_all(&place.stage).map_err(fail)?;
    }
    Ok(there)
}

/// Puts the staged folder in its place.
pub(crate) fn exchange(place: &Place, is_new: bool) -> Result<Step, Diagnostic> {
    let fail = |e: io::Error| messages::failed("replace the overlay folder", &place.given, &e);
    // A rename takes the place of an empty folder, and fails where one is that holds anything.
    if is_new || Disk.kind(&place.dir).map_err(fail)? == PathKind::Absent {
        fs::rename(&place.stage, &place.dir).map_err(fail)?;
        return Ok(Step::Moved);
    }
    if swap(&place.stage, &place.dir).map_err(fail)? {
        return Ok(Step::Exchanged);
    }
    fs::rename(&place.dir, &place.aside).map_err(fail)?;
    if let Err(e) = fs::rename(&place.stage, &place.dir) {
        let _ = fs::rename(&place.aside, &place.dir);
        return Err(fail(e));
    }
    Ok(Step::Aside)
}

/// Takes an exchange back, as far as the machine lets it; [`recover`] does the rest in the next run.
pub(crate) fn undo(place: &Place, step: Step) {
    match step {
        Step::Moved => {
            let _ = fs::rename(&place.dir, &place.stage);
        }
        Step::Exchanged => {
            let _ = swap(&place.stage, &place.dir);
        }
        Step::Aside => {
            if fs::rename(&place.dir, &place.stage).is_ok() {
                let _ = fs::rename(&place.aside, &place.dir);
            }
        }
    }
}

/// Removes what was staged.
pub(crate) fn discard(place: &Place) {
    let _ = fs::remove_dir_all(&place.stage);
}

/// Removes the old folder. A file that appeared in it since it was staged moves over first.
///
/// What cannot be removed is left to the next run: the overlay itself is complete.
pub(crate) fn finish(place: &Place, step: Step, known: &BTreeSet<String>) {
    let old = match step {
        Step::Moved => return,
        Step::Exchanged => &place.stage,
        Step::Aside => &place.aside,
    };
    if rescue(old, &place.dir, "", known).is_ok() {
        let _ = fs::remove_dir_all(old);
    }
}

fn rescue(old: &Path, new: &Path, inside: &str, known: &BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(old.join(inside))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = if inside.is_empty() {
            name.into_owned()
        } else {
            format!("{inside}/{name}")
        };
        if known.contains(&path) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            rescue(old, new, &path, known)?;
            continue;
        }
        let to = new.join(&path);
        if Disk.kind(&to)? == PathKind::Absent {
            if let Some(dir) = to.parent() {
                fs::create_dir_all(dir)?;
            }
            fs::rename(entry.path(), to)?;
        }
    }
    Ok(())
}

/// Exchanges two folders in one step; `false` where the file system cannot.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn swap(a: &Path, b: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Exchanges two folders in one step; this system cannot.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn swap(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}
