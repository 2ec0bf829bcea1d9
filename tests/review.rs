//! What `edgegen diff` says of a change: cases of two exposures, and checks that the data behind it names what rules write.
//!
//! A case is a block of Markdown in `tests/review`; its output is accepted with `EDGEGEN_BLESS=1` and read by a person.

#![allow(clippy::disallowed_methods, reason = "tests read their own files")]

use std::collections::BTreeMap;
use std::path::Path;

use edgegen::compile::{Request, compile};
use edgegen::diag::Diagnostics;
use edgegen::profile::store::Store;
use edgegen::review::overlays::compiled;
use edgegen::review::writers::Writers;
use edgegen::review::{compare, replaces, report};
use edgegen::source::Sources;
use edgegen::world::Memory;

fn store() -> Store {
    Store::embedded(&mut Sources::default(), &mut Diagnostics::default())
}

/// Fenced blocks in order: what stands after the fence, and the body.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(info) if !open => {
                out.push((info.to_owned(), String::new()));
                open = true;
            }
            Some(_) => open = false,
            None if open => {
                if let Some((_, body)) = out.last_mut() {
                    body.push_str(line);
                    body.push('\n');
                }
            }
            None => {}
        }
    }
    out
}

/// The overlays of one side: files for both sides, and those of its own (`yaml before exposure.yaml`).
fn side(files: &[(String, String)], which: &str) -> Vec<edgegen::review::overlays::Overlay> {
    let mut world: BTreeMap<String, String> = BTreeMap::new();
    for (info, body) in files {
        let words: Vec<&str> = info.split(' ').collect();
        match words[..] {
            ["yaml", name] => world.insert(format!("/case/{name}"), body.clone()),
            ["yaml", of, name] if of == which => {
                world.insert(format!("/case/{name}"), body.clone())
            }
            _ => None,
        };
    }
    world
        .entry("/case/base/kustomization.yaml".to_owned())
        .or_insert_with(|| "resources: [app.yaml]\n".to_owned());
    world
        .entry("/case/base/app.yaml".to_owned())
        .or_insert_with(|| include_str!("../profiles/smallest.yaml").to_owned());
    let has = world.contains_key("/case/exposure.yaml");
    if !has {
        return Vec::new();
    }
    let world = Memory::new(world.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let request = Request {
        inputs: vec!["/case".into()],
        out: "/case/overlays".into(),
        ..Request::default()
    };
    let output = compile(&world, &request);
    let errors: Vec<String> = output
        .groups
        .iter()
        .flat_map(|g| g.diags.iter())
        .map(|d| d.headline.clone())
        .collect();
    assert!(!output.has_errors(), "{which}: {errors:#?}");
    compiled(&output)
}

#[test]
fn cases_say_what_is_written_in_them() {
    let store = store();
    let bless = std::env::var_os("EDGEGEN_BLESS").is_some();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir("tests/review").expect("cases") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a case");
        let mut fresh = String::new();
        for (i, case) in text.split("\n## ").enumerate() {
            if i == 0 {
                fresh.push_str(case);
                continue;
            }
            let files = blocks(case);
            let found = compare(&store, &side(&files, "before"), &side(&files, "after"));
            let mut case = format!("\n## {case}");
            for (info, expected) in &files {
                let built = match info.as_str() {
                    "output text" => report::text(&found),
                    "output markdown" => report::markdown(&found, 60_000),
                    "output json" => format!("{:#}\n", report::json(&found)),
                    _ => continue,
                };
                if built != *expected {
                    wrong.push(format!("{}\n{built}", path.display()));
                }
                case = case.replace(
                    &format!("```{info}\n{expected}```"),
                    &format!("```{info}\n{built}```"),
                );
            }
            fresh.push_str(&case);
        }
        if bless {
            std::fs::write(&path, fresh).expect("written");
        }
    }
    assert!(bless || wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_replaced_is_something_that_a_rule_writes() {
    let store = store();
    // What a shared profile says is replaced, some of those that extend it write, not all.
    let mut written: BTreeMap<String, bool> = BTreeMap::new();
    let mut wrong = Vec::new();
    for target in store.targets() {
        let writers = Writers::of(&store, target);
        for r in replaces::of(&store, target) {
            let place = format!("{} {}", r.kind, r.path.join("."));
            if r.what.is_empty() || r.effect.is_empty() || !r.see.starts_with("https://") {
                wrong.push(format!(
                    "{target}: {place}: what, effect or page is missing"
                ));
            }
            let here =
                !writers.of_path(&r.kind, &r.path).0.is_empty() || writers.below(&r.kind, &r.path);
            *written.entry(place).or_default() |= here;
        }
    }
    let unwritten = written.iter().filter(|(_, here)| !**here);
    wrong.extend(unwritten.map(|(place, _)| format!("no rule writes {place}")));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn markdown_is_cut_to_its_limit_and_says_so() {
    let store = store();
    let text = std::fs::read_to_string(Path::new("tests/review/alb.md")).expect("cases");
    let case = text.split("\n## ").nth(1).expect("a case");
    let files = blocks(case);
    let found = compare(&store, &side(&files, "before"), &side(&files, "after"));
    let whole = report::markdown(&found, 60_000);
    for limit in [200, 400, whole.len() - 1] {
        let cut = report::markdown(&found, limit);
        assert!(cut.len() <= limit, "{limit}: {}", cut.len());
        assert!(cut.ends_with("more; `edgegen diff` shows them.\n"), "{cut}");
    }
}
