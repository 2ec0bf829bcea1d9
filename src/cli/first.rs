//! The first exposure of a base, as text with comments: what the base says, and where something is to be decided.
//!
//! It goes through the reader and the resolver that every run goes through, so that it says of the base what a run will make of it.

use std::path::PathBuf;

use crate::base::Base;
use crate::diag::Diagnostics;
use crate::load::{API_VERSION, File, documents};
use crate::model::edge::{Backend, BaseTls, Edge, Generation};
use crate::model::object::{BaseObject, ObjectId};
use crate::profile::store::Store;
use crate::resolve::messages::DISAGREE;
use crate::resolve::{self, resolve};
use crate::source::Sources;
use crate::yaml::Node;
use crate::yaml::scalar::is_plain_safe;

/// The document, for a base that is `shown` to the user by that path.
pub(super) fn document(base: &Base, store: &Store, shown: &str, name: Option<&str>) -> String {
    let of_kind = |kind: &str| -> Vec<&BaseObject> {
        base.objects.iter().filter(|o| o.id.kind == kind).collect()
    };
    let services = of_kind("Service");
    let mut carriers = of_kind("Ingress");
    carriers.extend(of_kind("Gateway"));
    if carriers.is_empty() {
        carriers.extend(services.iter().filter(|s| is_balancer(s)));
    }
    let first = carriers.first().or(services.first()).map(|o| &o.id);
    let name = name.or(first.map(|id| &*id.name)).unwrap_or("app");
    let start = |carriers: &[&BaseObject], aside: &[&BaseObject]| {
        let mut out = head(shown, name, first.and_then(|id| id.namespace.as_deref()));
        add_carriers(&mut out, carriers, aside);
        out.push_str(
            "  # Public is the internet; Internal is the cluster's network. Nothing is public by omission: decide.\n  scope: Internal\n",
        );
        if carriers.is_empty() {
            add_routes(&mut out, name, &services);
        }
        out
    };
    let mut out = start(&carriers, &[]);
    let (mut edge, found) = resolved(base, store, &out);
    if found.iter().any(|d| d.code == DISAGREE) {
        // Both cannot be listed; the first generation is what the base was written for.
        let kind = carriers[0].id.kind.clone();
        let (kept, aside): (Vec<_>, Vec<_>) = carriers.iter().partition(|o| o.id.kind == kind);
        out = start(&kept, &aside);
        edge = resolved(base, store, &out).0;
    }
    if let Some(edge) = &edge {
        if !carriers.is_empty() {
            add_hosts(&mut out, edge);
        }
        if edge.streams.is_empty() {
            add_tls(&mut out, edge, name);
        }
        add_readings(&mut out, edge);
        add_backends(&mut out, edge);
    }
    if !of_kind("NetworkPolicy").is_empty() {
        out.push_str(
            "  # The base has NetworkPolicies; this adds one that admits the balancer and its probes.\n  networkPolicy: Generate\n",
        );
    }
    out
}

fn head(shown: &str, name: &str, namespace: Option<&str>) -> String {
    let mut out = format!(
        "# What reaches this application from outside, in words that hold on every cloud.\n\
         # `edgegen explain FIELD` tells what a field means and what each target does with it.\n\
         apiVersion: {API_VERSION}\nkind: Exposure\nmetadata:\n  name: {}\n",
        quoted(name)
    );
    if let Some(namespace) = namespace {
        out.push_str(&format!("  namespace: {}\n", quoted(namespace)));
    }
    let path = if shown.starts_with(['/', '.']) || shown == "-" {
        shown.to_owned()
    } else {
        format!("./{shown}")
    };
    out.push_str(&format!("spec:\n  base: {}\n", quoted(&path)));
    out
}

/// What the document so far means; none where the base has faults, which `check` tells.
fn resolved(base: &Base, store: &Store, text: &str) -> (Option<Edge>, Diagnostics) {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let file = File {
        path: PathBuf::from("exposure.yaml"),
        text: text.to_owned(),
        named: true,
    };
    let mut read = documents(&file, store, true, &mut sources, &mut found);
    let Some(exposure) = read.exposures.pop() else {
        return (None, found);
    };
    let has = |kind: &str| base.objects.iter().any(|o| o.id.kind == kind);
    let generation = if has("Ingress") {
        Generation::Ingress
    } else if has("Gateway") {
        Generation::Gateway
    } else if base.objects.iter().any(is_balancer) {
        Generation::Service
    } else {
        Generation::Ingress
    };
    let dialects: Vec<_> = store
        .heads
        .iter()
        .filter_map(|h| h.dialect.clone())
        .collect();
    let input = resolve::Input {
        exposure: &exposure,
        environment: None,
        base: &base.objects,
        generation,
        dialects: &dialects,
        target: "",
        blank: &store.vocabulary.blank,
    };
    let edge = resolve(&input, &mut found);
    (edge, found)
}

