//! The fenced blocks of Markdown.
//!
//! Cases of bad inputs, pages of codes and the book are read by one reader.

use std::ops::Range;

/// A fenced block.
#[derive(Debug, Clone)]
pub struct Block {
    /// What stands behind the opening fence.
    pub info: String,
    /// The lines between the fences.
    pub body: String,
    /// The bytes of the block with its fences.
    pub range: Range<usize>,
}

/// The fenced blocks of a text.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    let (mut open, mut at) = (None::<Block>, 0);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block {
                    info: info.trim().to_owned(),
                    body: String::new(),
                    range: at..end,
                });
            }
            (Some(block), None) => block.body.push_str(line),
            (Some(_), Some(_)) => {
                let mut block = open.take().expect("a block is open");
                block.range.end = end;
                out.push(block);
            }
            (None, None) => {}
        }
        at = end;
    }
    out
}
