//! Profiles: what one target's controller reads, as data, and the engine that turns an edge into a plan by it.
//!
//! No file here knows a controller; whatever a controller wants is said in `profiles/`.

pub mod dialect;
