"""Velero's objects as they take effect: what is written, and Velero's own default where nothing is.

Fields and defaults: API types of velero-io/velero (v1.18, read 2026-08) and the pages of velero.io named in ``_DOCS``. A default that
a flag of the server can change is the flag's own.
"""

from __future__ import annotations

from typing import Any, Final

from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.navigation import entries, flag, inside, name_in_aws, strings, texts
from drpolicy.kubernetes.server_settings import ServerSettings
from drpolicy.model.durations import go_duration
from drpolicy.model.provenance import Default
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Members, Unknown, Value, members

DEFAULT_TTL: Final = "720h"
_DOCS: Final = {
    "backup": "Velero docs, Backup API type (v1.18)",
    "schedule": "Velero docs, Schedule API type (v1.18)",
    "location": "Velero docs, BackupStorageLocation API type (v1.18)",
    "restore": "Velero docs, Restore API type (v1.18)",
}


@dataclass(frozen=True, slots=True, eq=False)
class StorageLocation:
    """A BackupStorageLocation. ``provider`` is without ``velero.io/``; the default of ``region`` is looked up from the bucket."""

    resource: Resource
    name: str
    namespace: str
    cluster: str
    provider: Value[str]
    bucket: Value[str]
    prefix: Value[str]
    region: Value[str]
    s3_url: Value[str]
    kms_key: Value[str]
    default: Value[bool]
    access_mode: Value[str]
    backup_sync_period: Value[str]
    validation_frequency: Value[str]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class SnapshotLocation:
    """A VolumeSnapshotLocation. ``provider`` is without ``velero.io/``."""

    resource: Resource
    name: str
    namespace: str
    cluster: str
    provider: Value[str]
    region: Value[str]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class BackupSpec:
    """What a backup takes along. Empty ``included`` lists mean everything; elements are Values, which may be globs.

    ``snapshot_volumes`` is Absent when not written: Velero then snapshots wherever it has a provider for the volume.
    """

    ttl: Value[str]
    storage_location: Value[str]
    snapshot_locations: Members[Value[str]]
    included_namespaces: Members[Value[str]]
    excluded_namespaces: Members[Value[str]]
    included_resources: Members[Value[str]]
    excluded_resources: Members[Value[str]]
    included_namespaced: Members[Value[str]]
    excluded_namespaced: Members[Value[str]]
    label_selector: Value[Any]
    or_label_selectors: Value[Any]
    resource_policy: Value[Any]
    include_cluster_resources: Value[bool]
    snapshot_volumes: Value[bool]
    snapshot_move_data: Value[bool]
    fs_backup: Value[bool]
    """``defaultVolumesToFsBackup``, or its deprecated forerunner ``defaultVolumesToRestic``."""
    hooks: Value[Any]


@dataclass(frozen=True, slots=True, eq=False)
class VeleroSchedule:
    """A Schedule. ``expression`` is the text of ``spec.schedule``; a number there is a text to the API, and invalid."""

    resource: Resource
    name: str
    namespace: str
    cluster: str
    expression: Value[str]
    paused: Value[bool]
    owner_references: Value[bool]
    template: BackupSpec
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class VeleroBackup:
    """A Backup object: made once, by hand or by whatever applies the file."""

    resource: Resource
    name: str
    namespace: str
    cluster: str
    spec: BackupSpec
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class VeleroRestore:
    """A Restore object: exactly one of ``backup`` and ``schedule`` is to be given."""

    resource: Resource
    name: str
    namespace: str
    cluster: str
    backup: Value[str]
    schedule: Value[str]
    included_namespaces: Members[Value[str]]
    namespace_mapping: Members[tuple[str, Value[str]]]
    existing_resource_policy: Value[str]
    span: Span


def storage_location(resource: Resource) -> StorageLocation | None:
    """Return a resource as a BackupStorageLocation; ``None`` when it is none."""
    if resource.type != "velero.io/v1/BackupStorageLocation":
        return None
    spec = resource.get("spec")
    source, span = _DOCS["location"], resource.span
    storage, config = inside(spec, "objectStorage"), inside(spec, "config")
    return StorageLocation(
        resource,
        resource.name,
        namespace_of(resource),
        resource.deployment,
        _provider(inside(spec, "provider")),
        name_in_aws(inside(storage, "bucket")),
        _or_default(name_in_aws(inside(storage, "prefix")), "", source, span),
        name_in_aws(inside(config, "region")),
        name_in_aws(inside(config, "s3Url")),
        name_in_aws(inside(config, "kmsKeyId")),
        flag(inside(spec, "default"), False, source, span),
        _or_default(strings(inside(spec, "accessMode")), "ReadWrite", source, span),
        _or_default(strings(inside(spec, "backupSyncPeriod")), "1m", source, span),
        _or_default(strings(inside(spec, "validationFrequency")), "1m", source, span),
        span,
    )


def snapshot_location(resource: Resource) -> SnapshotLocation | None:
    """Return a resource as a VolumeSnapshotLocation; ``None`` when it is none."""
    if resource.type != "velero.io/v1/VolumeSnapshotLocation":
        return None
    spec = resource.get("spec")
    provider, region = _provider(inside(spec, "provider")), name_in_aws(inside(spec, "config", "region"))
    return SnapshotLocation(resource, resource.name, namespace_of(resource), resource.deployment, provider, region, resource.span)


