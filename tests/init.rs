//! What `edgegen init` makes of a base: `tests/init/<case>/base.yaml` gives `exposure.yaml` beside it.
//!
//! It is the first thing that a user sees of edgegen, and it must say of the base what a run makes of it.

#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its cases and runs the program"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

mod kit;

fn edgegen(args: &[&str], folder: &Path) -> (Option<i32>, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_edgegen"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

fn folders(of: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(kit::root().join(of)).expect("a folder of cases");
    let mut out: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    out.sort();
    assert!(out.len() > 3, "{of}");
    out
}

#[test]
fn a_base_gives_the_exposure_beside_it() {
    let mut faults = Vec::new();
    for folder in folders("tests/init") {
        let (code, stdout, stderr) = edgegen(&["init", "base.yaml"], &folder);
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{folder:?}");
        let case = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let path = format!("tests/init/{case}/exposure.yaml");
        kit::accept(&path, Some(&stdout), &mut faults);
    }
    kit::report(&faults);
}

/// Whether the document itself, with all that is proposed in comments, is in order: what a target says of its values is another matter.
fn in_order(text: &str, folder: &Path, base: &str) {
    // What is proposed stands below a comment that ends in a colon, up to the next one that is prose.
    let (mut proposed, mut proposing) = (String::new(), false);
    for line in text.lines() {
        let (before, comment) = line.split_once("# ").unwrap_or((line, ""));
        let comment = comment.trim_start();
        let prose = comment.starts_with(|c: char| c.is_uppercase());
        if before.trim().is_empty() && proposing && !prose && !comment.is_empty() {
            proposed += &line.replacen("# ", "", 1);
        } else {
            proposing = before.trim().is_empty() && comment.ends_with(':');
            proposed += line;
        }
        proposed.push('\n');
    }
    for text in [text.to_owned(), proposed] {
        let text = text.replace(
            &format!("base: ./{base}"),
            &format!("base: {}", folder.join(base).display()),
        );
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("exposure.yaml"), &text).expect("a file");
        let (_, _, stderr) = edgegen(
            &["check", "-f", "exposure.yaml", "-t", "gateway"],
            dir.path(),
        );
        let wrong = ["EG10", "EG11", "EG12", "EG13", "EG2"];
        let stated = |line: &&str| {
            // A proposed certificate is for the environment to bind, which the comment says.
            let unbound = line.contains("EG2123");
            line.starts_with("error[") && !unbound && wrong.iter().any(|w| line.contains(w))
        };
        let faults: Vec<&str> = stderr.lines().filter(stated).collect();
        assert!(faults.is_empty(), "{}\n{text}\n{stderr}", folder.display());
    }
}

#[test]
fn what_is_written_and_what_is_proposed_is_in_order() {
    for folder in folders("tests/init") {
        let (_, text, _) = edgegen(&["init", "base.yaml"], &folder);
        in_order(&text, &folder, "base.yaml");
    }
    for folder in folders("examples")
        .iter()
        .filter(|f| f.join("base").is_dir())
    {
        let (code, text, stderr) = edgegen(&["init", "base"], folder);
        assert_eq!(code, Some(0), "{folder:?}: {stderr}");
        in_order(&text, folder, "base");
    }
}
