//! One page for a folder of exposures: targets side by side, what became of each field, risks, the way of a request, the files.
//!
//! A single HTML file without network or foreign script, so that it can be kept as an artifact of a pipeline and opened years later.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::report::{effect_words, said};
use super::{Difference, Effect};
use crate::compile::{Output, Rendered};
use crate::diag::Severity;
use crate::diag::render::markup;
use crate::lower::account::Outcome;

const CSS: &str = include_str!("page/page.css");
const JS: &str = include_str!("page/page.js");

/// The page of a run with `detail`; `changes` is what differs from what is committed.
pub fn page(output: &Output, changes: &[Difference]) -> String {
    let mut exposures: BTreeMap<&str, Vec<&Rendered>> = BTreeMap::new();
    let mut labels: BTreeSet<&str> = BTreeSet::new();
    for r in output.rendered() {
        exposures.entry(&r.exposure).or_default().push(r);
        labels.insert(&r.label);
    }
    let mut out =
        String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n");
    let _ = write!(
        out,
        "<title>edgegen report</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n<main>\n<h1>Exposures and what each target makes of them</h1>\n"
    );
    let _ = writeln!(
        out,
        "<p class=\"soft\">{} exposures, {} targets or environments, edgegen {}</p>",
        exposures.len(),
        labels.len(),
        env!("CARGO_PKG_VERSION")
    );
    filters(&mut out, &labels);
    changed(&mut out, changes);
    for (name, all) in &exposures {
        exposure(&mut out, name, all, changes);
    }
    let _ = write!(out, "</main>\n<script>\n{JS}</script>\n</body>\n</html>\n");
    out
}

fn filters(out: &mut String, labels: &BTreeSet<&str>) {
    out.push_str("<form hidden aria-label=\"Filters\">\n<fieldset><legend>Targets</legend>\n");
    for label in labels {
        let text = markup(label);
        let _ = writeln!(
            out,
            "<label><input type=\"checkbox\" name=\"target\" value=\"{text}\" checked> {text}</label>"
        );
    }
    out.push_str("</fieldset>\n<fieldset><legend>Fields</legend>\n");
    for (value, words) in [
        ("all", "all"),
        ("emitted", "emitted"),
        ("approximated", "approximated"),
        ("refused", "refused"),
    ] {
        let checked = if value == "all" { " checked" } else { "" };
        let _ = writeln!(
            out,
            "<label><input type=\"radio\" name=\"outcome\" value=\"{value}\"{checked}> {words}</label>"
        );
    }
    out.push_str("</fieldset>\n<label>Exposure <input type=\"search\" placeholder=\"part of a name\"></label>\n<output class=\"soft\" aria-live=\"polite\"></output>\n</form>\n");
}

fn changed(out: &mut String, changes: &[Difference]) {
    let loud: Vec<&Difference> = changes.iter().filter(|d| !d.effects.is_empty()).collect();
    if loud.is_empty() {
        return;
    }
    out.push_str("<section aria-label=\"Risks and replacements\">\n<h3>Risks and replacements of what is not committed yet</h3>\n<ul class=\"effects\">\n");
    for d in loud {
        for (effect, places) in &d.effects {
            let class = match effect {
                Effect::Risk(_) => "risk",
                Effect::Replaced(..) => "replaced",
            };
            let _ = write!(
                out,
                "<li data-target=\"{}\"><span class=\"{class}\">{}</span>: {}",
                markup(&d.label),
                markup(&format!("{} on {}", d.exposure, d.target)),
                markup(&effect_words(effect))
            );
            for at in places {
                let c = &d.changes[*at];
                let _ = write!(
                    out,
                    "<br><code>{} {}</code> {}",
                    markup(&c.object),
                    markup(&c.place()),
                    markup(&said(c))
                );
            }
            out.push_str("</li>\n");
        }
    }
    out.push_str("</ul>\n</section>\n");
}

fn outcome(o: Outcome) -> (&'static str, &'static str) {
    match o {
        Outcome::Emitted => ("emitted", "emitted"),
        Outcome::AlreadySo => ("already", "already so"),
        Outcome::Approximated => ("approximated", "approximated"),
        Outcome::Refused => ("refused", "refused"),
        Outcome::Open => ("open", "unanswered"),
    }
}

