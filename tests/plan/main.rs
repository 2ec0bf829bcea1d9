//! From edits to patches: the planner, the proof, the overlay, the stream and the trace.
//!
//! Hand-written cases show each form that a patch can take; random ones are judged by other implementations, the last of them kustomize.
#![allow(clippy::unwrap_used, reason = "helpers of tests; a panic says where")]

mod cases;
mod emitted;
mod kit;
mod kustomize;
mod random;
mod refused;
mod typed;
