//! `edgegen schema`: the JSON Schema of documents.
//!
//! Editors complete and check exposures with it.

use clap::{Args, ValueEnum};

use super::{Context, Done};
use crate::vocab::schema;

#[derive(Debug, Clone, Args)]
pub(crate) struct SchemaArgs {
    /// Kind of document; without it, a schema that takes any
    #[arg(value_enum)]
    kind: Option<DocumentKind>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DocumentKind {
    /// What an app team writes
    Exposure,
    /// What a platform team writes
    Environment,
    /// Which values of a chart carry what
    ChartMapping,
}

pub(super) fn run(ctx: &Context<'_>, args: &SchemaArgs) -> Done {
    let store = match ctx.store() {
        Ok((store, _)) => store,
        Err(done) => return done,
    };
    let value = match args.kind {
        Some(DocumentKind::Exposure) => schema::document(&store.vocabulary, "Exposure"),
        Some(DocumentKind::Environment) => schema::document(&store.vocabulary, "Environment"),
        Some(DocumentKind::ChartMapping) => schema::document(&store.vocabulary, "ChartMapping"),
        None => schema::any(&store.vocabulary),
    };
    Done::data(format!("{value:#}\n"))
}
