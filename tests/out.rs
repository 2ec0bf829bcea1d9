//! Overlays on a real disk: written as a whole, or not at all, and never over what somebody else put there.
//!
//! What a kill, a full disk or a read-only folder leaves behind can only be seen on a disk.

#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use edgegen::diag::Diagnostic;
use edgegen::out::{Changes, Tree, publish, publish_all};
use edgegen::verify::compare;
use edgegen::world::Disk;

/// A tree with a manifest that lists it.
fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree: Tree = files
        .iter()
        .map(|(p, t)| ((*p).to_owned(), (*t).to_owned()))
        .collect();
    let mut list = String::new();
    for path in tree.keys() {
        list.extend(["# edgegen:owns ", path, "\n"]);
    }
    tree.insert(
        "kustomization.yaml".to_owned(),
        format!("{list}kind: Kustomization\n"),
    );
    tree
}

#[allow(clippy::disallowed_methods, reason = "tests make their own files")]
fn put(path: impl AsRef<Path>, text: &str) {
    fs::create_dir_all(path.as_ref().parent().expect("a parent")).expect("a folder");
    fs::write(path, text).expect("a file");
}

#[allow(clippy::disallowed_methods, reason = "tests look at what was written")]
fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).expect("a file")
}

/// Every file and folder under `dir`, hidden ones too.
fn listing(dir: &Path) -> Vec<String> {
    fn walk(dir: &Path, inside: &str, out: &mut Vec<String>) {
        for entry in fs::read_dir(dir).expect("a folder") {
            let entry = entry.expect("an entry");
            let path = format!("{inside}{}", entry.file_name().to_string_lossy());
            if entry.file_type().expect("a type").is_dir() {
                out.push(format!("{path}/"));
                walk(&entry.path(), &format!("{path}/"), out);
            } else {
                out.push(path);
            }
        }
    }
    let mut out = Vec::new();
    walk(dir, "", &mut out);
    out.sort();
    out
}

fn temp() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn write(dir: &Path, tree: &Tree) -> Changes {
    publish(dir, tree, &[]).unwrap_or_else(|e| panic!("{e:#?}"))
}

fn codes<T: std::fmt::Debug>(result: Result<T, Vec<Diagnostic>>) -> Vec<String> {
    result
        .expect_err("refused")
        .iter()
        .map(|d| d.code.to_string())
        .collect()
}

#[test]
fn a_second_run_touches_nothing() {
    let temp = temp();
    let dir = temp.path().join("deep/er/out");
    let tree = tree(&[("a.yaml", "a\n"), ("sub/b.yaml", "b\n")]);
    let first = write(&dir, &tree);
    assert_eq!(
        first.written,
        ["a.yaml", "kustomization.yaml", "sub/b.yaml"]
    );
    let stamp = |p: &str| {
        fs::metadata(dir.join(p))
            .map(|m| (m.ino(), m.mtime(), m.mtime_nsec(), m.ctime_nsec()))
            .expect("a file")
    };
    let before = ["", "a.yaml", "sub", "sub/b.yaml"].map(stamp);
    let second = write(&dir, &tree);
    assert!(second.is_empty());
    assert_eq!(second.unchanged, 3);
    assert_eq!(["", "a.yaml", "sub", "sub/b.yaml"].map(stamp), before);
    assert_eq!(
        listing(temp.path()),
        [
            "deep/",
            "deep/er/",
            "deep/er/out/",
            "deep/er/out/a.yaml",
            "deep/er/out/kustomization.yaml",
            "deep/er/out/sub/",
            "deep/er/out/sub/b.yaml"
        ]
    );
}

