//! From a plan to files: patches, their proof, and the format that was asked for.
//!
//! Knows where things go; what they are is decided.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::{Format, Rendered, Request, Shared, Stdin, messages};
use crate::base::{Base, Origin, is_resource_list};
use crate::diag::Diagnostics;
use crate::emit::{kustomize, resource_list, stream, trace, values};
use crate::plan::{apply, index::BaseIndex, patch, prove};
use crate::source::Sources;
use crate::world::{PathKind, World, display, normal};

pub(super) fn emit(
    shared: &Shared<'_>,
    ground: &Ground<'_>,
    plan: &crate::plan::Plan,
    out: &mut Rendered,
    diags: &mut Diagnostics,
) {
    let (base, index) = (ground.base, &ground.index);
    let patches = match patch::patches(plan, index, diags) {
        Ok(patches) => patches,
        Err(internal) => return diags.push(messages::internal(&internal)),
    };
    if let Err(internal) = prove::prove(plan, index, &patches) {
        return diags.push(messages::internal(&internal));
    }
    let detail = shared.request.detail;
    let whole = matches!(shared.request.format, Format::Stream | Format::ResourceList);
    let built = if detail || whole {
        apply::apply(plan, index)
    } else {
        Vec::new()
    };
    if detail {
        out.trace = trace::trace(plan, index);
        out.built = built.iter().map(apply::Built::value).collect();
    }
    match shared.request.format {
        Format::Stream => match stream::stream(&base.manifests, &built, ground.sources) {
            Ok(text) => {
                // What goes back into the pipe has no place where edgegen would look for its own files.
                let head = match shared.request.stdin {
                    Stdin::Named => stream::head(&out.exposure, &out.target),
                    Stdin::Given => String::new(),
                };
                out.tree.insert(stream::MANIFESTS.to_owned(), head + &text);
            }
            Err(d) => diags.push(*d),
        },
        Format::HelmValues => {
            let Some(charts) = &shared.charts else { return };
            let head = kustomize::head(&out.exposure, &out.target, values::VALUES);
            let chart = match charts.of(&out.exposure) {
                Ok(chart) => chart,
                Err(d) => return diags.push(d),
            };
            if let Some(text) = values::values(chart, plan, index, &head, diags) {
                out.tree.insert(values::VALUES.to_owned(), text);
            }
        }
        Format::ResourceList => {
            let given = base.manifests.first().map(|m| &*m.doc);
            let given =
                given.filter(|d| base.origin == Origin::Stream && is_resource_list(d.root()));
            match resource_list::resource_list(given, &built) {
                Ok(text) => {
                    out.tree.insert(resource_list::LIST.to_owned(), text);
                }
                Err(d) => diags.push(*d),
            }
        }
        Format::Kustomize => {
            if base.origin != Origin::Kustomization {
                return diags.push(messages::not_a_kustomization(base, &out.exposure));
            }
            let base_path = match way(shared, ground, out) {
                Ok(path) => path,
                Err(e) => return diags.push(messages::no_path(&display(&base.root), e)),
            };
            let input = kustomize::OverlayInput {
                exposure: &out.exposure,
                target: &out.target,
                base_path: &base_path,
                patches: &patches,
                plan,
                base: index,
            };
            match kustomize::overlay(&input) {
                Ok(tree) => out.tree = tree,
                Err(d) => diags.push(*d),
            }
        }
    }
}

/// What the overlays of one base have in common.
pub(super) struct Ground<'g> {
    pub(super) sources: &'g Sources,
    pub(super) base: &'g Base,
    pub(super) index: BaseIndex<'g>,
    /// The base's folder without links.
    pub(super) root: io::Result<PathBuf>,
}

/// The folders without links in which overlays lie, by label; the overlay's own folder where it has no other.
pub(super) fn parents(
    world: &dyn World,
    request: &Request,
    labels: impl Iterator<Item = String>,
) -> BTreeMap<String, io::Result<PathBuf>> {
    let parent = |label: &str| {
        let here = world.canonical(Path::new("."))?;
        let to = if request.flat {
            request.out.clone()
        } else {
            request.out.join(label)
        };
        Ok(real(world, &normal(&here.join(to))))
    };
    labels.map(|l| (l.clone(), parent(&l))).collect()
}

/// The path from the folder of an overlay, which need not exist, to its base, with `/` between its parts.
fn way<'s>(
    shared: &'s Shared<'_>,
    ground: &'s Ground<'_>,
    out: &Rendered,
) -> Result<String, &'s io::Error> {
    let parent = shared.parents[&out.label].as_ref()?;
    let to = ground.root.as_ref()?;
    let mut from = parent.clone();
    if !shared.request.flat {
        from = normal(&from.join(&out.exposure));
        if shared.world.kind(&from).is_ok_and(|k| k == PathKind::Link) {
            from = real(shared.world, &from);
        }
    }
    let common = from
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    let mut path = PathBuf::new();
    for _ in from.components().skip(common) {
        path.push("..");
    }
    path.extend(to.components().skip(common));
    Ok(display(&path))
}

/// The path with its existing part freed of links.
fn real(world: &dyn World, path: &Path) -> PathBuf {
    match (world.canonical(path), path.parent(), path.file_name()) {
        (Ok(real), ..) => real,
        (Err(_), Some(parent), Some(name)) => real(world, parent).join(name),
        _ => path.to_owned(),
    }
}
