//! Bases as edgegen reads them against bases as kustomize builds them, and what is said where a base cannot be read.
//!
//! kustomize is the judge: every base here is built by it, too, and must give the same objects.

use std::path::{Path, PathBuf};
use std::process::Command;

use edgegen::base::{Base, Origin, digests_unchanged, read_base};
use edgegen::diag::Diagnostics;
use edgegen::source::Sources;
use edgegen::world::{Disk, Memory, World};
use edgegen::yaml::read::{Limits, read};
use serde_json::Value;

const WORKLOADS: &str = include_str!("bases/workloads.yaml");

const REST: &str = include_str!("bases/rest.yaml");

const RBAC: &str = include_str!("bases/rbac.yaml");

fn odd() -> Vec<(&'static str, String)> {
    vec![
        ("base/workloads.yaml", WORKLOADS.to_owned()),
        ("base/rest.yaml", REST.replace('\n', "\r\n")),
        ("base/rbac.yaml", RBAC.to_owned()),
        ("base/empty.yaml", "# nothing\n---\n---\n# still nothing\n".to_owned()),
        ("base/one.json", "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"json\"},\"spec\":{\"ports\":[{\"port\":1}]}}".to_owned()),
        (
            "base/local.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: local\n  annotations: { config.kubernetes.io/local-config: \"true\" }\n".to_owned(),
        ),
        (
            "base/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [workloads.yaml, rest.yaml, ./rbac.yaml, empty.yaml, one.json, local.yaml]\n".to_owned(),
        ),
    ]
}

/// The odd base below further kustomizations; the last one is built.
fn below(levels: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut files = odd();
    files.extend(
        levels
            .iter()
            .map(|(path, text)| (*path, (*text).to_owned())),
    );
    files
}

fn write(files: &[(&str, String)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let to = dir.path().join(path);
        std::fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
        put(&to, text);
    }
    dir
}

#[allow(clippy::disallowed_methods, reason = "tests make their own files")]
fn put(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a file");
}

fn load(world: &dyn World, path: &Path) -> (Sources, Option<Base>, Diagnostics) {
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let base = read_base(world, &mut sources, path, "base", None, &mut diags);
    (sources, base, diags)
}

#[allow(
    clippy::disallowed_methods,
    reason = "the judge is found by the environment"
)]
fn kustomize() -> Option<PathBuf> {
    let works = |p: &Path| {
        Command::new(p)
            .arg("version")
            .output()
            .is_ok_and(|o| o.status.success())
    };
    let gopath = Command::new("go")
        .args(["env", "GOPATH"])
        .output()
        .ok()
        .map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
    let home = std::env::var("HOME").unwrap_or_default();
    let places = [
        PathBuf::from("kustomize"),
        PathBuf::from(gopath.unwrap_or_default()).join("bin/kustomize"),
        PathBuf::from(home).join("go/bin/kustomize"),
    ];
    let found = places.into_iter().find(|p| works(p));
    if found.is_none() {
        assert!(
            std::env::var("CI").is_err(),
            "kustomize is not installed, and CI needs it"
        );
        #[allow(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIP: kustomize is not installed; bases are not compared with its build");
        }
    }
    found
}

/// A set by identity, as text that shows a difference well.
fn sorted(objects: impl Iterator<Item = Value>) -> Vec<String> {
    fn order(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<_> = map.iter().collect();
                keys.sort_by_key(|(k, _)| (*k).clone());
                Value::Object(
                    keys.into_iter()
                        .map(|(k, v)| (k.clone(), order(v)))
                        .collect(),
                )
            }
            Value::Array(items) => Value::Array(items.iter().map(order).collect()),
            other => other.clone(),
        }
    }
    let mut all: Vec<String> = objects
        .map(|o| {
            let id = format!(
                "{} {} {} {}",
                o["apiVersion"], o["kind"], o["metadata"]["namespace"], o["metadata"]["name"]
            );
            format!(
                "{id}\n{}",
                serde_json::to_string_pretty(&order(&o)).expect("JSON")
            )
        })
        .collect();
    all.sort();
    all
}

