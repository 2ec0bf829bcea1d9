//! From an edge to a plan, by the rules of one profile.
//!
//! The only stage that runs profiles. It owns the accounting: every value that the user set ends as emitted, already so,
//! approximated or refused, or the run fails.

use std::sync::Arc;

use crate::diag::Diagnostics;
use crate::model::document::Exposure;
use crate::model::edge::Edge;
use crate::model::name::Name;
use crate::model::object::BaseObject;
use crate::plan::Plan;
use crate::profile::Profile;
use crate::profile::expr::from_json;
use crate::profile::track::Scope;
use crate::vocab::Vocabulary;

pub mod account;
mod build;
mod finding;
mod keys;
pub mod messages;
mod objects;
mod overrides;
mod run;
mod standing;
mod together;
mod tree;

use account::{Account, Entry};

/// What lowering gives for one exposure and one target.
#[derive(Debug)]
pub struct Lowered {
    /// The changes.
    pub plan: Plan,
    /// What became of every value that the user set, in the order of the vocabulary.
    pub account: Vec<Entry>,
}

/// Everything that lowering reads.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The exposure as written; `accept` and `overrides` are read here.
    pub exposure: &'a Exposure,
    /// What it means.
    pub edge: &'a Edge,
    /// The target.
    pub profile: &'a Profile,
    /// The vocabulary.
    pub vocabulary: &'a Vocabulary,
    /// The base, to know what objects have already.
    pub base: &'a [BaseObject],
}

/// Runs all rules of the profile. A plan is given in every case; with errors among the findings it must not be emitted.
pub fn lower(input: Input<'_>, diags: &mut Diagnostics) -> Lowered {
    let mut found = Diagnostics::default();
    let account = Account::new(input.edge, input.vocabulary);
    let mut runner = run::Runner::new(input, account);
    let scope = root_scope(input);
    runner.built_in();
    runner.unsupported(&mut found);
    for rule in &input.profile.rules {
        runner.rule(rule, &scope, &mut found);
    }
    runner.overrides(&mut found);
    let (plan, account) = runner.finish(&mut found);
    for d in found.iter_mut() {
        d.targets = vec![input.profile.head.id.clone()];
    }
    diags.extend(found);
    Lowered { plan, account }
}

/// Names that every expression of the profile can use.
fn root_scope(input: Input<'_>) -> Arc<Scope> {
    let head = &input.profile.head;
    let mut installed: serde_json::Map<String, serde_json::Value> = head
        .versions
        .iter()
        .map(|(k, v)| (k.clone(), v.clone().into()))
        .collect();
    for (name, version) in input
        .edge
        .env
        .get("versions")
        .into_iter()
        .flat_map(|v| v.entries())
    {
        if let Some(v) = version.as_str() {
            installed.insert(name.to_string(), v.into());
        }
    }
    Scope::new(input.edge.context(), from_json(&head.facts)).with(
        &Name::Fixed("installed"),
        from_json(&serde_json::Value::Object(installed)),
    )
}
