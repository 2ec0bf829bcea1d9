//! What holds for every example and every target, whatever the files say.
//!
//! Same input, same bytes; permuted input, same output; nothing but the output folder is touched; all formats say the same.

#[path = "kit/examples.rs"]
mod examples;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Parser;
use edgegen::base::read_base;
use edgegen::cli::{Cli, Done, run};
use edgegen::compile::{Format, Output};
use edgegen::diag::{Diagnostics, Severity};
use edgegen::out::Tree;
use edgegen::profile::store::Store;
use edgegen::source::Sources;
use edgegen::world::{Disk, Memory};
use examples::{Case, cases, compiled, examples as all_examples, store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::Deserialize as _;
use serde_json::Value;

/// Files below a folder, with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                #[allow(clippy::disallowed_methods, reason = "a test looks at its files")]
                let bytes = std::fs::read(&path).expect("a file");
                let below = path.strip_prefix(folder).expect("a path below");
                out.insert(below.to_owned(), bytes);
            }
        }
    }
    out
}

/// The examples in memory, with the paths that they have in the repository.
fn in_memory() -> Memory {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = files(&root);
    Memory {
        files: files
            .into_iter()
            .map(|(p, t)| (Path::new("examples").join(p), t))
            .collect(),
        stdin: Vec::new(),
    }
}

/// Files and findings, as bytes to compare.
fn result(output: &Output) -> (Vec<Tree>, Vec<(String, String)>) {
    let found = output
        .diags
        .iter()
        .chain(output.groups.iter().flat_map(|g| g.diags.iter()))
        .map(|d| (d.code.to_string(), d.headline.clone()))
        .collect();
    (output.rendered().map(|r| r.tree.clone()).collect(), found)
}

fn each(check: impl Fn(&Store, &Case) + Sync) {
    let store = store();
    let all = cases(&store);
    edgegen::parallel::map(&all, |case| check(&store, case));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let world = in_memory();
    each(|store, case| {
        let once = || result(&compiled(&world, store, case, "out", Format::Kustomize));
        assert_eq!(once(), once(), "{}", case.name);
    });
}

/// A document with the entries of every map in another order; lists stay, unless their order means nothing.
fn permuted(value: &Value, seed: &mut u64) -> Value {
    let mut next = |n: usize| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(*seed >> 33).unwrap_or(0) % n.max(1)
    };
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            for i in (1..keys.len()).rev() {
                keys.swap(i, next(i + 1));
            }
            let entries = keys
                .into_iter()
                .map(|k| (k.clone(), permuted(&map[k], seed)));
            Value::Object(entries.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|v| permuted(v, seed)).collect()),
        other => other.clone(),
    }
}

#[test]
fn the_order_of_keys_and_documents_does_not_matter() {
    let world = in_memory();
    let store = store();
    let all = cases(&store);
    let mut runner = TestRunner::new(Config::with_cases(12));
    let checked = runner.run(&(any::<u64>(), 0..all.len()), |(seed, at)| {
        let case = &all[at];
        let mut seed = seed | 1;
        let mut other = world.clone();
        let mut documents = vec![format!("examples/{}/exposure.yaml", case.example)];
        documents.extend(case.environment.iter().map(|p| p.display().to_string()));
        for path in documents {
            let bytes = other.files.get_mut(Path::new(&path)).expect("a document");
            let text = String::from_utf8_lossy(bytes).into_owned();
            let mut parts: Vec<String> = yaml_serde::Deserializer::from_str(&text)
                .map(|d| permuted(&Value::deserialize(d).expect("YAML"), &mut seed).to_string())
                .collect();
            parts.reverse();
            *bytes = parts.join("\n---\n").into_bytes();
        }
        let base = format!("examples/{}/base/kustomization.yaml", case.example);
        let bytes = other.files.get_mut(Path::new(&base)).expect("a base");
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, list) = text.split_once("resources:\n").expect("resources");
        let mut lines: Vec<&str> = list.lines().collect();
        lines.reverse();
        *bytes = format!("{head}resources:\n{}\n", lines.join("\n")).into_bytes();
        let of =
            |world: &Memory| result(&compiled(world, &store, case, "out", Format::Kustomize)).0;
        prop_assert_eq!(of(&world), of(&other), "{}", &case.name);
        Ok(())
    });
    checked.expect("no order matters");
}

/// Objects by kind, namespace and name.
fn by_identity(objects: impl Iterator<Item = Value>) -> BTreeMap<String, Value> {
    objects
        .map(|o| {
            let text = |p: &str| o.pointer(p).and_then(Value::as_str).unwrap_or_default();
            let id = format!(
                "{} {} {}/{}",
                text("/apiVersion"),
                text("/kind"),
                text("/metadata/namespace"),
                text("/metadata/name")
            );
            (id, o)
        })
        .collect()
}

