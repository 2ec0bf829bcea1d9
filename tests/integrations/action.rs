//! The Action on a real repository: its steps as they stand in action.yml, a real git, a stand-in for the code host.
//!
//! A case is a file in `action/`: what the pull request changes, the inputs, the comments that are there, and what follows.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::expressions::{Contexts, filled, holds};
use crate::fleet::{Repository, file, text, yaml};
use crate::release::Release;
use crate::tools::{self, executable};

/// A stand-in for the host's command line: comments are in a file, and only some are of this token.
const GH: &str = r#"#!/usr/bin/env bash
set -euo pipefail
[ "$GH_TOKEN" = "${GH_EXPECTED_TOKEN}" ] || { echo "HTTP 401: Bad credentials" >&2; exit 1; }
[ "$1" = api ] || { echo "unknown command $1" >&2; exit 1; }
shift
method=GET url= filter= body=
while [ $# -gt 0 ]; do
  case "$1" in
    --paginate | --silent) ;;
    --method) method=$2; shift ;;
    --jq) filter=$2; shift ;;
    --field) body=${2#body=@}; shift ;;
    *) url=$1 ;;
  esac
  shift
done
case "$method $url" in
  "GET repos/acme/fleet/issues/7/comments?per_page=100") jq -r "$filter" "$GH_COMMENTS" ;;
  "POST repos/acme/fleet/issues/7/comments" | "PATCH repos/acme/fleet/issues/comments/"*)
    if [ -n "${GH_READ_ONLY:-}" ]; then
      echo "HTTP 403: Resource not accessible by integration" >&2
      exit 1
    fi
    id=${url##*/}
    if [ "$method" = PATCH ] && ! jq -e --argjson id "$id" '.[] | select(.id == $id) | .mine' "$GH_COMMENTS" > /dev/null; then
      echo "HTTP 403: not the author" >&2
      exit 1
    fi
    jq --rawfile body "$body" --arg id "$id" '
      if $id == "comments" then . + [{id: 1000, mine: true, body: $body}]
      else map(if .id == ($id | tonumber) then .body = $body else . end) end' "$GH_COMMENTS" > "$GH_COMMENTS.new"
    mv "$GH_COMMENTS.new" "$GH_COMMENTS"
    ;;
  *) echo "HTTP 404: $method $url" >&2; exit 1 ;;
esac
"#;

/// A job on a runner, for one Action.
struct Job {
    repository: Repository,
    /// Where a shallow clone fetches from.
    origin: Option<Repository>,
    runner: tempfile::TempDir,
    /// Where releases are fetched from.
    release: Option<Release>,
    contexts: Contexts,
    /// What steps printed.
    log: String,
}

impl Job {
    fn new(case: &Value) -> Self {
        let repository = Repository::fleet();
        let base = repository.git(&["rev-parse", "HEAD"]);
        let runner = tempfile::tempdir().unwrap();
        let at = runner.path();
        fs::create_dir(at.join("bin")).unwrap();
        executable(&at.join("bin/gh"), GH);
        let comments = case.get("comments").cloned().unwrap_or(json!([]));
        fs::write(at.join("comments.json"), comments.to_string()).unwrap();
        let event = match case.get("event") {
            Some(event) => event.to_string().replace("BASE", &base),
            None => json!({"pull_request": {"number": 7, "base": {"sha": base, "ref": "main"}}})
                .to_string(),
        };
        fs::write(at.join("event.json"), event).unwrap();
        for name in ["output", "path", "summary"] {
            fs::write(at.join(name), "").unwrap();
        }
        let mut contexts = Contexts::new();
        for (name, input) in yaml(&file("action.yml"))["inputs"].as_object().unwrap() {
            let default = input["default"].as_str().unwrap_or_default();
            contexts.insert(format!("inputs.{name}"), default.to_owned());
        }
        contexts.insert(
            "github.action_path".into(),
            tools::root().display().to_string(),
        );
        contexts.insert("github.token".into(), "token-of-the-run".into());
        contexts.insert("inputs.token".into(), "token-of-the-run".into());
        let binary = tools::edgegen().display().to_string();
        contexts.insert("inputs.path".into(), binary);
        for (name, value) in case["inputs"].as_object().unwrap() {
            let known = contexts.insert(format!("inputs.{name}"), value.as_str().unwrap().into());
            assert!(known.is_some(), "the Action has no input {name}");
        }
        Self {
            repository,
            origin: None,
            runner,
            release: (case["released"] == true).then(Release::new),
            contexts,
            log: String::new(),
        }
    }

