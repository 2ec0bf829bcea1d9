//! Every result gives back what it was made from, and the same exposure says the same on every target.
//!
//! The account of a result says what was emitted; a value that no object gives back is one that a reader of the cluster cannot see.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test reads its cases, rewrites them when told to, and says how many ran"
)]

#[path = "kit/examples.rs"]
mod examples;
#[path = "kit/mod.rs"]
mod kit;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use edgegen::compile::Format;
use edgegen::diag::Diagnostics;
use edgegen::inverse::{Given, Reader, check};
use edgegen::lower::account::Outcome;
use edgegen::parallel;
use edgegen::profile::store::Store;
use edgegen::source::Sources;
use edgegen::world::{Disk, Memory};
use edgegen::yaml::read::{Limits, read};
use examples::{Case, chosen, compiled, store};
use serde_json::Value;

fn readers(store: &Store, cases: &[Case]) -> BTreeMap<String, Reader> {
    let targets: BTreeSet<&str> = cases.iter().map(|c| c.target.as_str()).collect();
    let reader = |t: &str| Reader::new(store, t).expect("a target has rules");
    targets
        .into_iter()
        .map(|t| (t.to_owned(), reader(t)))
        .collect()
}

#[test]
fn overlays_of_examples_give_back_what_they_emit() {
    let store = store();
    let cases = chosen(&store);
    let readers = readers(&store, &cases);
    let lost = parallel::map(&cases, |case| {
        let output = compiled(&Disk, &store, case, "golden", Format::Kustomize);
        let mut lost = Vec::new();
        for group in output.groups.iter().filter(|_| !output.has_errors()) {
            for rendered in &group.rendered {
                for l in check::lost(&store, &readers[&case.target], rendered, &group.sources) {
                    lost.push(format!("{}: {l:?}", case.name));
                }
            }
        }
        lost
    });
    let lost: Vec<String> = lost.into_iter().flatten().collect();
    println!("{} overlays", cases.len());
    assert!(
        lost.is_empty(),
        "\n{}\n{} in all",
        lost.join("\n"),
        lost.len()
    );
}

/// Fields of which one value holds for a whole exposure.
const MEANT: &[&str] = &[
    "scope",
    "tls.redirectHTTP",
    "tls.redirectStatus",
    "tls.minVersion",
    "tls.hsts.maxAge",
    "rateLimit.requests",
    "rateLimit.per",
    "ipFamily",
    "networkPolicy",
    "cdn.mode",
    "dns.ttl",
    "accessLogs.enabled",
    "accessLogs.sampling",
    "attributes.deletionProtection",
    "clientIP.preserve",
    "clientIP.proxyProtocol",
    "authentication.unauthenticated",
    "readinessGates",
    "backendTarget",
];

#[test]
fn an_exposure_says_the_same_on_every_target() {
    let store = store();
    let cases = chosen(&store);
    let readers = readers(&store, &cases);
    let faults = parallel::map(&cases, |case| {
        let output = compiled(&Disk, &store, case, "golden", Format::Kustomize);
        let mut out = Vec::new();
        for group in output.groups.iter().filter(|_| !output.has_errors()) {
            for rendered in &group.rendered {
                let given = readers[&case.target].read(&rendered.built);
                for field in MEANT {
                    let of = |o: &[Outcome]| -> Vec<Value> {
                        let entries = rendered.account.iter().filter(|e| *e.field == **field);
                        let entries = entries.filter(|e| o.contains(&e.outcome));
                        entries
                            .filter_map(|e| check::stated(&store, e, &group.sources))
                            .collect()
                    };
                    let said = of(&[Outcome::Emitted, Outcome::AlreadySo]);
                    // Of what the target cannot say exactly, the account tells.
                    if said.is_empty() || !of(&[Outcome::Approximated, Outcome::Refused]).is_empty()
                    {
                        continue;
                    }
                    for g in given.iter().filter(|g| g.field == *field && g.sure) {
                        if !said.iter().any(|v| check::equal(v, &g.value)) {
                            out.push(format!("{}: {g:?} and not {said:?}", case.name));
                        }
                    }
                }
            }
        }
        out
    });
    let faults: Vec<String> = faults.into_iter().flatten().collect();
    assert!(
        faults.is_empty(),
        "\n{}\n{} in all",
        faults.join("\n"),
        faults.len()
    );
}

/// The leaf of an object at a path.
fn leaf<'o>(objects: &'o mut [Value], given: &Given) -> Option<&'o mut Value> {
    let is_it = |o: &Value| {
        let name = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        given.object == format!("{}/{}", name(&o["kind"]), name(&o["metadata"]["name"]))
    };
    let mut at = objects.iter_mut().find(|o| is_it(o))?;
    for step in &given.path {
        at = match at {
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?)?,
            other => other.get_mut(step)?,
        };
    }
    Some(at)
}

