"""Whether the snapshot locations of AWS are where the volumes of their cluster are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drpolicy.kubernetes.server_settings import ServerSettings
from drpolicy.kubernetes.velero import BackupSpec, SnapshotLocation
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown
from drpolicy.recovery.contradictions import Side, comparison
from drpolicy.recovery.locations import Site
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.velero_snapshots import Asked, apart, locations_in
from drpolicy.recovery.velero_targets import absence_of

_AWS_REGION: Final = deferred(r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}")
"""What a region of AWS looks like: what speaks S3's protocol elsewhere calls its regions garage, or us-east-005."""


def snapshot_regions(asked: Sequence[Asked], objects: Sequence[Resource], site: Site, server: ServerSettings | None) -> Agreement:
    """Hold the regions of AWS's snapshot locations against that of the cluster, or where nothing else tells it, against each other.

    A snapshot is made in the region of its volume, and a backup with a location in another one fails (Velero docs, "Backup Storage
    Locations and Volume Snapshot Locations", main, read 2026-11). A cluster is in one region.
    """
    own = [each for each in locations_in(objects) if _in_aws(each)]
    if not own or _unused(asked, server):
        return NOT_COMPARED
    header = Written(own[0].span)
    if isinstance(site.region, Known) and not (site.tree.told_by_snapshots and site.region is site.tree.region):
        return _beside_cluster(own, site.name, site.region, header)
    told = [each for each in own if isinstance(each.region, Known)]
    regions = {each.region.value: each for each in told if isinstance(each.region, Known)}
    if len(regions) < 2:
        # What tells the region of the cluster proves nothing of it.
        return NOT_COMPARED
    doubt = apart(list(regions.values()), site)
    text = " and ".join(f"{each.name} in {region}" for region, each in sorted(regions.items()))
    side = Side(f"snapshot locations are {text}, and a cluster is in one region", tuple(each.region.origin for each in regions.values()))
    return comparison("", [] if doubt is not None else [side], doubt, header)


def _beside_cluster(own: Sequence[SnapshotLocation], cluster: str, region: Known[str], header: Written) -> Agreement:
    sides: list[Side] = []
    unknown: Unknown | None = None
    for each in own:
        if isinstance(each.region, Unknown):
            unknown = unknown or each.region
        elif isinstance(each.region, Known) and each.region.value != region.value:
            if each.resource.presence is Truth.UNKNOWN:
                unknown = unknown or absence_of(each.resource)
            else:
                text = f"snapshot location {each.name} is in {each.region.value}, and the volumes of {cluster} are in {region.value}"
                sides.append(Side(text, (each.region.origin, region.origin)))
    return comparison("snapshots are made where the volumes are", sides, unknown, header)


def _in_aws(location: SnapshotLocation) -> bool:
    """Whether a snapshot location names a region of AWS, or one that is not known."""
    elsewhere = not isinstance(location.resource.get("spec", "config", "s3Url"), Absent)
    region = location.region
    plausible = isinstance(region, Unknown) or (isinstance(region, Known) and _AWS_REGION.fullmatch(region.value) is not None)
    return isinstance(location.provider, Known) and location.provider.value == "aws" and plausible and not elsewhere


def _unused(asked: Sequence[Asked], server: ServerSettings | None) -> bool:
    """Whether nothing goes to snapshot locations: CSI takes the snapshots, or no backup that was read takes any of its own."""
    if server is not None and truth_of(server.csi) is Truth.TRUE:
        return True
    return bool(asked) and all(_takes_none(each.spec) for each in asked)


def _takes_none(spec: BackupSpec) -> bool:
    refused = not isinstance(spec.snapshot_volumes, Absent) and truth_of(spec.snapshot_volumes) is Truth.FALSE
    return refused or Truth.TRUE in (truth_of(spec.fs_backup), truth_of(spec.snapshot_move_data))
