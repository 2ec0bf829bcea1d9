//! Tells cargo which data the binary embeds.
//!
//! The profiles are embedded as a folder, and a new file in it would not be noticed otherwise.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks")]

fn main() {
    println!("cargo::rerun-if-changed=profiles");
    println!("cargo::rerun-if-changed=src/diag/pages");
    println!("cargo::rerun-if-changed=build.rs");
}
