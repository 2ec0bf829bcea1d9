//! A kustomization with everything that it includes.
//!
//! Walks the chain as kustomize does: inner kustomizations first, each one's settings over all objects below it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::kustomization::{self, NAMES, Settings};
use super::object::{Object, report_duplicates};
use super::reader::{Location, Reader};
use super::{messages, transform};
use crate::source::Span;
use crate::world::{PathKind, normal};

/// The kustomization file of a folder, if it has one; several are reported.
pub(crate) fn find(
    reader: &mut Reader<'_>,
    dir: &Location,
    span: Option<Span>,
) -> Option<Location> {
    let found: Vec<&str> = NAMES
        .into_iter()
        .filter(|n| {
            matches!(
                reader.kind(&dir.join(n), span),
                PathKind::File | PathKind::Link
            )
        })
        .collect();
    if found.len() > 1 {
        reader
            .diags
            .push(messages::several_kustomizations(&dir.name(), &found, span));
    }
    found.first().map(|name| dir.join(name))
}

/// The objects of the kustomization in `file`, and whether a name was changed on the way.
pub(crate) fn objects(
    reader: &mut Reader<'_>,
    dir: &Location,
    file: &Location,
    span: Option<Span>,
    renames: &mut bool,
) -> Vec<Object> {
    let mut visited = Vec::new();
    layer(reader, dir, file, span, &mut visited, renames)
}

fn layer(
    reader: &mut Reader<'_>,
    dir: &Location,
    file: &Location,
    span: Option<Span>,
    visited: &mut Vec<PathBuf>,
    renames: &mut bool,
) -> Vec<Object> {
    let real = match reader.world.canonical(&dir.path) {
        Ok(real) => real,
        Err(e) => {
            reader
                .diags
                .push(messages::unreadable(&dir.name(), span, &e));
            return Vec::new();
        }
    };
    // kustomize refuses a folder above one that it is in, too: it would include itself.
    if let Some(span) = span
        && visited.iter().any(|v| v.starts_with(&real))
    {
        reader.diags.push(messages::cycle(span, &dir.name()));
        return Vec::new();
    }
    if !reader.stays_inside(&dir.path, file, span) {
        return Vec::new();
    }
    visited.push(real);
    let settings = settings(reader, dir, file, span);
    *renames |= settings.renames();
    let mut objects = Vec::new();
    let mut listed: BTreeMap<PathBuf, Span> = BTreeMap::new();
    for (name, at) in &settings.resources {
        if let Some(first) = listed.insert(normal(name.as_ref()), *at) {
            reader.diags.push(messages::listed_twice(*at, first, name));
            continue;
        }
        resource(reader, dir, name, *at, visited, renames, &mut objects);
    }
    report_duplicates(&objects, &mut reader.diags);
    transform::apply(&settings, &mut objects, &mut reader.diags);
    visited.pop();
    objects
}

fn settings(
    reader: &mut Reader<'_>,
    dir: &Location,
    file: &Location,
    span: Option<Span>,
) -> Settings {
    let problems = reader.diags.iter().count();
    let docs = reader.docs(file, span);
    match docs.as_slice() {
        [doc] => {
            let doc = std::sync::Arc::clone(doc);
            kustomization::decode(doc.root(), &dir.name(), &mut reader.diags)
        }
        other => {
            // Where the text itself could not be read, that has been said.
            if let Some(at) = other
                .get(1)
                .map(|d| d.span)
                .or_else(|| reader.start_of(file))
                && problems == reader.diags.iter().count()
            {
                reader
                    .diags
                    .push(messages::not_one_document(at, &file.name(), other.len()));
            }
            Settings::default()
        }
    }
}

fn resource(
    reader: &mut Reader<'_>,
    dir: &Location,
    name: &str,
    at: Span,
    visited: &mut Vec<PathBuf>,
    renames: &mut bool,
    out: &mut Vec<Object>,
) {
    if name.contains("://") || name.starts_with("git@") || name.contains("?ref=") {
        reader.diags.push(messages::remote(at, name, &dir.name()));
        return;
    }
    if name.starts_with('/') || std::path::Path::new(name).is_absolute() {
        reader
            .diags
            .push(messages::outside(Some(at), name, "an absolute path"));
        return;
    }
    let place = dir.join(name);
    let mut kind = reader.kind(&place, Some(at));
    if kind == PathKind::Link {
        if !reader.stays_inside(&dir.path, &place, Some(at)) {
            return;
        }
        let real = reader
            .world
            .canonical(&place.path)
            .and_then(|real| reader.world.kind(&real));
        kind = real.unwrap_or(PathKind::Absent);
    }
    match kind {
        PathKind::File => {
            if reader.stays_inside(&dir.path, &place, Some(at)) {
                reader.objects(&place, Some(at), out);
            }
        }
        PathKind::Dir => match find(reader, &place, Some(at)) {
            Some(file) => out.extend(layer(reader, &place, &file, Some(at), visited, renames)),
            None => reader
                .diags
                .push(messages::folder_without_kustomization(at, &place.name())),
        },
        // The short form of a repository's address has a host where a path has a folder.
        PathKind::Absent if name.contains("//") || name.starts_with("github.com/") => {
            reader.diags.push(messages::remote(at, name, &dir.name()));
        }
        PathKind::Absent => reader
            .diags
            .push(messages::resource_missing(at, &place.name())),
        PathKind::Link | PathKind::Other => reader.diags.push(messages::unreadable(
            &place.name(),
            Some(at),
            &std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file"),
        )),
    }
}
