//! Random objects and edits, judged by the proof and by an independent implementation of both kinds of patch.
//!
//! Keys and values come from small sets, so that edits often meet what is there.

use edgegen::diag::Diagnostics;
use edgegen::model::name::Name;
use edgegen::plan::apply::{apply, edited};
use edgegen::plan::index::BaseIndex;
use edgegen::plan::patch::{Verb, patches};
use edgegen::plan::prove::prove;
use edgegen::plan::{Action, Edit, ObjectPlan, Plan};
use edgegen::yaml::write::to_yaml;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::kit::{base, id, origin};

const KEYS: [&str; 14] = [
    "a", "b", "c", "name", "host", "path", "hostname", "x.y/z", "on", "k~1", "port", "key", "y",
    "1",
];
const TEXTS: [&str; 12] = [
    "",
    "a",
    "b",
    "/",
    "yes",
    "1",
    "0x1f",
    "one\ntwo\n",
    "x\n\n",
    " blank ",
    "~",
    "\u{e9}: #",
];

pub fn key() -> impl Strategy<Value = String> {
    prop::sample::select(&KEYS[..]).prop_map(str::to_owned)
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => prop::sample::select(&TEXTS[..]).prop_map(Value::from),
        4 => (0_i64..4).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(json!(1.5)),
        1 => Just(Value::Null),
    ]
}

pub fn tree() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            2 => prop::collection::vec((key(), inner.clone()), 0..5).prop_map(|e| Value::Object(e.into_iter().collect())),
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::Array),
        ]
    })
}

/// A map of fields; each value is a tree.
pub fn fields() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((key(), tree()), 0..7).prop_map(|e| e.into_iter().collect())
}

/// What random edits are made from: paths below `spec` with new trees, and seeds for changes of lists that the object has.
pub type Wishes = (Vec<(Vec<String>, Option<Value>)>, Vec<u32>);

pub fn wishes() -> impl Strategy<Value = Wishes> {
    let edit = (
        prop::collection::vec(key(), 1..4),
        prop::option::weighted(0.7, tree()),
    );
    (
        prop::collection::vec(edit, 0..6),
        prop::collection::vec(any::<u32>(), 0..5),
    )
}

/// Edits in the form that a plan has: sorted, no path a prefix of another.
pub fn edits(object: &Value, (paths, seeds): Wishes) -> Vec<Edit> {
    let mut all: Vec<(Vec<String>, Option<Value>)> = Vec::new();
    let mut lists = Vec::new();
    collect_lists(&object["spec"], &mut vec!["spec".to_owned()], &mut lists);
    for seed in seeds {
        if let Some((path, list)) = lists.get(seed as usize % lists.len().max(1)) {
            let mut list = list.clone();
            mutate(&mut list, seed / 7);
            mutate(&mut list, seed / 1009);
            all.push((path.clone(), Some(Value::Array(list))));
        }
    }
    all.extend(
        paths
            .into_iter()
            .map(|(tail, value)| ([vec!["spec".to_owned()], tail].concat(), value)),
    );
    let mut kept: Vec<(Vec<String>, Option<Value>)> = Vec::new();
    for (path, value) in all {
        if !kept
            .iter()
            .any(|(other, _)| path.starts_with(other) || other.starts_with(&path))
        {
            kept.push((path, value));
        }
    }
    kept.sort_by(|a, b| a.0.cmp(&b.0));
    kept.into_iter()
        .map(|(path, value)| Edit {
            path: path.into_iter().map(Name::from).collect(),
            action: value.map_or(Action::Remove, Action::Set),
            origin: origin(),
        })
        .collect()
}

fn collect_lists(value: &Value, path: &mut Vec<String>, out: &mut Vec<(Vec<String>, Vec<Value>)>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                path.push(key.clone());
                collect_lists(inner, path, out);
                path.pop();
            }
        }
        Value::Array(items) => out.push((path.clone(), items.clone())),
        _ => {}
    }
}

fn mutate(list: &mut Vec<Value>, seed: u32) {
    let (how, at, spice) = (
        seed % 8,
        seed as usize / 8,
        json!(TEXTS[seed as usize / 64 % TEXTS.len()]),
    );
    if list.is_empty() {
        list.push(spice);
        return;
    }
    let len = list.len();
    let i = at % len;
    match (how, &mut list[i]) {
        (0, _) => list.push(json!({ "name": spice })),
        (1, _) => {
            list.remove(i);
        }
        (2, _) => list.swap(i, len - 1),
        (3, _) => list.insert(i, spice),
        (4 | 5, Value::Object(map)) => {
            map.insert(KEYS[at % KEYS.len()].to_owned(), spice);
        }
        (6, Value::Object(map)) => {
            if let Some(key) = map.keys().nth(at % map.len().max(1)).cloned() {
                map.shift_remove(&key);
            }
        }
        (_, Value::Object(map)) => {
            for inner in map.values_mut() {
                if let Value::Array(items) = inner {
                    mutate(items, seed / 8);
                }
            }
        }
        (_, Value::Array(items)) => mutate(items, seed / 8),
        (_, other) => *other = spice,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, ..ProptestConfig::default() })]

    #[test]
    fn patches_lead_to_the_plan_and_touch_nothing_else(spec in fields(), wishes in wishes()) {
        let object = json!({ "apiVersion": "example.dev/v1", "kind": "Gizmo", "metadata": { "name": "g" }, "spec": spec });
        let base = base(&to_yaml(&object).unwrap());
        let edits = edits(&object, wishes);
        let wanted = edited(object.clone(), &edits);
        let plan = Plan { objects: [(id("example.dev/v1/Gizmo/g"), ObjectPlan::Patch(edits))].into() };
        let index = BaseIndex::new(&base.objects);
        let mut diags = Diagnostics::default();
        let out = patches(&plan, &index, &mut diags).unwrap();
        prop_assert!(diags.is_empty());
        prop_assert_eq!(prove(&plan, &index, &out), Ok(()));
        prop_assert_eq!(&apply(&plan, &index)[0].value(), &wanted);

        let mut judged = object;
        for patch in &out.merges {
            json_patch::merge(&mut judged, &patch.document());
        }
        for op in out.json.iter().flat_map(|p| &p.ops) {
            // Kustomize lets a test for null pass where nothing is; the standard does not.
            if op.verb == Verb::Test && op.value.is_null() {
                continue;
            }
            let operation: json_patch::Patch = serde_json::from_value(json!([op.document()])).unwrap();
            json_patch::patch(&mut judged, &operation).map_err(|e| TestCaseError::fail(format!("{e} {op:?}")))?;
        }
        prop_assert_eq!(judged, wanted);

        // What is planned a second time, on its own result, changes nothing.
        let ObjectPlan::Patch(edits) = &plan.objects[&id("example.dev/v1/Gizmo/g")] else { unreachable!() };
        let once = edited(base.objects[0].value(), edits);
        prop_assert_eq!(&edited(once.clone(), edits), &once);
    }
}
