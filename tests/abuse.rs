//! The real binary under abuse: killed while it writes, without room or rights, twice at once, with a clock that lies.
//!
//! Nothing may be lost or mixed, and whoever caused it must be told; that can only be seen on processes and a disk.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests make their own files")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use edgegen::out::{Tree, publish_within};

const APP: &str = include_str!("../profiles/smallest.yaml");
const TARGETS: &str = "aws-alb,azure-agic,gke-ingress,nginx";

/// The text of an exposure whose overlays differ by `number` in every target.
fn exposure(number: usize) -> String {
    format!(
        "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: {{ name: web, namespace: web }}\nspec:\n  base: base\n  scope: Public\n  \
         hostnames: [ {{ name: web{number}.example.org, inBase: web.example.com }} ]\n"
    )
}

/// A folder with a base and two exposures, `0.yaml` and `1.yaml`, of one name.
fn place() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(dir.path().join("base")).expect("a folder");
    let files = [
        ("base/app.yaml", APP.to_owned()),
        (
            "base/kustomization.yaml",
            "resources: [app.yaml]\n".to_owned(),
        ),
        ("0.yaml", exposure(0)),
        ("1.yaml", exposure(1)),
    ];
    for (path, text) in files {
        fs::write(dir.path().join(path), text).expect("a file");
    }
    dir
}

/// The command that renders one of the two exposures into `overlays`.
fn render(dir: &Path, number: usize) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_edgegen"));
    command
        .args(["render", "-f", &format!("{number}.yaml"), "-t", TARGETS])
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn rendered(dir: &Path, number: usize) -> BTreeMap<PathBuf, String> {
    let status = render(dir, number).status().expect("a process");
    assert!(status.success());
    texts(dir)
}

/// All files below `overlays`.
fn texts(dir: &Path) -> BTreeMap<PathBuf, String> {
    let mut out = BTreeMap::new();
    let mut open = vec![dir.join("overlays")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let text = fs::read_to_string(&path).expect("a text");
                out.insert(
                    path.strip_prefix(dir).expect("a path below").to_owned(),
                    text,
                );
            }
        }
    }
    out
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The files of one target, without those of a run that was killed while it staged.
fn of<'t>(all: &'t BTreeMap<PathBuf, String>, target: &str) -> BTreeMap<&'t Path, &'t str> {
    let folder = Path::new("overlays").join(target).join("web");
    all.iter()
        .filter(|(p, _)| p.starts_with(&folder))
        .map(|(p, t)| (p.as_path(), t.as_str()))
        .collect()
}

#[test]
fn a_kill_leaves_every_overlay_old_or_new() {
    let dir = place();
    let wanted = [rendered(dir.path(), 0), rendered(dir.path(), 1)];
    assert_ne!(wanted[0], wanted[1]);
    let base = fs::read(dir.path().join("base/app.yaml")).expect("a file");
    let mut finished = 0;
    let mut patience = 4_000;
    for round in 0..20usize {
        let mut child = render(dir.path(), round % 2).spawn().expect("a process");
        // Later and later, until a run ends before it is killed; then around that time.
        std::thread::sleep(Duration::from_micros(patience));
        if child.try_wait().expect("a state").is_some() {
            finished += 1;
            patience = patience * 3 / 4;
        } else {
            patience += patience / 5;
        }
        let _ = child.kill();
        child.wait().expect("gone");
        let found = texts(dir.path());
        for target in TARGETS.split(',') {
            let now = of(&found, target);
            let whole = wanted.iter().any(|w| of(w, target) == now);
            assert!(whole, "{target} after {patience} us: {now:#?}");
        }
    }
    assert!(finished < 20, "no run was killed");
    assert_eq!(rendered(dir.path(), 0), wanted[0], "nothing was left over");
    let after = fs::read(dir.path().join("base/app.yaml")).expect("a file");
    assert_eq!(after, base);
}

#[test]
fn without_room_nothing_changes_and_the_reason_is_said() {
    let dir = place();
    let before = rendered(dir.path(), 0);
    // A limit on the size of files refuses to write as a full disk does, and needs no rights. The overlay is larger than a block.
    let line = format!(
        "trap '' XFSZ; ulimit -f 1; exec '{}' render -f 1.yaml -t {TARGETS}",
        env!("CARGO_BIN_EXE_edgegen")
    );
    let output = Command::new("sh")
        .args(["-c", &line])
        .current_dir(dir.path())
        .output()
        .expect("a shell");
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(
        words(&output).contains("error[EG4004]"),
        "{}",
        words(&output)
    );
    assert!(words(&output).contains("too large"), "{}", words(&output));
    assert_eq!(texts(dir.path()), before);
    assert_eq!(rendered(dir.path(), 1).len(), before.len());
}

/// The command without the rights of a superuser, who may write everywhere; nothing where others may not run it.
fn try_without_rights(mut command: Command) -> Option<Output> {
    const NOBODY: u32 = 65534;
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
        .stderr(Stdio::piped())
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .ok()
}

fn without_rights(command: Command) -> Output {
    try_without_rights(command).expect("a process")
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the rights are changed");
}

