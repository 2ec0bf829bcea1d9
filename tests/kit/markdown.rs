//! Markdown files whose fenced blocks are the files of a case.
//!
//! Cases and the pages of codes have one form, so that a case is written without Rust.

#[path = "fences.rs"]
mod fences;

pub use fences::{Block, blocks};

/// The text with `output` in its last block `output`; without one, in a new block behind the last one. Nothing for an empty output.
pub fn with_output(text: &str, output: &str) -> String {
    let all = blocks(text);
    let fenced = if output.is_empty() {
        String::new()
    } else {
        format!("```output\n{output}```\n")
    };
    if let Some(block) = all.iter().rfind(|b| b.info == "output") {
        let range = &block.range;
        return format!("{}{fenced}{}", &text[..range.start], &text[range.end..]);
    }
    let end = all.last().map_or(text.len(), |b| b.range.end);
    let gap = if fenced.is_empty() { "" } else { "\n" };
    format!("{}{gap}{fenced}{}", &text[..end], &text[end..])
}

/// The parts of a text that start with a heading of the second level; the first part is what stands before them.
pub fn sections(text: &str) -> Vec<&str> {
    let inside = blocks(text);
    let mut cuts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("## ") && !inside.iter().any(|b| b.range.contains(&at)) {
            cuts.push(at);
        }
        at += line.len();
    }
    cuts.push(text.len());
    cuts.windows(2).map(|w| &text[w[0]..w[1]]).collect()
}
