"""Velero's server and its node agent, as a chart or an operator makes them: their arguments, images and plugins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from drpolicy.kubernetes.channels.interface import Release
from drpolicy.kubernetes.channels.rendered_objects import object_of, truthy
from drpolicy.kubernetes.channels.velero_identity import given, pod_of
from drpolicy.kubernetes.channels.velero_images import CHART_LABEL, chart_label, image_of
from drpolicy.kubernetes.embedded import embedded
from drpolicy.kubernetes.navigation import elements, inside, strings
from drpolicy.kubernetes.objects import Manifest
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value

FLAGS: Final = {
    "backupSyncPeriod": "backup-sync-period",
    "defaultBackupStorageLocation": "default-backup-storage-location",
    "defaultBackupTTL": "default-backup-ttl",
    "defaultVolumeSnapshotLocations": "default-volume-snapshot-locations",
    "defaultVolumesToFsBackup": "default-volumes-to-fs-backup",
    "defaultVolumesToRestic": "default-volumes-to-fs-backup",
    "defaultSnapshotMoveData": "default-snapshot-move-data",
    "defaultItemOperationTimeout": "default-item-operation-timeout",
    "disableControllers": "disable-controllers",
    "garbageCollectionFrequency": "garbage-collection-frequency",
    "restoreOnlyMode": "restore-only",
    "storeValidationFrequency": "store-validation-frequency",
    "uploaderType": "uploader-type",
    "features": "features",
}
"""Values of the chart and the flags of the server that they set (chart velero 12.1.0, templates/deployment.yaml, read 2026-11)."""


def server(release: Release, values: Known[Any]) -> Iterator[Manifest]:
    """Yield the Deployment of the server."""
    configuration = inside(values, "configuration")
    flags = {flag: inside(configuration, key) for key, flag in FLAGS.items() if truthy(inside(configuration, key)) is not Truth.FALSE}
    rest = configuration if isinstance(configuration, Unknown) else None
    if isinstance(configuration, Known) and isinstance(configuration.value, Object):
        rest = configuration.value.rest
    more = inside(configuration, "extraArgs")
    pod, container = pod_of(release, values)
    plugins = given(release, _plugins(inside(values, "initContainers")), "initContainers")
    image = image_of(release, values)
    annotations = inside(values, "podAnnotations")
    labels = Known(Object({CHART_LABEL: chart_label(release)}), Written(release.span))
    details = ServerDetails(image, plugins, pod, container, annotations, labels)
    yield deployment(release, flags, more, rest or values.value.rest, details)


@dataclass(frozen=True, slots=True, eq=False)
class ServerDetails:
    """What a server has beside its flags: its image, its plugins, and fields of its pod, of its container and of the object."""

    image: Value[str]
    plugins: Value[Any]
    pod: Mapping[str, Value[Any]] = field(default_factory=dict)
    container: Mapping[str, Value[Any]] = field(default_factory=dict)
    pod_annotations: Value[Any] | None = None
    labels: Value[Any] | None = None


def deployment(
    release: Release, flags: Mapping[str, Value[Any]], more: Value[Any], rest: Unknown | None, details: ServerDetails
) -> Manifest:
    """Return the Deployment of a server that is started with flags; ``rest`` says why it may have further ones."""
    origin = Written(release.span)
    given = [Member(_argument(flag, value)) for flag, value in flags.items()]
    if isinstance(more, Known) and isinstance(more.value, Members):
        given.extend(more.value.elements)
        rest = rest or more.value.rest
    elif isinstance(more, Unknown):
        rest = rest or more
    arguments = Members((Member(Known("server", origin)), *given), rest)
    container = {
        "name": Known("velero", origin),
        "image": details.image,
        "command": Known(Members((Member(Known("/velero", origin)),)), origin),
        "args": Known(arguments, origin),
        **details.container,
    }
    return _workload(release, "Deployment", "velero", container, details, Truth.TRUE, None)


def node_agent(release: Release, values: Known[Any]) -> Iterator[Manifest]:
    """Yield the DaemonSet of the node agent, which charts before 3.0 called restic."""
    for key in ("deployNodeAgent", "deployRestic"):
        wanted = inside(values, key)
        presence = truthy(wanted)
        if presence is not Truth.FALSE:
            yield agent(release, presence, wanted if isinstance(wanted, Unknown) else None)
            return
    if release.partial and isinstance(inside(values, "deployNodeAgent"), Absent):
        why = Unknown(Reason.OUTSIDE_SCOPE, f"deployNodeAgent of {release.what}", Written(release.span))
        yield agent(release, Truth.UNKNOWN, why)


def agent(release: Release, presence: Truth, why: Unknown | None) -> Manifest:
    """Return the DaemonSet of the node agent."""
    return _workload(release, "DaemonSet", "node-agent", {"name": Known("node-agent", Written(release.span))}, None, presence, why)


def _workload(
    release: Release,
    kind: str,
    name: str,
    container: Mapping[str, Value[Any]],
    details: ServerDetails | None,
    presence: Truth,
    why: Unknown | None,
) -> Manifest:
    origin = Written(release.span)
    kept = Object({key: value for key, value in container.items() if not isinstance(value, Absent)})
    pod: dict[str, Value[Any]] = {"containers": Known(Members((Member(Known(kept, origin)),)), origin)}
    about: dict[str, Value[Any]] = {}
    metadata: dict[str, Value[Any]] = {}
    if details is not None:
        pod.update(details.pod)
        if not isinstance(details.plugins, Absent):
            pod["initContainers"] = details.plugins
        if details.pod_annotations is not None and not isinstance(details.pod_annotations, Absent):
            about["metadata"] = Known(Object({"annotations": details.pod_annotations}), origin)
        if details.labels is not None:
            metadata["labels"] = details.labels
    template = Known(Object({**about, "spec": Known(Object(pod), origin)}), origin)
    fields = {"spec": Known(Object({"template": template}), origin)}
    named = Known(name, origin)
    return object_of(release, "apps/v1", kind, named, fields, metadata, release.span, Absent(Written(release.extent)), presence, why)


def _argument(flag: str, value: Value[Any]) -> Known[str] | Unknown:
    if isinstance(value, Known) and isinstance(value.value, Members):
        written = (strings(each) for each in elements(value))
        value = Known(",".join(each.value for each in written if isinstance(each, Known)), value.origin)
    given = strings(value)
    if isinstance(given, Known):
        return Known(f"--{flag}={given.value}", given.origin)
    prefix = Known(f"--{flag}=", value.origin)
    if isinstance(given, Unknown):
        parts = (prefix, *(given.parts or (given,)))
        return Unknown(given.reason, f"--{flag}={given.symbol}", given.origin, None, parts, root=given.cause)
    return prefix


def _plugins(value: Value[Any]) -> Value[Any]:
    """Return the initial containers: a list, or in newer charts a text that holds one."""
    if isinstance(value, Known) and isinstance(value.value, str):
        roots = embedded(value).roots
        return roots[0] if len(roots) == 1 else Absent(value.origin)
    return value
