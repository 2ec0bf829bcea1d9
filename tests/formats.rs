//! Findings of an example in the formats that other programs read, as they are committed under `tests/formats`.
//!
//! Committed, so that judges without edgegen can hold them against the schemas of those programs.

#![allow(
    clippy::disallowed_methods,
    reason = "a test runs the program in the repository"
)]

use std::process::Command;

mod kit;

#[test]
fn findings_of_the_bookstore() {
    let mut faults = Vec::new();
    for (format, file) in [
        ("sarif", "bookstore.sarif"),
        ("junit", "bookstore.junit.xml"),
        ("json", "bookstore.json"),
    ] {
        let done = Command::new(env!("CARGO_BIN_EXE_edgegen"))
            .args([
                "check",
                "-f",
                "examples/bookstore",
                "-t",
                "gke-ingress",
                "-t",
                "aws-alb",
            ])
            .args(["--message-format", format])
            .current_dir(kit::root())
            .output()
            .expect("the program starts");
        assert_eq!(done.status.code(), Some(1), "{format}");
        let text = String::from_utf8(done.stderr).expect("text");
        kit::accept(&format!("tests/formats/{file}"), Some(&text), &mut faults);
    }
    kit::report(&faults);
}
