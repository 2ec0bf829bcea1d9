//! Which fields hold names of other objects, as tables.
//!
//! When a kustomization renames an object, kustomize follows its name into these fields; what is not here keeps the old name.

use super::fields::{Selector, any, of, v1};

/// A kind whose names other objects hold.
#[derive(Debug)]
pub(crate) struct Referral {
    /// The kind that is referred to.
    pub to: Selector,
    /// Fields of a Pod's spec that hold the name, and the objects that have a Pod's spec.
    pub pods: (&'static [Holder], &'static [&'static str]),
    /// Other fields that hold the name.
    pub from: &'static [(Selector, &'static str)],
}

/// Where a kind has its Pod's spec.
pub(crate) type Holder = (Selector, &'static str);

/// Objects whose Pods' settings (`ConfigMap`, `Secret`) are followed.
const CONFIG: &[Holder] = &[
    (v1("Pod"), "spec/"),
    (any("PodTemplate"), "template/spec/"),
    (any("Deployment"), "spec/template/spec/"),
    (any("ReplicaSet"), "spec/template/spec/"),
    (any("DaemonSet"), "spec/template/spec/"),
    (any("StatefulSet"), "spec/template/spec/"),
    (any("Job"), "spec/template/spec/"),
    (any("CronJob"), "spec/jobTemplate/spec/template/spec/"),
];

/// Objects whose Pods' accounts, claims and priorities are followed.
const IDENTITY: &[Holder] = &[
    (any("Pod"), "spec/"),
    (any("StatefulSet"), "spec/template/spec/"),
    (any("Deployment"), "spec/template/spec/"),
    (any("ReplicationController"), "spec/template/spec/"),
    (any("CronJob"), "spec/jobTemplate/spec/template/spec/"),
    (any("Job"), "spec/template/spec/"),
    (any("DaemonSet"), "spec/template/spec/"),
];

const NO_PODS: (&[Holder], &[&str]) = (&[], &[]);
const SCALED: &[(Selector, &str)] = &[(any("HorizontalPodAutoscaler"), "spec/scaleTargetRef/name")];
const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

/// All references, in the order in which kustomize follows them. A step that starts with `*` matches every key with that ending.
pub(crate) const REFERRALS: &[Referral] = &[
    Referral {
        to: Selector {
            group: "storage.k8s.io",
            version: "v1",
            kind: "StorageClass",
        },
        pods: NO_PODS,
        from: &[
            (any("PersistentVolume"), "spec/storageClassName"),
            (any("PersistentVolumeClaim"), "spec/storageClassName"),
            (
                any("StatefulSet"),
                "spec/volumeClaimTemplates/spec/storageClassName",
            ),
        ],
    },
    Referral {
        to: v1("ServiceAccount"),
        pods: (IDENTITY, &["serviceAccountName"]),
        from: &[
            (of(RBAC, "RoleBinding"), "subjects"),
            (of(RBAC, "ClusterRoleBinding"), "subjects"),
        ],
    },
    Referral {
        to: of(RBAC, "Role"),
        pods: NO_PODS,
        from: &[(of(RBAC, "RoleBinding"), "roleRef/name")],
    },
    Referral {
        to: of(RBAC, "ClusterRole"),
        pods: NO_PODS,
        from: &[
            (of(RBAC, "RoleBinding"), "roleRef/name"),
            (of(RBAC, "ClusterRoleBinding"), "roleRef/name"),
        ],
    },
    Referral {
        to: v1("ConfigMap"),
        pods: (
            CONFIG,
            &[
                "volumes/configMap/name",
                "volumes/projected/sources/configMap/name",
                "containers/env/valueFrom/configMapKeyRef/name",
                "containers/envFrom/configMapRef/name",
                "initContainers/env/valueFrom/configMapKeyRef/name",
                "initContainers/envFrom/configMapRef/name",
            ],
        ),
        from: &[
            (any("Node"), "spec/configSource/configMap"),
            (any("Role"), "rules/resourceNames"),
            (any("ClusterRole"), "rules/resourceNames"),
            (
                any("Ingress"),
                "metadata/annotations/*.ingress.kubernetes.io~1fastcgi-params-configmap",
            ),
        ],
    },
    Referral {
        to: v1("Secret"),
        pods: (
            CONFIG,
            &[
                "volumes/secret/secretName",
                "volumes/projected/sources/secret/name",
                "containers/env/valueFrom/secretKeyRef/name",
                "containers/envFrom/secretRef/name",
                "initContainers/env/valueFrom/secretKeyRef/name",
                "initContainers/envFrom/secretRef/name",
                "imagePullSecrets/name",
            ],
        ),
        from: &[
            (any("Ingress"), "spec/tls/secretName"),
            (
                any("Ingress"),
                "metadata/annotations/*ingress.kubernetes.io~1auth-secret",
            ),
            (
                any("Ingress"),
                "metadata/annotations/*.ingress.kubernetes.io~1auth-tls-secret",
            ),
            (any("ServiceAccount"), "imagePullSecrets/name"),
            (any("StorageClass"), "parameters/secretName"),
            (any("StorageClass"), "parameters/adminSecretName"),
            (any("StorageClass"), "parameters/userSecretName"),
            (any("StorageClass"), "parameters/secretRef"),
            (any("Role"), "rules/resourceNames"),
            (any("ClusterRole"), "rules/resourceNames"),
            (
                Selector {
                    group: "serving.knative.dev",
                    version: "v1",
                    kind: "Service",
                },
                "spec/template/spec/containers/env/valueFrom/secretKeyRef/name",
            ),
            (any("PersistentVolume"), "spec/*File/secretName"),
        ],
    },
    Referral {
        to: v1("Service"),
        pods: NO_PODS,
        from: &[
            (of("apps", "StatefulSet"), "spec/serviceName"),
            (any("Ingress"), "spec/rules/http/paths/backend/serviceName"),
            (any("Ingress"), "spec/backend/serviceName"),
            (any("Ingress"), "spec/rules/http/paths/backend/service/name"),
            (any("Ingress"), "spec/defaultBackend/service/name"),
            (
                of("apiregistration.k8s.io", "APIService"),
                "spec/service/name",
            ),
            (
                of(ADMISSION, "ValidatingWebhookConfiguration"),
                "webhooks/clientConfig/service",
            ),
            (
                of(ADMISSION, "MutatingWebhookConfiguration"),
                "webhooks/clientConfig/service",
            ),
        ],
    },
    Referral {
        to: Selector {
            group: "scheduling.k8s.io",
            version: "v1",
            kind: "PriorityClass",
        },
        pods: (IDENTITY, &["priorityClassName"]),
        from: &[],
    },
    Referral {
        to: v1("PersistentVolume"),
        pods: NO_PODS,
        from: &[
            (any("PersistentVolumeClaim"), "spec/volumeName"),
            (any("ClusterRole"), "rules/resourceNames"),
        ],
    },
    Referral {
        to: v1("PersistentVolumeClaim"),
        pods: (IDENTITY, &["volumes/persistentVolumeClaim/claimName"]),
        from: &[],
    },
    Referral {
        to: any("Deployment"),
        pods: NO_PODS,
        from: SCALED,
    },
    Referral {
        to: any("StatefulSet"),
        pods: NO_PODS,
        from: SCALED,
    },
    Referral {
        to: any("ReplicaSet"),
        pods: NO_PODS,
        from: SCALED,
    },
    Referral {
        to: any("ReplicationController"),
        pods: NO_PODS,
        from: SCALED,
    },
    Referral {
        to: of(ADMISSION, "ValidatingAdmissionPolicy"),
        pods: NO_PODS,
        from: &[(
            of(ADMISSION, "ValidatingAdmissionPolicyBinding"),
            "spec/policyName",
        )],
    },
];

/// The fields of an object that hold names of other objects, as paths.
pub(crate) fn references(
    group: &str,
    version: &str,
    kind: &str,
) -> Vec<(&'static Referral, String)> {
    let mut all = Vec::new();
    for referral in REFERRALS {
        let (holders, paths) = referral.pods;
        for (_, before) in holders
            .iter()
            .filter(|(on, _)| on.matches(group, version, kind))
        {
            all.extend(
                paths
                    .iter()
                    .map(|path| (referral, format!("{before}{path}"))),
            );
        }
        let other = referral
            .from
            .iter()
            .filter(|(on, _)| on.matches(group, version, kind));
        all.extend(other.map(|(_, path)| (referral, (*path).to_owned())));
    }
    all
}
