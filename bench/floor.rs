//! The least that a compiler of these files can do: read the inputs, parse them, write the outputs, and nothing in between.
//!
//! `run.py` divides the time of `edgegen render` by it; it is an example of cargo's, so that it is no part of the program.
//!
//!     floor FROM.. --outputs OUT --to NEW
//!
//! Every `.yaml` file below the folders FROM is read and parsed with edgegen's own reader; every file below OUT is written to NEW, which
//! must not exist, in the same folders. What is written is in memory before the clock starts. Prints the seconds that passed and,
//! where the system tells, those that processors spent.

#![allow(
    clippy::disallowed_methods,
    reason = "a measurement needs a clock and a disk"
)]

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use edgegen::diag::Diagnostics;
use edgegen::parallel;
use edgegen::source::Sources;
use edgegen::world::{Disk, World};
use edgegen::yaml::read::{Limits, decode_text, read};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A folder of the output, with the places and bytes of its files.
type Folder = (PathBuf, Vec<(PathBuf, Vec<u8>)>);

fn main() -> io::Result<()> {
    let (mut from, mut outputs, mut to) = (Vec::new(), None, None);
    let mut args = std::env::args_os().skip(1);
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--outputs") => outputs = args.next().map(PathBuf::from),
            Some("--to") => to = args.next().map(PathBuf::from),
            _ => from.push(PathBuf::from(arg)),
        }
    }
    let usage = || {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            "floor FROM.. --outputs OUT --to NEW",
        )
    };
    let (outputs, to) = (outputs.ok_or_else(usage)?, to.ok_or_else(usage)?);

    let mut inputs = Vec::new();
    for folder in &from {
        files(folder, &mut inputs)?;
    }
    inputs.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
    let mut old = Vec::new();
    files(&outputs, &mut old)?;
    let mut folders: Vec<Folder> = Vec::new();
    for path in old {
        let place = to.join(path.strip_prefix(&outputs).unwrap_or(&path));
        let folder = place.parent().unwrap_or(&to).to_owned();
        let file = (place, fs::read(&path)?);
        match folders.last_mut() {
            Some((last, held)) if *last == folder => held.push(file),
            _ => folders.push((folder, vec![file])),
        }
    }
    // The folders of targets; those of overlays are part of the work.
    for (folder, _) in &folders {
        fs::create_dir_all(folder.parent().unwrap_or(&to))?;
    }

    let (start, spent) = (Instant::now(), processor_seconds());
    let documents: usize = parallel::map(&inputs, |path| parse(path)).into_iter().sum();
    let written = parallel::map(&folders, |(folder, files)| -> io::Result<()> {
        fs::create_dir(folder)?;
        files
            .iter()
            .try_for_each(|(path, bytes)| fs::File::create_new(path)?.write_all(bytes))
    });
    let seconds = start.elapsed().as_secs_f64();
    written.into_iter().collect::<io::Result<()>>()?;
    if documents < inputs.len() {
        return Err(io::Error::other("an input holds no document"));
    }
    let spent = spent.zip(processor_seconds()).map(|(a, b)| b - a);
    let spent = spent.map_or_else(|| "-".to_owned(), |s| format!("{s:.2}"));
    writeln!(io::stdout(), "{seconds:.6} {spent}")
}

/// How many documents a file holds.
fn parse(path: &Path) -> usize {
    let limits = Limits::default();
    let Ok(bytes) = Disk.read(path, limits.max_bytes as u64) else {
        return 0;
    };
    let Ok(text) = decode_text("", bytes) else {
        return 0;
    };
    let mut sources = Sources::default();
    let source = sources.add("", text);
    read(&sources, source, &limits, &mut Diagnostics::default()).len()
}

/// All files below a folder, in the order of their names.
fn files(folder: &Path, out: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_type()?.is_dir() {
            files(&entry.path(), out)?;
        } else {
            out.push(entry.path());
        }
    }
    Ok(())
}

/// User and system time of this process so far, on Linux, in hundredths of a second.
fn processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name before the bracket may hold blanks.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}
