//! The examples of this repository, each with the environments and targets that it is compiled for.
//!
//! One list for goldens and properties, read from the folders, so that a new example needs no Rust.

use std::path::PathBuf;

use edgegen::compile::{Format, Output, Request, compile_with};
use edgegen::diag::Diagnostics;
use edgegen::profile::store::Store;
use edgegen::select::Wanted;
use edgegen::source::Sources;
use edgegen::world::World;

/// One example for one target.
#[derive(Debug, Clone)]
pub struct Case {
    /// Folder of the example: `bookstore`.
    pub example: String,
    /// Id of the target.
    pub target: String,
    /// File of the environment; without it, the target with its defaults.
    pub environment: Option<PathBuf>,
    /// `<target>/<example>`, with the environment's name where one target has several.
    pub name: String,
}

/// The root of the repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The embedded profiles.
pub fn store() -> Store {
    let mut diags = Diagnostics::default();
    let store = Store::embedded(&mut Sources::default(), &mut diags);
    assert!(diags.is_empty(), "{diags:?}");
    store
}

/// Names in a folder of the repository, sorted; none without it.
pub fn names(folder: &str) -> Vec<String> {
    let found = std::fs::read_dir(root().join(folder));
    let mut names: Vec<String> = found
        .into_iter()
        .flatten()
        .map(|e| {
            e.expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// The folders of all examples of one exposure; a whole repository is tried by `tests/integrations`.
pub fn examples() -> Vec<String> {
    let alone = |n: &String| {
        root()
            .join("examples")
            .join(n)
            .join("exposure.yaml")
            .is_file()
    };
    names("examples").into_iter().filter(alone).collect()
}

/// Every example with each of its environments, and with each target that none of them is for.
#[allow(
    clippy::disallowed_methods,
    reason = "tests read files of the repository"
)]
pub fn cases(store: &Store) -> Vec<Case> {
    let mut out = Vec::new();
    for example in examples() {
        let mut of: Vec<(String, String, PathBuf)> = Vec::new();
        for file in names(&format!("examples/{example}")) {
            let Some(name) = file
                .strip_prefix("environment-")
                .and_then(|n| n.strip_suffix(".yaml"))
            else {
                continue;
            };
            let path = PathBuf::from("examples").join(&example).join(&file);
            let text = std::fs::read_to_string(root().join(&path)).expect("a text");
            let target = text
                .lines()
                .find_map(|l| l.strip_prefix("  target: "))
                .unwrap_or_else(|| panic!("{file} has no target"));
            of.push((target.to_owned(), name.to_owned(), path));
        }
        let case = |target: &str, name: &str, environment| Case {
            example: example.clone(),
            target: target.to_owned(),
            environment,
            name: format!("{target}/{name}"),
        };
        for (target, name, path) in &of {
            let alone = of.iter().filter(|(t, ..)| t == target).count() == 1;
            let full = format!("{example}-{name}");
            let name = if alone { &example } else { &full };
            out.push(case(target, name, Some(path.clone())));
        }
        for target in store.targets() {
            if !of.iter().any(|(t, ..)| t == target) {
                out.push(case(target, &example, None));
            }
        }
    }
    out
}

/// Compiles one case; `out` is the folder of its overlay. Paths are relative to the root of the repository.
pub fn compiled(
    world: &dyn World,
    store: &Store,
    case: &Case,
    out: &str,
    format: Format,
) -> Output {
    let request = Request {
        inputs: vec![format!("examples/{}/exposure.yaml", case.example).into()],
        environments: case.environment.iter().cloned().collect(),
        wanted: Wanted {
            targets: match case.environment {
                Some(_) => Vec::new(),
                None => vec![case.target.clone()],
            },
            ..Wanted::default()
        },
        out: out.into(),
        flat: true,
        format,
        detail: true,
        ..Request::default()
    };
    compile_with(world, store, &Sources::default(), &request)
}

/// All cases of the targets that `EDGEGEN_TARGET=id,id` names, or of all.
#[allow(
    dead_code,
    clippy::disallowed_methods,
    reason = "a test chooses its cases; not every test that has the list does"
)]
pub fn chosen(store: &Store) -> Vec<Case> {
    let only = std::env::var("EDGEGEN_TARGET").ok();
    let wanted = |c: &Case| {
        let only = only.as_deref();
        only.is_none_or(|o| o.split(',').any(|o| o == c.target))
    };
    cases(store).into_iter().filter(wanted).collect()
}
