//! Resolving: pages of the resolver's codes, cases in Markdown, and the path idioms against a regular expression engine.
//!
//! A page's example has to raise exactly its code, so that `explain` never shows what does not happen.

#![expect(clippy::disallowed_methods, reason = "the cases are files")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use edgegen::base::read_base;
use edgegen::diag::{Diagnostic, Diagnostics, catalog};
use edgegen::model::document::{Environment, Exposure};
use edgegen::model::edge::{At, Edge, Generation, PathMatch, Rewrite};
use edgegen::model::val::{Data, Val};
use edgegen::profile::dialect::{Dialect, PathReading, Reading, ValueReading};
use edgegen::resolve::{Input, paths, resolve};
use edgegen::source::Sources;
use edgegen::vocab::{Vocabulary, decode, fields_from};
use edgegen::world::Memory;
use edgegen::yaml::read::{Limits, read};
use indexmap::IndexMap;
use proptest::prelude::*;

/// A controller that exists nowhere, with one key of each kind of meaning.
fn dialect() -> Dialect {
    let field = |field: &str, value| Reading::Field {
        field: field.to_owned(),
        value,
    };
    let words = IndexMap::from([
        ("GRPC".to_owned(), "GRPC".into()),
        ("HTTPS".to_owned(), "HTTPS".into()),
    ]);
    let keys = [
        ("rewrite", Reading::RewriteTarget),
        ("regex", Reading::RegexPaths),
        (
            "read-timeout",
            field("backends.timeouts.request", ValueReading::Seconds),
        ),
        ("redirect", field("tls.redirectHTTP", ValueReading::Boolean)),
        ("status", field("tls.redirectStatus", ValueReading::Integer)),
        ("ranges", field("sourceRanges", ValueReading::List)),
        (
            "protocol",
            field("backends.protocol", ValueReading::Words(words, true)),
        ),
        (
            "cookie",
            field("backends.affinity.cookieName", ValueReading::Text),
        ),
        (
            "log-format",
            Reading::NoMeaning("logs are the controller's own".to_owned()),
        ),
        (
            "body-size",
            Reading::NoField("limit the size in the application".to_owned()),
        ),
    ];
    Dialect {
        profile: "example".to_owned(),
        generation: Generation::Ingress,
        classes: vec!["example".to_owned()],
        class_annotations: vec!["example".to_owned()],
        prefixes: vec!["edge.example.com/".to_owned()],
        keys: keys
            .into_iter()
            .map(|(k, r)| (format!("edge.example.com/{k}"), r))
            .collect(),
        implementation_specific: PathReading::Prefix,
        defaults: vec![("tls.redirectHTTP".to_owned(), true.into())],
    }
}

fn globbing() -> Dialect {
    Dialect {
        profile: "globbing".to_owned(),
        classes: vec!["globbing".to_owned()],
        class_annotations: Vec::new(),
        prefixes: vec!["glob.example.com/".to_owned()],
        keys: IndexMap::new(),
        implementation_specific: PathReading::Glob,
        defaults: Vec::new(),
        ..dialect()
    }
}

const BINDING: &str = "fields: { arn: { type: string }, ref: { type: string }, group: { type: string }, secret: { type: map, fields: { name: { type: string }, namespace: { type: string } } } }";

fn vocabulary() -> Vocabulary {
    let mut sources = Sources::default();
    let source = sources.add("binding", BINDING);
    let docs = read(
        &sources,
        source,
        &Limits::default(),
        &mut Diagnostics::default(),
    );
    let fields = fields_from(docs[0].root().get("fields").expect("fields"));
    let kinds = [
        "certificates",
        "policies.waf",
        "policies.tls",
        "addresses",
        "loadBalancers",
    ];
    Vocabulary::load(
        kinds
            .iter()
            .map(|k| ((*k).to_owned(), fields.clone()))
            .collect(),
    )
}

struct Outcome {
    edge: Option<Edge>,
    found: Vec<Diagnostic>,
    sources: Sources,
}

