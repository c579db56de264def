"""Whether the bucket of a storage location keeps what Velero puts into it for as long as Velero needs it.

A lifecycle rule knows nothing of backups: what it deletes, or moves where it cannot be read, is missing from a backup that Velero still
lists. The blobs of a repository are shared by all backups of a namespace, however old the blobs are, so that no age is safe for them
(ionfury/homelab pull request 953 shows such a loss, 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from drpolicy.catalog.velero import archive_classes, backup_directory, repository_directories
from drpolicy.kubernetes.navigation import inside
from drpolicy.kubernetes.velero import VeleroSchedule
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.durations import DAY, Duration
from drpolicy.model.provenance import Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.contradictions import Side, comparison
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.fleet import Fleet
from drpolicy.recovery.lifecycle_rules import Action, LifecycleRule, lifecycle_rules
from drpolicy.recovery.locations import Place
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.velero_writers import Writer, writers_of


def kept_in_bucket(own: Place, fleet: Fleet, schedules: Mapping[str, Sequence[VeleroSchedule]], copies: Sequence[Draft]) -> Agreement:
    """Hold the lifecycle rules of a location's bucket against the schedules whose backups are in it.

    ``copies`` are the rules of replication that fill the bucket: the backups in a copy are those of its source.
    """
    if own.bucket is None or _elsewhere(own):
        return NOT_COMPARED
    rules = list(lifecycle_rules(own.bucket.resource, fleet.links))
    if not rules:
        return NOT_COMPARED
    sources = {each.store for each in copies if truth_of(each.enabled) is Truth.TRUE and each.presence is Truth.TRUE}
    writers = [found for each in fleet.places if each is own or _is_source(each, sources) for found in writers_of(each, fleet, schedules)]
    unread = own.site.tree.unread("Schedule")
    if not writers and unread is None:
        return NOT_COMPARED
    sides: list[Side] = []
    unknown: Unknown | None = None
    for rule in rules:
        if truth_of(rule.enabled) is Truth.FALSE:
            continue
        if not writers and rule.actions:
            unknown = unknown or unread
        for found in _harm(rule, writers):
            if isinstance(found, Side):
                sides.append(found)
            else:
                unknown = unknown or found
    return comparison("what is in the bucket outlasts the backups", sides, unknown, rules[0].origin)


def _elsewhere(own: Place) -> bool:
    """Whether a location is in another store than S3, where a bucket may have the same name."""
    provider, url = own.location.provider, own.location.s3_url
    other = isinstance(provider, Known) and provider.value != "aws"
    return other or not (isinstance(url, Absent) or (isinstance(url, Known) and "amazonaws.com" in url.value))


def _is_source(place: Place, sources: set[str]) -> bool:
    return place.bucket is not None and place.bucket.key in sources


def _harm(rule: LifecycleRule, writers: Sequence[Writer]) -> Iterator[Side | Unknown]:
    """Yield what a rule takes away too soon, once for each directory, or why it may."""
    for directory in (backup_directory(), *repository_directories()):
        shared = directory != backup_directory()
        found: list[tuple[float, Side]] = []
        for writer in writers:
            covered = _covered(rule, writer, directory)
            if isinstance(covered, Known) and not covered.value:
                continue
            for action in rule.actions:
                harmed = _archives(action)
                harmed = _both(harmed, writer.shares if shared else _too_soon(action.days, writer.kept))
                if truth_of(harmed) is Truth.FALSE:
                    continue
                doubts = (rule.enabled, covered, harmed, action.days if shared else harmed, writer.doubt, rule.doubt, rule.sized)
                doubt = next((each for each in doubts if isinstance(each, Unknown)), None)
                if doubt is not None:
                    yield doubt
                else:
                    found.append((_length(writer.kept), _side(rule, action, writer, directory, shared=shared)))
        if found:
            yield max(found, key=lambda each: each[0])[1]
        if found and shared:
            # What takes one kind of repository away takes the other one away too: once is enough.
            return


def _both(first: Value[bool], second: Value[bool]) -> Value[bool]:
    if truth_of(first) is Truth.FALSE:
        return first
    if truth_of(second) is Truth.FALSE or not isinstance(first, Unknown):
        return second
    return first


def _covered(rule: LifecycleRule, writer: Writer, directory: str) -> Value[bool]:
    """Return whether a rule takes objects of a directory: all of them, those of the schedule, or perhaps some."""
    prefix, at = rule.prefix, writer.place.location.prefix
    header = prefix.origin
    if rule.tagged:
        # What Velero puts into a bucket has no tags unless the location gives it some.
        tags = inside(writer.place.location.resource.get("spec"), "config", "tagging")
        if isinstance(tags, Absent):
            return Known(False, header)
        return Unknown(Reason.OUTSIDE_SCOPE, f"which objects have the tags that {rule.name} asks for", header)
    if isinstance(prefix, Known) and prefix.value == "":
        return Known(True, header)
    for value in (prefix, at):
        if isinstance(value, Unknown):
            return value
    if not isinstance(prefix, Known) or not isinstance(at, Known):
        return Known(False, header)
    whole = _path(at.value, directory)
    if whole.startswith(prefix.value):
        return Known(True, header)
    if not prefix.value.startswith(whole):
        return Known(False, header)
    rest, own = prefix.value.removeprefix(whole), f"{writer.schedule.name}-"
    if directory == backup_directory() and (own.startswith(rest) or not rest.startswith(own)):
        return Known(own.startswith(rest), header)
    return Unknown(Reason.OUTSIDE_SCOPE, f"what is in {prefix.value}", header)


def _path(prefix: str, directory: str) -> str:
    return f"{prefix.rstrip('/')}/{directory}/" if prefix else f"{directory}/"


def _archives(action: Action) -> Value[bool]:
    """Return whether an action takes an object out of reach: it is deleted, or moved to an archive."""
    match action.storage_class:
        case Known(value=name, origin=origin):
            return Known(name in archive_classes(), origin)
        case Absent(origin=origin):
            return Known(True, origin)
        case unknown:
            return unknown


def _too_soon(days: Value[float], kept: Value[Duration]) -> Value[bool]:
    """Return whether an object is gone before its backup is. S3 rounds up to the midnight that follows, which may be a day more."""
    for value in (days, kept):
        if isinstance(value, Unknown):
            return value
    if not isinstance(days, Known) or not isinstance(kept, Known):
        return Known(False, days.origin)
    if days.value * DAY >= kept.value.seconds:
        return Known(False, days.origin)
    if (days.value + 1) * DAY <= kept.value.seconds:
        return Known(True, days.origin)
    return Unknown(Reason.OUTSIDE_SCOPE, f"whether {days.value:g} days, rounded up to midnight, are {kept.value}", days.origin)


def _side(rule: LifecycleRule, action: Action, writer: Writer, directory: str, *, shared: bool) -> Side:
    at = writer.place.location.prefix
    path = _path(at.value if isinstance(at, Known) else "", directory)
    name = action.storage_class.value if isinstance(action.storage_class, Known) else ""
    does = f"moves what is in {path} to {name}" if name else f"deletes what is in {path}"
    days = action.days.value if isinstance(action.days, Known) else 0
    places: tuple[Provenance, ...] = (action.days.origin,)
    when = f"after {days:g} {'day' if days == 1 else 'days'}" if days else "at once"
    if shared:
        text = f"{rule.name} {does} {when}, and schedule {writer.schedule.name} puts volume data there that later backups share"
        return Side(text, (*places, Written(writer.schedule.span)))
    kept = writer.kept.value if isinstance(writer.kept, Known) else ""
    return Side(
        f"{rule.name} {does} {when}, and schedule {writer.schedule.name} keeps its backups for {kept}", (*places, writer.kept.origin)
    )


def _length(kept: Value[Duration]) -> float:
    return kept.value.seconds if isinstance(kept, Known) else 0
