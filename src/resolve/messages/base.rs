//! Findings about what the base says of its Pods and to other controllers.
//!
//! The user's line comes first, then the line of the base that it disagrees with.

use super::{cause, reason};
use crate::diag::{Code, Diagnostic};
use crate::model::duration::Duration;
use crate::model::edge::{At, Workload};
use crate::model::object::{BaseObject, ObjectId};
use crate::model::val::{Data, Val};
use crate::profile::dialect::Dialect;
use crate::resolve::workload::Pods;
use crate::source::Span;

/// A key of another controller that the vocabulary has no word for.
pub(crate) fn foreign_without_word(
    key: &str,
    span: Span,
    dialect: &str,
    instead: Option<&str>,
    known: Option<String>,
) -> Diagnostic {
    let headline = format!("annotation `{key}` has no word in the vocabulary");
    let d = Diagnostic::error(Code::builtin("EG2106"), headline)
        .at(
            span,
            format!("only `{dialect}` reads it; the target does not"),
        )
        .acceptable();
    match (instead, known) {
        (Some(instead), _) => d.note(instead.to_owned()).help(ACCEPT_LOSS),
        (None, Some(known)) => d.fix(
            format!("a key with a similar name is known: `{known}`"),
            span,
            known,
        ),
        (None, None) => d
            .note(format!(
                "`{dialect}` does not know this key, or edgegen does not"
            ))
            .help(ACCEPT_LOSS),
    }
}

/// A key on an object of a kind on which its own controller does not read it either.
pub(crate) fn foreign_misplaced(key: &str, span: Span, owner: &Dialect, kind: &str) -> Diagnostic {
    let on: Vec<_> = owner.kinds.iter().map(|k| format!("`{k}`")).collect();
    let headline = format!("annotation `{key}` does nothing on kind `{kind}`");
    Diagnostic::warning(Code::builtin("EG2137"), headline)
        .at(span, "it is removed, and nothing is read from it")
        .note(format!("`{}` reads it on {}", owner.profile, on.join(", ")))
        .help("say in the exposure what it is for, if it was to have an effect")
}

/// A key that goes with the carrier that is left out.
pub(crate) fn lost_with_carrier(key: &str, span: Span, carrier: &ObjectId) -> Diagnostic {
    let kind = carrier.short();
    let headline = format!("annotation `{key}` goes with {kind}, which the result leaves out");
    Diagnostic::warning(Code::builtin("EG2130"), headline)
        .at(span, "nothing in the result carries it on")
        .help("say what it is for in the exposure or the environment, or set it by `overrides` on the target's objects")
}

const ACCEPT_LOSS: &str = "to do without it, add `{ code: EG2106, reason: <why> }` to `accept`";

/// A key of another controller with a value that it would not read either.
pub(crate) fn foreign_value(
    key: &str,
    value: &At<String>,
    field: &str,
    expected: &str,
) -> Diagnostic {
    let headline = format!("value `{}` of `{key}` cannot be read", value.value);
    cause(
        Diagnostic::error(Code::builtin("EG2107"), headline),
        value.span,
        format!("expected {expected}"),
    )
    .note("its own controller ignores such a value or refuses the object")
    .help(format!(
        "correct the value in the base, or remove it there and set `{field}` in the exposure"
    ))
}

/// Two places of the base that set one field differently.
pub(crate) fn readings_differ(field: &str, first: &Val, second: &Val) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2127"),
        format!("the base says two things for `{field}`"),
    );
    reason(
        cause(d, second.span, format!("here {}", word(second))),
        first.span,
        format!("and here {}", word(first)),
    )
    .note("one exposure has one value for the field")
    .help("give both the same value, or make an exposure for each carrier")
}

fn word(val: &Val) -> String {
    match &val.data {
        Data::Str(s) => format!("`{s}`"),
        Data::Bool(b) => format!("`{b}`"),
        Data::Int(i) => format!("`{i}`"),
        _ => "another value".to_owned(),
    }
}

