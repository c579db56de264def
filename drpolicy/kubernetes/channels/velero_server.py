"""Velero's server and its node agent, as a chart or an operator makes them: their arguments, images and plugins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from drpolicy.kubernetes.channels.interface import Release
from drpolicy.kubernetes.channels.rendered_objects import object_of, truthy
from drpolicy.kubernetes.embedded import embedded
from drpolicy.kubernetes.navigation import elements, inside, strings
from drpolicy.kubernetes.objects import Manifest
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
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
    yield deployment(release, flags, more, rest or values.value.rest, _image(values), _plugins(inside(values, "initContainers")))


def deployment(
    release: Release,
    flags: Mapping[str, Value[Any]],
    more: Value[Any],
    rest: Unknown | None,
    image: Value[str],
    plugins: Value[Any],
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
        "image": image,
        "command": Known(Members((Member(Known("/velero", origin)),)), origin),
        "args": Known(arguments, origin),
    }
    return _workload(release, "Deployment", "velero", container, plugins, Truth.TRUE, None)


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
    initial: Value[Any] | None,
    presence: Truth,
    why: Unknown | None,
) -> Manifest:
    origin = Written(release.span)
    kept = Object({key: value for key, value in container.items() if not isinstance(value, Absent)})
    pod: dict[str, Value[Any]] = {"containers": Known(Members((Member(Known(kept, origin)),)), origin)}
    if initial is not None and not isinstance(initial, Absent):
        pod["initContainers"] = initial
    template = Known(Object({"spec": Known(Object(pod), origin)}), origin)
    fields = {"spec": Known(Object({"template": template}), origin)}
    named = Known(name, origin)
    return object_of(release, "apps/v1", kind, named, fields, {}, release.span, Absent(Written(release.extent)), presence, why)


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


def _image(values: Value[Any]) -> Value[str]:
    image = inside(values, "image")
    tag = strings(inside(image, "tag"))
    repository = strings(inside(image, "repository"))
    match tag, repository:
        case Known(value=version, origin=origin), Known(value=name):
            return Known(f"{name}:{version}", origin)
        case Known(value=version, origin=origin), Absent():
            return Known(f"velero/velero:{version}", origin)
        case Unknown() as unknown, _:
            return unknown
        case _:
            return Absent(tag.origin)


def _plugins(value: Value[Any]) -> Value[Any]:
    """Return the initial containers: a list, or in newer charts a text that holds one."""
    if isinstance(value, Known) and isinstance(value.value, str):
        roots = embedded(value).roots
        return roots[0] if len(roots) == 1 else Absent(value.origin)
    return value
