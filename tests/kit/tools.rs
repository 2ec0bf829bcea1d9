//! Programs that tests run: those that `.ci/tools` installed, and edgegen itself.
//!
//! A tool that is absent is named and skipped, and fails the run under `CI=true`, so that nothing goes unchecked in silence.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A program with its version.
pub struct Tool {
    pub version: String,
    pub program: PathBuf,
}

/// The folder that `.ci/tools` installs into.
pub fn folder() -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    root().join(target).join("ci-tools")
}

/// The versions of a tool that `.ci/tools` installed, oldest first; all with an empty `major`.
pub fn tools(name: &str, major: &str) -> Vec<Tool> {
    let folder = folder().join("bin");
    let start = format!("{name}-{major}");
    let mut found: Vec<Tool> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| {
            let file = e.file_name().to_string_lossy().into_owned();
            let version = file.strip_prefix(name)?.strip_prefix('-')?.to_owned();
            file.starts_with(&start).then(|| Tool {
                version,
                program: e.path(),
            })
        })
        .collect();
    found.sort_by(|a, b| a.version.cmp(&b.version));
    if found.is_empty() {
        absent(&format!("{name} {major}"));
    }
    found
}

/// Runs a program; gives its output, or what it says on stderr.
pub fn ran(command: &mut Command, stdin: &str) -> Result<String, String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{command:?}: {e}"))?;
    // A program that does not read its input closes the pipe.
    drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
    let out = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if out.status.success() {
        Ok(text(out.stdout))
    } else {
        Err(format!("{}{}", text(out.stdout), text(out.stderr)))
    }
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Writes a program.
pub fn executable(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// The binary.
pub fn edgegen() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_edgegen"))
}

/// `PATH` with the folder of the binary before all others.
pub fn path_with_edgegen() -> String {
    let folder = edgegen().parent().unwrap().display().to_string();
    format!("{folder}:{}", std::env::var("PATH").unwrap_or_default())
}

/// Says that a tool is not there, and fails where all have to be.
pub fn absent(what: &str) {
    let ci = std::env::var("CI").is_ok_and(|v| v == "true" || v == "1");
    assert!(!ci, "{what} is needed where CI=true");
    let line = format!("SKIPPED: there is no {what}; `.ci/tools` installs it\n");
    drop(std::io::stderr().write_all(line.as_bytes()));
}
