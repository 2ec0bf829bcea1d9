//! Services that routes lead to: looked up in the base with their ports and Pods.
//!
//! A route that names what the base has not would be accepted by every cluster and answer errors; here it is found before.

use super::index::{Index, same_namespace};
use super::messages;
use super::raw::{PortRef, RawRoute, RawTarget};
use super::workload::{self, Pods};
use crate::diag::Diagnostics;
use crate::model::edge::{At, Backend, BackendRef, Reach, RouteRule, ServicePort};
use crate::model::object::BaseObject;
use crate::model::val::Val;
use crate::yaml::Node;

/// The Services of the routes.
#[derive(Default)]
pub(crate) struct Backends<'b> {
    /// As the edge has them, settings still empty.
    pub(crate) list: Vec<Backend>,
    /// Their objects, in the same order.
    pub(crate) objects: Vec<&'b BaseObject>,
    /// Their Pods, in the same order.
    pub(crate) pods: Vec<Option<Pods<'b>>>,
}

/// A Service and the number of one of its ports, by the text of a route.
pub(crate) fn look_up<'b>(
    index: &Index<'b>,
    to: &RawTarget,
    namespace: Option<&str>,
) -> Option<(&'b BaseObject, i64)> {
    let object = index.get(
        "Service",
        &to.service.value,
        to.namespace.as_deref().or(namespace),
    )?;
    let port = ports(object.node())
        .find(|(name, port, _)| is(&to.port.value, name.map_or("", |n| n.0), *port))?;
    Some((object, port.1))
}

fn is(wanted: &PortRef, name: &str, port: i64) -> bool {
    match wanted {
        PortRef::Number(n) => *n == port,
        PortRef::Name(n) => n == name,
    }
}

/// Name with its place, number and node of every port of a Service.
fn ports(service: Node<'_>) -> impl Iterator<Item = (Option<(&str, Node<'_>)>, i64, Node<'_>)> {
    service
        .at(&["spec", "ports"])
        .into_iter()
        .flat_map(Node::items)
        .filter_map(|p| {
            let name = p.get("name").and_then(|n| Some((n.as_str()?, n)));
            Some((name, p.get("port")?.as_int()?, p))
        })
}

/// Looks up Services and ports of a route's rules; rules that lead nowhere are reported and left out.
pub(crate) fn bind<'b>(
    index: &Index<'b>,
    route: &RawRoute<'b>,
    namespace: Option<&str>,
    backends: &mut Backends<'b>,
    diags: &mut Diagnostics,
) -> Vec<RouteRule> {
    let mut out = Vec::with_capacity(route.rules.len());
    for rule in &route.rules {
        let mut find = |to: &RawTarget| backends.find(index, to, namespace, diags);
        let to: Vec<Option<BackendRef>> = rule.to.iter().map(&mut find).collect();
        let mirror = rule.mirror.as_ref().map(find);
        let known = to.iter().all(Option::is_some) && mirror.as_ref().is_none_or(Option::is_some);
        if known {
            out.push(RouteRule {
                path: rule.path.clone(),
                written: rule.written.clone(),
                rewrite: rule.rewrite.clone(),
                backends: to.into_iter().flatten().collect(),
                mirror: mirror.flatten(),
                words: rule.words.clone(),
                name: rule.name.clone(),
            });
        }
    }
    out
}

fn port_list(object: &BaseObject) -> Vec<(Option<String>, i64)> {
    ports(object.node())
        .map(|(name, port, _)| (name.map(|n| n.0.to_owned()), port))
        .collect()
}

impl<'b> Backends<'b> {
    /// A Service and port in the base; reported when it is not there.
    fn find(
        &mut self,
        index: &Index<'b>,
        to: &RawTarget,
        namespace: Option<&str>,
        diags: &mut Diagnostics,
    ) -> Option<BackendRef> {
        let wanted = to.namespace.as_deref().or(namespace);
        let Some(object) = index.get("Service", &to.service.value, wanted) else {
            let known = index.kind("Service");
            let known: Vec<&str> = known
                .iter()
                .filter(|o| same_namespace(o.id.namespace.as_deref(), wanted))
                .map(|o| o.id.name.as_str())
                .collect();
            diags.push(messages::unknown_service(&to.service, &known));
            return None;
        };
        let port = ports(object.node())
            .find(|(name, port, _)| is(&to.port.value, name.map_or("", |n| n.0), *port));
        let Some((name, port, _)) = port else {
            diags.push(messages::unknown_port(object, &to.port, &port_list(object)));
            return None;
        };
        let at = self.position(index, object, &to.service, diags);
        if !self.list[at].used.contains(&port) {
            self.list[at].used.push(port);
            self.list[at].used.sort_unstable();
        }
        Some(BackendRef {
            backend: at,
            port,
            port_name: name.map(|n| n.0.to_owned()),
            by_name: matches!(to.port.value, PortRef::Name(_)),
            weight: to.weight.clone(),
            span: to.port.span,
            service_span: to.service.span,
        })
    }

