"""Velero's Helm chart: the objects that it renders from its values.

Charts of vmware-tanzu/helm-charts: velero 12.1.0 (templates read 2026-11), and the map form of charts before 4.0, in which the provider
stands beside the location.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from drpolicy.kubernetes.channels.interface import Found, Release
from drpolicy.kubernetes.channels.rendered_objects import object_of, truthy
from drpolicy.kubernetes.channels.velero_cleanup import cleanup
from drpolicy.kubernetes.channels.velero_identity import fullname, identity
from drpolicy.kubernetes.channels.velero_server import node_agent, server
from drpolicy.kubernetes.clusters import NotRead
from drpolicy.kubernetes.embedded import embedded
from drpolicy.kubernetes.navigation import elements, entries, inside, strings
from drpolicy.kubernetes.objects import Manifest, objects_in
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value, members
from drpolicy.sources.documents import KeyedObject, header

_SEARCH_DEPTH: Final = 3
_LOCATIONS: Final = {"backupStorageLocation": "BackupStorageLocation", "volumeSnapshotLocation": "VolumeSnapshotLocation"}
_STORAGE_FIELDS: Final = ("credential", "accessMode", "default", "validationFrequency", "backupSyncPeriod")
_SCHEDULE_FIELDS: Final = ("useOwnerReferencesInBackup", "skipImmediately", "template")


def render(release: Release) -> Iterator[Found]:
    """Yield what Velero's chart renders from a release's values, at any key of them; what cannot be told is named as not read."""
    values = release.values
    if release.chart == "velero":
        found = [values]
    else:
        found = list(velero_values(values, _SEARCH_DEPTH))
    if not found and isinstance(values, Unknown) and "velero" in f"{release.chart} {release.name}".lower():
        found = [values]
    for each in found:
        yield from _rendered(release, each)


def velero_values(values: Value[Any], depth: int) -> Iterator[Value[Any]]:
    """Yield the mappings in which Velero's own values stand: they are known by their shape, under whatever key."""
    if not isinstance(values, Known) or not isinstance(values.value, Object):
        return
    if _looks_like_velero(values):
        yield values
    elif depth:
        for each in values.value.fields.values():
            yield from velero_values(each, depth - 1)


def _looks_like_velero(values: Value[Any]) -> bool:
    """Whether a mapping has Velero's own keys, as they are written: what may be in one that is not known tells nothing."""
    fields = dict(entries(values))
    configuration, schedules = fields.get("configuration"), fields.get("schedules")
    if configuration is not None and any(name in _LOCATIONS for name, _ in entries(configuration)):
        return True
    found = () if schedules is None else (dict(entries(each)) for _, each in entries(schedules))
    return any("schedule" in each and isinstance(each.get("template"), Known) for each in found)


def _rendered(release: Release, values: Value[Any]) -> Iterator[Found]:
    if isinstance(values, Absent):
        values = Known(KeyedObject({}), values.origin)
    if not isinstance(values, Known) or not isinstance(values.value, Object):
        yield NotRead(release.what, "the values of Velero's chart are not known; check the rendered manifests", release.span, "*")
        return
    yield from _locations(release, values)
    yield from _schedules(release, values)
    yield from server(release, values)
    yield from node_agent(release, values)
    yield from identity(release, values)
    yield from cleanup(release, values)
    yield from alerts(release, values)
    yield from _further(release, values)


def _locations(release: Release, values: Known[Any]) -> Iterator[Found]:
    configuration = inside(values, "configuration")
    for key, kind in _LOCATIONS.items():
        enabled = inside(values, "backupsEnabled" if kind == "BackupStorageLocation" else "snapshotsEnabled")
        wanted = Truth.TRUE if isinstance(enabled, Absent) else truthy(enabled)
        if wanted is Truth.FALSE:
            continue
        why = enabled if isinstance(enabled, Unknown) else None
        listing = inside(configuration, key)
        match listing:
            case Known(value=Members() as items):
                for member in items.elements:
                    presence = wanted & member.presence
                    if isinstance(member.value, Unknown) or presence is Truth.FALSE:
                        if isinstance(member.value, Unknown):
                            yield _open(release, kind, member.value)
                        continue
                    yield from _location(release, kind, member.value, configuration, presence, why or member.why)
                if items.rest is not None:
                    yield _open(release, kind, items.rest)
            case Known(value=Object()):
                yield from _location(release, kind, listing, configuration, wanted, why)
            case Unknown():
                yield _open(release, kind, listing)
            case Absent() if release.partial and _unwritten(values, "configuration", key):
                yield _open(release, kind, _elsewhere(release, f"configuration.{key}"))
            case _:
                continue


def _unwritten(values: Value[Any], *path: str) -> bool:
    """Whether partial values say nothing at all of the section in which a value would stand."""
    return isinstance(inside(values, *path), Absent)


