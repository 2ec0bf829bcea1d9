//! `edgegen diff` and `render` where a disk and a git repository are: revisions, folders, and what a run refuses to replace.
//!
//! The real binary and the real `git`; without `git` the revision part is skipped with a loud line, and fails in CI.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests make their own files and say when they skip"
)]

use std::path::Path;
use std::process::{Command, Output};

const EXPOSURE: &str = "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: { name: web, namespace: web }\nspec: { base: base, scope: Internal }\n";
const ENVIRONMENT: &str = "apiVersion: edgegen.io/v1alpha1\nkind: Environment\nmetadata: { name: prod }\nspec: { target: gke-gateway }\n";

fn put(dir: &Path, path: &str, text: &str) {
    let to = dir.join(path);
    std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    std::fs::write(to, text).expect("a file");
}

fn place() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    put(dir.path(), "exposure.yaml", EXPOSURE);
    put(dir.path(), "environment.yaml", ENVIRONMENT);
    put(
        dir.path(),
        "base/kustomization.yaml",
        "resources: [app.yaml]\n",
    );
    put(
        dir.path(),
        "base/app.yaml",
        include_str!("../profiles/smallest.yaml"),
    );
    dir
}

fn edgegen(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_edgegen"))
        .args(args)
        .current_dir(dir)
        .output()
        .expect("the binary runs");
    said(&out)
}

fn said(out: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        out.status.code().unwrap_or(-1),
        text(&out.stdout),
        text(&out.stderr),
    )
}

fn git(dir: &Path, args: &[&str]) -> bool {
    let run = Command::new("git")
        .args(["-c", "user.name=test", "-c", "user.email=test@example.com"])
        .args(args)
        .current_dir(dir)
        .output();
    run.is_ok_and(|o| o.status.success())
}

#[test]
fn a_replacement_is_written_only_when_it_is_allowed() {
    let dir = place();
    let (code, _, err) = edgegen(dir.path(), &["render"]);
    assert_eq!(code, 0, "{err}");
    let file = dir.path().join("overlays/prod/web/resources.yaml");
    let before = std::fs::read_to_string(&file).expect("an overlay");
    put(
        dir.path(),
        "exposure.yaml",
        &EXPOSURE.replace("Internal", "Public"),
    );
    let (code, out, err) = edgegen(dir.path(), &["render"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(err.contains("[EG4103]"), "{err}");
    let now = std::fs::read_to_string(&file).expect("an overlay");
    assert_eq!(now, before, "nothing is written");
    let (code, out, _) = edgegen(dir.path(), &["verify"]);
    assert_eq!(code, 1);
    assert!(
        out.contains("web on gke-gateway: replaces the load balancer"),
        "{out}"
    );
    let (code, _, err) = edgegen(dir.path(), &["render", "--allow-replace"]);
    assert_eq!(code, 0, "{err}");
    assert_ne!(std::fs::read_to_string(&file).expect("an overlay"), before);
}

#[test]
fn a_revision_is_compared_with_a_fresh_rendering() {
    if !git(Path::new("."), &["--version"]) {
        assert!(std::env::var_os("CI").is_none(), "git is not there");
        eprintln!("SKIPPED: git is not there; diff --base-rev was not tried");
        return;
    }
    let dir = place();
    assert_eq!(edgegen(dir.path(), &["render"]).0, 0);
    for args in [
        &["init", "-q", "."][..],
        &["add", "-A"],
        &["commit", "-q", "-m", "first"],
    ] {
        assert!(git(dir.path(), args), "{args:?}");
    }
    let diff = ["diff", "--base-rev", "HEAD"];
    let (code, out, err) = edgegen(dir.path(), &diff);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    put(
        dir.path(),
        "exposure.yaml",
        &EXPOSURE.replace("Internal", "Public"),
    );
    let (code, out, err) = edgegen(dir.path(), &diff);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("risk: the internet may reach the balancer"),
        "{out}"
    );
    let (code, _, _) = edgegen(dir.path(), &[&diff[..], &["--deny", "risk"]].concat());
    assert_eq!(code, 1);
    let (code, _, err) = edgegen(dir.path(), &["diff", "--base-rev", "no-such-branch"]);
    assert_eq!(code, 2);
    assert!(err.contains("[EG4102]"), "{err}");
    let (_, _, status) = said(
        &Command::new("git")
            .args(["status", "--porcelain", "overlays"])
            .current_dir(dir.path())
            .output()
            .expect("git runs"),
    );
    assert!(status.is_empty(), "the overlays are as they were: {status}");
}

#[test]
fn two_folders_are_compared_without_any_exposure() {
    let dir = place();
    assert_eq!(edgegen(dir.path(), &["render", "-o", "old"]).0, 0);
    put(
        dir.path(),
        "exposure.yaml",
        &EXPOSURE.replace("Internal", "Public"),
    );
    assert_eq!(edgegen(dir.path(), &["render", "-o", "new"]).0, 0);
    let (code, out, err) = edgegen(dir.path(), &["diff", "old", "new", "--as", "json"]);
    assert_eq!(code, 0, "{err}");
    let value: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(value["overlays"][0]["change"], "changed");
    let kinds: Vec<&str> = value["overlays"][0]["effects"]
        .as_array()
        .expect("effects")
        .iter()
        .filter_map(|e| e["type"].as_str())
        .collect();
    assert_eq!(kinds, ["risk", "replacement"]);
    let (code, out, _) = edgegen(dir.path(), &["diff", "new", "old", "--deny", "risk"]);
    assert_eq!(code, 0, "narrowing the scope is no risk: {out}");
}