/// A Service that can only be for a balancer of its own: it says so, or has a port that no route leads to.
fn is_balancer(object: &BaseObject) -> bool {
    let spec = object.node().get("spec");
    let text =
        |n: Node<'_>, key: &str, wanted: &str| n.get(key).and_then(Node::as_str) == Some(wanted);
    let is = |s: Node<'_>| {
        let mut ports = s.get("ports").into_iter().flat_map(Node::items);
        text(s, "type", "LoadBalancer") || ports.any(|p| text(p, "protocol", "UDP"))
    };
    object.id.kind == "Service" && spec.is_some_and(is)
}

fn add_carriers(out: &mut String, carriers: &[&BaseObject], aside: &[&BaseObject]) {
    if carriers.is_empty() {
        return;
    }
    out.push_str(if carriers[0].id.kind == "Service" {
        "  # Services whose ports the balancer passes on, without routes.\n  carriers:\n"
    } else {
        "  # Objects that carry the traffic. Of two generations, one is used for each target.\n  carriers:\n"
    });
    for o in carriers {
        let (kind, name) = (&o.id.kind, quoted(&o.id.name));
        out.push_str(&format!("  - kind: {kind}\n    name: {name}\n"));
        let same = |other: &&&BaseObject| {
            let id: &ObjectId = &other.id;
            (&id.kind, &id.name) == (&o.id.kind, &o.id.name)
        };
        if let Some(namespace) = &o.id.namespace
            && carriers.iter().filter(same).count() > 1
        {
            out.push_str(&format!("    namespace: {}\n", quoted(namespace)));
        }
    }
    if !aside.is_empty() {
        out.push_str(&format!("  # These carry other routing than those above; list them when they agree (`edgegen explain {DISAGREE}`).\n"));
    }
    for o in aside {
        let (kind, name) = (&o.id.kind, quoted(&o.id.name));
        out.push_str(&format!("  # - kind: {kind}\n  #   name: {name}\n"));
    }
}

/// Routes to the Services that a balancer can lead to; the first has the root, since a host needs one.
fn add_routes(out: &mut String, name: &str, services: &[&BaseObject]) {
    let port = |s: &BaseObject| {
        let tcp = |p: &Node<'_>| {
            p.get("protocol")
                .and_then(Node::as_str)
                .is_none_or(|p| p == "TCP")
        };
        let ports = s.node().at(&["spec", "ports"])?;
        ports.items().find(tcp)?.get("port")?.as_int()
    };
    let mut found = services.iter().filter_map(|s| Some((&s.id.name, port(s)?)));
    let Some((service, port)) = found.next() else {
        return;
    };
    out.push_str(&format!(
        "  # The base has Services only, so the routes are stated here. The host is yours to name.\n  routes:\n  \
         - hostnames: [{}]\n    rules:\n    - matches:\n      - path: {{ type: PathPrefix, value: / }}\n      \
         backendRefs:\n      - name: {}\n        port: {port}\n",
        quoted(&format!("{name}.example.com")),
        quoted(service)
    ));
    // A path is proposed for what can be one; other names are no names of Services anyway.
    let word = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    for (at, (service, port)) in found.filter(|(name, _)| word(name)).enumerate() {
        if at == 0 {
            out.push_str("    # For the other Services:\n");
        }
        out.push_str(&format!(
            "    # - matches:\n    #   - path: {{ type: PathPrefix, value: {} }}\n    #   backendRefs:\n    \
             #   - name: {}\n    #     port: {port}\n",
            quoted(&format!("/{service}")),
            quoted(service)
        ));
    }
}

fn add_hosts(out: &mut String, edge: &Edge) {
    let mut names = edge.hosts.iter().map(|h| h.name.value.as_str());
    // A route for every host has no name to list, and then none may be listed.
    if edge.hosts.is_empty() || names.any(str::is_empty) {
        return;
    }
    out.push_str(
        "  # Write the public name first, and keep the base's name in `inBase`.\n  hostnames:\n",
    );
    for host in &edge.hosts {
        let host = quoted(&host.name.value);
        out.push_str(&format!("  - name: {host}\n    inBase: {host}\n"));
    }
}

