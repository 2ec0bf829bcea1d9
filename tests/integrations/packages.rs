//! krew and Homebrew: what their files say is done here by hand or by a stand-in, with the archive of a release.
//!
//! krew's own rules are a schema beside this file; `kubectl` itself finds the plugin by its name.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::fleet::{file, text, yaml};
use crate::lint::schema;
use crate::release::{Release, VERSION};
use crate::system::present;
use crate::tools::ran;

/// Does with an archive what krew does: unpacks it, copies what `files` names, links the program under the plugin's name.
fn krew_installs(platform: &Value, archive: &Path, home: &Path) {
    let unpacked = home.join("unpacked");
    let store = home.join("store");
    let bin = home.join("bin");
    for dir in [&unpacked, &store, &bin] {
        fs::create_dir_all(dir).unwrap();
    }
    let mut command = Command::new("tar");
    command.arg("-xzf").arg(archive).arg("-C").arg(&unpacked);
    ran(&mut command, "").unwrap();
    for operation in platform["files"].as_array().unwrap() {
        let from = unpacked.join(text(operation, "/from"));
        let to = store
            .join(text(operation, "/to"))
            .join(from.file_name().unwrap());
        fs::copy(&from, to).unwrap();
    }
    let program = store.join(text(platform, "/bin"));
    std::os::unix::fs::symlink(program, bin.join("kubectl-edgegen")).unwrap();
}

#[test]
fn kubectl_runs_the_plugin_that_krew_installs() {
    let release = Release::new();
    let filled = release.filled();
    let path = filled.path().join("edgegen.yaml");
    schema("tests/integrations/krew.schema.json", &path).unwrap();
    let manifest = yaml(&path);
    assert_eq!(manifest["spec"]["version"], format!("v{VERSION}"));
    let platforms = manifest["spec"]["platforms"].as_array().unwrap();
    assert_eq!(platforms.len(), 2);
    for platform in platforms {
        let uri = text(platform, "/uri");
        let archive = release.folder().join(uri.rsplit('/').next().unwrap());
        assert!(uri.contains(&format!("/download/v{VERSION}/")), "{uri}");
        let home = tempfile::tempdir().unwrap();
        krew_installs(platform, &archive, home.path());
        assert!(home.path().join("store/LICENSE").is_file());
        let bin = home.path().join("bin");
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let Some(kubectl) = present("kubectl", &["version", "--client"]) else {
            continue;
        };
        let mut command = Command::new(kubectl);
        command
            .args(["edgegen", "profiles", "list"])
            .env("PATH", path);
        assert!(ran(&mut command, "").unwrap().contains("aws-alb"));
    }
}

#[test]
fn planted_mistakes_in_the_manifest_are_found() {
    let release = Release::new();
    let filled = release.filled();
    let path = filled.path().join("edgegen.yaml");
    let good = fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("v1alpha2", "v1"),
        ("      bin: edgegen\n", ""),
        ("os: linux", "system: linux"),
        (
            "shortDescription: Compile",
            "shortDescription: \"Compile\\n\" #",
        ),
        ("sha256: \"", "sha256: \"x"),
        ("version: v", "version: "),
    ] {
        assert!(good.contains(from), "{from}");
        fs::write(&path, good.replace(from, to)).unwrap();
        let found = schema("tests/integrations/krew.schema.json", &path);
        // Without the tool, nothing is judged; CI has it.
        assert!(
            found.is_err() || crate::tools::tools("check-jsonschema", "").is_empty(),
            "{from}"
        );
    }
}

#[test]
fn a_stand_in_for_homebrew_installs_and_tests_the_formula() {
    let Some(ruby) = present("ruby", &["--version"]) else {
        return;
    };
    let release = Release::new();
    let filled = release.filled();
    let formula = filled.path().join("edgegen.rb");
    let mut command = Command::new(ruby);
    ran(command.arg("-wc").arg(&formula), "").unwrap();
    for (arch, archive) in [("intel", "x86_64"), ("arm", "aarch64")] {
        let prefix = tempfile::tempdir().unwrap();
        let mut command = Command::new(ruby);
        command
            .arg(file("tests/integrations/formula.rb"))
            .arg(&formula)
            .arg(arch)
            .arg(release.archive(&format!("{archive}-unknown-linux-musl")))
            .arg(prefix.path());
        let said = ran(&mut command, "").unwrap();
        assert!(said.contains("tests passed"), "{said}");
        for made in [
            "bin/edgegen",
            "share/man/man1/edgegen-verify.1",
            "etc/bash_completion.d/edgegen",
            "share/fish/vendor_completions.d/edgegen.fish",
            "share/zsh/site-functions/_edgegen",
        ] {
            assert!(prefix.path().join(made).is_file(), "no {made}");
        }
    }
}