def _location(
    release: Release, kind: str, item: Value[Any], configuration: Value[Any], presence: Truth, why: Unknown | None
) -> Iterator[Manifest]:
    provider = inside(item, "provider")
    if isinstance(provider, Absent):
        provider = inside(configuration, "provider")
    bucket = inside(item, "bucket")
    if kind == "BackupStorageLocation" and isinstance(provider, Absent) and isinstance(bucket, Absent):
        # What the chart's own values hold where nothing has been filled in.
        return
    if kind == "VolumeSnapshotLocation" and isinstance(provider, Absent) and isinstance(inside(item, "config"), Absent):
        return
    written = inside(item, "name")
    name = Known("default", written.origin) if isinstance(written, Absent) else strings(written)
    spec: dict[str, Value[Any]] = {"provider": provider, "config": _quoted(inside(item, "config"))}
    if kind == "BackupStorageLocation":
        spec.update({field: inside(item, field) for field in _STORAGE_FIELDS if truthy(inside(item, field)) is not Truth.FALSE})
        storage = {"bucket": strings(bucket), "prefix": strings(inside(item, "prefix")), "caCert": inside(item, "caCert")}
        spec["objectStorage"] = _present(storage, item)
    else:
        spec["credential"] = inside(item, "credential")
    metadata = {"annotations": inside(item, "annotations")}
    place = _place(written, item, release)
    yield object_of(release, "velero.io/v1", kind, name, {"spec": _present(spec, item)}, metadata, place, item, presence, why)


def _place(name: Value[Any], item: Value[Any], release: Release) -> Span:
    written = written_at(name.origin) if not isinstance(name, Absent) else None
    return written or header(item) or release.span


def _present(fields: Mapping[str, Value[Any]], around: Value[Any]) -> Known[Object]:
    return Known(Object({name: value for name, value in fields.items() if not isinstance(value, Absent)}), around.origin)


def _quoted(config: Value[Any]) -> Value[Any]:
    """Return a provider's settings as the chart writes them: every value as a text."""
    if not isinstance(config, Known) or not isinstance(config.value, Object):
        return config
    fields = {name: strings(value) for name, value in config.value.fields.items()}
    return Known(KeyedObject(fields, config.value.rest, _keys(config.value)), config.origin)


def _keys(value: Object) -> Mapping[str, Span]:
    return value.keys if isinstance(value, KeyedObject) else {}


def _schedules(release: Release, values: Known[Any]) -> Iterator[Found]:
    schedules = inside(values, "schedules")
    match schedules:
        case Known(value=Object() as inner):
            keys = _keys(inner)
            full = fullname(release, values)
            for key, item in inner.fields.items():
                if isinstance(item, Absent):
                    continue
                yield _schedule(release, key, item, full, keys.get(key) or header(item) or release.span)
            if inner.rest is not None:
                yield _open(release, "Schedule", inner.rest)
        case Unknown():
            yield _open(release, "Schedule", schedules)
        case Absent() if release.partial:
            yield _open(release, "Schedule", _elsewhere(release, "schedules"))
        case _:
            return


def _schedule(release: Release, key: str, item: Value[Any], full: str, place: Span) -> Manifest:
    disabled, paused = inside(item, "disabled"), inside(item, "paused")
    # A schedule that is disabled is not made at all. It stands in the files all the same, for somebody to take for a backup.
    off = disabled if truthy(disabled) is not Truth.FALSE else paused
    spec = {"schedule": strings(inside(item, "schedule")), "paused": off}
    spec.update({field: inside(item, field) for field in _SCHEDULE_FIELDS})
    metadata = {"labels": inside(item, "labels"), "annotations": inside(item, "annotations")}
    name = Known(f"{full}-{key}", item.origin)
    found: dict[str, Value[Any]] = {"spec": item if isinstance(item, Unknown) else _present(spec, item)}
    return object_of(release, "velero.io/v1", "Schedule", name, found, metadata, place, item, Truth.TRUE, None)


def alerts(release: Release, values: Known[Any]) -> Iterator[Manifest]:
    """Yield the alerts that the chart takes along; they are made only where they are switched on and there are any."""
    rules = inside(values, "metrics", "prometheusRule")
    enabled, spec = inside(rules, "enabled"), inside(rules, "spec")
    presence = truthy(enabled) & truthy(spec)
    if presence is Truth.FALSE:
        return
    group = Known(Object({"name": Known("velero", spec.origin), "rules": spec}), spec.origin)
    fields = {"spec": Known(Object({"groups": Known(members([group]), spec.origin)}), spec.origin)}
    why = next((each for each in (enabled, spec) if isinstance(each, Unknown)), None)
    name = Known(fullname(release, values), rules.origin)
    place = written_at(rules.origin) or release.span
    yield object_of(release, "monitoring.coreos.com/v1", "PrometheusRule", name, fields, {}, place, rules, presence, why)


def _further(release: Release, values: Known[Any]) -> Iterator[Found]:
    """Yield the ConfigMaps and the objects of any kind that the chart takes along."""
    maps = inside(values, "configMaps")
    if isinstance(maps, Known) and isinstance(maps.value, Object):
        full, keys = fullname(release, values), _keys(maps.value)
        for key, item in maps.value.fields.items():
            name = Known(f"{full}-{key}", item.origin)
            place = keys.get(key) or release.span
            fields = {"data": inside(item, "data")}
            yield object_of(release, "v1", "ConfigMap", name, fields, {"labels": inside(item, "labels")}, place, item, Truth.TRUE, None)
    for extra in elements(inside(values, "extraObjects")):
        for root in embedded(extra).roots:
            place = written_at(root.origin) or release.extent
            yield from objects_in(release.home, root, place, release.namespace)


def _open(release: Release, kind: str, why: Unknown) -> NotRead:
    return NotRead(
        release.what, f"{why.symbol} is not known, so that there may be more of {kind}", written_at(why.origin) or release.span, kind
    )


def _elsewhere(release: Release, what: str) -> Unknown:
    return Unknown(Reason.OUTSIDE_SCOPE, f"{what} of {release.what}", Written(release.span))
