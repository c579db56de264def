"""Whose backups are in a storage location: the schedules that write there, how long each is kept, and what they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from drpolicy.kubernetes.coverage import captures
from drpolicy.kubernetes.server_settings import ServerSettings
from drpolicy.kubernetes.velero import VeleroSchedule
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.fleet import Fleet
from drpolicy.recovery.locations import Place
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.velero_targets import absence_of, target_of_backup
from drpolicy.recovery.velero_times import retention_of


@dataclass(frozen=True, slots=True, eq=False)
class Writer:
    """A schedule whose backups are in the bucket, at the prefix of the location that it writes to."""

    schedule: VeleroSchedule
    place: Place
    kept: Value[Duration]
    shares: Value[bool]
    """Whether it puts volume data into a repository."""
    doubt: Unknown | None
    """Why there may be none of its backups."""


def writers_of(place: Place, fleet: Fleet, schedules: Mapping[str, Sequence[VeleroSchedule]]) -> Iterator[Writer]:
    """Yield the schedules that write to a location, or may."""
    ours = [each for each in fleet.places if each.site is place.site]
    server = fleet.servers.get(place.site.name)
    for schedule in schedules.get(place.site.name, ()):
        target = target_of_backup(schedule.template, ours, server)
        stopped = truth_of(schedule.paused)
        if stopped is Truth.TRUE or target is None or (isinstance(target, Place) and target is not place):
            continue
        doubt = target if isinstance(target, Unknown) else None
        if stopped is Truth.UNKNOWN and isinstance(schedule.paused, Unknown):
            doubt = doubt or schedule.paused
        if schedule.resource.presence is Truth.UNKNOWN:
            doubt = doubt or absence_of(schedule.resource)
        yield Writer(schedule, place, retention_of(schedule.template), _shares(schedule, fleet, server), doubt)


def _shares(schedule: VeleroSchedule, fleet: Fleet, server: ServerSettings | None) -> Value[bool]:
    """Return whether a schedule puts volume data into a repository: by what it says, or because pods ask for it."""
    spec, header = schedule.template, Written(schedule.span)
    if truth_of(spec.fs_backup) is Truth.TRUE:
        return spec.fs_backup
    moves = spec.snapshot_move_data
    if truth_of(moves) is Truth.TRUE and not isinstance(spec.snapshot_volumes, Unknown):
        snapshots = spec.snapshot_volumes
        if isinstance(snapshots, Absent) or truth_of(snapshots) is Truth.TRUE:
            return moves
    unknown = next((each for each in (spec.fs_backup, moves, spec.snapshot_volumes) if isinstance(each, Unknown)), None)
    asked = any(
        (data.opted_in & captures(spec, data.name, data.labels).truth) is not Truth.FALSE
        for data, site in fleet.namespaces
        if site.name == schedule.cluster
    )
    agent = server is not None and truth_of(server.node_agent) is not Truth.FALSE
    if unknown is None and (asked or agent or not isinstance(spec.resource_policy, Absent)):
        unknown = Unknown(Reason.OUTSIDE_SCOPE, f"whether schedule {schedule.name} puts volume data into a repository", header)
    return unknown or Known(False, header)
