//! Linters over everything that a pipeline reads: scripts, workflows, the Action, containers, and what has a schema.
//!
//! Each linter is the real one, and all files of a kind are found by git, so that a new file is not forgotten.

use std::path::Path;
use std::process::Command;

use crate::fleet::{Repository, file};
use crate::tools::{self, ran, root};

/// Files of the repository, tracked or new, that a pattern of git names.
fn files(patterns: &[&str]) -> Vec<String> {
    let mut command = Command::new("git");
    command.args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
    ]);
    let listed = ran(command.args(patterns).current_dir(root()), "").unwrap();
    let all: Vec<String> = listed.lines().map(str::to_owned).collect();
    assert!(!all.is_empty(), "no file is named {patterns:?}");
    all
}

/// Files that are run by a shell: they say so in their first line.
fn scripts() -> Vec<String> {
    let shell = |path: &String| {
        let text = std::fs::read_to_string(file(path)).unwrap_or_default();
        let first = text.lines().next().unwrap_or_default();
        first.starts_with("#!") && (first.ends_with("bash") || first.ends_with("/sh"))
    };
    files(&[".ci", "integrations", "bench", "examples"])
        .into_iter()
        .filter(shell)
        .collect()
}

/// Runs a linter on files of the repository; nothing where it is absent.
fn lint(name: &str, args: &[&str], files: &[String]) -> Result<(), String> {
    for tool in tools::tools(name, "") {
        let mut command = Command::new(&tool.program);
        command.args(args).args(files).current_dir(root());
        ran(&mut command, "")?;
    }
    Ok(())
}

/// Checks a file against a schema of this repository.
pub fn schema(schema: &str, path: &Path) -> Result<(), String> {
    let schema = file(schema).display().to_string();
    let args = ["--default-filetype", "yaml", "--schemafile", &schema];
    lint("check-jsonschema", &args, &[path.display().to_string()])
}

fn builtin(name: &str, more: &[&str], patterns: &[&str]) {
    let mut args = vec!["--builtin-schema", name];
    args.extend(more);
    lint("check-jsonschema", &args, &files(patterns)).unwrap();
}

const WORKFLOWS: [&str; 2] = [".github/workflows/*", "examples/fleet/.github/workflows/*"];
const CONTAINERS: [&str; 1] = ["*Containerfile"];

#[test]
fn scripts_are_sound() {
    let scripts = scripts();
    for known in [
        ".ci/run",
        "integrations/install.sh",
        "integrations/github/review.sh",
        "integrations/argocd/generate.sh",
    ] {
        assert!(
            scripts.iter().any(|s| s == known),
            "{known} is not among {scripts:?}"
        );
    }
    lint("shellcheck", &["--color=never"], &scripts).unwrap();
}

#[test]
fn scripts_can_be_run_and_say_what_they_are() {
    for path in scripts() {
        use std::os::unix::fs::PermissionsExt;
        let at = file(&path);
        let mode = std::fs::metadata(&at).unwrap().permissions().mode();
        assert!(mode & 0o111 != 0, "{path} is not executable");
        let text = std::fs::read_to_string(&at).unwrap();
        let mut lines = text.lines().skip(1);
        assert!(
            lines.next().unwrap().starts_with("# "),
            "{path}: what it is"
        );
        assert!(
            lines.next().unwrap().starts_with("# "),
            "{path}: why it is here"
        );
        assert!(text.contains("\nset -eu"), "{path} goes on after an error");
    }
}

#[test]
fn workflows_are_sound() {
    let all = files(&WORKFLOWS);
    assert_eq!(all.len(), 3, "{all:?}");
    // Scripts within workflows are the same linter's as those in files.
    for tool in tools::tools("shellcheck", "") {
        let shellcheck = format!("-shellcheck={}", tool.program.display());
        lint("actionlint", &["-no-color", &shellcheck], &all).unwrap();
    }
    builtin("vendor.github-workflows", &[], &WORKFLOWS);
    builtin("custom.github-workflows-require-timeout", &[], &WORKFLOWS);
    builtin("vendor.github-actions", &[], &["action.yml"]);
}

#[test]
fn workflows_and_the_action_open_no_way_in() {
    let all = files(&[WORKFLOWS[0], WORKFLOWS[1], "action.yml"]);
    let args = [
        "--offline",
        "--no-progress",
        "--config",
        ".github/zizmor.yml",
        "--persona=pedantic",
    ];
    lint("zizmor", &args, &all).unwrap();
}

#[test]
fn pipelines_of_other_hosts_are_sound() {
    let files = ["integrations/gitlab/*.yml", "examples/fleet/.gitlab-ci.yml"];
    builtin(
        "vendor.gitlab-ci",
        &["--data-transform", "gitlab-ci"],
        &files,
    );
    let plugin = file("integrations/argocd/plugin.yaml");
    schema("tests/integrations/argocd.schema.json", &plugin).unwrap();
}

#[test]
fn containers_are_sound() {
    let all = files(&CONTAINERS);
    assert_eq!(all.len(), 2, "{all:?}");
    lint(
        "hadolint",
        &["--no-color", "--failure-threshold", "info"],
        &all,
    )
    .unwrap();
}

/// A linter that finds nothing in anything would be no judge.
#[test]
fn planted_mistakes_are_found() {
    let place = Repository::empty();
    let put = |name: &str, text: &str| {
        let at = place.path().join(name);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(&at, text).unwrap();
        vec![at.display().to_string()]
    };
    let found = |name: &str, args: &[&str], files: &[String]| {
        let absent = tools::tools(name, "").is_empty();
        assert!(
            absent || lint(name, args, files).is_err(),
            "{name} found nothing"
        );
    };
    found("shellcheck", &[], &put("a.sh", "#!/bin/sh\nrm -rf $1/*\n"));
    found(
        "hadolint",
        &[],
        &put("Containerfile", "FROM debian\nRUN cd /tmp && sudo ls\n"),
    );
    let workflow = put(
        ".github/workflows/w.yml",
        "on: pull_request\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.event.pull_request.title }}\n      - run: echo ${{ nothing.here }}\n",
    );
    found("actionlint", &[], &workflow);
    found("zizmor", &["--offline", "--no-progress"], &workflow);
    found(
        "check-jsonschema",
        &["--builtin-schema", "vendor.github-workflows"],
        &put("x.yml", "on: push\n"),
    );
}