#[test]
fn only_what_edgegen_owns_is_replaced_or_removed() {
    let temp = temp();
    let dir = temp.path().join("out");
    write(
        &dir,
        &tree(&[
            ("a.yaml", "a\n"),
            ("old/stale.yaml", "s\n"),
            ("same.yaml", "same\n"),
        ]),
    );
    put(dir.join("mine.txt"), "mine");
    put(dir.join("theirs/deep/x"), "x");
    fs::create_dir(dir.join("empty")).expect("a folder");
    symlink("mine.txt", dir.join("link")).expect("a link");
    let ino = |p: &str| fs::metadata(dir.join(p)).expect("a file").ino();
    let (mine, same) = (ino("mine.txt"), ino("same.yaml"));
    let changes = write(&dir, &tree(&[("a.yaml", "new\n"), ("same.yaml", "same\n")]));
    assert_eq!(changes.written, ["a.yaml", "kustomization.yaml"]);
    assert_eq!(changes.removed, ["old/stale.yaml"]);
    assert_eq!((ino("mine.txt"), ino("same.yaml")), (mine, same));
    assert_eq!(text(dir.join("a.yaml")), "new\n");
    assert_eq!(
        listing(&dir),
        [
            "a.yaml",
            "empty/",
            "kustomization.yaml",
            "link",
            "mine.txt",
            "same.yaml",
            "theirs/",
            "theirs/deep/",
            "theirs/deep/x"
        ]
    );
    assert_eq!(
        listing(temp.path())
            .iter()
            .filter(|p| p.starts_with('.'))
            .count(),
        0
    );
}

#[test]
fn a_stream_is_replaced_by_its_own_head() {
    let temp = temp();
    let stream = |text: &str| {
        Tree::from([(
            "all.yaml".to_owned(),
            format!("# edgegen:owns all.yaml\n{text}"),
        )])
    };
    write(temp.path(), &Tree::new());
    let dir = temp.path().join("out");
    write(&dir, &stream("a\n"));
    assert_eq!(write(&dir, &stream("b\n")).written, ["all.yaml"]);
    assert_eq!(write(&dir, &tree(&[])).removed, ["all.yaml"]);
}

#[test]
fn a_file_of_somebody_else_stops_the_whole_run() {
    let temp = temp();
    let (one, two) = (temp.path().join("one"), temp.path().join("two"));
    put(two.join("a.yaml"), "mine");
    put(two.join("sub"), "a file where a folder goes");
    let before = listing(temp.path());
    let tree = tree(&[("a.yaml", "a\n"), ("sub/b.yaml", "b\n")]);
    assert_eq!(
        codes(publish_all(&[(one, &tree), (two.clone(), &tree)], &[])),
        ["EG4003"]
    );
    assert_eq!(listing(temp.path()), before);
    assert_eq!(text(two.join("a.yaml")), "mine");
}

#[test]
fn the_base_is_never_written_to() {
    let temp = temp();
    let base = temp.path().join("app/base");
    put(base.join("a.yaml"), "a");
    symlink(&base, temp.path().join("link")).expect("a link");
    put(temp.path().join("file"), "x");
    let before = listing(temp.path());
    let tree = tree(&[]);
    let to = |dir: &str| {
        codes(publish(
            &temp.path().join(dir),
            &tree,
            std::slice::from_ref(&base),
        ))
    };
    assert_eq!(to("app/base"), ["EG4001"]);
    assert_eq!(to("app/base/overlay/x"), ["EG4001"]);
    assert_eq!(to("app"), ["EG4001"]);
    assert_eq!(to("app/../app/base/../base/x"), ["EG4001"]);
    assert_eq!(to("link/x"), ["EG4001"]);
    assert_eq!(to("link"), ["EG4002"]);
    assert_eq!(to("link/"), ["EG4002"]);
    assert_eq!(to("file"), ["EG4002"]);
    assert_eq!(to("file/x"), ["EG4002"]);
    assert_eq!(listing(temp.path()), before);
    assert!(publish(&temp.path().join("app/overlay"), &tree, &[base]).is_ok());
}

#[test]
fn names_that_lead_out_and_folders_in_folders_are_refused() {
    let temp = temp();
    let out = |name: &str| (temp.path().join(name), tree(&[]));
    let bad = Tree::from([
        ("../x".to_owned(), String::new()),
        ("/y".to_owned(), String::new()),
        ("a//b".to_owned(), String::new()),
    ]);
    assert_eq!(
        codes(publish(&temp.path().join("o"), &bad, &[])),
        ["EG4005", "EG4005", "EG4005"]
    );
    assert_eq!(codes(publish_all(&[out("a"), out("a")], &[])), ["EG4006"]);
    assert_eq!(codes(publish_all(&[out("a"), out("a/b")], &[])), ["EG4006"]);
    assert!(listing(temp.path()).is_empty());
}

