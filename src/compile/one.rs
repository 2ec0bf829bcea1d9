//! One exposure for one target, through every stage.
//!
//! What several of them share is made before; what they say together is looked at after.

use super::{Rendered, Shared, carried, emit, shared};
use crate::accept;
use crate::base::Base;
use crate::diag::Diagnostics;
use crate::lower;
use crate::model::document::Exposure;
use crate::model::edge::Generation;
use crate::out::Tree;
use crate::plan::Plan;
use crate::resolve;
use crate::review::graph::Graph;
use crate::select::Choice;

/// The generation of the carriers that an exposure has, to choose a cloud's default target.
pub(super) fn generation(exposure: &Exposure, base: &Base) -> Generation {
    let first = exposure
        .spec
        .get("carriers")
        .and_then(|c| c.items().first().cloned());
    let named = first.and_then(|c| c.find("kind").and_then(|k| k.as_str().map(str::to_owned)));
    let has = |kind: &str| match &named {
        Some(k) => k == kind,
        None => base.objects.iter().any(|o| o.id.kind == kind),
    };
    if named.as_deref() == Some("Service") {
        Generation::Service
    } else if has("Ingress") {
        Generation::Ingress
    } else if has("Gateway") {
        Generation::Gateway
    } else {
        Generation::Ingress
    }
}

/// One exposure on one target: resolved, lowered and, unless results of one base are joined first, emitted.
pub(super) fn one(
    shared: &Shared<'_>,
    ground: &emit::Ground<'_>,
    exposure: &Exposure,
    choice: &Choice,
) -> (Option<(Rendered, Plan)>, Diagnostics, Vec<String>) {
    let mut diags = Diagnostics::default();
    let mut plan = Plan::default();
    let nothing = shared.request.is_piped() && ground.base.objects.is_empty();
    let Some(profile) = shared.profiles.get(&choice.target) else {
        return (None, diags, Vec::new());
    };
    let environment = choice.environment.map(|i| &shared.environments[i]);
    let input = resolve::Input {
        exposure,
        environment,
        base: &ground.base.objects,
        generation: profile.head.carrier,
        dialects: &shared.dialects,
        target: profile.head.speaks.as_ref().unwrap_or(&choice.target),
        blank: &shared.store.vocabulary.blank,
    };
    // helm may send hooks alone: a stream without an object that an exposure could be for.
    let edge = if nothing {
        None
    } else {
        resolve::resolve(&input, &mut diags)
    };
    if let Some(edge) = &edge {
        carried::check(edge, profile, shared.store, &mut diags);
    }
    for d in diags.iter_mut() {
        d.targets = vec![choice.target.clone()];
    }
    let mut used = accept::apply(exposure, environment, &mut diags);
    let mut out = Rendered {
        exposure: exposure.name.value.clone(),
        label: choice.label.clone(),
        target: choice.target.clone(),
        tree: Tree::new(),
        trace: String::new(),
        built: Vec::new(),
        account: Vec::new(),
        edge: None,
        graph: None,
        member: None,
        found: Vec::new(),
    };
    // Rules rely on what the vocabulary promises; a value that could not be read breaks the promise.
    let sound = exposure.sound && environment.is_none_or(|e| e.sound);
    if let Some(edge) = edge.filter(|_| sound && !diags.has_errors()) {
        let input = lower::Input {
            exposure,
            edge: &edge,
            profile,
            vocabulary: &shared.store.vocabulary,
            base: &ground.base.objects,
        };
        if shared.request.detail {
            let (name, title) = (&exposure.name.value, &profile.head.title);
            out.graph = Some(Graph::of(&edge, name, &choice.target, title));
        }
        out.member = shared::member(&edge.spec, &profile.head.once);
        let lowered = lower::lower(input, &mut diags);
        used.extend(accept::apply(exposure, environment, &mut diags));
        if shared.request.detail {
            out.account = lowered.account;
        }
        plan = lowered.plan;
        if !diags.has_errors() && !shared.request.is_piped() {
            emit::emit(shared, ground, &plan, &mut out, &mut diags);
            used.extend(accept::apply(exposure, environment, &mut diags));
        }
        out.edge = shared.request.detail.then_some(edge);
    }
    if diags.has_errors() {
        out.tree.clear();
    }
    if shared.request.detail {
        out.found = diags.clone().into_sorted();
    }
    (Some((out, plan)), diags, used)
}
