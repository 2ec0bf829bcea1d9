//! edgegen compiles cloud-neutral exposures of Kubernetes applications into overlays for each cloud's load balancer controllers.
//!
//! The stages, their types and the rules that hold between them are in ARCHITECTURE.md.

pub mod accept;
pub mod base;
pub mod cli;
pub mod compile;
pub mod diag;
pub mod emit;
pub mod inverse;
pub mod load;
pub mod lower;
pub mod model;
pub mod out;
pub mod parallel;
pub mod plan;
pub mod profile;
pub mod progress;
pub mod resolve;
pub mod review;
pub mod select;
pub mod source;
pub mod verify;
pub mod vocab;
pub mod world;
pub mod yaml;
