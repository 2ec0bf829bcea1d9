//! How far a run is, for a person who waits for it.
//!
//! The stages count and nobody prints: only `main` knows whether there is a terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counters that a run moves and that another thread may read.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    bases: AtomicUsize,
    bases_done: AtomicUsize,
    overlays: AtomicUsize,
    writing: AtomicUsize,
}

impl Progress {
    /// How many bases there are to read and compile for.
    pub fn expect(&self, bases: usize) {
        self.0.bases.store(bases, Ordering::Relaxed);
    }

    /// All exposures of a base are compiled.
    pub fn base(&self) {
        self.0.bases_done.fetch_add(1, Ordering::Relaxed);
    }

    /// One exposure is compiled for one target.
    pub fn overlay(&self) {
        self.0.overlays.fetch_add(1, Ordering::Relaxed);
    }

    /// Everything is compiled, and so many overlays are being written.
    pub fn writing(&self, overlays: usize) {
        self.0.writing.store(overlays, Ordering::Relaxed);
    }

    /// One line on how far it is.
    pub fn line(&self) -> String {
        let read = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        let of = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
        let c = &self.0;
        match (read(&c.bases), read(&c.writing)) {
            (0, 0) => "reading".to_owned(),
            (bases, 0) => format!(
                "{} compiled, {} of {}",
                of(read(&c.overlays), "overlay"),
                read(&c.bases_done),
                of(bases, "base")
            ),
            (_, overlays) => format!("writing {}", of(overlays, "overlay")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_follows_the_stages() {
        let progress = Progress::default();
        assert_eq!(progress.line(), "reading");
        progress.expect(2);
        progress.overlay();
        assert_eq!(progress.line(), "1 overlay compiled, 0 of 2 bases");
        progress.overlay();
        progress.base();
        assert_eq!(progress.line(), "2 overlays compiled, 1 of 2 bases");
        progress.writing(2);
        assert_eq!(progress.line(), "writing 2 overlays");
    }
}
