//! Which files belong together: exposures that share a base are compiled with its one reading.
//!
//! A first pass over the files, whose findings are not kept; the group's own pass says them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::diag::Diagnostics;
use crate::load::File;
use crate::load::function::roots;
use crate::source::Sources;
use crate::world::{Reals, World, normal};
use crate::yaml::Node;
use crate::yaml::read::{Limits, read};

/// What a file holds, at a first look.
pub(super) struct First {
    /// It has documents that are not an exposure's: environments, mappings.
    pub(super) shared: bool,
    exposures: bool,
    /// Folder and written path of the base of each exposure.
    bases: Vec<(PathBuf, String)>,
    broken: bool,
}

/// Looks for environments and for the bases of exposures; nothing is decoded.
pub(super) fn first_pass(file: &File) -> First {
    let (mut sources, mut unheard) = (Sources::default(), Diagnostics::default());
    let source = sources.add("", file.text.as_str());
    let mut out = First {
        shared: false,
        exposures: false,
        bases: Vec::new(),
        broken: false,
    };
    let docs = read(&sources, source, &Limits::default(), &mut unheard);
    for root in docs.iter().flat_map(roots) {
        match root.get("kind").and_then(Node::as_str) {
            Some("Environment" | "ChartMapping") => out.shared = true,
            Some("Exposure") => {
                out.exposures = true;
                let base = root.at(&["spec", "base"]).and_then(Node::as_str);
                let folder = file
                    .path
                    .parent()
                    .map(Path::to_path_buf)
                    .unwrap_or_default();
                out.bases.extend(base.map(|b| (folder, b.to_owned())));
            }
            _ => {}
        }
    }
    out.broken = !out.shared && out.bases.is_empty();
    out
}

/// Files whose exposures name one base; files that are broken stand alone, so that what is wrong is said.
pub(super) struct Batch<'f> {
    pub(super) files: Vec<&'f File>,
    pub(super) base: Option<(PathBuf, String)>,
}

/// All files with exposures, for the one base that is given.
pub(super) fn together<'f>(files: &'f [File], first: &[First]) -> Vec<Batch<'f>> {
    let with = |which: fn(&First) -> bool| {
        let of = files.iter().zip(first).filter(move |(_, f)| which(f));
        of.map(|(file, _)| file)
    };
    let base = Some((PathBuf::new(), crate::base::STREAM.to_owned()));
    let all = Batch {
        files: with(|f| f.exposures).collect(),
        base,
    };
    let broken = with(|f| f.broken && !f.exposures).map(|file| Batch {
        files: vec![file],
        base: None,
    });
    let mut out: Vec<Batch<'f>> = broken.collect();
    if !all.files.is_empty() {
        out.push(all);
    }
    out
}

pub(super) fn grouped<'f>(world: &dyn World, files: &'f [File], first: &[First]) -> Vec<Batch<'f>> {
    let mut out: Vec<Batch<'f>> = Vec::new();
    let mut by_base: BTreeMap<OsString, usize> = BTreeMap::new();
    let mut reals = Reals::default();
    for (file, found) in files.iter().zip(first) {
        for (folder, written) in &found.bases {
            let place = if written == crate::base::STREAM {
                PathBuf::from("-")
            } else {
                normal(&folder.join(written))
            };
            let place = reals.canonical(world, &place).unwrap_or(place);
            let at = *by_base.entry(place.into_os_string()).or_insert_with(|| {
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
