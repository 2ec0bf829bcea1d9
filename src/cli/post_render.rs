//! `edgegen post-render`: a chart's manifests in, the result for one target out.
//!
//! helm calls it between rendering and installing; what it prints is what gets installed, so nothing else goes to stdout.

use super::{Context, Done, Inputs, Report};
use crate::compile::{Format, Request, Stdin, compile};

pub(super) fn run(ctx: &Context<'_>, inputs: &Inputs) -> Done {
    let request = Request {
        stdin: Stdin::Given,
        format: Format::Stream,
        ..ctx.request(inputs, None)
    };
    let output = compile(ctx.world, &request);
    let mut done = Report::of(&output).done(ctx);
    if !output.has_errors() {
        let texts = output.rendered().flat_map(|r| r.tree.values());
        done.stdout = texts.map(String::as_str).collect();
    }
    done
}
