//! Static checks on profiles: names, fields, coverage, examples.
//!
//! The same for the embedded profiles (in `cargo test`) and for anybody's (`edgegen profiles check`).

use std::collections::BTreeSet;

use super::class::Class;
use super::messages;
use super::rule::{FindingKind, Rule};
use super::store::Store;
use super::{Profile, trial};
use crate::diag::Diagnostics;
use crate::inverse::Reader;
use crate::lower::account::covers;
use crate::source::Sources;
use crate::vocab::Vocabulary;

/// Names at the root of the context of expressions, besides fields of the vocabulary.
const ROOT: &[&str] = &[
    "backends",
    "base",
    "carrier",
    "carriers",
    "certificates",
    "class",
    "cluster",
    "exposure",
    "facts",
    "hosts",
    "installed",
    "listeners",
    "routes",
    "streams",
    "versions",
];

/// Checks a target: reads it whole, then everything that needs no example.
pub fn target(
    store: &Store,
    id: &str,
    sources: &mut Sources,
    diags: &mut Diagnostics,
) -> Option<Profile> {
    let profile = store.profile(id, sources, diags)?;
    let fields = known_fields(store, &profile);
    let foreign = foreign_members(store, &fields);
    let blank = &store.vocabulary.blank.exposure;
    let written = blank.entries().map(|(k, _)| &**k);
    let root: Vec<&str> = ROOT.iter().copied().chain(written).collect();
    let mut ids = BTreeSet::new();
    for rule in &profile.rules {
        if !ids.insert(rule.id.as_str()) || !is_kebab(&rule.id) {
            diags.push(messages::unfit(
                format!("`{}` is no unique kebab-case id", rule.id),
                rule.span,
            ));
        }
        check_rule(rule, &root, &fields, &foreign, diags);
    }
    coverage(&profile, &fields, &store.vocabulary, diags);
    classes(&profile, sources, diags);
    if let Some(other) = &profile.head.speaks
        && store.head(other).is_none_or(|h| h.dialect.is_none())
    {
        diags.push(messages::unfit(
            format!("`speaks` names `{other}`, which reads no base"),
            profile.head.span,
        ));
    }
    Some(profile)
}

