//! The jobs of GitLab: their scripts as they stand in the template, run in one shell as a runner does.
//!
//! A stand-in for the host's API and for the image's package manager; git, curl for files, jq and edgegen are real.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::fleet::{Repository, file, yaml};
use crate::release::{Release, VERSION, target};
use crate::system::as_in_an_image;
use crate::tools::{executable, ran};

/// `curl` that answers for the API, and is the real one for everything else.
const CURL: &str = r#"#!/usr/bin/env bash
set -euo pipefail
case "$*" in
  *"$CI_API_V4_URL"*) ;;
  *) exec "$REAL_CURL" "$@" ;;
esac
[ "$(cat)" = "PRIVATE-TOKEN: $EXPECTED_TOKEN" ] || { echo "401" >&2; exit 22; }
method=GET body= url=
while [ $# -gt 0 ]; do
  case "$1" in
    --request) method=$2; shift ;;
    --data-urlencode) body=${2#body@}; shift ;;
    --header | --output) shift ;;
    --*) ;;
    *) url=$1 ;;
  esac
  shift
done
notes="$CI_API_V4_URL/projects/11/merge_requests/7/notes"
case "$method $url" in
  "GET $notes?per_page=100&page="*)
    jq --argjson page "${url##*=}" '.[(($page - 1) * 100):($page * 100)]' "$NOTES" ;;
  "POST $notes") jq --rawfile body "$body" '. + [{id: 1000, body: $body}]' "$NOTES" > "$NOTES.new" && mv "$NOTES.new" "$NOTES" ;;
  "PUT $notes/"*)
    jq --rawfile body "$body" --argjson id "${url##*/}" 'map(if .id == $id then .body = $body else . end)' "$NOTES" > "$NOTES.new"
    mv "$NOTES.new" "$NOTES" ;;
  *) echo "404 $method $url" >&2; exit 22 ;;
esac
"#;

struct Runner {
    fleet: Repository,
    base: String,
    release: Release,
    bin: tempfile::TempDir,
}

fn runner() -> Runner {
    let fleet = Repository::fleet();
    let base = fleet.git(&["rev-parse", "HEAD"]);
    // The revision to compare with is fetched from where the clone came from.
    let url = fleet.path().display().to_string();
    fleet.git(&["remote", "add", "origin", &url]);
    let bin = tempfile::tempdir().unwrap();
    executable(&bin.path().join("apk"), "#!/bin/sh\necho \"$@\"\n");
    executable(&bin.path().join("curl"), CURL);
    as_in_an_image(bin.path());
    Runner {
        fleet,
        base,
        release: Release::new(),
        bin,
    }
}

fn lines(job: &Value, part: &str) -> String {
    let all = job[part].as_array().unwrap().iter();
    let lines: Vec<&str> = all.map(|l| l.as_str().unwrap()).collect();
    lines.join("\n") + "\n"
}

impl Runner {
    /// Runs a job with its own variables over the template's.
    fn job(&self, name: &str, variables: &[(&str, &str)]) -> Result<String, String> {
        let template = yaml(&file("integrations/gitlab/edgegen.gitlab-ci.yml"));
        let mine = yaml(&file("examples/fleet/.gitlab-ci.yml"));
        let job = &template[name];
        assert_eq!(job["extends"], ".edgegen");
        let script = lines(&template[".edgegen"], "before_script") + &lines(job, "script");
        let real = ran(Command::new("bash").args(["-c", "command -v curl"]), "").unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("env");
        command
            .args(["sh", "-ec", &script])
            .current_dir(self.fleet.path());
        for from in [&template, &mine] {
            for (name, value) in from["variables"].as_object().unwrap() {
                command.env(name, value.as_str().unwrap());
            }
        }
        command
            .env("PATH", format!("{}:{path}", self.bin.path().display()))
            .env("REAL_CURL", real.trim())
            .env("EXPECTED_TOKEN", "note-token")
            .env("NOTES", self.bin.path().join("notes.json"))
            .env("EDGEGEN_RELEASES", self.release.url())
            .env("CI_API_V4_URL", "https://git.your-org.com/api/v4")
            .env("CI_PROJECT_ID", "11")
            .env("CI_MERGE_REQUEST_IID", "7")
            .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", &self.base)
            .env_remove("EDGEGEN_NOTE_TOKEN")
            .envs(variables.iter().copied());
        ran(&mut command, "")
    }

