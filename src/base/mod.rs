//! The base: the user's manifests as kustomize or kubectl would give them to the cluster.
//!
//! An overlay is built on top of the base, so edgegen has to see every base object as that build sees it, and must never write where it reads.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::diag::{Diagnostic, Diagnostics};
use crate::model::object::BaseObject;
use crate::source::{SourceId, Sources, Span};
use crate::world::{PathKind, World, display, normal};
use crate::yaml::Doc;

mod chain;
mod fields;
mod kustomization;
mod messages;
mod object;
mod passing;
mod reader;
mod references;
mod referrals;
mod transform;
mod walk;

pub use passing::{is_document, is_resource_list, passes_by};
use reader::{Location, Reader};

/// Name of the base that is read from standard input.
pub const STREAM: &str = "-";

/// What kind of thing the exposure names as its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A folder with a kustomization: an overlay can name it under `resources`.
    Kustomization,
    /// A folder whose manifests are taken as they are, without those in its folders, as `kubectl apply -f` does.
    Folder,
    /// One file.
    File,
    /// Standard input.
    Stream,
}

/// A document of the base's manifests.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The document.
    pub doc: Arc<Doc>,
    /// How many objects were read from it; none where it only passes by.
    pub objects: usize,
}

/// A file that was read, with what it was.
#[derive(Debug, Clone)]
pub struct BaseFile {
    /// Where it was read; `-` for the stream.
    pub path: PathBuf,
    /// Its text.
    pub source: SourceId,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
}

/// A base as read.
#[derive(Debug, Clone)]
pub struct Base {
    /// In the order of reading, without objects that kustomize keeps to itself (`config.kubernetes.io/local-config`).
    pub objects: Vec<BaseObject>,
    /// The documents of the manifests in the order of reading, also those without objects.
    pub manifests: Vec<Manifest>,
    /// What was read.
    pub origin: Origin,
    /// The folder that an overlay would name under `resources`; of a file, the folder that it lies in; empty for a stream.
    pub root: PathBuf,
    /// Everything that was read, kustomizations included.
    pub files: Vec<BaseFile>,
    /// Whether a kustomization of the chain changes names.
    pub renames: bool,
}

impl Base {
    /// Paths that no overlay may overlap: the folders of the chain, or the one file. For [`crate::out::publish_all`].
    pub fn guarded(&self) -> Vec<PathBuf> {
        let mut all: BTreeSet<PathBuf> = match self.origin {
            Origin::Stream => return Vec::new(),
            Origin::File => return self.files.iter().map(|f| f.path.clone()).collect(),
            Origin::Kustomization | Origin::Folder => BTreeSet::from([self.root.clone()]),
        };
        for dir in self.files.iter().filter_map(|f| f.path.parent()) {
            if !all.contains(dir) {
                all.insert(dir.to_path_buf());
            }
        }
        all.into_iter()
            .map(|p| {
                if p.as_os_str().is_empty() {
                    PathBuf::from(".")
                } else {
                    p
                }
            })
            .collect()
    }
}

