//! Random objects of kinds that kustomize has a schema for, and plans that touch them.
//!
//! Merges treat their lists in ways of their own, so random trees alone would prove little.

use edgegen::plan::ObjectPlan::{Omit, Patch};
use edgegen::plan::Plan;
use edgegen::yaml::write::write_documents;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use super::kit::{id, origin, remove, set};
use super::kustomize::created;
use super::random::{edits, fields, wishes};

fn pick(values: Vec<Value>) -> impl Strategy<Value = Value> {
    prop::sample::select(values)
}

fn list(element: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec(element, 0..4).prop_map(Value::Array)
}

/// An object of a kind that kustomize has a schema for: where lists may stand, and their elements.
fn typed(kind: usize) -> (&'static str, Vec<(&'static str, BoxedStrategy<Value>)>) {
    let words = || list(pick(vec![json!("a"), json!("b"), json!("10.0.0.0/8")]));
    let ports = || {
        let port = (80..83_i64, prop::option::of(0..2_usize), any::<bool>()).prop_map(
            |(port, name, udp)| {
                let mut out = json!({ "port": port, "protocol": if udp { "UDP" } else { "TCP" } });
                if let Some(name) = name {
                    out["name"] = json!(["http", "admin"][name]);
                }
                out
            },
        );
        list(port)
    };
    let env = || {
        list((0..2_usize, 0..3_i32).prop_map(
            |(name, value)| json!({ "name": (["A", "B"][name]), "value": value.to_string() }),
        ))
    };
    let containers = (0..3_usize, env(), words())
        .prop_map(|(name, env, args)| json!({ "name": (["a", "b", "c"][name]), "image": "i", "env": env, "args": args }));
    let volumes = pick(vec![
        json!({ "name": "v", "emptyDir": {} }),
        json!({ "name": "w", "secret": { "secretName": "s" } }),
    ]);
    let tolerations = pick(vec![
        json!({ "key": "a" }),
        json!({ "key": "b", "operator": "Exists" }),
    ]);
    let paths = || {
        list(pick(["/", "/x"].map(|p| json!({ "path": p, "backend": { "service": { "name": "none", "port": { "number": 80 } } } })).to_vec()))
    };
    let rules = (0..3_usize, paths()).prop_map(
        |(host, paths)| json!({ "host": (["a", "b", "c"][host]), "http": { "paths": paths } }),
    );
    let tls = (words(), 0..2_i32)
        .prop_map(|(hosts, n)| json!({ "hosts": hosts, "secretName": n.to_string() }));
    match kind {
        0 => (
            "v1/Service",
            vec![
                ("spec ports", ports().boxed()),
                ("spec loadBalancerSourceRanges", words().boxed()),
                ("metadata finalizers", words().boxed()),
            ],
        ),
        1 => (
            "apps/v1/Deployment",
            vec![
                ("spec template spec containers", list(containers).boxed()),
                ("spec template spec volumes", list(volumes).boxed()),
                ("spec template spec tolerations", list(tolerations).boxed()),
            ],
        ),
        _ => (
            "networking.k8s.io/v1/Ingress",
            vec![
                ("spec rules", list(rules).boxed()),
                ("spec tls", list(tls).boxed()),
            ],
        ),
    }
}

/// A base of five objects and a plan that touches each of them.
pub fn random_case(runner: &mut TestRunner) -> (String, Plan) {
    let mut draw = |strategy: BoxedStrategy<Value>| strategy.new_tree(runner).unwrap().current();
    let mut documents = Vec::new();
    let mut plan = Plan::default();
    for kind in 0..3 {
        let (head, fields) = typed(kind);
        let id = id(&format!("{head}/shop/o"));
        let mut object = json!({ "apiVersion": id.api_version, "kind": id.kind, "metadata": { "name": "o", "namespace": "shop" } });
        let mut edits = vec![
            remove("metadata annotations only"),
            set("metadata labels x", json!("y")),
        ];
        object["metadata"]["annotations"] = json!({ "only": "yes" });
        for (at, values) in fields {
            if draw(any::<bool>().prop_map(Value::from).boxed()) == json!(true) {
                let place = at.split(' ').fold(&mut object, |at, key| &mut at[key]);
                *place = draw(values.clone());
            }
            edits.push(match draw((0..4).prop_map(Value::from).boxed()) {
                Value::Number(n) if n.as_i64() == Some(0) => remove(at),
                _ => set(at, draw(values)),
            });
        }
        edits.sort_by(|a, b| a.path.cmp(&b.path));
        documents.push(object);
        plan.objects.insert(id, Patch(edits));
    }
    for name in ["g", "h.i"] {
        let spec: Map<String, Value> = fields().new_tree(runner).unwrap().current();
        let object = json!({ "apiVersion": "example.dev/v1", "kind": "Gizmo", "metadata": { "name": name }, "spec": spec });
        let wishes = wishes().new_tree(runner).unwrap().current();
        plan.objects.insert(
            id(&format!("example.dev/v1/Gizmo/{name}")),
            Patch(edits(&object, wishes)),
        );
        documents.push(object);
    }
    documents.push(json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "gone" } }));
    plan.objects.insert(id("v1/Secret/gone"), Omit(origin()));
    let spec = Value::Object(fields().new_tree(runner).unwrap().current());
    plan.objects.insert(
        id("example.dev/v1/Widget/w"),
        created("example.dev/v1", "Widget", "w", spec),
    );
    (write_documents(&documents).unwrap(), plan)
}
