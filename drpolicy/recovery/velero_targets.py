"""Where a backup of Velero ends up: the location it goes to, what copies that one, and who reads it once the region is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drpolicy.kubernetes.server_settings import ServerSettings
from drpolicy.kubernetes.velero import BackupSpec
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.locations import Place, one_bucket
from drpolicy.recovery.logic import all_of, any_of, known, truth_of


def absence_of(resource: Resource) -> Unknown:
    """Return why an object may not be there."""
    return resource.why or Unknown(Reason.COUNT_NOT_KNOWN, resource.key, Written(resource.span))


def target_of_backup(spec: BackupSpec, ours: Sequence[Place], server: ServerSettings | None) -> Place | Unknown | None:
    """Return the location a backup goes to: the one it names, the default one, the server's default, or one called ``default``."""
    if isinstance(spec.storage_location, Unknown):
        return spec.storage_location
    if isinstance(spec.storage_location, Known):
        return _certain(next((each for each in ours if each.location.name == spec.storage_location.value), None))
    default = next((each for each in ours if truth_of(each.location.default) is Truth.TRUE), None)
    name = "default"
    if default is None and server is not None and not isinstance(server.default_location, Absent):
        if isinstance(server.default_location, Unknown):
            return server.default_location
        name = server.default_location.value
    return _certain(default or next((each for each in ours if each.location.name == name), None))


def _certain(found: Place | None) -> Place | Unknown | None:
    resource = found.location.resource if found is not None else None
    return absence_of(resource) if resource is not None and resource.presence is Truth.UNKNOWN else found


def limits_of(standby: Sequence[str], target: Place, places: Sequence[Place], span: Span) -> Mapping[str, Value[bool]]:
    """Return the limits of a backup in a location; ``standby`` are the clusters that stand by."""
    same_bucket = [one_bucket(each, target) for each in places]
    return _limited(standby, list(zip(places, same_bucket, strict=True)), f"location {target.location.name}", span)


def limits_of_copy(standby: Sequence[str], bucket: str, places: Sequence[Place], span: Span) -> Mapping[str, Value[bool]]:
    """Return the limits of a copy in the bucket with a key."""
    return _limited(standby, [(each, _is_bucket(each, bucket)) for each in places], bucket, span)


def _is_bucket(place: Place, bucket: str) -> Value[bool]:
    if place.bucket is None and isinstance(place.location.bucket, Unknown):
        return place.location.bucket
    reads = place.bucket is not None and place.bucket.key == bucket
    return known(reads, "it reads the copy" if reads else "it reads another bucket", place.location.bucket.origin)


def _limited(standby: Sequence[str], reads: Sequence[tuple[Place, Value[bool]]], what: str, span: Span) -> Mapping[str, Value[bool]]:
    """Return the limit that a copy counts after the loss of the region only if a DR cluster, where the files have one, reads it."""
    if not standby:
        return {}
    dr = [(each, read) for each, read in reads if each.site.is_dr]
    if not dr:
        names = ", ".join(standby)
        return {"region": Unknown(Reason.OUTSIDE_SCOPE, f"what Velero on {names} reads", Written(span))}
    found = any_of(f"no DR cluster reads {what}", [read for _, read in dr])
    if isinstance(found, Known) and not found.value:
        origins = tuple(each.location.bucket.origin for each, _ in dr)
        return {"region": Known(False, Derived(f"no DR cluster reads {what}", origins))}
    return {"region": found}


def data_region(moves: Value[bool], volume: Value[str], backup: Value[str]) -> Value[str]:
    """Return where the volume data of a backup is: with the backup, or beside the volume."""
    match truth_of(moves):
        case Truth.TRUE:
            return backup
        case Truth.FALSE:
            return volume
        case Truth.UNKNOWN:
            return moves if isinstance(moves, Unknown) else backup


def carries(rule: Draft, prefix: Value[str]) -> Value[bool]:
    """Return whether a replication rule works and takes the location's prefix along: it need not take the whole bucket."""
    needed = [each.met for each in rule.prerequisites if each.id != "whole-bucket"]
    whole = next((each.met for each in rule.prerequisites if each.id == "whole-bucket"), None)
    if whole is not None and truth_of(whole) is Truth.FALSE:
        needed.append(_within_filter(rule, prefix))
    elif whole is not None:
        needed.append(whole)
    return all_of("the rule takes the prefix along", [rule.enabled, *needed])


def _within_filter(rule: Draft, prefix: Value[str]) -> Value[bool]:
    header = Written(rule.span)
    limit = rule.attributes.get("prefix", header)
    blocks = rule.attributes.get("filter", header)
    if isinstance(limit, Absent) and isinstance(blocks, Known) and isinstance(blocks.value, Members) and blocks.value.elements:
        inner = blocks.value.elements[0].value
        fields = inner.value if isinstance(inner, Known) and isinstance(inner.value, Object) else Object()
        limit = fields.get("prefix", header) if not {"tag", "and"} & set(fields.fields) else Absent(header)
    if isinstance(limit, Known) and isinstance(prefix, Known):
        inside = prefix.value.startswith(str(limit.value).rstrip("/"))
        return known(inside, f"the rule takes {limit.value} along" if inside else f"the rule takes only {limit.value} along", limit.origin)
    return Unknown(Reason.OUTSIDE_SCOPE, f"whether {rule.address} takes the backups along", header)
