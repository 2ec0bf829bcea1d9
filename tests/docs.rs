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
use edgegen::vocab::{Shape, Type, chart_mapping};
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
    let page = printed(&["matrix", "--as", "markdown"]);
    check(&[("docs/matrix.md".to_owned(), page)], None);
}

#[test]
fn the_references() {
    let page = |name: &str, kind: &str| {
        let path = format!("docs/reference/{name}.md");
        (path, printed(&["explain", kind]))
    };
    let pages = [
        page("exposure", "Exposure"),
        page("environment", "Environment"),
        page("chart-mapping", "ChartMapping"),
    ];
    check(&pages, Some("docs/reference"));
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

/// A comma ends a text in a flow map of YAML: what lacks its full stop was cut off there.
#[test]
fn meanings_of_fields_are_whole_sentences() {
    fn look(shape: &Shape, at: &str, cut: &mut Vec<String>) {
        if !shape.doc.is_empty() && !shape.doc.ends_with('.') {
            cut.push(format!("{at}: {}", shape.doc));
        }
        match &shape.ty {
            Type::Map(fields) => {
                for f in fields {
                    if f.shape.doc.is_empty() {
                        cut.push(format!("{at}.{} has none", f.name));
                    }
                    look(&f.shape, &format!("{at}.{}", f.name), cut);
                }
            }
            Type::List(of) | Type::MapOf(of) => look(of, at, cut),
            _ => {}
        }
    }
    let vocabulary = store().vocabulary;
    let mut cut = Vec::new();
    look(&vocabulary.exposure, "Exposure", &mut cut);
    look(&vocabulary.environment, "Environment", &mut cut);
    look(chart_mapping(), "ChartMapping", &mut cut);
    for (key, members) in vocabulary.bindings {
        for m in members {
            look(&m.shape, &format!("{key}.{}", m.name), &mut cut);
        }
    }
    assert!(cut.is_empty(), "{cut:#?}");
}

/// The embedded profiles.
fn store() -> Store {
    Store::embedded(&mut Sources::default(), &mut Diagnostics::default())
}

#[test]
fn the_targets() {
    let store = store();
    let pages: Vec<(String, String)> = store
        .targets()
        .into_iter()
        .map(|id| {
            let page = printed(&["explain", "--rules", id]);
            (format!("docs/targets/{id}.md"), page)
        })
        .collect();
    check(&pages, Some("docs/targets"));
    let mut out = String::from(
        "# Targets\n\nWritten by `cargo bless` from the profiles. A page has what the target needs, what an environment can bind, and all its codes.\n\n| target | cloud | carrier | what it is |\n| --- | --- | --- | --- |\n",
    );
    for head in store.heads.iter().filter(|h| h.is_target()) {
        out.push_str(&format!(
            "| [{0}](targets/{0}.md) | {1} | {2} | {3} |\n",
            head.id,
            head.cloud.as_deref().unwrap_or("any"),
            head.carrier.kind(),
            head.title
        ));
    }
    check(&[("docs/targets.md".to_owned(), out)], None);
}

/// The page of a code in the book is the page that the binary embeds, included: one text, two places.
#[test]
fn the_codes() {
    let mut out = String::from(
        "# Codes\n\nWritten by `cargo bless` from the pages; `edgegen explain CODE` prints one. Codes of targets, `<target>/<rule>`, are on the pages of the [targets](targets.md).\n\n| code | what it says |\n| --- | --- |\n",
    );
    let mut pages = Vec::new();
    for code in catalog::all() {
        out.push_str(&format!(
            "| [{0}](codes/{0}.md) | {1} |\n",
            code.id,
            title(code.page)
        ));
        let include = format!(
            "{{{{#include ../../src/diag/pages/{}-{}.md}}}}\n",
            code.id, code.slug
        );
        pages.push((format!("docs/codes/{}.md", code.id), include));
    }
    check(&pages, Some("docs/codes"));
    check(&[("docs/codes.md".to_owned(), out)], None);
}

/// The headline of a code's page.
fn title(page: &str) -> &str {
    let title = page.lines().next().unwrap_or_default();
    title.split_once(": ").map_or(title, |(_, t)| t)
}

/// The chapters of the book are a list by hand; below the pages of targets and codes it lists what there is.
#[test]
#[allow(clippy::disallowed_methods, reason = "a page of this repository")]
fn the_summary() {
    let found = std::fs::read_to_string(kit::root().join("docs/SUMMARY.md")).expect("the list");
    let mut out = String::new();
    for line in found.lines() {
        let made = ["](targets/", "](codes/"].iter().any(|l| line.contains(l));
        if !(made && line.starts_with("  ")) {
            out.push_str(&format!("{line}\n"));
        }
        if line.ends_with("](targets.md)") {
            let ids = store()
                .targets()
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>();
            ids.iter()
                .for_each(|id| out.push_str(&format!("  - [{id}](targets/{id}.md)\n")));
        }
        if line.ends_with("](codes.md)") {
            let codes = catalog::all();
            codes
                .iter()
                .for_each(|c| out.push_str(&format!("  - [{0}](codes/{0}.md)\n", c.id)));
        }
    }
    check(&[("docs/SUMMARY.md".to_owned(), out)], None);
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
