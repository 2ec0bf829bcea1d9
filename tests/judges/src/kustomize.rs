//! Real kustomize: which versions are at hand, and a build by one of them.
//!
//! What users run decides what an overlay means, and they run several versions, so the oldest and the newest that are
//! supported both judge.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::objects::{self, Objects};

/// A kustomize program.
#[derive(Debug, Clone)]
pub struct Kustomize {
    /// Its version.
    pub version: String,
    program: PathBuf,
}

/// The programs that are at hand: those that `.ci/run` installed, else the one on `PATH` or in Go's own folder.
pub fn found() -> Vec<Kustomize> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || crate::repository().join("target"),
        |dir| crate::repository().join(dir),
    );
    let mut programs: Vec<PathBuf> = std::fs::read_dir(target.join("ci-tools/bin"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|p| {
            p.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with("kustomize-"))
        })
        .collect();
    programs.sort();
    if programs.is_empty() {
        programs.push(PathBuf::from("kustomize"));
    }
    let mut found: Vec<Kustomize> = programs.into_iter().filter_map(open).collect();
    if found.is_empty() {
        let home = std::env::var_os("HOME")
            .map(PathBuf::from)
            .unwrap_or_default();
        found.extend(open(home.join("go/bin/kustomize")));
    }
    found
}

/// A program that answers when it is asked for its version. One that Go installed may not know it; its file name does.
fn open(program: PathBuf) -> Option<Kustomize> {
    let output = Command::new(&program).arg("version").output().ok()?;
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let version = match name.strip_prefix("kustomize-") {
        Some(version) => version.to_owned(),
        None => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    };
    output
        .status
        .success()
        .then_some(Kustomize { version, program })
}

impl Kustomize {
    /// Builds a folder.
    pub fn build(&self, folder: &Path) -> Result<Objects, String> {
        let output = Command::new(&self.program)
            .arg("build")
            .arg(folder)
            .output()
            .map_err(|e| format!("{}: {e}", self.program.display()))?;
        if output.status.success() {
            objects::read(&String::from_utf8_lossy(&output.stdout))
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
    }
}
