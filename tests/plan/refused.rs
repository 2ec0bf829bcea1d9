//! Plans that are refused, and patches that the proof catches.
//!
//! A finding names the user's value; an internal error names the object and the field.

use edgegen::diag::Diagnostics;
use edgegen::plan::Edit;
use edgegen::plan::ObjectPlan::{Create, Omit, Patch};
use edgegen::plan::Plan;
use edgegen::plan::index::BaseIndex;
use edgegen::plan::patch::patches;
use edgegen::plan::prove::prove;
use serde_json::{Value, json};

use super::cases::{G, GIZMO, ROUTED, WEB, rules};
use super::kit::{base, findings, id, origin, plan, planned, remove, set};

fn new_service(name: &str) -> Vec<Edit> {
    vec![
        set("apiVersion", json!("v1")),
        set("kind", json!("Service")),
        set("metadata name", json!(name)),
    ]
}

#[test]
fn refused_values() {
    let try_value = |value: Value| {
        findings(
            &plan([(G, Patch(vec![set("spec x", value)]))]),
            &base(GIZMO),
        )
    };
    assert_eq!(
        try_value(json!([{ "a": "b ${C}" }])),
        ["EG3301 `spec.x` of `Gizmo/g` would hold `${`"]
    );
    assert_eq!(
        try_value(json!({ "": 1 })),
        ["EG3303 `spec.x` of `Gizmo/g` cannot be written into an overlay"]
    );
    assert_eq!(
        try_value(json!([{ "$patch": "delete" }])),
        ["EG3303 `spec.x` of `Gizmo/g` cannot be written into an overlay"]
    );
    assert_eq!(try_value(json!(9_007_199_254_740_993_i64)), [""; 0]);
    let large = plan([(
        G,
        Patch(vec![set(
            "spec list",
            json!([1, 9_007_199_254_740_993_i64]),
        )]),
    )]);
    assert_eq!(
        findings(&large, &base(GIZMO)),
        ["EG3303 `spec.list.1` of `Gizmo/g` cannot be written into an overlay"]
    );
}

#[test]
fn a_substitution_of_the_base_itself_stays() {
    let text = "{apiVersion: example.dev/v1, kind: Gizmo, metadata: {name: g}, spec: {hosts: ['${A}', b]}}";
    let plan = plan([(G, Patch(vec![set("spec hosts", json!(["${A}", "c"]))]))]);
    assert_eq!(findings(&plan, &base(text)), [""; 0]);
}

#[test]
fn names_that_stand_for_two_objects_are_refused() {
    let mut two = base(
        "{apiVersion: v1, kind: Service, metadata: {name: web}}\n---\n{apiVersion: v1, kind: Service, metadata: {name: a-web}}\n",
    );
    two.objects[0].id.name = "a-web".to_owned();
    two.objects[1].id.name = "a-a-web".to_owned();
    let patch = plan([("v1/Service/a-web", Patch(vec![set("spec x", json!(1))]))]);
    let wanted = ["EG3302 the name `Service/a-web` stands for two objects of the base"];
    assert_eq!(findings(&patch, &two), wanted);
    assert_eq!(
        findings(&plan([("v1/Service/a-web", Omit(origin()))]), &two),
        wanted
    );
    assert_eq!(
        findings(&plan([("v1/Service/a-a-web", Omit(origin()))]), &two),
        [""; 0]
    );
    let taken = findings(
        &plan([("v1/Service/a-a-web", Create(new_service("a-a-web")))]),
        &two,
    );
    assert_eq!(taken.len(), 1);
    assert!(taken[0].starts_with("EG3304 "), "{taken:?}");
    assert_eq!(
        findings(
            &plan([("v1/Service/web", Create(new_service("web")))]),
            &two
        ),
        [""; 0]
    );
}

#[test]
fn objects_in_which_a_merge_loses_elements_are_refused() {
    let with = |spec: &str| {
        let text = format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: d}}, spec: {spec}}}"
        );
        findings(
            &plan([("apps/v1/Deployment/d", Patch(vec![set("spec x", json!(1))]))]),
            &base(&text),
        )
    };
    assert_eq!(
        with("{containers: [{name: a, env: [{name: A}, {name: A}]}]}"),
        ["EG3305 `spec.containers.0.env` of `Deployment/d` has two elements of one key"]
    );
    assert_eq!(
        with("{tolerations: [{key: a}, {key: a}], ports: [{port: 53}, {port: 53, protocol: UDP}]}"),
        [""; 0]
    );
}

/// A compilation says EG9901 with these words.
#[test]
fn plans_that_no_lowering_may_make_are_internal_errors() {
    let base = base(GIZMO);
    let index = BaseIndex::new(&base.objects);
    let wrong = |plan: &Plan| {
        patches(plan, &index, &mut Diagnostics::default())
            .unwrap_err()
            .to_string()
    };
    for (plan, words) in [
        (plan([("v1/Service/x", Patch(vec![]))]), "not in the base"),
        (plan([("v1/Service/x", Omit(origin()))]), "not in the base"),
        (
            plan([(G, Patch(vec![set("metadata name", json!("h"))]))]),
            "Gizmo/g metadata.name: ",
        ),
        (plan([(G, Patch(vec![remove("kind")]))]), "names the object"),
        (
            plan([(G, Patch(vec![set("metadata annotations n", json!(5))]))]),
            "text only",
        ),
        (
            plan([("v1/Service/x", Create(new_service("y")))]),
            "identity",
        ),
    ] {
        let message = wrong(&plan);
        assert!(
            message.starts_with("internal error in edgegen "),
            "{message}"
        );
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn the_proof_fails_when_patches_do_more_or_less_than_the_plan() {
    let base = base(ROUTED);
    let index = BaseIndex::new(&base.objects);
    let plan = plan([(
        WEB,
        Patch(
            [
                rules(|r| r[0]["host"] = json!("x")),
                vec![set("metadata annotations n", json!("1"))],
            ]
            .concat(),
        ),
    )]);
    let good = planned(&plan, &base);
    let broken = |change: &dyn Fn(&mut edgegen::plan::patch::Patches)| {
        let mut patches = good.clone();
        change(&mut patches);
        prove(&plan, &index, &patches).unwrap_err().to_string()
    };
    assert!(broken(&|p| p.json[0].ops.truncate(1)).contains("shop/web spec.rules: "));
    assert!(broken(&|p| p.json[0].ops[0].value = json!("other")).contains("a test fails"));
    assert!(broken(&|p| p.json.clear()).contains("do not lead"));
    assert!(broken(&|p| p.merges.clear()).contains("skipped in silence"));
    assert!(broken(&|p| p.deletes.push(id(WEB))).contains("form"));
    assert!(broken(&|p| p.deletes.push(id("v1/Service/x"))).contains("without a plan"));
    assert!(
        broken(&|p| p.merges[0].body = json!({ "spec": { "rules": [] } })
            .as_object()
            .unwrap()
            .clone())
        .contains("over a list")
    );
    assert!(broken(&|p| p.merges.push(p.merges[0].clone())).contains("two patches"));
    let extra = json!({ "metadata": { "annotations": { "n": "1", "keep": null } } });
    assert!(
        broken(&|p| p.merges[0].body = extra.as_object().unwrap().clone())
            .contains("metadata.annotations.keep")
    );
}
