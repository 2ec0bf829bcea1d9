//! Writes down what the binary embeds: the profiles, their parts, and the pages of codes.
//!
//! Cutting a profile into the parts that a run reads takes a run longer than reading one, so it is done here; and no list in src names
//! a profile or a code.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks")]
#![allow(
    clippy::disallowed_methods,
    reason = "a build reads its own sources and writes for the compiler"
)]
#![allow(
    clippy::unnecessary_debug_formatting,
    reason = "a path becomes a literal of Rust"
)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[path = "src/profile/cut.rs"]
mod cut;

fn main() -> io::Result<()> {
    for input in [
        "profiles",
        "src/diag/pages",
        "src/profile/cut.rs",
        "build.rs",
    ] {
        println!("cargo::rerun-if-changed={input}");
    }
    let variable = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .ok_or(io::ErrorKind::NotFound)
    };
    let (root, out) = (variable("CARGO_MANIFEST_DIR")?, variable("OUT_DIR")?);
    let pages = files(&root.join("src/diag/pages"), "md")?;
    let mut list = String::from("&[");
    for path in pages.iter().filter(|p| !p.contains('/')) {
        let text = root.join("src/diag/pages").join(path);
        write!(list, "({path:?},include_str!({text:?})),").map_err(io::Error::other)?;
    }
    list.push(']');
    fs::write(out.join("pages.rs"), list)?;
    fs::write(
        out.join("profiles.rs"),
        profiles(&root.join("profiles"), &out)?,
    )
}

/// The expression of all profiles with their files.
fn profiles(folder: &Path, out: &Path) -> io::Result<String> {
    let mut list = String::from("&[");
    for id in names(folder)? {
        if !folder.join(&id).is_dir() {
            continue;
        }
        write!(list, "({id:?},&[").map_err(io::Error::other)?;
        let mut all = files(&folder.join(&id), "yaml")?;
        all.extend(files(&folder.join(&id), "md")?);
        for path in all {
            let whole = folder.join(&id).join(&path);
            let parts = cut::cut(&path, &fs::read_to_string(&whole)?);
            write!(list, "({path:?},include_str!({whole:?}),Parts{{").map_err(io::Error::other)?;
            let (head, keys) = (&parts.head, &parts.keys);
            let (refusals, lets) = (&parts.refusals, &parts.lets);
            for (name, part) in [
                ("head", head),
                ("keys", keys),
                ("refusals", refusals),
                ("lets", lets),
            ] {
                let to = out.join("parts").join(&id).join(format!("{path}.{name}"));
                fs::create_dir_all(to.parent().unwrap_or(out))?;
                fs::write(&to, part)?;
                write!(list, "{name}:include_str!({to:?}),").map_err(io::Error::other)?;
            }
            list.push_str("}),");
        }
        list.push_str("]),");
    }
    list.push(']');
    Ok(list)
}

/// Files with an extension in a folder and those below it, sorted, with `/` in their paths.
fn files(folder: &Path, extension: &str) -> io::Result<Vec<String>> {
    let mut out = Vec::new();
    for name in names(folder)? {
        let path = folder.join(&name);
        if path.is_dir() {
            out.extend(
                files(&path, extension)?
                    .into_iter()
                    .map(|f| format!("{name}/{f}")),
            );
        } else if path.extension().is_some_and(|e| e == extension) {
            out.push(name);
        }
    }
    Ok(out)
}

/// What a folder holds, sorted, so that two builds give the same bytes.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder)? {
        out.extend(entry?.file_name().into_string().ok());
    }
    out.sort();
    Ok(out)
}
