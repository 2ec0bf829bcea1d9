//! `edgegen report`: one HTML page for a folder of exposures.
//!
//! Findings do not stop it: what a target refuses is what a reader wants to see.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Done, Inputs, Output, Report};
use crate::compile::{Request, compile};
use crate::review::{compare, overlays, page};
use crate::world::PathKind;

#[derive(Debug, Clone, Args)]
pub(crate) struct PageArgs {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    output: Output,
    /// Write the page to this file in place of standard output
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub(super) fn run(ctx: &Context<'_>, args: &PageArgs) -> Done {
    let request = Request {
        detail: true,
        ..ctx.request(&args.inputs, Some(&args.output))
    };
    let output = compile(ctx.world, &request);
    let mut done = Report::of(&output).done(ctx);
    if output.rendered().next().is_none() {
        return done;
    }
    let out = &args.output.out;
    let before = match ctx.world.kind(out) {
        Ok(PathKind::Dir) => overlays::in_folder(ctx.world, out).unwrap_or_default(),
        _ => Vec::new(),
    };
    let changes = match ctx.store() {
        Ok((store, _)) if !before.is_empty() => {
            let after = overlays::compiled(&output);
            compare(&store, &before, &after)
        }
        _ => Vec::new(),
    };
    let text = page::page(&output, &changes);
    match &args.html {
        Some(file) => done.files.push((file.clone(), text)),
        None => done.stdout.push_str(&text),
    }
    // A page of refusals is a good page.
    if done.code == 1 {
        done.code = 0;
    }
    done
}
