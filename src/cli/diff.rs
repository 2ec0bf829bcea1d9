//! `edgegen diff`: what a change of overlays means, for whoever reviews it.
//!
//! Committed overlays against a fresh rendering, a revision against one, or two folders; writes nothing.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Context, Done, Inputs, Output, Report};
use crate::compile::compile;
use crate::diag::{Diagnostic, Diagnostics};
use crate::profile::store::Store;
use crate::review::overlays::{self, Overlay};
use crate::review::report::{self, Count};
use crate::review::{self, Difference};
use crate::source::Sources;
use crate::world::PathKind;

#[derive(Debug, Clone, Args)]
pub(crate) struct DiffArgs {
    /// Two folders with overlays, before and after; without them, what is in `--out` against a fresh rendering
    #[arg(num_args = 2, value_names = ["BEFORE", "AFTER"])]
    folders: Vec<PathBuf>,
    /// Revision of the git repository whose `--out` is taken as before
    #[arg(long, value_name = "REV", conflicts_with = "folders")]
    base_rev: Option<String>,
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    output: Output,
    /// How differences are shown
    #[arg(long = "as", value_enum, default_value_t = Shape::Text, value_name = "SHAPE")]
    shape: Shape,
    /// Longest Markdown, in bytes
    #[arg(long, default_value_t = 60_000, value_name = "BYTES")]
    max_size: usize,
    /// Fail when there is such a difference (can be repeated)
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    deny: Vec<Deny>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// For a terminal
    Text,
    /// For a comment on a pull request
    Markdown,
    /// For programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// A protection goes or is weakened
    Risk,
    /// The cloud makes something anew
    Replacement,
    /// Anything
    Any,
}

pub(super) fn run(ctx: &Context<'_>, args: &DiffArgs) -> Done {
    let mut done = Done::default();
    let sides = if let [before, after] = &args.folders[..] {
        overlays::in_folder(ctx.world, before)
            .and_then(|b| Ok((b, overlays::in_folder(ctx.world, after)?)))
    } else {
        let output = compile(ctx.world, &ctx.request(&args.inputs, Some(&args.output)));
        done = Report::of(&output).done(ctx);
        if output.has_errors() {
            return done;
        }
        committed(ctx, args).map(|before| (before, overlays::compiled(&output)))
    };
    let (before, after) = match sides {
        Ok(sides) => sides,
        Err(d) => return failed(ctx, d),
    };
    let store = match ctx.store() {
        Ok((store, _)) => store,
        Err(failed) => return failed,
    };
    finish(done, args, &store, &before, &after)
}

/// The overlays as they are in the output folder, or were in a revision.
fn committed(ctx: &Context<'_>, args: &DiffArgs) -> Result<Vec<Overlay>, Diagnostic> {
    let out = &args.output.out;
    if let Some(revision) = &args.base_rev {
        return overlays::in_revision(revision, out);
    }
    match ctx.world.kind(out) {
        Ok(PathKind::Absent) => Ok(Vec::new()),
        _ => overlays::in_folder(ctx.world, out),
    }
}

fn finish(
    mut done: Done,
    args: &DiffArgs,
    store: &Store,
    before: &[Overlay],
    after: &[Overlay],
) -> Done {
    let found = review::compare(store, before, after);
    done.stdout.push_str(&match args.shape {
        Shape::Text => report::text(&found),
        Shape::Markdown => report::markdown(&found, args.max_size),
        Shape::Json => format!("{:#}\n", report::json(&found)),
    });
    if args.shape == Shape::Text {
        done.stderr
            .push_str(&format!("{}\n", Count::of(&found).words()));
    }
    if args.deny.iter().any(|d| denied(*d, &found)) {
        done.code = done.code.max(1);
    }
    done
}

fn denied(what: Deny, found: &[Difference]) -> bool {
    match what {
        Deny::Any => !found.is_empty(),
        Deny::Risk => found.iter().any(Difference::is_risky),
        Deny::Replacement => found.iter().any(Difference::replaces),
    }
}

fn failed(ctx: &Context<'_>, d: Diagnostic) -> Done {
    let mut diags = Diagnostics::default();
    diags.push(d);
    let mut report = Report::default();
    report.add(ctx, &diags, &Sources::default());
    let mut done = report.done(ctx);
    done.code = done.code.max(2);
    done
}
