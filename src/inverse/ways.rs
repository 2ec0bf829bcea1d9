//! Where requests go, as the objects of a result say it: ways of the neutral model, put together from what every rule reads.
//!
//! A controller may say a path in one object and its rewrite in another, and an object may hold many hosts, so that single values do
//! not tell which of them belong together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::names::Place;
use super::parts::{Part, joined, read};
use super::state::Says;
use super::{Found, Reader};

/// Requests that are alike, and what becomes of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// Name of the host; empty for every host.
    pub host: String,
    /// `Exact`; `Below` for what begins with the path and a slash; `Regex`; `Prefix` for both of the first two.
    pub kind: String,
    /// The path.
    pub path: String,
    /// What else a rule says, by the names that expressions use: `method`, `rewrite`, `backends`...
    pub words: BTreeMap<String, Value>,
    /// It was read as the redirect of everything to HTTPS.
    pub secured: bool,
    /// The name of the rule, where it has one.
    pub rule: Option<String>,
    /// The objects that said it, as `Kind/name`.
    pub objects: BTreeSet<String>,
}

/// Words that decide which requests a way takes.
pub(super) const TAKEN: &[&str] = &["headers", "method", "queryParams"];

/// Words that say what becomes of them.
pub(super) const DONE: &[&str] = &["hostname", "requestMirror", "requestRedirect", "rewrite"];

impl Way {
    /// Which requests it takes, as text.
    pub fn takes(&self) -> String {
        let words = TAKEN.iter().filter_map(|w| Some((w, self.words.get(*w)?)));
        let start = format!("{:?} {} {:?}", self.host, self.kind, self.path);
        words.fold(start, |out, (word, value)| format!("{out} {word} {value}"))
    }
}

/// What is said of places by one rule about one object.
pub(super) type Said<'f, 'r> = BTreeMap<&'f Place, Vec<&'f Found<'r>>>;

impl Reader {
    /// Where requests go, in the form that [`elementary`] gives. What leads nowhere is left out.
    pub fn ways(&self, objects: &[Value]) -> Vec<Way> {
        let found = self.found(objects);
        // Where a rule reads routes in another way than its effects write them, these are its own words.
        let counts = |f: &&Found<'_>| {
            let kind = &objects[f.object]["kind"];
            f.declared || !f.rule.reads.iter().any(|(k, _)| kind == k.as_str())
        };
        let mut by: BTreeMap<(usize, &str), Said<'_, '_>> = BTreeMap::new();
        for f in found.iter().filter(counts) {
            let said = by.entry((f.object, &f.rule.id)).or_default();
            said.entry(&f.note.place).or_default().push(f);
        }
        let whole = ["tls".to_owned(), "redirectHTTP".to_owned()];
        let secured: BTreeSet<(usize, &[String])> = found
            .iter()
            .filter(|f| f.note.place == whole && f.note.says == Says::Is(Value::Bool(true)))
            .map(|f| (f.object, f.note.at.as_slice()))
            .collect();
        let mut parts = Vec::new();
        for ((object, _), said) in &by {
            read(*object, said, &secured, &mut parts);
        }
        let mut out = Vec::new();
        for part in joined(parts) {
            spread(&part, objects, &mut out);
        }
        elementary(&mut out);
        out
    }
}

/// Splits prefixes into the two that they are, and puts ways in order, each once. The path itself is not the prefix's where it has a
/// way of its own, as on every controller.
pub fn elementary(ways: &mut Vec<Way>) {
    let (prefixes, mut all): (Vec<Way>, Vec<Way>) = std::mem::take(ways)
        .into_iter()
        .partition(|w| w.kind == "Prefix");
    let bare = |w: Way, kind: &str| Way {
        kind: kind.to_owned(),
        path: w.path.trim_end_matches('/').to_owned(),
        ..w
    };
    let own: BTreeSet<String> = all.iter().map(Way::takes).collect();
    for way in prefixes {
        let exact = bare(way.clone(), "Exact");
        if !exact.path.is_empty() && !own.contains(&exact.takes()) {
            all.push(exact);
        }
        all.push(bare(way, "Below"));
    }
    for way in &mut all {
        match (way.kind.as_str(), way.words.get_mut("rewrite")) {
            // Of one path, a replaced prefix is all of it.
            ("Exact", Some(rewrite)) => rewrite["type"] = json!("ReplaceFull"),
            ("Below", _) => way.path.truncate(way.path.trim_end_matches('/').len()),
            _ => {}
        }
    }
    let key = |w: &Way| (w.takes(), format!("{:?}", w.words), w.secured);
    all.sort_by_cached_key(key);
    all.dedup_by(|b, a| {
        let same = key(a) == key(b);
        if same {
            a.objects.append(&mut b.objects);
        }
        same
    });
    *ways = all;
}

