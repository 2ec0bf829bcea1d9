//! What a function gives back: the list of items that it was sent, changed by the plan.
//!
//! Orchestrators write items back to users' files, so an item that the plan does not touch keeps its text and its comments.

use std::collections::BTreeMap;

use serde_json::Value;

use super::stream::{is_as_written, unwritable};
use crate::base::passes_by;
use crate::diag::{Diagnostic, Diagnostics};
use crate::plan::apply::{Body, Built};
use crate::source::Sources;
use crate::yaml::read::{Limits, read};
use crate::yaml::write::{Order, Unwritable, write};
use crate::yaml::{Doc, Kind, Node};

/// The name that the list has among the files of a result.
pub const LIST: &str = "resource-list.yaml";

const HEAD: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";

/// What becomes of an item.
enum Item<'d> {
    /// It stays, with its position in the list that was given.
    Same(usize, Node<'d>),
    /// It is written anew.
    New(Value),
}

/// The list with the objects of a result: in place of those that `given` had, new ones last. Without `given`, all of them.
pub fn resource_list(given: Option<&Doc>, built: &[Built<'_>]) -> Result<String, Box<Diagnostic>> {
    let mut items = Vec::new();
    let mut of: BTreeMap<usize, &Built<'_>> = BTreeMap::new();
    let mut rest = Vec::new();
    for object in built {
        match &object.body {
            Body::Untouched(base) | Body::Patched(base, _) if given.is_some() => {
                of.insert(base.item.unwrap_or_default(), object);
            }
            _ => rest.push(object),
        }
    }
    for (i, node) in nodes(given).enumerate() {
        match of.get(&i) {
            Some(object) if is_as_written(object) => items.push(Item::Same(i, node)),
            Some(object) => items.push(Item::New(object.value())),
            None if passes_by(node, true) => items.push(Item::Same(i, node)),
            None => {}
        }
    }
    items.extend(rest.iter().map(|o| Item::New(o.value())));
    text(given, &items).map_err(|why| {
        // Items that stay were read, so what cannot be written is an object of the result.
        let place = why.path.split('.').next().and_then(|i| i.parse().ok());
        let id = match items.get(place.unwrap_or(usize::MAX)) {
            Some(Item::New(value)) => built.iter().find(|o| o.value() == *value),
            _ => None,
        };
        let object = id.or(built.first());
        let path = why.path.split_once('.').map_or("", |(_, p)| p);
        object.map_or_else(
            || Box::new(Diagnostic::error(super::UNWRITABLE, why.to_string())),
            |o| unwritable(o, path, why.reason.clone()),
        )
    })
}

/// The list as it was given, for a run that found an error: items are as they were.
pub fn unchanged(given: &Doc) -> String {
    let items: Vec<Item<'_>> = nodes(Some(given))
        .enumerate()
        .map(|(i, n)| Item::Same(i, n))
        .collect();
    text(Some(given), &items).unwrap_or_else(|_| HEAD.to_owned())
}

fn nodes(given: Option<&Doc>) -> impl Iterator<Item = Node<'_>> {
    let items = given.and_then(|d| d.root().get("items"));
    items.into_iter().flat_map(Node::items)
}

fn text(given: Option<&Doc>, items: &[Item<'_>]) -> Result<String, Unwritable> {
    let values: Vec<Value> = items
        .iter()
        .map(|i| match i {
            Item::Same(_, node) => node.to_value(),
            Item::New(value) => value.clone(),
        })
        .collect();
    if let Some(doc) = given {
        let kept = kept(doc, items)?;
        // Anchors may reach from one item into another; such a text is not taken apart.
        if items_of(&kept).is_some_and(|found| found == values) {
            return Ok(kept);
        }
    }
    let mut out = HEAD.to_owned();
    out.push_str(if values.is_empty() {
        "items: []\n"
    } else {
        "items:\n"
    });
    for (i, value) in values.iter().enumerate() {
        entry(&mut out, i, value, 0)?;
    }
    Ok(out)
}

/// The list with the texts of items that stay.
fn kept(doc: &Doc, items: &[Item<'_>]) -> Result<String, Unwritable> {
    let texts = Texts::new(doc);
    let mut out = HEAD.to_owned();
    out.push_str(if items.is_empty() {
        "items: []\n"
    } else {
        "items:\n"
    });
    for (i, item) in items.iter().enumerate() {
        match item {
            Item::Same(at, node) => match texts.of(*at) {
                Some(text) => {
                    out.extend([&" ".repeat(texts.indent), "- ", text]);
                    if !out.ends_with('\n') {
                        out.push('\n');
                    }
                }
                None => entry(&mut out, i, &node.to_value(), texts.indent)?,
            },
            Item::New(value) => entry(&mut out, i, value, texts.indent)?,
        }
    }
    Ok(out)
}

/// Writes an entry of the list in canonical form.
fn entry(out: &mut String, i: usize, value: &Value, indent: usize) -> Result<(), Unwritable> {
    let written = write([value], Order::Canonical).map_err(|why| Unwritable {
        path: format!("{i}.{}", why.path),
        reason: why.reason,
    })?;
    for (n, line) in written.text.split_inclusive('\n').enumerate() {
        if line != "\n" {
            out.push_str(&" ".repeat(indent));
            out.push_str(if n == 0 { "- " } else { "  " });
        }
        out.push_str(line);
    }
    Ok(())
}

/// Where the texts of the items lie.
struct Texts<'d> {
    text: &'d str,
    /// First byte of each item, and of the line after it.
    ranges: Vec<Option<(usize, usize)>>,
    /// The column of the dashes.
    indent: usize,
}

impl<'d> Texts<'d> {
    fn new(doc: &'d Doc) -> Self {
        let text: &str = doc.text();
        let line = |at: usize| text[..at].rfind('\n').map_or(0, |i| i + 1);
        let starts: Vec<usize> = nodes(Some(doc)).map(|n| n.span().start as usize).collect();
        let list = doc.root().get("items").map(|n| n.span().start);
        let after = doc.root().entries().map(|(k, _)| k.span().start);
        let after = after.filter(|s| list.is_some_and(|l| *s > l)).min();
        let end = after.map_or(doc.span.end as usize, |s| line(s as usize));
        let columns: Vec<Option<usize>> = nodes(Some(doc))
            .zip(&starts)
            .map(|(node, at)| {
                let before = &text[line(*at)..*at];
                let dash = before.trim_start_matches(' ') == "- ";
                let block = matches!(node.kind(), Kind::Map) && !node.text().starts_with('{');
                (dash && block).then_some(before.len())
            })
            .collect();
        let column = columns.iter().flatten().next().copied().unwrap_or(2);
        let ranges = starts
            .iter()
            .zip(&columns)
            .enumerate()
            .map(|(i, (start, own))| {
                let next = starts.get(i + 1).map_or(end, |s| line(*s));
                (*own == Some(column) && next >= *start).then_some((*start, next))
            })
            .collect();
        Self {
            text,
            ranges,
            indent: column - 2,
        }
    }

    fn of(&self, item: usize) -> Option<&'d str> {
        let (start, end) = (*self.ranges.get(item)?)?;
        self.text.get(start..end)
    }
}

/// The items that a text of this module holds.
fn items_of(text: &str) -> Option<Vec<Value>> {
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let source = sources.add(LIST, text);
    let docs = read(&sources, source, &Limits::default(), &mut diags);
    let [doc] = docs.as_slice() else { return None };
    (!diags.has_errors()).then(|| nodes(Some(doc)).map(Node::to_value).collect())
}
