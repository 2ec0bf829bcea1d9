//! The repository in `examples/fleet`, as a git repository of its own.
//!
//! Every pipeline is tried on it, because it is what users keep: applications, environments and committed overlays. Whether these are
//! up to date is said by `tests/golden.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize as _;
use serde_json::Value;

use crate::tools::{self, copy, edgegen, ran, root};

/// A git repository with one commit.
pub struct Repository {
    dir: tempfile::TempDir,
}

impl Repository {
    /// The fleet on its branch `main`.
    pub fn fleet() -> Self {
        let repository = Self::empty();
        copy(&root().join("examples/fleet"), repository.path());
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.commit("first");
        repository
    }

    /// A folder for one.
    pub fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn git(&self, args: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=test", "-c", "user.email=test@example.com"]);
        command
            .args([
                "-c",
                "commit.gpgsign=false",
                "-c",
                "core.hooksPath=.git/hooks",
            ])
            .args(args)
            .current_dir(self.path());
        ran(&mut command, "").unwrap().trim().to_owned()
    }

    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&[
            "commit",
            "--quiet",
            "--no-verify",
            "--allow-empty",
            "-m",
            message,
        ]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Replaces text of a file, which has to be there.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let at = self.path().join(path);
        let text = std::fs::read_to_string(&at).unwrap();
        assert!(text.contains(from), "{path} has no `{from}`");
        std::fs::write(&at, text.replace(from, to)).unwrap();
    }

    /// Runs edgegen on the fleet.
    pub fn edgegen(&self, command: &str, more: &[&str]) -> Result<String, String> {
        let mut run = Command::new(edgegen());
        run.args([command, "-f", "apps", "-R", "-e", "environments"]);
        ran(run.args(more).current_dir(self.path()), "")
    }
}

/// A file of YAML, read by another reader than edgegen's.
pub fn yaml(path: &Path) -> Value {
    let mut all = documents(path);
    assert_eq!(all.len(), 1, "{}: documents", path.display());
    all.remove(0)
}

/// The documents of a file.
pub fn documents(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    yaml_serde::Deserializer::from_str(&text)
        .map(|d| Value::deserialize(d).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
        .collect()
}

/// A member of a document as a text.
pub fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} in {value:#}"))
}

/// A path below the root of the repository.
pub fn file(path: &str) -> PathBuf {
    root().join(path)
}

#[test]
fn kustomize_builds_its_overlays() {
    for tool in tools::tools("kustomize", "v5") {
        let mut built = 0;
        for environment in ["prod-aks", "prod-eks", "prod-gke"] {
            for app in ["checkout", "status"] {
                let at = file(&format!("examples/fleet/overlays/{environment}/{app}"));
                let out = ran(Command::new(&tool.program).arg("build").arg(at), "").unwrap();
                assert!(out.contains(&format!("{app}.your-org.com")), "{out}");
                built += 1;
            }
        }
        assert_eq!(built, 6);
    }
}
