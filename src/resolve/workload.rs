//! What the base says of the Pods behind a Service: grace period, `preStop`, readiness, container ports, network policies.
//!
//! A balancer that drains longer than the Pod lives, or that a network policy shuts out, works in no test and fails on the first rollout.

use super::index::{Index, same_namespace};
use crate::model::duration::Duration;
use crate::model::edge::Workload;
use crate::model::object::{BaseObject, ObjectId};
use crate::source::Span;
use crate::yaml::{Kind, Node};

/// The Pod template that a Service selects.
pub(crate) struct Pods<'b> {
    /// The workload.
    pub(crate) object: &'b BaseObject,
    labels: Option<Node<'b>>,
    spec: Node<'b>,
}

/// Kinds that make Pods, the usual ones first.
const KINDS: [&str; 5] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "Pod",
];

/// Finds the workload whose Pods a Service selects.
pub(crate) fn find<'b>(index: &Index<'b>, service: &BaseObject) -> Option<Pods<'b>> {
    let selector = service
        .node()
        .at(&["spec", "selector"])
        .filter(|s| s.entries().next().is_some())?;
    let fits = |object: &'b BaseObject| -> Option<Pods<'b>> {
        if !same_namespace(
            object.id.namespace.as_deref(),
            service.id.namespace.as_deref(),
        ) {
            return None;
        }
        let pods = template(object)?;
        selector
            .entries()
            .all(|(k, v)| {
                k.as_str()
                    .is_some_and(|k| pods.label(k).is_some_and(|l| same(l, v)))
            })
            .then_some(pods)
    };
    // Most workloads have the name of their Service; that saves looking through all of a large base.
    let namesake = KINDS
        .iter()
        .find_map(|kind| index.named(kind, &service.written.name).find_map(fits));
    namesake.or_else(|| {
        KINDS
            .iter()
            .find_map(|kind| index.kind(kind).into_iter().find_map(fits))
    })
}

fn template(object: &BaseObject) -> Option<Pods<'_>> {
    let node = object.node();
    let pod = if object.id.kind == "Pod" {
        node
    } else {
        node.at(&["spec", "template"])?
    };
    Some(Pods {
        object,
        labels: pod.at(&["metadata", "labels"]),
        spec: pod.get("spec")?,
    })
}

fn same(a: Node<'_>, b: Node<'_>) -> bool {
    a.kind() == b.kind()
}

impl<'b> Pods<'b> {
    fn label(&self, key: &str) -> Option<Node<'b>> {
        self.labels?.get(key)
    }

    fn containers(&self) -> impl Iterator<Item = Node<'b>> {
        self.spec
            .get("containers")
            .into_iter()
            .flat_map(Node::items)
    }

    /// Number of the container port of that name.
    pub(crate) fn port(&self, name: &str) -> Option<i64> {
        self.ports()
            .find(|(n, ..)| *n == Some(name))
            .map(|(_, port, _)| port)
    }

    /// Name, number and place of every container port.
    pub(crate) fn ports(&self) -> impl Iterator<Item = (Option<&'b str>, i64, Span)> {
        self.containers().flat_map(ports)
    }

    /// The container that listens on a port, else the first.
    fn owner(&self, port: Option<i64>) -> Option<Node<'b>> {
        let listens =
            |c: &Node<'b>| port.is_some_and(|p| ports(*c).any(|(_, number, _)| number == p));
        self.containers()
            .find(listens)
            .or_else(|| self.containers().next())
    }

    /// What a balancer has to know of the Pods.
    pub(crate) fn facts(&self, target_port: Option<i64>) -> Workload {
        let grace = self
            .spec
            .get("terminationGracePeriodSeconds")
            .and_then(|g| Some((g.as_int()?, g.span())));
        let (grace_period, grace_span) = grace.unwrap_or((30, self.object.name_span()));
        let container = self.owner(target_port);
        Workload {
            id: self.object.id.clone(),
            grace_period,
            grace_span,
            pre_stop: container
                .and_then(|c| c.at(&["lifecycle", "preStop"]))
                .and_then(sleep),
            readiness: container.and_then(readiness),
        }
    }

    /// The `NetworkPolicy` that lets in only some, when there is one and none lets in everybody.
    pub(crate) fn isolation(&self, policies: &[&'b BaseObject]) -> Option<(ObjectId, Span)> {
        let mut first = None;
        for policy in policies {
            let spec = policy.node().get("spec")?;
            if !same_namespace(
                policy.id.namespace.as_deref(),
                self.object.id.namespace.as_deref(),
            ) || !for_ingress(spec)
                || !spec.get("podSelector").is_none_or(|s| self.selected(s))
            {
                continue;
            }
            if spec
                .get("ingress")
                .into_iter()
                .flat_map(Node::items)
                .any(lets_in_everybody)
            {
                return None;
            }
            first.get_or_insert((policy.id.clone(), policy.name_span()));
        }
        first
    }

    fn selected(&self, selector: Node<'_>) -> bool {
        let label = |k: Node<'_>| k.as_str().and_then(|k| self.label(k));
        let map = selector
            .get("matchLabels")
            .into_iter()
            .flat_map(Node::entries);
        let terms = selector
            .get("matchExpressions")
            .into_iter()
            .flat_map(Node::items);
        map.into_iter()
            .all(|(k, v)| label(k).is_some_and(|l| same(l, v)))
            && terms.into_iter().all(|term| {
                let found = term.get("key").and_then(label);
                let listed = || {
                    found.is_some_and(|f| {
                        term.get("values")
                            .into_iter()
                            .flat_map(Node::items)
                            .any(|v| same(f, v))
                    })
                };
                match term.get("operator").and_then(Node::as_str) {
                    Some("In") => listed(),
                    Some("NotIn") => !listed(),
                    Some("Exists") => found.is_some(),
                    Some("DoesNotExist") => found.is_none(),
                    _ => false,
                }
            })
    }
}

