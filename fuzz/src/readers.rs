//! The entry points: bytes in, and a panic when edgegen breaks a promise about what it reads.
//!
//! One file for the fuzz targets and for `tests/fuzz.rs`, so that a regression is replayed as it was found.

use std::path::Path;
use std::sync::OnceLock;

use clap::Parser;
use edgegen::base::{Origin, read_base};
use edgegen::cli::{Cli, run};
use edgegen::compile::{Format, Output, Request, compile_with, messages::INTERNAL};
use edgegen::diag::{Diagnostic, Diagnostics, render};
use edgegen::load::{File, documents};
use edgegen::model::object::BaseObject;
use edgegen::out::tree::is_inside;
use edgegen::profile::{check, store::Store};
use edgegen::select::Wanted;
use edgegen::source::{Source, SourceId, Sources, Span};
use edgegen::world::{Memory, normal};
use edgegen::yaml::read::{Limits, decode_text, read};
use edgegen::yaml::write::{Order, write};

/// An entry point with the name of its target and of its folder under `regressions/`. It says whether the input came as far as the
/// target is about: others are no ground to go on from.
pub type Entry = (&'static str, fn(&[u8]) -> bool);

/// All of them.
pub const ENTRIES: [Entry; 7] = [
    ("exposure", exposure),
    ("environment", environment),
    ("base", base),
    ("stream", stream),
    ("list", list),
    ("profile", profile),
    ("whole", whole),
];

/// Starts the line that names the file whose text follows.
const FILE: &[u8] = b"@@ ";

/// Splits an input into files: a line `@@ path` before each; what stands before the first such line is the file `first`.
pub fn files(data: &[u8], first: &str) -> Memory {
    let mut world = Memory::default();
    let (mut path, mut text) = (normal(Path::new(first)), Vec::new());
    for line in data.split_inclusive(|b| *b == b'\n') {
        if let Some(name) = line.strip_prefix(FILE) {
            if !text.is_empty() {
                world.files.insert(path, std::mem::take(&mut text));
            }
            // Where nothing is but what the input brings, a path may be anything but absolute.
            let name = String::from_utf8_lossy(name);
            path = normal(Path::new(name.trim().trim_start_matches('/')));
        } else {
            text.extend_from_slice(line);
        }
    }
    world.files.insert(path, text);
    world
}

/// The embedded profiles, read once.
fn store() -> &'static Store {
    static STORE: OnceLock<Store> = OnceLock::new();
    STORE.get_or_init(|| Store::embedded(&mut Sources::default(), &mut Diagnostics::default()))
}

/// Demands of findings: they can be shown in every form, and their places lie in the texts.
fn shown(found: &[Diagnostic], sources: &Sources) {
    for d in found {
        let spans = d.labels.iter().map(|l| l.span);
        let patches = d.helps.iter().filter_map(|h| h.patch.as_ref()).map(|p| p.0);
        for span in spans.chain(patches) {
            inside(span, sources, d);
        }
        assert!(!d.headline.is_empty(), "{d:?}");
    }
    for (_, format) in render::Format::ALL {
        let text = render::render(found, sources, format, false);
        // What a user or a file name holds gives a terminal no order, and breaks no document.
        let people = matches!(format, render::Format::Full | render::Format::Short);
        let is_order = |c: char| c.is_control() && c != '\n' && (people || c < ' ');
        let order = text.chars().find(|c| is_order(*c));
        assert!(order.is_none(), "{format:?}: {text:?}");
    }
}

fn inside(span: Span, sources: &Sources, of: &Diagnostic) {
    let Source { text, .. } = sources.get(span.source);
    let (start, end) = (span.start as usize, span.end as usize);
    let fits = start <= end && text.is_char_boundary(start) && text.is_char_boundary(end);
    assert!(fits, "{span:?} does not lie in its text: {of:?}");
}

/// No finding may be about a profile or about edgegen itself: the profiles are the embedded ones.
fn blameless(found: &[Diagnostic]) {
    for d in found {
        assert!(!d.code.0.starts_with("EG9"), "{d:#?}");
    }
}

