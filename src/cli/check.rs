//! `edgegen check`: all findings, nothing written.
//!
//! What an editor or a pre-commit hook asks for.

use super::{Context, Done, Inputs, Report};
use crate::compile::compile;

pub(super) fn run(ctx: &Context<'_>, inputs: &Inputs) -> Done {
    let output = compile(ctx.world, &ctx.request(inputs, None));
    let mut done = Report::of(&output).done(ctx);
    done.stderr = done.stderr.replace("; nothing was written", "");
    done
}
