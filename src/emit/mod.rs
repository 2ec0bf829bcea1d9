//! The formats of a plan: texts from objects and patches.
//!
//! An emitter decides nothing about the edge; whatever it writes leads to the objects that `plan::apply` says.

pub mod kustomize;
pub mod stream;
pub mod trace;
