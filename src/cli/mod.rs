//! The command line: arguments, and one file for each command.
//!
//! Commands give text and an exit code; only `main` prints. What they do is in the library, so that tests need no process.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::compile::{self, Format, Request};
use crate::diag::Diagnostics;
use crate::diag::render::Format as MessageFormat;
use crate::progress::Progress;
use crate::select::Wanted;
use crate::world::World;

mod check;
mod completions;
mod diff;
mod explain;
mod first;
mod function;
mod graph;
mod init;
mod man;
mod matrix;
mod outcome;
mod page;
mod post_render;
mod profiles;
mod reference;
mod render;
mod report;
mod schema;
mod target_page;
mod verify;

pub use report::Report;

/// Compile cloud-neutral exposures into overlays for each cloud's load balancer controllers
///
/// The base is only read. What a target cannot express is said, not dropped. Everything works offline.
#[derive(Debug, Parser)]
#[command(name = "edgegen", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// How findings are shown on standard error
    #[arg(long, global = true, value_enum, default_value_t = Messages::Full, value_name = "FORMAT")]
    message_format: Messages,
    /// Also write the findings to a file, in a format of `--message-format` (can be repeated)
    #[arg(long, global = true, value_name = "FORMAT=PATH", value_parser = report_to)]
    report: Vec<(Messages, PathBuf)>,
    /// Folder of profiles that replace or add to the built-in ones
    #[arg(long, global = true, value_name = "DIR")]
    profiles: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 clean, 1 findings or drift, 2 usage, unreadable input or an output that another run holds, 70 a mistake of edgegen itself";

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the overlay of each exposure for each target
    Render(render::RenderArgs),
    /// Compare committed overlays with a fresh rendering; writes nothing unless told to
    Verify(verify::VerifyArgs),
    /// Show what a change of overlays means: risks, replacements, values by rule; writes nothing
    Diff(diff::DiffArgs),
    /// Draw the way of a request through each target, as Mermaid or SVG
    Graph(graph::GraphArgs),
    /// Write one HTML page for a folder of exposures: targets side by side, findings, risks, graphs, files
    Report(page::PageArgs),
    /// Show every finding; writes nothing
    Check(Inputs),
    /// Explain a code, a rule, a field, an annotation key or a target
    Explain(explain::ExplainArgs),
    /// Show which target expresses which field, and how
    Matrix(matrix::MatrixArgs),
    /// Write a commented first exposure for a base
    Init(init::InitArgs),
    /// Print the JSON Schema of documents, for editors
    Schema(schema::SchemaArgs),
    /// Render the manifests of a chart on standard input, as helm's post-renderer
    ///
    /// What comes in is the base of all exposures, whatever they name; it goes out with the plan of one target applied, and
    /// every other byte as it was. Hooks pass by.
    PostRender(Inputs),
    /// Render a ResourceList on standard input, as a function of kustomize or kpt
    ///
    /// The items are the base; without any, as for a generator, the base is the one that the exposure names. Exposures and
    /// environments are the functionConfig (`kind: Exposure`, or `kind: Function` with `spec.documents`) and items. Targets are
    /// named by arguments, by annotations `edgegen.io/target`, `cloud` or `environment` of the functionConfig, or by these keys
    /// of a ConfigMap.
    Fn(function::FnArgs),
    /// List and check profiles
    Profiles(profiles::ProfilesArgs),
    /// Print the completions of a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page of a command, or write all pages to a folder
    Man(man::ManArgs),
}

/// What is compiled, and for which targets.
#[derive(Debug, Clone, Args)]
pub(crate) struct Inputs {
    /// File or folder with exposures and environments (can be repeated)
    #[arg(short = 'f', long = "file", value_name = "PATH", default_value = ".")]
    files: Vec<PathBuf>,
    /// Also read the folders below, except those with a kustomization
    #[arg(short = 'R', long)]
    recursive: bool,
    /// File or folder with environments (can be repeated)
    #[arg(short = 'e', long = "env", value_name = "PATH")]
    environments: Vec<PathBuf>,
    /// Cloud, or `all`: its environments, else its default target (can be repeated)
    #[arg(
        short = 'c',
        long = "cloud",
        value_name = "CLOUD",
        value_delimiter = ','
    )]
    clouds: Vec<String>,
    /// Target, or `all` (can be repeated)
    #[arg(
        short = 't',
        long = "target",
        value_name = "TARGET",
        value_delimiter = ','
    )]
    targets: Vec<String>,
}

