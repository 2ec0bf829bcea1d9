//! `edgegen matrix`: neutral field by target.
//!
//! Written from the profiles; the page in `docs/` is this output, and a test holds them together.

use clap::Args;

use super::{Context, Done};
use crate::lower::account::covers;
use crate::profile::Profile;
use crate::profile::rule::{FindingKind, Rule};
use crate::vocab::Vocabulary;

#[derive(Debug, Clone, Args)]
pub(crate) struct MatrixArgs {
    /// Targets; without any, all
    targets: Vec<String>,
}

pub(super) fn run(ctx: &Context<'_>, args: &MatrixArgs) -> Done {
    let (store, mut sources) = match ctx.store() {
        Ok(found) => found,
        Err(done) => return done,
    };
    let mut diags = crate::diag::Diagnostics::default();
    let ids: Vec<String> = store
        .targets()
        .into_iter()
        .filter(|t| args.targets.is_empty() || args.targets.iter().any(|x| x == t))
        .map(str::to_owned)
        .collect();
    let profiles: Vec<Profile> = ids
        .iter()
        .filter_map(|id| store.profile(id, &mut sources, &mut diags))
        .collect();
    if diags.has_errors() {
        let mut report = super::Report::default();
        report.add(ctx, &diags, &sources);
        return report.done(ctx);
    }
    Done::data(page(&store.vocabulary, &profiles))
}

/// What a target does with a field.
enum Cell<'p> {
    Emitted(Vec<&'p Rule>),
    Limited(Vec<&'p Rule>),
    Refused(&'p str),
    Open,
}

fn cell<'p>(profile: &'p Profile, field: &str) -> Cell<'p> {
    if let Some(u) = profile
        .head
        .unsupported
        .iter()
        .find(|u| covers(&u.field, field))
    {
        return Cell::Refused(&u.id);
    }
    let rules: Vec<&Rule> = profile
        .rules
        .iter()
        .filter(|r| r.fields.iter().any(|f| covers(f, field)))
        .collect();
    let acts = |r: &&Rule| !r.effects.is_empty();
    let limits = |r: &&Rule| {
        r.findings
            .iter()
            .any(|f| matches!(f.kind, FindingKind::Refuse | FindingKind::Approximate))
    };
    if rules.is_empty() {
        Cell::Open
    } else if !rules.iter().any(acts) && rules.iter().any(limits) {
        rules.first().map_or(Cell::Open, |r| Cell::Refused(&r.id))
    } else if rules.iter().any(limits) {
        Cell::Limited(rules)
    } else {
        Cell::Emitted(rules)
    }
}

/// The matrix as Markdown: a table, then for each target what it refuses or approximates, with reason and alternative.
pub fn page(vocabulary: &Vocabulary, profiles: &[Profile]) -> String {
    let leaves: Vec<_> = vocabulary
        .leaves()
        .into_iter()
        .filter(|l| !l.engine)
        .collect();
    let mut out = String::from(
        "# What each target expresses\n\nWritten by `edgegen matrix` from the vocabulary and the profiles.\n\n\
         **yes**: the field reaches the result. **partly**: some values are refused or approximated. **no**: setting the field is an error\n\
         that says why and what to do instead; `accept` with the code leaves the field out. `edgegen explain <target>/<rule>` tells more.\n\n",
    );
    out.push_str("| row | field |");
    profiles
        .iter()
        .for_each(|p| out.push_str(&format!(" {} |", p.head.id)));
    out.push_str("\n| --- | --- |");
    profiles.iter().for_each(|_| out.push_str(" --- |"));
    out.push('\n');
    for leaf in &leaves {
        out.push_str(&format!("| {} | `{}` |", leaf.row, leaf.path));
        for p in profiles {
            let names = |rules: &[&Rule]| {
                rules
                    .iter()
                    .map(|r| r.id.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let text = match cell(p, &leaf.path) {
                Cell::Open if !p.head.concerns(&leaf.path) => "streams only".to_owned(),
                Cell::Emitted(r) => format!("yes: {}", names(&r)),
                Cell::Limited(r) => format!("partly: {}", names(&r)),
                Cell::Refused(id) => format!("no: {id}"),
                Cell::Open => "open".to_owned(),
            };
            out.push_str(&format!(" {text} |"));
        }
        out.push('\n');
    }
    for p in profiles {
        out.push_str(&refusals(p));
    }
    out
}

fn refusals(p: &Profile) -> String {
    let mut out = format!(
        "\n## {}\n\n{}.\n\n",
        p.head.id,
        p.head.title.trim_end_matches('.')
    );
    out.push_str(
        "| code | what is refused or approximated | why and what instead |\n| --- | --- | --- |\n",
    );
    let flat = |t: &str| t.replace('|', "\\|").replace('\n', " ");
    for u in &p.head.unsupported {
        out.push_str(&format!(
            "| `{}` | `{}` | {}; {} |\n",
            u.id,
            u.field,
            flat(&u.reason),
            flat(&u.instead)
        ));
    }
    for r in &p.rules {
        for f in r.findings.iter().filter(|f| {
            matches!(
                f.kind,
                FindingKind::Refuse | FindingKind::Approximate | FindingKind::Reject
            )
        }) {
            let why: Vec<String> = f
                .note
                .iter()
                .chain(&f.help)
                .map(|t| flat(&t.source))
                .collect();
            out.push_str(&format!(
                "| `{}` | {} | {} |\n",
                r.id,
                flat(&f.message.source),
                why.join("; ")
            ));
        }
        for l in &r.limits {
            let show = |v: &Option<serde_json::Value>| {
                v.as_ref()
                    .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
            };
            let mut parts = Vec::new();
            parts.extend(show(&l.min).map(|m| format!("at least {m}")));
            parts.extend(show(&l.max).map(|m| format!("at most {m}")));
            parts.extend(show(&l.step).map(|m| format!("in steps of {m}")));
            parts.extend(l.max_length.map(|m| format!("at most {m} characters")));
            out.push_str(&format!(
                "| `{}` | `{}` beyond its limits | {} |\n",
                r.id,
                l.field,
                parts.join(", ")
            ));
        }
    }
    out
}
