//! Programs that come with the system or with its packages: node, ruby, groff, kubectl, busybox.
//!
//! They have no version in their name, so they are asked whether they are there.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::{absent, executable};

/// The name, where a program of this name runs; `asked` are arguments with which it does nothing.
pub fn present<'n>(name: &'n str, asked: &[&str]) -> Option<&'n str> {
    let out = Command::new(name).args(asked).output();
    if out.is_ok_and(|o| o.status.success()) {
        return Some(name);
    }
    absent(name);
    None
}

/// Where a program of the `PATH` lies.
pub fn located(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = std::env::split_paths(&path).map(|p| p.join(name));
    let found = all.find(|p| p.is_file());
    if found.is_none() {
        absent(name);
    }
    found
}

/// Puts the shell and the tools of small images into a folder, in place of the system's.
pub fn as_in_an_image(bin: &Path) {
    if located("busybox").is_none() {
        return;
    }
    for name in ["sh", "cat", "grep", "mktemp", "sha256sum", "tar", "uname"] {
        let script = format!("#!/bin/sh\nexec busybox {name} \"$@\"\n");
        executable(&bin.join(name), &script);
    }
}
