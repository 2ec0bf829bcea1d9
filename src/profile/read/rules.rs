//! Reading rules: the files of `rules/`.
//!
//! Everything that can be compiled is compiled here, once, or when it is first evaluated.

use std::sync::Arc;

use super::super::expr::{Expr, Text};
use super::super::messages;
use super::super::rule::{Body, Effect, Example, Finding, FindingKind, Limit, Tree};
use super::tree::tree;
use super::{Compile, Fields, Pass, scalar_text};
use crate::model::name::Name;
use crate::yaml::{Kind, Node};

/// Reads one file of `rules/`.
pub fn rules(node: Node<'_>, pass: &mut Pass<'_>) -> Vec<Arc<Body>> {
    if node.kind() != Kind::List {
        pass.diags.push(messages::not_a_list(node));
        return Vec::new();
    }
    node.items().map(|n| Arc::new(rule(n, pass))).collect()
}

fn rule(node: Node<'_>, pass: &mut Pass<'_>) -> Body {
    let mut f = Fields::new(node);
    let mut findings = Vec::new();
    for (key, kind) in [
        ("reject", FindingKind::Reject),
        ("refuse", FindingKind::Refuse),
        ("approximate", FindingKind::Approximate),
        ("warn", FindingKind::Warn),
        ("note", FindingKind::Note),
    ] {
        if let Some(list) = f.get(key) {
            findings.extend(list.items().filter_map(|n| finding(n, kind, pass)));
        }
    }
    let mut effects = Vec::new();
    for (kind, body) in f.get("patch").into_iter().flat_map(Node::entries) {
        effects.push(Effect::Patch(name_of(kind), tree(body, pass)));
    }
    for (kind, body) in f.get("append").into_iter().flat_map(Node::entries) {
        effects.push(Effect::Append(name_of(kind), tree(body, pass)));
    }
    effects.extend(
        f.get("ensure")
            .into_iter()
            .flat_map(Node::items)
            .map(|n| Effect::Ensure(tree(n, pass))),
    );
    effects.extend(
        f.get("create")
            .into_iter()
            .flat_map(Node::items)
            .map(|n| Effect::Create(tree(n, pass))),
    );
    for (kind, name) in f.get("omit").into_iter().flat_map(Node::entries) {
        if let Some(e) = expr(name, pass) {
            effects.push(Effect::Omit(name_of(kind), e));
        }
    }
    for (kind, paths) in f.get("remove").into_iter().flat_map(Node::entries) {
        let paths = paths
            .items()
            .map(|p| {
                p.items()
                    .filter_map(scalar_text)
                    .map(|s| Name::kept(&s))
                    .collect()
            })
            .collect();
        effects.push(Effect::Remove(name_of(kind), paths));
    }
    let out = Body {
        id: f.need("id", pass.diags),
        doc: f.need("doc", pass.diags),
        see: f.texts("see"),
        fields: f.texts("fields"),
        each: named(f.get("each"), pass),
        when: f.get("when").and_then(|n| expr(n, pass)),
        lets: named(f.get("let"), pass),
        otherwise: f.text("otherwise"),
        limits: f
            .get("limits")
            .into_iter()
            .flat_map(Node::items)
            .map(|n| limit(n, pass))
            .collect(),
        findings,
        effects,
        reads: f
            .get("reads")
            .into_iter()
            .flat_map(Node::entries)
            .flat_map(|(kind, body)| readings(name_of(kind), body, pass))
            .collect(),
        unread: f
            .get("unread")
            .into_iter()
            .flat_map(Node::entries)
            .map(|(field, why)| (name_of(field), scalar_text(why).unwrap_or_default()))
            .collect(),
        examples: f
            .get("examples")
            .into_iter()
            .flat_map(Node::items)
            .map(|n| example(n, pass))
            .collect(),
        span: node.get("id").unwrap_or(node).span(),
    };
    f.finish(pass.diags);
    out
}

/// The trees that are read of a kind: one, or a list of them.
fn readings(kind: String, body: Node<'_>, pass: &mut Pass<'_>) -> Vec<(String, Tree)> {
    let trees: Vec<Node<'_>> = match body.kind() {
        Kind::List => body.items().collect(),
        _ => vec![body],
    };
    trees
        .into_iter()
        .map(|n| (kind.clone(), tree(n, pass)))
        .collect()
}

fn name_of(key: Node<'_>) -> String {
    key.as_str().unwrap_or_default().to_owned()
}

pub(super) fn named(node: Option<Node<'_>>, pass: &mut Pass<'_>) -> Vec<(Name, Expr)> {
    node.into_iter()
        .flat_map(Node::entries)
        .filter_map(|(k, v)| Some((Name::kept(k.as_str().unwrap_or_default()), expr(v, pass)?)))
        .collect()
}

/// An expression; a leading `=` is allowed everywhere and needed only in trees.
pub(super) fn expr(node: Node<'_>, pass: &mut Pass<'_>) -> Option<Expr> {
    let text = scalar_text(node).unwrap_or_default();
    let source = text.strip_prefix('=').unwrap_or(&text).trim();
    if pass.compile == Compile::WhenUsed {
        return Some(Expr::later(source, Some(node.span())));
    }
    match Expr::compile(source, Some(node.span())) {
        Ok(e) => Some(e),
        Err(e) => {
            pass.diags.push(messages::bad_expression(node, source, &e));
            None
        }
    }
}

fn text(node: Node<'_>, pass: &mut Pass<'_>) -> Option<Text> {
    let source = scalar_text(node)?;
    if pass.compile == Compile::WhenUsed {
        return Some(Text::later(&source, Some(node.span())));
    }
    match Text::compile(&source, Some(node.span())) {
        Ok(t) => Some(t),
        Err(e) => {
            pass.diags.push(messages::bad_expression(node, &source, &e));
            None
        }
    }
}

fn finding(node: Node<'_>, kind: FindingKind, pass: &mut Pass<'_>) -> Option<Finding> {
    let mut f = Fields::new(node);
    let when = f
        .get("if")
        .map_or_else(|| Expr::compile("true", None).ok(), |n| expr(n, pass));
    let message = f.get("message").and_then(|n| text(n, pass));
    let out = Finding {
        kind,
        when: when?,
        at: f.text("at"),
        note: f.get("note").and_then(|n| text(n, pass)),
        help: f.get("help").and_then(|n| text(n, pass)),
        message: if let Some(m) = message {
            m
        } else {
            pass.diags.push(messages::lacks(node, "message"));
            return None;
        },
    };
    f.finish(pass.diags);
    Some(out)
}

fn limit(node: Node<'_>, pass: &mut Pass<'_>) -> Limit {
    let mut f = Fields::new(node);
    let out = Limit {
        field: f.need("field", pass.diags),
        min: f.get("min").map(Node::to_value),
        max: f.get("max").map(Node::to_value),
        step: f.get("step").map(Node::to_value),
        max_length: f
            .get("maxLength")
            .and_then(Node::as_int)
            .and_then(|i| usize::try_from(i).ok()),
    };
    f.finish(pass.diags);
    out
}

fn example(node: Node<'_>, pass: &mut Pass<'_>) -> Example {
    let mut f = Fields::new(node);
    let out = Example {
        name: f.need("name", pass.diags),
        exposure: f.value("exposure"),
        environment: f.value("environment"),
        base: f.text("base").map(|t| t + "\n").unwrap_or_default(),
        expect: f.value("expect"),
        finds: f.text("finds"),
        when: f.get("when").and_then(|n| expr(n, pass)).map(Arc::new),
        span: node.span(),
    };
    f.finish(pass.diags);
    out
}
