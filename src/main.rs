//! The command line.
//!
//! Parses arguments, runs the library, prints, and decides the exit code.

fn main() {}
