//! `edgegen explain`: the page of a code, a rule, a field, an annotation key or a target.
//!
//! The same texts as in the docs, from the same data.

use clap::Args;

use super::{Context, Done};
use crate::diag::catalog;
use crate::diag::similar::similar;
use crate::lower::account::covers;
use crate::profile::Profile;
use crate::profile::class::Class;
use crate::profile::rule::Rule;
use crate::profile::store::Store;
use crate::vocab::{Shape, Type, Vocabulary};

#[derive(Debug, Clone, Args)]
pub(crate) struct ExplainArgs {
    /// `EG2101`, `TARGET/RULE`, `backends.healthCheck.path`, an annotation key, or a target
    what: String,
}

pub(super) fn run(ctx: &Context<'_>, args: &ExplainArgs) -> Done {
    let what = args.what.trim().trim_start_matches("spec.");
    if let Some(page) = catalog::page(what) {
        return Done::data(page);
    }
    let (store, mut sources) = match ctx.store() {
        Ok(found) => found,
        Err(done) => return done,
    };
    let mut diags = crate::diag::Diagnostics::default();
    let profiles: Vec<Profile> = store
        .targets()
        .iter()
        .filter_map(|id| store.profile(id, &mut sources, &mut diags))
        .collect();
    let found = target(&profiles, what)
        .or_else(|| rule(&profiles, what))
        .or_else(|| field(&store.vocabulary, &profiles, what))
        .or_else(|| key(&profiles, what));
    match found {
        Some(text) => Done::data(text),
        None => Done {
            stdout: String::new(),
            stderr: unknown(&store, &profiles, what),
            code: 2,
            ..Done::default()
        },
    }
}

fn target(profiles: &[Profile], what: &str) -> Option<String> {
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
    out.push_str("\n## Rules\n\n");
    for r in &p.rules {
        out.push_str(&format!(
            "- `{}/{}`: {}\n",
            p.head.id,
            r.id,
            r.doc.lines().next().unwrap_or_default()
        ));
    }
    out.push_str("\n## Refused\n\n");
    for u in &p.head.unsupported {
        out.push_str(&format!(
            "- `{}/{}` (`{}`): {}\n",
            p.head.id, u.id, u.field, u.reason
        ));
    }
    out.push_str(&keys_of(p));
    Some(out)
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

fn rule(profiles: &[Profile], what: &str) -> Option<String> {
    let (target, id) = what.split_once('/')?;
    let p = profiles.iter().find(|p| p.head.id == target)?;
    if let Some(u) = p.head.unsupported.iter().find(|u| u.id == id) {
        let mut out = format!(
            "# {what}\n\n`{}` cannot express `{}`: {}.\n\nInstead: {}.\n",
            p.head.id, u.field, u.reason, u.instead
        );
        u.see
            .iter()
            .for_each(|s| out.push_str(&format!("\nSee {s}\n")));
        out.push_str(&accept_note(what));
        return Some(out);
    }
    let r = p.rules.iter().find(|r| r.id == id)?;
    Some(rule_page(what, r))
}

fn rule_page(what: &str, r: &Rule) -> String {
    let mut out = format!("# {what}\n\n{}\n", r.doc.trim());
    if !r.fields.is_empty() {
        let fields: Vec<_> = r.fields.iter().map(|f| format!("`{f}`")).collect();
        out.push_str(&format!("\nAnswers for {}.\n", fields.join(", ")));
    }
    if let Some(o) = &r.otherwise {
        out.push_str(&format!("\nWhere it does not apply: {o}.\n"));
    }
    if !r.findings.is_empty() || !r.limits.is_empty() {
        out.push_str("\n## What it can find\n\n");
        for l in &r.limits {
            let show = |v: &Option<serde_json::Value>| {
                v.as_ref().map_or("-".to_owned(), |v| {
                    v.as_str().map_or_else(|| v.to_string(), str::to_owned)
                })
            };
            out.push_str(&format!(
                "- `{}` outside {} to {}\n",
                l.field,
                show(&l.min),
                show(&l.max)
            ));
        }
        for f in &r.findings {
            out.push_str(&format!("- {}\n", f.message.source));
            for t in f.note.iter().chain(&f.help) {
                out.push_str(&format!("  {}\n", t.source));
            }
        }
    }
    if let Some(e) = r.examples.first() {
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
    r.see
        .iter()
        .for_each(|s| out.push_str(&format!("\nSee {s}\n")));
    out.push_str(&accept_note(what));
    out
}

fn accept_note(code: &str) -> String {
    format!(
        "\nA refusal or approximation is accepted in an exposure with\n`accept: [{{ code: {code}, reason: \"...\" }}]`.\n"
    )
}

fn field(vocabulary: &Vocabulary, profiles: &[Profile], what: &str) -> Option<String> {
    let path = what.replace("[]", "");
    let shape =
        find(&vocabulary.exposure, &path).or_else(|| find(&vocabulary.environment, &path))?;
    let mut out = format!("# {path}\n\n{}\n\nType: {}.\n", shape.doc, type_of(shape));
    if let Some(fields) = fields_of(shape) {
        out.push_str("\nFields:\n");
        for f in fields {
            let needed = if f.required { ", required" } else { "" };
            out.push_str(&format!(
                "- `{}` ({}{needed}): {}\n",
                f.name,
                type_of(&f.shape),
                f.shape.doc
            ));
        }
    }
    out.push_str("\n| target | what becomes of it |\n| --- | --- |\n");
    for p in profiles {
        let refused = p.head.unsupported.iter().find(|u| covers(&u.field, &path));
        let rules: Vec<String> = p
            .rules
            .iter()
            .filter(|r| {
                r.fields
                    .iter()
                    .any(|f| covers(f, &path) || covers(&path, f))
            })
            .map(|r| format!("`{}`", r.id))
            .collect();
        let text = match refused {
            Some(u) => format!("refused (`{}`): {}", u.id, u.reason),
            None if rules.is_empty() => "used by edgegen itself".to_owned(),
            None => rules.join(", "),
        };
        out.push_str(&format!("| {} | {text} |\n", p.head.id));
    }
    Some(out)
}

fn find<'v>(shape: &'v Shape, path: &str) -> Option<&'v Shape> {
    path.split('.').try_fold(shape, |at, step| {
        fields_of(at)?
            .iter()
            .find(|f| f.name == step)
            .map(|f| &f.shape)
    })
}

