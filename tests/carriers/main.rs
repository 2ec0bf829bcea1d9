//! One plan, carried in many ways: the overlay, the stream, helm's post-renderer, values of a chart, a function.
//!
//! Each way is run by the tool that users run it with, and must lead to the objects of the overlay, for every example and target.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests run programs on files; a panic says where"
)]

#[path = "../kit/examples.rs"]
mod examples;
mod function;
mod helm;
mod kit;
mod pages;
mod stream;
#[path = "../kit/tools.rs"]
mod tools;
mod values;
