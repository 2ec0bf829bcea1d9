//! The documents that the book shows, read as edgegen reads them.
//!
//! A block `yaml` is a whole document; behind the fence of a part stands whose `spec` it belongs to, as in `yaml Exposure`.

use edgegen::diag::Diagnostics;
use edgegen::diag::render::{Format, render};
use edgegen::load::{API_VERSION, File, documents};
use edgegen::profile::store::Store;
use edgegen::source::Sources;
use edgegen::yaml::read::{Limits, read};

/// A file of a later command: YAML at least, and right where it is a document of edgegen.
pub fn file(at: &str, text: &str, faults: &mut Vec<String>) {
    if text.contains(API_VERSION) {
        document(at, text, faults);
        return;
    }
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let id = sources.add("block.yaml", text);
    read(&sources, id, &Limits::default(), &mut diags);
    said(at, diags, &sources, faults);
}

/// A block that no command reads.
pub fn checked(at: &str, kind: Option<&str>, text: &str, faults: &mut Vec<String>) {
    let deeper = |by: &str| {
        let mut out = String::new();
        text.lines()
            .for_each(|l| out.push_str(&format!("{by}{l}\n")));
        out
    };
    let head = |kind: &str| {
        format!("apiVersion: {API_VERSION}\nkind: {kind}\nmetadata: {{ name: shown }}\nspec:\n")
    };
    match kind {
        None if text.contains(API_VERSION) => document(at, text, faults),
        // Nothing is required of a part; as defaults of an environment it may be one.
        Some("Exposure") => {
            let target = "  target: gateway\n  defaults:\n";
            let whole = format!("{}{target}{}", head("Environment"), deeper("    "));
            document(at, &whole, faults);
        }
        Some("Environment") => {
            document(
                at,
                &format!("{}{}", head("Environment"), deeper("  ")),
                faults,
            );
        }
        _ => faults.push(format!("{at}: `yaml` of no kind that is known")),
    }
}

fn document(at: &str, text: &str, faults: &mut Vec<String>) {
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let store = Store::embedded(&mut sources, &mut diags);
    let file = File {
        path: "block.yaml".into(),
        text: text.to_owned(),
        named: true,
    };
    let found = documents(&file, &store, false, &mut sources, &mut diags);
    let count = found.exposures.len() + found.environments.len() + found.mappings.len();
    if count == 0 {
        faults.push(format!("{at}: there is no document"));
    }
    said(at, diags, &sources, faults);
}

fn said(at: &str, diags: Diagnostics, sources: &Sources, faults: &mut Vec<String>) {
    let found = diags.into_sorted();
    if !found.is_empty() {
        faults.push(format!(
            "{at}:\n{}",
            render(&found, sources, Format::Full, false)
        ));
    }
}
