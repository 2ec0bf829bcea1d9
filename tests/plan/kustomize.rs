//! Real kustomize builds what the emitter writes, and the result is compared with what the plan says.
//!
//! Without it edgegen would only agree with itself. Skipped with a loud line when kustomize is not installed, a failure when `CI=true`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test that writes overlays to disk and runs a program"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use edgegen::emit::kustomize::{OverlayInput, overlay};
use edgegen::emit::stream::stream;
use edgegen::model::object::ObjectId;
use edgegen::plan::ObjectPlan::{Create, Omit, Patch};
use edgegen::plan::apply::apply;
use edgegen::plan::index::BaseIndex;
use edgegen::plan::{ObjectPlan, Plan};
use edgegen::yaml::write::to_yaml;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::kit::{Base, base, findings, origin, plan, planned, set};
use super::typed::random_case;

/// Every kustomize of this machine: the program and the words before the folder.
fn tools() -> Vec<Vec<String>> {
    let runs = |tool: &[String]| {
        let mut command = Command::new(&tool[0]);
        let version: &[&str] = if tool[0] == "kubectl" {
            &["version", "--client"]
        } else {
            &["version"]
        };
        command
            .args(version)
            .output()
            .is_ok_and(|out| out.status.success())
    };
    let gopath = Command::new("go").args(["env", "GOPATH"]).output().ok();
    let gopath = gopath
        .and_then(|out| String::from_utf8(out.stdout).ok())
        .unwrap_or_default();
    let alone = [
        "kustomize".to_owned(),
        format!("{}/bin/kustomize", gopath.trim()),
    ]
    .map(|program| vec![program, "build".to_owned()]);
    let alone = alone.into_iter().find(|tool| runs(tool));
    let inside = Some(vec!["kubectl".to_owned(), "kustomize".to_owned()]).filter(|tool| runs(tool));
    let tools: Vec<_> = alone.into_iter().chain(inside).collect();
    if tools.is_empty() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "kustomize is needed where CI=true"
        );
        eprintln!("SKIP: kustomize is not installed, so nothing judges the overlays");
    }
    tools
}

fn build(tool: &[String], dir: &Path) -> Result<String, String> {
    let out = Command::new(&tool[0])
        .args(&tool[1..])
        .arg(dir)
        .output()
        .map_err(|e| e.to_string())?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if out.status.success() {
        Ok(text(out.stdout))
    } else {
        Err(text(out.stderr))
    }
}

/// Writes base and overlay; returns the folder of the overlay.
fn write(dir: &Path, base_text: &str, kustomization: &str, plan: &Plan, base: &Base) -> PathBuf {
    let (below, over) = (dir.join("base"), dir.join("overlay"));
    std::fs::create_dir_all(&below).unwrap();
    std::fs::create_dir_all(&over).unwrap();
    std::fs::write(below.join("all.yaml"), base_text).unwrap();
    std::fs::write(
        below.join("kustomization.yaml"),
        format!("{kustomization}resources: [all.yaml]\n"),
    )
    .unwrap();
    let index = BaseIndex::new(&base.objects);
    let patches = planned(plan, base);
    let input = OverlayInput {
        exposure: "shop",
        target: "sky",
        base_path: "../base",
        patches: &patches,
        plan,
        base: &index,
    };
    for (name, text) in overlay(&input).unwrap() {
        std::fs::write(over.join(name), text).unwrap();
    }
    over
}

fn compare(over: &Path, built: &str, plan: &Plan, objects: &Base) {
    let got: BTreeMap<ObjectId, Value> = base(built)
        .objects
        .iter()
        .map(|object| (object.id.clone(), object.value()))
        .collect();
    let wanted: BTreeMap<ObjectId, Value> = apply(plan, &BaseIndex::new(&objects.objects))
        .iter()
        .map(|object| (object.id.clone(), object.value()))
        .collect();
    if got != wanted {
        let overlay = std::fs::read_to_string(over.join("kustomization.yaml")).unwrap_or_default();
        let show = |of: &BTreeMap<ObjectId, Value>, other: &BTreeMap<ObjectId, Value>| {
            let differing = of
                .iter()
                .filter(|(id, value)| other.get(*id) != Some(*value));
            differing
                .map(|(_, value)| to_yaml(value).unwrap())
                .collect::<String>()
        };
        panic!(
            "{overlay}\n=== built\n{}\n=== planned\n{}",
            show(&got, &wanted),
            show(&wanted, &got)
        );
    }
}

pub fn created(api_version: &str, kind: &str, name: &str, spec: Value) -> ObjectPlan {
    Create(vec![
        set("apiVersion", json!(api_version)),
        set("kind", json!(kind)),
        set("metadata name", json!(name)),
        set("spec", spec),
    ])
}