#[test]
fn what_a_killed_run_left_is_cleaned_or_brought_back() {
    let temp = temp();
    let dir = temp.path().join("out");
    let (old, new) = (tree(&[("a.yaml", "old\n")]), tree(&[("a.yaml", "new\n")]));
    write(&dir, &old);
    put(dir.join("mine"), "mine");
    // Killed while staging.
    put(temp.path().join(".out.edgegen-new/half"), "x");
    assert!(write(&dir, &old).is_empty());
    assert_eq!(listing(temp.path()).len(), 4);
    // Killed between the two renames of a file system that cannot exchange.
    put(temp.path().join(".out.edgegen-new/a.yaml"), "new\n");
    fs::rename(&dir, temp.path().join(".out.edgegen-old")).expect("a rename");
    assert_eq!(write(&dir, &new).written, ["a.yaml"]);
    // Killed before the old folder was removed.
    put(temp.path().join(".out.edgegen-old/a.yaml"), "old\n");
    assert!(write(&dir, &new).is_empty());
    assert_eq!(
        listing(temp.path()),
        ["out/", "out/a.yaml", "out/kustomization.yaml", "out/mine"]
    );
}

const CHILD: &str = "EDGEGEN_TEST_OUT";
const FOLDERS: usize = 8;

fn generation(number: usize) -> Tree {
    let body = format!("{number}\n").repeat(2000);
    let files: Vec<String> = (0..6).map(|i| format!("f{i}.yaml")).collect();
    tree(
        &files
            .iter()
            .map(|f| (f.as_str(), body.as_str()))
            .collect::<Vec<_>>(),
    )
}

/// Not a test of its own: the process that `a_killed_run_leaves_the_old_or_the_new` kills.
#[test]
#[allow(clippy::disallowed_methods, reason = "the parent says where to write")]
fn child_that_is_killed() {
    let Ok(root) = std::env::var(CHILD) else {
        return;
    };
    for number in 0.. {
        let tree = generation(number % 7);
        let folders: Vec<(PathBuf, &Tree)> = (0..FOLDERS)
            .map(|i| (Path::new(&root).join(format!("out{i}")), &tree))
            .collect();
        publish_all(&folders, &[]).expect("written");
    }
}

#[test]
fn a_killed_run_leaves_the_old_or_the_new() {
    let temp = temp();
    for i in 0..FOLDERS {
        write(&temp.path().join(format!("out{i}")), &generation(0));
        put(temp.path().join(format!("out{i}/mine")), "mine");
    }
    let mut seen = BTreeSet::new();
    // On a slow machine the children get more time, until one of them was killed while it wrote.
    let mut patience = 8_000;
    for round in 0..25u64 {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "child_that_is_killed"])
            .env(CHILD, temp.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("a child");
        std::thread::sleep(std::time::Duration::from_micros(patience + round * 731));
        child.kill().expect("killed");
        child.wait().expect("gone");
        for i in 0..FOLDERS {
            let dir = temp.path().join(format!("out{i}"));
            let first = text(dir.join("f0.yaml"));
            let number: usize = first
                .lines()
                .next()
                .and_then(|l| l.parse().ok())
                .expect("a whole file");
            seen.insert(number);
            let report = compare(&Disk, &dir, &generation(number)).expect("a report");
            assert!(report.is_clean(), "{}", report.render());
            assert_eq!(text(dir.join("mine")), "mine");
        }
        if seen.len() < 2 {
            patience = (patience * 2).min(1_000_000);
        }
    }
    assert!(seen.len() > 1, "no child lived long enough to write");
    for i in 0..FOLDERS {
        write(&temp.path().join(format!("out{i}")), &generation(9));
    }
    assert_eq!(listing(temp.path()).len(), FOLDERS * 9);
}

/// Mounts a small file system, or says loudly why not.
struct Mount(tempfile::TempDir);

