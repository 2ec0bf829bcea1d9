//! The plugin of Argo CD: its command run as the repo-server runs it, its definition, its container, its documents.
//!
//! The repo-server copies the repository, goes to the Application's folder, and takes standard output for objects.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::fleet::{Repository, documents, file, text, yaml};
use crate::flux::models;
use crate::system::located;
use crate::tools::{self, edgegen, ran};

/// Where the container has a file of this repository.
fn in_container(path: &str) -> String {
    let container = std::fs::read_to_string(file("integrations/argocd/Containerfile")).unwrap();
    let line = container
        .lines()
        .find_map(|l| l.strip_prefix(&format!("COPY {path} ")));
    line.unwrap_or_else(|| panic!("the container has no {path}"))
        .to_owned()
}

/// The command of the plugin, with the files of the container where they are here.
fn generate(app: &Path, variables: &[(&str, &str)]) -> Result<String, String> {
    let plugin = yaml(&file("integrations/argocd/plugin.yaml"));
    let words = plugin["spec"]["generate"]["command"].as_array().unwrap();
    let script = "integrations/argocd/generate.sh";
    let words: Vec<String> = words
        .iter()
        .map(|w| w.as_str().unwrap())
        .map(|w| {
            if w == in_container(script) {
                file(script).display().to_string()
            } else {
                w.to_owned()
            }
        })
        .collect();
    assert_eq!(words[0], "/bin/sh");
    // The image has this shell, edgegen, and nothing else.
    let mut command = match located("busybox") {
        Some(busybox) => {
            let mut command = Command::new(busybox);
            command.arg("sh");
            command
        }
        None => Command::new(&words[0]),
    };
    command
        .args(&words[1..])
        .current_dir(app)
        .env("PATH", edgegen().parent().unwrap())
        .env("ARGOCD_APP_NAME", "checkout")
        .env("ARGOCD_APP_SOURCE_PATH", "apps/checkout")
        .envs(variables.iter().copied());
    ran(&mut command, "")
}

fn objects(text: &str) -> Vec<Value> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("objects.yaml");
    std::fs::write(&path, text).unwrap();
    let mut all: Vec<Value> = documents(&path)
        .into_iter()
        .filter(|d| !d.is_null())
        .collect();
    all.sort_by_key(|o| format!("{} {}", o["kind"], o["metadata"]["name"]));
    all
}

#[test]
fn it_generates_what_the_committed_overlay_builds_to() {
    let fleet = Repository::fleet();
    let app = fleet.path().join("apps/checkout");
    for tool in tools::tools("kustomize", "v5") {
        for environment in ["prod-eks", "prod-gke", "prod-aks"] {
            let file = format!("../../environments/{environment}.yaml");
            let overlay = fleet
                .path()
                .join(format!("overlays/{environment}/checkout"));
            let built = ran(Command::new(&tool.program).arg("build").arg(overlay), "").unwrap();
            for variable in ["PARAM_ENVIRONMENT", "ARGOCD_ENV_ENVIRONMENT"] {
                let made = generate(&app, &[(variable, &file)]).unwrap();
                assert_eq!(objects(&made), objects(&built), "{environment}");
            }
        }
    }
    assert_eq!(fleet.git(&["status", "--porcelain"]), "");
    // A target with its defaults knows no certificate, so the exposure asks for none.
    let tls = "  tls:\n    certificates:\n      - name: site\n    minVersion: \"1.2\"\n    redirectHTTP: true\n";
    fleet.edit("apps/checkout/exposure.yaml", tls, "");
    let made = generate(&app, &[("PARAM_TARGET", "gke-ingress")]).unwrap();
    assert!(made.contains("kubernetes.io/ingress.class: gce"), "{made}");
}

#[test]
fn what_is_missing_or_wrong_is_said() {
    let fleet = Repository::fleet();
    let app = fleet.path().join("apps/checkout");
    let said = generate(&app, &[]).unwrap_err();
    assert!(said.contains("set the parameter environment"), "{said}");
    // A value is a value, whatever it looks like.
    for value in [
        "--help",
        "$(touch injected)",
        "x; touch injected",
        "`touch injected`",
    ] {
        let said = generate(&app, &[("PARAM_TARGET", value)]).unwrap_err();
        assert!(said.contains("error[EG1401]"), "{said}");
    }
    assert_eq!(fleet.git(&["status", "--porcelain"]), "");
}