    fn change(&self, case: &Value) {
        self.repository
            .git(&["switch", "--quiet", "--create", "change"]);
        for edit in case["change"].as_array().unwrap() {
            self.repository
                .edit(text(edit, "/file"), text(edit, "/from"), text(edit, "/to"));
        }
        if case["rendered"] == true {
            let said = self.repository.edgegen("render", &["--allow-replace"]);
            said.unwrap();
        }
        self.repository.commit("change");
    }

    /// The checkout of a workflow that asks for no history.
    fn shallow(&mut self) {
        let origin = std::mem::replace(&mut self.repository, Repository::empty());
        origin.git(&["config", "uploadpack.allowReachableSHA1InWant", "true"]);
        let url = format!("file://{}", origin.path().display());
        let to = self.repository.path().display().to_string();
        origin.git(&[
            "clone",
            "--quiet",
            "--depth=1",
            "--branch=change",
            &url,
            &to,
        ]);
        self.origin = Some(origin);
    }

    /// Runs all steps; gives whether the job succeeds.
    fn run(&mut self, case: &Value) -> bool {
        for step in yaml(&file("action.yml"))["runs"]["steps"]
            .as_array()
            .unwrap()
        {
            let wanted = step
                .get("if")
                .is_none_or(|c| holds(c.as_str().unwrap(), &self.contexts));
            if !wanted {
                continue;
            }
            if let Some(action) = step.get("uses") {
                let name = action.as_str().unwrap().split('@').next().unwrap();
                let given = filled(text(step, "/with/sarif_file"), &self.contexts);
                let sarif = fs::read_to_string(given).unwrap();
                let sarif: Value = serde_json::from_str(&sarif).unwrap();
                assert_eq!(sarif["version"], "2.1.0");
                self.log.push_str(&format!("uses {name}\n"));
            } else if !self.script(step, case) {
                return false;
            }
        }
        true
    }

    fn script(&mut self, step: &Value, case: &Value) -> bool {
        assert_eq!(text(step, "/shell"), "bash");
        let run = text(step, "/run");
        assert!(!run.contains("${{"), "a value in a script is code: {run}");
        let at = self.runner.path();
        fs::write(at.join("step.sh"), run).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(at.join("step.sh"))
            .current_dir(self.repository.path())
            .env("PATH", format!("{}:{path}", at.join("bin").display()))
            .env("RUNNER_TEMP", at)
            .env("GITHUB_OUTPUT", at.join("output"))
            .env("GITHUB_PATH", at.join("path"))
            .env("GITHUB_STEP_SUMMARY", at.join("summary"))
            .env("GITHUB_EVENT_PATH", at.join("event.json"))
            .env("GITHUB_REPOSITORY", "acme/fleet")
            .env("GH_COMMENTS", at.join("comments.json"))
            .env("GH_EXPECTED_TOKEN", "token-of-the-run");
        if let Some(release) = &self.release {
            command.env("EDGEGEN_RELEASES", release.url());
        }
        if case["readOnly"] == true {
            command.env("GH_READ_ONLY", "1");
        }
        for (name, value) in step["env"].as_object().unwrap() {
            command.env(name, filled(value.as_str().unwrap(), &self.contexts));
        }
        let out = command.output().unwrap();
        self.log.push_str(&String::from_utf8_lossy(&out.stdout));
        self.log.push_str(&String::from_utf8_lossy(&out.stderr));
        if let Some(id) = step.get("id").and_then(Value::as_str) {
            for line in fs::read_to_string(at.join("output")).unwrap().lines() {
                let (name, value) = line.split_once('=').unwrap();
                let name = format!("steps.{id}.outputs.{name}");
                self.contexts.insert(name, value.to_owned());
            }
            fs::write(at.join("output"), "").unwrap();
        }
        out.status.success()
    }

