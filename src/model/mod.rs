//! The words of edgegen as types: Kubernetes objects, values with their place of origin, the resolved edge.
//!
//! Types only; the stages that fill them are the modules of the level above.

pub mod context;
pub mod document;
pub mod duration;
pub mod edge;
pub mod name;
pub mod object;
pub mod val;
