//! Everything that fuzzing found, run again: the inputs under `fuzz/regressions` and the promises that they broke.
//!
//! Fuzzing needs a nightly compiler and time; what it found must fail in every `cargo test` when it comes back.

#[path = "../fuzz/src/readers.rs"]
mod readers;

use std::panic::catch_unwind;
use std::path::Path;

#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "tests read files of the repository"
)]
fn what_was_found_stays_mended() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/regressions");
    let (mut count, mut faults) = (0, Vec::new());
    for (target, run) in readers::ENTRIES {
        for entry in std::fs::read_dir(root.join(target)).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            let input = std::fs::read(&path).expect("an input");
            count += 1;
            if catch_unwind(|| run(&input)).is_err() {
                faults.push(path.display().to_string());
            }
        }
    }
    assert!(count > 0, "no input under {}", root.display());
    assert!(faults.is_empty(), "broken again:\n{}", faults.join("\n"));
}

/// The inputs are no examples: each entry point must also take what holds nothing at all.
#[test]
fn every_entry_takes_anything() {
    for (_, run) in readers::ENTRIES {
        for input in [
            &b""[..],
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"@@ \n",
            b"---\n...\n",
            b"a: [",
            b"{}",
        ] {
            run(input);
        }
    }
}
