//! The real binary in temporary folders: exit codes, streams, standard input, and inputs that no text block can hold.
//!
//! What the commands do is tested in memory; here is what only a process and a disk can show.

#![allow(clippy::disallowed_methods, reason = "tests make their own files")]

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser;
use edgegen::cli::{Cli, run};
use edgegen::world::{Memory, PathKind, World};

const EXPOSURE: &str = "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: { name: web, namespace: web }\nspec: { base: base, scope: Public }\n";
const APP: &str = include_str!("../profiles/smallest.yaml");
const KUSTOMIZATION: &str = "resources: [app.yaml]\n";

/// A folder with an exposure, its base and the test target; `more` adds files or replaces them.
fn place(more: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let profiles = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/errors/profiles");
    copy(&profiles, &dir.path().join("profiles"));
    let files = [
        ("exposure.yaml", EXPOSURE),
        ("base/app.yaml", APP),
        ("base/kustomization.yaml", KUSTOMIZATION),
    ];
    for (path, text) in files.iter().chain(more) {
        put(&dir.path().join(path), text.as_bytes());
    }
    dir
}

fn put(to: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    std::fs::write(to, bytes).expect("a file");
}

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        put(&to.join(path), &bytes);
    }
}

/// Files below a folder, with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.metadata().is_ok_and(|m| m.len() < 1 << 20) {
                let below = path.strip_prefix(folder).expect("a path below");
                out.insert(below.to_owned(), std::fs::read(&path).expect("a file"));
            }
        }
    }
    out
}

struct Ran {
    stdout: String,
    stderr: String,
    code: Option<i32>,
}

/// Runs the binary in `dir`.
fn ran(dir: &Path, args: &[&str], stdin: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_edgegen"))
        .args(args)
        .args(["--profiles", "profiles"])
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut input = child.stdin.take().expect("a pipe");
    // A run that fails early does not read its input.
    drop(input.write_all(stdin));
    drop(input);
    let output = child.wait_with_output().expect("the binary ends");
    Ran {
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
        code: output.status.code(),
    }
}

const RENDER: &[&str] = &["render", "-f", "exposure.yaml", "-t", "example"];

#[test]
fn a_clean_run_writes_and_ends_with_0() {
    let dir = place(&[]);
    let r = ran(dir.path(), RENDER, b"");
    assert_eq!((r.code, r.stdout.as_str()), (Some(0), ""), "{}", r.stderr);
    assert_eq!(r.stderr, "overlays/example/web: wrote kustomization.yaml\n");
    let r = ran(dir.path(), RENDER, b"");
    assert_eq!(r.stderr, "overlays/example/web: unchanged\n");
    let verify = &[&["verify"], &RENDER[1..]].concat();
    assert_eq!(ran(dir.path(), verify, b"").code, Some(0));
    let overlay = dir.path().join("overlays/example/web/kustomization.yaml");
    let text = std::fs::read_to_string(&overlay).expect("an overlay");
    put(&overlay, text.replace("Public", "Internal").as_bytes());
    let r = ran(dir.path(), verify, b"");
    assert_eq!(r.code, Some(1), "drift");
    assert!(
        r.stdout.contains("differs (1 changed, 0 missing, 0 extra)"),
        "{}",
        r.stdout
    );
    assert!(r.stdout.contains("Internal"), "{}", r.stdout);
    assert!(r.stderr.contains("accept with `--write`"), "{}", r.stderr);
    let r = ran(dir.path(), &[verify.as_slice(), &["--write"]].concat(), b"");
    assert_eq!(r.code, Some(0), "{}", r.stderr);
    assert_eq!(std::fs::read_to_string(&overlay).expect("an overlay"), text);
}

