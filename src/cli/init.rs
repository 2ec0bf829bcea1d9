//! `edgegen init`: a first exposure for a base, with comments on what to decide.
//!
//! It states only what the base says; what is a decision is left as a comment or as the safe choice.

use std::path::PathBuf;

use clap::Args;

use super::first::document;
use super::{Context, Done, Report};
use crate::base::read_base;
use crate::diag::Diagnostics;
use crate::source::Sources;
use crate::world::display;

#[derive(Debug, Clone, Args)]
pub(crate) struct InitArgs {
    /// Base: folder, file, or `-`
    base: PathBuf,
    /// Name of the exposure; without it, that of the first carrier or Service
    #[arg(long)]
    name: Option<String>,
}

pub(super) fn run(ctx: &Context<'_>, args: &InitArgs) -> Done {
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let (store, _) = match ctx.store() {
        Ok(found) => found,
        Err(done) => return done,
    };
    let shown = display(&args.base);
    let base = read_base(
        ctx.world,
        &mut sources,
        &args.base,
        &shown,
        None,
        &mut diags,
    );
    let mut report = Report::default();
    report.add(ctx, &diags, &sources);
    match base.filter(|_| !diags.has_errors()) {
        None => report.done(ctx),
        Some(base) => {
            let mut done = report.done(ctx);
            done.stdout = document(&base, &store, &shown, args.name.as_deref());
            done
        }
    }
}
