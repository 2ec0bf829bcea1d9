//! The head of a profile: who the target is, what it is bound to, what it cannot say.
//!
//! Heads of all profiles are read in every run (they are small); rules only of the targets that are rendered.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;

use super::dialect::Dialect;
use crate::lower::account::covers;
use crate::model::edge::Generation;
use crate::source::Span;
use crate::vocab::Field;

/// What a profile says of itself.
#[derive(Debug, Clone)]
pub struct Head {
    /// Name of the profile and of the target: `kebab-case`. A leading `_` marks rules that other profiles extend.
    pub id: String,
    /// One line: controller and API.
    pub title: String,
    /// What the target is, for its page.
    pub doc: String,
    /// The vendor's pages.
    pub see: Vec<String>,
    /// Value of `--cloud`.
    pub cloud: Option<String>,
    /// Rank among the cloud's targets of one generation; the lowest is its default. Absent: never a default.
    pub rank: Option<i64>,
    /// The generation that carries routes here.
    pub carrier: Generation,
    /// Profiles whose rules come first.
    pub extends: Vec<String>,
    /// Ids of rules of those profiles that are not taken over.
    pub without: Vec<String>,
    /// Name of the controller in an environment's `versions`.
    pub controller: Option<String>,
    /// Newest known version of each component, by its name in `versions`; assumed where an environment does not say.
    pub versions: BTreeMap<String, String>,
    /// Constants for expressions.
    pub facts: Value,
    /// What bindings this target takes: by `certificates`, `policies.waf`...
    pub bindings: BTreeMap<String, Vec<Field>>,
    /// Fields that a balancer has once, whoever shares it.
    pub once: Vec<String>,
    /// Protocols of streams that the target carries: of `TCP`, `UDP`, `TLS`.
    pub streams: Vec<String>,
    /// Why it does not carry others: a reason by protocol.
    pub no_streams: IndexMap<String, String>,
    /// Whether it carries routes; what carries Services has none in any case.
    pub routes: bool,
    /// Fields that the target cannot express.
    pub unsupported: Vec<Unsupported>,
    /// How the controller reads a base; absent for targets that cannot be a base's own world.
    pub dialect: Option<Dialect>,
    /// The profile whose controller this one is at heart: what that one reads of a base is the target's own.
    pub speaks: Option<String>,
    /// Objects that the target needs and that this profile's users install: shown on its page.
    pub needs: Vec<String>,
    /// Fields of the exposure and the environment that every example starts from.
    pub smallest: Smallest,
    /// Where the head stands.
    pub span: Span,
}

/// What the examples of a target have in common: the least that it needs to be rendered at all.
#[derive(Debug, Clone, Default)]
pub struct Smallest {
    /// Fields of the exposure's `spec`.
    pub exposure: Value,
    /// Fields of the environment's `spec`.
    pub environment: Value,
}

/// A field without an expression on this target.
#[derive(Debug, Clone)]
pub struct Unsupported {
    /// The rule part of its code.
    pub id: String,
    /// Dotted field of the vocabulary, or `certificates.secret` for a member of a binding.
    pub field: String,
    /// Why.
    pub reason: String,
    /// What to do instead.
    pub instead: String,
    /// The vendor's page.
    pub see: Vec<String>,
    /// Fields of an exposure that fire it; its value in the vocabulary's terms.
    pub example: Option<Value>,
    /// Fields of the example's environment.
    pub environment: Value,
    /// Where it stands.
    pub span: Span,
}

impl Head {
    /// Whether the profile is a target, not only rules for others.
    pub fn is_target(&self) -> bool {
        !self.id.starts_with('_')
    }

    /// Whether routes reach it at all; if not, it carries streams only.
    pub fn carries_routes(&self) -> bool {
        self.routes && self.carrier != Generation::Service
    }

    /// Whether a field of the vocabulary can be set for the target at all: what carries streams only has no routes.
    pub fn concerns(&self, field: &str) -> bool {
        let of_routes = ["routes", "canaries"].iter().any(|f| covers(f, field));
        self.carries_routes() || !of_routes
    }
}
