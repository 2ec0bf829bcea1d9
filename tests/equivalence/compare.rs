//! A result that was read back, beside the model that it was made from.
//!
//! Both are put in the same form first, so that what is left is a difference of meaning.

use std::collections::BTreeSet;

use edgegen::inverse::check::equal;
use edgegen::inverse::ways::{Way, elementary};
use edgegen::inverse::{Given, Reader};
use edgegen::lower::account::{Entry, Outcome};
use edgegen::model::edge::Edge;
use edgegen::source::Span;
use serde_json::Value;

use crate::meant::{self, Meant};

/// Whether the account says that one of the places is refused, or nearly expressed.
fn told(account: &[Entry], places: &[Span]) -> bool {
    let nearly = |e: &&Entry| matches!(e.outcome, Outcome::Approximated | Outcome::Refused);
    account
        .iter()
        .filter(nearly)
        .any(|e| places.contains(&e.span))
}

/// Requests that the model and the objects treat differently.
pub fn ways(edge: &Edge, account: &[Entry], objects: &[Value], reader: &Reader) -> Vec<String> {
    let meant = meant::ways(edge);
    let mut ways: Vec<Way> = meant.iter().map(|m| m.way.clone()).collect();
    elementary(&mut ways);
    let read = reader.ways(objects);
    let mut out = Vec::new();
    for way in &ways {
        let of: Vec<&Meant> = meant
            .iter()
            .filter(|m| {
                m.way.host == way.host
                    && m.way.path.trim_end_matches('/') == way.path.trim_end_matches('/')
            })
            .collect();
        let places = |word: &str| -> Vec<Span> {
            of.iter()
                .filter_map(|m| m.places.get(word))
                .flatten()
                .copied()
                .collect()
        };
        let fits = |r: &&Way| r.takes() == way.takes() && (!r.secured || r.words == way.words);
        let found: Vec<&Way> = read.iter().filter(fits).collect();
        match found.as_slice() {
            [] if told(account, &places("takes")) => {}
            [] => out.push(format!("lost: {} {:?}", way.takes(), way.words)),
            [one] => {
                let names = way.words.keys().chain(one.words.keys());
                let names: BTreeSet<&String> = names.collect();
                for name in names {
                    let (a, b) = (way.words.get(name), one.words.get(name));
                    if a != b && !told(account, &places(name)) {
                        let text =
                            |v: Option<&Value>| v.map_or("nothing".to_owned(), Value::to_string);
                        out.push(format!(
                            "{}: {name} is {} and not {} in {:?}",
                            way.takes(),
                            text(b),
                            text(a),
                            one.objects
                        ));
                    }
                }
            }
            several => out.push(format!("{} leads to several: {several:?}", way.takes())),
        }
    }
    for way in read.iter().filter(|r| !r.secured) {
        if !ways.iter().any(|w| w.takes() == way.takes()) {
            out.push(format!(
                "more: {} {:?} in {:?}",
                way.takes(),
                way.words,
                way.objects
            ));
        }
    }
    // Where routes redirect to HTTPS, everything of every host is.
    let secured: BTreeSet<(&str, &str, &str)> = read
        .iter()
        .filter(|r| r.secured)
        .map(|r| (r.host.as_str(), r.kind.as_str(), r.path.as_str()))
        .collect();
    let all: BTreeSet<(&str, &str, &str)> = ways
        .iter()
        .map(|w| (w.host.as_str(), "Below", ""))
        .collect();
    if !secured.is_empty() && secured != all {
        out.push(format!("{secured:?} are redirected, and not {all:?}"));
    }
    let redirects = |e: &&Entry| &*e.field == "tls.redirectHTTP" && e.outcome == Outcome::Emitted;
    let said = |g: &Given| g.field == "tls.redirectHTTP";
    if account.iter().any(|e| redirects(&e)) && !reader.read(objects).iter().any(said) {
        out.push("nothing redirects to HTTPS".to_owned());
    }
    out
}

/// Settings of backends that the model and the objects do not have alike. `bound` are fields whose values are names of bindings.
pub fn settings(
    edge: &Edge,
    account: &[Entry],
    objects: &[Value],
    reader: &Reader,
    bound: &[String],
) -> Vec<String> {
    let read = reader.settings(objects);
    let mut out = Vec::new();
    for meant in meant::settings(edge) {
        if told(account, &[meant.span]) || bound.contains(&meant.field) {
            continue;
        }
        // What the base's readiness probe says stands in no document, so that it has no entry.
        let entry = account.iter().find(|e| e.span == meant.span);
        let rule = entry.and_then(|e| e.rule.as_deref()).unwrap_or_default();
        let id = rule.split_once('/').map_or(rule, |(_, id)| id);
        let of: Vec<_> = read
            .iter()
            .filter(|s| s.service == meant.service && s.given.field == meant.field)
            .collect();
        let same = |v: &Value| equal(v, &meant.value);
        for s in of.iter().filter(|s| s.given.sure && !same(&s.given.value)) {
            out.push(format!(
                "{} of {} is {} and not {} in {:?}",
                meant.field, meant.service, s.given.value, meant.value, s.given
            ));
        }
        let back = of.iter().any(|s| same(&s.given.value));
        if entry.is_some_and(|e| e.outcome == Outcome::Emitted)
            && !back
            && reader.unread(id, &meant.field).is_none()
        {
            out.push(format!(
                "lost: {} of {}: {} by {rule}",
                meant.field, meant.service, meant.value
            ));
        }
    }
    out
}