fn fields_of(shape: &Shape) -> Option<&[crate::vocab::Field]> {
    match &shape.ty {
        Type::Map(fields) => Some(fields),
        Type::List(of) | Type::MapOf(of) => fields_of(of),
        _ => None,
    }
}

fn type_of(shape: &Shape) -> String {
    match &shape.ty {
        Type::Map(_) => "map".to_owned(),
        Type::List(of) => format!("list of {}", type_of(of)),
        Type::MapOf(of) => format!("map of {}", type_of(of)),
        Type::Bindings(_) => "map of bindings".to_owned(),
        Type::Exposure => "fields of an exposure".to_owned(),
        Type::Str(_) => "string".to_owned(),
        Type::Enum(values) => values
            .iter()
            .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(" or "),
        Type::Bool => "boolean".to_owned(),
        Type::Int(Some(a), Some(b)) => format!("integer, {a} to {b}"),
        Type::Int(..) => "integer".to_owned(),
        Type::Duration(..) => "duration".to_owned(),
        Type::Cidr => "network".to_owned(),
        Type::Hostname(_) => "host name".to_owned(),
        Type::Path => "path".to_owned(),
    }
}

fn key(profiles: &[Profile], what: &str) -> Option<String> {
    let mut out = String::new();
    for p in profiles {
        let Some(k) = p.key(what) else { continue };
        out.push_str(&format!(
            "# {} ({})\n\n{}\n\nRead on {}",
            k.key,
            p.head.id,
            k.note,
            k.kinds.join(", ")
        ));
        if let Some(since) = &k.since {
            out.push_str(&format!(", since {since}"));
        }
        out.push_str(".\n");
        if let Some(class) = p.class(k) {
            out.push_str(&format!("{}\n", class.sentence(&p.head.id)));
        }
        out.push('\n');
    }
    (!out.is_empty()).then_some(out)
}

fn unknown(store: &Store, profiles: &[Profile], what: &str) -> String {
    let mut names: Vec<String> = catalog::all().iter().map(|c| c.id.to_owned()).collect();
    names.extend(store.vocabulary.leaves().into_iter().map(|l| l.path));
    for p in profiles {
        names.push(p.head.id.clone());
        names.extend(p.rules.iter().map(|r| format!("{}/{}", p.head.id, r.id)));
        names.extend(
            p.head
                .unsupported
                .iter()
                .map(|u| format!("{}/{}", p.head.id, u.id)),
        );
        names.extend(p.keys.iter().map(|k| k.key.clone()));
    }
    let near = similar(what, names.iter().map(String::as_str));
    let hint = if near.is_empty() {
        String::new()
    } else {
        format!("; similar: {}", near.join(", "))
    };
    format!("error: nothing is called `{what}`{hint}\n")
}
