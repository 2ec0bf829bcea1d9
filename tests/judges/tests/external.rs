//! Every golden overlay before its judges: real kustomize, CRD schemas, typed structs.
//!
//! A judge that is not at hand is named and skipped, and fails the run where `CI=true` says that all have to be there;
//! the CRD schemas alone may be absent everywhere.

use std::fs;

use edgegen_judges::golden::{self, Case};
use edgegen_judges::schemas::{self, Schemas};
use edgegen_judges::{in_ci, kustomize, objects, repository, say, skip, structs};

/// Golden cases, or `None` after saying that there are none.
fn cases() -> Option<Vec<Case>> {
    let cases = golden::cases(&repository());
    if cases.iter().any(|case| case.rendered) {
        return Some(cases);
    }
    assert!(!in_ci(), "there is no golden overlay to judge");
    skip("there is no golden overlay to judge");
    None
}

/// Fails with all faults at once.
fn report(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

fn built(case: &Case) -> Result<objects::Objects, String> {
    let text = fs::read_to_string(case.folder.join("built.yaml"))
        .map_err(|e| format!("built.yaml: {e}"))?;
    objects::read(&text)
}

#[test]
fn golden_folders_have_their_layout() {
    let Some(cases) = cases() else { return };
    report(&cases.iter().flat_map(golden::layout).collect::<Vec<_>>());
}

#[test]
fn kustomize_builds_the_objects_that_edgegen_says() {
    let Some(cases) = cases() else { return };
    let programs = kustomize::found();
    let wanted = if in_ci() { 2 } else { 1 };
    if programs.len() < wanted {
        assert!(
            !in_ci(),
            "{} of {wanted} versions of kustomize are there; .ci/run installs them",
            programs.len()
        );
        skip(
            "there is no kustomize; `.ci/run` installs it, or `go install sigs.k8s.io/kustomize/kustomize/v5@latest`",
        );
        return;
    }
    let mut faults = Vec::new();
    let rendered: Vec<&Case> = cases.iter().filter(|case| case.rendered).collect();
    for case in &rendered {
        let place = tempfile::tempdir().unwrap();
        let overlay = golden::copy(&repository(), case, place.path()).unwrap();
        let expected = match built(case) {
            Ok(expected) => expected,
            Err(e) => {
                faults.push(format!("golden/{}: {e}", case.name));
                continue;
            }
        };
        for program in &programs {
            let name = format!("kustomize {}", program.version);
            match program.build(&overlay) {
                Ok(result) => faults.extend(
                    objects::compare(("built.yaml", &expected), (&name, &result))
                        .into_iter()
                        .map(|f| format!("golden/{}: {f}", case.name)),
                ),
                Err(e) => faults.push(format!(
                    "golden/{}: {name} does not build it: {e}",
                    case.name
                )),
            }
        }
    }
    let versions: Vec<&str> = programs.iter().map(|p| p.version.as_str()).collect();
    say(&format!(
        "built {} golden overlays with kustomize {}",
        rendered.len(),
        versions.join(" and ")
    ));
    report(&faults);
}

#[test]
fn every_object_is_one_that_the_api_takes() {
    let Some(cases) = cases() else { return };
    let schemas = schemas::folder().map(|folder| Schemas::read(&folder));
    if schemas.is_none() {
        skip(
            "no CRD schemas in ../shared/schemas (or EDGEGEN_SHARED); objects of cloud vendors' kinds are not checked",
        );
    }
    let mut faults = Vec::new();
    let (mut total, mut by_schema, mut by_struct, mut by_none) = (0, 0, 0, 0);
    for case in cases.iter().filter(|case| case.rendered) {
        let objects = match built(case) {
            Ok(objects) => objects,
            Err(e) => {
                faults.push(format!("golden/{}: {e}", case.name));
                continue;
            }
        };
        for (id, object) in &objects {
            total += 1;
            let schema = schemas.as_ref().and_then(|s| s.check(object));
            let typed = structs::check(object);
            by_schema += usize::from(schema.is_some());
            by_struct += usize::from(typed.is_some());
            if schema.is_none() && typed.is_none() {
                by_none += 1;
                if schemas.is_some() {
                    faults.push(format!(
                        "golden/{}: {id}: no judge knows this kind",
                        case.name
                    ));
                }
            }
            let found = schema
                .into_iter()
                .flatten()
                .chain(typed.into_iter().flatten());
            faults.extend(found.map(|f| format!("golden/{}: {id}: {f}", case.name)));
        }
    }
    say(&format!(
        "checked {total} objects: {by_schema} by CRD schema, {by_struct} by typed struct, {by_none} by neither"
    ));
    report(&faults);
}

#[test]
fn the_bases_of_the_examples_are_sound() {
    let schemas = schemas::folder().map(|folder| Schemas::read(&folder));
    let mut faults = Vec::new();
    let mut total = 0;
    for example in golden::folders(&repository().join("examples")) {
        // A whole repository has no base of its own.
        let base = fs::read_dir(example.join("base"));
        for entry in base.into_iter().flatten() {
            let file = entry.unwrap().path();
            if file.ends_with("kustomization.yaml") {
                continue;
            }
            for object in objects::documents(&fs::read_to_string(&file).unwrap()).unwrap() {
                total += 1;
                let schema = schemas
                    .as_ref()
                    .and_then(|s| s.check(&object))
                    .into_iter()
                    .flatten();
                let typed = structs::check(&object)
                    .unwrap_or_else(|| vec!["no struct for this kind".to_owned()]);
                let place = file
                    .strip_prefix(repository())
                    .unwrap_or(&file)
                    .display()
                    .to_string();
                faults.extend(
                    schema
                        .chain(typed)
                        .map(|f| format!("{place}: {}: {f}", objects::id(&object))),
                );
            }
        }
    }
    say(&format!("checked {total} objects of the examples' bases"));
    report(&faults);
}

#[test]
fn planted_typos_in_vendors_kinds_are_found() {
    let Some(folder) = schemas::folder() else {
        skip(
            "no CRD schemas in ../shared/schemas (or EDGEGEN_SHARED); their self-test did not run",
        );
        return;
    };
    let schemas = Schemas::read(&folder);
    say(&format!("compiled the schemas of {} kinds", schemas.len()));
    for file in &schemas.unread {
        skip(file);
    }
    let sound = fs::read_to_string(repository().join("tests/judges/tests/sound.yaml")).unwrap();
    let planted = [
        ("replacePrefixMatch:", "replacePrefixmatch:"),
        ("port: 443", "port: \"443\""),
        ("securityPolicy:", "securitypolicy:"),
        ("checkIntervalSec:", "checkInterval:"),
        ("redirectToHttps:", "redirectToHTTPS:"),
        ("domains:", "domain:"),
        ("type: HTTP\n", "type: HTTPX\n"),
    ];
    let faults = |text: &str| -> Vec<String> {
        let objects = objects::read(text).unwrap();
        let judged = |object| {
            schemas
                .check(object)
                .expect("every kind of sound.yaml has a schema")
        };
        objects.values().flat_map(judged).collect()
    };
    assert_eq!(faults(&sound), Vec::<String>::new());
    for (good, bad) in planted {
        assert!(sound.contains(good), "sound.yaml has no `{good}`");
        assert!(
            !faults(&sound.replace(good, bad)).is_empty(),
            "`{bad}` was not found"
        );
    }
}