fn exposure(out: &mut String, name: &str, all: &[&Rendered], changes: &[Difference]) {
    let shown = markup(name);
    let _ = write!(
        out,
        "<details open data-exposure=\"{shown}\">\n<summary><h2>{shown}</h2></summary>\n"
    );
    let mut fields: Vec<&str> = Vec::new();
    for entry in all.iter().flat_map(|r| &r.account) {
        if !fields.contains(&&*entry.field) {
            fields.push(&entry.field);
        }
    }
    out.push_str("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Fields by target\"><table>\n<thead><tr><th scope=\"col\">field</th>");
    for r in all {
        let _ = write!(
            out,
            "<th scope=\"col\" data-target=\"{0}\">{0}<br><small class=\"soft\">{1}</small></th>",
            markup(&r.label),
            markup(&r.target)
        );
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for field in fields {
        let _ = write!(
            out,
            "<tr data-outcomes><th scope=\"row\">{}</th>",
            markup(field)
        );
        for r in all {
            // Of several places that set a field, the gravest outcome is the one to see.
            let worst = r
                .account
                .iter()
                .filter(|e| *e.field == *field)
                .max_by_key(|e| e.outcome);
            match worst {
                Some(e) => {
                    let (class, words) = outcome(e.outcome);
                    let rule = e.rule.as_deref().map(markup).unwrap_or_default();
                    let _ = write!(
                        out,
                        "<td data-target=\"{}\" data-outcome=\"{class}\"><span class=\"{class}\">{words}</span><small>{rule}</small></td>",
                        markup(&r.label)
                    );
                }
                None => {
                    let _ = write!(
                        out,
                        "<td data-target=\"{}\" data-outcome=\"none\" class=\"soft\">not set</td>",
                        markup(&r.label)
                    );
                }
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    for r in all {
        target(out, r, changes);
    }
    out.push_str("</details>\n");
}

fn target(out: &mut String, r: &Rendered, changes: &[Difference]) {
    let errors = r
        .found
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .count();
    let state = if errors > 0 {
        format!("{errors} errors, nothing to write")
    } else {
        format!("{} files", r.tree.len())
    };
    let _ = write!(
        out,
        "<details data-target=\"{}\">\n<summary>{} <span class=\"soft\">{}, {}</span></summary>\n",
        markup(&r.label),
        markup(&r.label),
        markup(&r.target),
        markup(&state)
    );
    if !r.found.is_empty() {
        out.push_str("<ul class=\"findings\">\n");
        for d in &r.found {
            let word = match d.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            let _ = write!(
                out,
                "<li><code>{word}[{}]</code> {}",
                markup(&d.code.0),
                markup(&d.headline)
            );
            for help in &d.helps {
                let _ = write!(
                    out,
                    "<br><span class=\"soft\">{}</span>",
                    markup(&help.text)
                );
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ul>\n");
    }
    let own = changes
        .iter()
        .find(|d| d.label == r.label && d.exposure == r.exposure);
    if let Some(d) = own {
        let _ = write!(
            out,
            "<details>\n<summary>{} values differ from what is committed</summary>\n<ul>\n",
            d.changes.len()
        );
        for c in &d.changes {
            let _ = writeln!(
                out,
                "<li><code>{} {}</code> {}</li>",
                markup(&c.object),
                markup(&c.place()),
                markup(&said(c))
            );
        }
        out.push_str("</ul>\n</details>\n");
    }
    if let Some(graph) = &r.graph {
        let _ = write!(
            out,
            "<details>\n<summary>The way of a request</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Graph\">{}</div>\n</details>\n",
            graph.svg()
        );
    }
    for (path, text) in &r.tree {
        let _ = write!(
            out,
            "<details>\n<summary><code>{}</code></summary>\n<pre tabindex=\"0\">{}</pre>\n</details>\n",
            markup(path),
            markup(text)
        );
    }
    out.push_str("</details>\n");
}
