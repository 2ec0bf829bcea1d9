//! The pages of the book, as its summary lists them.
//!
//! One list for all checks, so that a page is either in the book and checked, or not there.

use std::path::PathBuf;

use crate::kit::root;

/// The text of a file of the repository.
pub fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Paths of all pages, from the root of the repository.
pub fn all() -> Vec<String> {
    let summary = text("docs/SUMMARY.md");
    let links = summary.split("](").skip(1);
    let pages: Vec<String> = links
        .map(|l| format!("docs/{}", l.split(')').next().unwrap_or_default()))
        .collect();
    assert!(pages.len() > 100, "{pages:?}");
    pages
}

/// Whether `tests/docs.rs` compares the page with what the program prints.
pub fn is_generated(page: &str) -> bool {
    let below = ["docs/targets/", "docs/codes/", "docs/reference/"];
    let pages = [
        "docs/targets.md",
        "docs/codes.md",
        "docs/matrix.md",
        "docs/cli.md",
    ];
    below.iter().any(|b| page.starts_with(b)) || pages.contains(&page)
}

/// The pages that people write.
pub fn written() -> Vec<String> {
    all().into_iter().filter(|p| !is_generated(p)).collect()
}

/// Markdown files below a folder.
pub fn markdown(folder: &str) -> Vec<String> {
    let (mut out, mut open) = (Vec::new(), vec![PathBuf::from(folder)]);
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(root().join(&dir)).unwrap().flatten() {
            let path = dir.join(entry.file_name());
            if entry.path().is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                out.push(path.display().to_string());
            }
        }
    }
    out.sort();
    out
}

#[test]
fn every_page_is_in_the_book() {
    let known = all();
    let lost: Vec<String> = markdown("docs")
        .into_iter()
        .filter(|p| p != "docs/SUMMARY.md" && !known.contains(p))
        .collect();
    assert!(lost.is_empty(), "not in docs/SUMMARY.md: {lost:?}");
}
