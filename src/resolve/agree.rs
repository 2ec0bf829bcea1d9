//! Two carriers of one base that should say the same: same path on one host twice, or two generations that route differently.
//!
//! Which of two rules wins is left to each controller, so a doubt here is an answer from the wrong service on some cloud.

use std::collections::BTreeMap;

use super::backends::look_up;
use super::index::Index;
use super::messages;
use super::raw::{RawRoute, RawRule, RawTarget};
use crate::diag::Diagnostics;
use crate::model::edge::{Host, PathMatch, Rewrite, Route};
use crate::source::Span;

/// At most so many differences are told; one wrong host alone can make dozens.
const SHOWN: usize = 5;

/// A Service of a rule.
#[derive(PartialEq, Eq)]
struct End {
    namespace: Option<String>,
    name: String,
    port: i64,
    /// Its share, where there are several.
    share: Option<i64>,
}

/// One host and path of a carrier.
struct Leads<'r> {
    rule: &'r RawRule,
    /// The Services; absent when one is not in the base.
    to: Option<Vec<End>>,
    rewrite: Option<Rewrite>,
    /// What else the rule does.
    words: String,
}

/// Compares the routing of the used carriers with that of the left-out ones.
pub(crate) fn generations(
    index: &Index<'_>,
    used: &[RawRoute<'_>],
    spare: &[RawRoute<'_>],
    namespace: Option<&str>,
    diags: &mut Diagnostics,
) {
    if used.is_empty() || spare.is_empty() {
        return;
    }
    let (ours, theirs) = (
        table(index, used, namespace),
        table(index, spare, namespace),
    );
    let mut shown = 0;
    for (key, mine) in &ours {
        let other = theirs.get(key);
        let same = other
            .is_some_and(|o| o.to == mine.to && o.rewrite == mine.rewrite && o.words == mine.words);
        if !same && shown < SHOWN {
            shown += 1;
            let hint = other
                .is_none()
                .then(|| near(&theirs, key))
                .flatten()
                .or_else(|| spare.first().and_then(|r| r.span));
            diags.push(messages::carriers_disagree(
                key.0,
                &key.1,
                &describe(mine),
                mine.rule.path.span,
                other.map(describe).as_deref(),
                other.and_then(place).or(hint),
            ));
        }
    }
    for (key, other) in &theirs {
        if !ours.contains_key(key) && shown < SHOWN {
            shown += 1;
            let hint = near(&ours, key).or_else(|| used.first().and_then(|r| r.span));
            diags.push(messages::carriers_disagree(
                key.0,
                &key.1,
                "no route",
                hint,
                Some(&describe(other)),
                other.rule.path.span,
            ));
        }
    }
}

/// Host, path, and what else is matched.
type Key<'r> = (&'r str, PathMatch, String);
type Table<'r> = BTreeMap<Key<'r>, Leads<'r>>;

fn table<'r>(index: &Index<'_>, routes: &'r [RawRoute<'_>], namespace: Option<&str>) -> Table<'r> {
    let mut out = Table::new();
    for route in routes {
        for host in &route.hosts {
            for rule in &route.rules {
                let share = |t: &RawTarget| {
                    let weight = t.weight.as_ref().map(|w| w.value);
                    weight.filter(|_| rule.to.len() > 1)
                };
                let one = |t: &RawTarget| {
                    let (o, port) = look_up(index, t, namespace)?;
                    Some(End {
                        namespace: o.id.namespace.clone(),
                        name: o.id.name.clone(),
                        port,
                        share: share(t),
                    })
                };
                let rewrite = rule.rewrite.as_ref().map(|r| r.value.clone());
                let key = (
                    host.value.as_str(),
                    rule.path.value.clone(),
                    rule.condition(),
                );
                out.entry(key).or_insert(Leads {
                    rule,
                    to: rule.to.iter().map(one).collect(),
                    rewrite,
                    words: rule.effects(),
                });
            }
        }
    }
    out
}

/// The place of the same path on another host, or of another kind of match for the path.
fn near(table: &Table<'_>, key: &Key<'_>) -> Option<Span> {
    table
        .iter()
        .find(|(k, _)| k.1 == key.1)
        .or_else(|| table.iter().find(|(k, _)| k.0 == key.0))
        .and_then(|(_, l)| l.rule.path.span)
}

fn place(leads: &Leads<'_>) -> Option<Span> {
    leads
        .rule
        .rewrite
        .as_ref()
        .and_then(|r| r.span)
        .or(leads.rule.path.span)
}

fn describe(leads: &Leads<'_>) -> String {
    let names: Vec<String> = if let Some(to) = &leads.to {
        to.iter()
            .map(|e| format!("{}:{}", e.name, e.port))
            .collect()
    } else {
        let written = leads.rule.to.iter();
        written
            .map(|t| format!("{}:{}", t.service.value, t.port.value))
            .collect()
    };
    let to = if names.is_empty() {
        "another address".to_owned()
    } else {
        names.join("` and `")
    };
    match &leads.rewrite {
        None => format!("`{to}` without a rewrite"),
        Some(Rewrite::ReplacePrefix(p)) => format!("`{to}` with the prefix replaced by `{p}`"),
        Some(Rewrite::ReplaceFull(p) | Rewrite::Captures(p)) => {
            format!("`{to}` with the path replaced by `{p}`")
        }
    }
}

/// Reports two rules for one path of one host.
pub(crate) fn duplicates(routes: &[Route], hosts: &[Host], diags: &mut Diagnostics) {
    let mut seen: BTreeMap<(usize, &PathMatch, String), Option<Span>> = BTreeMap::new();
    for route in routes {
        for host in &route.hosts {
            for rule in &route.rules {
                let key = (*host, &rule.path.value, rule.condition());
                match seen.get(&key) {
                    Some(first) => diags.push(messages::path_twice(
                        &hosts[*host].name.value,
                        &rule.path.value,
                        rule.path.span,
                        *first,
                    )),
                    None => {
                        seen.insert(key, rule.path.span);
                    }
                }
            }
        }
    }
}
