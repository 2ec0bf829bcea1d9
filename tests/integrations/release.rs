//! A release, made here of the program of this build: packed, summed, fetched, checked, filled into the templates.
//!
//! Only the cross build, the upload and the attestation need the code host.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::fleet::file;
use crate::tools::{copy, edgegen, ran};

pub const VERSION: &str = env!("CARGO_PKG_VERSION");
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

/// A folder as the download server has it: `v<version>/<file>`.
pub struct Release {
    dir: tempfile::TempDir,
}

fn script(name: &str) -> Command {
    Command::new(file("integrations").join(name))
}

fn package(target: &str, to: &Path) {
    let mut command = script("release/package.sh");
    command.args([VERSION, target]).arg(edgegen()).arg(to);
    ran(&mut command, "").unwrap();
}

/// Both archives and their checksums, packed once: the program in both is the one of this machine.
static PACKED: LazyLock<PathBuf> = LazyLock::new(|| {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("release");
    drop(fs::remove_dir_all(&dir));
    for target in TARGETS {
        package(target, &dir);
    }
    let mut command = Command::new("bash");
    command.args(["-euc", "sha256sum -- *.tar.gz > SHA256SUMS"]);
    ran(command.current_dir(&dir), "").unwrap();
    dir
});

impl Release {
    /// A copy that a test may change.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let release = Self { dir };
        copy(&PACKED, &release.folder());
        release
    }

    pub fn folder(&self) -> PathBuf {
        self.dir.path().join(format!("v{VERSION}"))
    }

    pub fn archive(&self, target: &str) -> PathBuf {
        self.folder()
            .join(format!("edgegen-v{VERSION}-{target}.tar.gz"))
    }

    pub fn url(&self) -> String {
        format!("file://{}", self.dir.path().display())
    }

    fn install(&self, version: &str, to: &Path) -> Result<String, String> {
        let mut command = script("install.sh");
        command.arg(version).arg(to);
        ran(command.env("EDGEGEN_RELEASES", self.url()), "")
    }

    /// The krew manifest and the formula, filled.
    pub fn filled(&self) -> tempfile::TempDir {
        let to = tempfile::tempdir().unwrap();
        let mut command = script("release/fill.sh");
        command.arg(VERSION).arg(self.folder().join("SHA256SUMS"));
        ran(command.arg(to.path()), "").unwrap();
        to
    }
}

/// The archive of the machine that the tests run on.
pub fn target() -> &'static str {
    TARGETS
        .into_iter()
        .find(|t| t.starts_with(std::env::consts::ARCH))
        .unwrap()
}

#[test]
fn what_was_released_is_installed() {
    let release = Release::new();
    let to = tempfile::tempdir().unwrap();
    for version in [VERSION.to_owned(), format!("v{VERSION}")] {
        release.install(&version, to.path()).unwrap();
        let installed = to.path().join("edgegen");
        let said = ran(Command::new(installed).arg("--version"), "").unwrap();
        assert_eq!(said, format!("edgegen {VERSION}\n"));
    }
}

#[test]
fn what_is_not_what_was_released_is_not_installed() {
    let release = Release::new();
    let to = tempfile::tempdir().unwrap();
    let refused = |what: &str, version: &str| {
        let said = release.install(version, to.path()).unwrap_err();
        assert!(said.contains(what), "{said}");
        assert!(!to.path().join("edgegen").exists());
    };
    refused("is no version of a release", "../../etc");
    refused("is no version of a release", "0.1.0;touch x");
    refused("cannot fetch", "99.0.0");
    let archive = release.archive(target());
    let honest = fs::read(&archive).unwrap();
    let mut other = honest.clone();
    *other.last_mut().unwrap() ^= 1;
    fs::write(&archive, other).unwrap();
    refused("is not what", VERSION);
    fs::write(&archive, honest).unwrap();
    let sums = release.folder().join("SHA256SUMS");
    let text = fs::read_to_string(&sums).unwrap();
    fs::write(&sums, text.replace(target(), "other")).unwrap();
    refused("has no line for", VERSION);
    fs::write(&sums, text).unwrap();
    release.install(VERSION, to.path()).unwrap();
}

#[test]
fn an_archive_has_everything_and_is_the_same_every_time() {
    let one = Release::new();
    let again = tempfile::tempdir().unwrap();
    package(target(), again.path());
    let archive = one.archive(target());
    let name = archive.file_name().unwrap();
    let same = fs::read(&archive).unwrap() == fs::read(again.path().join(name)).unwrap();
    assert!(same, "two archives of one program differ");
    let mut list = Command::new("tar");
    list.arg("-tzf").arg(one.archive(target()));
    let listed = ran(&mut list, "").unwrap();
    let name = format!("edgegen-v{VERSION}-{}", target());
    for wanted in [
        "edgegen",
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "man/edgegen.1",
        "man/edgegen-render.1",
        "completions/edgegen.bash",
        "completions/edgegen.fish",
        "completions/_edgegen",
    ] {
        let wanted = format!("{name}/{wanted}");
        assert!(
            listed.lines().any(|l| l == wanted),
            "no {wanted} in\n{listed}"
        );
    }
    let mut command = script("release/package.sh");
    let to = tempfile::tempdir().unwrap();
    command
        .args(["9.9.9", target()])
        .arg(edgegen())
        .arg(to.path());
    let said = ran(&mut command, "").unwrap_err();
    assert!(said.contains("is not version 9.9.9"), "{said}");
}

#[test]
fn templates_take_the_checksums_of_the_release_and_no_others() {
    let release = Release::new();
    let filled = release.filled();
    let sums = fs::read_to_string(release.folder().join("SHA256SUMS")).unwrap();
    for name in ["edgegen.yaml", "edgegen.rb"] {
        let text = fs::read_to_string(filled.path().join(name)).unwrap();
        for line in sums.lines() {
            let (sum, archive) = line.split_once("  ").unwrap();
            let at = text
                .find(archive)
                .unwrap_or_else(|| panic!("{name} has no {archive}"));
            let after = &text[at + archive.len()..];
            let found = after
                .split("sha256")
                .nth(1)
                .and_then(|t| t.split('"').nth(1));
            assert_eq!(found, Some(sum), "{name}: {archive}");
        }
    }
    let one = release.folder().join("one");
    fs::write(&one, sums.lines().next().unwrap()).unwrap();
    let mut command = script("release/fill.sh");
    let to = tempfile::tempdir().unwrap();
    command.arg(VERSION).arg(one).arg(to.path());
    let said = ran(&mut command, "").unwrap_err();
    assert!(said.contains("has not one checksum for"), "{said}");
}

#[test]
fn a_tag_is_the_version_of_its_revision() {
    let said = ran(script("release/version.sh").arg("v99.0.0"), "").unwrap_err();
    assert!(
        said.contains(&format!("Cargo.toml says {VERSION}")),
        "{said}"
    );
    // Until the changelog has a part for it, the version is not released.
    let changelog = fs::read_to_string(file("CHANGELOG.md")).unwrap();
    let written = changelog.contains(&format!("\n## {VERSION}"));
    let said = ran(script("release/version.sh").arg(format!("v{VERSION}")), "");
    assert_eq!(said.is_ok(), written, "{said:?}");
}

#[test]
fn a_program_that_needs_the_system_is_not_released() {
    let said = ran(script("release/static.sh").arg("/bin/sh"), "").unwrap_err();
    assert!(said.contains("is not static"), "{said}");
}
