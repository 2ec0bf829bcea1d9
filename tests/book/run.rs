//! The blocks of a page, from the first to the last: files are written, commands are run, output is compared.
//!
//! The word behind a fence says what a block is; a block that says nothing is a fault, so that nothing in the book is untested.
//!
//! - `console`: commands after `$`, run one after the other in a folder of the page's own, and what they print; a line `...` stands for
//!   any lines. `fails` behind it: the last command fails, as it should. `helm-v3`, `helm-v4`: the helm that it needs.
//! - `yaml exposure.yaml` and the like: a file that a later command of the page reads.
//! - `yaml`, `yaml Exposure`, `yaml Environment`: see `documents`.
//! - A block that holds nothing but an include of mdBook: the file is checked where it is.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fences::{Block, blocks};
use crate::{documents, kit, pages, tools};

/// Folders of the repository that commands find where they are run.
const COPIED: [&str; 2] = ["examples", "integrations"];

/// Whether `found` is `shown`, with `...` for any lines.
fn fits(shown: &[&str], found: &[&str]) -> bool {
    match shown.split_first() {
        None => found.is_empty(),
        Some((&"...", rest)) => (0..=found.len()).any(|n| fits(rest, &found[n..])),
        Some((line, rest)) => found.first() == Some(line) && fits(rest, &found[1..]),
    }
}

/// A command with the output that the page shows.
struct Shown<'p> {
    command: String,
    output: Vec<&'p str>,
}

/// The commands of a block; a line that ends in `\` goes on in the next.
fn commands(body: &str) -> Vec<Shown<'_>> {
    let mut out: Vec<Shown<'_>> = Vec::new();
    let mut open = false;
    for line in body.lines() {
        if let Some(start) = line.strip_prefix("$ ") {
            out.push(Shown {
                command: start.to_owned(),
                output: Vec::new(),
            });
            open = start.ends_with('\\');
        } else if let Some(last) = out.last_mut() {
            if open {
                last.command.push_str(&format!("\n{line}"));
                open = line.ends_with('\\');
            } else {
                last.output.push(line);
            }
        }
    }
    out
}

/// The folder in which the commands of a page run, and where they are in it.
struct Place {
    folder: tempfile::TempDir,
    at: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in COPIED {
            tools::copy(&kit::root().join(name), &folder.path().join(name));
        }
        std::fs::create_dir(folder.path().join(".bin")).unwrap();
        let function = format!(
            "#!/bin/sh\nexec '{}' fn \"$@\"\n",
            tools::edgegen().display()
        );
        tools::executable(&folder.path().join(".bin/edgegen-fn"), &function);
        let at = folder.path().to_owned();
        Self { folder, at }
    }

    /// Runs a command; its output and whether it succeeded.
    fn run(&mut self, command: &str) -> (String, bool) {
        if let Some(folder) = command.strip_prefix("cd ") {
            self.at = self.at.join(folder).canonicalize().unwrap();
            return (String::new(), true);
        }
        let home = self.folder.path().join(".home");
        let bin = self.folder.path().join(".bin");
        let mut shell = Command::new("bash");
        shell
            .args(["-c", &format!("exec 2>&1\nset -o pipefail\n{command}")])
            .current_dir(&self.at)
            .env(
                "PATH",
                format!("{}:{}", bin.display(), tools::path_with_edgegen()),
            )
            .env("HOME", &home)
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("HELM_PLUGINS");
        for variable in ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"] {
            shell.env(variable, "A Reader");
        }
        for variable in ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"] {
            shell.env(variable, "reader@example.com");
        }
        match tools::ran(&mut shell, "") {
            Ok(text) => (text, true),
            Err(text) => (text, false),
        }
    }

    /// Puts the tools that a block needs before all others: the helm that it names, and kustomize where a command calls it.
    /// Whether they are there.
    fn has_tools(&self, block: &Block) -> bool {
        let known = [
            (block.info.contains("helm-v3"), "helm", "v3"),
            (block.info.contains("helm-v4"), "helm", "v4"),
            (block.body.contains("$ kustomize "), "kustomize", "v5"),
        ];
        known.iter().filter(|k| k.0).all(|(_, name, major)| {
            let Some(tool) = tools::tools(name, major).pop() else {
                return false;
            };
            let link = self.folder.path().join(".bin").join(name);
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(&tool.program, link).unwrap();
            true
        })
    }
}

/// Runs the commands of a block; gives the body as it should be.
fn console(place: &mut Place, block: &Block, at: &str, faults: &mut Vec<String>) -> Option<String> {
    let words: Vec<&str> = block.info.split_whitespace().skip(1).collect();
    let shown = commands(&block.body);
    if shown.is_empty() {
        faults.push(format!("{at}: no line starts with `$ `"));
    }
    let (mut body, mut same) = (String::new(), true);
    for (i, one) in shown.iter().enumerate() {
        let (found, succeeded) = place.run(&one.command);
        let fails = words.contains(&"fails") && i + 1 == shown.len();
        if succeeded == fails {
            let word = if fails { "succeeds" } else { "fails" };
            faults.push(format!("{at}: `{}` {word}\n{found}", one.command));
        }
        let lines: Vec<&str> = found.lines().collect();
        let fit = fits(&one.output, &lines);
        same &= fit;
        let lines = if fit { &one.output } else { &lines };
        body.push_str(&format!("$ {}\n", one.command));
        lines.iter().for_each(|l| body.push_str(&format!("{l}\n")));
    }
    (!same).then_some(body)
}

