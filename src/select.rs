//! Which targets an exposure is rendered for, and with which environment.
//!
//! What the user asked for on one side, what environments and profiles there are on the other.

use crate::diag::similar::similar;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::document::Environment;
use crate::model::edge::Generation;
use crate::profile::store::Store;

const UNKNOWN: Code = Code::builtin("EG1401");
const NOT_SAID: Code = Code::builtin("EG1402");
const TWICE: Code = Code::builtin("EG1403");
const NO_ENVIRONMENT: Code = Code::builtin("EG1404");

/// What the user asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Values of `--cloud`; `all` is every cloud.
    pub clouds: Vec<String>,
    /// Values of `--target`; `all` is every target.
    pub targets: Vec<String>,
    /// Names of environments.
    pub environments: Vec<String>,
}

/// One target to render for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Id of the profile.
    pub target: String,
    /// Index of the environment.
    pub environment: Option<usize>,
    /// Folder of the output: name of the environment, else id of the target.
    pub label: String,
    /// Takes part only when the exposure's carriers are of this generation: a cloud's default depends on the base.
    pub when: Option<Generation>,
}

/// All choices that do not depend on an exposure, sorted by label.
pub fn choices(
    wanted: &Wanted,
    environments: &[Environment],
    store: &Store,
    diags: &mut Diagnostics,
) -> Vec<Choice> {
    let mut out = Vec::new();
    for e in environments {
        if store.head(&e.target.value).is_none_or(|h| !h.is_target()) {
            diags.push(unknown_target(&e.target.value, e.target.span, store));
        }
    }
    let of_environment = |i: usize| {
        let e: &Environment = &environments[i];
        Choice {
            target: e.target.value.clone(),
            environment: Some(i),
            label: e.name.value.clone(),
            when: None,
        }
    };
    let alone = |target: &str, when| Choice {
        target: target.to_owned(),
        environment: None,
        label: target.to_owned(),
        when,
    };
    for target in &wanted.targets {
        let names: Vec<String> = if target == "all" {
            store.targets().into_iter().map(str::to_owned).collect()
        } else if store
            .head(target)
            .is_some_and(super::profile::head::Head::is_target)
        {
            vec![target.clone()]
        } else {
            diags.push(unknown_target(target, None, store));
            continue;
        };
        for name in names {
            let of: Vec<usize> = (0..environments.len())
                .filter(|i| environments[*i].target.value == name)
                .collect();
            if of.is_empty() {
                out.push(alone(&name, None));
            } else {
                out.extend(of.into_iter().map(of_environment));
            }
        }
    }
    let every = known_clouds(store);
    let clouds = wanted.clouds.iter().flat_map(|c| match c.as_str() {
        "all" => every.clone(),
        one => vec![one],
    });
    for cloud in clouds {
        let cloud_of = |target: &str| store.head(target).and_then(|h| h.cloud.as_deref());
        let of: Vec<usize> = (0..environments.len())
            .filter(|i| cloud_of(&environments[*i].target.value) == Some(cloud))
            .collect();
        if !of.is_empty() {
            out.extend(of.into_iter().map(of_environment));
            continue;
        }
        let defaults = defaults_of(cloud, store);
        if defaults.is_empty() {
            diags.push(unknown_cloud(cloud, store));
        }
        out.extend(
            defaults
                .into_iter()
                .map(|(generation, target)| alone(&target, Some(generation))),
        );
    }
    for name in &wanted.environments {
        match environments.iter().position(|e| e.name.value == *name) {
            Some(i) => out.push(of_environment(i)),
            None => diags.push(unknown_environment(name, environments)),
        }
    }
    let nothing = wanted.targets.is_empty() && wanted.clouds.is_empty();
    if nothing && wanted.environments.is_empty() {
        out.extend((0..environments.len()).map(of_environment));
        if out.is_empty() {
            diags.push(not_said(store));
        }
    }
    out.sort_by(|a, b| (&a.label, &a.target, a.when).cmp(&(&b.label, &b.target, b.when)));
    out.dedup();
    for pair in out.windows(2) {
        if pair[0].label == pair[1].label && pair[0].environment != pair[1].environment {
            diags.push(same_label(
                &pair[0].label,
                pair[1].environment.and_then(|i| environments[i].name.span),
            ));
        }
    }
    // The first of them stays, so that nothing is said twice of its results.
    out.dedup_by(|b, a| a.label == b.label && a.environment != b.environment);
    out
}

