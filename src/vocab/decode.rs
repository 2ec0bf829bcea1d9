//! Documents against the vocabulary: every mistake at once, every leaf with its place.
//!
//! Decoding by hand from the spanned tree is what makes "all errors at once" true; a derive stops at the first.

use std::hash::BuildHasherDefault;
use std::sync::Arc;

use serde_json::Value;

use super::messages;
use super::{Bindings, Field, Shape, Type, Vocabulary};
use crate::diag::Diagnostics;
use crate::model::duration::Duration;
use crate::model::name::{Name, Named};
use crate::model::val::{Data, Val};
use crate::source::Span;
use crate::yaml::{Kind, Node};

/// Decodes `node` by `shape`. Absent fields are null, absent lists empty, absent maps maps of nulls; wrong values are reported and left null.
pub fn decode(
    vocab: &Vocabulary,
    shape: &Shape,
    node: Option<Node<'_>>,
    parent: Span,
    diags: &mut Diagnostics,
) -> Arc<Val> {
    decode_bound(vocab, &vocab.bindings, shape, node, parent, diags)
}

/// The same with the bindings of one target: an environment is for one, and two targets may limit a member of one name in different ways.
pub fn decode_bound(
    vocab: &Vocabulary,
    bindings: &Bindings,
    shape: &Shape,
    node: Option<Node<'_>>,
    parent: Span,
    diags: &mut Diagnostics,
) -> Arc<Val> {
    Decoder {
        vocab,
        bindings,
        optional: false,
    }
    .value(shape, node, parent, "spec", diags)
}

/// Decodes an Exposure's `spec` in which nothing is required: defaults of an environment, cases of a profile.
pub fn decode_partial(
    vocab: &Vocabulary,
    shape: &Shape,
    node: Option<Node<'_>>,
    parent: Span,
    diags: &mut Diagnostics,
) -> Arc<Val> {
    Decoder {
        vocab,
        bindings: &vocab.bindings,
        optional: true,
    }
    .value(shape, node, parent, "spec", diags)
}

struct Decoder<'v> {
    vocab: &'v Vocabulary,
    bindings: &'v Bindings,
    optional: bool,
}

impl Decoder<'_> {
    fn value(
        &self,
        shape: &Shape,
        node: Option<Node<'_>>,
        parent: Span,
        path: &str,
        diags: &mut Diagnostics,
    ) -> Arc<Val> {
        let node = node.filter(|n| !n.is_null());
        match &shape.ty {
            Type::Map(fields) => self.map(fields, node, parent, path, diags),
            Type::Exposure => {
                let Type::Map(fields) = &self.vocab.exposure.ty else {
                    return Val::null();
                };
                Decoder {
                    vocab: self.vocab,
                    bindings: self.bindings,
                    optional: true,
                }
                .map(fields, node, parent, path, diags)
            }
            Type::List(of) => {
                let Some(node) = node else {
                    return Val::list([]);
                };
                if node.kind() != Kind::List {
                    diags.push(messages::wrong_type(path, "a list", node));
                    return Val::list([]);
                }
                let items = node
                    .items()
                    .map(|n| self.value(of, Some(n), n.span(), path, diags))
                    .collect();
                Val::at(Data::List(items), Some(node.span()))
            }
            Type::MapOf(of) => Self::free_map(node, path, diags, |n, path, diags| {
                self.value(of, Some(n), n.span(), path, diags)
            }),
            Type::Bindings(key) => {
                let none = Vec::new();
                let members = self.bindings.get(key).unwrap_or(&none);
                Self::free_map(node, path, diags, |n, path, diags| {
                    self.map(members, Some(n), n.span(), path, diags)
                })
            }
            _ => node.map_or_else(Val::null, |n| scalar(shape, n, path, diags)),
        }
    }

    fn free_map(
        node: Option<Node<'_>>,
        path: &str,
        diags: &mut Diagnostics,
        mut each: impl FnMut(Node<'_>, &str, &mut Diagnostics) -> Arc<Val>,
    ) -> Arc<Val> {
        let Some(node) = node else {
            return Val::map::<Name>([]);
        };
        if node.kind() != Kind::Map {
            diags.push(messages::wrong_type(path, "a map", node));
            return Val::map::<Name>([]);
        }
        let mut out = Named::default();
        for (k, v) in node.entries() {
            let key = k.as_str().unwrap_or_default();
            out.insert(Name::read(key), each(v, &format!("{path}.{key}"), diags));
        }
        Val::at(Data::Map(out), Some(node.span()))
    }

    fn map(
        &self,
        fields: &[Field],
        node: Option<Node<'_>>,
        parent: Span,
        path: &str,
        diags: &mut Diagnostics,
    ) -> Arc<Val> {
        if let Some(node) = node
            && node.kind() != Kind::Map
        {
            diags.push(messages::wrong_type(path, "a map", node));
        }
        let map_node = node.filter(|n| n.kind() == Kind::Map);
        if let Some(node) = map_node {
            for (key, _) in node.entries() {
                let name = key.as_str().unwrap_or_default();
                if !fields.iter().any(|f| f.name == name) {
                    diags.push(messages::unknown_field(path, key, fields));
                }
            }
        }
        let mut out = Named::with_capacity_and_hasher(fields.len(), BuildHasherDefault::default());
        for f in fields {
            let value = map_node.and_then(|n| n.get(&f.name));
            if value.is_none_or(Node::is_null)
                && f.required
                && !self.optional
                && (map_node.is_some() || path == "spec")
            {
                diags.push(messages::missing_field(
                    path,
                    f,
                    map_node.map_or(parent, Node::span),
                ));
            }
            let below = format!("{path}.{}", f.name);
            out.insert(
                Name::read(&f.name),
                self.value(&f.shape, value, parent, &below, diags),
            );
        }
        Val::at(Data::Map(out), map_node.map(Node::span))
    }
}

