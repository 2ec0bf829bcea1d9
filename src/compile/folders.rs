//! Where results go: a folder of its own for each, or one stream for a single one.
//!
//! Said once for a run, because it depends on all that was asked for.

use std::collections::BTreeMap;

use super::{Group, Output, Rendered, Shared, emit, messages};
use crate::diag::Diagnostics;
use crate::plan::Plan;
use crate::plan::join::join;

/// Exposures of one base whose results go into one stream: their plans are one plan for each label.
pub(super) fn joined(
    shared: &Shared<'_>,
    ground: &emit::Ground<'_>,
    rendered: Vec<Rendered>,
    plans: Vec<Plan>,
    diags: &mut Diagnostics,
) -> Vec<Rendered> {
    let mut out: Vec<(Rendered, Plan)> = Vec::new();
    for (r, plan) in rendered.into_iter().zip(plans) {
        match out.iter_mut().find(|(o, _)| o.label == r.label) {
            Some((first, all)) => {
                for clash in join(all, plan) {
                    diags.push(messages::clash(&first.exposure, &r.exposure, &clash));
                }
            }
            None => out.push((r, plan)),
        }
    }
    for (r, plan) in &mut out {
        if !diags.has_errors() {
            emit::emit(shared, ground, plan, r, diags);
        }
    }
    out.into_iter().map(|(r, _)| r).collect()
}

/// Reports that one stream would have to hold several results.
pub(super) fn sole(output: &mut Output) {
    let results: Vec<(String, String)> = output
        .rendered()
        .map(|r| (r.exposure.clone(), r.label.clone()))
        .collect();
    if results.len() > 1 {
        output.diags.push(messages::several(&results));
    }
}

/// Reports results that would be written to one folder.
pub(super) fn unique(mut groups: Vec<Group>) -> Vec<Group> {
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (i, group) in groups.iter_mut().enumerate() {
        let mut twice = Vec::new();
        for r in &group.rendered {
            if seen
                .insert((r.label.clone(), r.exposure.clone()), i)
                .is_some()
            {
                twice.push(messages::same_name(&r.exposure, &r.label));
            }
        }
        twice.dedup();
        twice.into_iter().for_each(|d| group.diags.push(d));
    }
    groups
}
