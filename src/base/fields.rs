//! Which fields kustomize's transformations reach, as tables.
//!
//! The overlay is built by kustomize on top of the base, so edgegen must see each base object exactly as kustomize will; the tables follow kustomize 5.7, the judge in `tests/base.rs`.

/// Selects objects; empty members match everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selector {
    /// API group.
    pub group: &'static str,
    /// API version without the group.
    pub version: &'static str,
    /// Kind.
    pub kind: &'static str,
}

/// Objects of a kind.
pub(crate) const fn any(kind: &'static str) -> Selector {
    Selector {
        group: "",
        version: "",
        kind,
    }
}

/// Objects of a kind of one group.
pub(crate) const fn of(group: &'static str, kind: &'static str) -> Selector {
    Selector {
        group,
        version: "",
        kind,
    }
}

/// Objects of a kind of version `v1`.
pub(crate) const fn v1(kind: &'static str) -> Selector {
    Selector {
        group: "",
        version: "v1",
        kind,
    }
}

impl Selector {
    /// Whether an object of this group, version and kind is selected.
    pub(crate) fn matches(&self, group: &str, version: &str, kind: &str) -> bool {
        (self.kind.is_empty() || self.kind == kind)
            && (self.group.is_empty() || self.group == group)
            && (self.version.is_empty() || self.version == version)
    }
}

/// A field of some objects. Path steps stand between `/`; a step walks through lists by itself, `[]` says that a list is meant, `~1` is a slash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    /// The objects.
    pub on: Selector,
    /// The field.
    pub path: &'static str,
    /// Whether it is made where it is absent.
    pub create: bool,
}

const fn made(on: Selector, path: &'static str) -> Field {
    Field {
        on,
        path,
        create: true,
    }
}

const fn found(on: Selector, path: &'static str) -> Field {
    Field {
        on,
        path,
        create: false,
    }
}

/// Kinds without a namespace, as far as kustomize knows: what it does not know gets the namespace, custom resources among them.
const CLUSTER_SCOPED: &[(&str, &str, &[&str])] = &[
    (
        "",
        "v1",
        &[
            "ComponentStatus",
            "Namespace",
            "Node",
            "NodeProxyOptions",
            "PersistentVolume",
        ],
    ),
    (
        "admissionregistration.k8s.io",
        "v1 v1beta1",
        &[
            "MutatingWebhookConfiguration",
            "ValidatingWebhookConfiguration",
        ],
    ),
    (
        "apiextensions.k8s.io",
        "v1 v1beta1",
        &["CustomResourceDefinition"],
    ),
    ("apiregistration.k8s.io", "v1 v1beta1", &["APIService"]),
    (
        "certificates.k8s.io",
        "v1 v1beta1",
        &["CertificateSigningRequest"],
    ),
    (
        "flowcontrol.apiserver.k8s.io",
        "v1beta1",
        &["FlowSchema", "PriorityLevelConfiguration"],
    ),
    ("networking.k8s.io", "v1 v1beta1", &["IngressClass"]),
    ("node.k8s.io", "v1 v1beta1", &["RuntimeClass"]),
    ("policy", "v1beta1", &["PodSecurityPolicy"]),
    (
        "rbac.authorization.k8s.io",
        "v1 v1beta1",
        &["ClusterRole", "ClusterRoleBinding"],
    ),
    ("scheduling.k8s.io", "v1 v1beta1", &["PriorityClass"]),
    (
        "storage.k8s.io",
        "v1 v1beta1",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
    ),
];

/// Whether kustomize takes the kind for cluster-scoped.
pub(crate) fn is_cluster_scoped(group: &str, version: &str, kind: &str) -> bool {
    CLUSTER_SCOPED.iter().any(|(g, versions, kinds)| {
        *g == group && versions.split(' ').any(|v| v == version) && kinds.contains(&kind)
    })
}

/// Fields besides `metadata.namespace` that take the namespace.
pub(crate) const NAMESPACE: &[Field] = &[
    made(
        of("apiregistration.k8s.io", "APIService"),
        "spec/service/namespace",
    ),
    found(
        of("apiextensions.k8s.io", "CustomResourceDefinition"),
        "spec/conversion/webhook/clientConfig/service/namespace",
    ),
];

