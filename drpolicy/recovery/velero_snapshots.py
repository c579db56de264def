"""Whether Velero can choose a snapshot location for every backup.

Before it makes a backup Velero looks for one snapshot location of each provider that has any in its namespace: the one that the backup
names, the only one, or the server's default one. Where it finds none the backup is FailedValidation, even if it would take no snapshot
(velero-io/velero, pkg/controller/backup_controller.go, validateAndGetSnapshotLocations, v1.18.0, read 2026-11). Providers are compared as
they are written there: ``aws`` and ``velero.io/aws`` are two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from drpolicy.catalog.velero import snapshot_locations_always_since
from drpolicy.catalog.versions import Version
from drpolicy.kubernetes.installations import Installation, installation
from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.navigation import strings
from drpolicy.kubernetes.server_settings import ServerSettings, servers
from drpolicy.kubernetes.velero import BackupSpec, SnapshotLocation, VeleroBackup, VeleroSchedule, snapshot_location
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.contradictions import Side, comparison
from drpolicy.recovery.locations import Site
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.velero_targets import absence_of

_KIND: Final = "VolumeSnapshotLocation"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A backup that Velero is asked for, again and again or once."""

    what: str
    resource: Resource
    spec: BackupSpec
    paused: Value[bool]


def asked_by_schedule(schedule: VeleroSchedule) -> Asked:
    """Return what a schedule asks for."""
    return Asked(f"schedule {schedule.name}", schedule.resource, schedule.template, schedule.paused)


def asked_by_backup(backup: VeleroBackup) -> Asked:
    """Return what a Backup object asks for."""
    never = Known(False, Derived("a Backup is made as soon as it is there", (Written(backup.span),)))
    return Asked(f"backup {backup.name}", backup.resource, backup.spec, never)


def snapshot_locations(
    asked: Iterable[Asked], objects: Sequence[Resource], site: Site, server: ServerSettings | None, found: Sequence[Installation]
) -> Agreement:
    """Look for the snapshot location of each provider that Velero chooses for the backups of a cluster."""
    locations = locations_in(objects)
    compared = [
        each
        for each in asked
        if truth_of(each.paused) is not Truth.TRUE
        and _looked_for(each, found) is not Truth.FALSE
        and _arises(each, _beside(each, locations))
    ]
    if not compared:
        return NOT_COMPARED
    sides: list[Side] = []
    unknown: Unknown | None = None
    for each in compared:
        for side, doubt in _refusals(each, _beside(each, locations), site, server):
            doubt = doubt or _doubt(each, found)
            if doubt is None:
                sides.append(side)
            unknown = unknown or doubt
    if any(not each.spec.snapshot_locations.elements for each in compared):
        # One more of a provider would make it two.
        unknown = unknown or site.tree.unread(_KIND)
    return comparison("every backup has one snapshot location of each provider", sides, unknown, Written(compared[0].resource.span))


def chosen_for(
    asked: Sequence[Asked], objects: Sequence[Resource], sites: Iterable[Site], settings: Mapping[str, ServerSettings]
) -> dict[str, Value[bool]]:
    """Return whether Velero can choose a snapshot location for each backup for which the question arises, by the object's key."""
    chosen: dict[str, Value[bool]] = {}
    with_locations = {each.cluster for each in locations_in(objects)}
    for site in (each for each in sites if each.name in with_locations):
        own = [each for each in objects if each.deployment == site.name]
        found = [installation(each) for each in servers(own).get(site.name, ()) if each.resource.presence is Truth.TRUE]
        for each in (one for one in asked if one.resource.deployment == site.name):
            agreed = snapshot_locations([each], own, site, settings.get(site.name), found)
            if agreed.compared:
                chosen[each.resource.key] = agreed.holds
    return chosen


def locations_in(objects: Iterable[Resource]) -> list[SnapshotLocation]:
    """Return the snapshot locations among objects."""
    return [found for each in objects if (found := snapshot_location(each)) is not None]


def _beside(asked: Asked, locations: Iterable[SnapshotLocation]) -> dict[str, SnapshotLocation]:
    """Return the snapshot locations in the namespace of a backup by their names; one that is written twice is one."""
    namespace = namespace_of(asked.resource)
    return {each.name: each for each in locations if each.namespace == namespace}


def _arises(asked: Asked, own: Mapping[str, SnapshotLocation]) -> bool:
    return len(own) > 1 or bool(own and asked.spec.snapshot_locations.elements)


