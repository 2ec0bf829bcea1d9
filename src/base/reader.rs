//! Reads the files of a base, each of them once.
//!
//! All rules on where a file may lie are here, so that no other module opens a path of the base.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::object::{Object, objects_of};
use super::{BaseFile, Manifest, messages};
use crate::diag::Diagnostics;
use crate::source::{Sources, Span};
use crate::world::{PathKind, World, display, normal};
use crate::yaml::read::{Limits, decode_text, read};
use crate::yaml::{Doc, Node};

/// A path in the base: to open, and to show.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    /// To open.
    pub path: PathBuf,
    /// To show.
    pub shown: PathBuf,
}

impl Location {
    /// A path below or beside this folder.
    pub(crate) fn join(&self, relative: &str) -> Self {
        Self {
            path: normal(&self.path.join(relative)),
            shown: normal(&self.shown.join(relative)),
        }
    }

    /// The name that messages show.
    pub(crate) fn name(&self) -> String {
        let name = display(&self.shown);
        if name.is_empty() {
            ".".to_owned()
        } else {
            name
        }
    }
}

/// Reads files and remembers them.
pub(crate) struct Reader<'a> {
    /// What is read from.
    pub world: &'a dyn World,
    /// Where texts are kept.
    pub sources: &'a mut Sources,
    /// Findings of this base.
    pub diags: Diagnostics,
    /// Files in the order of reading.
    pub files: Vec<BaseFile>,
    /// Documents of manifests in the order of reading.
    pub manifests: Vec<Manifest>,
    limits: Limits,
    docs: BTreeMap<PathBuf, Vec<Arc<Doc>>>,
    folders: BTreeSet<PathBuf>,
}

impl<'a> Reader<'a> {
    /// A reader that has read nothing.
    pub(crate) fn new(world: &'a dyn World, sources: &'a mut Sources) -> Self {
        Self {
            world,
            sources,
            diags: Diagnostics::default(),
            files: Vec::new(),
            manifests: Vec::new(),
            limits: Limits::default(),
            docs: BTreeMap::new(),
            folders: BTreeSet::new(),
        }
    }

    /// The limit for one file in bytes.
    pub(crate) fn cap(&self) -> u64 {
        self.limits.max_bytes as u64
    }

    /// What stands at a path; what cannot be looked at is reported and counts as absent.
    pub(crate) fn kind(&mut self, at: &Location, span: Option<Span>) -> PathKind {
        self.world.kind(&at.path).unwrap_or_else(|e| {
            self.diags.push(messages::unreadable(&at.name(), span, &e));
            PathKind::Absent
        })
    }

    /// The documents of a file; each file is read and parsed once.
    pub(crate) fn docs(&mut self, at: &Location, span: Option<Span>) -> Vec<Arc<Doc>> {
        if let Some(known) = self.docs.get(&at.path) {
            return known.clone();
        }
        let docs = match self.world.read(&at.path, self.cap()) {
            Ok(bytes) => self.parse(&at.path, at.name(), bytes, span),
            Err(e) => {
                self.diags.push(messages::unreadable(&at.name(), span, &e));
                Vec::new()
            }
        };
        self.docs.insert(at.path.clone(), docs.clone());
        docs
    }

    /// The documents of bytes that were read.
    pub(crate) fn parse(
        &mut self,
        path: &Path,
        name: String,
        bytes: Vec<u8>,
        span: Option<Span>,
    ) -> Vec<Arc<Doc>> {
        if bytes.len() as u64 > self.cap() {
            self.diags
                .push(messages::too_large(&name, span, self.cap()));
            return Vec::new();
        }
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        match decode_text(&name, bytes) {
            Ok(text) => {
                let source = self.sources.add(name, text);
                self.files.push(BaseFile {
                    path: path.to_path_buf(),
                    source,
                    digest,
                });
                read(self.sources, source, &self.limits, &mut self.diags)
                    .into_iter()
                    .map(Arc::new)
                    .collect()
            }
            Err(problem) => {
                self.diags.push(*problem);
                Vec::new()
            }
        }
    }

    /// The objects of a file.
    pub(crate) fn objects(&mut self, at: &Location, span: Option<Span>, out: &mut Vec<Object>) {
        for doc in self.docs(at, span) {
            self.take(&doc, |_, _| false, out);
        }
    }

    /// The objects of a document, except those that `passes_by` says are none of the application's.
    pub(crate) fn take(
        &mut self,
        doc: &Arc<Doc>,
        passes_by: impl Fn(Node<'_>, bool) -> bool,
        out: &mut Vec<Object>,
    ) {
        let before = out.len();
        objects_of(doc, passes_by, out, &mut self.diags);
        self.manifests.push(Manifest {
            doc: Arc::clone(doc),
            objects: out.len() - before,
        });
    }

    /// The text that was read last, for findings on a file without documents.
    pub(crate) fn start_of(&self, at: &Location) -> Option<Span> {
        let file = self.files.iter().rev().find(|f| f.path == at.path)?;
        Some(Span {
            source: file.source,
            start: 0,
            end: 0,
        })
    }

    /// Whether `file` really lies in or below `dir`, links followed; reports where it does not.
    pub(crate) fn stays_inside(&mut self, dir: &Path, file: &Location, span: Option<Span>) -> bool {
        let Ok(below) = file.path.strip_prefix(dir) else {
            self.diags.push(messages::outside(
                span,
                &file.name(),
                "not below the folder of this kustomization",
            ));
            return false;
        };
        let mut at = dir.to_path_buf();
        let last = below.components().count().saturating_sub(1);
        for (i, part) in below.components().enumerate() {
            if !matches!(part, Component::Normal(_)) {
                self.diags.push(messages::outside(
                    span,
                    &file.name(),
                    "not below the folder of this kustomization",
                ));
                return false;
            }
            at.push(part);
            if self.folders.contains(&at) {
                continue;
            }
            match self.world.kind(&at) {
                Ok(PathKind::Link) => return self.link_stays_inside(dir, file, span),
                Ok(PathKind::Dir) if i < last => {
                    self.folders.insert(at.clone());
                }
                _ => {}
            }
        }
        true
    }

    fn link_stays_inside(&mut self, dir: &Path, file: &Location, span: Option<Span>) -> bool {
        let real = self
            .world
            .canonical(dir)
            .and_then(|dir| Ok((dir, self.world.canonical(&file.path)?)));
        match real {
            Ok((dir, file)) if file.starts_with(&dir) => true,
            Ok(_) => {
                self.diags.push(messages::outside(
                    span,
                    &file.name(),
                    "a link leads out of the folder",
                ));
                false
            }
            Err(e) => {
                self.diags
                    .push(messages::unreadable(&file.name(), span, &e));
                false
            }
        }
    }
}
