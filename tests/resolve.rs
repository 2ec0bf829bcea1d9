//! Resolving: cases in Markdown, the names that expressions see, and the path idioms against a regular expression engine.
//!
//! The stage is tested by itself here, with controllers that exist nowhere; the pages of its codes are run by `errors.rs`.

#![expect(clippy::disallowed_methods, reason = "the cases are files")]

#[path = "resolve/contract.rs"]
mod contract;
#[path = "resolve/idioms.rs"]
mod idioms;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use edgegen::base::read_base;
use edgegen::diag::{Diagnostic, Diagnostics};
use edgegen::model::document::{Environment, Exposure};
use edgegen::model::edge::{At, Edge, Generation};
use edgegen::model::val::{Data, Val};
use edgegen::profile::dialect::{Dialect, PathReading, Reading, ValueReading};
use edgegen::resolve::{Input, resolve};
use edgegen::source::Sources;
use edgegen::vocab::{Vocabulary, decode, fields_from};
use edgegen::world::Memory;
use edgegen::yaml::read::{Limits, read};
use indexmap::IndexMap;

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
        kinds: Vec::new(),
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
        kinds: Vec::new(),
        keys: std::iter::empty().collect(),
        implementation_specific: PathReading::Glob,
        defaults: Vec::new(),
        ..dialect()
    }
}

/// A controller that makes a balancer for each Service.
fn balancing() -> Dialect {
    let idle = Reading::Field {
        field: "backends.timeouts.idle".to_owned(),
        value: ValueReading::Seconds,
    };
    Dialect {
        profile: "balancing".to_owned(),
        generation: Generation::Service,
        classes: Vec::new(),
        class_annotations: Vec::new(),
        prefixes: vec!["lb.example.com/".to_owned()],
        kinds: Vec::new(),
        keys: [("lb.example.com/idle".to_owned(), idle)]
            .into_iter()
            .collect(),
        implementation_specific: PathReading::Prefix,
        defaults: Vec::new(),
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
    let plain = Vocabulary::load(BTreeMap::new());
    let bindings = plain
        .binding_keys()
        .into_iter()
        .map(|k| (k.to_owned(), fields.clone()))
        .collect();
    Vocabulary::load(bindings)
}

struct Outcome {
    edge: Option<Edge>,
    found: Vec<Diagnostic>,
    sources: Sources,
}

impl Outcome {
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
                sound: true,
                span,
            }
        },
    );
    let exposure = Exposure {
        name,
        namespace,
        spec,
        sound: true,
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
    let dialects = [dialect(), globbing(), balancing()];
    let input = Input {
        exposure: &exposure,
        environment: environment.as_ref(),
        base: &base.objects,
        generation,
        dialects: &dialects,
        target,
        blank: &vocabulary.blank,
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
            let end = |to: &edgegen::model::edge::BackendRef| {
                let weight = to.weight.as_ref().map(|w| format!(" ({})", w.value));
                let name = &edge.backends[to.backend].id.name;
                format!("{name}:{}{}", to.port, weight.unwrap_or_default())
            };
            let ends: Vec<String> = rule.backends.iter().map(end).collect();
            let mut words = String::new();
            for (k, v) in &rule.words {
                write!(words, " {k} {}", plain(v)).expect("text");
            }
            let copy = rule.mirror.as_ref().map(|m| format!(" copy to {}", end(m)));
            let rewrite = rule
                .rewrite
                .as_ref()
                .map(|r| format!(" {:?}", r.value))
                .unwrap_or_default();
            let path = &rule.path.value;
            writeln!(
                out,
                "{} [{}] {path:?} -> {}{rewrite}{words}{}",
                route.name,
                hosts.join(" "),
                ends.join(", "),
                copy.unwrap_or_default()
            )
            .expect("text");
        }
    }
    for stream in &edge.streams {
        let name = &edge.backends[stream.to.backend].id.name;
        writeln!(
            out,
            "stream {} -> {name}:{}",
            stream.protocol.value, stream.to.port
        )
        .expect("text");
    }
    for host in edge.hosts.iter().filter(|_| !edge.streams.is_empty()) {
        writeln!(out, "host {}", host.name.value).expect("text");
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

/// Each case of `tests/resolve/*.md`: a heading, files, and an `output ingress`, `output gateway` or `output service` block. the feature `bless` rewrites the output.
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
                let generation = match words.next() {
                    Some("gateway") => Generation::Gateway,
                    Some("service") => Generation::Service,
                    _ => Generation::Ingress,
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