/// Where overlays are, and of what form.
#[derive(Debug, Clone, Args)]
pub(crate) struct Output {
    /// Folder that overlays are written to, as `<environment or target>/<exposure>`
    #[arg(
        short = 'o',
        long = "out",
        value_name = "DIR",
        default_value = "overlays"
    )]
    out: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t = OutFormat::Kustomize, value_name = "FORMAT")]
    format: OutFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutFormat {
    /// A folder for `kustomize build`
    Kustomize,
    /// One stream with all objects
    Stream,
    /// Values for the chart that the base was made of
    HelmValues,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Messages {
    /// With the lines that they concern
    Full,
    /// One line each
    Short,
    /// One JSON object each
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// JUnit XML
    Junit,
    /// Annotations of GitHub Actions
    Github,
}

/// The value of `--report`.
fn report_to(text: &str) -> Result<(Messages, PathBuf), String> {
    let (format, path) = text
        .split_once('=')
        .filter(|(_, path)| !path.is_empty())
        .ok_or("write a format, `=` and a path: `sarif=findings.sarif`")?;
    let format = Messages::from_str(format, false)
        .map_err(|_| format!("`{format}` is no format: full, short, json, sarif, junit, github"))?;
    Ok((format, PathBuf::from(path)))
}

impl Messages {
    fn format(self) -> MessageFormat {
        match self {
            Messages::Full => MessageFormat::Full,
            Messages::Short => MessageFormat::Short,
            Messages::Json => MessageFormat::Json,
            Messages::Sarif => MessageFormat::Sarif,
            Messages::Junit => MessageFormat::Junit,
            Messages::Github => MessageFormat::Github,
        }
    }
}

/// What a command gives.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Done {
    /// Data.
    pub stdout: String,
    /// Words.
    pub stderr: String,
    /// Exit code.
    pub code: u8,
    /// Reports, which are written whether the run succeeded or not.
    pub files: Vec<(PathBuf, String)>,
}

impl Done {
    fn data(text: impl Into<String>) -> Self {
        Self {
            stdout: text.into(),
            ..Self::default()
        }
    }
}

/// What commands share.
pub(crate) struct Context<'w> {
    world: &'w dyn World,
    messages: MessageFormat,
    color: bool,
    profiles: Option<PathBuf>,
    reports: Vec<(MessageFormat, PathBuf)>,
    progress: Progress,
}

/// Runs a command. `color` is for findings in full form.
pub fn run(cli: Cli, world: &dyn World, color: bool) -> Done {
    run_watched(cli, world, color, &Progress::default())
}

/// The same, with somebody who is told how far it is.
pub fn run_watched(cli: Cli, world: &dyn World, color: bool, progress: &Progress) -> Done {
    let ctx = Context {
        world,
        messages: cli.message_format.format(),
        color,
        profiles: cli.profiles,
        reports: cli
            .report
            .into_iter()
            .map(|(format, path)| (format.format(), path))
            .collect(),
        progress: progress.clone(),
    };
    match cli.command {
        Command::Render(args) => render::run(&ctx, &args),
        Command::Verify(args) => verify::run(&ctx, &args),
        Command::Diff(args) => diff::run(&ctx, &args),
        Command::Graph(args) => graph::run(&ctx, &args),
        Command::Report(args) => page::run(&ctx, &args),
        Command::Check(args) => check::run(&ctx, &args),
        Command::Explain(args) => explain::run(&ctx, &args),
        Command::Matrix(args) => matrix::run(&ctx, &args),
        Command::Init(args) => init::run(&ctx, &args),
        Command::Schema(args) => schema::run(&ctx, &args),
        Command::PostRender(args) => post_render::run(&ctx, &args),
        Command::Fn(args) => function::run(&ctx, &args),
        Command::Profiles(args) => profiles::run(&ctx, &args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

impl Context<'_> {
    fn request(&self, inputs: &Inputs, output: Option<&Output>) -> Request {
        Request {
            inputs: inputs.files.clone(),
            environments: inputs.environments.clone(),
            recursive: inputs.recursive,
            wanted: Wanted {
                clouds: inputs.clouds.clone(),
                targets: inputs.targets.clone(),
                environments: Vec::new(),
            },
            profiles: self.profiles.clone(),
            out: output.map_or_else(|| PathBuf::from("overlays"), |o| o.out.clone()),
            format: match output.map(|o| o.format) {
                Some(OutFormat::Stream) => Format::Stream,
                Some(OutFormat::HelmValues) => Format::HelmValues,
                _ => Format::Kustomize,
            },
            progress: self.progress.clone(),
            ..Request::default()
        }
    }

    /// The profiles, with what was wrong with them as the result in the second case.
    fn store(&self) -> Result<(crate::profile::store::Store, crate::source::Sources), Done> {
        let request = Request {
            profiles: self.profiles.clone(),
            ..Request::default()
        };
        let (mut sources, mut diags) = (crate::source::Sources::default(), Diagnostics::default());
        let store = compile::store(self.world, &request, &mut sources, &mut diags);
        if diags.has_errors() {
            let mut report = Report::default();
            report.add(self, &diags, &sources);
            return Err(report.done(self));
        }
        Ok((store, sources))
    }
}
