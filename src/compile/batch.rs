//! Which files belong together: exposures that share a base are compiled with its one reading.
//!
//! A first pass over the files, whose findings are not kept; the group's own pass says them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diag::Diagnostics;
use crate::load::{self, File};
use crate::model::document::Exposure;
use crate::profile::store::Store;
use crate::source::Sources;
use crate::world::{World, normal};

/// What a file holds, at a first look.
pub(super) struct First {
    pub(super) environments: bool,
    /// Folder and written path of the base of each exposure.
    bases: Vec<(PathBuf, String)>,
    broken: bool,
}

pub(super) fn first_pass(file: &File, store: &Store) -> First {
    let (mut sources, mut unheard) = (Sources::default(), Diagnostics::default());
    let found = load::documents(file, store, &mut sources, &mut unheard);
    let base = |e: &Exposure| Some((e.folder.clone(), e.spec.find("base")?.as_str()?.to_owned()));
    First {
        environments: !found.environments.is_empty(),
        bases: found.exposures.iter().filter_map(base).collect(),
        broken: unheard.has_errors() && found.environments.is_empty(),
    }
}

/// Files whose exposures name one base; files that are broken stand alone, so that what is wrong is said.
pub(super) struct Batch<'f> {
    pub(super) files: Vec<&'f File>,
    pub(super) base: Option<(PathBuf, String)>,
}

pub(super) fn grouped<'f>(world: &dyn World, files: &'f [File], first: &[First]) -> Vec<Batch<'f>> {
    let mut out: Vec<Batch<'f>> = Vec::new();
    let mut by_base: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for (file, found) in files.iter().zip(first) {
        for (folder, written) in &found.bases {
            let place = if written == crate::base::STREAM {
                PathBuf::from("-")
            } else {
                normal(&folder.join(written))
            };
            let place = world.canonical(&place).unwrap_or(place);
            let at = *by_base.entry(place).or_insert_with(|| {
                out.push(Batch {
                    files: Vec::new(),
                    base: Some((folder.clone(), written.clone())),
                });
                out.len() - 1
            });
            if !out[at].files.iter().any(|f| std::ptr::eq(*f, file)) {
                out[at].files.push(file);
            }
        }
        if found.bases.is_empty() && found.broken {
            out.push(Batch {
                files: vec![file],
                base: None,
            });
        }
    }
    out
}
