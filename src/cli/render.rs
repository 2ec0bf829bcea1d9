//! `edgegen render`: overlays on disk or on standard output.
//!
//! The one command that writes in the ordinary course of things; all folders or none.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Done, Inputs, Output, Report};
use crate::compile::{self, Rendered, compile};
use crate::diag::Diagnostics;
use crate::out::{self, Changes};
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
}

pub(super) fn run(ctx: &Context<'_>, args: &RenderArgs) -> Done {
    let output = compile(ctx.world, &ctx.request(&args.inputs, Some(&args.output)));
    let mut done = Report::of(&output).done(ctx);
    if output.has_errors() {
        return done;
    }
    if args.stdout {
        done.stdout = printed(output.rendered());
        return done;
    }
    match write(ctx, &output, &args.output.out) {
        Ok(lines) => done.stderr.push_str(&lines),
        Err(problems) => {
            let mut diags = Diagnostics::default();
            problems.into_iter().for_each(|d| diags.push(d));
            let mut report = Report::default();
            report.add(ctx, &diags, &Sources::default());
            let failed = report.done(ctx);
            done.stderr.push_str(&failed.stderr);
            done.code = failed.code;
        }
    }
    // The process ends; taking thousands of trees apart would only keep the caller waiting.
    std::mem::forget(output);
    done
}

/// Writes all results; gives a line for each folder.
pub(super) fn write(
    ctx: &Context<'_>,
    output: &compile::Output,
    out: &std::path::Path,
) -> Result<String, Vec<crate::diag::Diagnostic>> {
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
