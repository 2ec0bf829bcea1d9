//! `edgegen matrix`: neutral field by target.
//!
//! Written from the profiles; the page in `docs/` is this output, and a test holds them together.

use clap::{Args, ValueEnum};

use super::outcome::{Outcome, anchor, fields, outcome};
use super::{Context, Done};
use crate::profile::Profile;

#[derive(Debug, Clone, Args)]
pub(crate) struct MatrixArgs {
    /// Targets; without any, all
    targets: Vec<String>,
    /// How it is shown
    #[arg(long = "as", value_enum, default_value_t = Shape::Text, value_name = "SHAPE")]
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// For a terminal: a letter for each target; up to three targets with the rule that limits the field
    Text,
    /// Tables for each cloud, with links into the pages of the docs
    Markdown,
}

/// The cloud of targets that are for all of them.
const ANY: &str = "any";

fn cloud(profile: &Profile) -> &str {
    profile.head.cloud.as_deref().unwrap_or(ANY)
}

/// So many targets have a column of words; more have letters.
const WORDS: usize = 3;

pub(super) fn run(ctx: &Context<'_>, args: &MatrixArgs) -> Done {
    let (store, mut sources) = match ctx.store() {
        Ok(found) => found,
        Err(done) => return done,
    };
    let mut diags = crate::diag::Diagnostics::default();
    let chosen = |t: &&str| args.targets.is_empty() || args.targets.iter().any(|x| x == t);
    let ids: Vec<&str> = store.targets().into_iter().filter(chosen).collect();
    let mut profiles: Vec<Profile> = ids
        .iter()
        .filter_map(|id| store.profile(id, &mut sources, &mut diags))
        .collect();
    if diags.has_errors() {
        let mut report = super::Report::default();
        report.add(ctx, &diags, &sources);
        return report.done(ctx);
    }
    // Those of every cloud come last.
    profiles.sort_by_key(|p| (cloud(p) == ANY, cloud(p).to_owned()));
    let fields = fields(&store.vocabulary);
    Done::data(match args.shape {
        Shape::Text if profiles.len() <= WORDS => words(&fields, &profiles),
        Shape::Text => letters(&fields, &profiles),
        Shape::Markdown => page(&fields, &profiles),
    })
}

/// A column for each target, with the rule that refuses or approximates.
fn words(fields: &[String], profiles: &[Profile]) -> String {
    let head =
        std::iter::once("field".to_owned()).chain(profiles.iter().map(|p| p.head.id.clone()));
    let mut rows: Vec<Vec<String>> = vec![head.collect()];
    for field in fields {
        let cells = profiles.iter().map(|p| {
            let found = outcome(p, field);
            let rule = found.limiting().map(|r| format!(": {r}"));
            format!("{}{}", found.word(), rule.unwrap_or_default())
        });
        rows.push(std::iter::once(field.clone()).chain(cells).collect());
    }
    aligned(&rows)
}

fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |i: usize| rows.iter().map(|r| r[i].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(c, w)| format!("{c:<w$}  "));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}

/// A letter for each target under its number, grouped by the fields of the first level.
fn letters(fields: &[String], profiles: &[Profile]) -> String {
    let mut out = String::from(
        "y yes: every value reaches the result\np partly: some values are refused or approximated\n\
         n no: setting the field is a finding\n- the target carries streams, which have no such field\n\n",
    );
    for (i, p) in profiles.iter().enumerate() {
        out.push_str(&format!(
            "{:>2} {:<26} {}\n",
            i + 1,
            p.head.id,
            p.head.title
        ));
    }
    let width = fields.iter().map(String::len).max().unwrap_or(0);
    let numbers = (1..=profiles.len()).map(|n| format!("{n:>3}"));
    let head = format!("\n{:<width$}{}\n", "field", numbers.collect::<String>());
    out.push_str(&head);
    for field in fields {
        let letter = |p| outcome(p, field).word()[..1].to_owned();
        let cells = profiles.iter().map(|p| format!("{:>3}", letter(p)));
        out.push_str(&format!("{field:<width$}{}\n", cells.collect::<String>()));
    }
    out.push_str("\n`edgegen explain FIELD` names the rules and reasons for each target, `edgegen matrix TARGET...` for up to three.\n");
    out
}

/// A table that counts, then one for each cloud. Links are as the docs have their pages.
fn page(fields: &[String], profiles: &[Profile]) -> String {
    let mut out = String::from(
        "# What each target expresses\n\nWritten by `edgegen matrix --as markdown` from the vocabulary and the profiles.\n\n\
         **yes**: every value of the field reaches the result. **partly**: some values are refused or approximated. **no**: setting the\n\
         field is a finding that says why and what to do instead; `accept` with its code leaves the field out. **-**: the target carries\n\
         streams, which have no such field. Fields lead to the [exposure reference](reference/exposure.md), where all targets of one field\n\
         stand together; words lead to the rule.\n\n\
         | target | cloud | yes | partly | no |\n| --- | --- | ---: | ---: | ---: |\n",
    );
    for p in profiles {
        let found: Vec<Outcome<'_>> = fields.iter().map(|f| outcome(p, f)).collect();
        let count = |word: &str| found.iter().filter(|o| o.word() == word).count();
        out.push_str(&format!(
            "| [{0}](targets/{0}.md) | {1} | {2} | {3} | {4} |\n",
            p.head.id,
            cloud(p),
            count("yes"),
            count("partly"),
            count("no"),
        ));
    }
    for group in profiles.chunk_by(|a, b| cloud(a) == cloud(b)) {
        out.push_str(&format!("\n## {}\n\n| field |", cloud(&group[0])));
        let ids = group.iter().map(|p| p.head.id.as_str());
        ids.clone().for_each(|id| out.push_str(&format!(" {id} |")));
        out.push_str(&format!("\n| --- |{}\n", " --- |".repeat(group.len())));
        for field in fields {
            let at = anchor(field);
            out.push_str(&format!("| [`{field}`](reference/exposure.md#{at}) |"));
            for p in group {
                let found = outcome(p, field);
                let text = match found.limiting() {
                    Some(rule) => format!("[{}](targets/{}.md#{rule})", found.word(), p.head.id),
                    None => found.word().to_owned(),
                };
                out.push_str(&format!(" {text} |"));
            }
            out.push('\n');
        }
    }
    out
}