fn scalar(shape: &Shape, node: Node<'_>, path: &str, diags: &mut Diagnostics) -> Arc<Val> {
    let span = Some(node.span());
    let fail = |d, diags: &mut Diagnostics| {
        diags.push(d);
        Val::at(Data::Null, span)
    };
    let text = node.as_str();
    match &shape.ty {
        Type::Bool => match node.as_bool() {
            Some(b) => Val::at(Data::Bool(b), span),
            None => fail(messages::wrong_type(path, "`true` or `false`", node), diags),
        },
        Type::Int(min, max) => match node.as_int() {
            None => fail(messages::wrong_type(path, "an integer", node), diags),
            Some(i) if min.is_some_and(|m| i < m) || max.is_some_and(|m| i > m) => fail(
                messages::out_of_bounds(
                    path,
                    node,
                    min.map(|m| m.to_string()),
                    max.map(|m| m.to_string()),
                ),
                diags,
            ),
            Some(i) => Val::at(Data::Int(i), span),
        },
        Type::Enum(values) => {
            let found = node.to_value();
            if values.contains(&found) {
                return Val::at(from_json(&found), span);
            }
            fail(messages::not_one_of(path, node, values), diags)
        }
        _ => {
            let Some(text) = text else {
                return fail(
                    messages::wrong_type(path, type_name(&shape.ty), node),
                    diags,
                );
            };
            match check_text(&shape.ty, text) {
                Ok(()) => Val::at(Data::Str(text.into()), span),
                Err(Fault::Malformed(why, help)) => {
                    fail(messages::malformed(path, node, why, help), diags)
                }
                Err(Fault::Bounds(min, max)) => {
                    fail(messages::out_of_bounds(path, node, min, max), diags)
                }
            }
        }
    }
}

/// What is wrong with a text.
pub enum Fault {
    /// Not of the form; what the form is, and what to write where that is known.
    Malformed(String, Option<String>),
    /// Beyond a limit.
    Bounds(Option<String>, Option<String>),
}

/// Whether `text` is a value of a textual type.
pub fn check_text(ty: &Type, text: &str) -> Result<(), Fault> {
    let malformed = |why: &str, help: Option<String>| Err(Fault::Malformed(why.to_owned(), help));
    match ty {
        Type::Str(Some(p)) if !p.is_match(text) => {
            malformed(&format!("it does not match `{}`", p.source), None)
        }
        Type::Str(_) if text.is_empty() => malformed("it is empty", None),
        Type::Duration(min, max) => match Duration::parse(text) {
            None => malformed(
                "a duration is a number with `h`, `m`, `s` or `ms`, at most five digits each",
                duration_hint(text),
            ),
            Some(d) if min.is_some_and(|m| d.0 < m) || max.is_some_and(|m| d.0 > m) => {
                Err(Fault::Bounds(
                    min.map(|m| Duration(m).to_string()),
                    max.map(|m| Duration(m).to_string()),
                ))
            }
            Some(_) => Ok(()),
        },
        Type::Cidr => match text.parse::<ipnet::IpNet>() {
            Ok(net) if net.trunc() == net && net.to_string() == text => Ok(()),
            Ok(net) => malformed(
                "the address has bits beyond its prefix, or is not in canonical form",
                Some(net.trunc().to_string()),
            ),
            Err(_) => malformed(
                "a network is an address and a prefix length",
                address_hint(text),
            ),
        },
        Type::Hostname(wildcard) => {
            hostname_fault(text, *wildcard).map_or(Ok(()), |(why, help)| malformed(why, help))
        }
        Type::Path => path_fault(text).map_or(Ok(()), |why| malformed(why, None)),
        _ => Ok(()),
    }
}

