//! The page of a target and of one of its rules.
//!
//! The page in the docs is the long form of what `edgegen explain TARGET` prints, so that every code of a target has a place there.

use super::reference::type_of;
use crate::inverse::Reader;
use crate::profile::Profile;
use crate::profile::class::Class;
use crate::profile::expr::Text;
use crate::profile::rule::{FindingKind, Limit, Rule};

/// The page of a target; with `rules`, also the text of every rule and finding.
pub(super) fn target(
    profiles: &[Profile],
    what: &str,
    rules: bool,
    reader: impl FnOnce() -> Option<Reader>,
) -> Option<String> {
    let p = profiles.iter().find(|p| p.head.id == what)?;
    let mut out = format!(
        "# {}: {}\n\n{}\n",
        p.head.id,
        p.head.title,
        p.head.doc.trim()
    );
    p.head
        .see
        .iter()
        .for_each(|s| out.push_str(&format!("\nSee {s}\n")));
    if !p.head.needs.is_empty() {
        out.push_str("\n## Needs\n\n");
        p.head
            .needs
            .iter()
            .for_each(|n| out.push_str(&format!("- {n}\n")));
    }
    if !p.head.bindings.is_empty() {
        out.push_str("\n## What an environment can bind\n\n");
        for (key, members) in &p.head.bindings {
            for m in members {
                out.push_str(&format!(
                    "- `{key}.<name>.{}`: {} ({})\n",
                    m.name,
                    m.shape.doc,
                    type_of(&m.shape)
                ));
            }
        }
    }
    let code = |id: &str| {
        let code = format!("`{}/{id}`", p.head.id);
        if rules {
            format!("[{code}](#{id})")
        } else {
            code
        }
    };
    out.push_str("\n## Rules\n\n");
    for r in &p.rules {
        let summary = r.doc.lines().next().unwrap_or_default();
        out.push_str(&format!("- {}: {summary}\n", code(&r.id)));
    }
    out.push_str("\n## Refused\n\n");
    for u in &p.head.unsupported {
        out.push_str(&format!(
            "- {} (`{}`): {}\n",
            code(&u.id),
            u.field,
            u.reason
        ));
    }
    out.push_str(&keys_of(p));
    if rules {
        reader().iter().for_each(|r| read_back(r, &mut out));
        out.push_str("\n## Codes\n\nA refusal or an approximation is accepted with `accept`; a rejection is not.\n");
        for r in &p.rules {
            out.push_str(&format!("\n### {}\n\n{}", r.id, body(r)));
            pages_of(&r.see, &mut out);
        }
        for u in &p.head.unsupported {
            out.push_str(&format!("\n### {}\n\n{}", u.id, unsupported(p, u)));
            pages_of(&u.see, &mut out);
        }
    }
    Some(out)
}

/// Places of a field that are shown; of the rest, the number is.
const SHOWN: usize = 3;

/// Where the value of each field is found again.
fn read_back(reader: &Reader, out: &mut String) {
    out.push_str("\n## Read back\n\nWhere objects say the value of a field: kind and path, with `[]` for items and `*` for what differs.\n\n");
    for (field, source) in reader.sources() {
        let mut parts: Vec<String> = source
            .places
            .iter()
            .take(SHOWN)
            .map(
                |(kind, path)| match path.strip_prefix("metadata.annotations.") {
                    Some(key) => format!("{kind}, annotation `{key}`"),
                    None => format!("{kind} `{path}`"),
                },
            )
            .collect();
        match source.places.len().saturating_sub(SHOWN) {
            0 => {}
            1 => parts.push("one place more".to_owned()),
            more => parts.push(format!("{more} places more")),
        }
        let not = source
            .unread
            .iter()
            .map(|why| format!("not read back: {why}"));
        parts.extend(not);
        out.push_str(&format!("- `{field}`: {}\n", parts.join("; ")));
    }
}

/// How many of a target's keys have each class.
fn keys_of(p: &Profile) -> String {
    let mut counts = [0; 5];
    for class in p.keys.iter().filter_map(|k| p.class(k)) {
        counts[match class {
            Class::Written(_) => 0,
            Class::Refused(_) => 1,
            Class::Override(_) => 2,
            Class::Deprecated(_) => 3,
            Class::Never(_) => 4,
        }] += 1;
    }
    let [written, refused, only, deprecated, never] = counts;
    format!(
        "\n## Annotation keys\n\nOf {} that are known here, rules write {written}; {refused} say what is refused, {only} are for overrides only, {deprecated} are deprecated, {never} are never set. `edgegen explain KEY` tells of one.\n",
        p.keys.len()
    )
}

