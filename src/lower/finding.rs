//! Findings that profiles state, as diagnostics with carets in the user's text.
//!
//! A profile gives the condition and the words; the place comes from the value that it names.

use std::sync::Arc;

use serde_json::Value;

use super::messages;
use crate::diag::{Code, Diagnostic, Severity};
use crate::model::duration::Duration;
use crate::model::val::{Data, Val};
use crate::profile::rule::{Finding, FindingKind, Limit, Rule};
use crate::profile::track::{self, Scope};

/// A finding of a rule whose condition holds.
pub(super) fn stated(code: &str, rule: &Rule, finding: &Finding, scope: &Arc<Scope>) -> Diagnostic {
    let headline = finding.message.render(scope);
    let code = Code(code.to_owned().into());
    let mut d = match finding.kind {
        FindingKind::Reject => Diagnostic::error(code, headline),
        FindingKind::Refuse | FindingKind::Approximate => {
            Diagnostic::error(code, headline).acceptable()
        }
        FindingKind::Warn => Diagnostic::warning(code, headline),
        FindingKind::Note => Diagnostic::note_only(code, headline),
    };
    let at = finding.at.as_deref();
    let leaves = match finding.kind {
        // Everything that is refused is pointed at.
        FindingKind::Refuse => at.and_then(|p| scope.locate(p)).map(|v| leaf_spans(&v)),
        _ => None,
    };
    if let Some([first, more @ ..]) = leaves.as_deref() {
        d = d.at(*first, "");
        for span in more {
            d = d.because(*span, "");
        }
    } else if let Some(span) = at.and_then(|p| place(p, scope)) {
        let approximated = finding.kind == FindingKind::Approximate;
        d = d.at(span, if approximated { "approximated" } else { "" });
    }
    if let Some(note) = &finding.note {
        d = d.note(note.render(scope));
    }
    if let Some(help) = &finding.help {
        d = d.help(help.render(scope));
    }
    if d.severity != Severity::Note
        && let Some(see) = rule.see.first()
    {
        d = d.note(format!("see {see}"));
    }
    d
}

/// The place of a value, else of the nearest map above it that has one.
fn place(path: &str, scope: &Arc<Scope>) -> Option<crate::source::Span> {
    let mut path = path;
    loop {
        if let Some(span) = scope.locate(path).and_then(|v| first_span(&v)) {
            return Some(span);
        }
        path = path.rsplit_once('.')?.0;
    }
}

/// Places of all values that are set in it, in their order.
fn leaf_spans(val: &Arc<Val>) -> Vec<crate::source::Span> {
    match &val.data {
        Data::Null => Vec::new(),
        Data::List(items) => items.iter().flat_map(leaf_spans).collect(),
        Data::Map(map) => map.values().flat_map(leaf_spans).collect(),
        _ => val.span.into_iter().collect(),
    }
}

fn first_span(val: &Arc<Val>) -> Option<crate::source::Span> {
    val.span.or_else(|| match &val.data {
        Data::List(items) => items.iter().find_map(first_span),
        Data::Map(map) => map.values().find_map(first_span),
        _ => None,
    })
}

/// What a limit has to say of the value that it names; nothing when the value is not set or within it.
pub(super) fn limit(
    code: &str,
    rule: &Rule,
    limit: &Limit,
    scope: &Arc<Scope>,
) -> Option<Diagnostic> {
    let val = scope.locate(&limit.field).filter(|v| !v.is_null())?;
    let number = measure(&val.data)?;
    track::touch(&val);
    let bound = |b: &Option<Value>| b.as_ref().and_then(measure_json);
    let low = bound(&limit.min).is_some_and(|m| number < m);
    let high = bound(&limit.max).is_some_and(|m| number > m);
    let uneven = bound(&limit.step).is_some_and(|s| s > 0 && number % s != 0);
    let long = limit
        .max_length
        .is_some_and(|m| val.as_str().is_some_and(|s| s.chars().count() > m));
    if !(low || high || uneven || long) {
        return None;
    }
    Some(messages::beyond_limit(
        code,
        rule,
        limit,
        &val,
        [low, high, uneven, long],
    ))
}

/// A number as it is, a duration in milliseconds; any other text as 0, so that only its length can be limited.
fn measure(data: &Data) -> Option<i64> {
    match data {
        Data::Int(i) => Some(*i),
        Data::Str(s) => Some(Duration::parse(s).map_or(0, |d| d.0.cast_signed())),
        _ => None,
    }
}

fn measure_json(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64(),
        Value::String(s) => Duration::parse(s).map(|d| d.0.cast_signed()),
        _ => None,
    }
}