def _refusals(
    asked: Asked, own: Mapping[str, SnapshotLocation], site: Site, server: ServerSettings | None
) -> Iterator[tuple[Side, Unknown | None]]:
    """Yield why Velero may refuse a backup, and what would have to be known for it to be certain."""
    names = [each for each in asked.spec.snapshot_locations if isinstance(each, Known)]
    open_name = next((each for each in asked.spec.snapshot_locations if isinstance(each, Unknown)), asked.spec.snapshot_locations.rest)
    header = Written(asked.resource.span)
    for name in names:
        if name.value not in own:
            there = ", ".join(sorted(own))
            elsewhere = _elsewhere(asked, name, own.values(), site) or site.tree.unread(_KIND)
            yield Side(f"{asked.what} names {name.value}, and there is {there} only", (name.origin,)), elsewhere
    unnamed = [each for each in own.values() if each.name not in {name.value for name in names}]
    open_provider = next((each.provider for each in unnamed if isinstance(each.provider, Unknown)), None)
    if open_provider is not None and len(unnamed) > 1:
        yield Side(f"{asked.what} may name none of several locations of one provider", (header,)), open_provider
    for provider, several in _by_provider(own.values()).items():
        chosen = {name.value: name for name in names if any(each.name == name.value for each in several)}
        places = tuple(Written(each.span) for each in several)
        listed = " and ".join(sorted(each.name for each in several))
        doubt = open_name or apart(several, site)
        if len(chosen) > 1:
            text = f"{asked.what} names {' and '.join(sorted(chosen))}, which are both of provider {provider}"
            yield Side(text, tuple(name.origin for name in chosen.values())), None
        elif not chosen and len(several) > 1:
            text = f"{asked.what} names none of {listed}, the snapshot locations of provider {provider}"
            default = _default(provider, server, site, header)
            if isinstance(default, Absent):
                yield Side(f"{text}, and the server has no default one", (header, *places)), doubt
            elif isinstance(default, Unknown):
                yield Side(text, (header, *places)), doubt or default
            elif default.value not in own:
                text = f"{text}, and the server's default one, {default.value}, is not there"
                yield Side(text, (header, default.origin, *places)), doubt or site.tree.unread(_KIND)


def _elsewhere(asked: Asked, name: Known[str], own: Iterable[SnapshotLocation], site: Site) -> Unknown | None:
    """Return why a location that a backup names may be in no file that was read: nothing says that the files are all of one cluster."""
    if site.tree.declared or any(_together(asked.resource, each.resource) for each in own):
        return None
    return Unknown(Reason.OUTSIDE_SCOPE, f"{_KIND} {name.value} on {site.name}", name.origin)


def _by_provider(locations: Iterable[SnapshotLocation]) -> dict[str, list[SnapshotLocation]]:
    """Return snapshot locations by their provider as it is written, where it is known."""
    found: dict[str, list[SnapshotLocation]] = {}
    for each in locations:
        provider = strings(each.resource.get("spec", "provider"))
        if isinstance(provider, Known):
            found.setdefault(provider.value, []).append(each)
    return found


def apart(several: Sequence[SnapshotLocation], site: Site) -> Unknown | None:
    """Return why snapshot locations may not be on one cluster together: files of a directory may be for one cluster each."""
    absent = next((each.resource for each in several if each.resource.presence is Truth.UNKNOWN), None)
    if absent is not None:
        return absence_of(absent)
    first = several[0]
    other = next((each for each in several[1:] if not _together(first.resource, each.resource)), None)
    if site.tree.declared or other is None:
        return None
    text = f"whether {first.name} of {first.span.path} and {other.name} of {other.span.path} are on one cluster"
    return Unknown(Reason.AMBIGUOUS, text, Written(other.span))


def _together(one: Resource, other: Resource) -> bool:
    appliers = {(each.what, each.span.path, each.span.offset) for each in one.applied_by}
    return one.span.path == other.span.path or any((each.what, each.span.path, each.span.offset) in appliers for each in other.applied_by)


def _default(provider: str, server: ServerSettings | None, site: Site, header: Written) -> Value[str]:
    """Return the server's default snapshot location of a provider: ``aws:nightly,azure:other``."""
    if server is None:
        # One that is not read may be started with one.
        return Unknown(Reason.OUTSIDE_SCOPE, f"--default-volume-snapshot-locations on {site.name}", header)
    given = server.default_snapshot_locations
    if not isinstance(given, Known):
        return given
    pairs = (each.rpartition(":") for each in given.value.split(","))
    return next((Known(name.strip(), given.origin) for key, _, name in pairs if key.strip() == provider), Absent(given.origin))


def _doubt(asked: Asked, found: Sequence[Installation]) -> Unknown | None:
    """Return why Velero may not come to look for the snapshot location of a backup."""
    if asked.resource.presence is Truth.UNKNOWN:
        return absence_of(asked.resource)
    if isinstance(asked.paused, Unknown):
        return asked.paused
    if _looked_for(asked, found) is Truth.TRUE:
        return None
    snapshots, version = asked.spec.snapshot_volumes, _version(found)
    outside = Unknown(Reason.OUTSIDE_SCOPE, "version of the server", snapshots.origin)
    return snapshots if isinstance(snapshots, Unknown) else version if isinstance(version, Unknown) else outside


def _looked_for(asked: Asked, found: Sequence[Installation]) -> Truth:
    """Whether Velero looks for snapshot locations for a backup at all."""
    snapshots, version = asked.spec.snapshot_volumes, _version(found)
    taken = Truth.TRUE if isinstance(snapshots, Absent) else truth_of(snapshots)
    always = Truth.of(version.value >= snapshot_locations_always_since()) if isinstance(version, Known) else Truth.UNKNOWN
    return taken | always


def _version(found: Sequence[Installation]) -> Value[Version] | None:
    return found[0].image.version if len(found) == 1 else None
