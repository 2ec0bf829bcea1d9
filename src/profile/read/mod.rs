//! From the YAML of a profile to compiled rules: every fault of the profile at once, at its line.
//!
//! The same reader serves the embedded profiles and folders given by `--profiles`.

use serde_json::Value;

use super::head::Head;
use super::messages;
use crate::diag::Diagnostics;
use crate::vocab::Bindings;
use crate::yaml::{Kind, Node};

mod head;
mod keys;
mod rules;
mod tree;

pub use head::{head, names, readings, refusals};
pub use keys::keys;
pub use rules::rules;

/// Bindings of all heads, merged: what an environment may hold.
pub fn bindings<'h>(heads: impl IntoIterator<Item = &'h Head>) -> Bindings {
    let mut out = Bindings::new();
    for head in heads {
        for (key, members) in &head.bindings {
            let all = out.entry(key.clone()).or_default();
            for m in members {
                if !all.iter().any(|a| a.name == m.name) {
                    all.push(m.clone());
                }
            }
        }
    }
    out
}

/// When the expressions of a profile are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compile {
    /// When they are read, so that every fault is found.
    Now,
    /// When one is first evaluated: most of a profile's rules have nothing to do in a run. For profiles whose faults were looked for
    /// before.
    WhenUsed,
}

/// One pass over a profile's files.
#[derive(Debug)]
pub struct Pass<'d> {
    /// What is found.
    pub diags: &'d mut Diagnostics,
    /// When expressions are compiled.
    pub compile: Compile,
}

/// A map of a profile whose keys are taken one by one; what is left over is reported.
struct Fields<'d> {
    node: Node<'d>,
    known: Vec<&'static str>,
}

impl<'d> Fields<'d> {
    fn new(node: Node<'d>) -> Self {
        Self {
            node,
            known: Vec::new(),
        }
    }

    fn get(&mut self, key: &'static str) -> Option<Node<'d>> {
        self.known.push(key);
        self.node.get(key)
    }

    fn text(&mut self, key: &'static str) -> Option<String> {
        self.get(key).and_then(scalar_text)
    }

    fn need(&mut self, key: &'static str, diags: &mut Diagnostics) -> String {
        let text = self.text(key);
        if text.is_none() {
            diags.push(messages::lacks(self.node, key));
        }
        text.unwrap_or_default()
    }

    fn texts(&mut self, key: &'static str) -> Vec<String> {
        self.get(key).map(texts).unwrap_or_default()
    }

    fn value(&mut self, key: &'static str) -> Value {
        self.get(key).map_or(Value::Null, Node::to_value)
    }

    fn finish(self, diags: &mut Diagnostics) {
        for (key, _) in self.node.entries() {
            if !self.known.contains(&key.as_str().unwrap_or_default()) {
                diags.push(messages::unknown_key(key, &self.known));
            }
        }
    }
}

fn scalar_text(node: Node<'_>) -> Option<String> {
    match node.kind() {
        Kind::Str(s) => Some(s.trim().to_owned()),
        Kind::Null | Kind::List | Kind::Map => None,
        _ => Some(node.text().to_owned()),
    }
}

fn texts(node: Node<'_>) -> Vec<String> {
    match node.kind() {
        Kind::List => node.items().filter_map(scalar_text).collect(),
        _ => scalar_text(node).into_iter().collect(),
    }
}
