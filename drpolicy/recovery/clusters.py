"""Clusters: where they are, what Velero does on them, and the namespaces whose volumes are stores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from drpolicy.kubernetes.clusters import ClusterTree
from drpolicy.kubernetes.field_checks import malformed
from drpolicy.kubernetes.refusals import refusals
from drpolicy.kubernetes.velero import StorageLocation, VeleroBackup, VeleroSchedule
from drpolicy.kubernetes.workloads import NamespaceData
from drpolicy.model.clusters import Cluster, Identity, Location, RestoreTest, Schedule
from drpolicy.model.durations import go_duration
from drpolicy.model.estate import Inference
from drpolicy.model.installations import NOT_INSTALLED, Installation
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.stores import Claim
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, members
from drpolicy.recovery.locations import Site
from drpolicy.recovery.logic import known
from drpolicy.recovery.recurring import Captures, alone
from drpolicy.recovery.stores import StoreFacts
from drpolicy.recovery.velero_times import VeleroTimes, retention_of, times_of

EKS = "aws_eks_cluster"
_Keyed = TypeVar("_Keyed", Schedule, Location)
_DAYS = deferred(r"([0-9]{1,6})([dw])")


def sites(trees: Sequence[ClusterTree], resources: Iterable[Resource]) -> tuple[tuple[Site, ...], tuple[Inference, ...]]:
    """Return every cluster with its region: declared, else that of the one EKS cluster in Terraform of the same name."""
    by_name: dict[str, list[Resource]] = {}
    for resource in resources:
        if resource.type == EKS and not resource.data:
            name = resource.get("name")
            if isinstance(name, Known):
                by_name.setdefault(str(name.value), []).append(resource)
            if not isinstance(name, Known) or name.value != resource.name:
                by_name.setdefault(resource.name, []).append(resource)
    found, inferences = [], []
    for tree in trees:
        candidates = by_name.get(tree.name, [])
        account: Value[str] = Unknown(Reason.OUTSIDE_SCOPE, f"cluster:{tree.name}.account", Written(tree.span))
        region = tree.region
        if len(candidates) == 1:
            account = candidates[0].account
            guessed = isinstance(region, Unknown) or tree.told_by_snapshots
            if guessed and isinstance(candidates[0].region, Known):
                eks = candidates[0].region
                region = Known(eks.value, Through(candidates[0].address, candidates[0].span, eks.origin))
                inferences.append(
                    Inference(f"cluster {tree.name} is in {eks.value}: {candidates[0].address} has its name", candidates[0].span)
                )
        role = tree.role
        if isinstance(role, Unknown):
            role = Known("primary", Derived("nothing says that it stands by", (Written(tree.span),)))
            inferences.append(Inference(f"cluster {tree.name} is taken as a primary one: nothing says that it stands by", tree.span))
        found.append(Site(tree, role, region, account))
    return tuple(found), tuple(inferences)


def eks_clusters(name: str, resources: Iterable[Resource]) -> Iterator[Resource]:
    """Yield the EKS clusters of Terraform that a cluster may be: those that have its name."""
    for each in resources:
        if each.type == EKS and not each.data:
            written = each.get("name")
            if each.name == name or (isinstance(written, Known) and written.value == name):
                yield each


def namespace_facts(data: NamespaceData, site: Site, environment: Value[str]) -> StoreFacts:
    """Return the store that a namespace's volumes are; without volumes it holds nothing that is not in Git."""
    origin = Written(data.claims[0].span if data.claims else data.span)
    holds = Derived("it has persistent volumes" if data.claims else "it has no persistent volume", (origin,))
    return StoreFacts(
        key=namespace_key(site.name, data.name),
        name=f"{site.name}/{data.name}",
        address=f"Namespace/_/{data.name}",
        type="v1/Namespace",
        kind="namespace",
        deployment=site.name,
        environment=environment,
        region=site.region,
        account=site.account,
        data_class=Known("system-of-record" if data.claims else "ephemeral", holds),
        replica_of=Absent(origin),
        span=data.claims[0].span if data.claims else data.span,
    )


def namespace_key(cluster: str, namespace: str) -> str:
    """Return the key of a namespace's store."""
    return f"{cluster}//Namespace/_/{namespace}"


def with_retention(times: VeleroTimes, ttl: Value[str]) -> VeleroTimes:
    """Take into account that an object whose ``ttl`` is no Go duration is stored, and then breaks every listing of its kind.

    velero-io/velero issue 6552: the field is a text in the custom resource definition.
    """
    if not isinstance(ttl, Known):
        return times
    try:
        go_duration(ttl.value)
    except ValueError:
        return replace(times, valid=Known(False, ttl.origin), problem=times.problem or f": ttl {ttl.value} is {_no_duration(ttl.value)}")
    return times


