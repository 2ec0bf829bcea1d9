//! Reading trees: YAML with expressions at the leaves.
//!
//! The two special forms, `$each` and `$when`, are all that a tree has beyond YAML.

use serde_json::Value;

use super::super::messages;
use super::super::rule::{Key, Tree};
use super::Fields;
use super::rules::{expr, named};
use crate::diag::Diagnostics;
use crate::model::name::Name;
use crate::yaml::{Kind, Node};

pub(super) fn tree(node: Node<'_>, diags: &mut Diagnostics) -> Tree {
    match node.kind() {
        Kind::Str(s) if s.starts_with('=') => {
            expr(node, diags).map_or(Tree::Literal(Value::Null), Tree::Expr)
        }
        Kind::List => Tree::List(node.items().map(|n| tree(n, diags)).collect()),
        Kind::Map => special(node, diags).unwrap_or_else(|| {
            let fields = node.entries().filter_map(|(k, v)| {
                let key = match k.as_str().unwrap_or_default() {
                    s if s.starts_with('=') => Key::Expr(expr(k, diags)?),
                    s => Key::Plain(Name::kept(s)),
                };
                Some((key, tree(v, diags)))
            });
            Tree::Map(fields.collect())
        }),
        _ => Tree::Literal(node.to_value()),
    }
}

/// `$each: {name: list}, $do: tree` and `$when: condition, $then: tree, $else: tree`.
fn special(node: Node<'_>, diags: &mut Diagnostics) -> Option<Tree> {
    if node.get("$each").is_none() && node.get("$when").is_none() {
        return None;
    }
    let mut f = Fields::new(node);
    let each = named(f.get("$each"), diags);
    let when = f.get("$when").and_then(|n| expr(n, diags));
    let body = f.get("$do").or_else(|| f.node.get("$then"));
    f.known.push("$then");
    let otherwise = f.get("$else").map(|n| Box::new(tree(n, diags)));
    let Some(body) = body else {
        diags.push(messages::lacks(node, "$do"));
        return Some(Tree::Literal(Value::Null));
    };
    let body = Box::new(tree(body, diags));
    f.finish(diags);
    if each.is_empty() {
        return Some(match when {
            Some(cond) => Tree::When {
                cond,
                then: body,
                otherwise,
            },
            None => Tree::Literal(Value::Null),
        });
    }
    // Several names nest, the first is outermost; the condition sees them all.
    let mut when = when;
    let nest = |body, (name, over)| Tree::Each {
        name,
        over,
        when: when.take(),
        body: Box::new(body),
    };
    Some(each.into_iter().rev().fold(*body, nest))
}
