//! Every annotation key that controllers know, in tables of facts, against the keys of the profiles, and the other way.
//!
//! A new release of a controller shows as a row that no profile classes; a key that no table has is one that somebody made up. The
//! tables lie beside the repository, in `facts/vocab` of `EDGEGEN_SHARED` or `../shared`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test reads its tables and says how much it checked"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use edgegen::diag::Diagnostics;
use edgegen::profile::Profile;
use edgegen::profile::filters::version_at_least;
use edgegen::profile::keys::{Form, KeyInfo};
use edgegen::profile::store::Store;
use edgegen::source::Sources;
use serde_json::Value;

/// One row of a table.
struct Row {
    table: String,
    line: usize,
    key: String,
    objects: String,
    form: String,
    notes: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of tables; `None` when absent.
fn folder() -> Option<PathBuf> {
    let shared =
        std::env::var_os("EDGEGEN_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    Some(shared.join("facts/vocab")).filter(|f| f.is_dir())
}

fn rows(folder: &Path) -> Vec<Row> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "tsv"));
    files.sort();
    let mut out: Vec<Row> = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a table can be read");
        let table = file.file_name().expect("a name").to_string_lossy();
        for (at, line) in text.lines().enumerate().skip(1) {
            let mut cells = line.split('\t').map(str::to_owned);
            let mut next = || cells.next().unwrap_or_default();
            let (key, objects, form, notes) = (next(), next(), next(), next());
            let objects = objects_of(&objects, &key, &out);
            let (table, line) = (table.to_string(), at + 1);
            out.push(Row {
                table,
                line,
                key,
                objects,
                form,
                notes,
            });
        }
    }
    out
}

/// The objects of a row, which may be those of another one above it: of the last, or of one that is named.
fn objects_of(told: &str, key: &str, above: &[Row]) -> String {
    let Some(rest) = told.strip_prefix("same") else {
        return told.to_owned();
    };
    let named = rest.split_once(" as ").map(|(_, name)| name);
    let name = named.and_then(|n| n.split([' ', ',']).next());
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    let row = above
        .iter()
        .rev()
        .find(|r| name.is_none_or(|n| r.key == format!("{domain}/{n}")));
    row.map(|r| r.objects.clone()).unwrap_or_default()
}

/// A key with its parts that are chosen at run time made alike: `${port}`, `{port}` and a final `*`.
fn shape(key: &str) -> String {
    let mut out = String::new();
    let mut rest = key;
    while let Some((head, tail)) = rest.split_once('{') {
        out.push_str(head.trim_end_matches('$'));
        out.push_str("{}");
        rest = tail.split_once('}').map_or("", |(_, t)| t);
    }
    out.push_str(rest);
    match out.strip_suffix('*') {
        Some(head) => format!("{head}{{}}"),
        None => out,
    }
}

fn fits(pattern: &str, key: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(head) => key.starts_with(head),
        None => key == pattern,
    }
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// What a row says of a key against what the profile says of it.
fn differences(row: &Row, profile: &Profile, key: &KeyInfo) -> Vec<String> {
    // One of many keys that a pattern stands for may have a narrower form.
    let narrower = key.key.contains('{') && !shape(&row.key).contains('{');
    let mut out = Vec::new();
    if profile.class(key).is_none() {
        out.push("has no class".to_owned());
    }
    if key.kinds.is_empty() && key.never.is_none() {
        out.push("is read on no kind of object, and does not say why".to_owned());
    }
    let words: BTreeSet<&str> = row
        .objects
        .split(|c: char| !c.is_ascii_alphanumeric())
        .collect();
    for kind in key.kinds.iter().filter(|k| !words.contains(k.as_str())) {
        // Tables that end their list of objects with "and most sources" name the most important.
        if !row.objects.contains("and ") && key.never.is_none() {
            out.push(format!("is not read on {kind}, but on {}", row.objects));
        }
    }
    if let Some(since) = since(&row.notes) {
        let early = key
            .since
            .as_deref()
            .is_none_or(|s| !version_at_least(s, &since));
        if early && key.never.is_none() {
            out.push(format!(
                "is there from {since} on, not from {:?}",
                key.since
            ));
        }
    }
    if key.never.is_none() && !narrower && !same_form(&row.form, &key.form) {
        out.push(format!("has the form `{}`, not {:?}", row.form, key.form));
    }
    out
}

