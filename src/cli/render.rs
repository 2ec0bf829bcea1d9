//! `edgegen render`: overlays on disk or on standard output.
//!
//! The one command that writes in the ordinary course of things; all folders or none.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Done, Inputs, Output, Report};
use crate::compile::{self, Rendered, compile};
use crate::diag::{Diagnostic, Diagnostics};
use crate::out::{self, Changes};
use crate::review::{self, overlays};
use crate::source::Sources;

#[derive(Debug, Clone, Args)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    output: Output,
    /// Print what would be written, and write nothing
    #[arg(long)]
    stdout: bool,
    /// Also write what makes the cloud delete something and make it anew
    #[arg(long)]
    allow_replace: bool,
}

pub(super) fn run(ctx: &Context<'_>, args: &RenderArgs) -> Done {
    let output = compile(ctx.world, &ctx.request(&args.inputs, Some(&args.output)));
    let mut report = Report::of(&output);
    if output.has_errors() {
        return report.done(ctx);
    }
    if args.stdout {
        let mut done = report.done(ctx);
        done.stdout = printed(output.rendered());
        return done;
    }
    let replaced = if args.allow_replace {
        Vec::new()
    } else {
        replacements(ctx, &output, &args.output.out)
    };
    let written = if replaced.is_empty() {
        write(ctx, &output, &args.output.out)
    } else {
        Err(replaced)
    };
    let mut lines = String::new();
    match written {
        Ok(text) => lines = text,
        Err(problems) => {
            let mut diags = Diagnostics::default();
            problems.into_iter().for_each(|d| diags.push(d));
            report.add(ctx, &diags, &Sources::default());
        }
    }
    let mut done = report.done(ctx);
    done.stderr.push_str(&lines);
    // The process ends; taking thousands of trees apart would only keep the caller waiting.
    std::mem::forget(output);
    done
}

/// What writing the results over those in the output folder would make the clouds replace.
fn replacements(
    ctx: &Context<'_>,
    output: &compile::Output,
    out: &std::path::Path,
) -> Vec<Diagnostic> {
    let (before, after) = overlays::changed(ctx.world, output, out);
    if before.is_empty() {
        return Vec::new();
    }
    match ctx.store() {
        Ok((store, _)) => review::replacements(&review::compare(&store, &before, &after)),
        // The run itself has read the same profiles.
        Err(_) => Vec::new(),
    }
}

/// Writes all results; gives a line for each folder.
pub(super) fn write(
    ctx: &Context<'_>,
    output: &compile::Output,
    out: &std::path::Path,
) -> Result<String, Vec<Diagnostic>> {
    let folders: Vec<(PathBuf, &out::Tree)> = output
        .rendered()
        .map(|r| (out.join(&r.label).join(&r.exposure), &r.tree))
        .collect();
    let bases: Vec<PathBuf> = output
        .groups
        .iter()
        .filter_map(|g| g.base.as_ref())
        .flat_map(crate::base::Base::guarded)
        .collect();
    ctx.progress.writing(folders.len());
    let changes = out::publish_all(&folders, &bases)?;
    let mut lines = String::new();
    for ((dir, _), change) in folders.iter().zip(&changes) {
        lines.push_str(&line(&crate::world::display(dir), change));
    }
    Ok(lines)
}

fn line(dir: &str, change: &Changes) -> String {
    if change.is_empty() {
        return format!("{dir}: unchanged\n");
    }
    let mut parts = Vec::new();
    if !change.written.is_empty() {
        parts.push(format!("wrote {}", change.written.join(", ")));
    }
    if !change.removed.is_empty() {
        parts.push(format!("removed {}", change.removed.join(", ")));
    }
    format!("{dir}: {}\n", parts.join("; "))
}

/// All files one after the other. A single file stands alone; several are told apart by comment lines.
fn printed<'r>(rendered: impl Iterator<Item = &'r Rendered>) -> String {
    let files: Vec<(String, &String)> = rendered
        .flat_map(|r| {
            r.tree
                .iter()
                .map(move |(path, text)| (format!("{}/{}/{path}", r.label, r.exposure), text))
        })
        .collect();
    if let [(_, text)] = files.as_slice() {
        return (*text).clone();
    }
    files
        .iter()
        .map(|(path, text)| format!("# {path}\n{text}"))
        .collect::<Vec<_>>()
        .join("---\n")
}