fn add_tls(out: &mut String, edge: &Edge, name: &str) {
    let all: Vec<&BaseTls> = edge.carriers.iter().flat_map(|c| &c.tls).collect();
    let mut secrets: Vec<&str> = Vec::new();
    for secret in all.iter().filter_map(|t| Some(&t.secret.as_ref()?.value)) {
        if !secrets.contains(&secret.as_str()) {
            secrets.push(secret);
        }
    }
    if all.is_empty() {
        out.push_str(&format!(
            "  # The base ends no TLS. To have it, name a certificate, and say in the environment what it is on each cloud:\n  \
             # tls:\n  #   certificates:\n  #   - name: {}\n  #   minVersion: \"1.2\"\n  #   redirectHTTP: true\n",
            quoted(name)
        ));
        return;
    }
    out.push_str(
        "  tls:\n    # What a certificate is on each cloud stands in the environment, under `certificates`.\n    certificates:\n",
    );
    if secrets.len() < 2 {
        out.push_str(&format!("    - name: {}\n", quoted(name)));
    }
    for secret in secrets.iter().filter(|_| secrets.len() > 1) {
        out.push_str(&format!("    - name: {}\n", quoted(secret)));
        let of = all
            .iter()
            .filter(|t| t.secret.as_ref().is_some_and(|s| s.value == **secret));
        let mut hosts: Vec<String> = Vec::new();
        for host in of.flat_map(|t| &t.hosts).map(|h| quoted(h)) {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        if !hosts.is_empty() {
            out.push_str(&format!("      hosts: [{}]\n", hosts.join(", ")));
        }
    }
    out.push_str("    minVersion: \"1.2\"\n    redirectHTTP: true\n");
}

/// What annotations of the base mean: fields that need not be written again.
fn add_readings(out: &mut String, edge: &Edge) {
    let mut lines: Vec<String> = Vec::new();
    for key in edge.foreign.iter().filter(|k| !k.fields.is_empty()) {
        let line = format!(
            "  #   {}: {}\n",
            key.fields.join(", "),
            one_line(&format!(
                "{} of {}/{}",
                key.key, key.object.kind, key.object.name
            ))
        );
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if !lines.is_empty() {
        out.push_str("  # Annotations of the base say these fields; what is written here wins.\n");
        lines.iter().for_each(|l| out.push_str(l));
    }
}

fn add_backends(out: &mut String, edge: &Edge) {
    let mut known: Vec<String> = Vec::new();
    let mut unknown: Vec<&str> = Vec::new();
    for backend in &edge.backends {
        let probe = backend.workload.as_ref().and_then(|w| w.readiness.as_ref());
        match probe {
            Some((path, port, _)) => {
                let other = port.filter(|p| !serves(backend, *p));
                let at = other.map_or_else(String::new, |p| format!(" on port {p}"));
                known.push(one_line(&format!("{} {path}{at}", backend.id.name)));
            }
            None => unknown.push(&backend.id.name),
        }
    }
    if edge.streams.is_empty() && !known.is_empty() {
        out.push_str(&format!(
            "  # Health checks come from the readiness probes of the Pods: {}.\n",
            known.join(", ")
        ));
    }
    out.push_str(
        "  # Settings towards the Services; an entry without `service` is for all of them. Defaults differ from cloud to cloud, so state\n  \
         # what the application needs:\n  # backends:\n",
    );
    if edge.streams.is_empty() {
        out.push_str("  # - timeouts: { request: 60s }\n");
    }
    let grace = |b: &Backend| Some(b.workload.as_ref()?.grace_period);
    let grace = edge.backends.iter().filter_map(grace).min();
    if let Some(seconds) = grace.filter(|s| *s > 0) {
        let lead = if edge.streams.is_empty() {
            "  #   drain:"
        } else {
            "  # - drain:"
        };
        out.push_str(&format!(
            "{lead} {seconds}s # at most the shortest grace period of the Pods\n"
        ));
    }
    for service in unknown.iter().filter(|_| edge.streams.is_empty()) {
        out.push_str(&format!(
            "  # - service: {} # its Pods have no readiness probe over HTTP: name a path that answers 200 without signing in\n  \
             #   healthCheck: {{ path: / }}\n",
            quoted(service)
        ));
    }
}

/// Whether a route leads to that port of the Pods.
fn serves(backend: &Backend, port: i64) -> bool {
    backend
        .ports
        .iter()
        .any(|p| backend.used.contains(&p.port) && p.target_port.unwrap_or(p.port) == port)
}

/// A text as a YAML scalar; what would not read back as it is gets quotes.
fn quoted(text: &str) -> String {
    let bare = text.trim_start_matches(['.', '/']);
    if is_plain_safe(bare) && !text.contains([',', '[', ']', '{', '}']) && !text.starts_with("...")
    {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// A text for a comment.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            // Breaks of lines for some readers of YAML, and no control characters.
            '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}