/// The page of a rule, by its code.
pub(super) fn rule(profiles: &[Profile], what: &str) -> Option<String> {
    let (target, id) = what.split_once('/')?;
    let p = profiles.iter().find(|p| p.head.id == target)?;
    let mut out = format!("# {what}\n\n");
    let see = if let Some(u) = p.head.unsupported.iter().find(|u| u.id == id) {
        out.push_str(&unsupported(p, u));
        &u.see
    } else {
        let r = p.rules.iter().find(|r| r.id == id)?;
        out.push_str(&body(r));
        example(r, &mut out);
        &r.see
    };
    pages_of(see, &mut out);
    out.push_str(&format!(
        "\nA refusal or approximation is accepted in an exposure with\n`accept: [{{ code: {what}, reason: \"...\" }}]`.\n"
    ));
    Some(out)
}

fn pages_of(see: &[String], out: &mut String) {
    see.iter()
        .for_each(|s| out.push_str(&format!("\nSee {s}\n")));
}

fn unsupported(p: &Profile, u: &crate::profile::head::Unsupported) -> String {
    format!(
        "`{}` cannot express `{}`: {}.\n\nInstead: {}.\n",
        p.head.id, u.field, u.reason, u.instead
    )
}

/// What a rule is for, and what it can find.
fn body(r: &Rule) -> String {
    let mut out = format!("{}\n", r.doc.trim());
    if !r.fields.is_empty() {
        let fields: Vec<_> = r.fields.iter().map(|f| format!("`{f}`")).collect();
        out.push_str(&format!("\nAnswers for {}.\n", fields.join(", ")));
    }
    if let Some(o) = &r.otherwise {
        out.push_str(&format!("\nWhere it does not apply: {o}.\n"));
    }
    if !r.findings.is_empty() || !r.limits.is_empty() {
        out.push_str("\nWhat it can find:\n\n");
        for l in &r.limits {
            out.push_str(&format!("- Rejects `{}` {}.\n", l.field, beyond(l)));
        }
        for f in &r.findings {
            let verb = match f.kind {
                FindingKind::Note => "Notes",
                FindingKind::Warn => "Warns",
                FindingKind::Approximate => "Approximates",
                FindingKind::Refuse => "Refuses",
                FindingKind::Reject => "Rejects",
            };
            out.push_str(&format!("- {verb}: {}\n", written(&f.message)));
            for (title, text) in [("Why", &f.note), ("Instead", &f.help)] {
                if let Some(t) = text {
                    out.push_str(&format!("  - {title}: {}\n", written(t)));
                }
            }
        }
    }
    out
}

/// A message with the names of its values in braces; braces of its own stand twice in the profile.
fn written(text: &Text) -> String {
    text.source.replace("{{", "{").replace("}}", "}")
}

fn beyond(l: &Limit) -> String {
    let show = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let mut parts = Vec::new();
    parts.extend(l.min.as_ref().map(|m| format!("below {}", show(m))));
    parts.extend(l.max.as_ref().map(|m| format!("above {}", show(m))));
    parts.extend(
        l.step
            .as_ref()
            .map(|m| format!("that is no multiple of {}", show(m))),
    );
    parts.extend(l.max_length.map(|m| format!("of more than {m} characters")));
    parts.join(", ")
}

fn example(r: &Rule, out: &mut String) {
    let Some(e) = r.examples.first() else {
        return;
    };
    out.push_str("\n## Example\n\n");
    for (title, value) in [
        ("exposure", &e.exposure),
        ("environment", &e.environment),
        ("result", &e.expect),
    ] {
        if let Ok(text) = crate::yaml::write::to_yaml(value)
            && !value.is_null()
        {
            out.push_str(&format!("{title}:\n```yaml\n{}\n```\n", text.trim_end()));
        }
    }
    if let Some(f) = &e.finds {
        out.push_str(&format!("finds: {f}\n"));
    }
}
