//! `edgegen completions`: what a shell needs to complete arguments.
//!
//! Written from the arguments themselves.

use clap::{Args, CommandFactory};

use super::{Cli, Done};

#[derive(Debug, Clone, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &CompletionsArgs) -> Done {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "edgegen", &mut text);
    Done::data(String::from_utf8_lossy(&text))
}
