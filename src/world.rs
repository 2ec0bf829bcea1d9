//! The seam between edgegen and the machine: everything that is read goes through [`World`].
//!
//! Tests run the whole compiler in memory; only `main` and the command tests touch a disk.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use indexmap::IndexMap;

/// What stands at a path, links not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link.
    Link,
    /// A device, a socket, a pipe.
    Other,
    /// Nothing.
    Absent,
}

impl PathKind {
    /// The kind that the system names.
    pub fn of(kind: std::fs::FileType) -> Self {
        if kind.is_symlink() {
            PathKind::Link
        } else if kind.is_dir() {
            PathKind::Dir
        } else if kind.is_file() {
            PathKind::File
        } else {
            PathKind::Other
        }
    }
}

/// Everything that edgegen reads.
pub trait World: Sync {
    /// Reads a regular file, at most `cap + 1` bytes: a longer answer than `cap` means that the file is over the limit.
    fn read(&self, path: &Path, cap: u64) -> io::Result<Vec<u8>>;

    /// The names in a folder, sorted.
    fn list(&self, dir: &Path) -> io::Result<Vec<OsString>>;

    /// What stands at `path`; a link is not followed.
    fn kind(&self, path: &Path) -> io::Result<PathKind>;

    /// The absolute path without links; fails where nothing stands.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;

    /// Reads standard input, at most `cap + 1` bytes.
    fn stdin(&self, cap: u64) -> io::Result<Vec<u8>>;
}