/// Reads the folder both ways.
fn check(files: &[(&str, String)], folder: &str) {
    let Some(kustomize) = kustomize() else { return };
    let dir = write(files);
    let (_, base, diags) = load(&Disk, &dir.path().join(folder));
    let base = base.unwrap_or_else(|| panic!("{:#?}", diags.into_sorted()));
    let built = Command::new(kustomize)
        .arg("build")
        .arg(dir.path().join(folder))
        .output()
        .expect("kustomize runs");
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let id = sources.add("built", String::from_utf8(built.stdout).expect("UTF-8"));
    let docs = read(&sources, id, &Limits::default(), &mut diags);
    assert!(!diags.has_errors());
    let (ours, theirs) = (
        sorted(
            base.objects
                .iter()
                .map(edgegen::model::object::BaseObject::value),
        ),
        sorted(docs.iter().map(|d| d.root().to_value())),
    );
    for (our, their) in ours.iter().zip(&theirs) {
        assert_eq!(our, their);
    }
    assert_eq!(ours.len(), theirs.len());
    for object in &base.objects {
        let value = object.value();
        assert_eq!(
            value["metadata"]["name"].as_str(),
            Some(object.id.name.as_str())
        );
        assert_eq!(
            value["metadata"].get("namespace").and_then(Value::as_str),
            object.id.namespace.as_deref()
        );
        if let Some(transformed) = &object.transformed {
            assert_ne!(
                **transformed,
                object.node().to_value(),
                "{} is not transformed",
                object.id
            );
        }
    }
}

#[test]
fn a_plain_kustomization_changes_nothing() {
    check(&odd(), "base");
    let dir = write(&odd());
    let (_, base, _) = load(&Disk, &dir.path().join("base"));
    let changed: Vec<String> = base
        .expect("a base")
        .objects
        .iter()
        .filter(|o| o.transformed.is_some())
        .map(|o| o.id.short())
        .collect();
    assert_eq!(
        changed,
        ["Deployment/web", "Pod/one"],
        "kustomize itself takes out empty annotations"
    );
}

#[test]
fn a_namespace() {
    check(
        &below(&[(
            "over/kustomization.yaml",
            "resources: [../base]\nnamespace: shop\n",
        )]),
        "over",
    );
}

#[test]
fn names() {
    check(
        &below(&[(
            "over/kustomization.yaml",
            "resources: [../base]\nnamePrefix: a-\n",
        )]),
        "over",
    );
    check(
        &below(&[(
            "over/kustomization.yaml",
            "resources: [../base]\nnameSuffix: -z\n",
        )]),
        "over",
    );
}

#[test]
fn labels_and_annotations() {
    check(
        &below(&[(
            "over/kustomization.yaml",
            "resources: [../base]\ncommonLabels: { team: a, app: b }\ncommonAnnotations: { note: \"yes\" }\n",
        )]),
        "over",
    );
    check(
        &below(&[(
            "over/kustomization.yaml",
            "resources: [../base]\nlabels:\n- pairs: { only: meta }\n- pairs: { also: templates }\n  includeTemplates: true\n- pairs: { even: selectors }\n  includeSelectors: true\n",
        )]),
        "over",
    );
}

#[test]
fn everything_in_two_levels() {
    check(
        &below(&[
            (
                "mid/kustomization.yml",
                "resources: [../base]\nnamePrefix: a-\nnamespace: first\nlabels: [{ pairs: { x: \"1\" }, includeSelectors: true }]\n",
            ),
            (
                "top/Kustomization",
                "resources: [../other, extra.yaml]\nnameSuffix: -z\nnamespace: second\ncommonAnnotations: { a: b }\n",
            ),
            (
                "top/extra.yaml",
                "apiVersion: v1\nkind: Service\nmetadata: { name: extra }\n",
            ),
            (
                "other/kustomization.yaml",
                "resources: [../mid]\nnamePrefix: b-\n",
            ),
        ]),
        "top",
    );
}

