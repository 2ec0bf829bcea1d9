//! The README's own commands, run: what it shows is what happens.
//!
//! A block of `console` holds commands after `$` and their output; a line `...` stands for any lines.

#![allow(
    clippy::disallowed_methods,
    reason = "a test reads the page that it checks"
)]

use clap::Parser;
use edgegen::cli::{Cli, run};
use edgegen::world::Disk;

/// Whether `found` is `shown`, with `...` for any lines.
fn fits(shown: &[&str], found: &[&str]) -> bool {
    match shown.split_first() {
        None => found.is_empty(),
        Some((&"...", rest)) => (0..=found.len()).any(|n| fits(rest, &found[n..])),
        Some((line, rest)) => found.first() == Some(line) && fits(rest, &found[1..]),
    }
}

#[test]
fn console_blocks_show_what_is_printed() {
    let text = std::fs::read_to_string("README.md").unwrap();
    let mut commands = 0;
    for block in text.split("```console\n").skip(1) {
        let block = block.split("\n```").next().unwrap();
        for part in block.split("$ ").skip(1) {
            let (command, shown) = part.split_once('\n').unwrap_or((part, ""));
            let cli = Cli::try_parse_from(command.split_whitespace()).unwrap();
            let done = run(cli, &Disk, false);
            let found = format!("{}{}", done.stdout, done.stderr);
            let lines = |t: &'static str| t.lines().collect::<Vec<_>>();
            let (shown, found) = (lines(shown.to_owned().leak()), lines(found.leak()));
            assert!(fits(&shown, &found), "{command}\n{}", found.join("\n"));
            commands += 1;
        }
    }
    assert!(commands > 0, "the README shows no command");
}

#[test]
fn the_overlay_in_the_readme_is_the_golden_one() {
    let text = std::fs::read_to_string("README.md").unwrap();
    let golden =
        std::fs::read_to_string("golden/aws-alb/bookstore/overlay/kustomization.yaml").unwrap();
    let block = text.split("```yaml\n- patch: |").nth(1).unwrap();
    for line in block
        .split("\n```")
        .next()
        .unwrap()
        .lines()
        .filter(|l| !l.is_empty())
    {
        assert!(golden.lines().any(|g| g == line), "{line}");
    }
}
