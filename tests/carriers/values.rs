//! Values that edgegen writes, rendered by real helm: the objects of the overlay, or a finding that says which are not.
//!
//! The chart of the examples has a mapping; the one that `helm create` makes is carried without.

use std::path::Path;
use std::process::Command;

use clap::Parser;
use edgegen::cli::{Cli, Done, run};
use edgegen::world::Disk;
use serde_json::{Value, json};

use crate::examples::{Case, cases, store};
use crate::kit::{self, Objects, Tool, arguments, each, objects, ran, same, templated, tools};

fn edgegen(args: &[&str]) -> Done {
    let line = ["edgegen"].iter().chain(args);
    run(Cli::try_parse_from(line).unwrap(), &Disk, false)
}

/// Objects with what the API fills into references of routes; the chart's template leaves it to the API.
fn filled(mut all: Objects) -> Objects {
    for object in all.values_mut() {
        let rules = object
            .pointer_mut("/spec/rules")
            .and_then(Value::as_array_mut);
        let references = rules
            .into_iter()
            .flatten()
            .filter_map(|r| r.get_mut("backendRefs")?.as_array_mut())
            .flatten();
        for reference in references {
            let map = reference.as_object_mut().unwrap();
            map.entry("group").or_insert(json!(""));
            map.entry("kind").or_insert(json!("Service"));
        }
    }
    all
}

#[test]
fn helm_makes_the_objects_of_the_overlay_from_values() {
    let home = tempfile::tempdir().unwrap();
    let both: Vec<Tool> = ["v3", "v4"].iter().flat_map(|v| tools("helm", v)).collect();
    each(kit::is_charts, |case, wanted| {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("values.yaml");
        std::fs::write(&file, values(case)).unwrap();
        for tool in &both {
            let text = templated(tool, home.path(), &file, &["--no-hooks".to_owned()]).unwrap();
            let name = format!("{} {}", case.name, tool.version);
            same(&name, &filled(objects(&text)), &filled(wanted.clone()));
        }
    });
}

#[test]
fn defaults_that_a_template_leaves_to_the_api_are_noted() {
    let store = store();
    let all = cases(&store);
    let noted = |name: &str| {
        let case = all.iter().find(|c| c.name == name).unwrap();
        rendered(case).stderr.contains("note[EG3403]")
    };
    assert!(noted("gateway/cafe-route"));
    assert!(!noted("gateway/cafe"));
}

/// The values for a case, by its mapping.
fn values(case: &Case) -> String {
    let done = rendered(case);
    assert_eq!(done.code, 0, "{}: {}", case.name, done.stderr);
    done.stdout
}

fn rendered(case: &Case) -> Done {
    let mapping = kit::values(case).with_file_name("mapping.yaml");
    let mut args = vec!["render", "--format", "helm-values", "--stdout", "-f"];
    let mapping = mapping.display().to_string();
    args.push(&mapping);
    let own = arguments(case);
    args.extend(own.iter().map(String::as_str));
    edgegen(&args)
}

/// Hosts with a path whose type means the same everywhere.
const HOSTS: &str =
    "hosts: [ { host: chart-example.local, paths: [ { path: /, pathType: Prefix } ] } ]";

/// A chart as helm makes it, with an exposure for what it installs.
fn created(tool: &Tool, dir: &Path, more: &str) -> String {
    let mut command = Command::new(&tool.program);
    ran(command.arg("create").arg(dir.join("demo")), "").unwrap();
    std::fs::write(dir.join("own.yaml"), more).unwrap();
    let base = made(tool, dir, "own.yaml");
    std::fs::write(dir.join("base.yaml"), &base).unwrap();
    let exposure = "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: { name: demo }\nspec: { base: base.yaml, scope: Public, hostnames: [ { name: demo.your-org.com, inBase: chart-example.local } ] }\n";
    std::fs::write(dir.join("exposure.yaml"), exposure).unwrap();
    base
}

