//! From paths to documents: exposures and environments, decoded by the vocabulary.
//!
//! Files are only read here and in `base`; nothing is interpreted yet.

use std::path::{Path, PathBuf};

use crate::diag::Diagnostics;
use crate::model::document::{ChartMapping, Environment, Exposure};
use crate::model::edge::At;
use crate::parallel;
use crate::profile::store::Store;
use crate::source::Sources;
use crate::vocab::decode::{decode, decode_bound, decode_partial};
use crate::vocab::messages::UNKNOWN;
use crate::vocab::{Bindings, Vocabulary, chart_mapping};
use crate::world::{PathKind, World, display};
use crate::yaml::read::{Limits, decode_text, read};
use crate::yaml::{Doc, Kind, Node};

pub mod function;
pub mod messages;

use function::{configuration, kind, roots};

/// `apiVersion` of all documents.
pub const API_VERSION: &str = "edgegen.io/v1alpha1";

/// A file that may hold documents of edgegen.
#[derive(Debug, Clone)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes as text.
    pub text: String,
    /// It was named itself, so whatever it holds has to be a document of edgegen.
    pub named: bool,
}

/// What one file holds.
#[derive(Debug, Default)]
pub struct Documents {
    /// In the order of the text.
    pub exposures: Vec<Exposure>,
    /// In the order of the text.
    pub environments: Vec<Environment>,
    /// In the order of the text.
    pub mappings: Vec<ChartMapping>,
}

/// The files behind the paths that a user gave. Of a folder, those that lie directly in it (with `recursive`, also below it, kustomizations
/// left aside) and that name edgegen's API.
pub fn files(
    world: &dyn World,
    paths: &[PathBuf],
    recursive: bool,
    diags: &mut Diagnostics,
) -> Vec<File> {
    let mut out = Vec::new();
    for path in paths {
        match world.kind(path) {
            Ok(PathKind::Dir) => folder(world, path, recursive, 0, &mut out, diags),
            Ok(PathKind::Absent) => diags.push(messages::absent(&display(path))),
            Err(e) => diags.push(messages::unreadable(&display(path), &e)),
            Ok(_) => file(world, path, true, &mut out, diags),
        }
    }
    out
}

fn folder(
    world: &dyn World,
    dir: &Path,
    recursive: bool,
    depth: usize,
    out: &mut Vec<File>,
    diags: &mut Diagnostics,
) {
    let names = match world.list(dir) {
        Ok(names) => names,
        Err(e) => return diags.push(messages::unreadable(&display(dir), &e)),
    };
    if depth > 0
        && names
            .iter()
            .any(|n| n == "kustomization.yaml" || n == "kustomization.yml" || n == "Kustomization")
    {
        return;
    }
    // Most of the time is the system's, so that every core asks it.
    let entries = parallel::map(&names, |name| {
        let path = dir.join(name);
        let yaml = path
            .extension()
            .is_some_and(|e| e == "yaml" || e == "yml" || e == "json");
        let (mut found, mut diags) = (Vec::new(), Diagnostics::default());
        let kind = world.kind(&path);
        if yaml && matches!(kind, Ok(PathKind::File)) {
            file(world, &path, false, &mut found, &mut diags);
        }
        let below = recursive && depth < 16 && matches!(kind, Ok(PathKind::Dir));
        (below.then_some(path), found, diags)
    });
    for (below, found, faults) in entries {
        out.extend(found);
        diags.extend(faults);
        if let Some(path) = below {
            folder(world, &path, recursive, depth + 1, out, diags);
        }
    }
}

fn file(world: &dyn World, path: &Path, named: bool, out: &mut Vec<File>, diags: &mut Diagnostics) {
    let limit = Limits::default().max_bytes as u64;
    let bytes = match world.read(path, limit + 1) {
        Ok(bytes) => bytes,
        Err(e) => return diags.push(messages::unreadable(&display(path), &e)),
    };
    if !named && memchr::memmem::find(&bytes, b"edgegen.io/").is_none() {
        return;
    }
    match decode_text(&display(path), bytes) {
        Ok(text) => out.push(File {
            path: path.to_owned(),
            text,
            named,
        }),
        Err(d) => diags.push(*d),
    }
}

/// Decodes the documents of a file. Kinds that are not asked for are checked all the same. With `given`, exposures need name no base.
pub fn documents(
    file: &File,
    store: &Store,
    given: bool,
    sources: &mut Sources,
    diags: &mut Diagnostics,
) -> Documents {
    let source = sources.add(display(&file.path), file.text.as_str());
    let folder = file
        .path
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default();
    let mut out = Documents::default();
    let docs = read(sources, source, &Limits::default(), diags);
    docs.iter().for_each(|doc| configuration(doc, diags));
    for root in docs.iter().flat_map(roots) {
        let api = root
            .get("apiVersion")
            .and_then(Node::as_str)
            .unwrap_or_default();
        if !api.starts_with("edgegen.io/") {
            if file.named {
                diags.push(messages::foreign_document(root));
            }
            continue;
        }
        if api != API_VERSION {
            diags.push(messages::unknown_version(root));
            continue;
        }
        match kind(root) {
            Some("Exposure") => {
                let found = exposure(root, &store.vocabulary, &folder, given, diags);
                out.exposures.extend(found);
            }
            Some("Environment") => {
                out.environments.extend(environment(root, store, diags));
            }
            Some("ChartMapping") => {
                out.mappings
                    .extend(mapping(root, &store.vocabulary, &folder, diags));
            }
            _ => diags.push(messages::unknown_kind(root)),
        }
    }
    out
}

