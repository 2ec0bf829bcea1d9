//! `edgegen fn`: a KRM function, as kustomize and kpt run them.
//!
//! A list of resources and the exposure come on stdin, the list of the result goes to stdout with findings as its results, also when
//! there are errors; then the items are as they came, and the exit code says so.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Context, Done, Report};
use crate::base::{is_resource_list, passes_by};
use crate::compile::{Format, Request, Stdin, compile};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::emit::resource_list::unchanged;
use crate::emit::results::results;
use crate::load::File;
use crate::load::function::settings;
use crate::select::Wanted;
use crate::source::{Sources, Span};
use crate::world::Piped;
use crate::yaml::read::{Limits, decode_text, read};
use crate::yaml::write::to_yaml;
use crate::yaml::{Doc, Node};

const NO_LIST: Code = Code::builtin("EG1310");
const STDIN: &str = "<stdin>";

#[derive(Debug, Clone, Args)]
pub(crate) struct FnArgs {
    /// File or folder with environments (can be repeated)
    #[arg(short = 'e', long = "env", value_name = "PATH")]
    environments: Vec<PathBuf>,
    /// Cloud: its environments, else its default target
    #[arg(short = 'c', long = "cloud", value_name = "CLOUD")]
    clouds: Vec<String>,
    /// Target
    #[arg(short = 't', long = "target", value_name = "TARGET")]
    targets: Vec<String>,
}

pub(super) fn run(ctx: &Context<'_>, args: &FnArgs) -> Done {
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let limits = Limits::default();
    let bytes = match ctx.world.stdin(limits.max_bytes as u64) {
        Ok(bytes) => bytes,
        Err(e) => {
            diags.push(crate::load::messages::unreadable(STDIN, &e));
            return said(ctx, &diags, &sources);
        }
    };
    let text = match decode_text(STDIN, bytes) {
        Ok(text) => text,
        Err(d) => {
            diags.push(*d);
            return said(ctx, &diags, &sources);
        }
    };
    let source = sources.add(STDIN, text.as_str());
    let docs = read(&sources, source, &limits, &mut diags);
    let list = match docs.as_slice() {
        [doc] if is_resource_list(doc.root()) => doc,
        _ => {
            if !diags.has_errors() {
                diags.push(no_list(docs.first(), Span::new(source, 0, 0)));
            }
            return said(ctx, &diags, &sources);
        }
    };
    let piped = Piped {
        world: ctx.world,
        stdin: text.as_bytes(),
    };
    let output = compile(&piped, &request(ctx, args, list, &text));
    let report = Report::of(&output);
    let mut done = report.done(ctx);
    let made = output.rendered().flat_map(|r| r.tree.values()).next();
    done.stdout = match made.filter(|_| !output.has_errors()) {
        Some(text) => text.clone(),
        None => unchanged(list),
    };
    let found: Vec<_> = report
        .parts()
        .flat_map(|(diags, sources)| results(diags, sources))
        .collect();
    if !found.is_empty() {
        // Messages hold no text that the writer refuses; a list without results would be one without findings.
        match to_yaml(&json!({ "results": found })) {
            Ok(text) => done.stdout.push_str(&text),
            Err(why) => done.stderr.push_str(&format!("{why}\n")),
        }
    }
    done
}

fn request(ctx: &Context<'_>, args: &FnArgs, list: &Doc, text: &str) -> Request {
    let root = list.root();
    let mut items = root.get("items").into_iter().flat_map(Node::items);
    let stdin = if items.any(|i| !passes_by(i, true)) {
        Stdin::Given
    } else {
        Stdin::Named
    };
    let config = root.get("functionConfig");
    let named = |key: &str| {
        let annotation = format!("edgegen.io/{key}");
        let text = config.and_then(|c| match settings(c) {
            Some(data) => data.get(key),
            None => c.at(&["metadata", "annotations", &annotation]),
        });
        let text = text.and_then(Node::as_str).into_iter();
        let parts = text.flat_map(|t| t.split(',')).map(str::trim);
        parts
            .filter(|p| !p.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut wanted = Wanted {
        clouds: args.clouds.clone(),
        targets: args.targets.clone(),
        environments: Vec::new(),
    };
    if wanted == Wanted::default() {
        wanted = Wanted {
            clouds: named("cloud"),
            targets: named("target"),
            environments: named("environment"),
        };
    }
    Request {
        environments: args.environments.clone(),
        texts: vec![File {
            path: STDIN.into(),
            text: text.to_owned(),
            named: true,
        }],
        stdin,
        wanted,
        profiles: ctx.profiles.clone(),
        format: Format::ResourceList,
        ..Request::default()
    }
}

fn no_list(first: Option<&Doc>, start: Span) -> Diagnostic {
    let kind = first.and_then(|d| d.root().get("kind"));
    Diagnostic::error(NO_LIST, "standard input is no ResourceList")
        .at(kind.map_or(start, Node::span), "a function is sent `kind: ResourceList` here")
        .note("see https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md")
        .help("let kustomize or kpt call the function; `edgegen post-render` takes a stream of manifests")
}

fn said(ctx: &Context<'_>, diags: &Diagnostics, sources: &Sources) -> Done {
    let mut report = Report::default();
    report.add(ctx, diags, sources);
    report.done(ctx)
}