impl Mount {
    fn new(options: &str) -> Option<Self> {
        let dir = temp();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(dir.path())
            .stderr(Stdio::null())
            .status();
        if done.is_ok_and(|s| s.success()) {
            return Some(Self(dir));
        }
        #[allow(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!(
                "SKIP: no right to mount a small file system; full and read-only disks are not tested"
            );
        }
        None
    }

    fn remount(&self, options: &str) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(self.0.path())
            .status();
        assert!(done.is_ok_and(|s| s.success()));
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_changes_nothing() {
    let Some(disk) = Mount::new("size=256k") else {
        return;
    };
    let root = disk.0.path();
    let out = |name: &str| root.join(name);
    let small = tree(&[("a.yaml", "a\n")]);
    write(&out("one"), &small);
    put(out("one/mine"), "mine");
    let before: BTreeMap<String, u64> = listing(root)
        .into_iter()
        .map(|p| {
            (
                p.clone(),
                fs::metadata(root.join(&p)).expect("a file").ino(),
            )
        })
        .collect();
    let large = tree(&[("a.yaml", &"x".repeat(1 << 20))]);
    let found = codes(publish_all(
        &[(out("new/deep"), &small), (out("one"), &large)],
        &[],
    ));
    assert_eq!(found, ["EG4004"]);
    let after: BTreeMap<String, u64> = listing(root)
        .into_iter()
        .map(|p| {
            (
                p.clone(),
                fs::metadata(root.join(&p)).expect("a file").ino(),
            )
        })
        .collect();
    assert_eq!(after, before);
    assert_eq!(text(out("one/a.yaml")), "a\n");
}

#[test]
fn a_read_only_disk_changes_nothing() {
    let Some(disk) = Mount::new("size=256k") else {
        return;
    };
    let root = disk.0.path();
    let old = tree(&[("a.yaml", "a\n")]);
    write(&root.join("one"), &old);
    disk.remount("ro");
    assert!(write(&root.join("one"), &old).is_empty());
    assert_eq!(
        codes(publish(&root.join("one"), &tree(&[("a.yaml", "b\n")]), &[])),
        ["EG4004"]
    );
    assert_eq!(codes(publish(&root.join("two"), &old, &[])), ["EG4004"]);
    assert_eq!(
        listing(root),
        ["one/", "one/a.yaml", "one/kustomization.yaml"]
    );
}

#[test]
fn a_report_says_what_differs() {
    let temp = temp();
    let dir = temp.path().join("golden");
    write(
        &dir,
        &tree(&[("a.yaml", "one\ntwo\nthree\n"), ("old.yaml", "x\n")]),
    );
    put(dir.join("mine"), "mine");
    let mut wanted = tree(&[("a.yaml", "one\nzwei\nthree\n"), ("new.yaml", "y\n")]);
    wanted.remove("kustomization.yaml");
    let mut report = compare(&Disk, &dir, &wanted).expect("a report");
    assert_eq!(
        (report.missing.as_slice(), report.extra.as_slice()),
        (
            &["new.yaml".to_owned()][..],
            &["kustomization.yaml".to_owned(), "old.yaml".to_owned()][..]
        )
    );
    report.dir = PathBuf::from("golden");
    let shown = report
        .render()
        .replace(&format!("{}/", temp.path().display()), "");
    assert_eq!(
        shown,
        "golden differs (1 changed, 1 missing, 2 extra)\nmissing: golden/new.yaml\nextra: golden/kustomization.yaml\nextra: golden/old.yaml\n--- golden/a.yaml\n+++ built\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n"
    );
    assert_eq!(
        compare(&Disk, &temp.path().join("none"), &wanted)
            .expect("a report")
            .missing
            .len(),
        2
    );
}

#[test]
fn many_folders_are_written_in_the_order_given() {
    let temp = temp();
    let trees: Vec<(PathBuf, Tree)> = (0..200)
        .map(|i| {
            (
                temp.path().join(format!("o{i}")),
                tree(&[("a.yaml", &format!("{i}\n"))]),
            )
        })
        .collect();
    let changes = publish_all(&trees, &[]).expect("written");
    assert_eq!(changes.len(), 200);
    assert!(changes.iter().all(|c| c.written.len() == 2));
    assert_eq!(text(temp.path().join("o137/a.yaml")), "137\n");
}
