//! Findings about names that the exposure gives: carriers, hosts, certificates, policies.
//!
//! Each names what does exist, because most of these are spelling mistakes.

use super::{cause, names, offer, reason};
use crate::diag::{Code, Diagnostic};
use crate::model::edge::At;
use crate::model::object::BaseObject;
use crate::model::val::Val;
use crate::source::Span;

/// A carrier that the base has not.
pub(crate) fn unknown_carrier(
    kind: &str,
    name: &str,
    span: Span,
    known: &[&BaseObject],
) -> Diagnostic {
    let list: Vec<&str> = known.iter().map(|o| o.id.name.as_str()).collect();
    let mut d = Diagnostic::error(
        Code::builtin("EG2101"),
        format!("the base has no {kind} named `{name}`"),
    )
    .at(span, "not in the base");
    if let [only] = known {
        d = d.because(only.name_span(), format!("the only {kind} of the base"));
    }
    if known.is_empty() {
        return d.help(format!("remove the entry, or add the {kind} to the base"));
    }
    let article = if kind == "Ingress" { "an" } else { "a" };
    offer(d, &format!("{article} {kind}"), name, Some(span), &list)
}

/// A carrier whose name is in several namespaces.
pub(crate) fn ambiguous_carrier(
    kind: &str,
    name: &str,
    span: Span,
    first: &BaseObject,
    second: &BaseObject,
) -> Diagnostic {
    let ns = |o: &BaseObject| o.id.namespace.clone().unwrap_or_default();
    Diagnostic::error(
        Code::builtin("EG2104"),
        format!("the base has {kind} `{name}` in several namespaces"),
    )
    .at(span, "which of them is not said")
    .because(first.name_span(), format!("in namespace `{}`", ns(first)))
    .because(second.name_span(), format!("in namespace `{}`", ns(second)))
    .help(format!("add `namespace: {}` to the entry", ns(first)))
}

/// A Service and an Ingress or Gateway as carriers of one exposure.
pub(crate) fn routes_and_streams(
    service: &BaseObject,
    span: Span,
    other: &BaseObject,
) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG2134"),
        format!(
            "streams of the Service `{}` and routes of the {} `{}` are one exposure",
            service.id.name, other.id.kind, other.id.name
        ),
    )
    .at(span, "carries streams")
    .because(other.name_span(), "carries routes")
    .help("write an exposure of its own for the Service")
}

/// A listener of a stream for which no carrier has the port.
pub(crate) fn listener_without_port(
    protocol: &str,
    port: i64,
    span: Option<Span>,
    known: &[String],
) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2135"),
        format!("no Service carries {protocol} on port {port}"),
    );
    cause(d, span, "not a port of the carriers").help(format!(
        "the ports are {}; `TLS` is for one of TCP",
        known.join(", ")
    ))
}

/// A listener of a stream in an exposure of routes.
pub(crate) fn stream_listener_of_routes(protocol: &str, span: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2135"),
        format!("a listener of {protocol} has no routes to serve"),
    );
    cause(d, span, "for streams only")
        .note("an Ingress and a Gateway's HTTP routes are served over HTTP and HTTPS")
        .help("name the Service under `carriers: [{ kind: Service, name: ... }]` in an exposure of its own")
}

/// Neither carriers nor `spec.routes`.
pub(crate) fn no_routes(span: Span, has_services: bool) -> Diagnostic {
    let d = Diagnostic::error(Code::builtin("EG2102"), "nothing says where traffic goes")
        .at(span, "this exposure has no `routes`")
        .note("the base has neither an Ingress nor a Gateway to take routes from");
    if has_services {
        d.help("add `routes` with `rules`, each with `backendRefs: [{ name: <service>, port: <port> }]`")
    } else {
        d.help("point `base` at the folder that has the application's Services and its Ingress or Gateway")
    }
}

/// Routes in the exposure and in the base.
pub(crate) fn routes_twice(span: Span, carrier: &BaseObject) -> Diagnostic {
    Diagnostic::error(
        Code::builtin("EG2103"),
        format!("both the exposure and {} have routes", carrier.id.short()),
    )
    .at(span, "routes of the exposure")
    .because(
        carrier.name_span(),
        format!("this {} of the base has the routes", carrier.id.kind),
    )
    .help("remove `routes`, or remove the Ingress or Gateway from the base")
}

/// The exposure's namespace is not the carrier's.
pub(crate) fn other_namespace(own: &At<String>, carrier: &BaseObject, theirs: &str) -> Diagnostic {
    let headline = format!(
        "{} is in namespace `{theirs}`, not in `{}`",
        carrier.id.short(),
        own.value
    );
    let d = cause(
        Diagnostic::error(Code::builtin("EG2108"), headline),
        own.span,
        "namespace of the exposure",
    );
    let d = d.because(
        carrier.name_span(),
        format!("namespace `{theirs}` in the base's build"),
    );
    match own.span {
        Some(span) => d.fix("use the namespace of the carrier", span, theirs),
        None => d,
    }
}

/// A carrier that routes nothing.
pub(crate) fn carrier_without_routes(carrier: &BaseObject, span: Span) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2129"),
        format!("{} has no routes", carrier.id.short()),
    )
    .at(span, "carries nothing that can be exposed");
    if carrier.id.kind == "Gateway" {
        d.because(
            carrier.name_span(),
            "no HTTPRoute names this Gateway and one of its listeners under `parentRefs`",
        )
        .help(format!(
            "add an HTTPRoute with `parentRefs: [{{ name: {} }}]` to the base",
            carrier.written.name
        ))
    } else {
        d.because(
            carrier.name_span(),
            "no rule of this Ingress leads to a Service",
        )
        .help("add rules to the Ingress")
    }
}

