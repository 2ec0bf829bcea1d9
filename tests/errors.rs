//! Every page of a code and every case of a bad input, run through the command line in memory.
//!
//! What `explain` shows has to happen, and what a user reads is reviewed as text: `cargo bless` rewrites the blocks `output`.

#[path = "kit/mod.rs"]
mod kit;
#[path = "kit/markdown.rs"]
mod markdown;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Parser;
use edgegen::cli::{Cli, run};
use edgegen::diag::catalog;
use edgegen::world::{Memory, normal};
use markdown::{Block, blocks, sections, with_output};

/// What a case says.
struct Said {
    /// Code and text of each finding, in the order of the output.
    findings: Vec<(String, String)>,
    /// All of it.
    text: String,
    code: u8,
}

impl Said {
    /// Codes of errors, then those of the others.
    fn codes(&self, errors: bool) -> BTreeSet<&str> {
        self.findings
            .iter()
            .filter(|(_, t)| t.starts_with("error") == errors)
            .map(|(c, _)| c.as_str())
            .collect()
    }
}

/// Files of the repository below `folder`, with their paths below it.
#[allow(
    clippy::disallowed_methods,
    reason = "tests read files of the repository"
)]
fn files(folder: &str) -> BTreeMap<PathBuf, String> {
    let root = kit::root().join(folder);
    let mut out = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let text = std::fs::read_to_string(&path).expect("a text");
                let below = path.strip_prefix(&root).expect("a path below");
                out.insert(below.to_owned(), text);
            }
        }
    }
    out
}

const EXPOSURE: &str = "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: { name: web, namespace: web }\nspec: { base: base, scope: Public, carriers: [ { kind: Ingress, name: web } ] }\n";
const APP: &str = include_str!("../profiles/smallest.yaml");

/// The world of a case: its blocks, the targets that exist for tests only, and what the case leaves out.
///
/// Left out may be: the exposure, which then is for the smallest application beside the case's own objects; the base, which then is
/// that application; and the base's kustomization, which then lists the base's files. The block `stdin` is standard input.
fn world(blocks: &[Block]) -> Memory {
    let mut world = Memory::default();
    for (path, text) in files("tests/errors/profiles") {
        world
            .files
            .insert(Path::new("profiles").join(path), text.into_bytes());
    }
    let mut written = BTreeMap::new();
    for block in blocks {
        if let Some((_, path)) = block.info.split_once(' ') {
            written.insert(normal(Path::new(path)), block.body.clone());
        }
    }
    if !written.keys().any(|p| p.parent() == Some(Path::new(""))) {
        written.insert("exposure.yaml".into(), EXPOSURE.to_owned());
        written.insert("base/web.yaml".into(), APP.to_owned());
    }
    if !written.keys().any(|p| p.starts_with("base")) {
        written.insert("base/app.yaml".into(), APP.to_owned());
    }
    let names: Vec<String> = written
        .keys()
        .filter_map(|p| p.strip_prefix("base").ok()?.to_str().map(str::to_owned))
        .collect();
    let complete = names.is_empty() || names.iter().any(|n| n == "kustomization.yaml");
    if !complete {
        let list = format!("resources: [{}]\n", names.join(", "));
        written.insert("base/kustomization.yaml".into(), list);
    }
    if let Some(text) = written.remove(Path::new("stdin")) {
        world.stdin = text.into_bytes();
    }
    let bytes = written.into_iter().map(|(p, t)| (p, t.into_bytes()));
    world.files.extend(bytes);
    world
}

/// Runs a case: the command of its block `sh`, else `check`, for the test target where no environment says another.
fn said(text: &str) -> Said {
    let blocks = blocks(text);
    let world = world(&blocks);
    let environment = world.files.contains_key(Path::new("environment.yaml"));
    let line = match blocks.iter().find(|b| b.info == "sh") {
        Some(b) => b.body.lines().next().unwrap_or_default().to_owned(),
        None if environment => "edgegen check -f exposure.yaml -e environment.yaml".to_owned(),
        None => "edgegen check -f exposure.yaml -t example".to_owned(),
    };
    let args = line.split_whitespace().chain(["--profiles", "profiles"]);
    let cli = Cli::try_parse_from(args).unwrap_or_else(|e| panic!("`{line}`: {e}"));
    let done = run(cli, &world, false);
    let mut findings: Vec<(String, String)> = Vec::new();
    for line in done.stderr.split_inclusive('\n') {
        match head(line) {
            Some(code) => findings.push((code.to_owned(), line.to_owned())),
            None => {
                if let Some((_, text)) = findings.last_mut() {
                    text.push_str(line);
                }
            }
        }
    }
    // The count at the end belongs to no finding.
    if let Some((_, text)) = findings.last_mut()
        && let Some(at) = text.trim_end().rfind('\n')
        && text[at..].trim().starts_with(|c: char| c.is_ascii_digit())
        && !text[at..].contains('|')
    {
        text.truncate(at + 1);
    }
    for (_, text) in &mut findings {
        *text = format!("{}\n", text.trim_end());
    }
    Said {
        findings,
        text: done.stderr,
        code: done.code,
    }
}