impl Outcome {
    fn codes(&self) -> Vec<&str> {
        self.found.iter().map(|d| d.code.0.as_ref()).collect()
    }

    fn clean(&self) -> &Edge {
        assert!(self.found.is_empty(), "{:#?}", self.found);
        self.edge.as_ref().expect("an edge where nothing was found")
    }
}

/// Resolves documents in memory. Keys of `files`: `exposure.yaml`, `environment.yaml`, `base/...`.
fn run(files: &BTreeMap<String, String>, generation: Generation, target: &str) -> Outcome {
    let mut sources = Sources::default();
    let mut diags = Diagnostics::default();
    let vocabulary = vocabulary();
    let mut document = |name: &str, shape, diags: &mut Diagnostics| {
        let source = sources.add(name, files.get(name)?.as_str());
        let doc = read(&sources, source, &Limits::default(), diags)
            .into_iter()
            .next()?;
        let root = doc.root();
        let text = |path: &[&str]| {
            let node = root.at(path)?;
            Some(At {
                value: node.as_str()?.to_owned(),
                span: Some(node.span()),
            })
        };
        let spec = decode::decode(&vocabulary, shape, root.get("spec"), root.span(), diags);
        Some((
            text(&["metadata", "name"])?,
            text(&["metadata", "namespace"]),
            text(&["spec", "target"]),
            spec,
            root.span(),
        ))
    };
    let (name, namespace, _, spec, span) =
        document("exposure.yaml", &vocabulary.exposure, &mut diags).expect("an exposure");
    let environment = document("environment.yaml", &vocabulary.environment, &mut diags).map(
        |(name, _, target, spec, span)| {
            let defaults = spec.get("defaults").cloned().unwrap_or_else(Val::null);
            Environment {
                name,
                target: target.expect("a target"),
                spec,
                defaults,
                span,
            }
        },
    );
    let exposure = Exposure {
        name,
        namespace,
        spec,
        span,
        folder: PathBuf::new(),
    };
    let world = Memory::new(files.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let base = read_base(
        &world,
        &mut sources,
        Path::new("base"),
        "base",
        None,
        &mut diags,
    );
    let base = base.unwrap_or_else(|| panic!("a base: {diags:?}"));
    let dialects = [dialect(), globbing()];
    let input = Input {
        exposure: &exposure,
        environment: environment.as_ref(),
        base: &base.objects,
        generation,
        dialects: &dialects,
        target,
    };
    let edge = resolve(&input, &mut diags);
    Outcome {
        edge,
        found: diags.into_sorted(),
        sources,
    }
}

/// The fenced blocks of a text whose info string is `yaml <file>`, and those with another info string.
fn blocks(text: &str) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let (mut files, mut other) = (BTreeMap::new(), BTreeMap::new());
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.to_owned(), String::new())),
            (Some((_, body)), None) => {
                body.push_str(line);
                body.push('\n');
            }
            (Some(_), Some(_)) => {
                let (info, body) = open.take().expect("a block is open");
                match info.strip_prefix("yaml ") {
                    Some(name) => files.insert(name.to_owned(), body),
                    None => other.insert(info, body),
                };
            }
            (None, None) => {}
        }
    }
    (files, other)
}

#[test]
fn every_page_of_a_resolver_code_raises_its_code() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for info in catalog::all()
        .iter()
        .filter(|c| c.id.starts_with("EG21") || c.id.starts_with("EG22"))
    {
        seen += 1;
        let (files, _) = blocks(info.page);
        let outcome = run(&files, Generation::Ingress, "target");
        if outcome.codes() != [info.id] {
            let heads: Vec<&str> = outcome.found.iter().map(|d| d.headline.as_str()).collect();
            wrong.push(format!("{}: {:?} {heads:#?}", info.id, outcome.codes()));
            continue;
        }
        let found = &outcome.found[0];
        assert!(
            !found.labels.is_empty() && !found.helps.is_empty(),
            "{}: no place or no help",
            info.id
        );
        assert!(
            found.headline.len() <= 100 && !found.headline.ends_with('.'),
            "{}: headline",
            info.id
        );
        for heading in ["## What", "## Why", "## Example", "## Fix"] {
            assert!(info.page.contains(heading), "{}: no `{heading}`", info.id);
        }
        assert!(
            info.page.starts_with(&format!("# {}: ", info.id)),
            "{}: title",
            info.id
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 30, "only {seen} pages");
}