/// Reads documents of edgegen twice: the same documents and findings, and none of edgegen's own mistakes.
fn loaded(data: &[u8]) {
    let Ok(text) = decode_text("in.yaml", data.to_vec()) else {
        return;
    };
    let file = File {
        path: "in.yaml".into(),
        text,
        named: true,
    };
    let once = || {
        let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
        let docs = documents(&file, store(), false, &mut sources, &mut diags);
        let mut found = diags.into_sorted();
        let wanted = Wanted::default();
        let mut unfit = Diagnostics::default();
        let choices = edgegen::select::choices(&wanted, &docs.environments, store(), &mut unfit);
        found.extend(unfit.into_sorted());
        (docs, choices, found, sources)
    };
    let (docs, choices, found, sources) = once();
    shown(&found, &sources);
    blameless(&found);
    let again = once();
    assert_eq!(found, again.2);
    assert_eq!(choices, again.1);
    assert_eq!(format!("{docs:?}"), format!("{:?}", again.0));
}

/// A text with exposures.
pub fn exposure(data: &[u8]) -> bool {
    loaded(data);
    true
}

/// A text with environments.
pub fn environment(data: &[u8]) -> bool {
    loaded(data);
    true
}

/// A base of several files; its root is the folder `base`.
pub fn base(data: &[u8]) -> bool {
    based(&files(data, "base/kustomization.yaml"), "base");
    true
}

/// A base as a stream of documents.
pub fn stream(data: &[u8]) -> bool {
    let world = Memory {
        stdin: data.to_vec(),
        ..Memory::default()
    };
    based(&world, "-");
    let Ok(text) = decode_text("in.yaml", data.to_vec()) else {
        return true;
    };
    // Every document, whether or not it is an object.
    let mut sources = Sources::default();
    let id = sources.add("in.yaml", text.as_str());
    let mut diags = Diagnostics::default();
    for doc in read(&sources, id, &Limits::default(), &mut diags) {
        same_after_writing(&doc.root().to_value());
    }
    shown(&diags.into_sorted(), &sources);
    true
}

/// A list of resources, as kustomize hands it to a function; the exposure may be its `functionConfig`.
pub fn list(data: &[u8]) -> bool {
    let world = Memory {
        stdin: data.to_vec(),
        ..Memory::default()
    };
    let text = String::from_utf8_lossy(data);
    // What chooses the target is in the input, where it is not among the annotations of the configuration.
    let asked = ["nginx", "gateway", "aws-alb", "gke-ingress"];
    let target = asked.iter().find(|t| text.contains(**t));
    let args = ["edgegen", "--message-format", "short", "fn"].into_iter();
    let target = target.map(|t| ["--target", t]).into_iter().flatten();
    let cli = Cli::try_parse_from(args.chain(target)).expect("these arguments are right");
    let done = run(cli, &world, false);
    assert!(done.code < 3, "{}", done.stderr);
    assert!(!done.stderr.contains("[EG9"), "{}", done.stderr);
    // Whatever was wrong, what goes back is a list that can be read, or nothing.
    let mut sources = Sources::default();
    let id = sources.add("out.yaml", done.stdout.as_str());
    let mut diags = Diagnostics::default();
    let docs = read(&sources, id, &Limits::default(), &mut diags);
    let read_before = {
        let mut sources = Sources::default();
        let id = sources.add("in.yaml", text.as_ref());
        let mut diags = Diagnostics::default();
        read(&sources, id, &Limits::default(), &mut diags);
        !diags.has_errors()
    };
    if read_before && !done.stdout.is_empty() {
        assert!(
            !diags.has_errors(),
            "{}\n{:?}",
            done.stdout,
            diags.into_sorted()
        );
        let kinds = docs
            .iter()
            .map(|d| d.root().get("kind").and_then(edgegen::yaml::Node::as_str));
        assert_eq!(
            kinds.collect::<Vec<_>>(),
            [Some("ResourceList")],
            "{}",
            done.stdout
        );
    }
    read_before && !done.stdout.is_empty()
}