#[test]
fn another_value_is_read_as_another() {
    let store = store();
    let mut first: BTreeMap<String, Case> = BTreeMap::new();
    for case in chosen(&store) {
        first.entry(case.target.clone()).or_insert(case);
    }
    let cases: Vec<Case> = first.into_values().collect();
    let readers = readers(&store, &cases);
    let results = parallel::map(&cases, |case| {
        let output = compiled(&Disk, &store, case, "golden", Format::Kustomize);
        let reader = &readers[&case.target];
        let (mut count, mut present, mut unmoved) = (0, 0, Vec::new());
        for rendered in output.rendered() {
            for given in reader.read(&rendered.built).iter().filter(|g| g.sure) {
                let mut objects = rendered.built.clone();
                let Some(at) = leaf(&mut objects, given) else {
                    continue;
                };
                match at {
                    Value::String(s) => *s = "\u{0}another".to_owned(),
                    Value::Number(_) => *at = Value::from(-7),
                    Value::Bool(b) => *b = !*b,
                    _ => continue,
                }
                count += 1;
                if !reader.read(&objects).contains(given) {
                    continue;
                }
                // What follows from a value that is there, whichever it is.
                present += 1;
                if let Some(at) = leaf(&mut objects, given) {
                    *at = Value::Null;
                }
                if reader.read(&objects).contains(given) {
                    unmoved.push(format!("{}: {given:?}", case.name));
                }
            }
        }
        (count, present, unmoved)
    });
    let count: usize = results.iter().map(|(c, ..)| c).sum();
    let present: usize = results.iter().map(|(_, p, _)| p).sum();
    let unmoved: Vec<String> = results.into_iter().flat_map(|(.., u)| u).collect();
    println!("{count} values changed");
    assert!(count > cases.len(), "nothing was changed");
    assert!(
        present * 20 < count,
        "{present} of {count} values do not matter"
    );
    assert!(
        unmoved.is_empty(),
        "\n{}\n{} in all",
        unmoved.join("\n"),
        unmoved.len()
    );
}

const HEAD: &str = "id: demo\ntitle: An invented controller\ncarrier: Ingress\ncontroller: demo\n";

/// What the objects of a case give back, a line for each value.
fn verbs(rules: &str, objects: &str) -> String {
    let world = Memory::new([
        ("/profiles/demo/profile.yaml", HEAD),
        ("/profiles/demo/rules/all.yaml", rules),
    ]);
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let store = Store::with_folder(&world, Path::new("/profiles"), &mut sources, &mut diags)
        .expect("the folder is there");
    let profile = store.profile("demo", &mut sources, &mut diags);
    let source = sources.add("objects", objects);
    let docs = read(&sources, source, &Limits::default(), &mut diags);
    assert!(diags.is_empty() && profile.is_some(), "{diags:?}");
    let objects: Vec<Value> = docs.iter().map(|d| d.root().to_value()).collect();
    let reader = Reader::new(&store, "demo").expect("it is there");
    let mut out = String::new();
    for g in reader.read(&objects) {
        let (of, sure) = (
            g.service.map_or(String::new(), |s| format!(" of {s}")),
            if g.sure { "" } else { " ?" },
        );
        let _ = writeln!(
            out,
            "{}{of} = {}{sure}  <-  {} {}",
            g.field,
            g.value,
            g.object,
            g.path.join(".")
        );
    }
    for way in reader.ways(&objects) {
        let words: Vec<String> = way.words.iter().map(|(k, v)| format!("{k} {v}")).collect();
        let kept = if way.secured { " (to HTTPS)" } else { "" };
        let _ = writeln!(
            out,
            "way {:?} {} {:?}: {}{kept}",
            way.host,
            way.kind,
            way.path,
            words.join(", ")
        );
    }
    out
}

#[test]
fn verbs_are_read_backwards() {
    let path = "tests/inverse/verbs.md";
    let text = std::fs::read_to_string(kit::root().join(path)).expect("a text");
    let (mut wanted, mut rest) = (String::new(), text.as_str());
    let mut count = 0;
    while let Some(at) = rest.find("```result\n") {
        let (case, behind) = rest.split_at(at + "```result\n".len());
        let block = |name: &str| {
            let from = case.rfind(&format!("```{name}\n"));
            let body = from.map(|f| &case[f + name.len() + 4..]);
            body.and_then(|b| b.split("```\n").next()).expect("a block")
        };
        wanted.push_str(case);
        wanted.push_str(&verbs(block("rules"), block("objects")));
        rest = &behind[behind.find("```").expect("an end")..];
        count += 1;
    }
    wanted.push_str(rest);
    assert!(count > 5, "cases are read");
    let mut faults = Vec::new();
    kit::accept(path, Some(&wanted), &mut faults);
    kit::report(&faults);
}
