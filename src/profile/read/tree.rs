//! Reading trees: YAML with expressions at the leaves.
//!
//! The special forms, `$each`, `$when`, `$let` and `$json`, are all that a tree has beyond YAML.

use serde_json::Value;

use super::super::messages;
use super::super::rule::{Key, Tree};
use super::rules::{expr, named};
use super::{Fields, Pass};
use crate::model::name::Name;
use crate::yaml::{Kind, Node};

pub(super) fn tree(node: Node<'_>, pass: &mut Pass<'_>) -> Tree {
    match node.kind() {
        Kind::Str(s) if s.starts_with('=') => {
            expr(node, pass).map_or(Tree::Literal(Value::Null), Tree::Expr)
        }
        Kind::List => Tree::List(node.items().map(|n| tree(n, pass)).collect()),
        Kind::Map => special(node, pass).unwrap_or_else(|| {
            let fields = node.entries().filter_map(|(k, v)| {
                let key = match k.as_str().unwrap_or_default() {
                    s if s.starts_with('=') => Key::Expr(expr(k, pass)?),
                    s => Key::Plain(Name::kept(s)),
                };
                Some((key, tree(v, pass)))
            });
            Tree::Map(fields.collect())
        }),
        _ => Tree::Literal(node.to_value()),
    }
}

/// `$each: {name: list}, $do: tree`, `$when: condition, $then: tree, $else: tree`, `$let: {name: expression}` beside either or with
/// `$do` alone, and `$json: tree`.
fn special(node: Node<'_>, pass: &mut Pass<'_>) -> Option<Tree> {
    if ["$each", "$when", "$let", "$json"]
        .iter()
        .all(|word| node.get(word).is_none())
    {
        return None;
    }
    let mut f = Fields::new(node);
    if let Some(body) = f.get("$json") {
        f.finish(pass.diags);
        return Some(Tree::Json(Box::new(tree(body, pass))));
    }
    let each = named(f.get("$each"), pass);
    let names = named(f.get("$let"), pass);
    let when = f.get("$when").and_then(|n| expr(n, pass));
    let body = f.get("$do").or_else(|| f.node.get("$then"));
    f.known.push("$then");
    let otherwise = f.get("$else").map(|n| Box::new(tree(n, pass)));
    let Some(body) = body else {
        pass.diags.push(messages::lacks(node, "$do"));
        return Some(Tree::Literal(Value::Null));
    };
    let mut body = tree(body, pass);
    f.finish(pass.diags);
    // Several names nest, the first is outermost; the condition sees them all, those of `$let` too.
    let mut when = when;
    if each.is_empty() || !names.is_empty() {
        if let Some(cond) = when.take() {
            body = Tree::When {
                cond,
                then: Box::new(body),
                otherwise,
            };
        }
        if !names.is_empty() {
            body = Tree::Let {
                names,
                body: Box::new(body),
            };
        }
    }
    let nest = |body, (name, over)| Tree::Each {
        name,
        over,
        when: when.take(),
        body: Box::new(body),
    };
    Some(each.into_iter().rev().fold(body, nest))
}
