//! What the pages of integrations show: documents that fit the files they speak of, links that lead somewhere, one version.
//!
//! A page is copied from, so a name in it that is no longer there is a mistake in somebody's pipeline.

use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_json::Value;

use crate::fleet::{file, yaml};
use crate::release::VERSION;

/// The blocks of YAML of a page.
fn blocks(page: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(file(page)).unwrap();
    let all = text.split("```yaml\n").skip(1);
    all.map(|b| b.split("```").next().unwrap())
        .map(|b| Value::deserialize(yaml_serde::Deserializer::from_str(b)).unwrap())
        .collect()
}

/// Every file of the integrations and of the fleet, but for what edgegen wrote.
fn files() -> Vec<PathBuf> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("overlays") {
                walk(&path, out);
            } else if path.is_file() {
                out.push(path);
            }
        }
    }
    let mut out = vec![file("action.yml")];
    walk(&file("integrations"), &mut out);
    walk(&file("examples/fleet"), &mut out);
    out
}

/// The steps that use the Action.
fn uses(steps: &Value) -> Vec<&Value> {
    let ours = |s: &&Value| {
        let name = s["uses"].as_str().unwrap_or_default();
        name.starts_with("edgegen/edgegen@")
    };
    let found: Vec<&Value> = steps.as_array().unwrap().iter().filter(ours).collect();
    assert_eq!(found.len(), 1, "{steps:#}");
    found
}

#[test]
fn workflows_give_the_action_inputs_that_it_has() {
    let action = yaml(&file("action.yml"));
    let page = blocks("integrations/github/README.md").remove(0);
    let fleet = yaml(&file("examples/fleet/.github/workflows/edge.yml"));
    let mut seen = 0;
    for steps in [&page["steps"], &fleet["jobs"]["edgegen"]["steps"]] {
        for step in uses(steps) {
            for name in step["with"].as_object().unwrap().keys() {
                assert!(action["inputs"].get(name).is_some(), "no input {name}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn pages_show_what_the_fleet_has() {
    let page = blocks("integrations/pre-commit/README.md").remove(0);
    assert_eq!(page, yaml(&file("examples/fleet/.pre-commit-config.yaml")));
    let page = blocks("integrations/gitlab/README.md").remove(0);
    assert_eq!(page, yaml(&file("examples/fleet/.gitlab-ci.yml")));
    let known = yaml(&file("integrations/gitlab/edgegen.gitlab-ci.yml"));
    for name in page["variables"].as_object().unwrap().keys() {
        assert!(known["variables"].get(name).is_some(), "no variable {name}");
    }
    let include = page["include"][0]["remote"].as_str().unwrap();
    let path = include.split(&format!("/v{VERSION}/")).nth(1).unwrap();
    assert!(file(path).is_file(), "{path}");
}

/// A release changes the version in one commit; this says where it is forgotten.
#[test]
fn every_file_speaks_of_this_version() {
    let mut seen = 0;
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        for (i, line) in text.lines().enumerate() {
            let pins = [
                "edgegen/edgegen@v",
                "/edgegen/edgegen/v",
                "rev: v",
                "EDGEGEN_VERSION: \"",
                "edgegen-argocd:",
            ];
            for pin in pins.iter().filter(|p| line.contains(*p)) {
                let after = line.split(pin).nth(1).unwrap();
                let place = format!("{}:{}: {line}", path.display(), i + 1);
                assert!(after.starts_with(VERSION), "{place}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 8, "{seen} places");
    let plugin = yaml(&file("integrations/helm/plugin.yaml"));
    assert_eq!(plugin["version"], VERSION);
}

#[test]
fn links_lead_to_files() {
    let mut seen = 0;
    for path in files()
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "md"))
    {
        let text = std::fs::read_to_string(path).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .map(|l| l.split(')').next().unwrap())
        {
            if !link.starts_with("https://") {
                let to = path.parent().unwrap().join(link);
                assert!(to.exists(), "{}: {link}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen} links");
}
