//! The commands on the examples' pages, run as they stand there.
//!
//! In a copy of the examples, with the real tools; `helm install` is `helm template` where there is no cluster.

use std::path::Path;
use std::process::Command;

use crate::kit::{self, Tool, ran, tools};

/// A copy of what the pages speak of, and a folder of programs before all others on the `PATH`.
fn place(dir: &Path, helm: Option<&Tool>) -> String {
    for folder in ["examples/cafe", "examples/cafe-route", "integrations/helm"] {
        kit::copy(&kit::root().join(folder), &dir.join(folder));
    }
    let bin = dir.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    kit::executable(
        &bin.join("edgegen-fn"),
        &format!("#!/bin/sh\nexec '{}' fn \"$@\"\n", kit::edgegen().display()),
    );
    if let Some(tool) = helm {
        std::os::unix::fs::symlink(&tool.program, bin.join("helm")).unwrap();
    }
    format!("{}:{}", bin.display(), kit::path_with_edgegen())
}

/// The blocks of a page with this word behind the fence.
fn page(path: &str, word: &str) -> Vec<String> {
    let text = kit::example(path);
    let fence = format!("```{word}\n");
    let all = text.split(fence.as_str()).skip(1);
    all.map(|b| b.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn helm_runs_what_the_page_of_the_chart_says() {
    let commands = page("cafe/README.md", "sh");
    let [three, four, values] = &commands[..] else {
        panic!("{commands:?}")
    };
    for (major, mine) in [("v3", [three, values]), ("v4", [four, values])] {
        for tool in tools("helm", major) {
            let dir = tempfile::tempdir().unwrap();
            let path = place(dir.path(), Some(&tool));
            for block in mine {
                let script = block.replace("helm install", "helm template");
                let mut command = Command::new("bash");
                command
                    .args(["-euc", &script])
                    .current_dir(dir.path().join("examples/cafe"))
                    .env("PATH", &path)
                    .env_remove("HELM_PLUGINS");
                for variable in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
                    command.env(variable, dir.path().join(variable));
                }
                let text = ran(&mut command, "").unwrap();
                assert!(text.contains("cafe.your-org.com"), "{block}{text}");
            }
        }
    }
}

#[test]
fn kustomize_runs_what_the_page_of_the_route_says() {
    let files = page("cafe-route/README.md", "yaml");
    let [kustomization, edge] = &files[..] else {
        panic!("{files:?}")
    };
    for tool in tools("kustomize", "v5") {
        let dir = tempfile::tempdir().unwrap();
        place(dir.path(), None);
        let at = dir.path().join("examples/cafe-route");
        std::fs::copy(dir.path().join("bin/edgegen-fn"), at.join("edgegen-fn")).unwrap();
        std::fs::write(at.join("kustomization.yaml"), kustomization).unwrap();
        std::fs::write(at.join("edge.yaml"), edge).unwrap();
        let mut command = Command::new(&tool.program);
        command.args(["build", "--enable-alpha-plugins", "--enable-exec", "."]);
        let text = ran(command.current_dir(&at), "").unwrap();
        // The listener keeps the name that it has in the base.
        let named = text.lines().any(|l| l.trim() == "sectionName: https");
        assert!(named, "{text}");
    }
}