/// The version that a note names as the first.
fn since(notes: &str) -> Option<String> {
    let (_, version) = notes.split_once("since ")?;
    let version = version.trim_start_matches('v');
    let end = version
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(version.len());
    let version = version[..end].trim_end_matches('.');
    (version.split('.').count() == 3).then(|| version.to_owned())
}

/// Whether a form takes what the table's form takes, where the table has one of its plain words.
fn same_form(told: &str, form: &Form) -> bool {
    let boolean = matches!(form, Form::Boolean | Form::Words(_));
    let words = told.strip_prefix("enum(").and_then(|t| t.strip_suffix(')'));
    if let Some(words) = words.filter(|w| w.contains('|')) {
        let words: BTreeSet<&str> = words.split('|').collect();
        let within = |known: &[String]| {
            let lower: BTreeSet<String> = known.iter().map(|w| w.to_lowercase()).collect();
            words.iter().all(|w| lower.contains(&w.to_lowercase()))
        };
        return match form {
            Form::Words(known) => within(known),
            Form::Text(Some(pattern)) => words.iter().all(|w| pattern.is_match(w)),
            _ => false,
        };
    }
    match told.split([' ', '(']).next().unwrap_or_default() {
        "bool" => boolean,
        "int" | "int32" | "int64" | "integer" => {
            matches!(form, Form::Integer(..)) || told.contains("or")
        }
        "json" | "JSON" => matches!(form, Form::Json),
        "stringMap" => matches!(form, Form::Pairs),
        "stringSlice" => matches!(form, Form::List | Form::Text(_)),
        _ => true,
    }
}

