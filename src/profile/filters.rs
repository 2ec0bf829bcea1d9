//! Filters and tests that expressions have beyond the engine's own: one table with names, words and functions.
//!
//! `edgegen profiles filters` and the grammar of profiles are written from the table, so that neither can lag behind.

use std::cmp::{Ordering, Reverse};

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};
use sha2::{Digest, Sha256};

use super::expr;
use crate::model::duration::Duration;

/// One filter.
pub struct Filter {
    /// Name in expressions.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// An expression that shows it.
    pub example: &'static str,
    /// The value of the example, as JSON.
    pub gives: &'static str,
    add: fn(&mut Environment<'static>),
}

/// All filters, sorted by name.
pub const FILTERS: &[Filter] = &[
    Filter {
        name: "at_least",
        doc: "Whether a version is at least another, number by number.",
        example: "'2.14.1' | at_least('2.9')",
        gives: "true",
        add: |e| e.add_filter("at_least", at_least),
    },
    Filter {
        name: "capped",
        doc: "A name of at most so many characters (63 without an argument); a longer one keeps its start and gets a hyphen and eight hex digits of its own digest.",
        example: "'a-very-long-name' | capped(14)",
        gives: "\"a-ver-6c158842\"",
        add: |e| e.add_filter("capped", capped),
    },
    Filter {
        name: "digest",
        doc: "Eight hex digits of the SHA-256 of a text, or of a list joined by line feeds.",
        example: "['a.example', 'b.example'] | digest",
        gives: "\"2a191a2b\"",
        add: |e| e.add_filter("digest", digest),
    },
    Filter {
        name: "duplicates",
        doc: "The items of a list that are in it more than once, each once.",
        example: "['a', 'b', 'a', 'a'] | duplicates",
        gives: "[\"a\"]",
        add: |e| e.add_filter("duplicates", duplicates),
    },
    Filter {
        name: "ipv6",
        doc: "Whether a network is an IPv6 one.",
        example: "'fd00::/8' | ipv6",
        gives: "true",
        add: |e| e.add_filter("ipv6", |s: &str| s.contains(':')),
    },
    Filter {
        name: "json",
        doc: "Compact JSON in the order of the value.",
        example: "[{'HTTP': 80}] | json",
        gives: "\"[{\\\"HTTP\\\":80}]\"",
        add: |e| e.add_filter("json", json),
    },
    Filter {
        name: "mapped",
        doc: "A map made of a list of maps: one field gives the keys, another the values.",
        example: "[{'name': 'a', 'value': 1}] | mapped('name', 'value')",
        gives: "{\"a\":1}",
        add: |e| e.add_filter("mapped", mapped),
    },
    Filter {
        name: "merged",
        doc: "A map with the entries of another on top.",
        example: "{'a': 1} | merged({'b': 2})",
        gives: "{\"a\":1,\"b\":2}",
        add: |e| e.add_filter("merged", merged),
    },
    Filter {
        name: "milliseconds",
        doc: "A duration in milliseconds.",
        example: "'1m30s' | milliseconds",
        gives: "90000",
        add: |e| e.add_filter("milliseconds", |s: &str| duration(s).map(|d| d.0)),
    },
    Filter {
        name: "numbered",
        doc: "The items of a list with their places, from 0 on.",
        example: "['a', 'b'] | numbered",
        gives: "[{\"index\":0,\"value\":\"a\"},{\"index\":1,\"value\":\"b\"}]",
        add: |e| e.add_filter("numbered", numbered),
    },
    Filter {
        name: "numbers",
        doc: "The numbers that a text of numbers and ranges with commas stands for.",
        example: "'200,300-302' | numbers",
        gives: "[200,300,301,302]",
        add: |e| e.add_filter("numbers", numbers),
    },
    Filter {
        name: "only",
        doc: "The items of a list of maps whose field has a value.",
        example: "[{'a': 1}, {'a': 2}] | only('a', 2)",
        gives: "[{\"a\":2}]",
        add: |e| e.add_filter("only", only),
    },
    Filter {
        name: "ranges",
        doc: "The numbers and ranges of a text, with commas between them, as maps; the arguments name the two ends.",
        example: "'200,300-302' | ranges('from', 'to')",
        gives: "[{\"from\":200,\"to\":200},{\"from\":300,\"to\":302}]",
        add: |e| e.add_filter("ranges", ranges),
    },
    Filter {
        name: "regex_escaped",
        doc: "A text with the special characters of regular expressions escaped.",
        example: "'/a.b' | regex_escaped",
        gives: "\"/a\\\\.b\"",
        add: |e| e.add_filter("regex_escaped", |s: &str| regex_lite::escape(s)),
    },
    Filter {
        name: "renamed",
        doc: "A map under other names, by a map of them; what has no other name is left out.",
        example: "{'a': 1, 'b': 2} | renamed({'a': 'x'})",
        gives: "{\"x\":1}",
        add: |e| e.add_filter("renamed", renamed),
    },
    Filter {
        name: "seconds",
        doc: "A duration in whole seconds, rounded up; a limit with `step: 1s` refuses what has a rest.",
        example: "'1m30s' | seconds",
        gives: "90",
        add: |e| e.add_filter("seconds", seconds),
    },
    Filter {
        name: "slug",
        doc: "A text as part of a name: lower-case letters, digits and hyphens; `*` becomes `wildcard`.",
        example: "'*.Example.com' | slug",
        gives: "\"wildcard-example-com\"",
        add: |e| e.add_filter("slug", slug),
    },
    Filter {
        name: "specific_first",
        doc: "Rules of a route in the order in which Gateway API prefers them: exact paths, longer prefixes, expressions; on one path those with a method, with more headers, with more parameters of the query. Others keep their places.",
        example: "[{'path': {'type': 'Prefix', 'value': '/'}, 'method': none, 'headers': [], 'queryParams': []}, {'path': {'type': 'Exact', 'value': '/a'}, 'method': none, 'headers': [], 'queryParams': []}] | specific_first | map(attribute='path.value') | list",
        gives: "[\"/a\",\"/\"]",
        add: |e| e.add_filter("specific_first", specific_first),
    },
    Filter {
        name: "text",
        doc: "A value as text, as annotations need it.",
        example: "443 | text",
        gives: "\"443\"",
        add: |e| e.add_filter("text", text),
    },
];

/// Tells the engine of all filters.
pub fn register(env: &mut Environment<'static>) {
    for filter in FILTERS {
        (filter.add)(env);
    }
}

fn fail(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

fn duration(text: &str) -> Result<Duration, Error> {
    Duration::parse(text).ok_or_else(|| fail(format!("`{text}` is not a duration")))
}

pub(super) fn text(value: Value) -> Value {
    // Booleans are spelt as YAML and every controller reads them, not as the expression language prints them.
    match value.kind() {
        ValueKind::None | ValueKind::String => value,
        ValueKind::Bool => Value::from(if value.is_true() { "true" } else { "false" }),
        _ => Value::from(value.to_string()),
    }
}

pub(super) fn seconds(text: &str) -> Result<u64, Error> {
    duration(text).map(|d| d.0.div_ceil(1000))
}

pub(super) fn json(value: Value) -> Result<String, Error> {
    expr::to_json(&value)
        .map(|v| v.to_string())
        .map_err(|e| fail(e.message))
}

fn mapped(list: Value, key: &str, value: &str) -> Result<Value, Error> {
    let mut out = serde_json::Map::new();
    for item in list.try_iter()? {
        let name = item.get_attr(key)?.to_string();
        let value = expr::to_json(&item.get_attr(value)?).map_err(|e| fail(e.message))?;
        out.insert(name, value);
    }
    Ok(expr::from_json(&serde_json::Value::Object(out)))
}

fn merged(base: Value, top: Value) -> Result<Value, Error> {
    let (mut a, b) = (
        expr::to_json(&base).map_err(|e| fail(e.message))?,
        expr::to_json(&top).map_err(|e| fail(e.message))?,
    );
    if let (Some(a), serde_json::Value::Object(b)) = (a.as_object_mut(), b) {
        a.extend(b);
    }
    Ok(expr::from_json(&a))
}

fn renamed(map: Value, names: Value) -> Result<Value, Error> {
    let (map, names) = (
        expr::to_json(&map).map_err(|e| fail(e.message))?,
        expr::to_json(&names).map_err(|e| fail(e.message))?,
    );
    let (Some(map), Some(names)) = (map.as_object(), names.as_object()) else {
        return Err(fail("`renamed` takes two maps".to_owned()));
    };
    let entries = names.iter().filter_map(|(old, new)| {
        let value = map.get(old).filter(|v| !v.is_null())?;
        Some((new.as_str()?.to_owned(), value.clone()))
    });
    let out = entries.collect::<serde_json::Map<_, _>>();
    Ok(expr::from_json(&serde_json::Value::Object(out)))
}

fn numbers(text: &str) -> Result<Vec<u32>, Error> {
    Ok(ends(text)?
        .into_iter()
        .flat_map(|(from, to)| from..=to)
        .collect())
}

fn ranges(text: &str, first: &str, last: &str) -> Result<Vec<Value>, Error> {
    let map = |(from, to)| expr::from_json(&serde_json::json!({ first: from, last: to }));
    Ok(ends(text)?.into_iter().map(map).collect())
}

fn ends(text: &str) -> Result<Vec<(u32, u32)>, Error> {
    let end = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        match (from.trim().parse::<u32>(), to.trim().parse::<u32>()) {
            (Ok(from), Ok(to)) if to.saturating_sub(from) < 10_000 => Ok((from, to)),
            _ => Err(fail(format!("`{part}` is neither a number nor a range"))),
        }
    };
    text.split(',').map(end).collect()
}

fn only(list: Value, field: &str, wanted: Value) -> Result<Vec<Value>, Error> {
    let mut out = Vec::new();
    for item in list.try_iter()? {
        if item.get_attr(field)? == wanted {
            out.push(item);
        }
    }
    Ok(out)
}

fn duplicates(list: Value) -> Result<Vec<Value>, Error> {
    let (mut seen, mut out) = (Vec::new(), Vec::new());
    for item in list.try_iter()? {
        if !seen.contains(&item) {
            seen.push(item);
        } else if !out.contains(&item) {
            out.push(item);
        }
    }
    Ok(out)
}

fn numbered(list: Value) -> Result<Vec<Value>, Error> {
    let one = |(index, item): (usize, Value)| {
        let value = expr::to_json(&item).map_err(|e| fail(e.message))?;
        let item = serde_json::json!({ "index": index, "value": value });
        Ok(expr::from_json(&item))
    };
    list.try_iter()?.enumerate().map(one).collect()
}

fn specific_first(rules: Value) -> Result<Vec<Value>, Error> {
    let mut ranked = Vec::new();
    for rule in rules.try_iter()? {
        let path = rule.get_attr("path")?;
        let kind = path.get_attr("type")?;
        let kind = ["Exact", "Prefix"]
            .iter()
            .position(|k| kind.as_str() == Some(k));
        let length = path.get_attr("value")?.len().unwrap_or(0);
        let count = |name: &str| Ok::<_, Error>(rule.get_attr(name)?.len().unwrap_or(0));
        let rank = (
            kind.unwrap_or(2),
            Reverse(length),
            Reverse(usize::from(!rule.get_attr("method")?.is_none())),
            Reverse(count("headers")?),
            Reverse(count("queryParams")?),
        );
        ranked.push((rank, rule));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    Ok(ranked.into_iter().map(|(_, rule)| rule).collect())
}

fn hex8(text: &str) -> String {
    let sum = Sha256::digest(text.as_bytes());
    format!(
        "{:08x}",
        u32::from_be_bytes([sum[0], sum[1], sum[2], sum[3]])
    )
}

pub(super) fn digest(value: Value) -> Result<String, Error> {
    if let Some(text) = value.as_str() {
        return Ok(hex8(text));
    }
    let parts: Vec<String> = value.try_iter()?.map(|v| v.to_string()).collect();
    Ok(hex8(&parts.join("\n")))
}

fn capped(name: &str, max: Option<usize>, kwargs: Kwargs) -> Result<String, Error> {
    kwargs.assert_all_used()?;
    Ok(capped_at(name, max.unwrap_or(63)))
}

pub(super) fn capped_at(name: &str, max: usize) -> String {
    if name.len() <= max {
        return name.to_owned();
    }
    let keep = max.saturating_sub(9);
    let head: String = name.chars().take(keep).collect();
    format!("{}-{}", head.trim_end_matches(['-', '.']), hex8(name))
}

pub(super) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.to_ascii_lowercase().replace('*', "wildcard").chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

fn at_least(version: &str, wanted: &str) -> bool {
    version_at_least(version, wanted)
}

/// Whether `version` is at least `wanted`, number by number; missing numbers are 0, a leading `v` and what follows a hyphen do not count.
pub fn version_at_least(version: &str, wanted: &str) -> bool {
    fn numbers(v: &str) -> impl Iterator<Item = u64> {
        let v = v.trim_start_matches('v');
        let end = v.find(['-', '+']).unwrap_or(v.len());
        v[..end].split('.').map(|p| p.parse().unwrap_or(0))
    }
    let (mut have, mut want) = (numbers(version), numbers(wanted));
    loop {
        match (have.next(), want.next()) {
            (None, None) => return true,
            (a, b) => match a.unwrap_or(0).cmp(&b.unwrap_or(0)) {
                Ordering::Equal => {}
                other => return other == Ordering::Greater,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FILTERS;
    use crate::model::name::Name;
    use crate::model::val::Val;
    use crate::profile::expr::{Expr, to_json};
    use crate::profile::track::Scope;

    #[test]
    fn examples_give_what_the_table_says() {
        let scope = Scope::new(Val::map::<Name>([]), minijinja::Value::from(()));
        let mut last = "";
        for f in FILTERS {
            assert!(last < f.name, "{} is out of order", f.name);
            last = f.name;
            let value = Expr::compile(f.example, None)
                .unwrap()
                .eval(&scope)
                .unwrap();
            assert_eq!(to_json(&value).unwrap().to_string(), f.gives, "{}", f.name);
        }
    }
}