/// The cloud's target of lowest rank for each generation.
fn defaults_of(cloud: &str, store: &Store) -> Vec<(Generation, String)> {
    let mut out: Vec<(Generation, String)> = Vec::new();
    for generation in [
        Generation::Ingress,
        Generation::Gateway,
        Generation::Service,
    ] {
        let best = store
            .heads
            .iter()
            .filter(|h| {
                h.is_target() && h.cloud.as_deref() == Some(cloud) && h.carrier == generation
            })
            .filter_map(|h| Some((h.rank?, &h.id)))
            .min();
        out.extend(best.map(|(_, id)| (generation, id.clone())));
    }
    out
}

/// Of a cloud's defaults, the one for the carriers that the exposure has; the first where it has none of these generations.
pub fn fitting(choices: &[Choice], generation: Generation, store: &Store) -> Vec<Choice> {
    let cloud = |c: &Choice| store.head(&c.target).and_then(|h| h.cloud.clone());
    choices
        .iter()
        .filter(|c| {
            let Some(when) = c.when else { return true };
            let siblings: Vec<Generation> = choices
                .iter()
                .filter(|o| cloud(o) == cloud(c))
                .filter_map(|o| o.when)
                .collect();
            let best = if siblings.contains(&generation) {
                Some(generation)
            } else {
                siblings.iter().min().copied()
            };
            best == Some(when)
        })
        .cloned()
        .collect()
}

fn unknown_target(name: &str, span: Option<crate::source::Span>, store: &Store) -> Diagnostic {
    let targets = store.targets();
    let d = Diagnostic::error(UNKNOWN, format!("there is no target `{name}`"));
    let d = match span {
        Some(span) => d.at(span, "unknown target"),
        None => d,
    };
    match similar(name, targets.iter().copied()).first() {
        Some(best) => d.help(format!("a target with a similar name exists: `{best}`")),
        None => d.help(format!("the targets are {}", targets.join(", "))),
    }
}

/// Sorted, each once.
fn known_clouds(store: &Store) -> Vec<&str> {
    let heads = store.heads.iter();
    let mut clouds: Vec<&str> = heads.filter_map(|h| h.cloud.as_deref()).collect();
    clouds.sort_unstable();
    clouds.dedup();
    clouds
}

fn unknown_cloud(name: &str, store: &Store) -> Diagnostic {
    let clouds = known_clouds(store);
    Diagnostic::error(UNKNOWN, format!("there is no cloud `{name}`"))
        .help(format!("the clouds are {}", clouds.join(", ")))
}

fn unknown_environment(name: &str, environments: &[Environment]) -> Diagnostic {
    let d = Diagnostic::error(NO_ENVIRONMENT, format!("there is no environment `{name}`"));
    let names: Vec<&str> = environments.iter().map(|e| e.name.value.as_str()).collect();
    match (similar(name, names.iter().copied()).first(), &names[..]) {
        (Some(best), _) => d.help(format!(
            "an environment with a similar name exists: `{best}`"
        )),
        (None, []) => d.help("add its document to the input, or name its file with `--env`"),
        (None, all) => d.help(format!("the environments are {}", all.join(", "))),
    }
}

fn not_said(store: &Store) -> Diagnostic {
    Diagnostic::error(NOT_SAID, "nothing says which target to render for").help(format!(
        "name one: `--target {}`, or `--cloud`, or an environment",
        store.targets().join("|")
    ))
}

fn same_label(label: &str, span: Option<crate::source::Span>) -> Diagnostic {
    let d = Diagnostic::error(
        TWICE,
        format!("two environments would be written to the folder `{label}`"),
    );
    match span {
        Some(span) => d.at(span, "rename one of them"),
        None => d,
    }
}
