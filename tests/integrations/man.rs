//! Manual pages and completions, read by the programs that users read them with.
//!
//! A page that formats with a warning shows holes to whoever opens it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::system::present;
use crate::tools::{edgegen, ran};

fn printed(args: &[&str]) -> String {
    ran(Command::new(edgegen()).args(args), "").unwrap()
}

/// Every command with those below it, as `docs/cli.md` lists them.
fn commands() -> Vec<String> {
    let text = fs::read_to_string(crate::fleet::file("docs/cli.md")).unwrap();
    let all = text.lines().filter_map(|l| l.strip_prefix("## "));
    all.map(str::to_owned).collect()
}

fn pages(dir: &Path) -> Vec<String> {
    printed(&["man", "--dir", &dir.display().to_string()]);
    let entries = fs::read_dir(dir).unwrap().flatten();
    let mut names: Vec<String> = entries
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn every_command_has_its_page() {
    let dir = tempfile::tempdir().unwrap();
    let mut wanted: Vec<String> = commands()
        .iter()
        .map(|c| format!("{}.1", c.replace(' ', "-")))
        .collect();
    wanted.sort();
    assert!(wanted.len() > 15, "{wanted:?}");
    assert_eq!(pages(dir.path()), wanted);
    let alone = printed(&["man", "profiles", "check"]);
    let file = fs::read_to_string(dir.path().join("edgegen-profiles-check.1")).unwrap();
    assert_eq!(alone, file);
}

#[test]
fn groff_formats_every_page_without_a_warning() {
    let Some(groff) = present("groff", &["--version"]) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    for name in pages(dir.path()) {
        let out = Command::new(groff)
            .args(["-man", "-Tutf8", "-ww"])
            .arg(dir.path().join(&name))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success() && said.is_empty(), "{name}: {said}");
        let text = String::from_utf8_lossy(&out.stdout);
        assert!(
            text.contains("edgegen 0."),
            "{name} names no version:\n{text}"
        );
    }
}

#[test]
fn a_word_that_is_no_command_is_said() {
    let said = ran(Command::new(edgegen()).args(["man", "rendr"]), "").unwrap_err();
    assert_eq!(said, "`edgegen` has no command `rendr`; write `render`\n");
    let said = ran(Command::new(edgegen()).args(["man", "render", "x"]), "").unwrap_err();
    assert_eq!(
        said,
        "`edgegen render` has no command `x`; it has no commands\n"
    );
}

#[test]
fn bash_completes_a_command() {
    let script = printed(&["completions", "bash"]);
    let asked = "COMP_WORDS=(edgegen ver); COMP_CWORD=1; _edgegen edgegen ver edgegen; echo \"${COMPREPLY[@]}\"";
    let out = ran(
        Command::new("bash").args(["-c", &format!("{script}\n{asked}")]),
        "",
    );
    assert_eq!(out.unwrap(), "verify\n");
}