    fn notes(&self) -> Value {
        let text = fs::read_to_string(self.bin.path().join("notes.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn given(&self, notes: &Value) {
        fs::write(self.bin.path().join("notes.json"), notes.to_string()).unwrap();
    }

    fn made(&self, name: &str) -> String {
        fs::read_to_string(Path::new(self.fleet.path()).join(name)).unwrap()
    }
}

#[test]
fn verify_passes_and_fails_with_the_overlays() {
    let runner = runner();
    let said = runner.job("edgegen-verify", &[]).unwrap();
    assert!(said.contains(&format!("edgegen {VERSION}")), "{said}");
    assert!(runner.made("edgegen-junit.xml").contains("<testsuite"));
    runner
        .fleet
        .edit("apps/checkout/exposure.yaml", "drain: 30s", "drain: 40s");
    let said = runner.job("edgegen-verify", &[]).unwrap_err();
    assert!(said.contains("differ; accept with `--write`"), "{said}");
}

#[test]
fn a_release_that_is_another_does_not_run() {
    let runner = runner();
    let archive = runner.release.archive(target());
    let mut bytes = fs::read(&archive).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(archive, bytes).unwrap();
    let said = runner.job("edgegen-verify", &[]).unwrap_err();
    assert!(
        said.contains("FAILED") && !said.contains("verify"),
        "{said}"
    );
}

#[test]
fn the_diff_is_an_artifact_and_one_note() {
    let runner = runner();
    let token = [("EDGEGEN_NOTE_TOKEN", "note-token")];
    runner
        .fleet
        .edit("apps/checkout/exposure.yaml", "drain: 30s", "drain: 40s");
    runner.job("edgegen-diff", &[]).unwrap();
    assert!(
        runner
            .made("edgegen-diff.md")
            .contains("deregistration_delay")
    );
    // The note of an earlier run is the one that is written anew, on whatever page it stands.
    let mut notes: Vec<Value> = (1..=120)
        .map(|i| json!({"id": i, "body": "a word"}))
        .collect();
    runner.given(&Value::from(notes.clone()));
    runner.job("edgegen-diff", &token).unwrap();
    let written = runner.notes();
    let written = written.as_array().unwrap();
    assert_eq!(written.len(), 121);
    let body = written[120]["body"].as_str().unwrap();
    assert!(body.starts_with("<!-- edgegen note -->\n") && body.contains("deregistration_delay"));
    notes[104] = json!({"id": 105, "body": "<!-- edgegen note -->\nold"});
    runner.given(&Value::from(notes));
    runner.job("edgegen-diff", &token).unwrap();
    let written = runner.notes();
    assert_eq!(written.as_array().unwrap().len(), 120);
    assert!(
        written[104]["body"]
            .as_str()
            .unwrap()
            .contains("deregistration_delay")
    );
    let said = runner
        .job("edgegen-diff", &[("EDGEGEN_NOTE_TOKEN", "other")])
        .unwrap_err();
    assert!(said.contains("401"), "{said}");
}

#[test]
fn what_is_denied_fails_after_it_was_said() {
    let runner = runner();
    runner.given(&json!([]));
    runner.fleet.edit(
        "apps/status/exposure.yaml",
        "redirectHTTP: true",
        "redirectHTTP: false",
    );
    let token = ("EDGEGEN_NOTE_TOKEN", "note-token");
    let denied = runner.job("edgegen-diff", &[token, ("EDGEGEN_DENY", "risk")]);
    assert!(denied.is_err());
    assert!(runner.notes()[0]["body"].as_str().unwrap().contains("⚠️"));
    runner
        .job("edgegen-diff", &[token, ("EDGEGEN_DENY", "")])
        .unwrap();
}
