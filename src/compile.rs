//! The spine: from paths to overlays in memory, every stage in its order.
//!
//! `main` and the tests call nothing deeper. What it gives is complete or comes with errors; nobody writes it in the second case.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use batch::{Batch, first_pass, grouped, together};
use folders::{sole, unique};
use one::{generation, one};

use crate::accept;
use crate::base::{Base, digests_unchanged, read_base};
use crate::diag::{Diagnostic, Diagnostics};
use crate::load;
use crate::lower::account::Entry;
use crate::model::document::{Environment, Exposure};
use crate::model::edge::Edge;
use crate::out::Tree;
use crate::parallel;
use crate::plan::index::BaseIndex;
use crate::profile::Profile;
use crate::profile::dialect::Dialect;
use crate::profile::store::Store;
use crate::progress::Progress;
use crate::review::graph::Graph;
use crate::select::{self, Choice, Wanted};
use crate::source::Sources;
use crate::world::{Reals, World, display, normal};

mod batch;
mod carried;
mod charts;
mod emit;
mod folders;
pub mod messages;
mod one;
pub mod shared;

/// What a run is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Files and folders with exposures and environments.
    pub inputs: Vec<PathBuf>,
    /// Files with more environments.
    pub environments: Vec<PathBuf>,
    /// Texts that were read before, beside `inputs`.
    pub texts: Vec<load::File>,
    /// What stands on standard input.
    pub stdin: Stdin,
    /// Whether folders below those of `inputs` are read, too.
    pub recursive: bool,
    /// Targets.
    pub wanted: Wanted,
    /// Folder of profiles that replace or add to the embedded ones.
    pub profiles: Option<PathBuf>,
    /// Where overlays go; paths to bases are relative to it.
    pub out: PathBuf,
    /// Whether an overlay goes directly into `out`, for runs with one result.
    pub flat: bool,
    /// What is made of a plan.
    pub format: Format,
    /// Whether traces and accounts are wanted, for goldens and reports.
    pub detail: bool,
    /// Who is told how far the run is.
    pub progress: Progress,
}

impl Request {
    /// Whether all results go into one stream, out of which nobody could take them apart.
    fn is_piped(&self) -> bool {
        self.stdin == Stdin::Given || self.format == Format::ResourceList
    }
}

/// What stands on standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stdin {
    /// The base of exposures that name `-`.
    #[default]
    Named,
    /// The base of all exposures, whatever they name.
    Given,
}

/// What is made of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A folder for `kustomize build`.
    #[default]
    Kustomize,
    /// One stream with all objects.
    Stream,
    /// What a function gives back: the list of all objects.
    ResourceList,
    /// Values of a chart.
    HelmValues,
}

/// The result for one exposure and one target.
#[derive(Debug)]
pub struct Rendered {
    /// Name of the exposure.
    pub exposure: String,
    /// Name of the environment, else id of the target.
    pub label: String,
    /// Id of the target.
    pub target: String,
    /// Files, relative to `<out>/<label>/<exposure>`; empty when there were errors.
    pub tree: Tree,
    /// Each changed field with its reason; only with `detail`.
    pub trace: String,
    /// All objects of the result; only with `detail`.
    pub built: Vec<Value>,
    /// What became of each value; only with `detail`.
    pub account: Vec<Entry>,
    /// What was lowered; only with `detail`.
    pub edge: Option<Edge>,
    /// The way of a request; only with `detail`.
    pub graph: Option<Graph>,
    /// What it says of a balancer that it shares.
    pub member: Option<shared::Member>,
    /// Findings of this exposure and target alone; only with `detail`.
    pub found: Vec<Diagnostic>,
}

/// Exposures that share one base, with everything that was said of them.
#[derive(Debug)]
pub struct Group {
    /// The texts that findings point into.
    pub sources: Sources,
    /// Findings.
    pub diags: Diagnostics,
    /// Results, in the order of exposures and labels.
    pub rendered: Vec<Rendered>,
    /// The base, without its objects.
    pub base: Option<Base>,
}

/// Everything that a run gives.
#[derive(Debug)]
pub struct Output {
    /// Findings that concern no single base.
    pub diags: Diagnostics,
    /// Their texts.
    pub sources: Sources,
    /// Groups, in the order in which their exposures were named.
    pub groups: Vec<Group>,
}

