//! Exposure, Environment and ChartMapping as written: decoded by the vocabulary, every leaf with its place.
//!
//! What the user wrote and what it means are two types; the meaning is [`super::edge::Edge`].

use std::path::PathBuf;
use std::sync::Arc;

use super::edge::At;
use super::val::Val;
use crate::source::Span;

/// An Exposure document.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// `metadata.name`.
    pub name: At<String>,
    /// `metadata.namespace`.
    pub namespace: Option<At<String>>,
    /// `spec`; every field of the vocabulary is present, as null (or an empty list) where it is not set.
    pub spec: Arc<Val>,
    /// Every value could be read; else fields are null that no profile expects to be.
    pub sound: bool,
    /// The whole document.
    pub span: Span,
    /// Folder of the file that it stands in; relative paths start here.
    pub folder: PathBuf,
}

/// An Environment document.
#[derive(Debug, Clone)]
pub struct Environment {
    /// `metadata.name`.
    pub name: At<String>,
    /// `spec.target`.
    pub target: At<String>,
    /// `spec`, in the same way.
    pub spec: Arc<Val>,
    /// `spec.defaults` in the shape of an Exposure's spec, nulls filled in.
    pub defaults: Arc<Val>,
    /// Every value could be read.
    pub sound: bool,
    /// The whole document.
    pub span: Span,
}

/// A ChartMapping document.
#[derive(Debug, Clone)]
pub struct ChartMapping {
    /// `metadata.name`.
    pub name: At<String>,
    /// `spec`.
    pub spec: Arc<Val>,
    /// Folder of the file that it stands in; relative paths start here.
    pub folder: PathBuf,
}
