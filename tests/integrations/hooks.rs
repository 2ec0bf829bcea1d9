//! The hooks of pre-commit, run by the real pre-commit in a clone of the fleet.
//!
//! The repository that offers them is one made here of its files, because hooks are fetched by revision.

use std::path::Path;
use std::process::Command;

use crate::fleet::{Repository, file};
use crate::tools::{self, Tool, path_with_edgegen, ran};

/// The fleet, with hooks from a repository of this revision's files.
struct Place {
    fleet: Repository,
    _hooks: Repository,
    home: tempfile::TempDir,
}

fn place() -> Place {
    let hooks = Repository::empty();
    let at = hooks.path();
    tools::copy(
        &file("integrations/pre-commit"),
        &at.join("integrations/pre-commit"),
    );
    std::fs::copy(
        file(".pre-commit-hooks.yaml"),
        at.join(".pre-commit-hooks.yaml"),
    )
    .unwrap();
    hooks.git(&["init", "--quiet", "--initial-branch=main"]);
    let revision = hooks.commit("hooks");
    let fleet = Repository::fleet();
    let config = ".pre-commit-config.yaml";
    fleet.edit(
        config,
        "https://github.com/edgegen/edgegen",
        &at.display().to_string(),
    );
    fleet.edit(config, "v0.1.0", &revision);
    fleet.commit("hooks of this revision");
    Place {
        fleet,
        _hooks: hooks,
        home: tempfile::tempdir().unwrap(),
    }
}

impl Place {
    /// `pre-commit run` on what is staged, or on everything.
    fn run(&self, tool: &Tool, more: &[&str]) -> Result<String, String> {
        self.fleet
            .git(&["add", "--all", "--", "apps", "environments", "README.md"]);
        let mut command = Command::new(&tool.program);
        command
            .args(["run", "--color=never", "--verbose"])
            .args(more)
            .current_dir(self.fleet.path())
            .env("PATH", path_with_edgegen())
            .env("PRE_COMMIT_HOME", self.home.path());
        ran(&mut command, "")
    }
}

fn status<'t>(said: &'t str, hook: &str) -> &'t str {
    let line = said.lines().find(|l| l.starts_with(hook));
    let line = line.unwrap_or_else(|| panic!("no {hook} in\n{said}"));
    line.rsplit('.').next().unwrap()
}

#[test]
fn they_keep_exposures_and_overlays_in_step() {
    let Some(tool) = tools::tools("pre-commit", "").pop() else {
        return;
    };
    let place = place();
    let said = place.run(&tool, &["--all-files"]).unwrap();
    assert_eq!(status(&said, "edgegen render"), "Passed", "{said}");
    assert_eq!(status(&said, "edgegen verify"), "Passed", "{said}");

    place.fleet.edit("README.md", "# Fleet", "# The fleet");
    let said = place.run(&tool, &[]).unwrap();
    assert_eq!(
        status(&said, "edgegen verify"),
        "(no files to check)Skipped",
        "{said}"
    );

    let exposure = "apps/checkout/exposure.yaml";
    place.fleet.edit(exposure, "drain: 30s", "drain: 40s");
    let said = place.run(&tool, &["edgegen-verify"]).unwrap_err();
    assert_eq!(status(&said, "edgegen verify"), "Failed", "{said}");
    let said = place.run(&tool, &[]).unwrap_err();
    assert!(said.contains("files were modified by this hook"), "{said}");
    place.fleet.git(&["add", "--all"]);
    let said = place.run(&tool, &[]).unwrap();
    assert_eq!(status(&said, "edgegen render"), "Passed", "{said}");
    place.fleet.commit("drain");

    // Overlays of a new cluster are files that git does not know.
    let from = place.fleet.path().join("environments/prod-eks.yaml");
    let text = std::fs::read_to_string(from).unwrap();
    let new = place.fleet.path().join("environments/test-eks.yaml");
    std::fs::write(new, text.replace("name: prod-eks", "name: test-eks")).unwrap();
    let said = place.run(&tool, &[]).unwrap_err();
    assert!(
        said.contains("new overlays; add them to the commit"),
        "{said}"
    );
    assert!(
        said.contains("overlays/test-eks/status/kustomization.yaml"),
        "{said}"
    );
    place.fleet.git(&["add", "--all"]);
    place.run(&tool, &[]).unwrap();
}

#[test]
fn pre_commit_takes_both_files() {
    let Some(tool) = tools::tools("pre-commit", "").pop() else {
        return;
    };
    let valid = |what: &str, path: &Path| {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(&tool.program);
        command
            .arg(what)
            .arg(path)
            .env("PRE_COMMIT_HOME", home.path());
        ran(&mut command, "").unwrap();
    };
    valid("validate-manifest", &file(".pre-commit-hooks.yaml"));
    valid(
        "validate-config",
        &file("examples/fleet/.pre-commit-config.yaml"),
    );
}