impl Output {
    /// Whether anything forbids to write.
    pub fn has_errors(&self) -> bool {
        self.diags.has_errors() || self.groups.iter().any(|g| g.diags.has_errors())
    }

    /// The results of all groups.
    pub fn rendered(&self) -> impl Iterator<Item = &Rendered> {
        self.groups.iter().flat_map(|g| &g.rendered)
    }
}

/// What all groups share.
struct Shared<'a> {
    world: &'a dyn World,
    request: &'a Request,
    store: &'a Store,
    prefix: Sources,
    environments: Vec<Environment>,
    choices: Vec<Choice>,
    profiles: BTreeMap<String, Profile>,
    dialects: Vec<Dialect>,
    /// Where values are asked for.
    charts: Option<charts::Charts>,
    /// Where overlays lie, by label.
    parents: BTreeMap<String, std::io::Result<PathBuf>>,
    /// Folders on the way to bases that are no links.
    reals: Mutex<Reals>,
}

impl Shared<'_> {
    /// The path without links.
    fn real(&self, path: &Path) -> std::io::Result<PathBuf> {
        let mut reals = self.reals.lock().unwrap_or_else(PoisonError::into_inner);
        reals.canonical(self.world, path)
    }
}

/// Compiles exposures for targets.
pub fn compile(world: &dyn World, request: &Request) -> Output {
    let mut sources = Sources::default();
    let mut diags = Diagnostics::default();
    let store = store(world, request, &mut sources, &mut diags);
    let mut output = compile_with(world, &store, &sources, request);
    diags.extend(std::mem::take(&mut output.diags));
    output.diags = diags;
    output
}

/// The same with profiles that were read before; `sources` holds their texts.
pub fn compile_with(
    world: &dyn World,
    store: &Store,
    sources: &Sources,
    request: &Request,
) -> Output {
    let mut sources = sources.clone();
    let mut diags = Diagnostics::default();
    let mut files = load::files(world, &request.inputs, request.recursive, &mut diags);
    files.extend(request.texts.iter().cloned());
    let given = request.stdin == Stdin::Given;
    let more = load::files(world, &request.environments, false, &mut diags);

    // First pass: environments and the bases of exposures. Exposures are decoded again with the texts of their group, so that
    // places in a group's findings do not depend on how many other groups there are.
    let first = parallel::map(&files, first_pass);
    let (mut environments, mut mappings) = (Vec::new(), Vec::new());
    for file in files
        .iter()
        .zip(&first)
        .filter(|(_, f)| f.shared)
        .map(|(f, _)| f)
        .chain(&more)
    {
        let found = load::documents(file, store, given, &mut sources, &mut diags);
        environments.extend(found.environments);
        mappings.extend(found.mappings);
    }
    let charts = (request.format == Format::HelmValues)
        .then(|| charts::Charts::read(world, &mappings, &mut sources, &mut diags));
    let choices = select::choices(&request.wanted, &environments, store, &mut diags);
    let mut targets: Vec<&str> = choices.iter().map(|c| c.target.as_str()).collect();
    targets.sort_unstable();
    targets.dedup();
    let profiles = store.all_compiled(&targets, &mut sources, &mut diags);
    let profiles = profiles
        .into_iter()
        .map(|p| (p.head.id.clone(), p))
        .collect();
    let dialects = store
        .heads
        .iter()
        .filter_map(|h| h.dialect.clone())
        .collect();
    let groups = if given {
        together(&files, &first)
    } else {
        grouped(world, &files, &first)
    };
    let labels = choices.iter().map(|c| c.label.clone());
    let parents = emit::parents(world, request, labels);
    let shared = Shared {
        parents,
        charts,
        world,
        request,
        store,
        prefix: sources.clone(),
        environments,
        choices,
        profiles,
        dialects,
        reals: Mutex::default(),
    };
    request.progress.expect(groups.len());
    let groups = parallel::map(&groups, |g| {
        let done = group(&shared, g);
        request.progress.base();
        done
    });
    let mut output = Output {
        diags,
        sources,
        groups: unique(groups),
    };
    shared::check(&mut output);
    if request.is_piped() {
        sole(&mut output);
    }
    if output.rendered().next().is_none() && !output.has_errors() {
        let paths = request.inputs.iter();
        let paths = paths.chain(request.texts.iter().map(|t| &t.path));
        let names: Vec<String> = paths.map(|p| display(p)).collect();
        output.diags.push(load::messages::nothing(&names));
    }
    output
}