#[test]
fn the_stream_holds_the_objects_of_the_overlay() {
    let world = in_memory();
    each(|store, case| {
        let overlay = compiled(&world, store, case, "out", Format::Kustomize);
        let stream = compiled(&world, store, case, "out", Format::Stream);
        assert_eq!(overlay.has_errors(), stream.has_errors(), "{}", case.name);
        if overlay.has_errors() {
            return;
        }
        let built = by_identity(overlay.rendered().flat_map(|r| r.built.clone()));
        let text: String = stream
            .rendered()
            .map(|r| r.tree["manifests.yaml"].as_str())
            .collect();
        let read = yaml_serde::Deserializer::from_str(&text)
            .map(|d| Value::deserialize(d).expect("YAML"))
            .filter(|v| !v.is_null());
        assert_eq!(built, by_identity(read), "{}", case.name);
    });
}

#[test]
fn a_rendered_stream_is_a_base_again() {
    let world = in_memory();
    each(|store, case| {
        let output = compiled(&world, store, case, "out", Format::Stream);
        for r in output.rendered().filter(|_| !output.has_errors()) {
            let text = &r.tree["manifests.yaml"];
            let again = Memory::new([("out/all.yaml", text.as_str())]);
            let mut diags = Diagnostics::default();
            let path = Path::new("out/all.yaml");
            let base = read_base(
                &again,
                &mut Sources::default(),
                path,
                "out",
                None,
                &mut diags,
            );
            let base = base.unwrap_or_else(|| panic!("{}: {diags:?}", case.name));
            let objects = base.objects.iter().map(|o| o.node().to_value());
            assert_eq!(
                by_identity(objects),
                by_identity(r.built.iter().cloned()),
                "{}",
                case.name
            );
        }
    });
}

#[test]
fn an_error_leaves_no_file_in_any_tree() {
    let world = in_memory();
    each(|store, case| {
        let output = compiled(&world, store, case, "out", Format::Kustomize);
        let broken = output.has_errors();
        for r in output.rendered() {
            assert_eq!(r.tree.is_empty(), broken, "{}", case.name);
        }
        let unexplained = output
            .groups
            .iter()
            .flat_map(|g| g.diags.iter())
            .filter(|d| d.severity == Severity::Error && d.labels.is_empty() && d.helps.is_empty());
        assert_eq!(
            unexplained.count(),
            0,
            "{}: an error without place or help",
            case.name
        );
    });
}

/// A copy of an example on the disk.
fn copied(example: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a temporary folder");
    let from = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(example);
    for (path, bytes) in files(&from) {
        let to = place.path().join(path);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        #[allow(clippy::disallowed_methods, reason = "a test makes its files")]
        std::fs::write(to, bytes).expect("a file");
    }
    place
}

fn command(place: &Path, args: &str) -> Done {
    let full = args.replace('@', &place.display().to_string());
    let line = ["edgegen"].into_iter().chain(full.split_whitespace());
    let cli = Cli::try_parse_from(line).unwrap_or_else(|e| panic!("`{args}`: {e}"));
    run(cli, &Disk, false)
}

#[test]
fn no_command_touches_anything_but_its_output() {
    for example in all_examples() {
        let place = copied(&example);
        let at = place.path();
        let before = files(at);
        for args in [
            "check -f @ -t all",
            "render -f @ -o @/out --stdout -t all",
            "render -f @ -o @/out -t all --format stream",
            "render -f @ -o @/base",
            "render -f @ -o @/base/out -t all",
            "render -f @ -o @/out -t nothing",
            "verify -f @ -o @/out -t all",
            "verify -f @ -o @/base --write -t all",
            "explain EG1011",
            "matrix",
            "schema",
            "init @/base",
            "profiles list",
            "completions bash",
        ] {
            let done = command(at, args);
            assert_ne!(done.code, 70, "{example}: {args}: {}", done.stderr);
            let mut after = files(at);
            after.retain(|p, _| !p.starts_with("out"));
            assert_eq!(before, after, "{example}: {args}: {}", done.stderr);
        }
    }
}

#[test]
fn rendering_twice_touches_nothing() {
    let store = store();
    for example in all_examples() {
        let place = copied(&example);
        for case in cases(&store).iter().filter(|c| c.example == example) {
            let Some(environment) = case.environment.as_ref().and_then(|p| p.file_name()) else {
                continue;
            };
            let name = environment.to_string_lossy();
            let args = format!("-f @/exposure.yaml -e @/{name} -o @/out");
            let first = command(place.path(), &format!("render {args}"));
            if first.code != 0 {
                assert!(
                    !place.path().join("out").exists(),
                    "{}: {}",
                    case.name,
                    first.stderr
                );
                continue;
            }
            let times = |dir: &Path| -> Vec<_> {
                files(dir)
                    .into_keys()
                    .map(|p| {
                        std::fs::metadata(dir.join(&p))
                            .and_then(|m| m.modified())
                            .expect("a time")
                    })
                    .collect()
            };
            let (was, when) = (files(place.path()), times(place.path()));
            let second = command(place.path(), &format!("render {args}"));
            assert!(
                second.stderr.contains("unchanged"),
                "{}: {}",
                case.name,
                second.stderr
            );
            assert_eq!(was, files(place.path()), "{}", case.name);
            assert_eq!(when, times(place.path()), "{}", case.name);
            let verified = command(place.path(), &format!("verify {args}"));
            assert_eq!(
                (verified.code, verified.stdout.as_str()),
                (0, ""),
                "{}",
                case.name
            );
            std::fs::remove_dir_all(place.path().join("out")).expect("the output goes away");
        }
    }
}
