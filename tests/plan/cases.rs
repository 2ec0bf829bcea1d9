//! Each form that a patch can take.
//!
//! The expected operations are what a reviewer of an overlay reads, so they are written out.

use edgegen::plan::Edit;
use edgegen::plan::ObjectPlan::Patch;
use edgegen::plan::patch::Op;
use serde_json::{Value, json};

use super::kit::{base, plan, planned, remove, set};

pub const ROUTED: &str = "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop, annotations: {old: '1', keep: x}}
spec:
  ingressClassName: local
  rules:
  - host: a.dev
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}
  - host: b.dev
";
pub const WEB: &str = "networking.k8s.io/v1/Ingress/shop/web";

/// Body of the merge, operations as `verb path value`.
fn check(text: &str, object: &str, edits: Vec<Edit>, merge: &Value, ops: &[&str]) {
    let out = planned(&plan([(object, Patch(edits))]), &base(text));
    assert_eq!(
        Value::Object(
            out.merges
                .first()
                .map(|m| m.body.clone())
                .unwrap_or_default()
        ),
        *merge
    );
    let shown: Vec<String> = out.json.iter().flat_map(|p| &p.ops).map(show).collect();
    assert_eq!(shown, ops);
}

fn show(op: &Op) -> String {
    let document = op.document();
    let value = document
        .get("value")
        .map(|v| format!(" {v}"))
        .unwrap_or_default();
    format!(
        "{} {}{value}",
        document["op"].as_str().unwrap(),
        op.pointer()
    )
}

#[test]
fn maps_are_merged_by_name() {
    check(
        ROUTED,
        WEB,
        vec![
            set("metadata annotations a.b/c", json!("60")),
            remove("metadata annotations gone"),
            remove("metadata annotations old"),
            set("spec defaultBackend", json!({ "resource": {} })),
            set("spec ingressClassName", json!("local")),
        ],
        &json!({ "metadata": { "annotations": { "old": null, "a.b/c": "60" } }, "spec": { "defaultBackend": { "resource": {} } } }),
        &[],
    );
}

#[test]
fn the_last_annotation_is_removed_by_its_key() {
    let text = "{apiVersion: v1, kind: Service, metadata: {name: s, annotations: {old: '1'}}}";
    let edits = vec![remove("metadata annotations old")];
    check(
        text,
        "v1/Service/s",
        edits,
        &json!({ "metadata": { "annotations": { "old": null } } }),
        &[],
    );
}

#[test]
fn nothing_to_change_gives_no_patch() {
    let out = planned(
        &plan([(
            WEB,
            Patch(vec![
                remove("metadata labels x"),
                set("spec ingressClassName", json!("local")),
            ]),
        )]),
        &base(ROUTED),
    );
    assert_eq!(out, edgegen::plan::patch::Patches::default());
}

pub fn rules(change: impl Fn(&mut Vec<Value>)) -> Vec<Edit> {
    let mut rules = base(ROUTED).objects[0].value()["spec"]["rules"]
        .as_array()
        .unwrap()
        .clone();
    change(&mut rules);
    vec![set("spec rules", Value::Array(rules))]
}

#[test]
fn a_field_of_an_element_is_tested_and_replaced() {
    let edits = rules(|r| {
        r[0]["http"]["paths"][0]["backend"]["service"]["port"] = json!({ "number": 8080 });
    });
    check(
        ROUTED,
        WEB,
        edits,
        &json!({}),
        &[
            r#"test /spec/rules/0/host "a.dev""#,
            r#"test /spec/rules/0/http/paths/0/path "/""#,
            "test /spec/rules/0/http/paths/0/backend/service/port/number 80",
            "replace /spec/rules/0/http/paths/0/backend/service/port/number 8080",
        ],
    );
}

#[test]
fn a_renamed_element_is_tested_once() {
    let edits = rules(|r| {
        r[0]["host"] = json!("a.org");
        r[1]["host"] = json!("b.org");
        r[1]["x~y/z"] = json!(1);
    });
    check(
        ROUTED,
        WEB,
        edits,
        &json!({}),
        &[
            r#"test /spec/rules/0/host "a.dev""#,
            r#"replace /spec/rules/0/host "a.org""#,
            r#"test /spec/rules/1/host "b.dev""#,
            r#"replace /spec/rules/1/host "b.org""#,
            "test /spec/rules/1/x~0y~1z null",
            "add /spec/rules/1/x~0y~1z 1",
        ],
    );
}