/// The embedded profiles and those that the request names.
pub fn store(
    world: &dyn World,
    request: &Request,
    sources: &mut Sources,
    diags: &mut Diagnostics,
) -> Store {
    match &request.profiles {
        None => Store::embedded(sources, diags),
        Some(folder) => Store::with_folder(world, folder, sources, diags).unwrap_or_else(|e| {
            diags.push(load::messages::unreadable(&display(folder), &e));
            Store::embedded(sources, diags)
        }),
    }
}

fn group(shared: &Shared<'_>, batch: &Batch<'_>) -> Group {
    let mut sources = shared.prefix.clone();
    let mut diags = Diagnostics::default();
    let mut exposures = Vec::new();
    let given = shared.request.stdin == Stdin::Given;
    for file in &batch.files {
        let found = load::documents(file, shared.store, given, &mut sources, &mut diags);
        exposures.extend(found.exposures);
    }
    let Some((folder, written)) = &batch.base else {
        return Group {
            sources,
            diags,
            rendered: Vec::new(),
            base: None,
        };
    };
    let mine = |e: &Exposure| {
        e.spec.find("base").and_then(|b| b.as_str()) == Some(written) && e.folder == *folder
    };
    let at = exposures
        .iter()
        .find(|e| mine(e))
        .and_then(|e| e.spec.find("base")?.span);
    let path = if written == crate::base::STREAM {
        PathBuf::from("-")
    } else {
        folder.join(written)
    };
    let base = read_base(
        shared.world,
        &mut sources,
        &path,
        &display(&normal(&path)),
        at,
        &mut diags,
    );
    let Some(mut base) = base else {
        return Group {
            sources,
            diags,
            rendered: Vec::new(),
            base: None,
        };
    };
    exposures.retain(|e| {
        let other = e
            .spec
            .find("base")
            .and_then(|b| b.as_str())
            .map(|b| normal(&e.folder.join(b)));
        given || mine(e) || other == Some(normal(&path))
    });

    let ground = emit::Ground {
        sources: &sources,
        base: &base,
        index: BaseIndex::new(&base.objects),
        root: shared.real(&base.root),
    };
    let tasks: Vec<(usize, Choice)> = exposures
        .iter()
        .enumerate()
        .flat_map(|(i, e)| {
            let of = select::fitting(&shared.choices, generation(e, &base), shared.store);
            of.into_iter().map(move |c| (i, c))
        })
        .collect();
    let results = parallel::map(&tasks, |(i, choice)| {
        let done = one(shared, &ground, &exposures[*i], choice);
        shared.request.progress.overlay();
        done
    });
    let mut rendered = Vec::new();
    let mut accepted = vec![(Vec::new(), Vec::new()); exposures.len()];
    let mut plans = Vec::new();
    for ((i, choice), (r, found, used)) in tasks.iter().zip(results) {
        diags.extend(found);
        if let Some((r, plan)) = r {
            rendered.push(r);
            plans.push(plan);
        }
        accepted[*i].0.push(choice.target.as_str());
        accepted[*i].1.extend(used);
    }
    for (e, (targets, used)) in exposures.iter().zip(&accepted) {
        let values = shared.request.format == Format::HelmValues;
        let other = |code: &str| !values && code == crate::emit::values::NOT_CARRIED.0;
        accept::unused(e, targets, used, other)
            .into_iter()
            .for_each(|d| diags.push(d));
    }
    if shared.request.is_piped() && !diags.has_errors() {
        rendered = folders::joined(shared, &ground, rendered, plans, &mut diags);
    }
    if let Err(d) = digests_unchanged(shared.world, &base) {
        diags.push(d);
    }
    // Nothing asks for the objects later, and what one group frees the next one takes.
    base.objects = Vec::new();
    Group {
        sources,
        diags,
        rendered,
        base: Some(base),
    }
}
