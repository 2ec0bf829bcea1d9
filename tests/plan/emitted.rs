//! The texts: overlay, stream, trace.
//!
//! They are compared as a whole, because every byte of them is something that users diff.

use edgegen::emit::kustomize::{OverlayInput, overlay};
use edgegen::emit::stream::stream;
use edgegen::emit::trace::trace;
use edgegen::plan::ObjectPlan::{Create, Omit, Patch};
use edgegen::plan::Plan;
use edgegen::plan::apply::apply;
use edgegen::plan::index::BaseIndex;
use serde_json::json;

use super::kit::{Base, base, findings, id, origin, plan, planned, remove, set};

const TEXT: &str = "# the shop
apiVersion: v1
kind: Service   # stays
metadata: {name: s}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: {old: '1'}}
spec: {rules: [{host: a.dev}], ingressClassName: local}
---
{apiVersion: example.dev/v1, kind: Gizmo, metadata: {name: g}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {a: on}";

fn example() -> (Plan, Base) {
    let mut lines = set("data text", json!("one\ntwo\n\n"));
    lines.origin.fields.clear();
    let plan = plan([
        (
            "networking.k8s.io/v1/Ingress/web",
            Patch(vec![
                set("metadata annotations sky.dev/idle", json!("60")),
                remove("metadata annotations old"),
                set("spec ingressClassName", json!("local")),
                set("spec rules", json!([{ "host": "a.org" }])),
            ]),
        ),
        ("example.dev/v1/Gizmo/g", Omit(origin())),
        ("v1/ConfigMap/c", Patch(vec![lines])),
        (
            "v1/Service/new",
            Create(vec![
                set("apiVersion", json!("v1")),
                set("kind", json!("Service")),
                set("metadata annotations on", json!("yes")),
                set("metadata name", json!("new")),
            ]),
        ),
    ]);
    (plan, base(TEXT))
}

#[test]
fn the_overlay() {
    let (plan, base) = example();
    let index = BaseIndex::new(&base.objects);
    let patches = planned(&plan, &base);
    let input = OverlayInput {
        exposure: "shop",
        target: "sky",
        base_path: "../../base",
        patches: &patches,
        plan: &plan,
        base: &index,
    };
    let files = overlay(&input).unwrap();
    assert_eq!(
        files["kustomization.yaml"],
        "# Written by edgegen from exposure shop for sky; edit the exposure, not this file.
# edgegen:owns kustomization.yaml
# edgegen:owns resources.yaml
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- \"../../base\"
- resources.yaml
patches:
- patch: |
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: c
    data:
      text: |+
        one
        two

    # end
- patch: |
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: web
      annotations:
        old: null
        sky.dev/idle: \"60\"
- patch: |
    - op: test
      path: /spec/rules/0/host
      value: a.dev
    - op: replace
      path: /spec/rules/0/host
      value: a.org
  target:
    group: networking.k8s.io
    version: v1
    kind: Ingress
    name: web
- patch: |
    apiVersion: example.dev/v1
    kind: Gizmo
    metadata:
      name: g
    \"$patch\": delete
"
    );
    assert_eq!(
        files["resources.yaml"],
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: new\n  annotations:\n    \"on\": \"yes\"\n"
    );
}

#[test]
fn an_overlay_without_changes() {
    let base = base(TEXT);
    let (plan, index) = (Plan::default(), BaseIndex::new(&base.objects));
    let patches = planned(&plan, &base);
    let input = OverlayInput {
        exposure: "shop",
        target: "sky",
        base_path: "../base",
        patches: &patches,
        plan: &plan,
        base: &index,
    };
    let files = overlay(&input).unwrap();
    assert_eq!(files.len(), 1);
    assert!(files["kustomization.yaml"].ends_with("resources:\n- \"../base\"\n"));
}

#[test]
fn a_value_that_cannot_be_written_is_blamed_on_its_edit() {
    let base = base(TEXT);
    let index = BaseIndex::new(&base.objects);
    let plan = plan([(
        "v1/ConfigMap/c",
        Patch(vec![set("data a", json!("x\u{7f}"))]),
    )]);
    let patches = planned(&plan, &base);
    let input = OverlayInput {
        exposure: "shop",
        target: "sky",
        base_path: "../base",
        patches: &patches,
        plan: &plan,
        base: &index,
    };
    let found = overlay(&input).unwrap_err();
    assert_eq!(
        found.headline,
        "`data.a` of `ConfigMap/c` cannot be written into an overlay"
    );
    assert_eq!(found.code.0, "EG3303");
    assert_eq!(findings(&plan, &base), [""; 0]);
}

#[test]
fn the_stream_keeps_the_text_of_what_it_does_not_touch() {
    let (plan, base) = example();
    let index = BaseIndex::new(&base.objects);
    assert_eq!(
        stream(&base.manifests, &apply(&plan, &index), &base.sources).unwrap(),
        "# the shop
apiVersion: v1
kind: Service   # stays
metadata: {name: s}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    sky.dev/idle: \"60\"
spec:
  ingressClassName: local
  rules:
  - host: a.org
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: \"on\"
  text: |+
    one
    two

---
apiVersion: v1
kind: Service
metadata:
  name: new
  annotations:
    \"on\": \"yes\"
"
    );
    assert_eq!(
        stream(
            &base.manifests,
            &apply(&Plan::default(), &index),
            &base.sources
        )
        .unwrap(),
        format!("{TEXT}\n")
    );
}

#[test]
fn the_trace() {
    let (mut plan, base) = example();
    plan.objects
        .insert(id("v1/ConfigMap/other/c"), Omit(origin()));
    let index = BaseIndex::new(&base.objects);
    assert_eq!(
        trace(&plan, &index),
        "ConfigMap/c data.text  <-  -  (sky/idle)
ConfigMap/other/c left out  <-  timeouts.idle  (sky/idle)
Gizmo/g left out  <-  timeouts.idle  (sky/idle)
Ingress/web metadata.annotations[sky.dev/idle]  <-  timeouts.idle  (sky/idle)
Ingress/web metadata.annotations.old  <-  timeouts.idle  (sky/idle)  removed
Ingress/web spec.ingressClassName  <-  timeouts.idle  (sky/idle)  already so
Ingress/web spec.rules  <-  timeouts.idle  (sky/idle)
Service/new apiVersion  <-  timeouts.idle  (sky/idle)
Service/new kind  <-  timeouts.idle  (sky/idle)
Service/new metadata.annotations.on  <-  timeouts.idle  (sky/idle)
Service/new metadata.name  <-  timeouts.idle  (sky/idle)
"
    );
}
