//! Where an overlay may be written.
//!
//! Every refusal happens here, for all folders of a run, before anything is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::tree::{Tree, is_inside};
use super::{exchange, messages};
use crate::diag::Diagnostic;
use crate::world::{Disk, PathKind, World};

/// One overlay folder with the names that its staging uses.
#[derive(Debug)]
pub(crate) struct Place<'t> {
    /// As the user wrote it; for messages.
    pub given: PathBuf,
    /// The folder, without links before its last name.
    pub dir: PathBuf,
    /// The folder that it lies in.
    pub parent: PathBuf,
    /// Where the new folder grows; after the exchange, the old one.
    pub stage: PathBuf,
    /// Where the old folder waits when the two cannot be exchanged in one step.
    pub aside: PathBuf,
    /// What goes into it.
    pub tree: &'t Tree,
}

/// Finds and checks the places of all folders.
pub(crate) fn places<'t>(
    folders: impl Iterator<Item = (&'t Path, &'t Tree)>,
    bases: &[PathBuf],
) -> Result<Vec<Place<'t>>, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut parents: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    let bases: BTreeMap<PathBuf, &PathBuf> = bases
        .iter()
        .map(|b| (std::fs::canonicalize(b).unwrap_or_else(|_| b.clone()), b))
        .collect();
    let mut taken: BTreeSet<PathBuf> = BTreeSet::new();
    let mut places = Vec::new();
    for (given, tree) in folders {
        let place = match place(given, tree, &mut parents) {
            Ok(place) => place,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        problems.extend(
            tree.keys()
                .filter(|p| !is_inside(p))
                .map(|p| messages::leads_out(given, p)),
        );
        let inside = place.dir.ancestors().find_map(|a| bases.get(a));
        let around = bases
            .range(place.dir.clone()..)
            .next()
            .filter(|(b, _)| b.starts_with(&place.dir))
            .map(|(_, b)| b);
        if let Some(base) = inside.or(around) {
            problems.push(messages::overlaps_base(given, base));
        }
        if !taken.insert(place.dir.clone()) {
            problems.push(messages::written_twice(given));
        }
        places.push(place);
    }
    for place in &places {
        if place.dir.ancestors().skip(1).any(|a| taken.contains(a)) {
            problems.push(messages::written_twice(&place.given));
        }
    }
    if problems.is_empty() {
        Ok(places)
    } else {
        Err(problems)
    }
}

fn place<'t>(
    given: &Path,
    tree: &'t Tree,
    parents: &mut BTreeMap<PathBuf, PathBuf>,
) -> Result<Place<'t>, Diagnostic> {
    let fail = |e: io::Error| messages::failed("write the overlay folder", given, &e);
    // A name such as `.` or `..` stands for a folder whose own name is needed to stage beside it.
    let dir = match given.components().next_back() {
        Some(Component::Normal(_)) => {
            let above = given
                .parent()
                .filter(|p| !p.as_os_str().is_empty())
                .unwrap_or(Path::new("."));
            if !parents.contains_key(above) {
                parents.insert(above.to_path_buf(), resolve(above, given)?);
            }
            parents[above].join(given.file_name().unwrap_or_default())
        }
        _ => resolve(given, given)?,
    };
    let what = match Disk.kind(&dir).map_err(fail)? {
        PathKind::Dir | PathKind::Absent => None,
        PathKind::File => Some("a file"),
        PathKind::Link => Some("a link"),
        PathKind::Other => Some("not a folder"),
    };
    if let Some(what) = what {
        return Err(messages::not_a_folder(given, what));
    }
    let (Some(parent), Some(name)) = (dir.parent(), dir.file_name().and_then(|n| n.to_str()))
    else {
        return Err(messages::not_a_folder(
            given,
            "a root or has a name that is not UTF-8",
        ));
    };
    Ok(Place {
        given: given.to_path_buf(),
        parent: parent.to_path_buf(),
        stage: parent.join(format!(".{name}{}", exchange::STAGE)),
        aside: parent.join(format!(".{name}{}", exchange::ASIDE)),
        dir,
        tree,
    })
}

/// The real path of a folder whose last names need not exist yet.
fn resolve(path: &Path, given: &Path) -> Result<PathBuf, Diagnostic> {
    let mut missing = Vec::new();
    let mut at = path;
    loop {
        let here = if at.as_os_str().is_empty() {
            Path::new(".")
        } else {
            at
        };
        match std::fs::canonicalize(here) {
            Ok(real) if !real.is_dir() => {
                return Err(messages::not_a_folder(given, "below a file"));
            }
            Ok(real) => return Ok(missing.iter().rev().fold(real, |p, name| p.join(name))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) if e.kind() == io::ErrorKind::NotADirectory => {
                return Err(messages::not_a_folder(given, "below a file"));
            }
            Err(e) => return Err(messages::failed("write the overlay folder", given, &e)),
        }
        // A dangling link would be made a folder somewhere else; a missing `..` cannot be told apart from one.
        match at.components().next_back() {
            Some(Component::Normal(name)) if Disk.kind(at).is_ok_and(|k| k == PathKind::Absent) => {
                missing.push(name);
            }
            _ => {
                return Err(messages::not_a_folder(
                    given,
                    "below a link that leads nowhere",
                ));
            }
        }
        at = at.parent().unwrap_or(Path::new(""));
    }
}