#[test]
fn findings_end_with_1_and_write_nothing() {
    let bad = EXPOSURE.replace("Public", "public");
    let dir = place(&[("exposure.yaml", &bad)]);
    let before = files(dir.path());
    for args in [
        RENDER,
        &[RENDER, &["--stdout"]].concat(),
        &[&["check"], &RENDER[1..]].concat(),
    ] {
        let r = ran(dir.path(), args, b"");
        assert_eq!((r.code, r.stdout.as_str()), (Some(1), ""), "{args:?}");
        assert!(r.stderr.starts_with("error[EG1204]"), "{}", r.stderr);
        assert_eq!(before, files(dir.path()), "{args:?}");
    }
}

#[test]
fn usage_and_unreadable_input_end_with_2() {
    let dir = place(&[]);
    for (args, words) in [
        (
            &["render", "-f", "nothing.yaml", "-t", "example"][..],
            "EG1301",
        ),
        (&["render", "-f", "profiles", "-t", "example"], "EG1304"),
        (
            &["render", "-f", "exposure.yaml", "-t", "exmaple"],
            "similar name exists: `example`",
        ),
        (&["render", "-f", "exposure.yaml"], "EG1402"),
        (&["rendre"], "similar subcommand"),
        (&["render", "--formt", "stream"], "similar argument"),
        (&["explain", "EG9999"], "nothing is called `EG9999`"),
    ] {
        let r = ran(dir.path(), args, b"");
        assert_eq!(
            (r.code, r.stdout.as_str()),
            (Some(2), ""),
            "{args:?}: {}",
            r.stderr
        );
        assert!(r.stderr.contains(words), "{args:?}: {}", r.stderr);
    }
}

