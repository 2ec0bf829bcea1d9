//! The objects of the base by kind and name.
//!
//! Texts of the base refer to names as they are written there, users to names as they come out; both find the object, without a scan for each look-up.

use crate::model::edge::At;
use crate::model::object::BaseObject;
use crate::yaml::Node;

/// Objects that the resolver looks at, sorted by kind and name.
pub(crate) struct Index<'b> {
    objects: &'b [BaseObject],
    sorted: Vec<(&'b str, &'b str, usize)>,
}

impl<'b> Index<'b> {
    /// Sorts what is of interest; everything else in the base costs one comparison.
    pub(crate) fn new(objects: &'b [BaseObject]) -> Self {
        let mut sorted = Vec::with_capacity(objects.len());
        for (i, o) in objects.iter().enumerate() {
            if !known(o) {
                continue;
            }
            let kind = o.id.kind.as_str();
            sorted.push((kind, o.id.name.as_str(), i));
            if o.written.name != o.id.name {
                sorted.push((kind, o.written.name.as_str(), i));
            }
        }
        sorted.sort_unstable();
        Self { objects, sorted }
    }

    /// All objects of a kind, in the order of the base.
    pub(crate) fn kind(&self, kind: &str) -> Vec<&'b BaseObject> {
        let from = self.sorted.partition_point(|e| e.0 < kind);
        let mut found: Vec<usize> = self.sorted[from..]
            .iter()
            .take_while(|e| e.0 == kind)
            .map(|e| e.2)
            .collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|i| &self.objects[i]).collect()
    }

    /// The objects of that kind and name, in any namespace.
    pub(crate) fn named(
        &self,
        kind: &str,
        name: &str,
    ) -> impl Iterator<Item = &'b BaseObject> + '_ {
        let from = self.sorted.partition_point(|e| (e.0, e.1) < (kind, name));
        let (kind, name) = (kind.to_owned(), name.to_owned());
        self.sorted[from..]
            .iter()
            .take_while(move |e| e.0 == kind && e.1 == name)
            .map(|e| &self.objects[e.2])
    }

    /// The object of that kind and name that `namespace` can mean; objects without a namespace are in every one.
    pub(crate) fn get(
        &self,
        kind: &str,
        name: &str,
        namespace: Option<&str>,
    ) -> Option<&'b BaseObject> {
        self.named(kind, name)
            .find(|o| same_namespace(o.id.namespace.as_deref(), namespace))
    }

    /// Whether the base has an object of that kind.
    pub(crate) fn has(&self, kind: &str) -> bool {
        let from = self.sorted.partition_point(|e| e.0 < kind);
        self.sorted.get(from).is_some_and(|e| e.0 == kind)
    }
}

/// Whether two namespaces can be the same; an absent one is filled in later by the overlay or the client.
pub(crate) fn same_namespace(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// The text of a node with its place.
pub(crate) fn text(node: Node<'_>) -> Option<At<String>> {
    Some(At {
        value: node.as_str()?.to_owned(),
        span: Some(node.span()),
    })
}

fn known(o: &BaseObject) -> bool {
    let group = match o.id.kind.as_str() {
        "Ingress" | "IngressClass" | "NetworkPolicy" => "networking.k8s.io",
        "Gateway" | "GatewayClass" | "HTTPRoute" | "GRPCRoute" => "gateway.networking.k8s.io",
        "Service" | "Secret" | "Pod" => "",
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => "apps",
        _ => return false,
    };
    o.id.group() == group
}