def schedule(resource: Resource, server: ServerSettings | None = None) -> VeleroSchedule | None:
    """Return a resource as a Velero Schedule; ``None`` when it is none. ``server`` fills in what it does not say."""
    if resource.type != "velero.io/v1/Schedule":
        return None
    spec = resource.get("spec")
    source, span = _DOCS["schedule"], resource.span
    return VeleroSchedule(
        resource,
        resource.name,
        namespace_of(resource),
        resource.deployment,
        strings(inside(spec, "schedule")),
        _paused(flag(inside(spec, "paused"), False, source, span), server),
        flag(inside(spec, "useOwnerReferencesInBackup"), False, source, span),
        _backup_spec(inside(spec, "template"), span, server),
        span,
    )


def backup(resource: Resource, server: ServerSettings | None = None) -> VeleroBackup | None:
    """Return a resource as a Velero Backup; ``None`` when it is none. ``server`` fills in what it does not say."""
    if resource.type != "velero.io/v1/Backup":
        return None
    spec = _backup_spec(resource.get("spec"), resource.span, server)
    return VeleroBackup(resource, resource.name, namespace_of(resource), resource.deployment, spec, resource.span)


def restore(resource: Resource) -> VeleroRestore | None:
    """Return a resource as a Velero Restore; ``None`` when it is none."""
    if resource.type != "velero.io/v1/Restore":
        return None
    spec = resource.get("spec")
    mapping = inside(spec, "namespaceMapping")
    rest = mapping if isinstance(mapping, Unknown) else None
    pairs = members(((name, strings(value)) for name, value in entries(mapping)), rest)
    return VeleroRestore(
        resource,
        resource.name,
        namespace_of(resource),
        resource.deployment,
        strings(inside(spec, "backupName")),
        strings(inside(spec, "scheduleName")),
        texts(inside(spec, "includedNamespaces")),
        pairs,
        _or_default(strings(inside(spec, "existingResourcePolicy")), "none", _DOCS["restore"], resource.span),
        resource.span,
    )


def _paused(written: Value[bool], server: ServerSettings | None) -> Value[bool]:
    """Return whether a schedule makes no backup: it is paused, or the server that would make them does not."""
    if server is None or (isinstance(written, Known) and written.value):
        return written
    if isinstance(server.stopped, Known) and server.stopped.value:
        return server.stopped
    return server.stopped if isinstance(server.stopped, Unknown) and isinstance(written, Known) else written


def _backup_spec(spec: Value[Any], span: Span, server: ServerSettings | None) -> BackupSpec:
    source = _DOCS["backup"]
    files = inside(spec, "defaultVolumesToFsBackup")
    if isinstance(files, Absent):
        files = inside(spec, "defaultVolumesToRestic")
    return BackupSpec(
        _ttl(strings(inside(spec, "ttl")), span, server),
        strings(inside(spec, "storageLocation")),
        texts(inside(spec, "volumeSnapshotLocations")),
        texts(inside(spec, "includedNamespaces")),
        texts(inside(spec, "excludedNamespaces")),
        texts(inside(spec, "includedResources")),
        texts(inside(spec, "excludedResources")),
        texts(inside(spec, "includedNamespaceScopedResources")),
        texts(inside(spec, "excludedNamespaceScopedResources")),
        inside(spec, "labelSelector"),
        inside(spec, "orLabelSelectors"),
        inside(spec, "resourcePolicy"),
        _boolean(inside(spec, "includeClusterResources")),
        _boolean(inside(spec, "snapshotVolumes")),
        flag(_otherwise(inside(spec, "snapshotMoveData"), server.move_data if server is not None else None), False, source, span),
        flag(_otherwise(files, server.fs_backup if server is not None else None), False, source, span),
        inside(spec, "hooks"),
    )


def _boolean(value: Value[Any]) -> Value[bool]:
    return value if not isinstance(value, Known) or isinstance(value.value, bool) else Absent(value.origin)


def _otherwise(value: Value[Any], server: Value[Any] | None) -> Value[Any]:
    return server if isinstance(value, Absent) and server is not None else value


def _ttl(value: Value[str], span: Span, server: ServerSettings | None) -> Value[str]:
    """Return the retention as it is written; a zero, and nothing, mean the server's default."""
    if isinstance(value, Known):
        try:
            if go_duration(value.value).seconds != 0:
                return value
        except ValueError:
            return value
    elif isinstance(value, Unknown):
        return value
    if server is not None and not isinstance(server.default_ttl, Absent):
        return server.default_ttl
    return Known(DEFAULT_TTL, Default(DEFAULT_TTL, _DOCS["backup"], span))


def _provider(value: Value[Any]) -> Value[str]:
    text = strings(value)
    return Known(text.value.removeprefix("velero.io/"), text.origin) if isinstance(text, Known) else text


def _or_default(value: Value[str], default: str, source: str, span: Span) -> Value[str]:
    return Known(default, Default(default or "empty", source, span)) if isinstance(value, Absent) else value
