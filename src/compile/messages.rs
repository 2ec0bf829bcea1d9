//! The words of findings about a run as a whole.
//!
//! What is wrong here concerns where results go, not what they are.

use super::shared::Fact;
use crate::base::{Base, Origin};
use crate::diag::{Code, Diagnostic};
use crate::plan::join::Clash;
use crate::plan::{Internal, show_path};
use crate::source::Span;
use crate::world::display;

const NO_KUSTOMIZATION: Code = Code::builtin("EG1306");
const NO_PATH: Code = Code::builtin("EG1307");
const SAME_NAME: Code = Code::builtin("EG1308");
const NOT_CARRIED: Code = Code::builtin("EG2136");
const SEVERAL: Code = Code::builtin("EG1309");
const CLASH: Code = Code::builtin("EG3306");
const WHICH_CHART: Code = Code::builtin("EG1311");
const DISAGREE: Code = Code::builtin("EG2301");
/// A mistake of edgegen itself; the exit code depends on it.
pub const INTERNAL: Code = Code::builtin("EG9901");

pub(super) fn internal(e: &Internal) -> Diagnostic {
    let place = if e.path.is_empty() {
        String::new()
    } else {
        format!(", `{}`", e.path.join("."))
    };
    Diagnostic::error(INTERNAL, format!("edgegen made a mistake: {}", e.what))
        .note(format!(
            "in {}{place}, edgegen {}",
            e.object,
            env!("CARGO_PKG_VERSION")
        ))
        .help("nothing was written; please report this with the exposure and the base")
}

pub(super) fn not_a_kustomization(base: &Base, exposure: &str) -> Diagnostic {
    let d = Diagnostic::error(
        NO_KUSTOMIZATION,
        format!("an overlay for `{exposure}` cannot name its base"),
    );
    match base.origin {
        Origin::Folder | Origin::File => {
            let names: Vec<String> = base
                .files
                .iter()
                .filter_map(|f| {
                    f.path
                        .file_name()
                        .map(|n| format!("- {}\\n", n.to_string_lossy()))
                })
                .collect();
            d.note(format!("`{}` has no kustomization.yaml, and kustomize takes only folders with one from above", display(&base.root)))
                .help(format!(
                    "add `{}` with `printf 'resources:\\n{}'`, or write the whole stream with `--format stream`",
                    display(&base.root.join("kustomization.yaml")),
                    names.join("")
                ))
        }
        _ => d
            .note("a base on standard input is not a folder")
            .help("write the whole stream with `--format stream`"),
    }
}

pub(super) fn no_path(base: &str, e: &std::io::Error) -> Diagnostic {
    Diagnostic::error(
        NO_PATH,
        format!("the way from the output to `{base}` cannot be found"),
    )
    .note(e.to_string())
}

pub(super) fn same_name(exposure: &str, label: &str) -> Diagnostic {
    Diagnostic::error(
        SAME_NAME,
        format!("two exposures would be written to `{label}/{exposure}`"),
    )
    .help("give them different names, or render them into different folders")
}

/// Results with their exposure and label, where one stream goes in and one comes out.
pub(super) fn several(results: &[(String, String)]) -> Diagnostic {
    let mut targets: Vec<&str> = results.iter().map(|(_, label)| label.as_str()).collect();
    targets.sort_unstable();
    targets.dedup();
    let shown: Vec<String> = results
        .iter()
        .map(|(exposure, label)| format!("`{exposure}` for `{label}`"))
        .collect();
    let d = Diagnostic::error(
        SEVERAL,
        format!("one stream cannot hold {} results", results.len()),
    )
    .note(format!("asked for are {}", shown.join(", ")));
    if targets.len() > 1 {
        d.help("name one target with `--target`, or one environment with `--env`")
    } else {
        d.note("exposures of one base share a stream, these name different ones")
            .help("name the file of one exposure with `--file`")
    }
}

pub(super) fn clash(first: &str, second: &str, clash: &Clash) -> Diagnostic {
    let object = clash.object.short();
    let what = if clash.path.is_empty() {
        format!("`{object}`")
    } else {
        format!("`{}` of `{object}`", show_path(&clash.path))
    };
    let mut d = Diagnostic::error(
        CLASH,
        format!("`{first}` and `{second}` want different things of {what}"),
    )
    .note(format!(
        "asked for by `{}` and by `{}`",
        clash.first.rule, clash.second.rule
    ));
    if let Some(span) = clash.second.span {
        d = d.at(span, "this wants it otherwise");
    }
    if let Some(span) = clash.first.span.filter(|s| Some(*s) != clash.second.span) {
        d = d.because(span, "one of them comes from here");
    }
    d.help("state it alike in both, or give the exposures objects of their own: `carriers` says which are whose")
}

pub(super) fn which_chart(exposure: &str, names: &[&str]) -> Diagnostic {
    Diagnostic::error(
        WHICH_CHART,
        format!("nothing says which ChartMapping is for `{exposure}`"),
    )
    .note(format!("there are {}", names.join(", ")))
    .help(format!(
        "give one of them the name `{exposure}`, or name the file of one"
    ))
}

pub(super) fn members_disagree(
    balancer: &str,
    fact: &Fact,
    exposure: &str,
    other: &str,
    theirs: &str,
) -> Diagnostic {
    let Fact { field, value, .. } = fact;
    Diagnostic::error(
        DISAGREE,
        format!(
            "`{exposure}` and `{other}` share the balancer `{balancer}` and disagree on `{field}`"
        ),
    )
    .note(format!(
        "it is `{value}` in one and `{theirs}` in the other; the balancer has it once"
    ))
    .help("state it alike, leave it to one of them, or give one a balancer of its own")
}

/// An exposure of routes on a target of streams.
pub(super) fn no_routes_there(target: &str, span: Option<Span>, others: &[&str]) -> Diagnostic {
    let d = Diagnostic::error(
        NOT_CARRIED,
        format!("`{target}` carries streams of Services, not routes"),
    );
    let d = match span {
        Some(span) => d.at(span, "a route"),
        None => d,
    };
    offer_targets(d, others)
        .help("for a stream, name the Service under `carriers: [{ kind: Service, name: ... }]`")
}

/// A stream on a target that does not carry its protocol.
pub(super) fn no_stream_there(
    target: &str,
    protocol: &str,
    span: Option<Span>,
    reason: Option<&str>,
    others: &[&str],
) -> Diagnostic {
    let d = Diagnostic::error(
        NOT_CARRIED,
        format!("`{target}` carries no stream of {protocol}"),
    );
    let d = match span {
        Some(span) => d.at(span, "this stream"),
        None => d,
    };
    let d = match reason {
        Some(reason) => d.note(reason),
        None => d,
    };
    offer_targets(d, others)
}

fn offer_targets(d: Diagnostic, others: &[&str]) -> Diagnostic {
    let shown: Vec<String> = others.iter().take(8).map(|t| format!("`{t}`")).collect();
    if shown.is_empty() {
        d
    } else {
        d.help(format!(
            "render for a target that does: {}",
            shown.join(", ")
        ))
    }
}
