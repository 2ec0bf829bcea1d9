//! Work on all cores with a result that does not depend on how it was spread.
//!
//! Scoped threads over an index; a crate for this costs more start-up time than a small run takes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

/// Fewer items than this are worked through by the caller: starting threads, each with an allocator arena of its own, costs more than
/// they save.
const FEW: usize = 24;

/// How many threads can run at once; asked once, since the answer costs several files of the system.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
}

/// The results of `work` for each item, in the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < FEW {
        return items.iter().map(work).collect();
    }
    let threads = cores().min(items.len());
    if threads <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    // Small blocks keep threads evenly busy without one lock an item.
    let block = (items.len() / (threads * 16)).clamp(1, 64);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let start = next.fetch_add(block, Ordering::Relaxed);
                    if start >= items.len() {
                        break;
                    }
                    let end = (start + block).min(items.len());
                    let results: Vec<(usize, R)> =
                        (start..end).map(|i| (i, work(&items[i]))).collect();
                    match done.lock() {
                        Ok(mut all) => all.extend(results),
                        Err(poisoned) => poisoned.into_inner().extend(results),
                    }
                }
            });
        }
    });
    let mut all = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    all.sort_by_key(|(i, _)| *i);
    all.into_iter().map(|(_, r)| r).collect()
}
