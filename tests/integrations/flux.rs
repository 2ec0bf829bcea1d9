//! Documents of Flux, against models made of its CRDs, and against the repository that they speak of.
//!
//! A path that is not there, or a field that is not known, is found here and not on a cluster.

use std::process::Command;

use serde_json::{Value, json};

use crate::fleet::{documents, file, text};
use crate::system::present;
use crate::tools::{self, absent, ran};

/// What a model has against documents.
fn faults(documents: &[Value]) -> Option<String> {
    let modules = tools::folder().join("node/node_modules");
    let node = present("node", &["--version"])?;
    if !modules.is_dir() {
        absent("models of CRDs");
        return None;
    }
    let mut command = Command::new(node);
    command
        .arg(file("tests/integrations/models.mjs"))
        .arg(modules);
    Some(ran(&mut command, &Value::from(documents.to_vec()).to_string()).unwrap())
}

/// Fails where a model has something against one of them.
pub fn models(documents: &[Value]) {
    assert!(!documents.is_empty());
    if let Some(found) = faults(documents) {
        assert_eq!(found, "");
    }
}

#[test]
fn its_documents_are_what_the_api_takes() {
    let all = documents(&file("examples/fleet/clusters/flux.yaml"));
    models(&all);
    let source = all.iter().find(|d| d["kind"] == "GitRepository").unwrap();
    let mut overlays = 0;
    for one in all.iter().filter(|d| d["kind"] == "Kustomization") {
        assert_eq!(one["spec"]["sourceRef"]["name"], source["metadata"]["name"]);
        let path = file("examples/fleet").join(text(one, "/spec/path"));
        assert!(
            path.join("kustomization.yaml").is_file(),
            "{}",
            path.display()
        );
        overlays += 1;
    }
    let committed = std::fs::read_dir(file("examples/fleet/overlays/prod-gke")).unwrap();
    assert_eq!(overlays, committed.count(), "one for each overlay");
}

#[test]
fn planted_mistakes_are_found() {
    let mut typo = documents(&file("examples/fleet/clusters/flux.yaml")).remove(0);
    typo["spec"]["refs"] = json!({"branch": "main"});
    let mut kind = documents(&file("examples/fleet/clusters/flux.yaml")).remove(1);
    kind["spec"]["sourceRef"]["kind"] = json!("Git");
    let Some(found) = faults(&[typo, kind]) else {
        return;
    };
    assert!(found.contains("'\"refs\"' does not exist"), "{found}");
    assert!(found.contains("/spec/sourceRef/kind"), "{found}");
}

/// What edgegen writes must not hold what Flux would replace: https://fluxcd.io/flux/components/kustomize/kustomizations/.
#[test]
fn nothing_in_an_overlay_is_substituted() {
    let mut files = 0;
    for app in ["checkout", "status"] {
        let folder = file("examples/fleet/overlays/prod-gke").join(app);
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            assert!(
                !std::fs::read_to_string(entry.path())
                    .unwrap()
                    .contains("${")
            );
            files += 1;
        }
    }
    assert_eq!(files, 4);
}
