"""Kinds of Kubernetes objects: which are read in full, which are only seen, where their pods and namespaces are."""

from __future__ import annotations

from typing import Final

from drpolicy.catalog.backup_tools import backup_tools
from drpolicy.catalog.operators import configuration_types, operator_types
from drpolicy.catalog.regional import regional_kinds
from drpolicy.model.resources import Resource

VELERO_GROUP: Final = "velero.io"
OWN_GROUP: Final = "drpolicy.dev"

POD_PATHS: Final[dict[str, tuple[str, ...]]] = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Where the pod is in each kind of workload (Kubernetes API reference v1.34)."""

WORKLOAD_GROUPS: Final = frozenset({"", "apps", "batch", "extensions"})

_READ: Final = frozenset(
    {("", kind) for kind in ("PersistentVolumeClaim", "ConfigMap", "Secret", "Service", "Namespace", "ServiceAccount")}
) | {
    ("rbac.authorization.k8s.io", "RoleBinding"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("argoproj.io", "Application"),
}

_READ_BESIDE: Final = frozenset(
    {
        ("storage.k8s.io", "StorageClass"),
        ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
        ("monitoring.coreos.com", "PrometheusRule"),
        ("external-secrets.io", "ExternalSecret"),
        ("bitnami.com", "SealedSecret"),
    }
)
"""Kinds that say something about what else is there, and nothing by themselves: a tree with nothing else is no cluster to judge."""

CLUSTER_SCOPED: Final = frozenset(
    {
        "APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterIssuer", "ClusterRole", "ClusterRoleBinding",
        "ClusterSecretStore", "CustomResourceDefinition", "FlowSchema", "GatewayClass", "IngressClass", "MutatingWebhookConfiguration",
        "Namespace", "Node", "PersistentVolume", "PriorityClass", "PriorityLevelConfiguration", "RuntimeClass", "StorageClass",
        "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration", "VolumeAttachment",
        "VolumeSnapshotClass", "VolumeSnapshotContent",
    }
)  # fmt: skip


def group_of(api_version: str) -> str:
    """Return the group of an apiVersion; empty for the core group."""
    return api_version.rpartition("/")[0]


def read_in_full(group: str, kind: str) -> bool:
    """Whether the values of an object are kept, and not only its name."""
    beside = (group, kind) in _READ_BESIDE or (group, kind) in configuration_types() or (group, kind) in backup_tools()
    return beside or matters(group, kind)


def matters(group: str, kind: str) -> bool:
    """Whether an object says by itself anything about recovery."""
    workload = kind in POD_PATHS and group in WORKLOAD_GROUPS
    return (
        group == VELERO_GROUP
        or workload
        or (group, kind) in _READ
        or (group, kind) in operator_types()
        or (group, kind) in regional_kinds()
    )


def kind_of(resource: Resource) -> str:
    """Return the kind of a resource of a manifest."""
    return resource.type.rpartition("/")[2]


def namespace_of(resource: Resource) -> str:
    """Return the namespace of a resource of a manifest; ``_`` for one that belongs to the whole cluster."""
    return resource.address.split("/", 2)[1]


def pod_path(resource: Resource) -> tuple[str, ...] | None:
    """Return where the pod of a workload is; ``None`` for any other resource."""
    group = group_of(resource.type.rpartition("/")[0])
    return POD_PATHS.get(kind_of(resource)) if group in WORKLOAD_GROUPS else None