#[test]
fn data_is_on_stdout_and_words_on_stderr() {
    let dir = place(&[]);
    let r = ran(
        dir.path(),
        &[RENDER, &["--stdout", "--format", "stream"]].concat(),
        b"",
    );
    assert_eq!(r.code, Some(0), "{}", r.stderr);
    assert!(
        r.stdout.contains("kind: Ingress") && r.stdout.contains("example.net/scope"),
        "{}",
        r.stdout
    );
    assert_eq!(r.stderr, "");
    for args in [
        &["schema"][..],
        &["matrix", "example"],
        &["profiles", "list"],
        &["init", "base"],
    ] {
        let r = ran(dir.path(), args, b"");
        assert_eq!((r.code, r.stderr.as_str()), (Some(0), ""), "{args:?}");
        assert!(!r.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn what_init_writes_can_be_checked() {
    let dir = place(&[]);
    let r = ran(dir.path(), &["init", "base"], b"");
    put(&dir.path().join("first.yaml"), r.stdout.as_bytes());
    let r = ran(
        dir.path(),
        &["check", "-f", "first.yaml", "-t", "example"],
        b"",
    );
    assert_eq!(r.code, Some(0), "{}", r.stderr);
}

#[test]
fn a_base_on_standard_input_gives_a_stream() {
    let piped = EXPOSURE.replace("base: base", "base: \"-\"");
    let dir = place(&[("exposure.yaml", &piped)]);
    let args = &[RENDER, &["--format", "stream"]].concat();
    let r = ran(dir.path(), args, APP.as_bytes());
    assert_eq!(r.code, Some(0), "{}", r.stderr);
    let text = std::fs::read_to_string(dir.path().join("overlays/example/web/manifests.yaml"));
    assert!(text.expect("a stream").contains("example.net/scope"));
    let r = ran(dir.path(), RENDER, APP.as_bytes());
    assert!(
        r.code == Some(1) && r.stderr.contains("EG1306"),
        "{}",
        r.stderr
    );
    let r = ran(dir.path(), args, b"");
    assert!(
        r.code == Some(1) && r.stderr.contains("EG1112"),
        "{}",
        r.stderr
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let dir = place(&[]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_edgegen"))
        .arg("schema")
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let mut words = String::new();
    let mut stderr = child.stderr.take().expect("a pipe");
    stderr.read_to_string(&mut words).expect("text");
    let status = child.wait().expect("the binary ends");
    assert_eq!((status.code(), words.as_str()), (Some(0), ""));
}

/// A run that has to fail with a code; nothing may be written.
fn refused(dir: &Path, args: &[&str], code: &str) -> String {
    let before = files(dir);
    let r = ran(dir, args, b"");
    assert!(
        r.code.is_some_and(|c| c == 1 || c == 2) && r.stderr.contains(code),
        "{code}: {:?} {}",
        r.code,
        r.stderr
    );
    assert_eq!(r.stdout, "", "{code}");
    assert_eq!(before, files(dir), "{code}");
    r.stderr
}

/// A file of a size, without its bytes on the disk.
fn large(path: &Path, size: u64) {
    let file = std::fs::File::create(path).expect("a file");
    file.set_len(size).expect("a sparse file");
}

#[test]
fn files_over_a_hundred_megabytes_are_refused() {
    let dir = place(&[]);
    large(&dir.path().join("base/app.yaml"), (100 << 20) + 1);
    refused(dir.path(), RENDER, "EG1102");
    let dir = place(&[]);
    large(&dir.path().join("exposure.yaml"), (100 << 20) + 1);
    refused(dir.path(), RENDER, "EG1019");
}

#[test]
fn a_line_of_megabytes_is_named_and_not_shown() {
    let dir = place(&[]);
    large(&dir.path().join("base/app.yaml"), 4 << 20);
    let words = refused(dir.path(), RENDER, "EG1029");
    assert!(words.contains("base/app.yaml:1:1"), "{words:.500}");
    assert!(words.len() < 100_000, "{} bytes of words", words.len());
    let long = format!("{APP}---\nkind: [{}\n", "a, ".repeat(1 << 20));
    put(&dir.path().join("base/app.yaml"), long.as_bytes());
    let words = refused(dir.path(), RENDER, "EG1010");
    assert!(words.len() < 100_000, "{} bytes of words", words.len());
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let dir = place(&[]);
    put(&dir.path().join("base/app.yaml"), b"kind: \xff\xfe\n");
    refused(dir.path(), RENDER, "EG1020");
    let dir = place(&[]);
    put(&dir.path().join("exposure.yaml"), b"kind: \xff\xfe\n");
    refused(dir.path(), RENDER, "EG1020");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_name_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let plain = EXPOSURE.replace("base: base", "base: plain");
    let dir = place(&[("exposure.yaml", &plain), ("plain/app.yaml", APP)]);
    let name = std::ffi::OsStr::from_bytes(b"x\xff.yaml");
    put(&dir.path().join("plain").join(name), b"");
    refused(
        dir.path(),
        &[RENDER, &["--format", "stream"]].concat(),
        "EG1103",
    );
}

#[test]
fn a_byte_order_mark_and_carriage_returns_change_nothing() {
    let dir = place(&[]);
    let clean = ran(dir.path(), &[RENDER, &["--stdout"]].concat(), b"").stdout;
    assert!(!clean.is_empty());
    for path in ["exposure.yaml", "base/app.yaml", "base/kustomization.yaml"] {
        let at = dir.path().join(path);
        let text = std::fs::read_to_string(&at).expect("a text");
        put(
            &at,
            format!("\u{feff}{}", text.replace('\n', "\r\n")).as_bytes(),
        );
    }
    let r = ran(dir.path(), &[RENDER, &["--stdout"]].concat(), b"");
    assert_eq!((r.code, r.stdout), (Some(0), clean), "{}", r.stderr);
}

#[test]
fn an_output_that_overlaps_the_base_is_refused() {
    for out in ["base", "base/out", ".", "base/../base/x"] {
        let dir = place(&[]);
        let args = [RENDER, &["-o", out]].concat();
        let r = ran(dir.path(), &args, b"");
        if out == "." {
            assert_eq!(
                r.code,
                Some(0),
                "beside the base is no overlap: {}",
                r.stderr
            );
        } else {
            refused(dir.path(), &args, "EG4001");
        }
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_neither_out_of_the_base_nor_into_it() {
    use std::os::unix::fs::symlink;
    let dir = place(&[("secret.yaml", APP)]);
    std::fs::remove_file(dir.path().join("base/app.yaml")).expect("a file");
    symlink("../secret.yaml", dir.path().join("base/app.yaml")).expect("a link");
    refused(dir.path(), RENDER, "EG1107");
    let dir = place(&[]);
    symlink("base", dir.path().join("overlays")).expect("a link");
    refused(dir.path(), RENDER, "EG4001");
}

#[test]
fn a_place_that_cannot_be_written_is_refused() {
    let dir = place(&[("overlays", "a file\n")]);
    refused(dir.path(), RENDER, "EG4");
    let dir = place(&[("overlays/example/web/kustomization.yaml", "kind: Mine\n")]);
    refused(dir.path(), RENDER, "EG4003");
}

#[test]
fn what_cannot_be_read_cannot_be_verified() {
    let dir = place(&[("overlays/example/web/kustomization.yaml/file", "")]);
    refused(dir.path(), &[&["verify"], &RENDER[1..]].concat(), "EG4007");
}

/// Files in memory on a machine that does not tell where a folder is.
struct Lost(Memory);

impl World for Lost {
    fn read(&self, path: &Path, cap: u64) -> io::Result<Vec<u8>> {
        self.0.read(path, cap)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<std::ffi::OsString>> {
        self.0.list(dir)
    }
    fn kind(&self, path: &Path) -> io::Result<PathKind> {
        self.0.kind(path)
    }
    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        if path == Path::new(".") {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.0.canonical(path)
    }
    fn stdin(&self, cap: u64) -> io::Result<Vec<u8>> {
        self.0.stdin(cap)
    }
}

#[test]
fn a_way_to_the_base_that_the_system_does_not_tell_is_an_error() {
    let dir = place(&[]);
    let world = Lost(Memory {
        files: files(dir.path()),
        stdin: Vec::new(),
    });
    let line = [
        "edgegen",
        "check",
        "-f",
        "exposure.yaml",
        "-t",
        "example",
        "--profiles",
        "profiles",
    ];
    let done = run(Cli::try_parse_from(line).expect("arguments"), &world, false);
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stderr.contains("error[EG1307]"), "{}", done.stderr);
}

#[test]
fn every_message_format_has_its_form() {
    let bad = EXPOSURE.replace("Public", "public");
    let dir = place(&[("exposure.yaml", &bad)]);
    for (format, start) in [
        ("short", "exposure.yaml:4:28: error[EG1204]: "),
        ("json", "{"),
        ("sarif", "{"),
        ("junit", "<?xml"),
        ("github", "::error file=exposure.yaml,line=4,"),
        ("full", "error[EG1204]: "),
    ] {
        let args = [
            "check",
            "-f",
            "exposure.yaml",
            "-t",
            "example",
            "--message-format",
            format,
        ];
        let r = ran(dir.path(), &args, b"");
        assert_eq!(r.code, Some(1), "{format}");
        assert!(r.stderr.starts_with(start), "{format}: {}", r.stderr);
    }
}

#[test]
fn all_clouds_are_those_that_the_message_names() {
    let dir = place(&[]);
    let check = |cloud: &str| {
        ran(
            dir.path(),
            &["check", "-f", "exposure.yaml", "-c", cloud],
            b"",
        )
    };
    let unknown = check("nowhere").stderr;
    let (_, known) = unknown
        .split_once("the clouds are ")
        .expect("the known clouds");
    let known = known.lines().next().unwrap_or_default().replace(", ", ",");
    let (all, each) = (check("all"), check(&known));
    assert!(known.contains(','), "{known}");
    assert!(!all.stderr.contains("EG1401"), "{}", all.stderr);
    assert_eq!((all.code, all.stderr), (each.code, each.stderr));
}
