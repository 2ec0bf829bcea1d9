//! Exposures that share a balancer: what the balancer has only once must be the same for all of them.
//!
//! One member that disagrees freezes the whole balancer on some clouds; here both lines are named before anything is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Output, messages};
use crate::model::val::{Data, Val};
use crate::source::Span;

/// What one exposure says of the balancer that it shares.
#[derive(Debug, Clone)]
pub struct Member {
    /// Name of the balancer in the environment.
    pub balancer: String,
    /// Fields that the balancer has once, and what they are set to: only those that are set.
    pub facts: Vec<Fact>,
}

/// One field.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Dotted field of the vocabulary.
    pub field: String,
    /// Its value as text.
    pub value: String,
    /// Where it stands.
    pub span: Option<Span>,
}

/// What an exposure says of the balancer that it shares, by the fields that the target's profile lists.
pub(super) fn member(spec: &Arc<Val>, once: &[String]) -> Option<Member> {
    let balancer = spec.find("loadBalancer")?.as_str()?.to_owned();
    let mut facts = Vec::new();
    for field in once {
        let mut found = Vec::new();
        collect(
            spec,
            &mut field.split('.').collect::<Vec<_>>().into_iter(),
            &mut found,
        );
        for (value, span) in found {
            facts.push(Fact {
                field: field.clone(),
                value,
                span,
            });
        }
    }
    Some(Member { balancer, facts })
}

/// Values at a dotted path, lists on the way entered; a list at its end is one value.
fn collect<'p>(
    at: &Arc<Val>,
    steps: &mut (impl Iterator<Item = &'p str> + Clone),
    out: &mut Vec<(String, Option<Span>)>,
) {
    let below = steps.clone();
    let Some(step) = steps.next() else {
        let mut text = Vec::new();
        leaves(at, &mut text);
        if !text.is_empty() {
            out.push((text.join(", "), at.span));
        }
        return;
    };
    if let Data::List(items) = &at.data {
        items
            .iter()
            .for_each(|i| collect(i, &mut below.clone(), out));
    } else if let Some(next) = at.get(step) {
        collect(next, steps, out);
    }
}

fn leaves(val: &Val, out: &mut Vec<String>) {
    match &val.data {
        Data::Null => {}
        Data::Bool(b) => out.push(b.to_string()),
        Data::Int(i) => out.push(i.to_string()),
        Data::Float(f) => out.push(f.to_string()),
        Data::Str(s) => out.push(s.to_string()),
        Data::List(items) => items.iter().for_each(|v| leaves(v, out)),
        Data::Map(map) => map.values().for_each(|v| leaves(v, out)),
    }
}

/// Compares the members of every shared balancer; the first that states a field is what the others are held to.
pub(super) fn check(output: &mut Output) {
    struct First {
        exposure: String,
        value: String,
        group: usize,
        span: Option<Span>,
    }
    let mut stated: BTreeMap<(String, String, String), First> = BTreeMap::new();
    let mut found = Vec::new();
    for (group, g) in output.groups.iter().enumerate() {
        for r in &g.rendered {
            let Some(member) = &r.member else { continue };
            for fact in &member.facts {
                let key = (r.label.clone(), member.balancer.clone(), fact.field.clone());
                match stated.get(&key) {
                    None => {
                        let (exposure, value) = (r.exposure.clone(), fact.value.clone());
                        stated.insert(
                            key,
                            First {
                                exposure,
                                value,
                                group,
                                span: fact.span,
                            },
                        );
                    }
                    Some(first) if first.value != fact.value => {
                        let d = messages::members_disagree(
                            &member.balancer,
                            fact,
                            &r.exposure,
                            &first.exposure,
                            &first.value,
                        );
                        found.push((
                            d,
                            (group, fact.span),
                            (first.group, first.span),
                            r.target.clone(),
                        ));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    // The two lines may be in texts of two groups, so that the finding belongs to the run.
    let mut offsets: BTreeMap<usize, u32> = BTreeMap::new();
    for (mut d, mine, theirs, target) in found {
        for (n, (group, span)) in [mine, theirs].into_iter().enumerate() {
            let Some(mut span) = span else { continue };
            let sources = &output.groups[group].sources;
            span.source.0 += *offsets
                .entry(group)
                .or_insert_with(|| output.sources.absorb(sources));
            d = if n == 0 {
                d.at(span, "this")
            } else {
                d.because(span, "disagrees with this")
            };
        }
        d.targets = vec![target];
        output.diags.push(d);
    }
}
