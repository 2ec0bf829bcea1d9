//! Every result gives back what it was made from: the examples of all rules, read backwards.
//!
//! The account of a result says what was emitted; a value that no object gives back is one that a reader of the cluster cannot see.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test chooses its cases and says how many ran"
)]

use std::collections::BTreeMap;
use std::path::Path;

use edgegen::diag::Diagnostics;
use edgegen::inverse::{Reader, check};
use edgegen::parallel;
use edgegen::profile::store::Store;
use edgegen::profile::trial;
use edgegen::source::Sources;
use edgegen::world::Disk;

/// The embedded profiles, or those of a folder: `EDGEGEN_PROFILES=profiles cargo test --test inverse` needs no build after each change.
fn store() -> Store {
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    match std::env::var("EDGEGEN_PROFILES") {
        Ok(folder) => Store::with_folder(&Disk, Path::new(&folder), &mut sources, &mut diags)
            .expect("the folder has profiles"),
        Err(_) => Store::embedded(&mut sources, &mut diags),
    }
}

/// Targets of which something is still not read back.
const UNREAD: &[&str] = &["gke-ingress"];

/// All targets, or those that are named: `EDGEGEN_TARGET=id,id cargo test --test inverse`.
fn chosen(store: &Store) -> Vec<String> {
    let only = std::env::var("EDGEGEN_TARGET").ok();
    let targets = store
        .targets()
        .into_iter()
        .filter(|t| only.is_some() || !UNREAD.contains(t));
    targets
        .filter(|t| {
            only.as_deref()
                .is_none_or(|o| o.split(',').any(|o| o == *t))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn examples_give_back_what_they_emit() {
    let store = store();
    let mut faults: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    for target in chosen(&store) {
        let reader = Reader::new(&store, &target).unwrap();
        let mut diags = Diagnostics::default();
        let profile = store
            .profile(&target, &mut Sources::default(), &mut diags)
            .unwrap();
        assert!(diags.is_empty(), "{target} is not read: {diags:?}");
        let examples: Vec<_> = profile
            .rules
            .iter()
            .flat_map(|r| r.examples.iter().map(move |e| (r, e)))
            .filter(|(_, e)| e.finds.is_none())
            .collect();
        let found = parallel::map(&examples, |(rule, e)| {
            let output = trial::run(&store, &target, &e.exposure, &e.environment, &e.base);
            let mut lost = Vec::new();
            // Of rules that targets share, some examples are for others.
            let groups = if output.has_errors() {
                &[]
            } else {
                &output.groups[..]
            };
            for group in groups {
                for rendered in &group.rendered {
                    lost.extend(check::lost(&store, &reader, rendered, &group.sources));
                }
            }
            (format!("{} {}", rule.id, e.name), lost)
        });
        count += found.len();
        for (name, lost) in found {
            for l in lost {
                faults
                    .entry(format!("{target}/{} {}", l.rule, l.field))
                    .or_default()
                    .push(format!("{name}: {} read as {:?}", l.value, l.given));
            }
        }
    }
    println!("{count} examples");
    let shown: Vec<String> = faults
        .iter()
        .map(|(k, of)| format!("{k}: {} ({} in all)", of[0], of.len()))
        .collect();
    assert!(
        shown.is_empty(),
        "\n{}\n{} in all",
        shown.join("\n"),
        shown.len()
    );
}