/// Kinds whose names keep as they are: their names have a meaning of their own.
pub(crate) const KEEPS_NAME: &[Selector] = &[
    any("CustomResourceDefinition"),
    of("apiregistration.k8s.io", "APIService"),
    any("Namespace"),
];

/// Where every label goes.
pub(crate) const METADATA_LABELS: &[Field] = &[made(any(""), "metadata/labels")];

/// Where labels go besides, when they go into templates.
pub(crate) const TEMPLATE_LABELS: &[Field] = &[
    made(v1("ReplicationController"), "spec/template/metadata/labels"),
    made(any("Deployment"), "spec/template/metadata/labels"),
    made(any("ReplicaSet"), "spec/template/metadata/labels"),
    made(any("DaemonSet"), "spec/template/metadata/labels"),
    made(of("apps", "StatefulSet"), "spec/template/metadata/labels"),
    made(
        of("apps", "StatefulSet"),
        "spec/volumeClaimTemplates[]/metadata/labels",
    ),
    made(of("batch", "Job"), "spec/template/metadata/labels"),
    made(of("batch", "CronJob"), "spec/jobTemplate/metadata/labels"),
    made(
        of("batch", "CronJob"),
        "spec/jobTemplate/spec/template/metadata/labels",
    ),
];

/// Where labels go besides, when they go into selectors.
pub(crate) const SELECTOR_LABELS: &[Field] = &[
    made(v1("Service"), "spec/selector"),
    made(v1("ReplicationController"), "spec/selector"),
    made(any("Deployment"), "spec/selector/matchLabels"),
    made(any("ReplicaSet"), "spec/selector/matchLabels"),
    made(any("DaemonSet"), "spec/selector/matchLabels"),
    made(of("apps", "StatefulSet"), "spec/selector/matchLabels"),
    found(of("batch", "Job"), "spec/selector/matchLabels"),
    found(
        of("batch", "CronJob"),
        "spec/jobTemplate/spec/selector/matchLabels",
    ),
    found(
        of("policy", "PodDisruptionBudget"),
        "spec/selector/matchLabels",
    ),
    found(
        of("networking.k8s.io", "NetworkPolicy"),
        "spec/podSelector/matchLabels",
    ),
    found(
        of("networking.k8s.io", "NetworkPolicy"),
        "spec/ingress/from/podSelector/matchLabels",
    ),
    found(
        of("networking.k8s.io", "NetworkPolicy"),
        "spec/egress/to/podSelector/matchLabels",
    ),
    found(of("apps", "Deployment"), placement::PREFERRED),
    found(of("apps", "Deployment"), placement::REQUIRED),
    found(of("apps", "Deployment"), placement::ANTI_PREFERRED),
    found(of("apps", "Deployment"), placement::ANTI_REQUIRED),
    found(of("apps", "Deployment"), placement::SPREAD),
    found(of("apps", "StatefulSet"), placement::PREFERRED),
    found(of("apps", "StatefulSet"), placement::REQUIRED),
    found(of("apps", "StatefulSet"), placement::ANTI_PREFERRED),
    found(of("apps", "StatefulSet"), placement::ANTI_REQUIRED),
    found(of("apps", "StatefulSet"), placement::SPREAD),
];

/// Selectors of a Pod template that pick other Pods.
mod placement {
    pub(super) const PREFERRED: &str = "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels";
    pub(super) const REQUIRED: &str = "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels";
    pub(super) const ANTI_PREFERRED: &str = "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels";
    pub(super) const ANTI_REQUIRED: &str = "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels";
    pub(super) const SPREAD: &str =
        "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels";
}

/// Where common annotations go.
pub(crate) const ANNOTATIONS: &[Field] = &[
    made(any(""), "metadata/annotations"),
    made(
        v1("ReplicationController"),
        "spec/template/metadata/annotations",
    ),
    made(any("Deployment"), "spec/template/metadata/annotations"),
    made(any("ReplicaSet"), "spec/template/metadata/annotations"),
    made(any("DaemonSet"), "spec/template/metadata/annotations"),
    made(any("StatefulSet"), "spec/template/metadata/annotations"),
    made(of("batch", "Job"), "spec/template/metadata/annotations"),
    made(
        of("batch", "CronJob"),
        "spec/jobTemplate/metadata/annotations",
    ),
    made(
        of("batch", "CronJob"),
        "spec/jobTemplate/spec/template/metadata/annotations",
    ),
];