fn based(world: &Memory, path: &str) {
    let once = || {
        let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
        let base = read_base(world, &mut sources, Path::new(path), path, None, &mut diags);
        (base, diags.into_sorted(), sources)
    };
    let (base, found, sources) = once();
    shown(&found, &sources);
    blameless(&found);
    let (again, found_again, _) = once();
    assert_eq!(found, found_again);
    let Some(base) = base else {
        let errors = found
            .iter()
            .any(|d| d.severity == edgegen::diag::Severity::Error);
        assert!(errors, "nothing was read and nothing was said");
        return;
    };
    assert_eq!(base.origin == Origin::Stream, path == "-");
    let values: Vec<_> = base.objects.iter().map(BaseObject::value).collect();
    let values_again = again.iter().flat_map(|b| &b.objects).map(BaseObject::value);
    assert!(values_again.eq(values.iter().cloned()));
    for object in &base.objects {
        assert!(!object.id.kind.is_empty() && !object.id.name.is_empty());
        inside(
            object.name_span(),
            &sources,
            &Diagnostic::warning(INTERNAL, "name"),
        );
    }
    values.iter().for_each(same_after_writing);
}

/// How many values a tree has, as far as `most`.
fn size(value: &serde_json::Value, most: usize) -> usize {
    let inner = |sum: usize, v| {
        if sum < most {
            sum + size(v, most - sum)
        } else {
            sum
        }
    };
    match value {
        serde_json::Value::Array(items) => items.iter().fold(1, inner),
        serde_json::Value::Object(map) => map.values().fold(1, inner),
        _ => 1,
    }
}

/// What is written is read back as the same value.
fn same_after_writing(value: &serde_json::Value) {
    // Aliases may stand for a million values; writing these is slow, and nothing new.
    const MOST: usize = 20_000;
    if size(value, MOST) >= MOST {
        return;
    }
    for order in [Order::AsIs, Order::Canonical] {
        let Ok(written) = write([value], order) else {
            continue;
        };
        let mut sources = Sources::default();
        let id: SourceId = sources.add("written.yaml", written.text.as_str());
        let mut diags = Diagnostics::default();
        let docs = read(&sources, id, &Limits::default(), &mut diags);
        let found = diags.into_sorted();
        assert!(found.is_empty(), "{}\n{found:?}", written.text);
        let back: Vec<_> = docs.iter().map(|d| d.root().to_value()).collect();
        if value.is_null() {
            assert!(back.is_empty());
        } else {
            assert_eq!(back, std::slice::from_ref(value), "{}", written.text);
        }
    }
}

/// Profiles under `profiles/`, each checked with its examples and used on the files beside them.
pub fn profile(data: &[u8]) -> bool {
    let mut world = files(data, "profiles/fuzzed/profile.yaml");
    for (path, text) in SMALLEST {
        world.files.entry(path.into()).or_insert(text.into());
    }
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let folder = Path::new("profiles");
    let Ok(store) = Store::with_folder(&world, folder, &mut sources, &mut diags) else {
        return false;
    };
    let prefix = sources.clone();
    let names = world.files.keys().filter_map(|p| {
        let id = p.strip_prefix(folder).ok()?.iter().next()?;
        Some(id.to_string_lossy().into_owned())
    });
    let mut ids: Vec<String> = names.collect();
    ids.dedup();
    ids.truncate(3);
    for id in &ids {
        if let Some(p) = check::target(&store, id, &mut sources, &mut diags) {
            check::examples(&store, &p);
        }
    }
    let found = diags.into_sorted();
    shown(&found, &sources);
    let targets = ids
        .into_iter()
        .filter(|id| store.targets().contains(&id.as_str()));
    let request = request(targets.collect(), Format::Kustomize);
    if !request.wanted.targets.is_empty() {
        let output = compile_with(&world, &store, &prefix, &request);
        outcome(&output, |d| assert!(d.code != INTERNAL, "{d:#?}"));
    }
    found.iter().all(sound)
}

/// Not about the form of a text.
fn sound(found: &Diagnostic) -> bool {
    !found.code.0.starts_with("EG10")
}

const SMALLEST: [(&str, &str); 3] = [
    (
        "exposure.yaml",
        "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: { name: web, namespace: web }\nspec: { base: base, scope: Public, carriers: [ { kind: Ingress, name: web } ] }\n",
    ),
    (
        "base/app.yaml",
        include_str!("../../profiles/smallest.yaml"),
    ),
    ("base/kustomization.yaml", "resources: [ app.yaml ]\n"),
];

fn request(targets: Vec<String>, format: Format) -> Request {
    Request {
        inputs: vec!["exposure.yaml".into()],
        wanted: Wanted {
            targets,
            ..Wanted::default()
        },
        out: "overlays".into(),
        format,
        detail: true,
        ..Request::default()
    }
}

