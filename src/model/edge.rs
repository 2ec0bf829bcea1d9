//! The edge: what an exposure means on its base, before any target is known to it.
//!
//! All three front ends (Ingress, Gateway API, `spec.routes`) give this model; profiles see it as a tree of [`Val`] (`context`).

use std::sync::Arc;

use super::name::Named;
use super::object::ObjectId;
use super::val::Val;
use crate::source::Span;
use crate::vocab::blank::Blank;

/// A value with the place that it came from, in the exposure or in the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it was written; absent for what edgegen chose.
    pub span: Option<Span>,
}

/// The resolved model of one exposure for one generation of carriers.
#[derive(Debug, Clone)]
pub struct Edge {
    /// `metadata.name` of the exposure.
    pub name: At<String>,
    /// Namespace of the exposure: its own, else the carrier's, else the base's; may be absent.
    pub namespace: Option<String>,
    /// The exposure's `spec` after environment defaults; every optional field is present, as null where it is not set.
    pub spec: Arc<Val>,
    /// The environment's `spec`, in the same way; all null without an environment.
    pub env: Arc<Val>,
    /// Objects that carry the routes in the result: from the base, or to be made.
    pub carriers: Vec<Carrier>,
    /// Objects of the base that carry the same routes in the other generation and are left out of the result.
    pub unused: Vec<(ObjectId, Span)>,
    /// Hosts that are served, in the order of first use by a route.
    pub hosts: Vec<Host>,
    /// Routes: one for each rule of an Ingress, for each HTTPRoute, or for each entry of `spec.routes`.
    pub routes: Vec<Route>,
    /// Streams of Services that carry the traffic themselves; there are routes or streams, never both.
    pub streams: Vec<Stream>,
    /// Services that routes or streams lead to, in the order of first use.
    pub backends: Vec<Backend>,
    /// Certificates with what the environment or the base says that they are.
    pub certificates: Vec<Certificate>,
    /// Annotations on the carriers and Services of the base that belong to a controller other than the target's: removed from the result.
    pub foreign: Vec<ForeignKey>,
    /// What else the base has, as far as profiles may ask for it.
    pub base: BaseFacts,
    /// The vocabulary where nothing is set.
    pub blank: Arc<Blank>,
}

/// Facts about the base as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BaseFacts {
    /// Kinds of its objects, sorted, each once.
    pub kinds: Vec<String>,
    /// Name of the GatewayClass that a Gateway in the result uses, when the base has the object.
    pub gateway_class: Option<String>,
    /// Names of its NetworkPolicies, sorted.
    pub network_policies: Vec<String>,
    /// The namespace of its Services, when they have one.
    pub namespace: Option<String>,
}

/// Which kind of object carries routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// `networking.k8s.io` Ingress.
    Ingress,
    /// Gateway API: a Gateway with the routes attached to it.
    Gateway,
    /// A Service of type LoadBalancer, without routes.
    Service,
}

impl Generation {
    /// The kind of the carrier object.
    pub fn kind(self) -> &'static str {
        match self {
            Generation::Ingress => "Ingress",
            Generation::Gateway => "Gateway",
            Generation::Service => "Service",
        }
    }
}

/// An Ingress or Gateway.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// Kind of the object.
    pub generation: Generation,
    /// Its identity in the result. For a carrier that edgegen makes: the exposure's name and namespace.
    pub id: ObjectId,
    /// Whether the base has it.
    pub exists: bool,
    /// Where the exposure or the base names it.
    pub span: Option<Span>,
    /// The class in the base.
    pub class: Option<At<String>>,
    /// For an Ingress, the TLS Secrets of the base: hosts (as in the base) and Secret name.
    pub tls: Vec<BaseTls>,
    /// Listeners of a Gateway in the base: name, port, protocol, hostname.
    pub listeners: Vec<BaseListener>,
}

/// One `spec.tls` entry of an Ingress, or the certificate references of a listener.
#[derive(Debug, Clone)]
pub struct BaseTls {
    /// Hosts as in the base; empty for all.
    pub hosts: Vec<String>,
    /// Secret, when one is named.
    pub secret: Option<At<String>>,
    /// Namespace of the Secret when it differs from the carrier's.
    pub namespace: Option<String>,
}

/// A listener of a Gateway in the base.
#[derive(Debug, Clone)]
pub struct BaseListener {
    /// `name`.
    pub name: At<String>,
    /// `port`.
    pub port: i64,
    /// `protocol`.
    pub protocol: String,
    /// `hostname`, as in the base.
    pub hostname: Option<String>,
}

/// A name under which the exposure is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// In the result; empty for "every host".
    pub name: At<String>,
    /// In the base, where it differs.
    pub in_base: Option<At<String>>,
}

