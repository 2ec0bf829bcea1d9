//! What the tools that judge give as objects, and the result that all have to give.
//!
//! Every way of a plan is compared with one expectation, the overlay of the same example and target.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use edgegen::compile::Format;
use edgegen::profile::store::Store;
use edgegen::world::Disk;
use serde::Deserialize as _;
use serde_json::Value;

use crate::examples::{Case, cases, compiled, store};
pub use crate::tools::*;

/// Objects by kind, namespace and name.
pub type Objects = BTreeMap<String, Value>;

/// The objects of a stream, read by another reader than edgegen's; lists are their items.
pub fn objects(text: &str) -> Objects {
    let mut out = Objects::new();
    for document in yaml_serde::Deserializer::from_str(text) {
        let value = Value::deserialize(document).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let items = match value.get("items").and_then(Value::as_array) {
            Some(items) => items.clone(),
            None => vec![value],
        };
        for item in items.into_iter().filter(|v| !v.is_null()) {
            out.insert(identity(&item), item);
        }
    }
    out
}

pub fn identity(object: &Value) -> String {
    let text = |p: &str| {
        object
            .pointer(p)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    format!(
        "{} {} {}/{}",
        text("/apiVersion"),
        text("/kind"),
        text("/metadata/namespace"),
        text("/metadata/name")
    )
}

/// The objects that the overlay of a case builds to; nothing for a case that is refused.
pub fn expected(store: &Store, case: &Case) -> Option<Objects> {
    let output = compiled(&Disk, store, case, "out", Format::Kustomize);
    let built = output.rendered().flat_map(|r| r.built.iter());
    (!output.has_errors()).then(|| built.map(|o| (identity(o), o.clone())).collect())
}

/// The cases of examples with a chart, or of all, that give an overlay, with its objects.
pub fn each(of: impl Fn(&Case) -> bool + Sync, check: impl Fn(&Case, &Objects) + Sync) {
    let store = store();
    let mut all = cases(&store);
    all.retain(|c| of(c));
    assert!(!all.is_empty(), "no case");
    edgegen::parallel::map(&all, |case| {
        if let Some(wanted) = expected(&store, case) {
            check(case, &wanted);
        }
    });
}

/// The arguments that name the input of a case, from the root of the repository.
pub fn arguments(case: &Case) -> Vec<String> {
    let exposure = root()
        .join("examples")
        .join(&case.example)
        .join("exposure.yaml");
    let mut out = vec!["-f".to_owned(), exposure.display().to_string()];
    match &case.environment {
        Some(path) => out.extend(["-e".to_owned(), root().join(path).display().to_string()]),
        None => out.extend(["-t".to_owned(), case.target.clone()]),
    }
    out
}

/// Fails where two sets of objects differ, with the objects that do.
pub fn same(what: &str, found: &Objects, wanted: &Objects) {
    let differing = |a: &Objects, b: &Objects| {
        let of = a.iter().filter(|(id, v)| b.get(*id) != Some(*v));
        of.map(|(_, v)| edgegen::yaml::write::to_yaml(v).unwrap())
            .collect::<Vec<_>>()
            .join("---\n")
    };
    assert!(
        found == wanted,
        "{what}\n=== found\n{}=== wanted\n{}",
        differing(found, wanted),
        differing(wanted, found)
    );
}

/// The text of a file below `examples`.
pub fn example(path: &str) -> String {
    let path = root().join("examples").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Whether an example is a chart's: it has the values that the chart is installed with.
pub fn is_charts(case: &Case) -> bool {
    values(case).is_file()
}

/// The values that the base of a chart's example was made with.
pub fn values(case: &Case) -> PathBuf {
    root()
        .join("examples")
        .join(&case.example)
        .join("values.yaml")
}

/// The chart of the examples.
pub fn chart() -> PathBuf {
    root().join("examples/cafe/chart")
}

/// `helm template` of the chart for a case, with more arguments.
pub fn template(tool: &Tool, home: &Path, case: &Case, more: &[String]) -> Result<String, String> {
    templated(tool, home, &values(case), more)
}

/// The same with a file of values.
pub fn templated(
    tool: &Tool,
    home: &Path,
    values: &Path,
    more: &[String],
) -> Result<String, String> {
    let mut command = Command::new(&tool.program);
    command
        .args(["template", "cafe"])
        .arg(chart())
        .arg("-f")
        .arg(values)
        .args(more)
        .env("PATH", path_with_edgegen())
        .env_remove("HELM_PLUGINS");
    for variable in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        command.env(variable, home.join(variable));
    }
    ran(&mut command, "")
}
