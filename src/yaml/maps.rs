//! Finishes a map of the arena: merge keys are resolved and keys that occur twice are found.
//!
//! The parser reports neither, and the Kubernetes readers disagree on both.

use std::collections::BTreeMap;

use super::build::Builder;
use super::problem::{Problem, What};
use super::{NONE, NodeData, Repr};

/// Maps up to this size are searched pair by pair, without an allocation.
const SMALL: usize = 16;

/// Reports keys that occur more than once.
pub(super) fn report_duplicates(b: &mut Builder<'_>, map: u32) {
    let mut keys = [0_u32; SMALL];
    let mut count = 0;
    let mut at = b.nodes[map as usize].first;
    while at != NONE {
        if count == SMALL {
            return report_duplicates_sorted(b, map);
        }
        let name = text_of(b, at);
        if let Some(first) = keys[..count]
            .iter()
            .copied()
            .find(|k| text_of(b, *k) == name)
        {
            duplicate(b, first, at);
        } else {
            keys[count] = at;
            count += 1;
        }
        at = after_pair(b, at);
    }
}

fn report_duplicates_sorted(b: &mut Builder<'_>, map: u32) {
    let mut keys: Vec<u32> = pairs(b, map).into_iter().map(|(k, _)| k).collect();
    keys.sort_by(|x, y| text_of(b, *x).cmp(text_of(b, *y)).then(x.cmp(y)));
    let mut doubles = Vec::new();
    let mut first = 0;
    for i in 1..keys.len() {
        if text_of(b, keys[i]) == text_of(b, keys[first]) {
            doubles.push((keys[first], keys[i]));
        } else {
            first = i;
        }
    }
    doubles.sort_by_key(|(_, second)| *second);
    for (first, second) in doubles {
        duplicate(b, first, second);
    }
}

/// Resolves `<<` as kustomize does: keys of the map itself win, then the maps in their order.
pub(super) fn merge(b: &mut Builder<'_>, map: u32) {
    let mut seen: BTreeMap<Box<str>, u32> = BTreeMap::new();
    let mut kept = Vec::new();
    let mut merges = Vec::new();
    for (key, value) in pairs(b, map) {
        let is_merge = text_of(b, key) == "<<"
            && b.text.as_bytes().get(b.nodes[key as usize].start as usize) == Some(&b'<');
        if is_merge {
            if let Some((first, _)) = merges.first() {
                duplicate(b, *first, key);
            }
            merges.push((key, value));
        } else {
            seen.entry(text_of(b, key).into()).or_insert(key);
            kept.push((key, value));
        }
    }
    for (key, value) in merges {
        for source in merged_maps(b, value) {
            for (from_key, from_value) in pairs(b, source) {
                match seen.get(text_of(b, from_key)) {
                    Some(local) if *local < key => {
                        let node = b.nodes[*local as usize];
                        let because = b.nodes[key as usize];
                        let problem = Problem::at(
                            What::MergeConflict(text_of(b, from_key).into()),
                            node.start as usize..node.end as usize,
                        );
                        b.found
                            .push(problem.and(because.start as usize..because.end as usize));
                    }
                    Some(_) => {}
                    None => {
                        let copies = (copy(b, from_key), copy(b, from_value));
                        seen.insert(text_of(b, from_key).into(), copies.0);
                        kept.push(copies);
                    }
                }
            }
        }
    }
    let mut before = NONE;
    for id in kept.into_iter().flat_map(|(k, v)| [k, v]) {
        if before == NONE {
            b.nodes[map as usize].first = id;
        } else {
            b.nodes[before as usize].next = id;
        }
        before = id;
    }
    if before == NONE {
        b.nodes[map as usize].first = NONE;
    } else {
        b.nodes[before as usize].next = NONE;
    }
}

/// The maps that the value of `<<` names; anything else is reported.
fn merged_maps(b: &mut Builder<'_>, value: u32) -> Vec<u32> {
    let node = b.nodes[value as usize];
    let candidates = match node.repr {
        Repr::List => chain(b, node.first),
        _ => vec![value],
    };
    let sound = candidates
        .iter()
        .all(|c| b.nodes[*c as usize].repr == Repr::Map);
    if sound {
        return candidates;
    }
    b.found.push(Problem::at(
        What::MergeValue,
        node.start as usize..node.end as usize,
    ));
    Vec::new()
}

fn duplicate(b: &mut Builder<'_>, first: u32, second: u32) {
    let (one, two) = (b.nodes[first as usize], b.nodes[second as usize]);
    let problem = Problem::at(
        What::DuplicateKey(text_of(b, second).into()),
        two.start as usize..two.end as usize,
    );
    b.found
        .push(problem.and(one.start as usize..one.end as usize));
}

fn copy(b: &mut Builder<'_>, of: u32) -> u32 {
    let id = b.nodes.len() as u32;
    let node = b.nodes[of as usize];
    b.nodes.push(NodeData { next: NONE, ..node });
    id
}

fn pairs(b: &Builder<'_>, map: u32) -> Vec<(u32, u32)> {
    chain(b, b.nodes[map as usize].first)
        .chunks_exact(2)
        .map(|pair| (pair[0], pair[1]))
        .collect()
}

fn chain(b: &Builder<'_>, first: u32) -> Vec<u32> {
    let mut out = Vec::new();
    let mut at = first;
    while at != NONE {
        out.push(at);
        at = b.nodes[at as usize].next;
    }
    out
}

fn after_pair(b: &Builder<'_>, key: u32) -> u32 {
    match b.nodes[key as usize].next {
        NONE => NONE,
        value => b.nodes[value as usize].next,
    }
}

fn text_of<'b>(b: &'b Builder<'_>, id: u32) -> &'b str {
    match b.nodes[id as usize].repr {
        Repr::Borrowed(start, end) => &b.text[start as usize..end as usize],
        Repr::Owned(i) => &b.owned[i as usize],
        _ => "",
    }
}
