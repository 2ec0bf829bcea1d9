//! Programs that come with the system or with its packages: node, ruby, groff, kubectl.
//!
//! They have no version in their name, so they are asked whether they are there.

use std::process::Command;

use crate::tools::absent;

/// The name, where a program of this name runs; `asked` are arguments with which it does nothing.
pub fn present<'n>(name: &'n str, asked: &[&str]) -> Option<&'n str> {
    let out = Command::new(name).args(asked).output();
    if out.is_ok_and(|o| o.status.success()) {
        return Some(name);
    }
    absent(name);
    None
}
