//! `edgegen init`: a first exposure for a base, with comments on what to decide.
//!
//! It states only what the base says; what is a decision is left as a comment or as the safe choice.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Done, Report};
use crate::base::{Base, read_base};
use crate::diag::Diagnostics;
use crate::load::API_VERSION;
use crate::model::object::BaseObject;
use crate::source::Sources;
use crate::world::display;
use crate::yaml::Node;

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
            done.stdout = document(&base, &shown, args.name.as_deref());
            done
        }
    }
}

fn document(base: &Base, shown: &str, name: Option<&str>) -> String {
    let of_kind = |kind: &str| {
        base.objects
            .iter()
            .filter(|o| o.id.kind == kind)
            .collect::<Vec<_>>()
    };
    let (ingresses, gateways, services) =
        (of_kind("Ingress"), of_kind("Gateway"), of_kind("Service"));
    let first = ingresses.first().or(gateways.first()).or(services.first());
    let name = name
        .map(str::to_owned)
        .or_else(|| first.map(|o| o.id.name.clone()))
        .unwrap_or_else(|| "app".to_owned());
    let namespace = first.and_then(|o| o.id.namespace.clone());
    let mut out = format!(
        "# What reaches this application from outside, in words that hold on every cloud.\n\
         # `edgegen explain FIELD` tells what a field means and what each target does with it.\n\
         apiVersion: {API_VERSION}\nkind: Exposure\nmetadata:\n  name: {name}\n"
    );
    if let Some(ns) = namespace {
        out.push_str(&format!("  namespace: {ns}\n"));
    }
    let path = if shown.starts_with(['/', '.']) || shown == "-" {
        shown.to_owned()
    } else {
        format!("./{shown}")
    };
    out.push_str(&format!("spec:\n  base: {path}\n"));
    if !(ingresses.is_empty() && gateways.is_empty()) {
        out.push_str("  # Objects that carry the traffic. Of two generations, one is used for each target.\n  carriers:\n");
        for o in ingresses.iter().chain(&gateways) {
            out.push_str(&format!(
                "  - kind: {}\n    name: {}\n",
                o.id.kind, o.id.name
            ));
        }
    }
    out.push_str("  # Public is the internet; Internal is the cluster's network. Nothing is public by omission: decide.\n  scope: Internal\n");
    let hosts = hosts(&ingresses);
    if !hosts.is_empty() {
        out.push_str("  # Write the public name first, and keep the base's name in `inBase`.\n  hostnames:\n");
        hosts
            .iter()
            .for_each(|h| out.push_str(&format!("  - name: {h}\n    inBase: {h}\n")));
    }
    let secrets = ingresses
        .iter()
        .any(|o| o.node().at(&["spec", "tls"]).is_some());
    if secrets {
        out.push_str(
            "  tls:\n    # What a certificate is on each cloud stands in the environment, under `certificates`.\n    certificates:\n",
        );
        out.push_str(&format!(
            "    - name: {name}\n    minVersion: \"1.2\"\n    redirectHTTP: true\n"
        ));
    }
    if ingresses.is_empty() && gateways.is_empty() {
        out.push_str("  # The base has Services only, so the routes are stated here.\n  routes:\n");
        for s in services.iter().take(1) {
            let port = s
                .node()
                .at(&["spec", "ports"])
                .and_then(|p| p.items().next()?.get("port")?.as_int())
                .unwrap_or(80);
            out.push_str(&format!(
                "  - hostnames: [{name}.example.com]\n    rules:\n    - matches:\n      - path: {{ type: PathPrefix, value: / }}\n      \
                 backendRefs:\n      - name: {}\n        port: {port}\n",
                s.id.name
            ));
        }
    }
    out.push_str(
        "  # Settings towards the Services. An entry without `service` is for all of them.\n  backends:\n  - healthCheck:\n      \
         path: /healthz\n      interval: 15s\n      timeout: 5s\n",
    );
    if base.objects.iter().any(|o| o.id.kind == "NetworkPolicy") {
        out.push_str("  # The base has NetworkPolicies; this adds one that admits the balancer and its probes.\n  networkPolicy: Generate\n");
    }
    out
}

fn hosts(ingresses: &[&BaseObject]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for o in ingresses {
        for rule in o
            .node()
            .at(&["spec", "rules"])
            .into_iter()
            .flat_map(Node::items)
        {
            if let Some(h) = rule.get("host").and_then(Node::as_str)
                && !out.iter().any(|x| x == h)
            {
                out.push(h.to_owned());
            }
        }
    }
    out
}