#[test]
fn the_same_base_twice_under_other_names() {
    check(
        &below(&[
            (
                "a/kustomization.yaml",
                "resources: [../base]\nnamePrefix: a-\nnamespace: one\n",
            ),
            (
                "b/kustomization.yaml",
                "resources: [../base]\nnamePrefix: b-\nnamespace: two\n",
            ),
            (
                "cluster/kustomization.yaml",
                "resources: [../a]\nnameSuffix: -c\n",
            ),
        ]),
        "cluster",
    );
    let small = |name: &str| format!("resources: [../small]\nnamePrefix: {name}-\n");
    check(
        &[
            ("small/kustomization.yaml", "resources: [all.yaml]\n".to_owned()),
            (
                "small/all.yaml",
                "apiVersion: v1\nkind: Service\nmetadata: { name: web }\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\nspec: { defaultBackend: { service: { name: web, port: { number: 80 } } } }\n".to_owned(),
            ),
            ("a/kustomization.yaml", small("a")),
            ("b/kustomization.yaml", small("b")),
            ("top/kustomization.yaml", "resources: [../a, ../b]\nnameSuffix: -z\n".to_owned()),
        ],
        "top",
    );
}

/// Codes and headlines of what is said about a base in memory.
fn said(files: &[(&str, &str)]) -> Vec<String> {
    let (sources, base, diags) = load(&Memory::new(files.iter().copied()), Path::new("base"));
    assert!(base.is_none());
    diags
        .into_sorted()
        .iter()
        .map(|d| {
            let place = d.primary_span().map_or(String::new(), |s| {
                format!("{}:{} ", sources.get(s.source).name, sources.line_col(s).0)
            });
            format!("{place}{} {}", d.code, d.headline)
        })
        .collect()
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: { name: a }\n";

#[test]
fn every_field_that_is_not_read_is_refused_at_once() {
    let found = said(&[
        (
            "base/kustomization.yaml",
            "resources: [a.yaml, https://example.com/x, /etc/passwd, ../b.yaml, a.yaml, none.yaml, sub]\npatches: [{ path: x }]\nimages: [{ name: x }]\nnamespace: 1\nbases: [../x]\nreplicas: []\n",
        ),
        ("base/a.yaml", SERVICE),
        ("base/sub/b.yaml", SERVICE),
        ("b.yaml", SERVICE),
    ]);
    assert_eq!(
        found,
        [
            "base/kustomization.yaml:1 EG1116 resource `https://example.com/x` is remote",
            "base/kustomization.yaml:1 EG1107 `/etc/passwd` lies outside the folder of its kustomization",
            "base/kustomization.yaml:1 EG1107 `b.yaml` lies outside the folder of its kustomization",
            "base/kustomization.yaml:1 EG1109 resource `a.yaml` is listed twice",
            "base/kustomization.yaml:1 EG1106 resource `base/none.yaml` does not exist",
            "base/kustomization.yaml:1 EG1106 resource folder `base/sub` has no `kustomization.yaml`",
            "base/kustomization.yaml:2 EG1104 kustomization field `patches` is not read by edgegen",
            "base/kustomization.yaml:3 EG1104 kustomization field `images` is not read by edgegen",
            "base/kustomization.yaml:4 EG1105 `namespace` is an integer, not a string",
            "base/kustomization.yaml:5 EG1104 kustomization field `bases` is not read by edgegen",
        ]
    );
}

#[test]
fn what_is_not_an_object_is_named() {
    let found = said(&[(
        "base/a.yaml",
        "kind: Service\nmetadata: {}\n---\n- 1\n---\napiVersion: v1\nkind: Service\nmetadata: { name: a }\n---\napiVersion: v1\nkind: Service\nmetadata: { name: a, namespace: default }\n---\nkind: List\nitems: [{ kind: ConfigMapList, items: [] }, { apiVersion: v1, kind: Service, metadata: { name: 1 } }]\n",
    )]);
    assert_eq!(
        found,
        [
            "base/a.yaml:1 EG1111 object without `apiVersion`",
            "base/a.yaml:2 EG1111 object without `metadata.name`",
            "base/a.yaml:4 EG1111 a base document is a list, not an object",
            "base/a.yaml:12 EG1110 object `Service/default/a` is in the base twice",
            "base/a.yaml:15 EG1113 a `List` is an item of a `List`",
            "base/a.yaml:15 EG1111 `metadata.name` of an object is an integer",
        ]
    );
}

#[test]
fn circles_and_folders_above_are_refused() {
    let found = said(&[
        ("base/kustomization.yaml", "resources: [../x, ..]\n"),
        ("x/kustomization.yaml", "resources: [../base]\n"),
        ("kustomization.yaml", "resources: []\n"),
    ]);
    assert_eq!(
        found.iter().filter(|f| f.contains("EG1108")).count(),
        2,
        "{found:?}"
    );
}

#[test]
fn folders_are_read_as_kubectl_reads_them() {
    let world = Memory::new([
        (
            "base/b.yml",
            "apiVersion: v1\nkind: Service\nmetadata: { name: b }\n",
        ),
        ("base/a.yaml", SERVICE),
        ("base/README.md", "text"),
        ("base/sub/c.yaml", "kind: no\n"),
    ]);
    let (sources, base, _) = load(&world, Path::new("base"));
    let base = base.expect("a base");
    assert_eq!(base.origin, Origin::Folder);
    assert_eq!(
        base.objects
            .iter()
            .map(|o| o.id.name.as_str())
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(
        sources
            .iter()
            .map(|(_, s)| s.name.clone())
            .collect::<Vec<_>>(),
        ["base/a.yaml", "base/b.yml"]
    );
    assert!(digests_unchanged(&world, &base).is_ok());
    let mut later = world.clone();
    later
        .files
        .insert("base/a.yaml".into(), b"kind: Other\n".to_vec());
    assert_eq!(
        digests_unchanged(&later, &base)
            .expect_err("changed")
            .code
            .to_string(),
        "EG1114"
    );
}

#[test]
fn a_stream_and_a_file_are_bases() {
    let mut world = Memory::new([("base", SERVICE)]);
    world.stdin = SERVICE.as_bytes().to_vec();
    let (_, base, _) = load(&world, Path::new("-"));
    assert_eq!(base.expect("a base").origin, Origin::Stream);
    let (_, base, _) = load(&world, Path::new("base"));
    assert_eq!(base.expect("a base").origin, Origin::File);
    assert_eq!(
        said(&[("base/a.yaml", "# nothing\n")]),
        ["EG1112 base `base` has no objects"]
    );
    assert_eq!(said(&[]), ["EG1101 cannot read base `base`"]);
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out() {
    let dir = write(&[
        (
            "base/kustomization.yaml",
            "resources: [in.yaml, out.yaml, deep/out.yaml]\n".to_owned(),
        ),
        ("base/real.yaml", SERVICE.to_owned()),
        ("secret.yaml", SERVICE.to_owned()),
    ]);
    let base = dir.path().join("base");
    let link =
        |from: &str, to: &str| std::os::unix::fs::symlink(from, base.join(to)).expect("a link");
    link("real.yaml", "in.yaml");
    link("../secret.yaml", "out.yaml");
    link("..", "deep");
    put(&dir.path().join("out.yaml"), SERVICE);
    let (_, read, diags) = load(&Disk, &base);
    assert!(read.is_none());
    let found: Vec<String> = diags
        .into_sorted()
        .iter()
        .map(|d| format!("{} {}", d.code, d.headline))
        .collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|f| f.starts_with("EG1107")), "{found:?}");
}