#[test]
fn every_key_of_every_controller_has_a_class() {
    let Some(folder) = folder() else {
        println!(
            "SKIPPED: no tables in ../shared/facts/vocab (or EDGEGEN_SHARED); keys of profiles are not compared with controllers"
        );
        return;
    };
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let store = Store::embedded(&mut sources, &mut diags);
    let profiles: Vec<Profile> = store
        .targets()
        .iter()
        .filter_map(|id| store.profile(id, &mut sources, &mut diags))
        .collect();
    let map = fs::read_to_string(root().join("profiles/vocabulary.yaml")).expect("the map");
    let map: Value = yaml_serde::from_str(&map).expect("the map is YAML");
    let rows = rows(&folder);
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    let mut checked = 0;
    for row in &rows {
        let place = format!("{}:{}: `{}`", row.table, row.line, row.key);
        let entries = map["rows"][&row.table].as_array();
        let entry = entries.into_iter().flatten().enumerate().find(|(_, e)| {
            fits(e["keys"].as_str().unwrap_or_default(), &row.key)
                && e["objects"]
                    .as_str()
                    .is_none_or(|o| row.objects.contains(o))
        });
        let Some((at, entry)) = entry else {
            faults.push(format!(
                "{place} concerns no target, and profiles/vocabulary.yaml does not say why"
            ));
            continue;
        };
        used.insert((row.table.clone(), at));
        let (named, carriers) = (texts(&entry["for"]), texts(&entry["carriers"]));
        if named.is_empty() && carriers.is_empty() && !entry["none"].is_string() {
            faults.push(format!(
                "{place} has an entry without targets and without a reason"
            ));
        }
        for id in &named {
            if !profiles.iter().any(|p| p.head.id == *id) {
                faults.push(format!("{place} is for `{id}`, which is no target"));
            }
        }
        let concerned = |p: &&Profile| {
            named.contains(&p.head.id.as_str()) || carriers.contains(&p.head.carrier.kind())
        };
        let mut told: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for profile in profiles.iter().filter(concerned) {
            checked += 1;
            let wanted = shape(&row.key);
            let exact = profile.keys.iter().find(|k| shape(&k.key) == wanted);
            let found = match exact.map(|k| &**k).or_else(|| profile.key(&row.key)) {
                None => vec!["is no key of a profile".to_owned()],
                Some(key) => differences(row, profile, key),
            };
            for what in found {
                told.entry(what).or_default().push(&profile.head.id);
            }
        }
        for (what, ids) in told {
            faults.push(format!("{place} {what}: {}", ids.join(", ")));
        }
    }
    for (table, entries) in map["rows"].as_object().expect("a map of tables") {
        for (at, entry) in entries.as_array().into_iter().flatten().enumerate() {
            if !used.contains(&(table.clone(), at)) {
                faults.push(format!(
                    "profiles/vocabulary.yaml: no row of {table} is {}",
                    entry["keys"]
                ));
            }
        }
    }
    faults.extend(strangers(&rows, &profiles, &map));
    println!("{checked} pairs of a key and a target, {} rows", rows.len());
    assert!(
        faults.is_empty(),
        "\n{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Keys of profiles that no table has.
fn strangers(rows: &[Row], profiles: &[Profile], map: &Value) -> BTreeSet<String> {
    let known: BTreeSet<String> = rows.iter().map(|r| shape(&r.key)).collect();
    let beside: Vec<&str> = map["beside"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|e| e["see"].is_string())
        .filter_map(|e| e["keys"].as_str())
        .collect();
    let keys = profiles.iter().flat_map(|p| &p.keys);
    let mut out: BTreeSet<String> = keys
        .clone()
        .filter(|k| !known.contains(&shape(&k.key)) && !beside.iter().any(|b| fits(b, &k.key)))
        .map(|k| format!("`{}` is in no table, and `beside` of profiles/vocabulary.yaml has no source for it", k.key))
        .collect();
    let idle = beside
        .iter()
        .filter(|b| !keys.clone().any(|k| fits(b, &k.key)));
    out.extend(idle.map(|b| format!("profiles/vocabulary.yaml: no key is {b}")));
    out
}

/// The comparison itself: a wrong form, kind or version is told.
#[test]
fn what_differs_from_a_table_is_told() {
    let row = |objects: &str, form: &str, notes: &str| Row {
        table: "t.tsv".to_owned(),
        line: 2,
        key: "k".to_owned(),
        objects: objects.to_owned(),
        form: form.to_owned(),
        notes: notes.to_owned(),
    };
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let store = Store::embedded(&mut sources, &mut diags);
    let id = store.targets()[0].to_owned();
    let profile = store
        .profile(&id, &mut sources, &mut diags)
        .expect("a profile");
    let text = "- { key: k, kinds: [Ingress], form: integer, since: \"2.0.0\", override: why }\n- { key: l, form: integer }\n";
    let source = sources.add("keys.yaml", text);
    let docs = edgegen::yaml::read::read(
        &sources,
        source,
        &edgegen::yaml::read::Limits::default(),
        &mut diags,
    );
    let keys = edgegen::profile::read::keys(docs[0].root(), &mut diags);
    let told = |row: Row, at: usize| differences(&row, &profile, &keys[at]);
    assert_eq!(
        told(row("Ingress,Service", "int32", "x; since v2.0.0"), 0),
        Vec::<String>::new()
    );
    assert_eq!(
        told(row("Service", "int32", ""), 0),
        ["is not read on Ingress, but on Service"]
    );
    assert_eq!(told(row("Ingress", "bool", ""), 0).len(), 1);
    assert_eq!(told(row("Ingress", "int32", "since v2.1.0"), 0).len(), 1);
    assert_eq!(told(row("Ingress", "enum(a|b)", ""), 0).len(), 1);
    assert_eq!(told(row("Ingress", "int32", ""), 1).len(), 2);
}
