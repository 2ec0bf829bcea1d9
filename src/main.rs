//! The process: arguments in, text and an exit code out.
//!
//! The only place that prints and that looks at the environment.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use clap::Parser;
use edgegen::progress::Progress;

// Measured in bench/README.md; here and not in the library, whose users choose their own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = edgegen::cli::Cli::parse();
    #[allow(
        clippy::disallowed_methods,
        reason = "the conventions of terminals and https://no-color.org, for messages only"
    )]
    let (dumb, no_color) = (
        std::env::var("TERM").is_ok_and(|v| v == "dumb"),
        std::env::var("NO_COLOR").is_ok_and(|v| !v.is_empty()),
    );
    let terminal = std::io::stderr().is_terminal();
    let progress = Progress::default();
    let watched = (terminal && !dumb).then(|| Watched::start(progress.clone()));
    let color = terminal && !no_color;
    let mut done = edgegen::cli::run_watched(cli, &edgegen::world::Disk, color, &progress);
    drop(watched);
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

/// A line on the terminal that says how far a run is, from its first second on; dropping it wipes the line.
struct Watched {
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watched {
    fn start(progress: Progress) -> Self {
        const FIRST: Duration = Duration::from_secs(1);
        const NEXT: Duration = Duration::from_millis(200);
        let (end, ended) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let (mut wait, mut wipe) = (FIRST, "");
            let say = |text: &str| {
                let _ = std::io::stderr().write_all(text.as_bytes());
            };
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                say(&format!("\r{}\u{1b}[K", progress.line()));
                (wait, wipe) = (NEXT, "\r\u{1b}[K");
            }
            say(wipe);
        });
        Self {
            end: Some(end),
            thread: Some(thread),
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