/// Runs all examples of a target; gives the name of each that failed with what was wrong.
pub fn examples(store: &Store, profile: &Profile) -> Vec<(String, Vec<String>)> {
    let id = &profile.head.id;
    let reader = &Reader::new(store, id);
    let mut cases: Vec<(String, Box<dyn Fn() -> trial::Outcome + Sync + '_>)> = Vec::new();
    for rule in &profile.rules {
        for example in &rule.examples {
            let name = format!("{id}/{} {}", rule.id, example.name);
            cases.push((
                name,
                Box::new(move || trial::example(store, id, rule, example, reader.as_ref())),
            ));
        }
    }
    for entry in &profile.head.unsupported {
        cases.push((
            format!("{id}/{}", entry.id),
            Box::new(move || trial::unsupported(store, id, entry)),
        ));
    }
    let outcomes = crate::parallel::map(&cases, |(name, run)| (name.clone(), run().faults));
    outcomes
        .into_iter()
        .filter(|(_, faults)| !faults.is_empty())
        .collect()
}

/// Fields that rules may answer for: leaves of the vocabulary, members of the target's bindings, the class.
fn known_fields(store: &Store, profile: &Profile) -> Vec<String> {
    let mut out: Vec<String> = store
        .vocabulary
        .leaves()
        .into_iter()
        .filter(|l| !l.engine)
        .filter(|l| profile.head.concerns(&l.path))
        .map(|l| l.path)
        .collect();
    for (key, members) in &profile.head.bindings {
        out.extend(members.iter().map(|m| format!("{key}.{}", m.name)));
    }
    out.push("class".to_owned());
    out
}

/// Members of bindings that only other targets declare: a rule that targets share may answer for them where they are.
fn foreign_members(store: &Store, fields: &[String]) -> BTreeSet<String> {
    let all = store.bindings("");
    let members = all
        .iter()
        .flat_map(|(key, members)| members.iter().map(move |m| format!("{key}.{}", m.name)));
    members.filter(|m| !fields.contains(m)).collect()
}

fn is_kebab(id: &str) -> bool {
    id.split('-').all(|w| {
        !w.is_empty()
            && w.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

fn check_rule(
    rule: &Rule,
    root: &[&str],
    fields: &[String],
    foreign: &BTreeSet<String>,
    diags: &mut Diagnostics,
) {
    if rule.see.is_empty() {
        diags.push(messages::unfit(
            format!("rule `{}` cites no page", rule.id),
            rule.span,
        ));
    }
    if !rule.doc.lines().next().is_some_and(|l| l.ends_with('.')) {
        diags.push(messages::unfit(
            format!("the first line of `{}`'s doc is a sentence", rule.id),
            rule.span,
        ));
    }
    let bound = rule.bound();
    let mut heard: String = String::new();
    for expr in rule.exprs() {
        for name in expr.names() {
            let first = name.split('.').next().unwrap_or_default();
            if !root.contains(&first) && !bound.contains(&first) {
                let known: Vec<&str> = root.iter().copied().chain(bound.iter().copied()).collect();
                diags.push(messages::unknown_name(&rule.id, first, expr.span, &known));
            }
        }
        heard.push_str(&expr.source);
        heard.push('\n');
    }
    for limit in &rule.limits {
        heard.push_str(&limit.field);
        heard.push('\n');
    }
    for at in rule.findings.iter().filter_map(|f| f.at.as_ref()) {
        heard.push_str(at);
        heard.push('\n');
    }
    for field in &rule.fields {
        if !foreign.contains(field) && !fields.iter().any(|f| covers(field, f)) {
            diags.push(messages::unknown_field(&rule.id, field, rule.span, fields));
        }
        let last = field.rsplit('.').next().unwrap_or_default();
        let leaf = fields.iter().any(|f| f == field);
        if leaf && !field.starts_with("hostnames") && !heard.contains(last) {
            diags.push(messages::unread_field(&rule.id, field, rule.span));
        }
    }
    if rule.examples.is_empty() {
        diags.push(messages::unfit(
            format!("rule `{}` has no example", rule.id),
            rule.span,
        ));
    }
    unfired(rule, diags);
}

/// Findings and limits that no example fires, by the words that the example expects.
fn unfired(rule: &Rule, diags: &mut Diagnostics) {
    let expected: Vec<&str> = rule
        .examples
        .iter()
        .filter_map(|e| e.finds.as_deref())
        .collect();
    for f in rule.findings.iter().filter(|f| f.kind != FindingKind::Note) {
        let plain = |t: &str| {
            let mut rest = f.message.source.as_str();
            let mut parts = Vec::new();
            while let Some((head, tail)) = rest.split_once('{') {
                parts.push(head);
                rest = tail.split_once('}').map_or("", |(_, t)| t);
            }
            parts.push(rest);
            parts.iter().any(|p| {
                !p.trim().is_empty() && (p.contains(t) || (p.len() > 6 && t.contains(p.trim())))
            })
        };
        if !expected.iter().any(|t| plain(t)) {
            diags.push(messages::unfit(
                format!("no example of `{}` fires: {}", rule.id, f.message.source),
                rule.span,
            ));
        }
    }
    if !rule.limits.is_empty() && !expected.iter().any(|t| t.contains("cannot be")) {
        diags.push(messages::unfit(
            format!("no example of `{}` goes beyond its limits", rule.id),
            rule.span,
        ));
    }
}

fn coverage(
    profile: &Profile,
    fields: &[String],
    vocabulary: &Vocabulary,
    diags: &mut Diagnostics,
) {
    let head = &profile.head;
    let ruled = |field: &str| {
        let covered = |r: &Rule| r.fields.iter().any(|f| covers(f, field));
        profile.rules.iter().any(covered)
    };
    let refused = |field: &str| head.unsupported.iter().any(|u| covers(&u.field, field));
    let open: Vec<&str> = fields
        .iter()
        .map(String::as_str)
        .filter(|f| !ruled(f) && !refused(f))
        .collect();
    for field in highest(&open, fields) {
        diags.push(messages::uncovered(&head.id, &field, head.span));
    }
    for field in fields.iter().filter(|f| ruled(f) && refused(f)) {
        diags.push(messages::covered_twice(&head.id, field, head.span));
    }
    for entry in &head.unsupported {
        let member = vocabulary
            .binding_keys()
            .iter()
            .any(|k| covers(k, &entry.field));
        if !member && !fields.iter().any(|f| covers(&entry.field, f)) {
            diags.push(messages::unknown_field(
                &entry.id,
                &entry.field,
                entry.span,
                fields,
            ));
        }
    }
}

/// Holds that every key has exactly one class. An inherited key may say what becomes of it where no rule of the target writes it.
fn classes(profile: &Profile, sources: &Sources, diags: &mut Diagnostics) {
    let head = &profile.head;
    let refuses = |id: &str| {
        let ruled = |r: &Rule| {
            r.id == id
                && r.findings
                    .iter()
                    .any(|f| f.kind >= FindingKind::Approximate)
        };
        head.unsupported.iter().any(|u| u.id == id) || profile.rules.iter().any(ruled)
    };
    for key in &profile.keys {
        let mut fault = |what: String| diags.push(messages::unfit(what, key.span));
        for other in key.beside.iter().chain(&key.excludes) {
            if profile.key(other).is_none() {
                fault(format!(
                    "`{}` names `{other}`, which is no key of the target",
                    key.key
                ));
            }
        }
        let stated = [&key.never, &key.deprecated, &key.refused, &key.only];
        let stated = stated.iter().filter(|s| s.is_some()).count();
        let own = sources
            .get(key.span.source)
            .name
            .contains(&format!("profiles/{}/", head.id));
        match profile.class(key) {
            None => fault(format!(
                "no rule writes `{}`, and it states none of `refused`, `override`, `never`, `deprecated`",
                key.key
            )),
            Some(Class::Written(rules)) if own && (key.refused.is_some() || key.only.is_some()) => {
                fault(format!(
                    "`{}` is written by `{}`, and needs neither `refused` nor `override`",
                    key.key, rules[0]
                ));
            }
            Some(Class::Refused(id)) if !refuses(id) => fault(format!(
                "`{}` is refused by `{id}`, but {} refuses nothing of that name",
                key.key, head.id
            )),
            Some(_) if stated > 1 => fault(format!(
                "`{}` states more than one of `refused`, `override`, `never`, `deprecated`",
                key.key
            )),
            Some(_) => {}
        }
    }
}

/// The fields that stand for all of `open`: the highest below which nothing but open ones are.
fn highest(open: &[&str], fields: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for field in open {
        let ancestors = field.match_indices('.').map(|(at, _)| &field[..at]);
        let whole = |a: &&str| {
            let mut below = fields.iter().filter(|f| covers(a, f));
            below.all(|f| open.contains(&f.as_str()))
        };
        let top = ancestors.into_iter().find(whole).unwrap_or(field);
        if out.last().is_none_or(|last| last != top) {
            out.push(top.to_owned());
        }
    }
    out
}