/// The code in the first line of a finding, in full or short form.
fn head(line: &str) -> Option<&str> {
    let rest = ["error[", "warning[", "note["].iter().find_map(|s| {
        let short = || line.split_once(&format!(": {s}")).map(|(_, rest)| rest);
        line.strip_prefix(s).or_else(short)
    })?;
    let (code, after) = rest.split_once(']')?;
    after.starts_with(": ").then_some(code)
}

/// The test that shows a code where no text in a block can.
fn shown_by(page: &str) -> Option<&str> {
    let rest = page.split_once("<!-- shown by ")?.1;
    rest.split_once(" -->").map(|(test, _)| test)
}

#[test]
fn every_page_raises_its_code_and_shows_what_is_said() {
    let mut faults = Vec::new();
    for (path, text) in files("src/diag/pages") {
        let path = format!("src/diag/pages/{}", path.display());
        let code = &path["src/diag/pages/".len()..][..6];
        if let Some(test) = shown_by(&text) {
            let all = test_text(test);
            if !all.contains(code) {
                faults.push(format!("{path}: {test} does not mention {code}"));
            }
            continue;
        }
        let said = said(&text);
        let mine: Vec<&str> = said
            .findings
            .iter()
            .filter(|(c, _)| c == code)
            .map(|(_, t)| t.as_str())
            .collect();
        let others: Vec<&str> = said
            .codes(true)
            .into_iter()
            .filter(|c| *c != code)
            .collect();
        if mine.is_empty() || !others.is_empty() {
            faults.push(format!("{path}: raises not {code} alone:\n{}", said.text));
            continue;
        }
        let headline = mine[0].lines().next().unwrap_or_default();
        if headline.len() > 120 || headline.ends_with('.') {
            faults.push(format!("{path}: `{headline}` is no phrase of one line"));
        }
        let wanted = with_output(&text, &mine.join("\n"));
        kit::accept(&path, Some(&wanted), &mut faults);
    }
    kit::report(&faults);
}

/// The text of a test: a file, or a folder of them.
#[allow(
    clippy::disallowed_methods,
    reason = "tests read files of the repository"
)]
fn test_text(test: &str) -> String {
    let path = kit::root().join(test);
    if path.is_dir() {
        files(test).into_values().collect()
    } else {
        std::fs::read_to_string(path).unwrap_or_default()
    }
}

#[test]
fn every_case_says_what_is_written_in_it() {
    let mut faults = Vec::new();
    for (path, text) in files("tests/errors") {
        if path.extension().is_none_or(|e| e != "md") {
            continue;
        }
        let path = format!("tests/errors/{}", path.display());
        let mut wanted = String::new();
        for (i, case) in sections(&text).into_iter().enumerate() {
            if i == 0 && blocks(case).is_empty() {
                wanted.push_str(case);
                continue;
            }
            let said = said(case);
            if said.code == 0 {
                let title = case.lines().next().unwrap_or_default();
                faults.push(format!("{path}: `{title}`: nothing is wrong"));
            }
            wanted.push_str(&with_output(case, &said.text));
        }
        kit::accept(&path, Some(&wanted), &mut faults);
    }
    kit::report(&faults);
}

/// Codes in the sources, each with the files that use it.
fn used() -> BTreeMap<String, Vec<PathBuf>> {
    let mut out: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (path, text) in files("src") {
        if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            let product = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
            for part in product.split("\"EG").skip(1) {
                if let Some((number, _)) = part.split_once('"')
                    && number.len() == 4
                    && number.bytes().all(|b| b.is_ascii_digit())
                {
                    out.entry(format!("EG{number}"))
                        .or_default()
                        .push(path.clone());
                }
            }
        }
    }
    out
}

#[test]
fn codes_and_pages_are_the_same_set() {
    let used = used();
    let pages: BTreeSet<&str> = catalog::all().iter().map(|c| c.id).collect();
    let lost: Vec<_> = used
        .iter()
        .filter(|(c, _)| !pages.contains(c.as_str()))
        .map(|(c, files)| format!("{c} in {files:?} has no page in src/diag/pages"))
        .chain(
            pages
                .iter()
                .filter(|c| !used.contains_key(**c))
                .map(|c| format!("{c} has a page, and nothing in src raises it")),
        )
        .collect();
    assert!(lost.is_empty(), "\n{}", lost.join("\n"));
}

#[test]
fn codes_keep_their_numbers() {
    let mut list = String::new();
    for c in catalog::all() {
        list.extend([c.id, " ", c.slug, "\n"]);
    }
    let mut faults = Vec::new();
    kit::accept("tests/codes.txt", Some(&list), &mut faults);
    kit::report(&faults);
}
