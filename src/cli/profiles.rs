//! `edgegen profiles`: what targets there are, and whether profiles are sound.
//!
//! `check` is for authors of profiles; the tests of this repository run the same.

use clap::{Args, Subcommand};

use super::{Context, Done, Report};
use crate::diag::Diagnostics;
use crate::profile::{check, filters};

#[derive(Debug, Clone, Args)]
pub(crate) struct ProfilesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Clone, Subcommand)]
enum Action {
    /// List targets with their cloud and carrier
    List,
    /// Check profiles and run their examples
    Check {
        /// Targets; without any, all
        targets: Vec<String>,
    },
    /// Print the filters that expressions have beyond the usual ones
    Filters,
}

pub(super) fn run(ctx: &Context<'_>, args: &ProfilesArgs) -> Done {
    let (store, sources) = match ctx.store() {
        Ok(found) => found,
        Err(done) => return done,
    };
    match &args.action {
        Action::List => {
            let mut out = String::new();
            let heads = || store.heads.iter().filter(|h| h.is_target());
            let width = heads().map(|h| h.id.len()).max().unwrap_or(0);
            for h in heads() {
                let cloud = h.cloud.as_deref().unwrap_or("-");
                out.push_str(&format!(
                    "{:<width$} {:<6} {:<8} {}\n",
                    h.id,
                    cloud,
                    h.carrier.kind(),
                    h.title
                ));
            }
            Done::data(out)
        }
        Action::Filters => {
            let lines = filters::FILTERS.iter().map(|f| {
                format!(
                    "{}\n    {}\n    {} -> {}\n",
                    f.name, f.doc, f.example, f.gives
                )
            });
            Done::data(lines.collect::<String>())
        }
        Action::Check { targets } => {
            let mut report = Report::default();
            let mut failed = String::new();
            let mut code = 0;
            for id in store
                .targets()
                .into_iter()
                .filter(|t| targets.is_empty() || targets.iter().any(|x| x == t))
            {
                let (mut sources, mut diags) = (sources.clone(), Diagnostics::default());
                let profile = check::target(&store, id, &mut sources, &mut diags);
                report.add(ctx, &diags, &sources);
                for (name, faults) in profile
                    .map(|p| check::examples(&store, &p))
                    .unwrap_or_default()
                {
                    failed.push_str(&format!(
                        "example {name} fails\n    {}\n",
                        faults.join("\n    ")
                    ));
                    code = 1;
                }
            }
            let mut done = report.done(ctx);
            done.stderr = done.stderr.replace("; nothing was written", "");
            done.stderr.push_str(&failed);
            done.code = done.code.max(code);
            done
        }
    }
}
