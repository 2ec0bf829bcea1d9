//! Where an overlay may be written.
//!
//! Every refusal happens here, for all folders of a run, before anything is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::ops::Bound;
use std::path::{Component, Path, PathBuf};

use super::tree::{Tree, is_inside};
use super::{exchange, messages};
use crate::diag::Diagnostic;
use crate::world::{Disk, PathKind, Reals, World};

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
    /// What stood there when the run had the lock; see [`look`].
    pub found: Found,
}

/// What stands at the names of a place.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found {
    /// The folder.
    pub dir: bool,
    /// What a killed run staged.
    pub stage: bool,
    /// What a killed run moved out of the way.
    pub aside: bool,
}

/// From so many overlays on, the folder that they lie in is listed, which is cheaper than asking for each name.
const MANY: usize = 16;

/// Finds what stands at the names of all places.
pub(crate) fn look(places: &mut [Place]) -> Result<(), Diagnostic> {
    let mut lists: BTreeMap<OsString, BTreeSet<OsString>> = BTreeMap::new();
    let many = places.len() >= MANY;
    for place in places {
        let fail = |e: io::Error| messages::failed("write the overlay folder", &place.given, &e);
        if !many {
            let there = |p: &Path| Disk.kind(p).map(|k| k != PathKind::Absent).map_err(fail);
            place.found = Found {
                dir: there(&place.dir)?,
                stage: there(&place.stage)?,
                aside: there(&place.aside)?,
            };
            continue;
        }
        let parent = place.parent.as_os_str();
        if !lists.contains_key(parent) {
            let names = Disk.list(&place.parent).map_err(fail)?;
            lists.insert(parent.to_owned(), names.into_iter().collect());
        }
        let names = &lists[parent];
        let there = |p: &Path| p.file_name().is_some_and(|name| names.contains(name));
        place.found = Found {
            dir: there(&place.dir),
            stage: there(&place.stage),
            aside: there(&place.aside),
        };
    }
    Ok(())
}

/// Finds and checks the places of all folders.
pub(crate) fn places<'t>(
    folders: impl Iterator<Item = (&'t Path, &'t Tree)>,
    bases: &[PathBuf],
) -> Result<Vec<Place<'t>>, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut parents: BTreeMap<OsString, PathBuf> = BTreeMap::new();
    let mut reals = Reals::default();
    let bases: BTreeMap<OsString, &PathBuf> = bases
        .iter()
        .map(|b| {
            let real = reals.canonical(&Disk, b).unwrap_or_else(|_| b.clone());
            (real.into_os_string(), b)
        })
        .collect();
    let mut taken: BTreeSet<OsString> = BTreeSet::new();
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
        let inside = place.dir.ancestors().find_map(|a| bases.get(a.as_os_str()));
        // Names are compared as texts, so what lies below a folder begins with it and a separator.
        let below = place.dir.join("").into_os_string();
        let around = bases
            .range::<OsStr, _>((Bound::Included(below.as_os_str()), Bound::Unbounded))
            .next()
            .filter(|(b, _)| Path::new(b).starts_with(&place.dir))
            .map(|(_, b)| b);
        if let Some(base) = inside.or(around) {
            problems.push(messages::overlaps_base(given, base));
        }
        if !taken.insert(place.dir.clone().into_os_string()) {
            problems.push(messages::written_twice(given));
        }
        places.push(place);
    }
    for place in &places {
        if place
            .dir
            .ancestors()
            .skip(1)
            .any(|a| taken.contains(a.as_os_str()))
        {
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
    parents: &mut BTreeMap<OsString, PathBuf>,
) -> Result<Place<'t>, Diagnostic> {
    let fail = |e: io::Error| messages::failed("write the overlay folder", given, &e);
    // A name such as `.` or `..` stands for a folder whose own name is needed to stage beside it.
    let dir = match given.components().next_back() {
        Some(Component::Normal(_)) => {
            let above = given
                .parent()
                .filter(|p| !p.as_os_str().is_empty())
                .unwrap_or(Path::new("."));
            if !parents.contains_key(above.as_os_str()) {
                parents.insert(above.into(), resolve(above, given)?);
            }
            parents[above.as_os_str()].join(given.file_name().unwrap_or_default())
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
    let (Some(above), Some(name)) = (dir.parent(), dir.file_name().and_then(|n| n.to_str())) else {
        return Err(messages::not_a_folder(
            given,
            "a root or has a name that is not UTF-8",
        ));
    };
    Ok(Place {
        given: given.to_path_buf(),
        parent: above.to_path_buf(),
        stage: above.join(format!(".{name}{}", exchange::STAGE)),
        aside: above.join(format!(".{name}{}", exchange::ASIDE)),
        dir,
        tree,
        found: Found::default(),
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
