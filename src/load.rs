//! From paths to documents.
//!
//! x
/// `apiVersion` of all documents.
pub const API_VERSION: &str = "edgegen.io/v1alpha1";