/// `inBase` names a host that the base has not.
pub(crate) fn unknown_base_host(host: &At<String>, known: &[&str]) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2119"),
        format!("no route of the base has the host `{}`", host.value),
    );
    offer(
        cause(d, host.span, "not a host of the base"),
        "a host",
        &host.value,
        host.span,
        known,
    )
}

/// A host that no route serves.
pub(crate) fn host_not_served(
    host: &At<String>,
    free: Option<&At<String>>,
    known: &[&str],
) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2120"),
        format!("no route serves the host `{}`", host.value),
    );
    let d = cause(d, host.span, "would resolve and answer nothing");
    match free {
        Some(base) => reason(d, base.span, "the base has this host")
            .help(format!("write `inBase: {}` beside the name", base.value)),
        None => offer(d, "a host", &host.value, host.span, known),
    }
}

/// A host of the base that the list leaves out.
pub(crate) fn host_not_listed(host: &At<String>, list: Span) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2121"),
        format!(
            "host `{}` of the base is not listed under `hostnames`",
            host.value
        ),
    );
    let d = reason(
        d.at(list, "every host of the base is listed, or none"),
        host.span,
        "the base serves this host",
    );
    d.help(format!(
        "add `{{ name: <name>, inBase: {} }}` to `hostnames`",
        host.value
    ))
}

/// A host listed twice.
pub(crate) fn host_twice(second: &At<String>, first: &At<String>) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2122"),
        format!("host `{}` is listed twice", second.value),
    );
    reason(
        cause(d, second.span, "listed again"),
        first.span,
        "first listed here",
    )
    .help("remove one of the two entries")
}

/// A certificate name without a meaning.
pub(crate) fn unbound_certificate(
    name: &str,
    span: Option<Span>,
    known: &[&str],
    bound: Option<Span>,
) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2123"),
        format!("certificate `{name}` stands for nothing in this environment"),
    );
    let d = reason(
        cause(d, span, "unbound"),
        bound,
        "certificates of the environment",
    );
    let d = d.note("the base has no TLS Secret either that could take its place");
    let hit = crate::diag::similar::similar(name, known.iter().copied())
        .first()
        .map(|s| (*s).to_owned());
    match (hit, span) {
        (Some(hit), Some(span)) => d.fix(format!("a certificate with a similar name exists: `{hit}`"), span, hit),
        _ => d.help(format!("add to the environment: `certificates: {{ {name}: {{ secret: {{ name: <secret> }} }} }}`")),
    }
}

/// A certificate for a host that is not served.
pub(crate) fn certificate_for_unknown_host(
    host: &str,
    span: Option<Span>,
    known: &[String],
) -> Diagnostic {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let d = Diagnostic::error(
        Code::builtin("EG2128"),
        format!("the exposure has no host `{host}` that a certificate could be for"),
    );
    offer(
        cause(d, span, "not a host of this exposure"),
        "a host",
        host,
        span,
        &known,
    )
}

/// A policy, address or balancer without a meaning.
pub(crate) fn unknown_binding(
    field: &str,
    binds: &str,
    name: &str,
    span: Option<Span>,
    known: &[&str],
    bound: Option<Span>,
) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2124"),
        format!("`{name}` is not in the environment's `{binds}`"),
    );
    let d = reason(
        cause(d, span, format!("`{field}` names nothing that exists here")),
        bound,
        format!("`{binds}` of the environment"),
    );
    if known.is_empty() {
        return d.help(format!(
            "add `{name}` under `{binds}` of the environment, or remove `{field}`"
        ));
    }
    offer(d, "an entry", name, span, known)
}

/// A TLS policy and a lowest version at once.
pub(crate) fn policy_and_version(policy: &Val, version: &Val) -> Diagnostic {
    let d = Diagnostic::error(
        Code::builtin("EG2125"),
        "`tls.policy` and `tls.minVersion` exclude each other",
    );
    let d = reason(
        cause(d, version.span, "the policy decides this already"),
        policy.span,
        "a policy has its own lowest version",
    );
    d.help("remove `minVersion`, or remove `policy`")
}

/// Settings for a Service without routes.
pub(crate) fn setting_for_unknown_service(
    name: &At<String>,
    known: &[&str],
    in_base: bool,
) -> Diagnostic {
    let headline = if in_base {
        format!("no route leads to the Service `{}`", name.value)
    } else {
        format!("the base has no Service named `{}`", name.value)
    };
    let d = cause(
        Diagnostic::error(Code::builtin("EG2111"), headline),
        name.span,
        "settings for a Service that is not exposed",
    );
    if in_base {
        return d.help(format!("remove the entry; routes lead to {}", names(known)));
    }
    offer(d, "a Service", &name.value, name.span, known)
}

/// Two entries for one Service that say the same field.
pub(crate) fn set_twice(
    service: Option<&str>,
    field: &str,
    first: &Val,
    second: &Val,
) -> Diagnostic {
    let whom = service.map_or_else(|| "for all Services".to_owned(), |s| format!("for `{s}`"));
    let d = Diagnostic::error(
        Code::builtin("EG2112"),
        format!("`{field}` is set twice {whom}"),
    );
    reason(
        cause(d, second.span, "set again"),
        first.span,
        "first set here",
    )
    .help("keep one of the two")
}
