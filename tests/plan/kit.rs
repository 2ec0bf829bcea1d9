//! Bases and plans in a few words.
//!
//! Tests state objects as YAML and edits as one line each.

use std::collections::BTreeMap;
use std::sync::Arc;

use edgegen::base::Manifest;
use edgegen::diag::Diagnostics;
use edgegen::model::name::Name;
use edgegen::model::object::{BaseObject, ObjectId};
use edgegen::plan::index::BaseIndex;
use edgegen::plan::patch::{Patches, patches};
use edgegen::plan::prove::prove;
use edgegen::plan::{Action, Edit, ObjectPlan, Origin, Path, Plan};
use edgegen::source::Sources;
use edgegen::yaml::read::{Limits, read};
use edgegen::yaml::{Doc, Node};
use serde_json::Value;

/// A base without transformations.
pub struct Base {
    pub sources: Sources,
    pub objects: Vec<BaseObject>,
    pub manifests: Vec<Manifest>,
}

pub fn base(text: &str) -> Base {
    let mut sources = Sources::default();
    let id = sources.add("base.yaml", text);
    let mut diags = Diagnostics::default();
    let docs = read(&sources, id, &Limits::default(), &mut diags);
    assert!(!diags.has_errors(), "{diags:?}\n{text}");
    let docs: Vec<Arc<Doc>> = docs.into_iter().map(Arc::new).collect();
    let objects = docs
        .iter()
        .map(|doc| {
            let id = id_of(doc.root());
            BaseObject {
                written: id.clone(),
                id,
                doc: Arc::clone(doc),
                item: None,
                transformed: None,
            }
        })
        .collect();
    let manifests = docs
        .into_iter()
        .map(|doc| Manifest { doc, objects: 1 })
        .collect();
    Base {
        sources,
        objects,
        manifests,
    }
}

fn id_of(node: Node<'_>) -> ObjectId {
    let text = |path: &[&str]| node.at(path).and_then(Node::as_str).map(str::to_owned);
    ObjectId {
        api_version: text(&["apiVersion"]).unwrap(),
        kind: text(&["kind"]).unwrap(),
        namespace: text(&["metadata", "namespace"]),
        name: text(&["metadata", "name"]).unwrap(),
    }
}

/// `v1/Service/web`, `apps/v1/Deployment/shop/web`: API version, kind, namespace where there is one, name.
pub fn id(text: &str) -> ObjectId {
    let parts: Vec<&str> = text.split('/').collect();
    let at = parts
        .iter()
        .position(|p| p.starts_with(char::is_uppercase))
        .unwrap();
    let (namespace, name) = match &parts[at + 1..] {
        [name] => (None, *name),
        [namespace, name] => (Some((*namespace).to_owned()), *name),
        _ => panic!("{text}"),
    };
    ObjectId {
        api_version: parts[..at].join("/"),
        kind: parts[at].to_owned(),
        namespace,
        name: name.to_owned(),
    }
}

pub fn origin() -> Origin {
    Origin {
        rule: "sky/idle".into(),
        fields: vec!["timeouts.idle".into()],
        span: None,
    }
}

/// Steps separated by blanks, so that keys may hold dots and slashes.
pub fn path(text: &str) -> Path {
    text.split(' ').map(Name::read).collect()
}

pub fn set(at: &str, value: Value) -> Edit {
    Edit {
        path: path(at),
        action: Action::Set(value),
        origin: origin(),
    }
}

pub fn remove(at: &str) -> Edit {
    Edit {
        path: path(at),
        action: Action::Remove,
        origin: origin(),
    }
}

pub fn plan<const N: usize>(objects: [(&str, ObjectPlan); N]) -> Plan {
    Plan {
        objects: objects
            .into_iter()
            .map(|(name, object)| (id(name), object))
            .collect::<BTreeMap<_, _>>(),
    }
}

/// The patches of a plan that must be free of findings, proven.
pub fn planned(plan: &Plan, base: &Base) -> Patches {
    let index = BaseIndex::new(&base.objects);
    let mut diags = Diagnostics::default();
    let out = patches(plan, &index, &mut diags).unwrap();
    assert!(diags.is_empty(), "{diags:?}");
    prove(plan, &index, &out).unwrap();
    out
}

/// The findings on a plan: code, headline.
pub fn findings(plan: &Plan, base: &Base) -> Vec<String> {
    let mut diags = Diagnostics::default();
    patches(plan, &BaseIndex::new(&base.objects), &mut diags).unwrap();
    diags
        .iter()
        .map(|d| format!("{} {}", d.code, d.headline))
        .collect()
}
