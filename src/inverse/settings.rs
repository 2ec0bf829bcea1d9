//! How backends are treated, as objects say it: each setting with the Services that it is for.
//!
//! A policy names a route or a Service, and annotations of an object hold for all that its paths lead to, so that the Service is seldom
//! where the setting is.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ways::Way;
use super::{Given, Reader};

/// A setting of one Service.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The Service.
    pub service: String,
    /// What was read, with its place.
    pub given: Given,
}

impl Reader {
    /// What objects say of backends, for each Service that it is said of.
    pub fn settings(&self, objects: &[Value]) -> Vec<Setting> {
        let ways = self.ways(objects);
        let mut out = Vec::new();
        for given in self.read(objects) {
            if !given.field.starts_with("backends.") || given.field == "backends.service" {
                continue;
            }
            let services = match &given.service {
                Some(service) => [service.clone()].into(),
                None => about(&given.object, objects, &ways),
            };
            out.extend(services.into_iter().map(|service| Setting {
                service,
                given: given.clone(),
            }));
        }
        out
    }
}

/// The Services of ways that are chosen.
fn led_to(ways: &[Way], chosen: impl Fn(&Way) -> bool) -> BTreeSet<String> {
    ways.iter()
        .filter(|w| chosen(w))
        .filter_map(|w| w.words.get("backends")?.as_array())
        .flatten()
        .filter_map(|b| b["service"].as_str().map(str::to_owned))
        .collect()
}

/// The Services that an object speaks of: itself, those that it names or whose routes it names, those of its own paths, else all.
fn about(name: &str, objects: &[Value], ways: &[Way]) -> BTreeSet<String> {
    if let Some(service) = name.strip_prefix("Service/") {
        return [service.to_owned()].into();
    }
    let own = led_to(ways, |w| w.objects.contains(name));
    if !own.is_empty() {
        return own;
    }
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let is_it =
        |o: &&Value| format!("{}/{}", text(&o["kind"]), text(&o["metadata"]["name"])) == name;
    let mut named = Vec::new();
    if let Some(object) = objects.iter().find(is_it) {
        targets(&object["spec"], false, &mut named);
    }
    let mut out = BTreeSet::new();
    for to in named {
        if to["kind"] == "Service" {
            out.insert(text(&to["name"]));
        }
        let route = format!("{}/{}", text(&to["kind"]), text(&to["name"]));
        let of_rule = |w: &Way| {
            to["sectionName"].is_null() || w.rule.as_deref() == to["sectionName"].as_str()
        };
        out.extend(led_to(ways, |w| w.objects.contains(&route) && of_rule(w)));
    }
    if out.is_empty() {
        led_to(ways, |_| true)
    } else {
        out
    }
}

/// Objects that a policy names as what it is for: maps with a kind and a name below a key that begins with `target`.
fn targets<'o>(at: &'o Value, inside: bool, out: &mut Vec<&'o Value>) {
    match at {
        Value::Array(items) => items.iter().for_each(|i| targets(i, inside, out)),
        Value::Object(map) if inside && map.contains_key("kind") && map.contains_key("name") => {
            out.push(at);
        }
        Value::Object(map) => map
            .iter()
            .for_each(|(key, below)| targets(below, inside || key.starts_with("target"), out)),
        _ => {}
    }
}