/// Runs a page; gives its text as it should be.
fn page(path: &str, text: &str, faults: &mut Vec<String>) -> String {
    let all = blocks(text);
    let mut place = Place::new();
    let mut out = String::new();
    let mut end = 0;
    for (i, block) in all.iter().enumerate() {
        let line = text[..block.range.start].lines().count() + 1;
        let at = format!("{path}:{line}");
        let mut info = block.info.split_whitespace();
        let (language, name) = (info.next().unwrap_or_default(), info.next());
        let later = || all[i..].iter().filter(|b| b.info.starts_with("console"));
        if let Some(file) = included(&block.body) {
            let from = kit::root().join(path);
            if !from.parent().unwrap().join(file).is_file() {
                faults.push(format!("{at}: there is no {file}"));
            }
        } else if language == "console" {
            if !place.has_tools(block) {
                // What follows may read what this block would have written.
                break;
            }
            if let Some(body) = console(&mut place, block, &at, faults) {
                out.push_str(&text[end..block.range.start]);
                out.push_str(&format!("```{}\n{body}```\n", block.info));
                end = block.range.end;
            }
        } else if let Some(name) = name.filter(|n| n.contains('.')) {
            let read = |b: &Block| {
                Path::new(name)
                    .iter()
                    .any(|p| b.body.contains(&*p.to_string_lossy()))
            };
            if !later().any(read) {
                faults.push(format!("{at}: no later command reads {name}"));
            }
            let file = place.at.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, &block.body).unwrap();
            if language == "yaml" {
                documents::file(&at, &block.body, faults);
            }
        } else if language == "yaml" {
            documents::checked(&at, name, &block.body, faults);
        } else {
            faults.push(format!(
                "{at}: `{}` says neither what it is nor which file",
                block.info
            ));
        }
    }
    out.push_str(&text[end..]);
    out
}

/// The path of an include that is all of a block.
fn included(body: &str) -> Option<&str> {
    let inner = body
        .trim()
        .strip_prefix("{{#include ")?
        .strip_suffix("}}")?;
    (!inner.contains('\n')).then_some(inner)
}

fn check(paths: &[String]) {
    let results = edgegen::parallel::map(paths, |path| {
        let mut faults = Vec::new();
        let text = pages::text(path);
        let wanted = page(path, &text, &mut faults);
        (wanted, faults)
    });
    let mut faults = Vec::new();
    for (path, (wanted, mut found)) in paths.iter().zip(results) {
        faults.append(&mut found);
        kit::accept(path, Some(&wanted), &mut faults);
    }
    kit::report(&faults);
}

#[test]
fn every_block_of_the_book_is_what_happens() {
    check(&pages::written());
}

#[test]
fn every_console_block_of_the_readme_is_what_happens() {
    let text = pages::text("README.md");
    let mut place = Place::new();
    let (mut faults, mut commands) = (Vec::new(), 0);
    for block in blocks(&text) {
        if block.info.starts_with("console") {
            commands += 1;
            let wanted = console(&mut place, &block, "README.md", &mut faults);
            faults.extend(wanted.map(|body| format!("README.md shows not\n{body}")));
        }
    }
    assert!(commands > 0, "the README shows no command");
    kit::report(&faults);
}

#[test]
fn a_block_that_shows_something_else_is_found() {
    let cases = [
        ("```console\n$ printf 'a\\nb\\n'\na\nb\n```\n", true),
        ("```console\n$ printf 'a\\nb\\nc\\n'\na\n...\n```\n", true),
        ("```console\n$ printf 'a\\n'\nb\n```\n", false),
        ("```console fails\n$ false\n```\n", true),
        ("```console\n$ false\n```\n", false),
        ("```console fails\n$ true\n```\n", false),
        ("```\n$ true\n```\n", false),
        ("```text\nanything\n```\n", false),
        ("```yaml\nkind: Nothing\n```\n", false),
        ("```yaml Exposure\nscope: Public\n```\n", true),
        ("```yaml Exposure\nscope: Publik\n```\n", false),
        ("```yaml lost.yaml\na: b\n```\n", false),
        (
            "```yaml a.txt\na: b\n```\n```console\n$ cat a.txt\na: b\n```\n",
            true,
        ),
    ];
    for (text, right) in cases {
        let mut faults = Vec::new();
        let wanted = page("docs/none.md", text, &mut faults);
        assert_eq!(
            faults.is_empty() && wanted == text,
            right,
            "{text}{faults:?}\n{wanted}"
        );
    }
}

/// The grammar of profiles is shown by sketches, which no command reads: they are YAML at least.
#[test]
fn sketches_of_pages_that_are_included_are_yaml() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for page in pages::written() {
        let text = pages::text(&page);
        let Some(file) = included(&text) else {
            continue;
        };
        let from = kit::root().join(&page);
        let whole = std::fs::read_to_string(from.parent().unwrap().join(file)).unwrap();
        for block in blocks(&whole).iter().filter(|b| b.info == "yaml") {
            seen += 1;
            documents::file(file, &block.body, &mut faults);
        }
    }
    assert!(seen > 0, "no page includes another with a sketch");
    kit::report(&faults);
}
