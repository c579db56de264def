"""Whether a storage location is one cluster's alone: Velero takes it that it is the only one that writes there.

"Velero assumes it has control over the location you provide" (Velero docs, "Backup Storage Locations and Volume Snapshot Locations",
main, read 2026-11). Every server brings the backups of the others into its own cluster, deletes what has expired
(pkg/controller/backup_sync_controller.go, gc_controller.go), and maintains repositories that others write to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drpolicy.kubernetes.navigation import inside, strings
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value, same
from drpolicy.recovery.contradictions import Side, comparison
from drpolicy.recovery.locations import Place, Site
from drpolicy.recovery.velero_targets import absence_of

_URL: Final = "s3Url"
_ENDPOINTS: Final = (_URL, "storageAccount", "storageAccountURI")
"""Fields of ``config`` without which the name of a bucket says nothing: of S3 elsewhere, and of containers in Azure."""
_OF_CLUSTER: Final = deferred(r"(?:https?://)?(?:localhost|127\.[0-9.]+|[^./:]+|[^/:]+\.svc(?:\.[^/:]+)?)(?::[0-9]+)?/?")
"""Hosts that are another one on each cluster: services, and names without a domain."""
_AWS: Final = deferred(r"(?:https?://)?[a-z0-9.-]*\.amazonaws\.com(?:\.cn)?/?")


def alone_in_bucket(own: Place, places: Sequence[Place]) -> Agreement:
    """Look for a location of another cluster that writes to the same bucket and prefix.

    A DR cluster is left out: that its location may only be read is asked of it apart.
    """
    others = [each for each in places if each.site is not own.site and not each.site.is_dr and _writes(each) is not Truth.FALSE]
    if own.site.is_dr or not others or _writes(own) is Truth.FALSE:
        return NOT_COMPARED
    header = Written(own.location.span)
    sides: list[Side] = []
    unknown: Unknown | None = None
    for other in others:
        place = _same_place(own, other)
        if place is Truth.FALSE:
            continue
        doubt = _doubt(own, other) if place is Truth.TRUE else _first_unknown(own, other)
        if doubt is not None:
            unknown = unknown or doubt
            continue
        bucket = own.location.bucket.value if isinstance(own.location.bucket, Known) else "its bucket"
        prefix = own.location.prefix.value if isinstance(own.location.prefix, Known) else ""
        where = f"{bucket}/{prefix.strip('/')}" if prefix else bucket
        text = f"location {other.location.name} of cluster {other.site.name} writes to {where} too"
        sides.append(Side(text, (own.location.bucket.origin, other.location.bucket.origin)))
    return comparison("no other cluster writes there", sides, unknown, header)


def _writes(place: Place) -> Truth:
    mode = place.location.access_mode
    return Truth.UNKNOWN if isinstance(mode, Unknown) else Truth.of(not isinstance(mode, Known) or mode.value != "ReadOnly")


def _same_place(own: Place, other: Place) -> Truth:
    """Whether two locations name one place. What whoever applies the files fills in may differ from cluster to cluster."""
    one, two = own.location, other.location
    result = same(one.provider, two.provider)
    if own.bucket is not None and other.bucket is not None:
        result = result & Truth.of(own.bucket.key == other.bucket.key)
    else:
        result = result & _alike(one.bucket, two.bucket)
    result = result & _alike(_bare(one.prefix), _bare(two.prefix))
    urls = [_endpoint(each, _URL) for each in (own, other)]
    if any(isinstance(each, Known) and _OF_CLUSTER.fullmatch(each.value) for each in urls):
        return Truth.FALSE
    for name in _ENDPOINTS:
        result = result & _one_endpoint(_endpoint(own, name), _endpoint(other, name))
    return result


def _alike(one: Value[str], two: Value[str]) -> Truth:
    if isinstance(one, Known) and isinstance(two, Known):
        return Truth.of(one.value == two.value)
    return Truth.FALSE if same(one, two) is Truth.FALSE else Truth.UNKNOWN


def _bare(prefix: Value[str]) -> Value[str]:
    return Known(prefix.value.strip("/"), prefix.origin) if isinstance(prefix, Known) else prefix


def _endpoint(place: Place, name: str) -> Value[str]:
    written = strings(inside(place.location.resource.get("spec"), "config", name))
    return Absent(written.origin) if isinstance(written, Known) and _AWS.fullmatch(written.value) else written


def _one_endpoint(one: Value[str], two: Value[str]) -> Truth:
    if isinstance(one, Absent) and isinstance(two, Absent):
        return Truth.TRUE
    if isinstance(one, Unknown) or isinstance(two, Unknown):
        return Truth.UNKNOWN
    return Truth.of(isinstance(one, Known) and isinstance(two, Known) and one.value.rstrip("/") == two.value.rstrip("/"))


def _doubt(own: Place, other: Place) -> Unknown | None:
    """Return why two locations that name one place need not be on two clusters that write to it."""
    for each in (own, other):
        if isinstance(each.location.access_mode, Unknown):
            return each.location.access_mode
        if each.location.resource.presence is Truth.UNKNOWN:
            return absence_of(each.location.resource)
    shared = own.location.span == other.location.span
    declared = own.site.tree.declared and other.site.tree.declared
    if declared or (not shared and _is_cluster(own.site) and _is_cluster(other.site)):
        return None
    names = " and ".join(sorted((own.site.name, other.site.name)))
    return Unknown(Reason.OUTSIDE_SCOPE, f"whether {names} are two clusters", Written(own.location.span))


def _is_cluster(site: Site) -> bool:
    """Whether a directory certainly is a cluster: it is declared, or one of ``clusters/``. Others are taken for one."""
    return site.tree.declared or site.tree.path.rpartition("/")[0].rpartition("/")[2] == "clusters"


def _first_unknown(own: Place, other: Place) -> Unknown | None:
    values = [getattr(each.location, name) for each in (own, other) for name in ("bucket", "prefix", "provider")]
    values += [_endpoint(each, name) for each in (own, other) for name in _ENDPOINTS]
    found = next((each for each in values if isinstance(each, Unknown)), None)
    return found or Unknown(Reason.OUTSIDE_SCOPE, f"where location {other.location.name} is", Written(other.location.span))
