//! Writing overlays: all folders of a run or none, and each folder as a whole.
//!
//! A folder is staged beside its place and then exchanged in one step, so that whoever looks, and whatever is killed, sees the old overlay or the new one.
//! The folders that overlays lie in are locked meanwhile, so that two runs at once wait for each other.
//! Nothing is synced to the disk: a kill of the process cannot separate what the kernel has already taken, and an overlay that a power cut damages is rendered again.

use std::borrow::Borrow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::diag::Diagnostic;

mod exchange;
mod guard;
mod lock;
mod messages;
pub mod owned;
mod stage;
pub mod tree;

pub use tree::Tree;

/// What a run did to one folder; paths are relative to it and sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that are new or have a new text.
    pub written: Vec<String>,
    /// Files of an earlier run that are gone.
    pub removed: Vec<String>,
    /// Files that were already so.
    pub unchanged: usize,
}

impl Changes {
    /// Whether the folder was left as it was.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty()
    }
}

/// Writes a file that is no overlay, as a whole: a reader sees the old text or the new one.
#[allow(
    clippy::disallowed_methods,
    reason = "a report is a single file, and nothing that edgegen owns"
)]
pub fn file(path: &Path, text: &str) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path).inspect_err(|_| {
        // What cannot take its place is of no use to anybody.
        let _ = std::fs::remove_file(&beside);
    })
}

/// Writes one overlay; see [`publish_all`].
pub fn publish(dir: &Path, tree: &Tree, bases: &[PathBuf]) -> Result<Changes, Vec<Diagnostic>> {
    let mut changes = publish_all(&[(dir.to_path_buf(), tree)], bases)?;
    Ok(changes.pop().unwrap_or_default())
}

/// Writes overlays: stages every folder, then exchanges them.
///
/// `bases` are the roots of the bases that the run read; no folder may overlap one of them. With an error nothing is changed.
/// The answer has one entry for each folder, in the order given.
pub fn publish_all<T: Borrow<Tree> + Sync>(
    folders: &[(PathBuf, T)],
    bases: &[PathBuf],
) -> Result<Vec<Changes>, Vec<Diagnostic>> {
    publish_within(folders, bases, lock::PATIENCE)
}

/// The same with another number of tries to get the locks, a twentieth of a second apart.
pub fn publish_within<T: Borrow<Tree> + Sync>(
    folders: &[(PathBuf, T)],
    bases: &[PathBuf],
    tries: usize,
) -> Result<Vec<Changes>, Vec<Diagnostic>> {
    let mut places = guard::places(
        folders
            .iter()
            .map(|(dir, tree)| (dir.as_path(), tree.borrow())),
        bases,
    )?;
    let held = lock::take(&places, tries)?;
    // Only now: the run that had the lock before has changed what is there.
    if let Err(problem) = guard::look(&mut places) {
        held.remove_made();
        return Err(vec![problem]);
    }
    let staged = in_two_threads(&places, |place, _| {
        let is_new = !exchange::recover(place)?;
        stage::stage(place, is_new)
    });
    let problems: Vec<Diagnostic> = staged
        .iter()
        .filter_map(|s| s.as_ref().err().cloned())
        .collect();
    if !problems.is_empty() {
        for place in &places {
            exchange::discard(place);
        }
        held.remove_made();
        return Err(problems);
    }
    let staged: Vec<stage::Staged> = staged.into_iter().flatten().collect();
    let failed = AtomicBool::new(false);
    let done = in_two_threads(&places, |place, i| {
        let staged = &staged[i];
        if (staged.changes.is_empty() && !staged.is_new) || failed.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let step = exchange::exchange(place, staged.is_new).map(Some);
        failed.fetch_or(step.is_err(), Ordering::Relaxed);
        step
    });
    if failed.into_inner() {
        for (place, step) in places.iter().zip(&done).rev() {
            if let Ok(Some(step)) = step {
                exchange::undo(place, *step);
            }
        }
        for place in &places {
            exchange::discard(place);
        }
        held.remove_made();
        let problems = done.into_iter().filter_map(Result::err);
        return Err(problems.take(1).collect());
    }
    in_two_threads(&places, |place, i| {
        if let Ok(Some(step)) = done[i] {
            exchange::finish(place, step, &staged[i].known);
        }
    });
    Ok(staged.into_iter().map(|s| s.changes).collect())
}

/// Maps in order; uses a second thread where there is enough to do, since most of the time is spent in the kernel.
fn in_two_threads<T: Sync, R: Send>(items: &[T], work: impl Fn(&T, usize) -> R + Sync) -> Vec<R> {
    const ENOUGH: usize = 32;
    if items.len() < ENOUGH {
        return items
            .iter()
            .enumerate()
            .map(|(i, item)| work(item, i))
            .collect();
    }
    let half = items.len() / 2;
    let (left, right) = items.split_at(half);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            right
                .iter()
                .enumerate()
                .map(|(i, item)| work(item, half + i))
                .collect::<Vec<R>>()
        });
        let mut all: Vec<R> = left
            .iter()
            .enumerate()
            .map(|(i, item)| work(item, i))
            .collect();
        match other.join() {
            Ok(rest) => all.extend(rest),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        all
    })
}