#[test]
fn every_code_of_the_resolver_has_a_page() {
    let words = [
        include_str!("../src/resolve/messages/base.rs"),
        include_str!("../src/resolve/messages/names.rs"),
        include_str!("../src/resolve/messages/routing.rs"),
    ];
    for part in words
        .iter()
        .flat_map(|w| w.split("Code::builtin(\"").skip(1))
    {
        let code = &part[..6];
        assert!(catalog::page(code).is_some(), "{code} has no page");
    }
}

/// Routes in one line each: `host type path -> service:port [rewrite]`.
fn show(edge: &Edge) -> String {
    let mut out = String::new();
    for c in &edge.carriers {
        writeln!(
            out,
            "carrier {} {}",
            c.id.short(),
            if c.exists { "exists" } else { "made" }
        )
        .expect("text");
    }
    for route in &edge.routes {
        for rule in &route.rules {
            let hosts: Vec<&str> = route
                .hosts
                .iter()
                .map(|h| edge.hosts[*h].name.value.as_str())
                .collect();
            let backend = &edge.backends[rule.backend.backend].id.name;
            let rewrite = rule
                .rewrite
                .as_ref()
                .map(|r| format!(" {:?}", r.value))
                .unwrap_or_default();
            let path = &rule.path.value;
            writeln!(
                out,
                "{} [{}] {path:?} -> {backend}:{}{rewrite}",
                route.name,
                hosts.join(" "),
                rule.backend.port
            )
            .expect("text");
        }
    }
    for (id, _) in &edge.unused {
        writeln!(out, "unused {}", id.short()).expect("text");
    }
    for key in &edge.foreign {
        writeln!(
            out,
            "foreign {} {} [{}]",
            key.object.short(),
            key.key,
            key.fields.join(" ")
        )
        .expect("text");
    }
    for cert in &edge.certificates {
        let hosts: Vec<&str> = cert.hosts.iter().map(|h| h.value.as_str()).collect();
        writeln!(
            out,
            "certificate {} [{}] {}",
            cert.name.value,
            hosts.join(" "),
            plain(&cert.binding)
        )
        .expect("text");
    }
    for backend in &edge.backends {
        writeln!(
            out,
            "settings {} {}",
            backend.id.name,
            plain(&backend.settings)
        )
        .expect("text");
    }
    out
}

/// A value in flow form, without what is not set.
fn plain(val: &Arc<Val>) -> String {
    match &val.data {
        Data::Null => "null".to_owned(),
        Data::Bool(b) => b.to_string(),
        Data::Int(i) => i.to_string(),
        Data::Float(f) => f.to_string(),
        Data::Str(s) => s.to_string(),
        Data::List(l) => format!("[{}]", l.iter().map(plain).collect::<Vec<_>>().join(", ")),
        Data::Map(m) => {
            let parts: Vec<String> = m
                .iter()
                .map(|(k, v)| (k, plain(v)))
                .filter(|(_, v)| v != "null" && v != "{}" && v != "[]")
                .map(|(k, v)| format!("{k}: {v}"))
                .collect();
            if parts.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{{}}}", parts.join(", "))
            }
        }
    }
}

