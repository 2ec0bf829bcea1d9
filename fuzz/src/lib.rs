//! What the fuzz targets share: the entry points, the form of their inputs, and how inputs are changed.
//!
//! Only the targets need a nightly compiler; `tests/fuzz.rs` runs the same entry points on what was found.

pub mod mutate;
pub mod readers;
pub mod trees;
