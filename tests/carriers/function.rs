//! Real kustomize runs edgegen as a function, and builds the objects of the overlay.
//!
//! As a transformer over the base, and as a generator that reads the base itself; what a function says goes to where users see it.

use std::path::Path;
use std::process::Command;

use clap::Parser as _;
use serde::Deserialize as _;
use serde_json::Value;

use crate::examples::{Case, cases, store};
use crate::kit::{self, Objects, Tool, each, objects, ran, same, tools};

fn indented(text: &str, by: usize) -> String {
    let lines = text
        .lines()
        .flat_map(|l| [" ".repeat(by), l.to_owned(), "\n".to_owned()]);
    lines.collect()
}

/// A document with more annotations.
fn annotated(document: &str, annotations: &str) -> String {
    let lines = indented(annotations, 4);
    document.replacen(
        "metadata:\n",
        &format!("metadata:\n  annotations:\n{lines}"),
        1,
    )
}

const FUNCTION: &str = "config.kubernetes.io/function: |\n  exec:\n    path: ./edgegen-fn";

/// A folder with the base of a case, a kustomization and the function; gives its path.
fn place(dir: &Path, case: &Case, files: &[(&str, String)]) {
    let base = kit::root()
        .join("examples")
        .join(&case.example)
        .join("base");
    kit::copy(&base, &dir.join("base"));
    // kustomize gives a function no arguments in all versions that are supported.
    let script = format!("#!/bin/sh\nexec '{}' fn\n", kit::edgegen().display());
    kit::executable(&dir.join("edgegen-fn"), &script);
    for (name, text) in files {
        std::fs::write(dir.join(name), text).unwrap();
    }
}

fn build(tool: &Tool, dir: &Path) -> Result<Objects, String> {
    let mut command = Command::new(&tool.program);
    command.args(["build", "--enable-alpha-plugins", "--enable-exec"]);
    ran(command.arg(dir), "").map(|text| objects(&text))
}

fn environment(case: &Case) -> Option<String> {
    let path = case.environment.as_ref()?;
    Some(std::fs::read_to_string(kit::root().join(path)).unwrap())
}

fn exposure(case: &Case) -> String {
    kit::example(&format!("{}/exposure.yaml", case.example))
}

/// The exposure as the configuration of a function, for the target of the case.
fn configuration(case: &Case) -> String {
    let target = format!("{FUNCTION}\nedgegen.io/target: {}", case.target);
    annotated(&exposure(case), &target)
}

#[test]
fn a_transformer_gives_the_objects_of_the_overlay() {
    if let Some(tool) = tools("kustomize", "v5").pop() {
        each(
            |_| true,
            |case, wanted| {
                let dir = tempfile::tempdir().unwrap();
                let mut resources = "resources: [base]\n".to_owned();
                let mut files = vec![("exposure.yaml", configuration(case))];
                if let Some(text) = environment(case) {
                    // Kustomize keeps such a resource to itself; the function sees it.
                    let local = annotated(&text, "config.kubernetes.io/local-config: \"true\"");
                    files.push(("environment.yaml", local));
                    "resources: [base, environment.yaml]\n".clone_into(&mut resources);
                }
                let text = format!("{resources}transformers: [exposure.yaml]\n");
                files.push(("kustomization.yaml", text));
                place(dir.path(), case, &files);
                let found = build(&tool, dir.path()).unwrap();
                same(&case.name, &found, wanted);
            },
        );
    }
}

