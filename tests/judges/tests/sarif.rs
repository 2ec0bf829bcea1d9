//! Committed findings in SARIF before the schema of version 2.1.0, and before structs that others generate from it.
//!
//! The schema is the one that comes with those structs: it is read where cargo has put them.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use edgegen_judges::repository;
use serde_json::Value;
use serde_sarif::sarif::Sarif;

/// The schema in the sources of the crate.
fn schema() -> Value {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let ask = |args: &[&str]| {
        let done = Command::new(&cargo)
            .args(args)
            .current_dir(repository())
            .output();
        String::from_utf8(done.expect("cargo starts").stdout).expect("text")
    };
    // Of this platform only: what others need was never fetched.
    let version = ask(&["-vV"]);
    let host = version.lines().find_map(|l| l.strip_prefix("host: "));
    let host = host.expect("the platform");
    let all = ask(&[
        "metadata",
        "--format-version",
        "1",
        "--offline",
        "--filter-platform",
        host,
    ]);
    let all: Value = serde_json::from_str(&all).expect("what cargo knows");
    let packages = all["packages"].as_array().expect("packages");
    let crate_of = packages.iter().find(|p| p["name"] == "serde-sarif");
    let manifest = crate_of
        .and_then(|p| p["manifest_path"].as_str())
        .expect("a path");
    let path = PathBuf::from(manifest)
        .with_file_name("src")
        .join("schema.json");
    let text = fs::read_to_string(path).expect("the schema");
    let mut schema: Value = serde_json::from_str(&text).expect("JSON");
    // Its pattern for languages has a bracket too many and is no regular expression; edgegen states no language.
    for of in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][of]["properties"]["language"];
        language.as_object_mut().expect("a field").remove("pattern");
    }
    schema
}

#[test]
fn findings_are_valid_by_the_schema() {
    let validator = jsonschema::validator_for(&schema()).expect("a schema");
    let text =
        fs::read_to_string(repository().join("tests/formats/bookstore.sarif")).expect("findings");
    let found: Value = serde_json::from_str(&text).expect("JSON");
    let faults: Vec<String> = validator
        .iter_errors(&found)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // What is read and written again lacks nothing.
    let typed: Sarif = serde_json::from_value(found.clone()).expect("the structs");
    assert_eq!(serde_json::to_value(typed).expect("JSON"), found);
    // Each result has a place in a document, and the check can fail.
    let results = found["runs"][0]["results"].as_array().expect("results");
    assert!(results.len() > 3);
    let line = "/locations/0/physicalLocation/region/startLine";
    assert!(
        results
            .iter()
            .all(|r| r.pointer(line).is_some_and(Value::is_u64))
    );
    let mut wrong = found.clone();
    wrong["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!validator.is_valid(&wrong));
}