#[test]
fn elements_are_added_at_the_end_and_removed_under_a_test() {
    check(
        ROUTED,
        WEB,
        rules(|r| {
            r.remove(0);
            r.push(json!({ "host": "c.dev" }));
        }),
        &json!({}),
        &[
            r#"test /spec/rules/0/host "a.dev""#,
            "remove /spec/rules/0",
            r#"add /spec/rules/- {"host":"c.dev"}"#,
        ],
    );
}

#[test]
fn a_reordered_list_is_replaced_under_a_test_of_the_whole() {
    let out = planned(
        &plan([(WEB, Patch(rules(|r| r.swap(0, 1))))]),
        &base(ROUTED),
    );
    let verbs: Vec<_> = out.json[0]
        .ops
        .iter()
        .map(|op| (op.document()["op"].clone(), op.pointer()))
        .collect();
    assert_eq!(
        verbs,
        [
            (json!("test"), "/spec/rules".to_owned()),
            (json!("replace"), "/spec/rules".to_owned())
        ]
    );
}

pub const GIZMO: &str = "
apiVersion: example.dev/v1
kind: Gizmo
metadata: {name: g}
spec: {scalar: 5, list: [1, 2], empty: [], nothing: null, map: {k: {v: 1}}, rules: [{when: x, do: 1}], holes: [{a: null, b: 2}, null]}
";
pub const G: &str = "example.dev/v1/Gizmo/g";

#[test]
fn other_kinds_of_value_replace_under_a_test() {
    check(
        GIZMO,
        G,
        vec![
            set("spec empty", json!([1])),
            set("spec list", json!([1, 3])),
            set("spec map k", json!({})),
            set("spec nothing", json!({ "a": 1 })),
            set("spec scalar x", json!(1)),
        ],
        &json!({ "spec": { "map": { "k": { "v": null } }, "nothing": { "a": 1 } } }),
        &[
            "test /spec/scalar 5",
            r#"replace /spec/scalar {"x":1}"#,
            "test /spec/list/1 2",
            "replace /spec/list/1 3",
            "test /spec/empty []",
            "replace /spec/empty [1]",
        ],
    );
}

#[test]
fn an_element_without_a_name_is_tested_as_a_whole() {
    check(
        GIZMO,
        G,
        vec![set(
            "spec rules",
            json!([{ "when": "x", "do": 2, "more": true }]),
        )],
        &json!({}),
        &[
            r#"test /spec/rules/0 {"when":"x","do":1}"#,
            "replace /spec/rules/0/do 2",
            "add /spec/rules/0/more true",
        ],
    );
}

#[test]
fn a_value_with_a_null_is_tested_in_parts() {
    check(
        GIZMO,
        G,
        vec![set("spec holes", json!(1))],
        &json!({}),
        &[
            "test /spec/holes/0/a null",
            "test /spec/holes/0/b 2",
            "test /spec/holes/1 null",
            "replace /spec/holes 1",
        ],
    );
}

#[test]
fn a_new_list_is_merged_unless_the_merge_would_lose_elements() {
    let service = "{apiVersion: v1, kind: Service, metadata: {name: s}}";
    check(
        service,
        "v1/Service/s",
        vec![set(
            "spec ports",
            json!([{ "port": 80, "name": "a" }, { "port": 81, "name": "b" }]),
        )],
        &json!({ "spec": { "ports": [{ "port": 80, "name": "a" }, { "port": 81, "name": "b" }] } }),
        &[],
    );
    check(
        service,
        "v1/Service/s",
        vec![set(
            "spec ports",
            json!([{ "port": 80, "name": "a" }, { "port": 80, "name": "b" }]),
        )],
        &json!({ "spec": {} }),
        &[
            "test /spec/ports null",
            r#"add /spec/ports [{"port":80,"name":"a"},{"port":80,"name":"b"}]"#,
        ],
    );
}

#[test]
fn targets_match_one_object_only() {
    let text = "
{apiVersion: v1, kind: Service, metadata: {name: a.b}, spec: {l: [1]}}
---
{apiVersion: v1, kind: Service, metadata: {name: a.b, namespace: other}}
---
{apiVersion: v1, kind: Node, metadata: {name: n}, spec: {l: [1]}}
";
    let edits = || Patch(vec![set("spec l", json!([2]))]);
    let out = planned(
        &plan([("v1/Service/a.b", edits()), ("v1/Node/n", edits())]),
        &base(text),
    );
    let targets: Vec<_> = out
        .json
        .iter()
        .map(|p| (p.target.name.as_str(), p.target.namespace.as_deref()))
        .collect();
    assert_eq!(targets, [("n", None), (r"a\.b", Some("default"))]);
    assert_eq!(
        out.merges.len(),
        2,
        "a JSON 6902 patch alone is skipped when its object is gone"
    );
}
