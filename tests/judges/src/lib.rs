//! Judges of the golden overlays: real kustomize, the CRD schemas and typed Kubernetes structs.
//!
//! edgegen proves its own output with its own reader and its own patcher; these judges share no code with it, so that a
//! fault in those shows.

pub mod cilium;
pub mod golden;
pub mod kustomize;
pub mod objects;
pub mod policies;
pub mod schemas;
pub mod structs;

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .expect("the package lies two folders below the root")
        .to_path_buf()
}

/// Whether a judge that is absent fails the run.
pub fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|v| v == "true" || v == "1")
}

/// Says a line on the terminal also where the test harness holds back what a passing test prints.
pub fn say(line: &str) {
    // Nothing is left to be done about a closed terminal.
    drop(writeln!(std::io::stderr(), "judges: {line}"));
}

/// Says that a judge is absent.
pub fn skip(what: &str) {
    say(&format!("SKIPPED: {what}"));
}