def _no_duration(ttl: str) -> str:
    days = _DAYS.fullmatch(ttl.strip())
    hours = f"{int(days[1]) * (24 if days[2] == 'd' else 168)}h" if days is not None else "hours, such as 168h"
    return f"not a Go duration; write {hours}"


def with_refusals(times: VeleroTimes, schedule: VeleroSchedule, locations: Sequence[StorageLocation] | None) -> VeleroTimes:
    """Take into account what Velero refuses, though the times are well written."""
    refused = next(refusals(schedule, locations), None)
    if refused is None or (isinstance(times.valid, Known) and not times.valid.value):
        return times
    why, origin = refused
    return replace(times, valid=Known(False, origin), problem=f": {why}")


def schedule_of(schedule: VeleroSchedule, found: Captures, locations: Sequence[StorageLocation] | None = None) -> Schedule:
    """Return a Velero Schedule as policies see it. ``locations`` are all of its cluster; ``None`` when there may be others."""
    header = Written(schedule.span)
    own = found.of(schedule.cluster, schedule.resource.address)
    times = with_refusals(with_retention(times_of(schedule.expression), schedule.template.ttl), schedule, locations)
    return Schedule(
        key=f"{schedule.cluster}//{schedule.resource.address}",
        name=schedule.name,
        address=schedule.resource.address,
        type=schedule.resource.type,
        kind="velero",
        deployment=schedule.cluster,
        environment=Absent(header),
        cluster=schedule.cluster,
        expression=schedule.expression,
        unwritten=known(False, "it is a Schedule", header),
        valid=times.valid,
        problem=times.problem,
        fires=times.fires,
        paused=schedule.paused,
        gap=times.gap,
        worst_gap=Absent(header),
        retention=retention_of(schedule.template),
        outlasted=alone(header),
        prerequisites=Members(),
        unmet=Members(),
        location=schedule.template.storage_location,
        malformed=malformed(schedule.resource),
        stores=found.stores(own),
        required_by=found.required_by(own),
        attributes=schedule.resource.attributes,
        span=schedule.span,
    )


def cluster_of(
    site: Site,
    schedules: Iterable[Schedule],
    backups: Sequence[VeleroBackup],
    locations: Iterable[Location],
    tests: Iterable[RestoreTest],
    claims: Members[Claim],
    uncertain: Mapping[str, Unknown],
    primary_names: tuple[Members[str], Value[str] | None],
    lost_identities: Members[Identity],
    hubs: tuple[Members[str], Value[str]],
    velero: Installation = NOT_INSTALLED,
) -> Cluster:
    """Return a cluster with everything that Velero has on it; ``uncertain`` says why an object may not be there, by its key."""
    own_schedules = [each for each in schedules if each.cluster == site.name]
    own_locations = [each for each in locations if each.cluster == site.name]
    own_backups = [each for each in backups if each.cluster == site.name]
    header = Written(site.tree.span)
    first: Value[str] = Known(own_backups[0].name, Written(own_backups[0].span)) if own_backups else Absent(header)
    return Cluster(
        key=f"cluster//{site.name}",
        name=site.name,
        deployment=site.name,
        environment=Absent(header),
        region=site.region,
        role=site.role,
        has_velero=known(bool(own_schedules or own_locations or own_backups), "Velero objects are in its files", header),
        manual_backups=members(each.name for each in own_backups),
        manual_backups_at=first,
        schedules=_members(own_schedules, uncertain, site.tree.unread("Schedule")),
        locations=_members(own_locations, uncertain, site.tree.unread("BackupStorageLocation")),
        restore_tests=members(each for each in tests if each.cluster == site.name),
        primary_names=primary_names[0],
        primary_names_at=primary_names[1] or Absent(header),
        delivered_from=hubs[0],
        delivered_from_at=hubs[1],
        lost_identities=lost_identities,
        required_by=claims,
        span=own_locations[0].span if own_locations and not own_backups else _span(own_backups, site.tree.span),
        velero=velero,
    )


def _members(found: Sequence[_Keyed], uncertain: Mapping[str, Unknown], rest: Unknown | None) -> Members[_Keyed]:
    doubts = [(each, uncertain.get(each.key)) for each in found]
    return Members(tuple(Member(each, Truth.TRUE if why is None else Truth.UNKNOWN, why) for each, why in doubts), rest)


def _span(backups: Sequence[VeleroBackup], otherwise: Span) -> Span:
    return backups[0].span if backups else otherwise


def claims_of_cluster(cluster: str, claims: Mapping[str, Members[Claim]]) -> Members[Claim]:
    """Return the services that live on some namespace of a cluster."""
    found: dict[str, Member[Claim]] = {}
    for key, claimed in claims.items():
        if key.startswith(f"{cluster}//Namespace/"):
            for member in claimed.elements:
                found.setdefault(member.value.service, member)
    return Members(tuple(found.values()))
