//! What edgegen says about writing.
//!
//! The words of one area stand together, so that they stay alike.

use std::io;
use std::path::Path;

use crate::diag::{Code, Diagnostic};
use crate::world::display;

/// EG4001: the overlay would lie in the base, or the base in the overlay.
pub(crate) fn overlaps_base(dir: &Path, base: &Path) -> Diagnostic {
    Diagnostic::error(Code::builtin("EG4001"), format!("the overlay folder `{}` overlaps the base `{}`", display(dir), display(base)))
        .note("the base is only read: nothing is written into its folder, and its folder is never replaced")
        .help("write to a folder beside the base, for example `../overlays`")
}

/// EG4002: something else than a folder stands where the overlay goes.
pub(crate) fn not_a_folder(dir: &Path, what: &str) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG4002"),
        format!("the overlay folder `{}` is {what}", display(dir)),
    )
    .note("an overlay is written as a folder that is exchanged as a whole")
    .help("name a folder, or a path where nothing stands yet")
}

/// EG4003: a file of somebody else has the name of an emitted file.
pub(crate) fn in_the_way(dir: &Path, path: &str) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG4003"),
        format!("`{}` exists and is not edgegen's", display(&dir.join(path))),
    )
    .note("edgegen replaces only the files that the head of its own `kustomization.yaml` lists")
    .help("move the file away, or write to another folder")
}

/// EG4004: the machine refused.
pub(crate) fn failed(action: &str, path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG4004"),
        format!("cannot {action} `{}`", display(path)),
    )
    .note(error.to_string())
    .note("no overlay of this run was changed")
}

/// EG4005: a file name leads out of the overlay's folder.
pub(crate) fn leads_out(dir: &Path, path: &str) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG4005"),
        format!(
            "file name `{path}` leads out of the overlay folder `{}`",
            display(dir)
        ),
    )
    .note("emitted files lie in the overlay's folder or below it")
}

/// EG4006: one folder is to be written twice in one run.
pub(crate) fn written_twice(dir: &Path) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG4006"),
        format!("two overlays would be written to `{}`", display(dir)),
    )
    .help("give each exposure and target a folder of its own, outside each other")
}

/// EG4008: another run is writing there, and does not end.
pub(crate) fn busy(dir: &Path) -> Diagnostic {
    let parent = dir.parent().filter(|p| !p.as_os_str().is_empty());
    let parent = display(parent.unwrap_or(Path::new(".")));
    Diagnostic::error(
        Code::builtin("EG4008"),
        format!("another run is writing to `{parent}`"),
    )
    .note("this run waited for it without success; no overlay of this run was changed")
    .help(format!("run edgegen again when the other has ended; `fuser {parent}` names the process that holds the folder"))
}
