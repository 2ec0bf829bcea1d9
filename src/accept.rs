//! Findings that are known and wanted: an error that may be accepted becomes a note with the reason that was given.
//!
//! An exposure accepts for its app, an environment (under `defaults`) for its platform. An entry that matches nothing is said, so that
//! reasons do not outlive their findings.

use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::document::{Environment, Exposure};
use crate::model::val::Val;

const UNUSED: Code = Code::builtin("EG3105");

/// Turns accepted errors into notes; gives the codes of the exposure's entries that matched.
pub fn apply(
    exposure: &Exposure,
    environment: Option<&Environment>,
    found: &mut Diagnostics,
) -> Vec<String> {
    let own: Vec<_> = entries(&exposure.spec).collect();
    let platform: Vec<_> = environment
        .into_iter()
        .flat_map(|e| entries(&e.defaults))
        .collect();
    let mut used = Vec::new();
    for d in found.iter_mut() {
        if !d.acceptable || d.severity != Severity::Error {
            continue;
        }
        let mine = own.iter().find(|e| e.code == d.code.0);
        let Some(entry) = mine.or_else(|| platform.iter().find(|e| e.code == d.code.0)) else {
            continue;
        };
        if mine.is_some() {
            used.push(entry.code.to_owned());
        }
        d.severity = Severity::Note;
        d.helps.clear();
        d.notes.push(format!("accepted: {}", entry.reason));
    }
    used
}

/// Entries of the exposure that matched no finding although everything that could raise their codes was compiled. `of_format` says of
/// which built-in codes that is not so: another format raises them.
pub fn unused(
    exposure: &Exposure,
    targets: &[&str],
    used: &[String],
    of_format: impl Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    entries(&exposure.spec)
        .filter(|e| !used.iter().any(|u| u == e.code) && !of_format(e.code))
        .filter(|e| {
            e.code
                .split_once('/')
                .is_none_or(|(t, _)| targets.contains(&t))
        })
        .map(|e| {
            let d = Diagnostic::warning(
                UNUSED,
                format!("`{}` is accepted, and nothing raises it", e.code),
            );
            match e.val.span {
                Some(span) => d
                    .at(span, "this entry matches no finding")
                    .help("remove the entry"),
                None => d,
            }
        })
        .collect()
}

struct Entry<'e> {
    code: &'e str,
    reason: &'e str,
    val: &'e Arc<Val>,
}

fn entries(spec: &Val) -> impl Iterator<Item = Entry<'_>> {
    spec.get("accept")
        .map_or(&[][..], |l| l.items())
        .iter()
        .filter_map(|e| {
            let val = e.get("code")?;
            Some(Entry {
                code: val.as_str()?,
                reason: e.get("reason")?.as_str()?,
                val,
            })
        })
}