/// Each case of `tests/resolve/*.md`: a heading, files, and an `output ingress` or `output gateway` block. the feature `bless` rewrites the output.
#[test]
fn cases() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resolve");
    let mut names: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("cases")
        .map(|e| e.expect("an entry").path())
        .collect();
    names.sort();
    for file in names {
        let text = std::fs::read_to_string(&file).expect("a case file");
        let mut new = String::new();
        for (i, case) in text.split("\n## ").enumerate() {
            if i == 0 {
                new.push_str(case);
                continue;
            }
            let (files, outputs) = blocks(case);
            let mut case = format!("\n## {case}");
            for (info, expected) in outputs {
                let mut words = info.split(' ').skip(1);
                let generation = if words.next() == Some("gateway") {
                    Generation::Gateway
                } else {
                    Generation::Ingress
                };
                let outcome = run(&files, generation, words.next().unwrap_or("target"));
                let mut built = String::new();
                for d in &outcome.found {
                    let at = d.primary_span().map(|s| {
                        format!(
                            "{}:{}: ",
                            outcome.sources.get(s.source).name,
                            outcome.sources.line_col(s).0
                        )
                    });
                    writeln!(built, "{}{} {}", at.unwrap_or_default(), d.code, d.headline)
                        .expect("text");
                }
                built.push_str(&outcome.edge.as_ref().map(show).unwrap_or_default());
                case = case.replace(
                    &format!("```{info}\n{expected}```"),
                    &format!("```{info}\n{built}```"),
                );
            }
            new.push_str(&case);
        }
        if std::env::var_os("EDGEGEN_BLESS").is_some() && std::env::var_os("CI").is_none() {
            std::fs::write(&file, &new).expect("a case file can be written");
        } else {
            assert_eq!(text, new, "{}", file.display());
        }
    }
}

/// What the model matches, and what the backend then sees.
fn model(meaning: &paths::PathMeaning, uri: &str) -> Option<String> {
    let below = |prefix: &str| {
        if prefix == "/" {
            Some(uri)
        } else {
            uri.strip_prefix(prefix)
                .filter(|r| r.is_empty() || r.starts_with('/'))
        }
    };
    let rest = match &meaning.path {
        PathMatch::Prefix(p) => below(p)?.to_owned(),
        PathMatch::Exact(p) => (uri == p).then(String::new)?,
        PathMatch::Regex(r) => return seen(r, meaning.rewrite.clone(), uri),
    };
    Some(match &meaning.rewrite {
        None => uri.to_owned(),
        Some(Rewrite::ReplacePrefix(new)) => format!(
            "{}/{}",
            new.trim_end_matches('/'),
            rest.trim_start_matches('/')
        ),
        Some(Rewrite::ReplaceFull(new) | Rewrite::Captures(new)) => new.clone(),
    })
}

/// What a controller with expressions matches, and what the backend then sees.
fn seen(path: &str, rewrite: Option<Rewrite>, uri: &str) -> Option<String> {
    let regex = regex_lite::Regex::new(&format!("^(?:{})", path.trim_start_matches('^')))
        .expect("an expression");
    let found = regex.captures(uri)?;
    let Some(Rewrite::Captures(target) | Rewrite::ReplaceFull(target)) = rewrite else {
        return Some(uri.to_owned());
    };
    let mut out = target;
    for n in 0..10 {
        out = out.replace(&format!("${n}"), found.get(n).map_or("", |m| m.as_str()));
    }
    Some(out)
}

