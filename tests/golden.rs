//! Every example for every target against the overlays that somebody reviewed and accepted.
//!
//! A change of what a cluster gets shows as a change of files in its own folder, `golden/<target>/<case>`; `cargo bless` accepts it.

#[path = "kit/examples.rs"]
mod examples;
#[path = "kit/mod.rs"]
mod kit;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use clap::Parser as _;
use edgegen::cli::{Cli, run};
use edgegen::compile::{Format, Output};
use edgegen::diag::{Diagnostic, Severity, render};
use edgegen::lower::account::{Entry, Outcome};
use edgegen::out::Tree;
use edgegen::verify::compare;
use edgegen::world::Disk;
use edgegen::yaml::write::write_documents;
use examples::{Case, cases, compiled, names, store};

/// Lines that a file for reviewers may have.
const LONGEST: usize = 450;

/// All findings in full form, as a file: those of the whole run first.
fn diagnostics(output: &Output) -> String {
    let mut out = Vec::new();
    let show = |found: Vec<Diagnostic>, sources| {
        render::render(&found, sources, render::Format::Full, false)
    };
    out.push(show(output.diags.clone().into_sorted(), &output.sources));
    for g in &output.groups {
        out.push(show(g.diags.clone().into_sorted(), &g.sources));
    }
    out.retain(|t| !t.is_empty());
    out.join("\n")
}

/// The files of a golden folder.
fn golden(output: &Output) -> Tree {
    let mut tree = Tree::new();
    let text = diagnostics(output);
    if !text.is_empty() {
        tree.insert("diagnostics.txt".to_owned(), text);
    }
    if output.has_errors() {
        return tree;
    }
    for r in output.rendered() {
        for (path, text) in &r.tree {
            tree.insert(format!("overlay/{path}"), text.clone());
        }
        tree.insert("trace.txt".to_owned(), r.trace.clone());
        let built = write_documents(&r.built).expect("a base that was read can be written");
        tree.insert("built.yaml".to_owned(), built);
    }
    tree
}

/// The files in a folder, with their paths below it.
fn listing(folder: &str, below: &str, out: &mut BTreeSet<String>) {
    for name in names(&format!("{folder}/{below}")) {
        let path = format!("{below}{name}");
        if Path::new(folder).join(&path).is_dir() {
            listing(folder, &format!("{path}/"), out);
        } else {
            out.insert(path);
        }
    }
}

/// Compares a golden folder, or accepts what was built. Gives the differences.
fn check(name: &str, tree: &Tree) -> Option<String> {
    let folder = format!("golden/{name}");
    let mut report = compare(&Disk, Path::new(&folder), tree).expect("goldens can be read");
    let mut found = BTreeSet::new();
    listing(&folder, "", &mut found);
    report.extra = found
        .into_iter()
        .filter(|p| !tree.contains_key(p))
        .collect();
    if report.is_clean() {
        return None;
    }
    if !kit::blessing() {
        return Some(report.render());
    }
    let mut unheard = Vec::new();
    for path in &report.extra {
        kit::accept(&format!("{folder}/{path}"), None, &mut unheard);
    }
    for (path, text) in tree {
        kit::accept(&format!("{folder}/{path}"), Some(text), &mut unheard);
    }
    None
}

/// What became of the fields of one case.
struct Column {
    name: String,
    codes: BTreeSet<String>,
    account: Vec<Entry>,
}