fn made(tool: &Tool, dir: &Path, values: &str) -> String {
    let mut command = Command::new(&tool.program);
    command
        .args(["template", "demo", "--no-hooks"])
        .arg(dir.join("demo"));
    for file in ["own.yaml", values] {
        command.arg("-f").arg(dir.join(file));
    }
    ran(&mut command, "").unwrap()
}

#[test]
fn the_chart_that_helm_creates_needs_no_mapping() {
    for tool in tools("helm", "v3").iter().chain(&tools("helm", "v4")) {
        let place = tempfile::tempdir().unwrap();
        created(
            tool,
            place.path(),
            &format!("ingress: {{ enabled: true, {HOSTS} }}\n"),
        );
        let exposure = place.path().join("exposure.yaml").display().to_string();
        let args = [
            "render", "--stdout", "-t", "nginx", "-f", &exposure, "--format",
        ];
        let with = |format| {
            let done = edgegen(&[&args[..], &[format]].concat());
            assert_eq!(done.code, 0, "{}", done.stderr);
            done.stdout
        };
        std::fs::write(place.path().join("edge.yaml"), with("helm-values")).unwrap();
        let found = objects(&made(tool, place.path(), "edge.yaml"));
        same(&tool.version, &found, &objects(&with("stream")));
    }
}

#[test]
fn what_no_value_carries_is_said() {
    for tool in tools("helm", "v3").iter().chain(&tools("helm", "v4")) {
        let place = tempfile::tempdir().unwrap();
        let key = "nginx.ingress.kubernetes.io/ssl-redirect";
        let own = format!("enabled: true, annotations: {{ {key}: 'false' }}, {HOSTS}");
        created(tool, place.path(), &format!("ingress: {{ {own} }}\n"));
        let exposure = place.path().join("exposure.yaml").display().to_string();
        let args = [
            "render",
            "--stdout",
            "-f",
            &exposure,
            "--format",
            "helm-values",
            "-t",
        ];
        let said = |target| {
            let done = edgegen(&[&args[..], &[target]].concat());
            assert_eq!(
                (done.code, done.stdout.as_str()),
                (1, ""),
                "{}",
                done.stderr
            );
            done.stderr
        };
        let aws = said("aws-alb");
        assert!(aws.contains("error[EG3401]: no value of the chart carries `metadata.annotations"));
        assert!(aws.contains(&format!(
            "`{key}` cannot be taken out of `ingress.annotations`"
        )));
        let gateway = said("gke-gateway");
        let line = "error[EG3401]: no value of the chart carries the new `Gateway/demo`";
        assert!(gateway.contains(line), "{gateway}");
    }
}

#[test]
fn values_that_are_not_those_of_the_base_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let from = kit::root().join("examples/cafe");
    for (file, old, new) in [
        ("values.yaml", "className: nginx", "className: other"),
        ("mapping.yaml", "chart: ./chart", "chart: CHART"),
        ("exposure.yaml", "base: ./base", "base: BASE"),
    ] {
        let text = std::fs::read_to_string(from.join(file)).unwrap();
        let new = new
            .replace("CHART", &from.join("chart").display().to_string())
            .replace("BASE", &from.join("base").display().to_string());
        std::fs::write(place.path().join(file), text.replace(old, &new)).unwrap();
    }
    let at = |file: &str| place.path().join(file).display().to_string();
    let environment = from.join("environment-eks.yaml").display().to_string();
    let (exposure, mapping) = (at("exposure.yaml"), at("mapping.yaml"));
    let done = edgegen(&[
        "render",
        "--stdout",
        "--format",
        "helm-values",
        "-f",
        &exposure,
        "-f",
        &mapping,
        "-e",
        &environment,
    ]);
    assert_eq!(done.code, 1);
    let line = "error[EG3402]: `spec.ingressClassName` of `Ingress/cafe` is not what `ingress.className` says";
    assert!(done.stderr.contains(line), "{}", done.stderr);
}
