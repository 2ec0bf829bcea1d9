//! Findings about routes: paths, backends, and carriers that contradict each other.
//!
//! These compare two places of the base more often than the exposure with the base.

use super::{cause, offer, reason};
use crate::diag::{Code, Diagnostic};
use crate::model::edge::{At, PathMatch};
use crate::model::object::BaseObject;
use crate::resolve::raw::{PortRef, Source};
use crate::source::Span;

/// Two generations that route differently.
pub(crate) const DISAGREE: Code = Code::builtin("EG2105");

/// Tells of one path on which they do.
pub(crate) fn carriers_disagree(
    host: &str,
    path: &PathMatch,
    ours: &str,
    our_span: Option<Span>,
    theirs: Option<&str>,
    their_span: Option<Span>,
) -> Diagnostic {
    let host = if host.is_empty() { "every host" } else { host };
    let theirs = theirs.unwrap_or("no route");
    let d = Diagnostic::error(
        DISAGREE,
        format!("the carriers disagree on {} of `{host}`", shown(path)),
    );
    let d = reason(
        cause(d, our_span, format!("used for this target: {ours}")),
        their_span,
        format!("in the other generation: {theirs}"),
    );
    d.note("targets that take the one generation would behave differently from targets that take the other")
        .help("give both carriers the same routing, or list only one under `carriers`")
        .acceptable()
}

fn shown(path: &PathMatch) -> String {
    match path {
        PathMatch::Prefix(p) => format!("prefix `{p}`"),
        PathMatch::Exact(p) => format!("exact path `{p}`"),
        PathMatch::Regex(p) => format!("expression `{p}`"),
    }
}

/// A route that leads to no Service of the base.
pub(crate) fn unknown_service(name: &At<String>, known: &[&str]) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2109"),
        format!("the base has no Service named `{}`", name.value),
    );
    offer(
        cause(d, name.span, "a route leads here"),
        "a Service",
        &name.value,
        name.span,
        known,
    )
}

/// A port that the Service has not.
pub(crate) fn unknown_port(
    service: &BaseObject,
    port: &At<PortRef>,
    known: &[(Option<String>, i64)],
) -> Diagnostic {
    let named = matches!(port.value, PortRef::Name(_));
    let text = port.value.to_string();
    let headline = if named {
        format!("Service `{}` has no port named `{text}`", service.id.name)
    } else {
        format!("Service `{}` has no port {text}", service.id.name)
    };
    let d = cause(
        Diagnostic::error(Code::builtin("EG2110"), headline),
        port.span,
        format!("not a port of `{}`", service.id.name),
    );
    let ports = service
        .node()
        .at(&["spec", "ports"])
        .map_or_else(|| service.name_span(), crate::yaml::Node::span);
    let d = d.because(ports, "its ports are declared here");
    let owned: Vec<String> = if named {
        known.iter().filter_map(|(name, _)| name.clone()).collect()
    } else {
        known.iter().map(|(_, port)| port.to_string()).collect()
    };
    if let (Some(span), [only]) = (port.span, &owned[..]) {
        return d.fix(
            format!("use the Service's port `{only}`"),
            span,
            only.clone(),
        );
    }
    offer(
        d,
        "a port",
        &text,
        port.span,
        &owned.iter().map(String::as_str).collect::<Vec<_>>(),
    )
}

/// A path type that only the Ingress's own controller could explain.
pub(crate) fn path_without_meaning(
    path: &str,
    span: Span,
    type_span: Option<Span>,
    source: &Source<'_>,
) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2113"),
        format!(
            "what path `{path}` of {} matches is not known",
            source.object.id.short()
        ),
    );
    let d = reason(
        d.at(span, "every controller reads this differently"),
        type_span,
        "the type leaves the meaning to the controller",
    );
    let d = match &source.class {
        Some(class) => reason(
            d,
            class.span,
            format!("no known controller has the class `{}`", class.value),
        ),
        None => d.note("the Ingress names no class, so its controller is not known"),
    };
    d.help(
        "use `pathType: Prefix` or `Exact`, or state the `ingressClassName` of a known controller",
    )
}

/// A path whose meaning on the base's controller is slightly different.
pub(crate) fn path_differs(
    path: &str,
    meant: &PathMatch,
    example: &str,
    span: Span,
    rewrite: Option<Span>,
) -> Diagnostic {
    let d = Diagnostic::warning(
        Code::builtin("EG2114"),
        format!("path `{path}` is read as {}", shown(meant)),
    );
    let d = d.at(span, "not quite what the base's controller matches");
    let d = reason(
        d,
        rewrite,
        "makes the path an expression, anchored at its start only",
    );
    d.note(format!(
        "a request for `{example}` is routed differently by the base's own controller"
    ))
    .help("use a path of type `Prefix`, or end an expression with `(/|$)(.*)`")
}

