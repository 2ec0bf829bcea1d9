//! What the tests that compare with committed files share: where they are, and when they are accepted.
//!
//! One way to accept for all of them, `cargo bless`; a run under `CI=true` never accepts.

#![allow(
    clippy::disallowed_methods,
    reason = "tests compare with files of the repository"
)]

use std::path::{Path, PathBuf};

use similar::TextDiff;

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether differences are written instead of reported.
pub fn blessing() -> bool {
    let on = |name: &str| std::env::var(name).is_ok_and(|v| !v.is_empty() && v != "false");
    on("EDGEGEN_BLESS") && !on("CI")
}

/// Compares a committed file with what it should hold; a difference is written or becomes a fault. Nothing is held by an absent file.
pub fn accept(path: &str, wanted: Option<&str>, faults: &mut Vec<String>) {
    let at = root().join(path);
    let found = std::fs::read_to_string(&at).ok();
    if found.as_deref() == wanted {
        return;
    }
    if !blessing() {
        let (found, wanted) = (found.unwrap_or_default(), wanted.unwrap_or_default());
        let diff = TextDiff::from_lines(found.as_str(), wanted);
        faults.push(
            diff.unified_diff()
                .context_radius(3)
                .header(path, "built")
                .to_string(),
        );
    } else if let Some(text) = wanted {
        let folder = at.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).expect("a folder of the repository can be made");
        std::fs::write(&at, text).expect("a file of the repository can be written");
    } else {
        std::fs::remove_file(&at).expect("a file of the repository can be removed");
    }
}

/// Fails with all faults and the way to accept them.
pub fn report(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "\n{}\naccept with: cargo bless",
        faults.join("\n")
    );
}
