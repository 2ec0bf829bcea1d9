//! The formats of a plan: texts from objects and patches.
//!
//! An emitter decides nothing about the edge; whatever it writes leads to the objects that `plan::apply` says.

pub mod kustomize;
pub mod resource_list;
pub mod results;
pub mod stream;
pub mod trace;
pub mod values;

/// A value that no reader reads back as it is.
const UNWRITABLE: crate::diag::Code = crate::diag::Code::builtin("EG3303");