fn alike(a: Option<&String>, b: Option<&String>) -> bool {
    // The slash at the end of what a stripped prefix leaves is not told apart.
    a.map(|s| s.trim_matches('/')) == b.map(|s| s.trim_matches('/'))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A path that is read as exact or as prefix routes and rewrites every request as the expression does, or says that it differs.
    #[test]
    fn path_idioms_mean_what_the_expression_means(
        head in "(/[ab]{1,2}){0,2}",
        dot in prop::sample::select(&["", r"\.c", ".c"][..]),
        tail in prop::sample::select(&[
            "", "/", "$", "/?$", "/?", ".*", "/.*", "(.*)", "/(.*)", "/?(.*)", "(/|$)(.*)", "(/|$)", "(/|$).*", "(?:/|$)(.*)", "(/.*)?",
            "(/.*)?$", "/(.*)$", "/[0-9]+", "(/|$)(.*)$", "/(a|b)/(.*)", "/x+",
        ][..]),
        target in prop::sample::select(&[None, Some("/"), Some("/$1"), Some("/$2"), Some("/x/$1"), Some("/x/$2"), Some("/x$1$2"), Some("$1$2"), Some("/x"), Some("/$3"), Some("$1")][..]),
        uri in "(/[ab]{1,2}(\\.c|xc)?){0,3}(/|x|/7)?",
    ) {
        let path = format!("{head}{}{tail}", if head.len() > 1 { dot } else { "" });
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        let uri = if uri.starts_with('/') { uri } else { format!("/{uri}") };
        let meaning = paths::regex(&path, target);
        let rewrite = target.filter(|t| *t != path).map(|t| Rewrite::Captures(t.to_owned()));
        let (theirs, ours) = (seen(&path, rewrite.clone(), &uri), model(&meaning, &uri));
        match &meaning.differs {
            None => prop_assert!(alike(theirs.as_ref(), ours.as_ref()), "{path} {target:?} {uri}: {theirs:?} {ours:?} {meaning:?}"),
            Some(example) => prop_assert!(
                seen(&path, rewrite, example).is_some() != model(&meaning, example).is_some(),
                "{path}: {example} is no difference of {meaning:?}"
            ),
        }
    }
}

/// Names that expressions may use without asking first, as dotted paths; `[]` is the first element of a list.
const CONTRACT: &str = "
exposure.name exposure.namespace scope backendTarget sourceRanges networkPolicy dns.ttl dns.targets
tls.minVersion tls.redirectHTTP tls.redirectStatus tls.enabled tls.policy class versions
cluster.podNetworking cluster.networkPolicy cluster.loadBalancerRanges cluster.proxyPods.namespace cluster.proxyPods.labels cluster.features
waf address loadBalancer certificates
carriers[].kind carriers[].name carriers[].namespace carriers[].exists carriers[].class carriers[].tls carriers[].hosts[].host
carriers[].hosts[].wildcard carriers[].hosts[].rules[].path.type carriers[].hosts[].rules[].path.value carrier.kind
hosts[].name hosts[].wildcard hosts[].inBase
listeners[].name listeners[].protocol listeners[].port listeners[].role listeners[].hostname listeners[].wildcard listeners[].host
routes[].name routes[].exists routes[].namespace routes[].hostnames routes[].carrier.kind routes[].carrier.name routes[].carrier.namespace
routes[].rules[].rewrite routes[].rules[].backend.service routes[].rules[].backend.port routes[].rules[].backend.portName
routes[].rules[].backend.byName routes[].rules[].written routes[].rules[].name routes[].rules[].index
backends[].service backends[].namespace backends[].type backends[].headless backends[].exists backends[].selector backends[].isolated
backends[].ports[].name backends[].ports[].port backends[].ports[].targetPort backends[].ports[].targetName backends[].ports[].protocol
backends[].ports[].appProtocol backends[].allPorts[].port backends[].workload backends[].readiness backends[].protocol
backends[].healthCheck.path backends[].healthCheck.port backends[].healthCheck.protocol backends[].healthCheck.host
backends[].healthCheck.interval backends[].healthCheck.timeout backends[].healthCheck.healthyThreshold
backends[].healthCheck.unhealthyThreshold backends[].healthCheck.successCodes backends[].timeouts.request backends[].timeouts.idle
backends[].drain backends[].affinity.type backends[].affinity.cookieName backends[].affinity.ttl
base.kinds base.gatewayClass base.networkPolicies base.namespace
";