/// A drain that outlasts the Pod.
pub(crate) fn drain_over_grace(drain: Duration, at: &Val, workload: &Workload) -> Diagnostic {
    let headline = format!(
        "drain of {drain} is longer than the Pods of `{}` live",
        workload.id.short()
    );
    let d = cause(
        Diagnostic::error(Code::builtin("EG2201"), headline),
        at.span,
        "requests may run this long",
    );
    let d = d.because(
        workload.grace_span,
        format!("Pods are killed after {}s", workload.grace_period),
    );
    let d = d.note("without `terminationGracePeriodSeconds` the grace period is 30s");
    match at.span {
        Some(span) => d.fix(
            "drain within the grace period",
            span,
            format!("{}s", workload.grace_period),
        ),
        None => d.help(format!("set `drain: {}s` at most", workload.grace_period)),
    }
}

/// A `NetworkPolicy` of the base that lets in only some, and nothing that lets in the balancer.
pub(crate) fn shut_out(
    policy: &ObjectId,
    span: Span,
    pods: &BaseObject,
    services: &[String],
) -> Diagnostic {
    let list: Vec<&str> = services.iter().map(String::as_str).collect();
    Diagnostic::error(Code::builtin("EG2202"), format!("NetworkPolicy `{}` shuts out the balancer", policy.name))
        .at(span, "lets in only what policies of the base name")
        .because(pods.name_span(), format!("selects these Pods; closed are {}", super::names(&list)))
        .note("balancers and their probes come from addresses that no policy of the base knows")
        .help("add `networkPolicy: Generate` to the exposure's `spec`, or `networkPolicy: None` where something else opens the way")
}

/// Network policies in a cluster that does not enforce them.
pub(crate) fn policies_not_enforced(fact: Option<Span>, policy: &BaseObject) -> Diagnostic {
    let d = Diagnostic::warning(
        Code::builtin("EG2203"),
        "the cluster does not enforce the base's NetworkPolicies",
    );
    cause(d, fact, "said here")
        .because(policy.name_span(), "has no effect there")
        .help("switch on NetworkPolicy enforcement in the cluster, then remove `networkPolicy: NotEnforced`")
}

/// A health check that would wait longer than its interval.
pub(crate) fn timeout_over_interval(
    timeout: Duration,
    t: &Val,
    interval: Duration,
    i: &Val,
) -> Diagnostic {
    let headline =
        format!("health check timeout of {timeout} is longer than the interval of {interval}");
    let d = cause(
        Diagnostic::error(Code::builtin("EG2204"), headline),
        t.span,
        "the next check would start before",
    );
    let d = reason(d, i.span, "time between two checks");
    match t.span {
        Some(span) => d.fix("use at most the interval", span, interval.to_string()),
        None => d.help(format!("use `timeout: {interval}` at most")),
    }
}

/// A named target port that no container has.
pub(crate) fn unknown_target_port(
    service: &BaseObject,
    name: &str,
    span: Span,
    pods: &Pods<'_>,
) -> Diagnostic {
    let headline = format!(
        "no container of `{}` has a port named `{name}`",
        pods.object.id.short()
    );
    let d = Diagnostic::error(Code::builtin("EG2205"), headline).at(
        span,
        format!("target port of Service `{}`", service.id.name),
    );
    let d = match pods.ports().next() {
        Some((_, _, first)) => d.because(first, "its ports are declared here"),
        None => d.because(pods.object.name_span(), "its containers declare no ports"),
    };
    let known: Vec<&str> = pods.ports().filter_map(|(n, ..)| n).collect();
    match (&known[..], pods.ports().next()) {
        ([only], _) => d.fix(format!("use the container's port `{only}`"), span, *only),
        ([], Some((_, number, _))) => d.fix("use the number", span, number.to_string()),
        ([], None) => d.help(format!(
            "add `ports: [{{ name: {name}, containerPort: <port> }}]` to the container"
        )),
        _ => super::offer(d, "a port", name, Some(span), &known),
    }
}
