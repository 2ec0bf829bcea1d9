//! From a plan to files: patches, their proof, and the format that was asked for.
//!
//! Knows where things go; what they are is decided.

use std::path::{Path, PathBuf};

use super::{Format, Rendered, Shared, messages};
use crate::base::{Base, Origin};
use crate::diag::Diagnostics;
use crate::emit::{kustomize, stream, trace};
use crate::plan::{apply, index::BaseIndex, patch, prove};
use crate::source::Sources;
use crate::world::{World, display, normal};

pub(super) fn emit(
    shared: &Shared<'_>,
    sources: &Sources,
    base: &Base,
    index: &BaseIndex<'_>,
    plan: &crate::plan::Plan,
    out: &mut Rendered,
    diags: &mut Diagnostics,
) {
    let patches = match patch::patches(plan, index, diags) {
        Ok(patches) => patches,
        Err(internal) => return diags.push(messages::internal(&internal)),
    };
    if let Err(internal) = prove::prove(plan, index, &patches) {
        return diags.push(messages::internal(&internal));
    }
    let detail = shared.request.detail;
    let built = if detail || shared.request.format == Format::Stream {
        apply::apply(plan, index)
    } else {
        Vec::new()
    };
    if detail {
        out.trace = trace::trace(plan, index);
        out.built = built.iter().map(apply::Built::value).collect();
    }
    match shared.request.format {
        Format::Stream => match stream::stream(&built, sources) {
            Ok(text) => {
                out.tree.insert("manifests.yaml".to_owned(), text);
            }
            Err(d) => diags.push(*d),
        },
        Format::Kustomize => {
            if base.origin != Origin::Kustomization {
                return diags.push(messages::not_a_kustomization(base, &out.exposure));
            }
            let to = &shared.request.out;
            let dir = if shared.request.flat {
                to.clone()
            } else {
                to.join(&out.label).join(&out.exposure)
            };
            let base_path = match relative(shared.world, &dir, &base.root) {
                Ok(path) => path,
                Err(e) => return diags.push(messages::no_path(&display(&base.root), &e)),
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

/// The path from a folder, which need not exist, to another, with `/` between its parts.
fn relative(world: &dyn World, from: &Path, to: &Path) -> std::io::Result<String> {
    let here = world.canonical(Path::new("."))?;
    let from = real(world, &normal(&here.join(from)));
    let to = world.canonical(to)?;
    let shared = from
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    let mut path = PathBuf::new();
    for _ in from.components().skip(shared) {
        path.push("..");
    }
    path.extend(to.components().skip(shared));
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
