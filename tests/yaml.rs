//! Reading and writing YAML as the Kubernetes tools do.
//!
//! The tables are measurements of kustomize and kubectl; a value that changes here would change silently in a cluster.

#[path = "yaml/files.rs"]
mod files;
#[path = "yaml/scalars.rs"]
mod scalars;
#[path = "yaml/writing.rs"]
mod writing;

use edgegen::diag::Diagnostics;
use edgegen::source::Sources;
use edgegen::yaml::read::{Limits, read};
use serde_json::Value;

/// Values of all documents, and `line:column code text` of all findings.
fn load(text: &str) -> (Vec<Value>, Vec<String>) {
    load_with(text, &Limits::default())
}

fn load_with(text: &str, limits: &Limits) -> (Vec<Value>, Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add("t.yaml", text);
    let mut diags = Diagnostics::default();
    let docs = read(&sources, id, limits, &mut diags);
    let found = diags
        .iter()
        .map(|d| {
            let span = d.primary_span().expect("a finding in a text has a place");
            let (line, column) = sources.line_col(span);
            format!("{line}:{column} {} {}", d.code, sources.slice(span))
        })
        .collect();
    (docs.iter().map(|d| d.root().to_value()).collect(), found)
}

/// The only document of a text without findings.
fn one(text: &str) -> Value {
    let (mut docs, found) = load(text);
    assert_eq!((docs.len(), &found[..]), (1, &[] as &[String]), "{text}");
    docs.remove(0)
}
