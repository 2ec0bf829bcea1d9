//! `edgegen man`: manual pages in roff.
//!
//! Written from the arguments themselves, like completions; packages install them, and `man` shows them.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::{Cli, Done};
use crate::diag::similar::similar;

const SOURCE: &str = concat!("edgegen ", env!("CARGO_PKG_VERSION"));

#[derive(Debug, Clone, Args)]
pub(crate) struct ManArgs {
    /// Command, such as `render` or `profiles check`; without it, edgegen itself
    command: Vec<String>,
    /// Write the pages of all commands to this folder, one file each
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

pub(super) fn run(args: &ManArgs) -> Done {
    let root = Cli::command().disable_help_subcommand(true);
    if let Some(dir) = &args.dir {
        let mut pages = Vec::new();
        all(&root, "edgegen", &mut pages);
        let files = pages.into_iter().map(|(name, text)| (dir.join(name), text));
        return Done {
            files: files.collect(),
            ..Done::default()
        };
    }
    let (mut command, mut name) = (&root, String::from("edgegen"));
    for word in &args.command {
        let Some(found) = command.find_subcommand(word) else {
            return unknown(command, &name, word);
        };
        command = found;
        name = format!("{name} {}", found.get_name());
    }
    Done::data(page(command, &name))
}

/// The pages of a command, `name` as it is typed, and of those below it, by the names of their files.
fn all(command: &Command, name: &str, out: &mut Vec<(String, String)>) {
    out.push((format!("{}.1", name.replace(' ', "-")), page(command, name)));
    for sub in command.get_subcommands() {
        all(sub, &format!("{name} {}", sub.get_name()), out);
    }
}

fn page(command: &Command, name: &str) -> String {
    // The words of a name are joined in the name of the page, and apart where the command is typed.
    let command = command
        .clone()
        .display_name(name.replace(' ', "-"))
        .bin_name(name.to_owned())
        .disable_help_subcommand(true);
    let mut text = Vec::new();
    match Man::new(command).source(SOURCE).render(&mut text) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        Err(e) => unreachable!("memory takes every byte: {e}"),
    }
}

fn unknown(command: &Command, name: &str, word: &str) -> Done {
    let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    let near = similar(word, names.iter().copied());
    let help = match near.first() {
        Some(near) => format!("write `{near}`"),
        None if names.is_empty() => "it has no commands".to_owned(),
        None => format!("its commands are {}", names.join(", ")),
    };
    Done {
        stderr: format!("`{name}` has no command `{word}`; {help}\n"),
        code: 2,
        ..Done::default()
    }
}
