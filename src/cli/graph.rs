//! `edgegen graph`: the way of a request through each target, as Mermaid or SVG.
//!
//! For a pull request or a page of a wiki; writes nothing.

use clap::{Args, ValueEnum};

use super::{Context, Done, Inputs, Report};
use crate::compile::{Request, compile};
use crate::review::graph::Graph;

#[derive(Debug, Clone, Args)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    inputs: Inputs,
    /// How it is drawn; SVG is one picture, so it takes one exposure and one target
    #[arg(long = "as", value_enum, default_value_t = Shape::Mermaid, value_name = "SHAPE")]
    shape: Shape,
    /// Only the exposure of this name
    #[arg(long, value_name = "NAME")]
    exposure: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// A block that code hosts draw
    Mermaid,
    /// A picture
    Svg,
}

pub(super) fn run(ctx: &Context<'_>, args: &GraphArgs) -> Done {
    let request = Request {
        detail: true,
        ..ctx.request(&args.inputs, None)
    };
    let output = compile(ctx.world, &request);
    let mut done = Report::of(&output).done(ctx);
    let wanted = |name: &str| args.exposure.as_ref().is_none_or(|e| e == name);
    let graphs: Vec<&Graph> = output
        .rendered()
        .filter(|r| wanted(&r.exposure))
        .filter_map(|r| r.graph.as_ref())
        .collect();
    match (args.shape, &graphs[..]) {
        (Shape::Mermaid, graphs) => {
            for graph in graphs {
                let block = format!(
                    "## {}\n\n```mermaid\n{}```\n\n",
                    graph.title,
                    graph.mermaid()
                );
                done.stdout.push_str(&block);
            }
        }
        (Shape::Svg, [one]) => done.stdout.push_str(&one.svg()),
        (Shape::Svg, several) => {
            let titles: Vec<&str> = several.iter().map(|g| g.title.as_str()).collect();
            let line = format!(
                "error: an SVG shows one exposure on one target, and there are {}: {}\nname one with `--exposure` and `--target`\n",
                several.len(),
                titles.join(", ")
            );
            done.stderr.push_str(&line);
            done.code = 2;
        }
    }
    done
}
