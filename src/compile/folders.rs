//! Where results go: a folder of its own for each, or one stream for a single one.
//!
//! Said once for a run, because it depends on all that was asked for.

use std::collections::BTreeMap;

use super::{Group, Output, messages};

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
