//! Reading and writing YAML as the Kubernetes tools do.
//!
//! The tables are measurements of kustomize and kubectl; a value that changes here would change silently in a cluster.

use edgegen::diag::Diagnostics;
use edgegen::source::Sources;
use edgegen::yaml::read::{Limits, read};
use edgegen::yaml::write::to_yaml;
use serde_json::{Value, json};

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
            let (line, col) = d.primary_span().map_or((0, 0), |s| sources.line_col(s));
            format!("{line}:{col} {} {}", d.code, d.primary_span().map_or("", |s| sources.slice(s)))
        })
        .collect();
    (docs.iter().map(|d| d.root().to_value()).collect(), found)
}

#[test]
fn smoke() {
    let (docs, found) = load("a: 1\nb: [x, {yy: 2}]\nc:\n- d: |\n    t\n  e: \"q\\n\"\n---\n# none\n---\nnull\n---\nk: 0444\n");
    assert_eq!(found, [""; 0]);
    assert_eq!(docs, [json!({"a": 1, "b": ["x", {"yy": 2}], "c": [{"d": "t\n", "e": "q\n"}]}), json!({"k": 292})]);
    assert_eq!(
        to_yaml(&docs[0]).expect("writable"),
        "a: 1\nb:\n- x\n- yy: 2\nc:\n- d: |\n    t\n  e: |\n    q\n"
    );
}
