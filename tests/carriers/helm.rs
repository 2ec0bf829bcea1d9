//! Real helm of both major versions renders the chart of the examples, with edgegen in its pipe.
//!
//! The base that is committed beside the chart is what helm makes of it; the post-renderer gives what the overlay of that base builds to.

use std::process::Command;

use crate::examples::{Case, cases, store};
use crate::kit::{self, Objects, arguments, each, objects, ran, same, template, tools};

/// The objects of a release that helm keeps apart from the application, by the text of their annotation.
fn without_hooks(mut all: Objects) -> (Objects, usize) {
    let before = all.len();
    all.retain(|_, o| o.pointer("/metadata/annotations/helm.sh~1hook").is_none());
    let hooks = before - all.len();
    (all, hooks)
}

#[test]
fn the_bases_are_what_helm_makes_of_the_chart() {
    let home = tempfile::tempdir().unwrap();
    let store = store();
    let mut seen = Vec::new();
    let of: Vec<Case> = cases(&store).into_iter().filter(kit::is_charts).collect();
    for tool in tools("helm", "v3").iter().chain(&tools("helm", "v4")) {
        for case in &of {
            let name = format!("{} {}", case.example, tool.version);
            if seen.contains(&name) {
                continue;
            }
            let text = template(tool, home.path(), case, &["--no-hooks".to_owned()]).unwrap();
            let base = kit::example(&format!("{}/base/manifests.yaml", case.example));
            same(&name, &objects(&text), &objects(&base));
            seen.push(name);
        }
    }
}

/// The arguments of helm that give each of edgegen's.
fn passed(args: impl IntoIterator<Item = String>) -> Vec<String> {
    args.into_iter()
        .map(|a| format!("--post-renderer-args={a}"))
        .collect()
}

#[test]
fn helm_3_installs_the_objects_of_the_overlay() {
    let home = tempfile::tempdir().unwrap();
    for tool in tools("helm", "v3") {
        each(kit::is_charts, |case, wanted| {
            let mut args = vec![format!("--post-renderer={}", kit::edgegen().display())];
            args.extend(passed(
                ["post-render".to_owned()]
                    .into_iter()
                    .chain(arguments(case)),
            ));
            let text = template(&tool, home.path(), case, &args).unwrap();
            // helm 3 sends what it installs; hooks are added behind it.
            let (found, hooks) = without_hooks(objects(&text));
            assert_eq!(hooks, 1, "{}", case.name);
            same(&case.name, &found, wanted);
        });
    }
}

#[test]
fn helm_4_installs_the_objects_of_the_overlay() {
    let home = tempfile::tempdir().unwrap();
    for tool in tools("helm", "v4") {
        let plugin = kit::root().join("integrations/helm");
        let mut install = Command::new(&tool.program);
        install.args(["plugin", "install"]).arg(plugin);
        install.env_remove("HELM_PLUGINS");
        for variable in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            install.env(variable, home.path().join(variable));
        }
        ran(&mut install, "").unwrap();
        each(kit::is_charts, |case, wanted| {
            let mut args = vec!["--post-renderer=edgegen".to_owned()];
            args.extend(passed(arguments(case)));
            let text = template(&tool, home.path(), case, &args).unwrap();
            // helm 4 sends hooks along; they come back as they were.
            let (found, hooks) = without_hooks(objects(&text));
            assert_eq!(hooks, 1, "{}", case.name);
            same(&case.name, &found, wanted);
        });
    }
}

#[test]
fn a_finding_stops_helm_and_is_shown() {
    let home = tempfile::tempdir().unwrap();
    let store = store();
    let all = cases(&store);
    let case = all.iter().find(|c| kit::is_charts(c)).unwrap();
    for tool in tools("helm", "v3") {
        let mut args = vec![format!("--post-renderer={}", kit::edgegen().display())];
        let mut own = arguments(case);
        own.truncate(2);
        own.extend(["-t".to_owned(), "nothing".to_owned()]);
        args.extend(passed(["post-render".to_owned()].into_iter().chain(own)));
        let said = template(&tool, home.path(), case, &args).unwrap_err();
        assert!(said.contains("error[EG1401]"), "{said}");
    }
}
