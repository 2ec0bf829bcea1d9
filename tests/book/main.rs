//! The book: every command and every document in it is run, every link leads somewhere, and mdBook builds it without a warning.
//!
//! A page that tells what does not happen is worse than none. `cargo bless` writes the real output of commands into the pages.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests run programs on files; a panic says where"
)]

mod built;
mod documents;
#[path = "../kit/fences.rs"]
mod fences;
#[path = "../kit/mod.rs"]
mod kit;
mod links;
mod pages;
mod run;
#[path = "../kit/tools.rs"]
mod tools;