/// Everything from an exposure to overlays. The file `targets` names targets; `environment.yaml` is taken when it is there.
pub fn whole(data: &[u8]) -> bool {
    let world = files(data, "exposure.yaml");
    let named = world.files.get(Path::new("targets"));
    let named = String::from_utf8_lossy(named.map_or(&b""[..], Vec::as_slice)).into_owned();
    let known = store().targets();
    let mut targets: Vec<String> = Vec::new();
    for word in named.split_whitespace() {
        let is_new = !targets.iter().any(|t| t == word);
        if is_new && known.contains(&word) {
            targets.push(word.to_owned());
        }
    }
    let environment = Path::new("environment.yaml");
    let mut plain = request(targets, Format::Kustomize);
    if world.files.contains_key(environment) {
        plain.environments = vec![environment.into()];
    } else if plain.wanted.targets.is_empty() {
        plain.wanted.targets = vec!["gateway".to_owned()];
    }
    let run = |request: &Request| compile_with(&world, store(), &Sources::default(), request);
    let output = run(&plain);
    outcome(&output, |d| {
        assert!(!d.code.0.starts_with("EG9"), "{d:#?}");
    });
    let mut said = output.groups.iter().flat_map(|g| g.diags.iter());
    if output.rendered().next().is_none() || !said.all(sound) {
        return false;
    }
    // One input in four, for speed; `tests/properties.rs` has a test of its own for this.
    if data.len().is_multiple_of(4) {
        same(&output, &run(&plain));
    }

    let streamed = run(&Request {
        format: Format::Stream,
        ..plain.clone()
    });
    outcome(&streamed, |d| {
        assert!(!d.code.0.starts_with("EG9"), "{d:#?}");
    });
    for r in streamed.rendered() {
        let Some(text) = r.tree.get("manifests.yaml") else {
            continue;
        };
        read_back(text, &r.built);
    }
    // One plan, whatever is made of it.
    for (a, b) in output.rendered().zip(streamed.rendered()) {
        if !a.tree.is_empty() && !b.tree.is_empty() {
            assert_eq!(a.built, b.built, "{}", a.label);
        }
    }
    true
}

/// The stream is a base with the objects that were built.
fn read_back(text: &str, built: &[serde_json::Value]) {
    let world = Memory {
        stdin: text.as_bytes().to_vec(),
        ..Memory::default()
    };
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let again = read_base(&world, &mut sources, Path::new("-"), "-", None, &mut diags);
    let found: Vec<_> = again
        .iter()
        .flat_map(|b| &b.objects)
        .map(BaseObject::value)
        .collect();
    // A stream may be refused for what the base had already: but then the base, too, was refused.
    assert_eq!(found, built, "{text}\n{:?}", diags.into_sorted());
}

/// Demands of every run: findings can be shown, errors leave no file, files lie inside their folder and are readable.
fn outcome(output: &Output, allowed: impl Fn(&Diagnostic)) {
    let collected = std::iter::once((&output.diags, &output.sources));
    for (diags, sources) in collected.chain(output.groups.iter().map(|g| (&g.diags, &g.sources))) {
        let found = diags.clone().into_sorted();
        shown(&found, sources);
        found.iter().for_each(&allowed);
    }
    for r in output.rendered() {
        for (path, text) in &r.tree {
            assert!(is_inside(path), "{path}");
            let mut sources = Sources::default();
            let id = sources.add(path.as_str(), text.as_str());
            let mut diags = Diagnostics::default();
            read(&sources, id, &Limits::default(), &mut diags);
            assert!(!diags.has_errors(), "{text}\n{:?}", diags.into_sorted());
        }
    }
}

/// Two runs gave the same.
fn same(a: &Output, b: &Output) {
    assert_eq!(a.groups.len(), b.groups.len());
    for (a, b) in a.groups.iter().zip(&b.groups) {
        assert_eq!(a.diags.clone().into_sorted(), b.diags.clone().into_sorted());
        for (a, b) in a.rendered.iter().zip(&b.rendered) {
            assert_eq!((&a.label, &a.tree, &a.trace), (&b.label, &b.tree, &b.trace));
            assert_eq!(a.built, b.built);
        }
    }
}