/// A backend that is no Service.
pub(crate) fn resource_backend(span: Span, kind: &str) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG2116"),
        format!("a backend of kind `{kind}` cannot be exposed"),
    )
    .at(span, "not a Service")
    .note("only Services are known to every controller")
    .help("use `service` in place of `resource`")
}

/// Something in a route that the model has no word for.
pub(crate) fn no_word(what: &str, span: Span, topic: &str) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG2117"),
        format!("{what} cannot be carried over"),
    )
    .at(span, "the vocabulary has no word for it")
    .note("read in part, the route would send traffic where nobody asked for it")
    .help(format!(
        "move {topic} into the application, or keep this route out of the base that is exposed"
    ))
}

/// Two filters of one type in a rule.
pub(crate) fn one_only(kind: &str, span: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2115"),
        format!("a rule has two filters of type `{kind}`"),
    );
    cause(d, span, "the second filter").help("write what both of them do as one filter")
}

/// A filter that lacks what it is to do.
pub(crate) fn filter_without_block(kind: &str, block: &str, span: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2131"),
        format!("a filter of type `{kind}` has no `{block}`"),
    );
    cause(d, span, "this filter").help(format!("write what it does under `{block}`"))
}

/// A filter that says what another type of filter does.
pub(crate) fn filter_of_other_type(kind: &str, block: &str, span: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2131"),
        format!("a filter of type `{kind}` has `{block}`"),
    );
    cause(d, span, "belongs to another type of filter").help("write a filter of its own for it")
}

/// A rule that neither leads to a backend nor redirects.
pub(crate) fn rule_without_backend(span: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(Code::builtin("EG2132"), "a rule leads nowhere".to_owned());
    cause(d, span, "neither a backend nor a redirect")
        .help("name a Service under `backendRefs`, or add a filter of type `RequestRedirect`")
}

/// A rule that redirects and leads to a backend.
pub(crate) fn redirect_with_backend(redirect: Option<Span>, rule: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2132"),
        "a rule redirects and leads to a backend".to_owned(),
    );
    reason(
        cause(d, redirect, "the answer of this rule"),
        rule,
        "its backends never get a request",
    )
    .help("remove `backendRefs`, or write a rule of its own for the redirect")
}

/// A canary of a Service whose traffic a route splits already.
pub(crate) fn canary_of_split(of: &At<String>, rule: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2133"),
        format!("the traffic of `{}` is split already", of.value),
    );
    reason(
        cause(d, of.span, "a canary of this Service"),
        rule,
        "this rule has several backends",
    )
    .help("say all shares in one place: as weights of the rule's backends, or under `canaries`")
}

/// A canary of a Service that no route leads to.
pub(crate) fn canary_of_nothing(of: &At<String>, known: &[&str]) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2133"),
        format!(
            "no route leads to `{}`, of which there is a canary",
            of.value
        ),
    );
    offer(
        cause(d, of.span, "gets no traffic"),
        "a Service",
        &of.value,
        of.span,
        known,
    )
}

/// Two rules for one path of one host.
pub(crate) fn path_twice(
    host: &str,
    path: &PathMatch,
    second: Option<Span>,
    first: Option<Span>,
) -> Diagnostic {
    let host = if host.is_empty() { "every host" } else { host };
    let d = Diagnostic::error(
        Code::builtin("EG2118"),
        format!("two rules for {} of `{host}`", shown(path)),
    );
    reason(cause(d, second, "second rule"), first, "first rule")
        .note("controllers differ in which of two equal rules wins")
        .help("remove one of the rules")
}

/// A class annotation beside another class name.
pub(crate) fn two_classes(annotation: &At<String>, name: &At<String>) -> Diagnostic {
    let headline = format!(
        "the Ingress has two classes, `{}` and `{}`",
        annotation.value, name.value
    );
    let d = Diagnostic::error(Code::builtin("EG2126"), headline);
    reason(
        cause(d, annotation.span, "class by annotation"),
        name.span,
        "class by name",
    )
    .note("each controller decides by its own rule which of them counts")
    .help("remove the annotation `kubernetes.io/ingress.class` from the base")
    .acceptable()
}
