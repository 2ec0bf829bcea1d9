//! The same exposure means the same on every target: where requests go, and how backends are treated.
//!
//! Each result is read back by the rules of its target and compared with the model that it was made from. Only what the account of the
//! run says is refused or approximated may differ.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test is told of which targets, and says how much it compared"
)]

mod compare;
#[path = "../kit/examples.rs"]
mod examples;
mod meant;

use std::collections::{BTreeMap, BTreeSet};

use edgegen::compile::{Format, Rendered};
use edgegen::inverse::Reader;
use edgegen::parallel;
use edgegen::world::Disk;
use examples::{Case, chosen, compiled, store};
use serde_json::Value;

/// Works on every result of the examples; gives what `work` says of each.
fn over_all<R: Send>(work: impl Fn(&Case, &Rendered, &Reader, &[String]) -> R + Sync) -> Vec<R> {
    let store = store();
    let cases = chosen(&store);
    let leaves = store.vocabulary.leaves();
    let bound: Vec<String> = leaves
        .into_iter()
        .filter(|l| l.binds.is_some())
        .map(|l| l.path)
        .collect();
    let readers: BTreeMap<&str, Reader> = cases
        .iter()
        .map(|c| {
            (
                c.target.as_str(),
                Reader::new(&store, &c.target).expect("a target has rules"),
            )
        })
        .collect();
    let results = parallel::map(&cases, |case| {
        let output = compiled(&Disk, &store, case, "golden", Format::Kustomize);
        let rendered = output.rendered().filter(|_| !output.has_errors());
        let reader = &readers[case.target.as_str()];
        rendered
            .map(|r| work(case, r, reader, &bound))
            .collect::<Vec<R>>()
    });
    results.into_iter().flatten().collect()
}

/// Where the result and the model differ.
fn differences(r: &Rendered, objects: &[Value], reader: &Reader, bound: &[String]) -> Vec<String> {
    let edge = r.edge.as_ref().expect("a run with detail has its model");
    let mut out = compare::ways(edge, &r.account, objects, reader);
    out.extend(compare::settings(edge, &r.account, objects, reader, bound));
    out
}

#[test]
fn an_exposure_means_the_same_on_every_target() {
    let told = over_all(|case, r, reader, bound| {
        let faults = differences(r, &r.built, reader, bound);
        let name = |f: String| format!("{}: {f}", case.name);
        (
            reader.ways(&r.built).len(),
            faults.into_iter().map(name).collect::<Vec<_>>(),
        )
    });
    let ways: usize = told.iter().map(|(w, _)| w).sum();
    println!("{} results with {ways} ways", told.len());
    let faults: Vec<String> = told.into_iter().flat_map(|(_, f)| f).collect();
    assert!(
        faults.is_empty(),
        "\n{}\n{} in all",
        faults.join("\n"),
        faults.len()
    );
}

/// Objects with one fault each, and its name: another host, another Service or port, a path that is gone. Of `idle` objects, where the
/// paths lead does not matter.
fn planted(objects: &[Value], idle: &BTreeSet<String>) -> Vec<(String, Vec<Value>)> {
    fn spots(at: &Value, path: &str, out: &mut Vec<(String, Option<Value>)>) {
        match at {
            Value::Object(map) => {
                for (key, below) in map {
                    let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
                    let to = path.contains("/backendRefs/") || path.contains("/backend/service/");
                    match (key.as_str(), below) {
                        ("host", Value::String(_)) => {
                            out.push((path, Some("other.example.net".into())));
                        }
                        ("name", Value::String(s)) if to && s != "use-annotation" => {
                            out.push((path, Some(format!("{s}-other").into())));
                        }
                        ("port", Value::Number(_)) if to => out.push((path, Some(4321.into()))),
                        ("path" | "value", Value::String(s)) if s.starts_with('/') => {
                            out.push((path, Some(format!("/other{s}").into())));
                        }
                        _ => spots(below, &path, out),
                    }
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    let here = format!("{path}/{i}");
                    if path.ends_with("/paths") || path == "/spec/rules" {
                        out.push((here.clone(), None));
                    }
                    // The share of one alone says nothing.
                    if let (Some(share), true) = (item["weight"].as_i64(), items.len() > 1) {
                        out.push((format!("{here}/weight"), Some((share + 17).into())));
                    }
                    match item {
                        Value::String(_) if path == "/spec/hostnames" => {
                            out.push((here, Some("other.example.net".into())));
                        }
                        _ => spots(item, &here, out),
                    }
                }
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        if !matches!(object["kind"].as_str(), Some("Ingress" | "HTTPRoute")) {
            continue;
        }
        let mut found = Vec::new();
        spots(&object["spec"], "/spec", &mut found);
        let (kind, name) = (object["kind"].as_str(), object["metadata"]["name"].as_str());
        let id = format!("{}/{}", kind.unwrap_or_default(), name.unwrap_or_default());
        found.retain(|(path, _)| !path.contains("/backend/") || !idle.contains(&id));
        for (path, new) in found {
            let mut all = objects.to_vec();
            let (above, last) = path.rsplit_once('/').expect("a path has steps");
            if let Some(new) = new {
                *all[i].pointer_mut(&path).expect("it is there") = new;
            } else {
                let list = all[i].pointer_mut(above).and_then(Value::as_array_mut);
                list.expect("a list")
                    .remove(last.parse().expect("an index"));
            }
            out.push((format!("{id} {path}"), all));
        }
    }
    out
}

#[test]
fn a_planted_fault_is_a_difference() {
    let idle = |r: &Rendered, reader: &Reader| -> BTreeSet<String> {
        let ways = reader.ways(&r.built).into_iter();
        ways.filter(|w| w.secured).flat_map(|w| w.objects).collect()
    };
    // Of each target, the result that has the most to be wrong in.
    let mut chosen: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (target, count, name) in over_all(|case, r, _, _| {
        let count = planted(&r.built, &BTreeSet::new()).len();
        (case.target.clone(), count, case.name.clone())
    }) {
        let best = chosen.entry(target).or_default();
        *best = (count, name).max(best.clone());
    }
    let told = over_all(|case, r, reader, bound| {
        if chosen[&case.target].1 != case.name {
            return (0, Vec::new());
        }
        let faults = planted(&r.built, &idle(r, reader));
        let seen = |objects: &[Value]| !differences(r, objects, reader, bound).is_empty();
        let unseen = faults.iter().filter(|(_, objects)| !seen(objects));
        let unseen = unseen.map(|(name, _)| format!("{}: {name}", case.name));
        (faults.len(), unseen.collect::<Vec<_>>())
    });
    let count: usize = told.iter().map(|(c, _)| c).sum();
    println!("{count} faults planted");
    let unseen: Vec<String> = told.into_iter().flat_map(|(_, u)| u).collect();
    assert!(
        count > 0 && unseen.is_empty(),
        "\n{}\n{} of {count}",
        unseen.join("\n"),
        unseen.len()
    );
}
