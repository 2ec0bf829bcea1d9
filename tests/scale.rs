//! One exposure with many paths: four times the paths may take a little more than four times the work, not sixteen times.
//!
//! A rule that looks at all paths for each path is not seen in small examples. Processor time is compared within one run, never with a clock.

use edgegen::compile::{Request, compile_with};
use edgegen::diag::Diagnostics;
use edgegen::profile::store::Store;
use edgegen::select::Wanted;
use edgegen::source::Sources;
use edgegen::world::Memory;
use rustix::time::{ClockId, clock_gettime};

/// What the processor has done for this thread, in microseconds.
fn worked() -> i64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}

/// An exposure for an Ingress with so many paths, exact and prefixes, over a few services; `more` are lines of its spec.
fn world(paths: usize, more: &str) -> Memory {
    const SERVICES: usize = 4;
    let mut app = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web, namespace: web }\nspec:\n  rules:\n    - host: web.example.com\n      http:\n        paths:\n".to_owned();
    for i in 0..paths {
        let (kind, service) = (["Prefix", "Exact"][i % 2], i % SERVICES);
        app.push_str(&format!("          - {{ path: /p{i}, pathType: {kind}, backend: {{ service: {{ name: web{service}, port: {{ number: 80 }} }} }} }}\n"));
    }
    for i in 0..SERVICES {
        app.push_str(&format!("---\napiVersion: v1\nkind: Service\nmetadata: {{ name: web{i}, namespace: web }}\nspec: {{ selector: {{ app: web{i} }}, ports: [ {{ port: 80, targetPort: 8080 }} ] }}\n"));
    }
    let exposure = format!(
        "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: {{ name: web, namespace: web }}\nspec:\n  base: base\n  scope: Public\n  \
         hostnames: [ {{ name: www.example.org, inBase: web.example.com }} ]\n{more}"
    );
    Memory::new([
        ("exposure.yaml", exposure.as_str()),
        ("base/app.yaml", app.as_str()),
        ("base/kustomization.yaml", "resources: [ app.yaml ]\n"),
    ])
}

fn work(store: &Store, target: &str, world: &Memory) -> i64 {
    let request = Request {
        inputs: vec!["exposure.yaml".into()],
        wanted: Wanted {
            targets: vec![target.to_owned()],
            ..Wanted::default()
        },
        out: "overlays".into(),
        ..Request::default()
    };
    let start = worked();
    let output = compile_with(world, store, &Sources::default(), &request);
    let done = worked() - start;
    assert!(!output.groups.is_empty());
    done
}

#[test]
fn work_grows_with_the_number_of_paths() {
    const FEW: usize = 1000;
    let store = Store::embedded(&mut Sources::default(), &mut Diagnostics::default());
    let backends = "  backends: [ { affinity: { type: Cookie }, healthCheck: { path: /healthz }, timeouts: { idle: 60s } } ]\n";
    let mut faults = Vec::new();
    let (few, many) = (world(FEW, backends), world(4 * FEW, backends));
    // Without paths to speak of: the reading of profiles, which both sizes have in common.
    let none = world(1, backends);
    for target in store.targets() {
        // The lesser of two: what else happens on the machine only adds.
        let least = |w| (0..2).map(|_| work(&store, target, w)).min().unwrap_or(0);
        let [none, few, many] = [&none, &few, &many].map(least);
        let (few, many) = ((few - none).max(1), (many - none).max(1));
        // Sixteen where each path looks at all others; sorting and the caches of a processor take a little.
        if many > 8 * few {
            faults.push(format!(
                "{target}: {few} us for {FEW} paths, {many} us for four times as many"
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
