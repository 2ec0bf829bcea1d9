//! The book as mdBook builds it: no warning, and no link within it that leads nowhere.
//!
//! Includes, anchors and names of files are only real in the result.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use edgegen::world::normal;

use crate::kit::root;
use crate::tools::{ran, tools};

/// The values of an attribute in a page.
fn values<'h>(html: &'h str, attribute: &str) -> Vec<&'h str> {
    let start = format!(" {attribute}=\"");
    let parts = html.split(start.as_str()).skip(1);
    parts.filter_map(|p| p.split('"').next()).collect()
}

/// The text without its blocks of code, which may show markup.
fn files(folder: &Path) -> BTreeMap<PathBuf, Option<String>> {
    let (mut out, mut open) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let html = path.extension().is_some_and(|e| e == "html");
            let text = html.then(|| std::fs::read_to_string(&path).unwrap());
            out.insert(path.strip_prefix(folder).unwrap().to_owned(), text);
        }
    }
    out
}

#[test]
fn the_book_is_built_without_a_warning_and_its_links_lead_somewhere() {
    let Some(mdbook) = tools("mdbook", "0").pop() else {
        return;
    };
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new("bash");
    command
        .args(["-c", "exec \"$0\" build \"$1\" --dest-dir \"$2\" 2>&1"])
        .args([mdbook.program.as_path(), &root(), out.path()]);
    let said = ran(&mut command, "").unwrap_or_else(|e| panic!("{e}"));
    let bad: Vec<&str> = said
        .lines()
        .filter(|l| l.contains("WARN") || l.contains("ERROR"))
        .collect();
    assert!(bad.is_empty(), "{said}");

    let all = files(out.path());
    let ids: BTreeMap<&Path, BTreeSet<&str>> = all
        .iter()
        .filter_map(|(p, t)| Some((p.as_path(), values(t.as_ref()?, "id").into_iter().collect())))
        .collect();
    assert!(ids.len() > 100, "{} pages", ids.len());
    let mut faults = BTreeSet::new();
    let mut seen = 0;
    for (page, text) in &all {
        // What is shown for an unknown address has its links from the root of a site.
        let Some(text) = text.as_ref().filter(|_| !page.ends_with("404.html")) else {
            continue;
        };
        for link in values(text, "href").into_iter().chain(values(text, "src")) {
            if link.contains("://") || link.starts_with("mailto:") || link.starts_with("data:") {
                continue;
            }
            seen += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.clone(),
                _ => normal(&page.parent().unwrap().join(file)),
            };
            let there = match ids.get(target.as_path()) {
                Some(ids) => anchor.is_empty() || ids.contains(anchor),
                None => all.contains_key(&target),
            };
            if !there {
                faults.insert(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(seen > 1_000, "{seen} links");
    assert!(faults.is_empty(), "{faults:#?}");
}