/// The machine's own files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl World for Disk {
    fn read(&self, path: &Path, cap: u64) -> io::Result<Vec<u8>> {
        // Asked before opening, because opening a pipe would wait for its writer.
        let meta = std::fs::metadata(here(path))?;
        if meta.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !meta.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file",
            ));
        }
        let room = usize::try_from(meta.len().min(cap)).unwrap_or(0) + 1;
        let mut bytes = vec![0; room];
        let mut file = std::fs::File::open(here(path))?;
        let mut filled = 0;
        while filled < room {
            let more = match file.read(&mut bytes[filled..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                more => more?,
            };
            filled += more;
            // A file that is as long as it said has nothing more to read.
            if more == 0 || filled as u64 == meta.len() {
                bytes.truncate(filled);
                return Ok(bytes);
            }
        }
        // It grew since it was asked.
        let rest = cap.saturating_add(1).saturating_sub(filled as u64);
        file.take(rest).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<OsString>> {
        let mut names = std::fs::read_dir(here(dir))?
            .map(|e| e.map(|e| e.file_name()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn kind(&self, path: &Path) -> io::Result<PathKind> {
        match std::fs::symlink_metadata(here(path)) {
            Ok(meta) => Ok(PathKind::of(meta.file_type())),
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(PathKind::Absent)
            }
            Err(e) => Err(e),
        }
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(here(path))
    }

    fn stdin(&self, cap: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin()
            .lock()
            .take(cap.saturating_add(1))
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// A normal path can be empty; the system calls that folder `.`.
fn here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

/// Paths without links, for many that lie side by side: each folder on the way is looked at once.
///
/// It may know a folder for as long as one run only, since a folder can become a link.
#[derive(Debug, Default)]
pub struct Reals {
    here: Option<PathBuf>,
    known: IndexMap<PathBuf, PathBuf>,
}

impl Reals {
    /// As [`World::canonical`].
    pub fn canonical(&mut self, world: &dyn World, path: &Path) -> io::Result<PathBuf> {
        let plain = |c: Component<'_>| matches!(c, Component::Normal(_) | Component::RootDir);
        if path.as_os_str().is_empty() || !path.components().all(plain) {
            return world.canonical(path);
        }
        if path.is_absolute() {
            return self.below(world, path);
        }
        let here = match &self.here {
            Some(here) => here,
            None => self.here.insert(world.canonical(Path::new("."))?),
        };
        let path = here.join(path);
        self.below(world, &path)
    }

    fn below(&mut self, world: &dyn World, path: &Path) -> io::Result<PathBuf> {
        if let Some(real) = self.known.get(path) {
            return Ok(real.clone());
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return world.canonical(path);
        };
        let mut real = self.below(world, parent)?.join(name);
        match world.kind(&real)? {
            PathKind::Absent => return Err(io::ErrorKind::NotFound.into()),
            PathKind::Link => real = world.canonical(&real)?,
            _ => {}
        }
        self.known.insert(path.to_owned(), real.clone());
        Ok(real)
    }
}

/// Files that exist in memory only. Folders are there when a file lies in them; there are no links.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// Content under each normal path.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// Standard input.
    pub stdin: Vec<u8>,
}

impl Memory {
    /// A world with these files.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files = files
            .into_iter()
            .map(|(p, t)| (normal(Path::new(p)), t.as_bytes().to_vec()))
            .collect();
        Self {
            files,
            stdin: Vec::new(),
        }
    }

    /// Files in or under `dir`. Paths compare by component, so they stand side by side in the map.
    fn under(&self, dir: &Path) -> impl Iterator<Item = &PathBuf> {
        let all = dir.as_os_str().is_empty();
        self.files
            .range(dir.to_path_buf()..)
            .map(|(p, _)| p)
            .take_while({
                let dir = dir.to_path_buf();
                move |p| all || p.starts_with(&dir)
            })
    }
}

impl World for Memory {
    fn read(&self, path: &Path, cap: u64) -> io::Result<Vec<u8>> {
        match self.files.get(&normal(path)) {
            Some(bytes) => Ok(capped(bytes, cap)),
            None if self.kind(path)? == PathKind::Dir => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<OsString>> {
        let dir = normal(dir);
        if self.kind(&dir)? != PathKind::Dir {
            return Err(io::ErrorKind::NotFound.into());
        }
        let depth = dir.components().count();
        let mut names: Vec<OsString> = self
            .under(&dir)
            .filter_map(|p| p.components().nth(depth))
            .map(|c| c.as_os_str().to_owned())
            .collect();
        names.dedup();
        Ok(names)
    }

    fn kind(&self, path: &Path) -> io::Result<PathKind> {
        let path = normal(path);
        Ok(if self.files.contains_key(&path) {
            PathKind::File
        } else if self.under(&path).next().is_some() {
            PathKind::Dir
        } else {
            PathKind::Absent
        })
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        match self.kind(path)? {
            PathKind::Absent => Err(io::ErrorKind::NotFound.into()),
            _ => Ok(normal(path)),
        }
    }

    fn stdin(&self, cap: u64) -> io::Result<Vec<u8>> {
        Ok(capped(&self.stdin, cap))
    }
}

/// Another world's files, with a standard input that was read before.
#[derive(Clone, Copy)]
pub struct Piped<'w> {
    /// Whose files.
    pub world: &'w dyn World,
    /// Standard input.
    pub stdin: &'w [u8],
}

impl World for Piped<'_> {
    fn read(&self, path: &Path, cap: u64) -> io::Result<Vec<u8>> {
        self.world.read(path, cap)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<OsString>> {
        self.world.list(dir)
    }

    fn kind(&self, path: &Path) -> io::Result<PathKind> {
        self.world.kind(path)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.world.canonical(path)
    }

    fn stdin(&self, cap: u64) -> io::Result<Vec<u8>> {
        Ok(capped(self.stdin, cap))
    }
}

/// At most `cap + 1` bytes.
fn capped(bytes: &[u8], cap: u64) -> Vec<u8> {
    let end = usize::try_from(cap).unwrap_or(usize::MAX).saturating_add(1);
    bytes[..bytes.len().min(end)].to_vec()
}

/// The path without `.` and, where a name stands before it, without `..`; links are not looked at.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => out.push(".."),
            },
            other => out.push(other),
        }
    }
    out
}

/// The path as messages show it: `/` between names.
pub fn display(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_behaves_like_a_disk() {
        let world = Memory::new([
            ("base/a.yaml", "a"),
            ("base/sub/b.yaml", "b"),
            ("base.yaml", "c"),
        ]);
        assert_eq!(world.list(Path::new("base")).unwrap(), ["a.yaml", "sub"]);
        assert_eq!(world.list(Path::new(".")).unwrap(), ["base", "base.yaml"]);
        assert_eq!(
            world.kind(Path::new("./base/sub/..")).unwrap(),
            PathKind::Dir
        );
        assert_eq!(world.kind(Path::new("bas")).unwrap(), PathKind::Absent);
        assert_eq!(
            world.read(Path::new("base/sub/../a.yaml"), 0).unwrap(),
            b"a"
        );
        assert_eq!(
            world.read(Path::new("base"), 9).unwrap_err().kind(),
            io::ErrorKind::IsADirectory
        );
        assert_eq!(normal(Path::new("../x/./y/../..")), Path::new(".."));
    }
}