fn ports(container: Node<'_>) -> impl Iterator<Item = (Option<&str>, i64, Span)> {
    container
        .get("ports")
        .into_iter()
        .flat_map(Node::items)
        .filter_map(|p| {
            let port = p.get("containerPort")?;
            Some((
                p.get("name").and_then(Node::as_str),
                port.as_int()?,
                p.get("name").unwrap_or(port).span(),
            ))
        })
}

/// Path, port and place of an HTTP readiness probe.
fn readiness(container: Node<'_>) -> Option<(String, Option<i64>, Span)> {
    let get = container.at(&["readinessProbe", "httpGet"])?;
    let port = get.get("port").and_then(|p| match p.kind() {
        Kind::Int(i) => Some(i),
        Kind::Str(name) => ports(container)
            .find(|(n, ..)| *n == Some(name))
            .map(|(_, port, _)| port),
        _ => None,
    });
    let path = get.get("path");
    Some((
        path.and_then(Node::as_str).unwrap_or("/").to_owned(),
        port,
        path.unwrap_or(get).span(),
    ))
}

/// Seconds that a `preStop` hook sleeps, where it does nothing else that takes time.
fn sleep(hook: Node<'_>) -> Option<i64> {
    if let Some(seconds) = hook.at(&["sleep", "seconds"]) {
        return seconds.as_int();
    }
    let words: Vec<&str> = hook
        .at(&["exec", "command"])?
        .items()
        .filter_map(Node::as_str)
        .collect();
    let text = words.join(" ");
    let after = text.split("sleep ").nth(1)?;
    let word: String = after
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    word.parse()
        .ok()
        .or_else(|| i64::try_from(Duration::parse(&word)?.whole_seconds()?).ok())
}

fn for_ingress(spec: Node<'_>) -> bool {
    spec.get("policyTypes")
        .is_none_or(|t| t.items().any(|t| t.as_str() == Some("Ingress")))
}

fn lets_in_everybody(rule: Node<'_>) -> bool {
    let some = |key: &str| rule.get(key).is_some_and(|l| l.items().next().is_some());
    let all = |peer: Node<'_>| {
        let block = peer.get("ipBlock");
        block.and_then(|b| b.get("cidr")).and_then(Node::as_str) == Some("0.0.0.0/0")
            && block.is_some_and(|b| b.get("except").is_none())
    };
    !some("ports") && (!some("from") || rule.get("from").into_iter().flat_map(Node::items).any(all))
}