fn exposure(
    root: Node<'_>,
    vocab: &Vocabulary,
    folder: &Path,
    given: bool,
    diags: &mut Diagnostics,
) -> Option<Exposure> {
    let (name, namespace) = metadata(root, diags);
    let mut of_values = Diagnostics::default();
    let found = root.get("spec");
    let spec = decode(vocab, &vocab.exposure, found, root.span(), &mut of_values);
    let sound = is_sound(&of_values);
    diags.extend(of_values);
    if spec.find("base").is_none() && !given {
        diags.push(messages::no_base(root));
    }
    Some(Exposure {
        name: name?,
        namespace,
        spec,
        sound,
        span: root.span(),
        folder: folder.to_owned(),
    })
}

/// Whether what was read may be interpreted: fields that do not exist do no harm to those that do.
fn is_sound(found: &Diagnostics) -> bool {
    found.iter().all(|d| d.code == UNKNOWN)
}

fn mapping(
    root: Node<'_>,
    vocab: &Vocabulary,
    folder: &Path,
    diags: &mut Diagnostics,
) -> Option<ChartMapping> {
    let (name, _) = metadata(root, diags);
    let shape = chart_mapping();
    Some(ChartMapping {
        name: name?,
        spec: decode(vocab, shape, root.get("spec"), root.span(), diags),
        folder: folder.to_owned(),
    })
}

/// The mapping of the usual chart, which is part of the program.
pub fn usual_chart() -> ChartMapping {
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let text = include_str!("../vocabulary/usual-chart.yaml");
    let source = sources.add("usual-chart.yaml", text);
    let docs = read(&sources, source, &Limits::default(), &mut diags);
    let vocab = Vocabulary::load(Bindings::new());
    let root = docs.first().map(Doc::root);
    let of = root.and_then(|root| mapping(root, &vocab, Path::new(""), &mut diags));
    of.filter(|_| !diags.has_errors())
        .expect("the embedded mapping is sound")
}

fn environment(root: Node<'_>, store: &Store, diags: &mut Diagnostics) -> Option<Environment> {
    let (name, _) = metadata(root, diags);
    let vocab = &store.vocabulary;
    let named = root.at(&["spec", "target"]).and_then(Node::as_str);
    let bindings = store.bindings(named.unwrap_or_default());
    let shape = &vocab.environment;
    let mut of_values = Diagnostics::default();
    let spec = decode_bound(
        vocab,
        &bindings,
        shape,
        root.get("spec"),
        root.span(),
        &mut of_values,
    );
    let sound = is_sound(&of_values);
    diags.extend(of_values);
    let target = spec.find("target").and_then(|t| {
        Some(At {
            value: t.as_str()?.to_owned(),
            span: t.span,
        })
    });
    let mut unheard = Diagnostics::default();
    let defaults = decode_partial(
        vocab,
        &vocab.exposure,
        root.at(&["spec", "defaults"]),
        root.span(),
        &mut unheard,
    );
    Some(Environment {
        name: name?,
        target: target?,
        spec,
        defaults,
        sound,
        span: root.span(),
    })
}

fn metadata(root: Node<'_>, diags: &mut Diagnostics) -> (Option<At<String>>, Option<At<String>>) {
    for (key, _) in root.entries() {
        if !matches!(
            key.as_str(),
            Some("apiVersion" | "kind" | "metadata" | "spec")
        ) {
            diags.push(messages::unknown_top(key));
        }
    }
    let meta = root.get("metadata").filter(|m| m.kind() == Kind::Map);
    for (key, _) in meta.into_iter().flat_map(Node::entries) {
        if !matches!(
            key.as_str(),
            Some("name" | "namespace" | "labels" | "annotations")
        ) {
            diags.push(messages::unknown_top(key));
        }
    }
    let text = |key: &str| {
        let node = meta?.get(key)?;
        Some(At {
            value: node.as_str()?.to_owned(),
            span: Some(node.span()),
        })
    };
    let name = text("name").filter(|n| {
        let fine = is_name(&n.value);
        if !fine {
            diags.push(messages::bad_name(n));
        }
        fine
    });
    if meta
        .and_then(|m| m.get("name"))
        .and_then(Node::as_str)
        .is_none()
    {
        diags.push(messages::no_name(root));
    }
    let namespace = text("namespace").filter(|n| {
        let fine = is_name(&n.value);
        if !fine {
            diags.push(messages::bad_name(n));
        }
        fine
    });
    (name, namespace)
}

/// A DNS label: what Kubernetes takes as a name of most things, and what is safe as the name of a folder.
fn is_name(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty()
        && text.len() <= 63
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