    /// The outputs of the Action, as action.yml says where they come from.
    fn outputs(&self) -> Contexts {
        let action = yaml(&file("action.yml"));
        let all = action["outputs"].as_object().unwrap().iter();
        all.map(|(name, o)| (name.clone(), filled(text(o, "/value"), &self.contexts)))
            .collect()
    }

    fn comments(&self) -> Value {
        let text = fs::read_to_string(self.runner.path().join("comments.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

/// Fails where a text lacks one of the words of a list.
fn has(what: &str, found: &str, words: Option<&Value>) {
    for word in words.and_then(Value::as_array).into_iter().flatten() {
        let word = word.as_str().unwrap();
        assert!(found.contains(word), "{what} lacks `{word}`:\n{found}");
    }
}

fn lacks(what: &str, found: &str, words: Option<&Value>) {
    for word in words.and_then(Value::as_array).into_iter().flatten() {
        let word = word.as_str().unwrap();
        assert!(!found.contains(word), "{what} has `{word}`:\n{found}");
    }
}

fn check(path: &Path) {
    let case = yaml(path);
    let name = path.display().to_string();
    let mut job = Job::new(&case);
    job.change(&case);
    if case["shallow"] == true {
        job.shallow();
    }
    let succeeds = job.run(&case);
    let wanted = &case["expect"];
    let log = &job.log;
    assert_eq!(wanted["succeeds"], succeeds, "{name}\n{log}");
    let outputs = job.outputs();
    for (output, value) in wanted["outputs"].as_object().into_iter().flatten() {
        assert_eq!(
            outputs[output],
            value.as_str().unwrap(),
            "{name}: {output}\n{log}"
        );
    }
    if succeeds {
        // Later steps find the program that ran.
        let binary = Path::new(&outputs["binary"]);
        let path = fs::read_to_string(job.runner.path().join("path")).unwrap();
        assert_eq!(
            path.trim_end(),
            binary.parent().unwrap().display().to_string()
        );
        let fetched = binary.starts_with(job.runner.path());
        assert_eq!(
            fetched,
            job.release.is_some(),
            "{name}: {}",
            binary.display()
        );
    }
    has(&format!("{name}: the log"), log, wanted.get("log"));
    lacks(&format!("{name}: the log"), log, wanted.get("notInLog"));
    let summary = fs::read_to_string(job.runner.path().join("summary")).unwrap();
    has(
        &format!("{name}: the summary"),
        &summary,
        wanted.get("summary"),
    );
    let found = job.comments();
    let found = found.as_array().unwrap();
    let comments = wanted["comments"].as_array().unwrap();
    assert_eq!(
        found.len(),
        comments.len(),
        "{name}: comments\n{log}\n{found:?}"
    );
    for (found, wanted) in found.iter().zip(comments) {
        assert_eq!(found["id"], wanted["id"], "{name}");
        let what = format!("{name}: comment {}", found["id"]);
        has(&what, text(found, "/body"), wanted.get("has"));
        lacks(&what, text(found, "/body"), wanted.get("lacks"));
    }
    // Nothing of a review is written where the job's files are, but for what `render` renders.
    if job.contexts["inputs.run"] == "verify" {
        assert_eq!(job.repository.git(&["status", "--porcelain"]), "", "{name}");
    }
}

#[test]
fn each_case() {
    let folder = file("tests/integrations/action");
    let entries = fs::read_dir(folder).unwrap().flatten();
    let mut cases: Vec<_> = entries.map(|e| e.path()).collect();
    cases.sort();
    assert!(cases.len() >= 10, "{cases:?}");
    edgegen::parallel::map(&cases, |path| check(path));
}
