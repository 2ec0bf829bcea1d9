//! `edgegen explain`: the page of a code, a rule, a field, an annotation key, a target or a kind of document.
//!
//! The same texts as in the docs, from the same data.

use clap::Args;

use super::reference::{document, find, members, type_of};
use super::target_page::{rule, target};
use super::{Context, Done};
use crate::diag::catalog;
use crate::diag::similar::similar;
use crate::inverse::Reader;
use crate::lower::account::covers;
use crate::profile::Profile;
use crate::profile::store::Store;
use crate::vocab::Vocabulary;

#[derive(Debug, Clone, Args)]
pub(crate) struct ExplainArgs {
    /// `EG2101`, `TARGET/RULE`, `TARGET/checks`, `backends.healthCheck.path`, an annotation key, a target, or `Exposure`, `Environment`, `ChartMapping`
    what: String,
    /// With a target: the text of every rule and finding, too
    #[arg(long)]
    rules: bool,
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
    if let Some(text) = what.strip_suffix("/checks").and_then(|id| store.checks(id)) {
        return Done::data(checks(text));
    }
    let mut diags = crate::diag::Diagnostics::default();
    // The page of a target needs no other.
    let mut ids = store.targets();
    if ids.contains(&what) {
        ids.retain(|id| *id == what);
    }
    let profiles: Vec<Profile> = ids
        .iter()
        .filter_map(|id| store.profile(id, &mut sources, &mut diags))
        .collect();
    let found = target(&profiles, what, args.rules, || Reader::new(&store, what))
        .or_else(|| document(&store, &profiles, what))
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

/// The table without the comment that opens its file.
fn checks(text: &str) -> &str {
    let comment = text.strip_prefix("<!--").and_then(|t| t.split_once("-->"));
    comment.map_or(text, |(_, table)| table).trim_start()
}

fn field(vocabulary: &Vocabulary, profiles: &[Profile], what: &str) -> Option<String> {
    let path = what.replace("[]", "");
    let shape =
        find(&vocabulary.exposure, &path).or_else(|| find(&vocabulary.environment, &path))?;
    let mut out = format!("# {path}\n\n{}\n\nType: {}.\n", shape.doc, type_of(shape));
    if let Some(fields) = members(shape) {
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
        for (words, keys) in [
            ("It needs beside it", &k.beside),
            ("It excludes", &k.excludes),
        ] {
            if !keys.is_empty() {
                out.push_str(&format!("{words}: `{}`.\n", keys.join("`, `")));
            }
        }
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
        names.push(format!("{}/checks", p.head.id));
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