/// Neutral field by target: what became of each value that the example sets.
fn matrix(example: &str, columns: &[Column]) -> String {
    let mut out = format!(
        "# {example}: what became of each field\n\nWritten by `cargo bless`; `edgegen explain <target>/<rule>` tells more of a rule.\n\n| field |"
    );
    columns
        .iter()
        .for_each(|c| out.push_str(&format!(" {} |", c.name)));
    out.push_str("\n| --- |");
    columns.iter().for_each(|_| out.push_str(" --- |"));
    out.push_str("\n| (result) |");
    for c in columns {
        let codes: Vec<&str> = c.codes.iter().map(String::as_str).collect();
        if codes.is_empty() {
            out.push_str(" overlay |");
        } else {
            out.push_str(&format!(" refused: {} |", codes.join(", ")));
        }
    }
    out.push('\n');
    let fields: BTreeSet<&str> = columns
        .iter()
        .flat_map(|c| c.account.iter().map(|e| &*e.field))
        .collect();
    for field in fields {
        out.push_str(&format!("| `{field}` |"));
        for c in columns {
            let mut cells: BTreeMap<Outcome, BTreeSet<&str>> = BTreeMap::new();
            for e in c.account.iter().filter(|e| *e.field == *field) {
                let rule = e.rule.as_deref().unwrap_or_default();
                let short = rule.split_once('/').map_or(rule, |(_, r)| r);
                cells.entry(e.outcome).or_default().insert(short);
            }
            let cells: Vec<String> = cells
                .into_iter()
                .map(|(outcome, rules)| {
                    let rules: Vec<&str> = rules.into_iter().filter(|r| !r.is_empty()).collect();
                    if rules.is_empty() {
                        outcome.word().to_owned()
                    } else {
                        format!("{}: {}", outcome.word(), rules.join(", "))
                    }
                })
                .collect();
            let text = if cells.is_empty() {
                "-".to_owned()
            } else {
                cells.join("; ")
            };
            out.push_str(&format!(" {text} |"));
        }
        out.push('\n');
    }
    out
}

#[test]
fn every_example_gives_what_was_accepted() {
    let store = store();
    let all = cases(&store);
    let mut faults = Vec::new();
    let outputs = edgegen::parallel::map(&all, |case: &Case| {
        let out = format!("golden/{}/overlay", case.name);
        compiled(&Disk, &store, case, &out, Format::Kustomize)
    });
    let mut columns: BTreeMap<&str, Vec<Column>> = BTreeMap::new();
    for (case, output) in all.iter().zip(&outputs) {
        if store.head(&case.target).is_none() {
            faults.push(format!("{}: there is no such target", case.name));
            continue;
        }
        let tree = golden(output);
        for (path, text) in &tree {
            if path.starts_with("overlay/") && text.lines().count() > LONGEST {
                faults.push(format!("golden/{}/{path} is too long to read", case.name));
            }
        }
        faults.extend(check(&case.name, &tree));
        let findings = output
            .diags
            .iter()
            .chain(output.groups.iter().flat_map(|g| g.diags.iter()));
        columns.entry(&case.example).or_default().push(Column {
            name: match case.name.split_once('/') {
                Some((target, name)) if name != case.example => format!("{target} ({name})"),
                _ => case.target.clone(),
            },
            codes: findings
                .filter(|d| d.severity == Severity::Error)
                .map(|d| d.code.to_string())
                .collect(),
            account: output.rendered().flat_map(|r| r.account.clone()).collect(),
        });
    }
    for (example, columns) in &mut columns {
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        let path = format!("golden/matrix/{example}.md");
        kit::accept(&path, Some(&matrix(example, columns)), &mut faults);
    }
    faults.extend(strays(&all));
    kit::report(&faults);
}

/// The repository in `examples/fleet` holds its overlays as users do, so `edgegen verify` is what compares them.
#[test]
fn the_overlays_of_the_fleet_are_verified() {
    let fleet = "edgegen verify -R -f examples/fleet/apps -e examples/fleet/environments -o examples/fleet/overlays";
    let write = kit::blessing().then_some("--write");
    let cli = Cli::try_parse_from(fleet.split(' ').chain(write)).expect("arguments that are right");
    let done = run(cli, &Disk, false);
    let said = format!("{}{}", done.stdout, done.stderr);
    assert_eq!(done.code, 0, "{said}\naccept with: cargo bless");
}

/// Golden files of cases that are no more.
fn strays(all: &[Case]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut found = BTreeSet::new();
    listing("golden", "", &mut found);
    for path in found {
        let known = all.iter().any(|c| {
            path.starts_with(&format!("{}/", c.name)) || path == format!("matrix/{}.md", c.example)
        });
        if !known {
            kit::accept(&format!("golden/{path}"), None, &mut faults);
        }
    }
    faults
}