#[test]
fn without_rights_nothing_changes_and_the_reason_is_said() {
    let dir = place();
    let root = dir.path();
    allow(root, 0o555);
    let Some(refused) = try_without_rights(render(root, 0)) else {
        allow(root, 0o755);
        #[allow(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIP: the binary lies in a folder that other users may not enter");
        }
        return;
    };
    assert_eq!(refused.status.code(), Some(1), "{}", words(&refused));
    assert!(
        words(&refused).contains("error[EG4004]"),
        "{}",
        words(&refused)
    );
    assert!(
        words(&refused).contains("ermission denied"),
        "{}",
        words(&refused)
    );
    allow(root, 0o755);
    assert!(!root.join("overlays").exists());

    // Over an overlay that may not be replaced.
    let before = rendered(root, 0);
    for target in TARGETS.split(',') {
        allow(&root.join("overlays").join(target), 0o555);
    }
    let refused = without_rights(render(root, 1));
    assert!(
        words(&refused).contains("error[EG4004]"),
        "{}",
        words(&refused)
    );
    assert_eq!(texts(root), before);

    // A base may be as protected as can be, as long as it can be read.
    allow(&root.join("base"), 0o555);
    allow(&root.join("base/app.yaml"), 0o444);
    for target in TARGETS.split(',') {
        allow(&root.join("overlays").join(target), 0o755);
    }
    rendered(root, 1);
    allow(&root.join("base/app.yaml"), 0o000);
    let refused = without_rights(render(root, 0));
    assert_eq!(refused.status.code(), Some(1), "{}", words(&refused));
    assert!(
        words(&refused).contains("base/app.yaml"),
        "{}",
        words(&refused)
    );
    allow(&root.join("base"), 0o755);
}

#[test]
fn runs_at_once_wait_for_each_other() {
    let dir = place();
    let wanted = [rendered(dir.path(), 0), rendered(dir.path(), 1)];
    for round in 0..3 {
        let children: Vec<_> = (0..6)
            .map(|i| {
                render(dir.path(), (i + round) % 2)
                    .spawn()
                    .expect("a process")
            })
            .collect();
        for mut child in children {
            assert!(child.wait().expect("gone").success());
        }
        // All of one run, not each overlay of some run.
        assert!(wanted.contains(&texts(dir.path())));
    }
    // Also where nothing stands yet, so that all of them make the folders.
    fs::remove_dir_all(dir.path().join("overlays")).expect("removed");
    let children: Vec<_> = (0..6)
        .map(|i| render(dir.path(), i % 2).spawn().expect("a process"))
        .collect();
    for mut child in children {
        assert!(child.wait().expect("gone").success());
    }
    assert!(wanted.contains(&texts(dir.path())));
}

#[test]
fn a_run_that_waits_in_vain_says_for_what() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("overlays");
    fs::create_dir(&out).expect("a folder");
    let tree = Tree::from([("a.yaml".to_owned(), "# edgegen:owns a.yaml\n".to_owned())]);
    let folders = [(out.join("web"), &tree)];
    let other = File::open(&out).expect("a folder");
    other.lock().expect("a lock");
    let found = publish_within(&folders, &[], 3).expect_err("refused");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code.0, "EG4008");
    assert!(found[0].headline.ends_with("overlays`"), "{found:#?}");
    assert!(!out.join("web").exists());
    // The lock ends with whoever held it.
    let waiting = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(120));
        drop(other);
    });
    publish_within(&folders, &[], 600).expect("written");
    waiting.join().expect("ended");
    assert!(out.join("web/a.yaml").exists());
    assert_eq!(fs::read_dir(&out).expect("a folder").count(), 1);
}

#[test]
fn no_clock_decides_anything() {
    let dir = place();
    let root = dir.path();
    let old = rendered(root, 0);
    let far = SystemTime::now() + Duration::from_hours(24 * 365 * 30);
    let times = [SystemTime::UNIX_EPOCH, far];
    let set = |path: &Path, time: SystemTime| {
        let file = File::options().append(true).open(path).expect("a file");
        file.set_modified(time).expect("a time");
    };
    for (i, time) in times.into_iter().enumerate() {
        for path in old.keys() {
            set(&root.join(path), time);
        }
        set(&root.join("base/app.yaml"), times[1 - i]);
        let inode = |p: &Path| fs::metadata(root.join(p)).expect("a file").ino();
        let before: Vec<u64> = old.keys().map(|p| inode(p)).collect();
        assert_eq!(rendered(root, 0), old);
        let after: Vec<u64> = old.keys().map(|p| inode(p)).collect();
        assert_eq!(after, before, "files that are right were written again");
    }
    // Another text of the same length and time is another text.
    let path = root.join("0.yaml");
    let modified = fs::metadata(&path)
        .and_then(|m| m.modified())
        .expect("a time");
    fs::write(&path, exposure(1)).expect("a file");
    set(&path, modified);
    let new = rendered(root, 0);
    assert_ne!(new, old);
    assert_eq!(new, rendered(root, 1));
    for file in new.keys() {
        set(&root.join(file), modified);
    }
    fs::write(&path, exposure(0)).expect("a file");
    set(&path, modified);
    assert_eq!(rendered(root, 0), old);
}
