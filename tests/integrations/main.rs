//! What pipelines run, run here: the Action, the hooks, the plugin, the packages, and the linters of their files.
//!
//! integrations/README.md tells what is checked how, and what cannot be checked without a code host or a cluster.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests run programs on files; a panic says where"
)]

mod action;
mod argocd;
mod expressions;
mod fleet;
mod flux;
mod gitlab;
mod hooks;
mod lint;
mod man;
mod packages;
mod pages;
mod release;
mod system;
#[path = "../kit/tools.rs"]
mod tools;
