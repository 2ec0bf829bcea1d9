//! The golden folders: one for each target and case, with or without an overlay.
//!
//! Judges read them as any other reader would; a folder of another layout than the one that CONTRIBUTING.md describes is
//! a fault of its own.

use std::fs;
use std::path::{Path, PathBuf};

/// One `golden/<target>/<case>`.
#[derive(Debug, Clone)]
pub struct Case {
    /// `<target>/<case>`.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// Whether there is an overlay; a refused case has none.
    pub rendered: bool,
}

/// All cases below `golden` of the repository, sorted by name; empty without the folder.
pub fn cases(repository: &Path) -> Vec<Case> {
    let mut found = Vec::new();
    for target in folders(&repository.join("golden")) {
        for folder in folders(&target) {
            let name = |p: &Path| {
                p.file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned()
            };
            found.push(Case {
                name: format!("{}/{}", name(&target), name(&folder)),
                rendered: folder.join("overlay").is_dir(),
                folder,
            });
        }
    }
    // `golden/matrix` and the like hold pages, not cases.
    found.retain(|case| case.rendered || case.folder.join("diagnostics.txt").is_file());
    found
}

/// What is wrong with the layout of a case.
pub fn layout(case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    let wanted: &[&str] = if case.rendered {
        &["overlay/kustomization.yaml", "trace.txt", "built.yaml"]
    } else {
        &["diagnostics.txt"]
    };
    for file in wanted {
        if !case.folder.join(file).is_file() {
            wrong.push(format!("golden/{}: `{file}` is missing", case.name));
        }
    }
    if !case.rendered {
        for entry in fs::read_dir(&case.folder).into_iter().flatten().flatten() {
            if entry.file_name() != "diagnostics.txt" {
                wrong.push(format!(
                    "golden/{}: a refused case has `diagnostics.txt` only, not {}",
                    case.name,
                    entry.file_name().to_string_lossy()
                ));
            }
        }
    }
    wrong
}

/// Copies the overlay of a case and all examples to `place`, with the paths that they have in the repository, so that
/// nothing else of the repository can take part in a build; gives the overlay's folder.
pub fn copy(repository: &Path, case: &Case, place: &Path) -> std::io::Result<PathBuf> {
    copy_folder(&repository.join("examples"), &place.join("examples"))?;
    let overlay = place.join("golden").join(&case.name).join("overlay");
    copy_folder(&case.folder.join("overlay"), &overlay)?;
    Ok(overlay)
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The folders in a folder, sorted; empty without it.
pub fn folders(parent: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}
