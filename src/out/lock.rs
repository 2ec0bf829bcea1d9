//! One run at a time on the folders that overlays lie in.
//!
//! A run stages under fixed names, so that the next one finds what a killed one left; of two at once, each would clean up the other's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::guard::Place;
use super::messages;
use crate::diag::Diagnostic;

/// How long one try waits for the next.
const PAUSE: Duration = Duration::from_millis(50);

/// Tries before a run gives up: half a minute. Another run holds its locks while it writes, not while it compiles.
pub(super) const PATIENCE: usize = 600;

/// Folders that were made and folders that are locked; dropping it lets go.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// Folders that did not exist, outer before inner.
    made: Vec<PathBuf>,
    /// The locks are the system's, on the folders themselves: no file is left, and a killed run holds nothing.
    _locks: Vec<File>,
}

impl Held {
    /// Removes the folders that were made, in a run that failed; what is not empty stays.
    pub(crate) fn remove_made(&self) {
        for dir in self.made.iter().rev() {
            let _ = std::fs::remove_dir(dir);
        }
    }
}

/// Makes the folders that the overlays lie in and locks them, in one order for all runs, so that no two wait for each other.
pub(crate) fn take(places: &[Place], patience: usize) -> Result<Held, Vec<Diagnostic>> {
    let parents: BTreeMap<&Path, &Place> = places.iter().map(|p| (p.parent.as_path(), p)).collect();
    let mut made = BTreeSet::new();
    let mut locks = Vec::new();
    for (parent, place) in parents {
        match lock(parent, patience, &mut made) {
            Ok(Found::Locked(file)) => locks.push(file),
            Ok(Found::NoLocks) => {}
            // Another run may be about to use what this one made, so it stays.
            Ok(Found::Busy) => return Err(vec![messages::busy(&place.given)]),
            Err(e) => {
                let held = Held {
                    made: made.into_iter().collect(),
                    _locks: locks,
                };
                held.remove_made();
                return Err(vec![messages::failed(
                    "make the folder of",
                    &place.given,
                    &e,
                )]);
            }
        }
    }
    Ok(Held {
        made: made.into_iter().collect(),
        _locks: locks,
    })
}

enum Found {
    Locked(File),
    /// The file system has no locks, or the folder may not be opened: the run goes on without.
    NoLocks,
    Busy,
}

fn lock(dir: &Path, patience: usize, made: &mut BTreeSet<PathBuf>) -> io::Result<Found> {
    for _ in 0..patience {
        make(dir, made)?;
        let file = match File::open(dir) {
            Ok(file) => file,
            // A run that failed took its folders back.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => return Ok(Found::NoLocks),
        };
        match file.try_lock() {
            Ok(()) if is_at(&file, dir) => return Ok(Found::Locked(file)),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(TryLockError::Error(_)) => return Ok(Found::NoLocks),
        }
    }
    Ok(Found::Busy)
}

/// Makes a folder and those above it. Another run may do the same, or take its own back, at the same time.
fn make(dir: &Path, made: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    const TRIES: usize = 16;
    for _ in 1..TRIES {
        let missing: Vec<&Path> = dir.ancestors().take_while(|a| !a.exists()).collect();
        let mut done = Ok(());
        for dir in missing.into_iter().rev() {
            done = std::fs::create_dir(dir);
            if done.is_err() {
                break;
            }
            made.insert(dir.to_path_buf());
        }
        match done {
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists
                ) => {}
            done => return done,
        }
    }
    std::fs::create_dir_all(dir)
}

/// Whether the folder that was locked still stands where it was opened.
#[cfg(unix)]
fn is_at(file: &File, dir: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(dir)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

/// Whether the folder that was locked still stands where it was opened.
#[cfg(not(unix))]
fn is_at(_: &File, dir: &Path) -> bool {
    dir.is_dir()
}
