//! `edgegen verify`: committed overlays against a fresh rendering.
//!
//! Read-only, for pipelines; `--write` accepts what is new.

use clap::Args;

use super::{Context, Done, Inputs, Output, Report, render};
use crate::compile::{self, compile};
use crate::diag::Diagnostics;
use crate::review::{self, overlays, report};
use crate::source::Sources;
use crate::verify::compare;

#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    output: Output,
    /// Write the fresh rendering where it differs
    #[arg(long)]
    write: bool,
}

pub(super) fn run(ctx: &Context<'_>, args: &VerifyArgs) -> Done {
    let output = compile(ctx.world, &ctx.request(&args.inputs, Some(&args.output)));
    let mut done = Report::of(&output).done(ctx);
    if output.has_errors() {
        return done;
    }
    let mut diags = Diagnostics::default();
    let mut differs = 0;
    for r in output.rendered() {
        match compare(
            ctx.world,
            &args.output.out.join(&r.label).join(&r.exposure),
            &r.tree,
        ) {
            Ok(report) if report.is_clean() => {}
            Ok(report) => {
                differs += 1;
                done.stdout.push_str(&report.render());
            }
            Err(d) => diags.push(d),
        }
    }
    if differs > 0 {
        done.stdout
            .push_str(&effects(ctx, &output, &args.output.out));
    }
    if args.write && differs > 0 {
        match render::write(ctx, &output, &args.output.out) {
            Ok(lines) => done.stderr.push_str(&lines),
            Err(problems) => problems.into_iter().for_each(|d| diags.push(d)),
        }
    } else if differs > 0 {
        done.stderr.push_str(&format!(
            "{differs} of {} differ; accept with `--write`\n",
            output.rendered().count()
        ));
        done.code = 1;
    }
    if !diags.is_empty() {
        let mut report = Report::default();
        report.add(ctx, &diags, &Sources::default());
        let failed = report.done(ctx);
        done.stderr.push_str(&failed.stderr);
        done.code = done.code.max(failed.code);
    }
    done
}

/// Risks and replacements of what differs, a line each.
fn effects(ctx: &Context<'_>, output: &compile::Output, out: &std::path::Path) -> String {
    let (before, after) = overlays::changed(ctx.world, output, out);
    let Ok((store, _)) = ctx.store() else {
        return String::new();
    };
    let mut lines = String::new();
    for d in review::compare(&store, &before, &after) {
        for effect in d.effects.keys() {
            let words = report::effect_words(effect);
            lines.push_str(&format!("{} on {}: {words}\n", d.exposure, d.target));
        }
    }
    lines
}
