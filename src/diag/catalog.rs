//! The pages of the built-in codes: what each one means, why it is said, an example and the cure.
//!
//! A page is a file of the folder `pages`, so that a new code needs no entry in a list.

/// Names of files and their texts, sorted.
static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// A built-in code with its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeInfo {
    /// `EG1011`.
    pub id: &'static str,
    /// `duplicate-key`.
    pub slug: &'static str,
    /// The page in Markdown.
    pub page: &'static str,
}

/// All built-in codes, sorted by their numbers.
pub fn all() -> Vec<CodeInfo> {
    let mut codes: Vec<CodeInfo> = PAGES.iter().filter_map(code_of).collect();
    codes.sort();
    codes
}

/// The page of a built-in code; upper and lower case are the same, and the slug alone will do.
pub fn page(code: &str) -> Option<&'static str> {
    PAGES
        .iter()
        .filter_map(code_of)
        .find(|c| c.id.eq_ignore_ascii_case(code) || c.slug == code)
        .map(|c| c.page)
}

fn code_of((file, page): &'static (&'static str, &'static str)) -> Option<CodeInfo> {
    let (id, slug) = file.strip_suffix(".md")?.split_once('-')?;
    Some(CodeInfo { id, slug, page })
}