    fn position(
        &mut self,
        index: &Index<'b>,
        object: &'b BaseObject,
        name: &At<String>,
        diags: &mut Diagnostics,
    ) -> usize {
        if let Some(at) = self.objects.iter().position(|o| std::ptr::eq(*o, object)) {
            return at;
        }
        let pods = workload::find(index, object);
        self.list.push(backend(object, name, pods.as_ref(), diags));
        self.objects.push(object);
        self.pods.push(pods);
        self.list.len() - 1
    }
}

fn backend(
    object: &BaseObject,
    name: &At<String>,
    pods: Option<&Pods<'_>>,
    diags: &mut Diagnostics,
) -> Backend {
    let node = object.node();
    let spec = node.get("spec");
    let field = |key: &str| spec.and_then(|s| s.get(key)).and_then(Node::as_str);
    Backend {
        id: object.id.clone(),
        span: name.span,
        ports: ports(node)
            .map(|(name, port, node)| {
                service_port(object, name.map(|n| n.0), port, node, pods, diags)
            })
            .collect(),
        used: Vec::new(),
        service_type: field("type").unwrap_or("ClusterIP").to_owned(),
        headless: field("clusterIP") == Some("None"),
        reach: reach(spec),
        selector: selector(object),
        workload: None,
        isolated_by: None,
        settings: Val::null(),
    }
}

fn reach(spec: Option<Node<'_>>) -> Reach {
    let text = |key: &str| {
        let value = spec.and_then(|s| s.get(key)).and_then(Node::as_str);
        value.map(str::to_owned)
    };
    let families = spec.and_then(|s| s.get("ipFamilies"));
    let allocate = spec.and_then(|s| s.get("allocateLoadBalancerNodePorts"));
    Reach {
        class: text("loadBalancerClass"),
        external_traffic_policy: text("externalTrafficPolicy"),
        ip_families: families
            .into_iter()
            .flat_map(Node::items)
            .filter_map(|f| f.as_str().map(str::to_owned))
            .collect(),
        node_ports: allocate.and_then(Node::as_bool) != Some(false),
    }
}

fn service_port(
    object: &BaseObject,
    name: Option<&str>,
    port: i64,
    node: Node<'_>,
    pods: Option<&Pods<'_>>,
    diags: &mut Diagnostics,
) -> ServicePort {
    let target = node.get("targetPort");
    let target_name = target.and_then(Node::as_str);
    let target_port = match (target_name, target.and_then(Node::as_int), pods) {
        (None, number, _) => Some(number.unwrap_or(port)),
        (Some(name), _, Some(pods)) => {
            let found = pods.port(name);
            if let (None, Some(node)) = (found, target) {
                diags.push(messages::unknown_target_port(
                    object,
                    name,
                    node.span(),
                    pods,
                ));
            }
            found
        }
        (Some(name), _, None) => name.parse().ok(),
    };
    let text = |key: &str| node.get(key).and_then(Node::as_str).map(str::to_owned);
    ServicePort {
        name: name.map(str::to_owned),
        port,
        target_port,
        target_name: target_name.map(str::to_owned),
        protocol: text("protocol").unwrap_or_else(|| "TCP".to_owned()),
        app_protocol: text("appProtocol"),
        node_port: node.get("nodePort").and_then(Node::as_int),
    }
}

/// `spec.selector` as the base's build gives it.
fn selector(object: &BaseObject) -> Vec<(String, String)> {
    if let Some(value) = &object.transformed {
        let map = value
            .pointer("/spec/selector")
            .and_then(serde_json::Value::as_object);
        return map
            .into_iter()
            .flatten()
            .filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned())))
            .collect();
    }
    let map = object.node().at(&["spec", "selector"]);
    map.into_iter()
        .flat_map(Node::entries)
        .filter_map(|(k, v)| Some((k.as_str()?.to_owned(), v.as_str()?.to_owned())))
        .collect()
}
