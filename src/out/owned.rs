//! Which files of an overlay folder edgegen wrote.
//!
//! Only these are ever replaced or deleted; the list is kept in the overlay itself, so it moves and is reviewed with it.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::tree::is_inside;
use crate::world::{PathKind, World};

/// Starts each line of the list, in the comment at the head of the manifest file.
pub const OWNS: &str = "# edgegen:owns ";

/// The file that lists what edgegen owns, in folders that have one.
pub const MANIFEST: &str = "kustomization.yaml";

/// No file that edgegen writes is larger; a larger one in its place is somebody else's.
pub(crate) const CAP: u64 = 256 << 20;

/// The paths that the head comment of `text` lists; lines that lead out of the folder are not taken.
pub fn listed(text: &str) -> BTreeSet<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines()
        .take_while(|line| line.starts_with('#') || line.trim().is_empty())
        .filter_map(|line| line.strip_prefix(OWNS))
        .map(str::trim)
        .filter(|path| is_inside(path))
        .map(str::to_owned)
        .collect()
}

/// The files in `dir` that edgegen wrote in an earlier run, whether or not they are still there.
///
/// A folder without a manifest may hold streams, each of which lists itself.
pub fn owned(world: &dyn World, dir: &Path) -> io::Result<BTreeSet<String>> {
    if world.kind(dir)? != PathKind::Dir {
        return Ok(BTreeSet::new());
    }
    owned_and_manifest(world, dir).map(|(found, _)| found)
}

/// The same for a folder that is there, with the bytes of its manifest, where it has one.
pub(crate) fn owned_and_manifest(
    world: &dyn World,
    dir: &Path,
) -> io::Result<(BTreeSet<String>, Option<Vec<u8>>)> {
    let mut found = BTreeSet::new();
    let manifest = take(world, dir, MANIFEST, &mut found)?;
    if !found.is_empty() {
        return Ok((found, manifest));
    }
    for name in world.list(dir)? {
        if let Some(name) = name
            .to_str()
            .filter(|n| Path::new(n).extension().is_some_and(|e| e == "yaml"))
        {
            take(world, dir, name, &mut found)?;
        }
    }
    Ok((found, manifest))
}

/// Adds what a file lists; gives its bytes.
fn take(
    world: &dyn World,
    dir: &Path,
    name: &str,
    found: &mut BTreeSet<String>,
) -> io::Result<Option<Vec<u8>>> {
    let path = dir.join(name);
    if world.kind(&path)? != PathKind::File {
        return Ok(None);
    }
    let bytes = world.read(&path, CAP)?;
    let mut list = listed(&String::from_utf8_lossy(head(&bytes)));
    // A file that lists anything is edgegen's; a stream must list itself, so that a copied comment takes nothing over.
    if name == MANIFEST && !list.is_empty() {
        list.insert(MANIFEST.to_owned());
    }
    if list.contains(name) {
        found.append(&mut list);
    }
    Ok(Some(bytes))
}

/// The bytes up to the first line that is neither a comment nor empty.
fn head(bytes: &[u8]) -> &[u8] {
    let mut at = if bytes.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    while let Some(first) = bytes.get(at) {
        if !matches!(first, b'#' | b'\n' | b'\r') {
            break;
        }
        at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |i| at + i + 1);
    }
    &bytes[..at]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    #[test]
    fn only_the_head_counts_and_nothing_leads_out() {
        let text = "# Generated.\n# edgegen:owns a.yaml\n# edgegen:owns ../b.yaml\n# edgegen:owns /c\n\nkind: X\n# edgegen:owns d.yaml\n";
        assert_eq!(listed(text).into_iter().collect::<Vec<_>>(), ["a.yaml"]);
    }

    #[test]
    fn a_stream_owns_itself_only_when_it_says_so() {
        let world = Memory::new([
            ("o/all.yaml", "# edgegen:owns all.yaml\nkind: X\n"),
            ("o/copy.yaml", "# edgegen:owns other.yaml\nkind: X\n"),
            ("o/mine.yaml", "kind: X\n"),
        ]);
        assert_eq!(
            owned(&world, Path::new("o"))
                .unwrap()
                .into_iter()
                .collect::<Vec<_>>(),
            ["all.yaml"]
        );
    }
}
