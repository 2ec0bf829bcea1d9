//! Links of Markdown pages: every file and every heading that they name is there.
//!
//! The same pages are read in the repository and in the book; `built` looks at what mdBook made of them.

use std::path::Path;

use edgegen::world::normal;

use crate::fences::blocks;
use crate::{kit, pages};

/// The text without fenced blocks and code spans.
fn prose(text: &str) -> String {
    let (mut out, mut end) = (String::new(), 0);
    for block in blocks(text) {
        out.push_str(&text[end..block.range.start]);
        end = block.range.end;
    }
    out.push_str(&text[end..]);
    // Every second part of a line stands in a code span.
    let plain = |l: &str| l.split('`').step_by(2).collect::<Vec<_>>().join("`");
    out.lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// Targets of links that are no addresses.
fn links(text: &str) -> Vec<String> {
    let all = prose(text);
    let ends = all.split("](").skip(1);
    ends.filter_map(|l| l.split([')', ' ']).next().map(str::to_owned))
        .filter(|l| !l.contains("://") && !l.starts_with("mailto:"))
        .collect()
}

/// Anchors of a page's headings.
fn anchors(text: &str) -> Vec<String> {
    let inside = blocks(text);
    let (mut out, mut at) = (Vec::<String>::new(), 0);
    for line in text.split_inclusive('\n') {
        let fenced = inside.iter().any(|b| b.range.contains(&at));
        at += line.len();
        let heading = line.trim_start_matches('#');
        if fenced || heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let kept = |c: char| match c {
            ' ' => Some('-'),
            _ => (c.is_alphanumeric() || "-_".contains(c)).then(|| c.to_ascii_lowercase()),
        };
        let anchor: String = heading.trim().chars().filter_map(kept).collect();
        let again = out.iter().filter(|a| **a == anchor).count();
        out.push(match again {
            0 => anchor,
            n => format!("{anchor}-{n}"),
        });
    }
    out
}

fn check(page: &str, faults: &mut Vec<String>) {
    let text = pages::text(page);
    let folder = Path::new(page).parent().unwrap_or(Path::new(""));
    for link in links(&text) {
        let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
        let target = match file {
            "" => Path::new(page).to_owned(),
            _ => normal(&folder.join(file)),
        };
        let at = kit::root().join(&target);
        if !at.exists() {
            faults.push(format!("{page}: there is no {link}"));
        } else if !anchor.is_empty() {
            let found = anchors(&pages::text(&target.display().to_string()));
            if !found.iter().any(|a| a == anchor) {
                faults.push(format!("{page}: {file} has no heading #{anchor}"));
            }
        } else if page.starts_with("docs/") && at.is_dir() {
            faults.push(format!("{page}: {link} is a folder, which no book shows"));
        }
    }
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let mut all = pages::markdown("docs");
    for folder in ["examples", "profiles", "integrations", "bench", "fuzz"] {
        all.extend(pages::markdown(folder));
    }
    let own = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ];
    all.extend(own.map(str::to_owned));
    let faults: Vec<String> = edgegen::parallel::map(&all, |page| {
        let mut faults = Vec::new();
        check(page, &mut faults);
        faults
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