fn duration_hint(text: &str) -> Option<String> {
    text.parse::<u32>()
        .ok()
        .map(|n| format!("{n}s"))
        .or_else(|| {
            let days = text.strip_suffix('d')?.parse::<u32>().ok()?;
            Some(format!("{}h", days * 24))
        })
}

fn address_hint(text: &str) -> Option<String> {
    match text.parse::<std::net::IpAddr>().ok()? {
        std::net::IpAddr::V4(a) => Some(format!("{a}/32")),
        std::net::IpAddr::V6(a) => Some(format!("{a}/128")),
    }
}

fn hostname_fault(text: &str, wildcard: bool) -> Option<(&'static str, Option<String>)> {
    let name = match text.strip_prefix("*.") {
        Some(rest) if wildcard => rest,
        Some(_) => return Some(("a wildcard is not possible here", None)),
        None => text,
    };
    if name.contains("://") {
        return Some((
            "a host name has no scheme",
            name.split("://").nth(1).map(str::to_owned),
        ));
    }
    if name.contains('/') || name.contains(':') {
        return Some((
            "a host name has neither port nor path",
            name.split(['/', ':']).next().map(str::to_owned),
        ));
    }
    if name.len() > 253 {
        return Some(("a host name has at most 253 characters", None));
    }
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        return Some((
            "a host name is in lower case",
            Some(text.to_ascii_lowercase()),
        ));
    }
    if let Some(rest) = name.strip_suffix('.') {
        return Some(("a host name has no final dot", Some(rest.to_owned())));
    }
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if !name.split('.').all(label) {
        return Some((
            "a label of a host name has 1 to 63 letters, digits and hyphens, no hyphen at its ends",
            None,
        ));
    }
    name.parse::<std::net::Ipv4Addr>()
        .ok()
        .map(|_| ("an address is not a host name", None))
}

fn path_fault(text: &str) -> Option<&'static str> {
    if !text.starts_with('/') {
        return Some("a path starts with `/`");
    }
    if text.len() > 1024 {
        return Some("a path has at most 1,024 characters");
    }
    if text.contains("//")
        || text.contains("/./")
        || text.contains("/../")
        || text.ends_with("/.")
        || text.ends_with("/..")
    {
        return Some("a path has no empty or dotted elements");
    }
    let lower = text.to_ascii_lowercase();
    if lower.contains("%2f") || text.contains('#') || text.contains('?') {
        return Some("a path has no `?`, `#` or escaped slash");
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&b);
    (!text.bytes().all(allowed)).then_some("the path has a character that must be escaped with `%`")
}

fn type_name(ty: &Type) -> &'static str {
    match ty {
        Type::Duration(..) => "a duration such as `30s`",
        Type::Cidr => "a network such as `10.0.0.0/8`",
        Type::Hostname(_) => "a host name",
        Type::Path => "a path such as `/healthz`",
        _ => "a string",
    }
}

/// A generic tree as values that nobody wrote.
pub fn from_json(value: &Value) -> Data {
    match value {
        Value::Null => Data::Null,
        Value::Bool(b) => Data::Bool(*b),
        Value::Number(n) => n
            .as_i64()
            .map_or_else(|| Data::Float(n.as_f64().unwrap_or_default()), Data::Int),
        Value::String(s) => Data::Str(s.as_str().into()),
        Value::Array(items) => Data::List(items.iter().map(|v| Val::new(from_json(v))).collect()),
        Value::Object(map) => Data::Map(
            map.iter()
                .map(|(k, v)| (Name::read(k), Val::new(from_json(v))))
                .collect(),
        ),
    }
}
