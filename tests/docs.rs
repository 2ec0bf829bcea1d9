//! Pages and schemas that are written from the program and the profiles, against what is committed.
//!
//! What a reader of the repository sees is what the binary prints; `cargo bless` writes it anew.

#[path = "kit/mod.rs"]
mod kit;

use clap::{CommandFactory, Parser};
use edgegen::cli::{Cli, run};
use edgegen::diag::{Diagnostics, catalog};
use edgegen::profile::store::Store;
use edgegen::source::Sources;
use edgegen::world::Memory;

/// Standard output of a command that succeeds.
fn printed(args: &[&str]) -> String {
    let line = std::iter::once("edgegen").chain(args.iter().copied());
    let cli = Cli::try_parse_from(line).expect("arguments of a test are right");
    let done = run(cli, &Memory::default(), false);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{args:?}");
    done.stdout
}

/// Compares all pages of one folder or of one kind, and says which are too many.
fn check(pages: &[(String, String)], folder: Option<&str>) {
    let mut faults = Vec::new();
    for (path, text) in pages {
        kit::accept(path, Some(text), &mut faults);
    }
    if let Some(folder) = folder {
        for entry in std::fs::read_dir(kit::root().join(folder))
            .into_iter()
            .flatten()
        {
            let name = entry.expect("an entry").file_name();
            let path = format!("{folder}/{}", name.to_string_lossy());
            if !pages.iter().any(|(p, _)| *p == path) {
                kit::accept(&path, None, &mut faults);
            }
        }
    }
    kit::report(&faults);
}

#[test]
fn the_matrix() {
    check(&[("docs/matrix.md".to_owned(), printed(&["matrix"]))], None);
}

#[test]
fn the_schemas() {
    let page =
        |name: &str, args: &[&str]| (format!("docs/schema/{name}.schema.json"), printed(args));
    let pages = [
        page("exposure", &["schema", "exposure"]),
        page("environment", &["schema", "environment"]),
        page("chart-mapping", &["schema", "chart-mapping"]),
        page("edgegen", &["schema"]),
    ];
    check(&pages, Some("docs/schema"));
}

#[test]
fn the_commands() {
    let mut out = String::from(
        "# Commands\n\nWritten by `cargo bless` from the arguments themselves; `edgegen COMMAND --help` prints the same.\n",
    );
    help(&Cli::command().term_width(100), "edgegen", &mut out);
    check(&[("docs/cli.md".to_owned(), out)], None);
}

fn help(command: &clap::Command, name: &str, out: &mut String) {
    let mut shown = command.clone().bin_name(name).term_width(100);
    let text = shown.render_long_help().to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    out.push_str(&format!(
        "\n## {name}\n\n```text\n{}\n```\n",
        lines.join("\n")
    ));
    for sub in command.get_subcommands().filter(|s| s.get_name() != "help") {
        help(sub, &format!("{name} {}", sub.get_name()), out);
    }
}

#[test]
fn the_targets() {
    let store = Store::embedded(&mut Sources::default(), &mut Diagnostics::default());
    let pages: Vec<(String, String)> = store
        .targets()
        .into_iter()
        .map(|id| (format!("docs/targets/{id}.md"), printed(&["explain", id])))
        .collect();
    check(&pages, Some("docs/targets"));
}

#[test]
fn the_codes() {
    let mut out = String::from(
        "# Codes\n\nWritten by `cargo bless` from the pages; `edgegen explain CODE` prints one. Codes of targets, `<target>/<rule>`, are on the pages of the [targets](targets/).\n\n| code | what it says |\n| --- | --- |\n",
    );
    for code in catalog::all() {
        let title = code.page.lines().next().unwrap_or_default();
        let title = title.split_once(": ").map_or(title, |(_, t)| t);
        out.push_str(&format!(
            "| [{}](../src/diag/pages/{0}-{}.md) | {title} |\n",
            code.id, code.slug
        ));
    }
    check(&[("docs/codes.md".to_owned(), out)], None);
}

/// `docs/demands.md` tells where the answer to each pain is shown: codes, rules, and places of this repository.
#[test]
#[allow(clippy::disallowed_methods, reason = "a page of this repository")]
fn what_answers_a_demand_is_there() {
    let text = std::fs::read_to_string(kit::root().join("docs/demands.md")).expect("the page");
    let mut sources = Sources::default();
    let mut diags = Diagnostics::default();
    let store = Store::embedded(&mut sources, &mut diags);
    let rule_file = |id: &str, rule: &str| {
        let folder = kit::root().join("profiles").join(id);
        let mut files = vec![folder.join("profile.yaml")];
        let rules = std::fs::read_dir(folder.join("rules"));
        files.extend(rules.into_iter().flatten().flatten().map(|e| e.path()));
        let line = format!("id: {rule}");
        files.iter().any(|f| {
            let text = std::fs::read_to_string(f).unwrap_or_default();
            text.lines()
                .any(|l| l.trim().trim_start_matches("- ") == line)
        })
    };
    let mut wrong = Vec::new();
    let mut seen = 0;
    for row in text.lines().filter(|l| l.starts_with("| D")) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let [_, _, _, shown] = cells[..] else {
            continue;
        };
        for name in shown.split('`').skip(1).step_by(2) {
            seen += 1;
            let known = if name.starts_with("EG") {
                catalog::page(name).is_some()
            } else if name.starts_with("tests/") || name.starts_with("golden/") {
                kit::root().join(name).exists()
            } else {
                let (id, rule) = name.split_once('/').unwrap_or((name, ""));
                store.head(id).is_some() && rule_file(id, rule)
            };
            if !known {
                wrong.push(name.to_owned());
            }
        }
    }
    assert!(seen > 60, "only {seen} references were read");
    assert!(wrong.is_empty(), "not there: {wrong:?}");
}