/// The hosts of the result that take the place of hosts of the base; a wildcard of the base stands for every host that it covers.
pub fn hosts_for<'h>(hosts: &'h [Host], base: &[String]) -> Vec<&'h str> {
    let covers = |pattern: &str, name: &str| {
        pattern == name
            || pattern
                .strip_prefix('*')
                .is_some_and(|suffix| name.ends_with(suffix) && name.len() > suffix.len())
    };
    let named = hosts.iter().filter(|h| !h.name.value.is_empty());
    named
        .filter(|h| {
            base.iter()
                .any(|b| covers(b, h.in_base.as_ref().map_or(&h.name.value, |i| &i.value)))
        })
        .map(|h| h.name.value.as_str())
        .collect()
}

/// Names of listeners of the base, by `PROTOCOL/port/host`, the host as in the result and empty for every host. The only listener of
/// its protocol and port goes on for every host, too. The first of a key counts.
pub fn kept_names<'l>(
    listeners: &'l [BaseListener],
    hosts: &[Host],
) -> Vec<(String, &'l At<String>)> {
    let mut out = Vec::new();
    for l in listeners {
        let key = |host: &str| (format!("{}/{}/{host}", l.protocol, l.port), &l.name);
        let named = |h: &&Host| {
            let in_base = h.in_base.as_ref().map_or(&h.name.value, |i| &i.value);
            l.hostname.as_ref().is_some_and(|name| name == in_base)
        };
        out.extend(hosts.iter().filter(named).map(|h| key(&h.name.value)));
        let alone = |other: &BaseListener| other.protocol == l.protocol && other.port == l.port;
        if l.hostname.is_none() || listeners.iter().filter(|o| alone(o)).count() == 1 {
            out.push(key(""));
        }
    }
    out
}

/// A set of rules that hosts share.
#[derive(Debug, Clone)]
pub struct Route {
    /// Name: that of the route object in the base, else `<exposure>` (one route) or `<exposure>-<host>`.
    pub name: String,
    /// The HTTPRoute or GRPCRoute in the base; absent for routes that come from an Ingress or from `spec.routes`.
    pub object: Option<ObjectId>,
    /// Index into [`Edge::carriers`].
    pub carrier: usize,
    /// Indexes into [`Edge::hosts`]; never empty (a route without hosts has the host with the empty name).
    pub hosts: Vec<usize>,
    /// In the order of the base.
    pub rules: Vec<RouteRule>,
    /// Where the route starts in the base or exposure.
    pub span: Option<Span>,
}

impl Route {
    /// The kind of the route's object: that of the base, else HTTPRoute.
    pub fn kind(&self) -> &str {
        self.object.as_ref().map_or("HTTPRoute", |o| &o.kind)
    }
}

/// A port of a Service that clients connect to, without anything that looks into the traffic.
#[derive(Debug, Clone)]
pub struct Stream {
    /// `TCP`, `UDP`, or `TLS` where the balancer ends it; the place is that of the exposure's listener, else of the port in the base.
    pub protocol: At<String>,
    /// Where it leads; its port is the one that clients connect to.
    pub to: BackendRef,
}

/// One path and where it leads.
#[derive(Debug, Clone)]
pub struct RouteRule {
    /// What is matched.
    pub path: At<PathMatch>,
    /// The path as the base spells it, to keep its spelling where the target reads it alike.
    pub written: Option<WrittenPath>,
    /// What the backend sees instead.
    pub rewrite: Option<At<Rewrite>>,
    /// Where it leads; nowhere, when it redirects.
    pub backends: Vec<BackendRef>,
    /// Where a copy of the requests goes.
    pub mirror: Option<BackendRef>,
    /// What else it says, in the vocabulary's words below `routes.rules`, by the names of [`WORDS`]; absent ones are not set.
    pub words: Named<Arc<Val>>,
    /// Rule name of an HTTPRoute, where it has one.
    pub name: Option<String>,
}

/// What a rule may say besides its path: the name in [`RouteRule::words`], which expressions use too, and the field of the vocabulary.
pub const WORDS: &[(&str, &str)] = &[
    ("headers", "routes.rules.matches.headers"),
    ("queryParams", "routes.rules.matches.queryParams"),
    ("method", "routes.rules.matches.method"),
    ("hostname", "routes.rules.filters.urlRewrite.hostname"),
    ("requestRedirect", "routes.rules.filters.requestRedirect"),
    (
        "requestHeaderModifier",
        "routes.rules.filters.requestHeaderModifier",
    ),
    (
        "responseHeaderModifier",
        "routes.rules.filters.responseHeaderModifier",
    ),
    ("requestMirror", "routes.rules.filters.requestMirror"),
];

/// Those of [`WORDS`] that decide which requests a rule takes.
const MATCHED: &[&str] = &["headers", "queryParams", "method"];

/// Words of a rule as text, those that decide which requests it takes or those that say what becomes of them; equal where rules say
/// the same.
pub fn words_as_text(words: &Named<Arc<Val>>, matched: bool) -> String {
    let chosen = WORDS
        .iter()
        .filter(|(k, _)| MATCHED.contains(k) == matched)
        .filter_map(|(k, _)| Some((k, words.get(*k)?)));
    chosen.fold(String::new(), |out, (k, v)| out + k + &v.canonical())
}

