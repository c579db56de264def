"""Namespaces, the workloads in them, and the persistent volumes these hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drpolicy.kubernetes.kinds import kind_of, namespace_of, pod_path
from drpolicy.kubernetes.navigation import elements, entries, inside, place, strings, text
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value

_OPT_IN = "backup.velero.io/backup-volumes"
_OPT_OUT = "backup.velero.io/backup-volumes-excludes"


@dataclass(frozen=True, slots=True, eq=False)
class VolumeClaim:
    """A persistent volume claim, or the template of one in a StatefulSet.

    ``opted_in`` and ``opted_out`` say whether a pod that mounts it names its volume in an annotation for file system backup; both are
    FALSE when no workload in the files mounts it.
    """

    name: str
    resource: Resource
    storage_class: Value[str]
    size: Value[str]
    span: Span
    labels: Value[Any]
    opted_in: Truth = Truth.FALSE
    opted_out: Truth = Truth.FALSE


@dataclass(frozen=True, slots=True, eq=False)
class NamespaceData:
    """What the manifests of a cluster put into one namespace. It holds data when it has claims.

    ``labels`` are those of the Namespace object; ``opted_in`` says whether the pods opt volumes in to Velero's file system backup.
    ``span`` is the Namespace object, else the first claim, else the first workload.
    """

    cluster: str
    name: str
    workloads: tuple[Resource, ...]
    claims: tuple[VolumeClaim, ...]
    span: Span
    labels: Mapping[str, Value[str]] = field(default_factory=dict)
    opted_in: Truth = Truth.FALSE


def pod_template(resource: Resource) -> Value[Any]:
    """Return the pod of a workload, with ``metadata`` and ``spec``; Absent for anything else."""
    path = pod_path(resource)
    return Absent(resource.get().origin) if path is None else resource.get(*path)


def containers(resource: Resource, *, initial: bool = True) -> Iterator[Value[Any]]:
    """Yield the containers of a workload, the initial ones first."""
    spec = inside(pod_template(resource), "spec")
    if initial:
        yield from elements(inside(spec, "initContainers"))
    yield from elements(inside(spec, "containers"))


def namespaces(resources: Sequence[Resource]) -> tuple[NamespaceData, ...]:
    """Return the namespaces that have an object, a workload or a claim, by cluster, in the order of the resources."""
    groups: dict[tuple[str, str], list[Resource]] = {}
    for resource in resources:
        kind = kind_of(resource)
        if resource.channel != "manifest":
            continue
        if resource.type == "v1/Namespace":
            groups.setdefault((resource.deployment, resource.name), []).append(resource)
        elif pod_path(resource) is not None or (kind == "PersistentVolumeClaim" and resource.type == "v1/PersistentVolumeClaim"):
            groups.setdefault((resource.deployment, namespace_of(resource)), []).append(resource)
    return tuple(_namespace(cluster, name, group) for (cluster, name), group in groups.items())


def _namespace(cluster: str, name: str, group: Sequence[Resource]) -> NamespaceData:
    workloads = tuple(resource for resource in group if pod_path(resource) is not None)
    claims = tuple(_with_options(claim, workloads) for resource in group for claim in _claims(resource))
    declared = next((resource for resource in group if resource.type == "v1/Namespace"), None)
    span = declared.span if declared is not None else claims[0].span if claims else group[0].span
    labels = {} if declared is None else {key: strings(value) for key, value in entries(declared.get("metadata", "labels"))}
    return NamespaceData(cluster, name, workloads, claims, span, labels, _opted_in(workloads))


def _claims(resource: Resource) -> Iterator[VolumeClaim]:
    if resource.type == "v1/PersistentVolumeClaim":
        yield _claim(resource.name, resource, resource.get(), resource.span)
    elif kind_of(resource) == "StatefulSet" and pod_path(resource) is not None:
        for template in elements(resource.get("spec", "volumeClaimTemplates")):
            named = inside(template, "metadata", "name")
            yield _claim(text(named) or "", resource, template, place(named, resource.span))


def _claim(name: str, resource: Resource, root: Value[Any], span: Span) -> VolumeClaim:
    spec = inside(root, "spec")
    size = strings(inside(spec, "resources", "requests", "storage"))
    return VolumeClaim(name, resource, strings(inside(spec, "storageClassName")), size, span, inside(root, "metadata", "labels"))


def _with_options(claim: VolumeClaim, workloads: Sequence[Resource]) -> VolumeClaim:
    """Return a claim with what the pods that mount it say of their volumes."""
    opted_in, opted_out = Truth.FALSE, Truth.FALSE
    for workload in workloads:
        pod = pod_template(workload)
        for volume in _mounted_as(claim, workload, pod):
            opted_in = opted_in | _named(inside(pod, "metadata", "annotations", _OPT_IN), volume)
            opted_out = opted_out | _named(inside(pod, "metadata", "annotations", _OPT_OUT), volume)
    return replace(claim, opted_in=opted_in, opted_out=opted_out)


def _mounted_as(claim: VolumeClaim, workload: Resource, pod: Value[Any]) -> Iterator[str]:
    """Yield the names that a claim has among the volumes of a pod."""
    if claim.resource is workload:
        yield claim.name
    elif claim.resource.type == "v1/PersistentVolumeClaim":
        for volume in elements(inside(pod, "spec", "volumes")):
            if text(inside(volume, "persistentVolumeClaim", "claimName")) == claim.name:
                yield text(inside(volume, "name")) or ""


def _named(annotation: Value[Any], volume: str) -> Truth:
    match annotation:
        case Known(value=str() as written):
            # Velero does not strip the names (pkg/util/podvolume/pod_volume.go, read 2026-11).
            return Truth.of(volume in written.split(","))
        case Unknown():
            return Truth.UNKNOWN
        case _:
            return Truth.FALSE


def _opted_in(workloads: Sequence[Resource]) -> Truth:
    """Whether any pod is annotated for file system backup; UNKNOWN when its annotations are."""
    result = Truth.FALSE
    for resource in workloads:
        value = inside(pod_template(resource), "metadata", "annotations", _OPT_IN)
        match value:
            case Known():
                return Truth.TRUE
            case Unknown():
                result = Truth.UNKNOWN
            case _:
                pass
    return result