/// Shares of a list of backends in their smallest numbers; one backend alone has everything.
pub fn shares(backends: &mut [Value]) {
    fn common(a: u64, b: u64) -> u64 {
        if b == 0 { a } else { common(b, a % b) }
    }
    let share = |b: &Value| b["weight"].as_u64().unwrap_or(1);
    let by = match backends {
        [one] if share(one) > 0 => share(one),
        _ => backends.iter().map(share).fold(0, common),
    };
    for backend in backends {
        let weight = share(backend) / by.max(1);
        backend["weight"] = weight.into();
    }
}

/// A redirect with what the API says where it says nothing.
pub fn redirect(mut said: Value) -> Value {
    if let Value::Object(fields) = &mut said {
        fields.retain(|_, v| {
            !v.is_null()
                && v.as_object()
                    .is_none_or(|o| o.values().any(|v| !v.is_null()))
        });
        fields.entry("statusCode").or_insert(json!(302));
        let usual = match fields.get("scheme").and_then(Value::as_str) {
            Some("https") => Some(443),
            Some("http") => Some(80),
            _ => None,
        };
        if usual.is_some() && fields.get("port").and_then(Value::as_u64) == usual {
            fields.remove("port");
        }
    }
    said
}

/// The ways of a part, one for each host.
fn spread(part: &Part, objects: &[Value], out: &mut Vec<Way>) {
    let Some(path) = &part.path else { return };
    let mut words: BTreeMap<String, Value> = part
        .words
        .iter()
        .filter(|(word, value)| *word != "rewrite" || value.get("value").is_some())
        .map(|(word, value)| (word.clone(), listed(value)))
        .collect();
    if let Some(said) = words.remove("requestRedirect") {
        words.insert("requestRedirect".to_owned(), redirect(said));
    } else {
        let mut to: Vec<Value> = part
            .backends
            .values()
            .filter_map(|b| end(b, objects))
            .collect();
        if to.is_empty() {
            return;
        }
        shares(&mut to);
        to.sort_by_key(Value::to_string);
        to.dedup();
        words.insert("backends".to_owned(), to.into());
    }
    if let Some(copy) = words
        .get_mut("requestMirror")
        .and_then(Value::as_object_mut)
    {
        let found = end(copy, objects).unwrap_or_default();
        copy.extend(found.as_object().cloned().unwrap_or_default());
    }
    let name = |o: &Value, field: &str| o[field].as_str().unwrap_or_default().to_owned();
    let named = |i: &usize| {
        format!(
            "{}/{}",
            name(&objects[*i], "kind"),
            name(&objects[*i]["metadata"], "name")
        )
    };
    let every = [String::new()].into();
    for host in part.hosts.as_ref().unwrap_or(&every) {
        out.push(Way {
            host: host.clone(),
            kind: part.kind.clone(),
            path: path.clone(),
            words: words.clone(),
            secured: part.secured,
            rule: part.own.clone(),
            objects: part.objects.iter().map(named).collect(),
        });
    }
}

/// A backend as Service and number of its port, which the Service of the result tells where it is named.
fn end(said: &Map<String, Value>, objects: &[Value]) -> Option<Value> {
    let service = said.get("service")?;
    let named = said.get("portName").and_then(|name| {
        let it = objects
            .iter()
            .find(|o| o["kind"] == "Service" && o["metadata"]["name"] == *service)?;
        let ports = it["spec"]["ports"].as_array()?;
        Some(ports.iter().find(|p| p["name"] == *name)?["port"].clone())
    });
    let port = said.get("port").cloned().or(named).unwrap_or_default();
    let weight = said.get("weight").cloned().unwrap_or(json!(1));
    Some(json!({ "service": service, "port": port, "weight": weight }))
}

/// A value with lists in the place of maps by elements, in an order that does not depend on how they were found.
fn listed(value: &Value) -> Value {
    match value {
        Value::Object(map) if map.keys().any(|k| k.starts_with('#')) => {
            let mut items: Vec<Value> = map.values().map(listed).collect();
            items.sort_by_key(Value::to_string);
            items.into()
        }
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), listed(v))).collect(),
        _ => value.clone(),
    }
}
