//! Cases in Markdown: inputs, and the edge or the findings that they give.
//!
//! A case costs no Rust; `cargo bless` rewrites what is expected.

use crate::kit::*;
use edgegen::model::edge::Generation;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Each case of `tests/resolve/*.md`: a heading, files, and an `output ingress` or `output gateway` block. the feature `bless` rewrites the output.
#[test]
fn cases() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resolve");
    let mut names: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("cases")
        .map(|e| e.expect("an entry").path())
        .collect();
    names.sort();
    for file in names {
        let text = std::fs::read_to_string(&file).expect("a case file");
        let mut new = String::new();
        for (i, case) in text.split("\n## ").enumerate() {
            if i == 0 {
                new.push_str(case);
                continue;
            }
            let (files, outputs) = blocks(case);
            let mut case = format!("\n## {case}");
            for (info, expected) in outputs {
                let mut words = info.split(' ').skip(1);
                let generation = if words.next() == Some("gateway") {
                    Generation::Gateway
                } else {
                    Generation::Ingress
                };
                let outcome = run(&files, generation, words.next().unwrap_or("target"));
                let mut built = String::new();
                for d in &outcome.found {
                    let at = d.primary_span().map(|s| {
                        format!(
                            "{}:{}: ",
                            outcome.sources.get(s.source).name,
                            outcome.sources.line_col(s).0
                        )
                    });
                    writeln!(built, "{}{} {}", at.unwrap_or_default(), d.code, d.headline)
                        .expect("text");
                }
                built.push_str(&outcome.edge.as_ref().map(show).unwrap_or_default());
                case = case.replace(
                    &format!("```{info}\n{expected}```"),
                    &format!("```{info}\n{built}```"),
                );
            }
            new.push_str(&case);
        }
        if std::env::var_os("EDGEGEN_BLESS").is_some() && std::env::var_os("CI").is_none() {
            std::fs::write(&file, &new).expect("a case file can be written");
        } else {
            assert_eq!(text, new, "{}", file.display());
        }
    }
}