#[test]
fn random_overlays_build_to_the_planned_objects() {
    let tools = tools();
    let mut runner = TestRunner::deterministic();
    for case in 0..14 {
        let (text, plan, objects) = loop {
            let (text, plan) = random_case(&mut runner);
            let objects = base(&text);
            // Lists with two elements of one key are refused, and many random ones have them.
            if findings(&plan, &objects).is_empty() {
                break (text, plan, objects);
            }
        };
        let streamed = stream(
            &objects.manifests,
            &apply(&plan, &BaseIndex::new(&objects.objects)),
            &objects.sources,
        )
        .unwrap();
        compare(Path::new(""), &streamed, &plan, &objects);
        let dir = tempfile::tempdir().unwrap();
        let over = write(dir.path(), &text, "", &plan, &objects);
        // The second tool sees each fourth case; it is there for its age, not for its opinion.
        for tool in tools.iter().take(if case % 4 == 0 { 2 } else { 1 }) {
            let built = build(tool, &over);
            let built = built.unwrap_or_else(|e| {
                panic!(
                    "{e}\n{text}\n=== overlay\n{}",
                    std::fs::read_to_string(over.join("kustomization.yaml")).unwrap()
                )
            });
            compare(&over, &built, &plan, &objects);
        }
    }
}

const SHOP: &str = "apiVersion: v1
kind: Service
metadata: {name: s}
spec: {ports: [{port: 80, name: http}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - host: a.dev
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}
  - host: b.dev
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r}
spec: {rules: [{backendRefs: [{name: s, port: 80}]}]}
";

#[test]
fn a_base_with_a_prefix_and_a_namespace() {
    let mut objects = base(SHOP);
    for object in &mut objects.objects {
        object.id.name = format!("pre-{}-suf", object.id.name);
        object.id.namespace = Some("shop".to_owned());
        let mut value = object.value();
        value["metadata"] = json!({ "name": object.id.name, "namespace": "shop" });
        if object.id.kind == "Ingress" {
            value["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] =
                json!("pre-s-suf");
        }
        object.transformed = Some(Arc::new(value));
    }
    let rules = json!([{ "backendRefs": [{ "name": "pre-s-suf", "port": 8080 }] }]);
    let mut backend = objects.objects[1].value()["spec"]["rules"].clone();
    backend[0]["host"] = json!("new.dev");
    let ingress = |name: &str| {
        let Create(mut edits) = created(
            "networking.k8s.io/v1",
            "Ingress",
            name,
            json!({ "rules": backend }),
        ) else {
            unreachable!()
        };
        edits.push(set("metadata namespace", json!("shop")));
        Create(edits)
    };
    let plan = plan([
        (
            "v1/Service/shop/pre-s-suf",
            Patch(vec![
                set("metadata annotations a", json!("1")),
                set("spec ports", json!([{ "port": 81, "name": "http" }])),
            ]),
        ),
        (
            "networking.k8s.io/v1/Ingress/shop/pre-web-suf",
            Omit(origin()),
        ),
        (
            "gateway.networking.k8s.io/v1/HTTPRoute/shop/pre-r-suf",
            Patch(vec![set("spec rules", rules)]),
        ),
        (
            "networking.k8s.io/v1/Ingress/shop/pre-new",
            ingress("pre-new"),
        ),
    ]);
    let dir = tempfile::tempdir().unwrap();
    let over = write(
        dir.path(),
        SHOP,
        "namespace: shop\nnamePrefix: pre-\nnameSuffix: -suf\n",
        &plan,
        &objects,
    );
    for tool in tools() {
        compare(&over, &build(&tool, &over).unwrap(), &plan, &objects);
    }
}

#[test]
fn a_base_that_changed_since_fails_the_build() {
    let objects = base(SHOP);
    let mut rules = objects.objects[1].value()["spec"]["rules"].clone();
    rules[0]["host"] = json!("new.dev");
    let plan = plan([
        (
            "networking.k8s.io/v1/Ingress/web",
            Patch(vec![set("spec rules", rules)]),
        ),
        ("v1/Service/s", Omit(origin())),
    ]);
    let dir = tempfile::tempdir().unwrap();
    let over = write(dir.path(), SHOP, "", &plan, &objects);
    let without = |gone: &str| {
        let kept = SHOP.split("---\n").filter(|text| !text.contains(gone));
        kept.collect::<Vec<_>>().join("---\n")
    };
    for tool in tools() {
        for (drifted, words) in [
            (SHOP.to_owned(), None),
            (SHOP.replace("a.dev", "c.dev"), Some("test")),
            (without("name: web"), Some("no resource matches")),
            (without("kind: Service"), Some("no resource matches")),
        ] {
            std::fs::write(dir.path().join("base/all.yaml"), drifted).unwrap();
            match (build(&tool, &over), words) {
                (Ok(_), None) => {}
                (Err(message), Some(words)) => assert!(message.contains(words), "{message}"),
                (other, words) => panic!("{other:?} {words:?}"),
            }
        }
    }
}
