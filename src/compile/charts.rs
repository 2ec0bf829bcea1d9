//! The charts that mappings describe, with the values that their bases were made with.
//!
//! Read only where values are asked for; a mapping beside an exposure costs other formats nothing.

use std::path::Path;

use serde_json::{Map, Value};

use crate::diag::{Diagnostic, Diagnostics};
use crate::emit::values::merge::lay;
use crate::emit::values::{Chart, Known};
use crate::load::{self, messages};
use crate::model::document::ChartMapping;
use crate::source::Sources;
use crate::world::{World, display, normal};
use crate::yaml::read::{Limits, decode_text, read};

/// All charts of a run.
pub(super) struct Charts {
    named: Vec<(String, Chart)>,
    usual: Chart,
}

impl Charts {
    pub(super) fn read(
        world: &dyn World,
        mappings: &[ChartMapping],
        sources: &mut Sources,
        diags: &mut Diagnostics,
    ) -> Self {
        let usual = load::usual_chart();
        let mut named = Vec::new();
        for mapping in mappings {
            let known = known(world, mapping, sources, diags);
            let chart = Chart::new(&usual, Some(mapping), known);
            named.push((mapping.name.value.clone(), chart));
        }
        Self {
            named,
            usual: Chart::new(&usual, None, None),
        }
    }

    /// The chart of an exposure: the one of its name, else the only one; the usual one where there is none.
    pub(super) fn of(&self, exposure: &str) -> Result<&Chart, Diagnostic> {
        let mut own = self.named.iter().filter(|(name, _)| name == exposure);
        match (own.next(), own.next(), self.named.as_slice()) {
            (Some((_, chart)), None, _) | (None, _, [(_, chart)]) => Ok(chart),
            (None, _, []) => Ok(&self.usual),
            (_, _, all) => {
                let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
                Err(super::messages::which_chart(exposure, &names))
            }
        }
    }
}

/// The values that a mapping names; none without a chart.
fn known(
    world: &dyn World,
    mapping: &ChartMapping,
    sources: &mut Sources,
    diags: &mut Diagnostics,
) -> Option<Known> {
    let chart = mapping.spec.find("chart")?.as_str()?;
    let mut file = |path: &Path| {
        let path = normal(&mapping.folder.join(path));
        values(world, &path, sources, diags)
    };
    let defaults = file(&Path::new(chart).join("values.yaml"));
    let mut user = Value::Object(Map::new());
    let files = mapping.spec.get("values").map_or(&[][..], |l| l.items());
    for path in files.iter().filter_map(|p| p.as_str()) {
        lay(&mut user, &file(Path::new(path)));
    }
    Some(Known { defaults, user })
}

fn values(world: &dyn World, path: &Path, sources: &mut Sources, diags: &mut Diagnostics) -> Value {
    let (name, limits) = (display(path), Limits::default());
    let empty = || Value::Object(Map::new());
    let bytes = match world.read(path, limits.max_bytes as u64) {
        Ok(bytes) => bytes,
        Err(e) => {
            diags.push(messages::unreadable(&name, &e));
            return empty();
        }
    };
    match decode_text(&name, bytes) {
        Ok(text) => {
            let source = sources.add(name, text);
            let docs = read(sources, source, &limits, diags);
            docs.first().map_or_else(empty, |d| d.root().to_value())
        }
        Err(d) => {
            diags.push(*d);
            empty()
        }
    }
}