impl RouteRule {
    /// What it matches besides the path, as text.
    pub fn condition(&self) -> String {
        words_as_text(&self.words, true)
    }
}

/// The path of an Ingress as the base has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenPath {
    /// `path`.
    pub path: String,
    /// `pathType`.
    pub path_type: String,
}

/// What a path means on the base's own controller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathMatch {
    /// Path elements, as Kubernetes and Gateway API define it: `/foo` matches `/foo` and `/foo/bar`, not `/foobar`. No trailing slash except `/`.
    Prefix(String),
    /// The very path.
    Exact(String),
    /// A regular expression from the start of the path that edgegen could not read as a prefix.
    Regex(String),
}

/// How the path is rewritten before the backend sees it. The query is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rewrite {
    /// The matched prefix is replaced; `/` strips it.
    ReplacePrefix(String),
    /// The whole path is replaced.
    ReplaceFull(String),
    /// A replacement with captures (`$1`) of a [`PathMatch::Regex`].
    Captures(String),
}

/// Where a rule leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendRef {
    /// Index into [`Edge::backends`].
    pub backend: usize,
    /// Service port number.
    pub port: i64,
    /// Name of that Service port, where it has one.
    pub port_name: Option<String>,
    /// Whether the base refers to the port by its name.
    pub by_name: bool,
    /// Its share, relative to the other backends of the rule; absent where a rule has one backend and says nothing.
    pub weight: Option<At<i64>>,
    /// Where the base refers to it.
    pub span: Option<Span>,
    /// Where this rule names the Service.
    pub service_span: Option<Span>,
}

/// A Service that traffic is sent to, with what the base says of its Pods.
#[derive(Debug, Clone)]
pub struct Backend {
    /// The Service.
    pub id: ObjectId,
    /// Where its name stands in the base.
    pub span: Option<Span>,
    /// All ports of the Service.
    pub ports: Vec<ServicePort>,
    /// Port numbers that routes use, sorted.
    pub used: Vec<i64>,
    /// `spec.type`, with the default written out.
    pub service_type: String,
    /// `clusterIP: None`.
    pub headless: bool,
    /// What else `spec` says of how a balancer reaches it.
    pub reach: Reach,
    /// `spec.selector`.
    pub selector: Vec<(String, String)>,
    /// Namespace label etc. are not known; this is the workload that the selector finds in the base.
    pub workload: Option<Workload>,
    /// A NetworkPolicy of the base that selects these Pods for ingress: its identity and the place of its name.
    pub isolated_by: Option<(ObjectId, Span)>,
    /// Effective settings for this Service: entries of `spec.backends` without `service`, then those that name it, merged field by field.
    pub settings: Arc<Val>,
}

/// How a balancer reaches a Service, as its `spec` in the base says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// `loadBalancerClass`.
    pub class: Option<String>,
    /// `externalTrafficPolicy`.
    pub external_traffic_policy: Option<String>,
    /// `ipFamilies`.
    pub ip_families: Vec<String>,
    /// Whether node ports are allocated: `allocateLoadBalancerNodePorts` with its default.
    pub node_ports: bool,
}

/// One port of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePort {
    /// `name`.
    pub name: Option<String>,
    /// `port`.
    pub port: i64,
    /// `targetPort` as a number, resolved through the workload's container ports when it is a name; absent when unknown.
    pub target_port: Option<i64>,
    /// `targetPort` as a name.
    pub target_name: Option<String>,
    /// `TCP`, `UDP`, `SCTP`.
    pub protocol: String,
    /// `appProtocol`.
    pub app_protocol: Option<String>,
    /// `nodePort`, where the base fixes one.
    pub node_port: Option<i64>,
}

/// What the base says of the Pods behind a Service.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Deployment, StatefulSet, DaemonSet...
    pub id: ObjectId,
    /// Seconds; 30 when the Pod template does not say.
    pub grace_period: i64,
    /// Where the grace period, else the workload's name, stands.
    pub grace_span: Span,
    /// Seconds that a `preStop` sleep lasts, when it can be read.
    pub pre_stop: Option<i64>,
    /// HTTP readiness probe of the container that owns the port: path, port number, place of the path.
    pub readiness: Option<(String, Option<i64>, Span)>,
}

/// A certificate and what it is on the target's side.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// Name in the exposure.
    pub name: At<String>,
    /// Hosts that it is for: all hosts of the exposure, unless the exposure says which.
    pub hosts: Vec<At<String>>,
    /// The environment's binding; else `{secret: {name, namespace}}` from the base; else null.
    pub binding: Arc<Val>,
}

/// An annotation of another controller on an object of the base.
#[derive(Debug, Clone)]
pub struct ForeignKey {
    /// The object.
    pub object: ObjectId,
    /// The annotation.
    pub key: String,
    /// Where the key stands.
    pub span: Span,
    /// The dialect (profile) that reads it.
    pub dialect: String,
    /// Neutral fields that took its meaning; empty when it means nothing elsewhere.
    pub fields: Vec<String>,
}
