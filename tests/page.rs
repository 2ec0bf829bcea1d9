//! The report of `edgegen report` in a real headless browser, and what must not be in it.
//!
//! Without node or Chromium the browser part is skipped with a loud line, and fails in CI.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests make their own files and say when they skip"
)]

use std::path::Path;
use std::process::Command;

/// The report of the shop on several targets, after a change of what is committed.
fn report(dir: &Path) -> std::path::PathBuf {
    let page = dir.join("report.html");
    let out = Command::new(env!("CARGO_BIN_EXE_edgegen"))
        .args([
            "report",
            "-f",
            "examples/shop",
            "-t",
            "aws-alb,gke-gateway,azure-agic,gateway",
        ])
        .args(["-o", "golden/none", "--html"])
        .arg(&page)
        .output()
        .expect("the binary runs");
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    page
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let text = std::fs::read_to_string(report(dir.path())).expect("a page");
    for what in ["src=", "<link", "@import", "url(", "fetch("] {
        assert!(!text.contains(what), "the page has `{what}`");
    }
    assert!(text.contains("default-src 'none'"));
}

#[test]
fn the_page_works_in_a_browser() {
    let chromium = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|c| {
            Command::new(c)
                .arg("--version")
                .output()
                .is_ok_and(|o| o.status.success())
        });
    let node = Command::new("node").arg("--version").output().is_ok();
    let (Some(chromium), true) = (chromium, node) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "chromium or node is not there"
        );
        eprintln!("SKIPPED: chromium or node is not there; the report was not opened");
        return;
    };
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = Command::new("node")
        .args(["tests/page/browser.mjs", chromium])
        .arg(report(dir.path()))
        .output()
        .expect("node runs");
    assert!(
        out.status.success(),
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
}