fn small(spec: &str, environment: Option<&str>) -> BTreeMap<String, String> {
    let base = "kind: Service\napiVersion: v1\nmetadata: { name: shop, namespace: store }\nspec: { ports: [{ port: 80 }] }\n";
    let routes = "  routes: [{ rules: [{ backendRefs: [{ name: shop, port: 80 }] }] }]\n";
    let exposure = format!(
        "kind: Exposure\nmetadata: {{ name: shop }}\nspec:\n  base: base\n  scope: Public\n{routes}{spec}"
    );
    let mut files = BTreeMap::from([
        ("exposure.yaml".to_owned(), exposure),
        ("base/app.yaml".to_owned(), base.to_owned()),
    ]);
    files.extend(environment.map(|e| {
        (
            "environment.yaml".to_owned(),
            format!("metadata: {{ name: prod }}\nspec:\n  target: t\n{e}"),
        )
    }));
    files
}

#[test]
fn every_name_of_the_contract_is_defined_without_any_setting() {
    let context = run(
        &small("  hostnames: [{ name: a.example.com }]\n", None),
        Generation::Gateway,
        "t",
    )
    .clean()
    .context();
    for path in CONTRACT.split_whitespace() {
        let mut at = context.clone();
        for step in path.split('.') {
            let (key, first) = step.strip_suffix("[]").map_or((step, false), |k| (k, true));
            let below = at
                .get(key)
                .unwrap_or_else(|| panic!("`{path}`: no `{key}`"))
                .clone();
            at = if first {
                below
                    .items()
                    .first()
                    .unwrap_or_else(|| panic!("`{path}`: `{key}` is empty"))
                    .clone()
            } else {
                below
            };
        }
    }
}

#[test]
fn the_context_merges_bindings_and_chooses_listeners() {
    let spec = "  hostnames: [{ name: a.example.com }]\n  waf: edge\n  loadBalancer: shared\n  tls: { certificates: [{ name: main }], redirectHTTP: true }\n";
    let environment = "  class: platform\n  policies: { waf: { edge: { arn: example } } }\n  loadBalancers: { shared: { group: g } }\n  certificates: { main: { secret: { name: s } } }\n";
    let context = run(&small(spec, Some(environment)), Generation::Ingress, "t")
        .clean()
        .context();
    let at = |path: &str| plain(context.find(path).unwrap_or_else(|| panic!("`{path}`")));
    assert_eq!(at("waf"), "{name: edge, arn: example}");
    assert_eq!(at("loadBalancer"), "{name: shared, group: g}");
    assert_eq!(
        at("certificates"),
        "[{name: main, hosts: [a.example.com], source: secret, secret: {name: s}}]"
    );
    assert_eq!(at("tls"), "{redirectHTTP: true, enabled: true}");
    assert_eq!(at("class"), "platform");
    let ports: Vec<String> = context
        .find("listeners")
        .expect("listeners")
        .items()
        .iter()
        .map(plain)
        .collect();
    assert_eq!(
        ports,
        [
            "{name: http, protocol: HTTP, port: 80, role: Redirect, wildcard: false}",
            "{name: https, protocol: HTTPS, port: 443, role: Serve, wildcard: false}"
        ]
    );
}

#[test]
fn labels_keep_the_place_in_the_exposure_first_and_the_base_second() {
    let (files, _) = blocks(catalog::page("EG2201").expect("a page"));
    let outcome = run(&files, Generation::Ingress, "t");
    let names: Vec<&str> = outcome.found[0]
        .labels
        .iter()
        .map(|l| outcome.sources.get(l.span.source).name.as_str())
        .collect();
    assert_eq!(names, ["exposure.yaml", "base/app.yaml"]);
}

#[test]
fn every_backend_field_of_the_vocabulary_is_defined_without_any_setting() {
    let context = run(&small("", None), Generation::Gateway, "t")
        .clean()
        .context();
    let backend = context.find("backends").expect("backends").items()[0].clone();
    for leaf in vocabulary().leaves() {
        let Some(path) = leaf
            .path
            .strip_prefix("backends.")
            .filter(|p| *p != "service")
        else {
            continue;
        };
        let found = path.split('.').try_fold(&backend, |at, key| at.get(key));
        assert!(found.is_some(), "`{path}` is missing in the empty backend");
    }
}