/// A configuration with the exposure and the environment in it.
fn inline(case: &Case) -> String {
    let head = "apiVersion: edgegen.io/v1alpha1\nkind: Function\nmetadata:\n  name: edge\nspec:\n  documents:\n";
    let mut out = annotated(head, FUNCTION);
    for document in [Some(exposure(case)), environment(case)]
        .into_iter()
        .flatten()
    {
        for (i, line) in document.lines().filter(|l| !l.starts_with('#')).enumerate() {
            out.push_str(if i == 0 { "    - " } else { "      " });
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[test]
fn every_version_runs_a_generator_that_reads_the_base_itself() {
    let of = |case: &Case| case.environment.is_some() && case.example == "cafe-route";
    for tool in tools("kustomize", "v5") {
        each(of, |case, wanted| {
            let dir = tempfile::tempdir().unwrap();
            let files = [
                ("edge.yaml", inline(case)),
                ("kustomization.yaml", "generators: [edge.yaml]\n".to_owned()),
            ];
            place(dir.path(), case, &files);
            let found = build(&tool, dir.path()).unwrap();
            same(&format!("{} {}", case.name, tool.version), &found, wanted);
            let text = "resources: [base]\ntransformers: [edge.yaml]\n".to_owned();
            std::fs::write(dir.path().join("kustomization.yaml"), text).unwrap();
            same(&case.name, &build(&tool, dir.path()).unwrap(), wanted);
        });
    }
}

#[test]
fn a_finding_fails_the_build_and_is_shown() {
    let store = store();
    let all = cases(&store);
    let case = all.iter().find(|c| c.example == "cafe").unwrap();
    for tool in tools("kustomize", "v5") {
        let dir = tempfile::tempdir().unwrap();
        let files = [
            (
                "edge.yaml",
                inline(case).replace("scope: Public", "scope: public"),
            ),
            (
                "kustomization.yaml",
                "resources: [base]\ntransformers: [edge.yaml]\n".to_owned(),
            ),
        ];
        place(dir.path(), case, &files);
        let said = build(&tool, dir.path()).unwrap_err();
        assert!(said.contains("error[EG1204]"), "{said}");
    }
}

/// Runs the function itself.
fn function(list: &str, args: &[&str]) -> Result<String, String> {
    ran(Command::new(kit::edgegen()).arg("fn").args(args), list)
}

const LIST: &str = "apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Service  # a comment
  metadata: {name: web}
  spec:
    ports: [{name: http, port: 80}]
    # the last line
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata:
    name: web
    annotations:
      config.kubernetes.io/path: app/ingress.yaml
      config.kubernetes.io/index: '1'
      nginx.ingress.kubernetes.io/ssl-redirect: 'maybe'
  spec:
    rules:
    - host: web.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: c}
  data:
    text: |+
      kept

functionConfig:
  apiVersion: edgegen.io/v1alpha1
  kind: Exposure
  metadata: {name: web}
  spec: {scope: Public}
";

#[test]
fn items_without_a_change_keep_their_text() {
    let list = LIST.replace("'maybe'", "'false'");
    let out = function(&list, &["-t", "nginx"]).unwrap();
    let service = list.split("- apiVersion: networking").next().unwrap();
    assert!(out.starts_with(service), "{out}");
    assert!(
        out.contains("  data:\n    text: |+\n      kept\n\n"),
        "{out}"
    );
    assert!(!out.contains("functionConfig"), "{out}");
    assert!(out.contains("ssl-redirect: \"false\""), "{out}");
}

#[test]
fn results_name_the_resource_the_field_and_the_file() {
    let said = function(LIST, &["-t", "nginx"]).unwrap_err();
    let stdout = said.split("error[EG").next().unwrap();
    let list = &objects_of(stdout)[0];
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    let wrong: Vec<&Value> = list["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| r["severity"] == "error")
        .collect();
    let [found] = wrong[..] else {
        panic!("{stdout}")
    };
    assert_eq!(found["tags"]["code"], "EG2107");
    assert_eq!(found["resourceRef"]["kind"], "Ingress");
    assert_eq!(
        found["field"]["path"],
        "metadata.annotations[nginx.ingress.kubernetes.io/ssl-redirect]"
    );
    assert_eq!(found["field"]["currentValue"], "maybe");
    assert_eq!(found["file"]["path"], "app/ingress.yaml");
    assert_eq!(found["file"]["index"], 1);
    let list = LIST
        .replace("'maybe'", "'false'")
        .replace("Public", "Publc");
    let said = function(&list, &["-t", "nginx"]).unwrap_err();
    let list = &objects_of(said.split("error[EG").next().unwrap())[0];
    let mut all = list["results"].as_array().unwrap().iter();
    let found = all.find(|r| r["tags"]["code"] == "EG1204").unwrap();
    let field = &found["field"];
    assert_eq!(field["path"], "spec.scope");
    assert_eq!(field["currentValue"], "Publc");
    assert_eq!(field["proposedValue"], "Public");
}

#[test]
fn a_configuration_holds_documents_and_nothing_else() {
    let list = LIST.replace("'maybe'", "'false'");
    let (head, config) = list.split_once("functionConfig:\n").unwrap();
    let inner = indented(config, 6);
    let inner = inner.replacen("        apiVersion", "      - apiVersion", 1);
    let function = format!(
        "{head}functionConfig:\n  apiVersion: edgegen.io/v1alpha1\n  kind: Function\n  metadata: {{name: edge}}\n  spec:\n    documents:\n{inner}"
    );
    let out = function_of(&function).unwrap();
    assert_eq!(out, function_of(&list).unwrap());
    let said = function_of(&format!("{function}    target: nginx\n")).unwrap_err();
    assert!(said.contains("no field `target`"), "{said}");
}

#[test]
fn a_config_map_names_the_target_for_an_exposure_among_the_items() {
    let list = LIST.replace("'maybe'", "'false'");
    let (head, config) = list.split_once("functionConfig:\n").unwrap();
    let item = indented(config, 0).replacen("  apiVersion", "- apiVersion", 1);
    let map = |data: &str| {
        format!(
            "{head}{item}functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: c}}\n  data: {{{data}}}\n"
        )
    };
    let out = function(&map("target: nginx"), &[]).unwrap();
    // The exposure is a file of the user's: it goes back with the other items.
    assert!(
        out.contains("kind: Exposure") && out.contains("ingressClassName: nginx"),
        "{out}"
    );
    let said = function(&map("targt: nginx"), &["-t", "nginx"]).unwrap_err();
    assert!(said.contains("no field `targt`"), "{said}");
}

fn function_of(list: &str) -> Result<String, String> {
    function(list, &["-t", "nginx"])
}

#[test]
fn the_container_runs_the_function_and_is_nobody() {
    let path = kit::root().join("integrations/kustomize/Containerfile");
    let text = std::fs::read_to_string(path).unwrap();
    let last = text.split("\nFROM ").last().unwrap();
    assert!(last.starts_with("scratch\n"), "{last}");
    let line = |word: &str| {
        let found = last.lines().find_map(|l| l.strip_prefix(word));
        found
            .unwrap_or_else(|| panic!("no {word}"))
            .trim()
            .to_owned()
    };
    let user = line("USER ");
    let parts: Vec<u32> = user.split(':').map(|n| n.parse().unwrap()).collect();
    assert!(parts.len() == 2 && !parts.contains(&0), "{user}");
    let words: Vec<String> = serde_json::from_str(&line("ENTRYPOINT ")).unwrap();
    edgegen::cli::Cli::try_parse_from(&words).unwrap();
    assert!(last.contains(&format!("COPY --from=build /edgegen {}\n", words[0])));
}

fn objects_of(text: &str) -> Vec<Value> {
    yaml_serde::Deserializer::from_str(text)
        .map(|d| Value::deserialize(d).unwrap_or_else(|e| panic!("{e}\n{text}")))
        .collect()
}