#[test]
fn the_container_has_what_the_plugin_runs_and_is_nobody() {
    let text = std::fs::read_to_string(file("integrations/argocd/Containerfile")).unwrap();
    let last = text.split("\nFROM ").last().unwrap();
    assert!(last.starts_with("scratch\n"), "{last}");
    // Argo CD wants this user, and the definition in this place.
    assert!(last.contains("\nUSER 999:999\n"));
    let config = in_container("integrations/argocd/plugin.yaml");
    assert!(
        config.ends_with("/argocd/cmp-server/config/plugin.yaml"),
        "{config}"
    );
    let plugin = yaml(&file("integrations/argocd/plugin.yaml"));
    let words = plugin["spec"]["generate"]["command"].as_array().unwrap();
    assert_eq!(words[0], "/bin/sh");
    assert_eq!(words[1], in_container("integrations/argocd/generate.sh"));
    assert!(last.contains("\nCOPY --from=shell /bin/busybox /bin/sh\n"));
    assert!(last.contains("\nCOPY --from=build /edgegen /usr/local/bin/edgegen\n"));
    assert!(last.contains("\nENV PATH=/usr/local/bin:/bin\n"));
    // What it is discovered by is what exposures are called, and what the Application asks for is what it has.
    assert!(
        file("examples/fleet/apps/checkout")
            .join(text_of(&plugin, "/spec/discover/fileName"))
            .is_file()
    );
    let application = yaml(&file("integrations/argocd/application.yaml"));
    let name = format!(
        "{}-{}",
        text_of(&plugin, "/metadata/name"),
        text_of(&plugin, "/spec/version")
    );
    let asked = &application["spec"]["source"]["plugin"];
    assert_eq!(asked["name"], name);
    let known = plugin["spec"]["parameters"]["static"].as_array().unwrap();
    for parameter in asked["parameters"].as_array().unwrap() {
        assert!(
            known.iter().any(|k| k["name"] == parameter["name"]),
            "{parameter}"
        );
    }
    let path = text_of(&application, "/spec/source/path");
    assert!(file("examples/fleet").join(path).is_dir());
}

fn text_of<'v>(value: &'v Value, pointer: &str) -> &'v str {
    text(value, pointer)
}

#[test]
fn its_documents_are_what_the_api_takes() {
    let mut all = documents(&file("integrations/argocd/application.yaml"));
    all.extend(documents(&file("examples/fleet/clusters/argocd.yaml")));
    models(&all);
    // The folders that the generator looks for are committed.
    let set = yaml(&file("examples/fleet/clusters/argocd.yaml"));
    let path = text(&set, "/spec/generators/0/git/directories/0/path");
    let folder = file("examples/fleet").join(path.strip_suffix("/*").unwrap());
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 2);
}

#[test]
fn kustomize_applies_the_patch_of_the_repo_server() {
    const SERVER: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: argocd-repo-server, namespace: argocd}\nspec:\n  template:\n    spec:\n      containers: [{name: argocd-repo-server, image: argocd}]\n      volumes: [{name: var-files, emptyDir: {}}, {name: plugins, emptyDir: {}}]\n";
    for tool in tools::tools("kustomize", "v5") {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        put("server.yaml", SERVER);
        put(
            "kustomization.yaml",
            "resources: [server.yaml]\npatches: [{path: repo-server.yaml}]\n",
        );
        std::fs::copy(
            file("integrations/argocd/repo-server.yaml"),
            dir.path().join("repo-server.yaml"),
        )
        .unwrap();
        let built = ran(Command::new(&tool.program).arg("build").arg(dir.path()), "").unwrap();
        let server = objects(&built).remove(0);
        let pod = &server["spec"]["template"]["spec"];
        let containers = pod["containers"].as_array().unwrap();
        let names = |list: &str| -> Vec<String> {
            let all = pod[list].as_array().unwrap().iter();
            all.map(|v| text(v, "/name").to_owned()).collect()
        };
        assert_eq!(names("containers").len(), 2);
        let sidecar = containers.iter().find(|c| c["name"] == "edgegen").unwrap();
        assert_eq!(sidecar["securityContext"]["runAsUser"], 999);
        for mount in sidecar["volumeMounts"].as_array().unwrap() {
            let name = text(mount, "/name");
            assert!(
                names("volumes").iter().any(|v| v == name),
                "no volume {name}"
            );
        }
    }
}