/// Reads the base at `path`: a folder, a file, or `-` for standard input.
///
/// `display` is the path as the user wrote it and heads the names of all texts; `at` is where it is written.
/// Gives nothing when something was wrong; all findings are in `diags`.
pub fn read_base(
    world: &dyn World,
    sources: &mut Sources,
    path: &Path,
    display: &str,
    at: Option<Span>,
    diags: &mut Diagnostics,
) -> Option<Base> {
    let mut reader = Reader::new(world, sources);
    let place = Location {
        path: normal(path),
        shown: normal(display.as_ref()),
    };
    let mut objects = Vec::new();
    let mut renames = false;
    let origin = if path == Path::new(STREAM) {
        match world.stdin(reader.cap()) {
            Ok(bytes) => {
                for doc in reader.parse(path, "<stdin>".to_owned(), bytes, at) {
                    reader.take(&doc, passes_by, &mut objects);
                }
            }
            Err(e) => reader.diags.push(messages::unreadable("<stdin>", at, &e)),
        }
        Some(Origin::Stream)
    } else {
        let mut kind = reader.kind(&place, at);
        if kind == PathKind::Link {
            kind = world
                .canonical(&place.path)
                .and_then(|real| world.kind(&real))
                .unwrap_or(PathKind::Absent);
        }
        match kind {
            PathKind::Dir => {
                if let Some(file) = chain::find(&mut reader, &place, at) {
                    objects = chain::objects(&mut reader, &place, &file, at, &mut renames);
                    references::follow(&mut objects, &mut reader.diags);
                    objects.retain(|o| !o.local);
                    objects
                        .iter_mut()
                        .for_each(object::Object::drop_empty_annotations);
                    Some(Origin::Kustomization)
                } else {
                    folder(&mut reader, &place, at, &mut objects);
                    Some(Origin::Folder)
                }
            }
            PathKind::Absent => {
                let error = std::io::ErrorKind::NotFound.into();
                reader
                    .diags
                    .push(messages::unreadable(&place.name(), at, &error));
                None
            }
            _ => {
                reader.objects(&place, at, &mut objects);
                Some(Origin::File)
            }
        }
    };
    if origin.is_some_and(|o| o != Origin::Kustomization) {
        object::report_duplicates(&objects, &mut reader.diags);
    }
    // A stream in which everything passes by goes on as it is.
    let passing = origin == Some(Origin::Stream) && !reader.manifests.is_empty();
    if objects.is_empty() && !passing && !reader.diags.has_errors() {
        let name = if origin == Some(Origin::Stream) {
            "<stdin>".to_owned()
        } else {
            place.name()
        };
        reader.diags.push(messages::empty(&name, at));
    }
    let failed = reader.diags.has_errors();
    let files = std::mem::take(&mut reader.files);
    let manifests = std::mem::take(&mut reader.manifests);
    diags.extend(reader.diags);
    let origin = origin.filter(|_| !failed)?;
    let root = match origin {
        Origin::Kustomization | Origin::Folder => place.path,
        Origin::File => place
            .path
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default(),
        Origin::Stream => PathBuf::new(),
    };
    let objects = objects.into_iter().map(object::Object::finish).collect();
    Some(Base {
        objects,
        manifests,
        origin,
        root,
        files,
        renames,
    })
}

/// The manifests that lie directly in a folder, in the order of their names.
fn folder(
    reader: &mut Reader<'_>,
    dir: &Location,
    at: Option<Span>,
    out: &mut Vec<object::Object>,
) {
    let names = match reader.world.list(&dir.path) {
        Ok(names) => names,
        Err(e) => {
            reader.diags.push(messages::unreadable(&dir.name(), at, &e));
            return;
        }
    };
    for name in names {
        let is_manifest = Path::new(&name)
            .extension()
            .is_some_and(|e| e == "yaml" || e == "yml" || e == "json");
        let Some(name) = name.to_str() else {
            if is_manifest {
                reader.diags.push(messages::name_not_text(
                    &dir.name(),
                    &name.to_string_lossy(),
                ));
            }
            continue;
        };
        let file = dir.join(name);
        if is_manifest
            && reader.kind(&file, at) != PathKind::Dir
            && reader.stays_inside(&dir.path, &file, at)
        {
            reader.objects(&file, at, out);
        }
    }
}

/// Reads all files of the base again and compares: the proof that the run left every byte as it was.
pub fn digests_unchanged(world: &dyn World, base: &Base) -> Result<(), Diagnostic> {
    if base.origin == Origin::Stream {
        return Ok(());
    }
    for file in &base.files {
        let now = world.read(&file.path, u64::from(u32::MAX));
        let same = now.is_ok_and(|bytes| <[u8; 32]>::from(Sha256::digest(&bytes)) == file.digest);
        if !same {
            return Err(messages::changed(&display(&file.path)));
        }
    }
    Ok(())
}
