//! Progress on standard error: on a terminal, for work of more than a second, and nowhere else.
//!
//! A line that wipes itself must not end up in a log, so a real pseudo terminal is on one side and a pipe on the other.

#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, reason = "tests make their own files")]

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

const APP: &str = include_str!("../profiles/smallest.yaml");

fn place() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let exposure = "apiVersion: edgegen.io/v1alpha1\nkind: Exposure\nmetadata: { name: web, namespace: web }\nspec: { base: \"-\", scope: Public, hostnames: [ { name: web.example.org, inBase: web.example.com } ] }\n";
    std::fs::write(dir.path().join("exposure.yaml"), exposure).expect("a file");
    dir
}

/// A run that waits for its base, which comes after `wait`; `term` is the kind of terminal.
fn slow(dir: &Path, stderr: Stdio, wait: Duration, term: &str) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_edgegen"))
        .args("render -f exposure.yaml -t nginx --format stream --stdout".split(' '))
        .current_dir(dir)
        .env("TERM", term)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .expect("a process");
    std::thread::sleep(wait);
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(APP.as_bytes()).expect("the base is read");
    child
}

/// What a run says on a terminal.
fn on_a_terminal(dir: &Path, wait: Duration, term: &str) -> String {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo terminal");
    grantpt(&master).expect("its rights");
    unlockpt(&master).expect("its lock");
    let name = ptsname(&master, Vec::new()).expect("its name");
    let slave = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().expect("a text"))
        .expect("its other end");
    let mut child = slow(dir, Stdio::from(slave), wait, term);
    assert!(child.wait().expect("gone").success());
    let mut said = Vec::new();
    // Ends with an error when the last process on the other side is gone.
    let _ = File::from(master).read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

const LONG: Duration = Duration::from_millis(1500);

#[test]
fn a_terminal_sees_it_and_sees_it_wiped() {
    let dir = place();
    let said = on_a_terminal(dir.path(), LONG, "xterm");
    assert!(
        said.contains("\r0 overlays compiled, 0 of 1 base\u{1b}[K"),
        "{said:?}"
    );
    let (_, after) = said.rsplit_once("\r\u{1b}[K").expect("the line is wiped");
    assert!(!after.contains("compiled"), "{said:?}");
    assert!(after.contains("nginx/retired"), "{said:?}");
}

#[test]
fn nothing_for_short_work_and_for_a_terminal_that_cannot_wipe() {
    let dir = place();
    for (wait, term) in [(Duration::ZERO, "xterm"), (LONG, "dumb")] {
        let said = on_a_terminal(dir.path(), wait, term);
        assert!(said.contains("nginx/retired"), "{said:?}");
        assert!(
            !said.contains("compiled") && !said.contains("\u{1b}[K"),
            "{said:?}"
        );
    }
}

#[test]
fn nothing_in_a_log() {
    let dir = place();
    let child = slow(dir.path(), Stdio::piped(), LONG, "xterm");
    let output = child.wait_with_output().expect("gone");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("nginx/retired"), "{said:?}");
    assert!(!said.contains(['\r', '\u{1b}']), "{said:?}");
}
