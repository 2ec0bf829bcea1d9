//! The process: arguments in, text and an exit code out.
//!
//! The only place that prints and that looks at the environment.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

// Measured in bench/README.md; here and not in the library, whose users choose their own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = edgegen::cli::Cli::parse();
    #[allow(
        clippy::disallowed_methods,
        reason = "the convention of https://no-color.org, for messages only"
    )]
    let color =
        std::io::stderr().is_terminal() && std::env::var("NO_COLOR").map_or(true, |v| v.is_empty());
    let mut done = edgegen::cli::run(cli, &edgegen::world::Disk, color);
    for (path, text) in &done.files {
        if let Err(e) = edgegen::out::file(path, text) {
            let line = format!("cannot write `{}`: {e}\n", path.display());
            done.stderr.push_str(&line);
            done.code = done.code.max(2);
        }
    }
    // A reader that closes the pipe early has what it wanted.
    let _ = std::io::stderr().write_all(done.stderr.as_bytes());
    match std::io::stdout()
        .write_all(done.stdout.as_bytes())
        .and_then(|()| std::io::stdout().flush())
    {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::from(2),
        _ => ExitCode::from(done.code),
    }
}
