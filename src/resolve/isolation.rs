//! Network policies of the base against the balancer that is to come.
//!
//! The base's policies were written for one proxy; another balancer meets them as a closed door.

use super::backends::Backends;
use super::carriers::Chosen;
use super::index::Index;
use super::{Context, messages, settings};
use crate::diag::Diagnostics;
use crate::model::val::Val;

/// Finds the Pods that the base's network policies close, and returns the names of the policies.
pub(crate) fn network_policies(
    cx: &Context<'_>,
    chosen: &Chosen<'_>,
    spec: &Val,
    env: &Val,
    index: &Index<'_>,
    backends: &mut Backends<'_>,
    diags: &mut Diagnostics,
) -> Vec<String> {
    let policies = index.kind("NetworkPolicy");
    let Some(first) = policies.first() else {
        return Vec::new();
    };
    let not_enforced = env
        .find("cluster.networkPolicy")
        .filter(|v| v.as_str() == Some("NotEnforced"));
    if let Some(fact) = not_enforced {
        diags.push(messages::policies_not_enforced(fact.span, first));
    }
    // On its own controller the base's policies were made for that very edge.
    let at_home = chosen
        .sources
        .first()
        .and_then(|s| s.dialect)
        .is_some_and(|d| d.profile == cx.target && !chosen.made);
    let mut closed = Vec::new();
    for (backend, pods) in backends.list.iter_mut().zip(&backends.pods) {
        backend.isolated_by = pods.as_ref().and_then(|p| p.isolation(&policies));
        if backend.isolated_by.is_some() {
            closed.push(backend.id.name.clone());
        }
    }
    let unsaid = !settings::says_network_policy(spec) && not_enforced.is_none() && !at_home;
    let mut all = backends.list.iter().zip(&backends.pods).filter(|_| unsaid);
    if let Some((policy, span, pods)) = all.find_map(|(b, p)| {
        b.isolated_by
            .as_ref()
            .zip(p.as_ref())
            .map(|((id, span), p)| (id, *span, p))
    }) {
        diags.push(messages::shut_out(policy, span, pods.object, &closed));
    }
    let mut names: Vec<String> = policies.iter().map(|p| p.id.name.clone()).collect();
    names.sort();
    names
}
