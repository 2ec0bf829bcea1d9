//! The engine's verbs, each on an invented controller: what a rule can say, and what comes of it.
//!
//! Cases are blocks of `tests/engine/*.md`; `cargo bless` rewrites their results.

#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its cases and rewrites them when told to"
)]

use std::fmt::Write as _;
use std::path::Path;

use edgegen::compile::{Request, compile_with};
use edgegen::diag::{Diagnostics, render};
use edgegen::profile::store::Store;
use edgegen::select::Wanted;
use edgegen::source::Sources;
use edgegen::world::Memory;

const HEAD: &str = "id: demo\ntitle: An invented controller\ncarrier: Ingress\ncontroller: demo\nversions: { demo: \"3.0\" }\n";
const EXPOSURE: &str = "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: { name: web, namespace: web }\nspec:\n  base: ./base\n  scope: Public\n";
const BASE: &str = include_str!("../profiles/smallest.yaml");

/// A case: title, blocks by their names, and the byte range of the result's text.
struct Case {
    title: String,
    blocks: Vec<(String, String)>,
    result: std::ops::Range<usize>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut out: Vec<Case> = Vec::new();
    let mut open: Option<(String, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        match (&open, bare.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.to_owned(), at + line.len())),
            (Some((info, start)), Some("")) => {
                let case = out.last_mut().expect("a block stands below a title");
                if info == "result" {
                    case.result = *start..at;
                } else {
                    case.blocks
                        .push((info.replace("yaml ", ""), text[*start..at].to_owned()));
                }
                open = None;
            }
            (None, None) if bare.starts_with("## ") => out.push(Case {
                title: bare[3..].to_owned(),
                blocks: Vec::new(),
                result: 0..0,
            }),
            _ => {}
        }
        at += line.len();
    }
    out
}

fn run(case: &Case) -> String {
    let block = |name: &str| {
        case.blocks
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, t)| t.as_str())
    };
    let head =
        block("profile.yaml").map_or_else(|| HEAD.to_owned(), |more| format!("{HEAD}{more}"));
    let indent = |t: &str| {
        t.lines()
            .fold(String::new(), |out, l| out + "  " + l + "\n")
    };
    let exposure = format!(
        "{EXPOSURE}{}",
        indent(block("exposure").unwrap_or_default())
    );
    let environment = format!(
        "apiVersion: edgegen.io/v1alpha1\nkind: Environment\nmetadata: {{ name: here }}\nspec:\n  target: demo\n{}",
        indent(block("environment").unwrap_or_default())
    );
    let mut files = vec![
        ("/profiles/demo/profile.yaml", head.as_str()),
        (
            "/profiles/demo/rules/all.yaml",
            block("rules").unwrap_or("[]"),
        ),
        ("/profiles/demo/keys.yaml", block("keys").unwrap_or("[]")),
        ("/in/exposure.yaml", exposure.as_str()),
        ("/in/environment.yaml", environment.as_str()),
        ("/in/base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("/in/base/app.yaml", block("base").unwrap_or(BASE)),
    ];
    if let Some(parent) = block("parent rules") {
        files.push((
            "/profiles/_parent/profile.yaml",
            "id: _parent\ntitle: Shared\ncarrier: Ingress\n",
        ));
        files.push(("/profiles/_parent/rules/all.yaml", parent));
    }
    let world = Memory::new(files);
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let store = Store::with_folder(&world, Path::new("/profiles"), &mut sources, &mut diags)
        .expect("the folder is in memory");
    let request = Request {
        inputs: vec!["/in".into()],
        wanted: Wanted {
            targets: vec!["demo".to_owned()],
            ..Wanted::default()
        },
        out: "/out".into(),
        detail: true,
        ..Request::default()
    };
    let output = compile_with(&world, &store, &sources, &request);
    let mut out = render::render(&diags.into_sorted(), &sources, render::Format::Short, false);
    out += &render::render(
        &output.diags.clone().into_sorted(),
        &output.sources,
        render::Format::Short,
        false,
    );
    for group in &output.groups {
        let found = group.diags.clone().into_sorted();
        out += &render::render(&found, &group.sources, render::Format::Short, false);
        for r in &group.rendered {
            out += &r.trace;
            for e in &r.account {
                writeln!(out, "{} is {}", e.field, e.outcome.word()).expect("text");
            }
            if let Some(text) = r.tree.get("kustomization.yaml") {
                let patches = text.split_once("patches:\n").map_or("", |(_, p)| p);
                out += patches;
            }
            out += r.tree.get("resources.yaml").map_or("", String::as_str);
        }
    }
    out
}

#[test]
fn cases_give_what_they_say() {
    let bless = std::env::var_os("EDGEGEN_BLESS").is_some() && std::env::var_os("CI").is_none();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine");
    let mut faults = String::new();
    let mut files: Vec<_> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut fresh = text.clone();
        for case in cases(&text).into_iter().rev() {
            let found = run(&case);
            if text[case.result.clone()] != found {
                writeln!(faults, "{}: {}\n{found}", path.display(), case.title).unwrap();
                fresh.replace_range(case.result.clone(), &found);
            }
        }
        if bless && fresh != text {
            std::fs::write(&path, fresh).unwrap();
        }
    }
    assert!(
        bless || faults.is_empty(),
        "{faults}accept with `cargo bless`"
    );
}
