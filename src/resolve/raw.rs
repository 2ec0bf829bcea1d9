//! Routes as a front end reads them: hosts and Services by the names of the base, not yet looked up.
//!
//! The three front ends share this shape, so that everything after them is written once.

use std::sync::Arc;

use crate::model::edge::{
    At, BaseListener, BaseTls, Generation, PathMatch, Rewrite, WrittenPath, words_as_text,
};
use crate::model::name::Named;
use crate::model::object::BaseObject;
use crate::model::val::Val;
use crate::profile::dialect::Dialect;
use crate::source::Span;

/// An Ingress or Gateway of the base that the exposure is for.
pub(crate) struct Source<'b> {
    /// The object.
    pub(crate) object: &'b BaseObject,
    /// Its kind.
    pub(crate) generation: Generation,
    /// Where the exposure names it, else its name in the base.
    pub(crate) span: Span,
    /// Its class in the base.
    pub(crate) class: Option<At<String>>,
    /// How its own controller reads it, where that is known.
    pub(crate) dialect: Option<&'b Dialect>,
    /// Its TLS entries.
    pub(crate) tls: Vec<BaseTls>,
    /// Its listeners, for a Gateway.
    pub(crate) listeners: Vec<BaseListener>,
}

/// A set of rules with the hosts that they are for.
pub(crate) struct RawRoute<'b> {
    /// The route object of the base, for Gateway API.
    pub(crate) object: Option<&'b BaseObject>,
    /// The name that `spec.routes` gives.
    pub(crate) name: Option<String>,
    /// Index of the source; 0 without any.
    pub(crate) source: usize,
    /// Hosts as the base has them; the empty name for every host. Never empty.
    pub(crate) hosts: Vec<At<String>>,
    /// In the order of the text.
    pub(crate) rules: Vec<RawRule>,
    /// Where the route starts.
    pub(crate) span: Option<Span>,
}

/// One path and the Service that it leads to.
#[derive(Clone)]
pub(crate) struct RawRule {
    /// What is matched.
    pub(crate) path: At<PathMatch>,
    /// As an Ingress spells it.
    pub(crate) written: Option<WrittenPath>,
    /// What the backend sees instead.
    pub(crate) rewrite: Option<At<Rewrite>>,
    /// Where it leads; nowhere, when it redirects.
    pub(crate) to: Vec<RawTarget>,
    /// Where a copy goes.
    pub(crate) mirror: Option<RawTarget>,
    /// What else it says, by the names of [`RouteRule::words`](crate::model::edge::RouteRule::words).
    pub(crate) words: Named<Arc<Val>>,
    /// Name of the rule.
    pub(crate) name: Option<String>,
}

impl RawRule {
    /// A path that leads to one Service.
    pub(crate) fn simple(path: At<PathMatch>, to: RawTarget) -> Self {
        Self {
            path,
            written: None,
            rewrite: None,
            to: vec![to],
            mirror: None,
            words: Named::default(),
            name: None,
        }
    }

    /// What it matches besides the path, as text.
    pub(crate) fn condition(&self) -> String {
        words_as_text(&self.words, true)
    }

    /// What it does besides the rewrite of the path, as text.
    pub(crate) fn effects(&self) -> String {
        words_as_text(&self.words, false)
    }
}

/// A Service that a rule leads to.
#[derive(Clone)]
pub(crate) struct RawTarget {
    /// Name of the Service.
    pub(crate) service: At<String>,
    /// Namespace of the Service, where it is not the route's.
    pub(crate) namespace: Option<String>,
    /// Port of the Service.
    pub(crate) port: At<PortRef>,
    /// Its share, relative to the others of the rule.
    pub(crate) weight: Option<At<i64>>,
}

/// How a route names a port.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PortRef {
    /// By number.
    Number(i64),
    /// By name.
    Name(String),
}

impl std::fmt::Display for PortRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PortRef::Number(n) => write!(f, "{n}"),
            PortRef::Name(n) => f.write_str(n),
        }
    }
}
