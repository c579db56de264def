"""OpenShift's OADP operator: what it makes of a DataProtectionApplication.

Fields: oadp.openshift.io/v1alpha1 (openshift/oadp-operator, docs/API_ref.md, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from drpolicy.kubernetes.channels.interface import Files, Found, Release
from drpolicy.kubernetes.channels.rendered_objects import object_of, truthy
from drpolicy.kubernetes.channels.velero_server import ServerDetails, agent, deployment
from drpolicy.kubernetes.clusters import NotRead
from drpolicy.kubernetes.navigation import elements, inside
from drpolicy.kubernetes.objects import Manifest
from drpolicy.model.provenance import written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources.documents import header

_LOCATIONS: Final = (("backupLocations", "BackupStorageLocation"), ("snapshotLocations", "VolumeSnapshotLocation"))
_FLAGS: Final = {
    "features": "featureFlags",
    "default-snapshot-move-data": "defaultSnapshotMoveData",
    "default-volumes-to-fs-backup": "defaultVolumesToFSBackup",
    "default-item-operation-timeout": "defaultItemOperationTimeout",
}
_CSI: Final = "csi"
"""A default plugin that also sets the server's feature EnableCSI."""


def data_protection(manifest: Manifest, files: Files) -> Iterator[Found]:
    """Yield the locations, the server and the node agent of a DataProtectionApplication."""
    what = f"DataProtectionApplication {manifest.name}"
    spec = inside(manifest.value, "spec")
    made = Release(what, manifest.name, manifest.namespace, "", spec, manifest.home, manifest.span, manifest.extent, manifest.presence)
    for key, kind in _LOCATIONS:
        listing = inside(spec, key)
        for index, item in enumerate(elements(listing), 1):
            yield _location(made, kind, item, index)
        rest = listing.value.rest if isinstance(listing, Known) and isinstance(listing.value, Members) else None
        if isinstance(listing, Unknown) or rest is not None:
            yield NotRead(what, f"{key} is not known", written_at(listing.origin) or manifest.span, kind)
    velero = inside(spec, "configuration", "velero")
    flags = {flag: inside(velero, key) for flag, key in _FLAGS.items() if truthy(inside(velero, key)) is not Truth.FALSE}
    plugins = inside(velero, "defaultPlugins")
    if "features" not in flags and any(isinstance(each, Known) and each.value == _CSI for each in elements(plugins)):
        flags["features"] = Known("EnableCSI", plugins.origin)
    origin = velero.origin
    # Images and plugins are the operator's own.
    theirs = ServerDetails(Absent(origin), Unknown(Reason.OUTSIDE_SCOPE, f"plugins of {what}", manifest.origin))
    yield deployment(made, flags, Absent(origin), velero if isinstance(velero, Unknown) else None, theirs)
    enabled = inside(spec, "configuration", "nodeAgent", "enable")
    if isinstance(enabled, Absent):
        enabled = inside(spec, "configuration", "restic", "enable")
    presence = truthy(enabled)
    if presence is not Truth.FALSE:
        yield agent(made, presence, enabled if isinstance(enabled, Unknown) else None)


def _location(made: Release, kind: str, item: Value[Any], index: int) -> Manifest:
    spec = inside(item, "velero")
    cloud = inside(item, "bucket")
    if isinstance(spec, Absent) and not isinstance(cloud, Absent):
        spec = _of_cloud_storage(cloud)
    written = inside(item, "name")
    name: Value[str] = Known(f"{made.name}-{index}", item.origin) if isinstance(written, Absent) else written
    place = written_at(written.origin) if not isinstance(written, Absent) else None
    span = place or header(item) or made.span
    return object_of(made, "velero.io/v1", kind, name, {"spec": spec}, {}, span, item, Truth.TRUE, None)


def _of_cloud_storage(cloud: Value[Any]) -> Value[Any]:
    """Return the location of a bucket that the operator makes by itself: its name is that of another object."""
    reference = inside(cloud, "cloudStorageRef", "name")
    bucket = Unknown(Reason.OUTSIDE_SCOPE, "bucket of a CloudStorage", reference.origin)
    prefix = inside(cloud, "prefix")
    storage = Object({"bucket": bucket} if isinstance(prefix, Absent) else {"bucket": bucket, "prefix": prefix})
    provider = Unknown(Reason.OUTSIDE_SCOPE, "provider of a CloudStorage", reference.origin)
    fields: dict[str, Value[Any]] = {"provider": provider, "objectStorage": Known(storage, cloud.origin)}
    fields.update({key: inside(cloud, key) for key in ("config", "default", "credential", "backupSyncPeriod")})
    return Known(Object({key: value for key, value in fields.items() if not isinstance(value, Absent)}), cloud.origin)
