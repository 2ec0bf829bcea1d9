//! The resolver: from documents and a base to the edge.
//!
//! One binary, so that it links once.

#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its cases and rewrites them when told to"
)]

mod cases;
mod context;
mod kit;
mod paths;
