"""What has to hold of Velero on each cluster, of its schedules and of its locations, from everything that was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from drpolicy.kubernetes.installations import Installation as Read
from drpolicy.kubernetes.installations import installation
from drpolicy.kubernetes.server_settings import servers
from drpolicy.kubernetes.velero import VeleroSchedule
from drpolicy.kubernetes.workloads import NamespaceData
from drpolicy.model.clusters import Location, RestoreTest, Schedule
from drpolicy.model.installations import Installation
from drpolicy.model.provenance import Written
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Value
from drpolicy.recovery.clusters import eks_clusters
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.fleet import Fleet
from drpolicy.recovery.locations import Place, Site
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.stores import S3_REPLICATION
from drpolicy.recovery.velero_alerts import alerts_in, failures_noticed
from drpolicy.recovery.velero_buckets import copy_bounded, key_fits, sync_period
from drpolicy.recovery.velero_hooks import hooks_fit
from drpolicy.recovery.velero_objects import beside_server, default_location, outlives_pruning, restores_once
from drpolicy.recovery.velero_references import modifiers_found, names_found
from drpolicy.recovery.velero_retention import kept_in_bucket
from drpolicy.recovery.velero_roles import permitted
from drpolicy.recovery.velero_secrets import credentials_hidden, has_credentials, password_shared
from drpolicy.recovery.velero_sharing import alone_in_bucket
from drpolicy.recovery.velero_snapshot_regions import snapshot_regions
from drpolicy.recovery.velero_snapshots import Asked, asked_by_backup, asked_by_schedule, snapshot_locations
from drpolicy.recovery.velero_uninstalling import objects_outlast_release
from drpolicy.recovery.velero_versions import kubernetes_not_older, not_older, pinned, plugins_apart, plugins_fit, version_text
from drpolicy.recovery.velero_volumes import snapshot_classes, volumes_reachable


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """Everything that Velero's objects are held against, grouped once."""

    fleet: Fleet
    read: Mapping[str, Sequence[Read]]
    """The servers that certainly are there, by their clusters."""
    schedules: Mapping[str, Sequence[VeleroSchedule]]
    namespaces: Mapping[str, Sequence[NamespaceData]]
    objects: Mapping[str, Sequence[Resource]]
    alerts: tuple[Resource, ...]
    others: tuple[Resource, ...]
    """What Terraform makes."""
    rules: Mapping[str, Sequence[Draft]]
    """The rules that replicate each bucket, by its key."""
    copies: Mapping[str, Sequence[Draft]]
    """The rules that fill each bucket, by its key."""


def surroundings(fleet: Fleet, others: Iterable[Resource], drafts: Iterable[Draft]) -> Surroundings:
    """Return what Velero's objects are held against."""
    read: dict[str, list[Read]] = {}
    for cluster, found in servers(fleet.resources).items():
        read[cluster] = [installation(each) for each in found if each.resource.presence is Truth.TRUE]
    schedules: dict[str, list[VeleroSchedule]] = defaultdict(list)
    for schedule in fleet.schedules:
        schedules[schedule.cluster].append(schedule)
    namespaces: dict[str, list[NamespaceData]] = defaultdict(list)
    for data, site in fleet.namespaces:
        namespaces[site.name].append(data)
    objects: dict[str, list[Resource]] = defaultdict(list)
    for resource in fleet.resources:
        objects[resource.deployment].append(resource)
    rules: dict[str, list[Draft]] = defaultdict(list)
    copies: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.row.id in S3_REPLICATION:
            rules[draft.store].append(draft)
            copies[draft.copy_key].append(draft)
    return Surroundings(fleet, read, schedules, namespaces, objects, alerts_in(fleet.resources), tuple(others), rules, copies)


def installation_of(site: Site, around: Surroundings) -> Installation:
    """Return what has to hold of Velero on a cluster."""
    fleet, found = around.fleet, around.read.get(site.name, ())
    places = [each for each in fleet.places if each.site is site]
    schedules, namespaces = around.schedules.get(site.name, ()), around.namespaces.get(site.name, ())
    objects, settings = around.objects.get(site.name, ()), fleet.servers.get(site.name)
    primary = [each for each in fleet.sites if not each.is_dr] if site.is_dr else []
    theirs = [each for other in primary for each in around.read.get(other.name, ())]
    kubernetes = [(other.name, each) for other in primary for each in eks_clusters(other.name, around.others)]
    copied = any(_copies(each) for other in primary for each in around.schedules.get(other.name, ()))
    here = found[0].server.resource.span if found else places[0].location.span if places else None
    restores = [each for each in objects if each.type == "velero.io/v1/Restore"]
    return Installation(
        version=version_text(found) or _no_version(site),
        plugins_fit=plugins_fit(found),
        plugins_apart=plugins_apart(found),
        pinned=pinned(found),
        not_older=not_older(found, theirs),
        kubernetes_not_older=kubernetes_not_older(list(eks_clusters(site.name, around.others)) if primary else [], kubernetes),
        password_shared=password_shared(site, primary, copied, fleet.resources, found),
        default_location=default_location(schedules, places, site, settings, site.tree.unread("BackupStorageLocation")),
        snapshot_locations=snapshot_locations(_asked(site, fleet, schedules), objects, site, settings, found),
        snapshot_regions=snapshot_regions(_asked(site, fleet, schedules), objects, site, settings),
        snapshot_classes=snapshot_classes(schedules, settings, namespaces, objects),
        volumes_reachable=volumes_reachable(schedules, namespaces),
        credentials_hidden=credentials_hidden(found, [each.location for each in places], objects),
        failures_noticed=failures_noticed(site.name, here if not site.is_dr else None, around.alerts, server_read=bool(found)),
        objects_outlast_release=objects_outlast_release(found, objects),
        restores_once=restores_once(restores),
        modifiers_found=modifiers_found(restores, site, objects, around.others),
    )


def _asked(site: Site, fleet: Fleet, schedules: Sequence[VeleroSchedule]) -> list[Asked]:
    backups = [each for each in fleet.backups if each.cluster == site.name]
    return [*(asked_by_schedule(each) for each in schedules), *(asked_by_backup(each) for each in backups)]


def _no_version(site: Site) -> Value[str]:
    return Absent(Written(site.tree.span))


def _copies(schedule: VeleroSchedule) -> bool:
    spec = schedule.template
    return Truth.TRUE in (truth_of(spec.fs_backup), truth_of(spec.snapshot_move_data)) and truth_of(schedule.paused) is Truth.FALSE


def with_surroundings(schedule: Schedule, own: VeleroSchedule, around: Surroundings) -> Schedule:
    """Return a schedule with what has to hold of it beside what it says itself."""
    site = next(each for each in around.fleet.sites if each.name == own.cluster)
    return replace(
        schedule,
        beside_server=beside_server(own.resource, around.read.get(own.cluster, ()), site),
        outlives_pruning=outlives_pruning(own, around.fleet.resources),
        hooks_fit=hooks_fit(own, around.namespaces.get(own.cluster, ())),
        names_found=names_found(own, site, around.objects.get(own.cluster, ()), around.others),
    )


def location_with(location: Location, own: Place, around: Surroundings, tests: Sequence[RestoreTest]) -> Location:
    """Return a location with what has to hold of it beside what it says itself."""
    found = around.read.get(own.site.name, ())
    key = own.bucket.key if own.bucket is not None else ""
    every = (*around.objects.get(own.site.name, ()), *around.others)
    return replace(
        location,
        beside_server=beside_server(own.location.resource, found, own.site),
        sync_period=sync_period(own.location, around.fleet.servers.get(own.site.name)),
        has_credentials=has_credentials(own.location, found, every),
        permitted=permitted(own, found, around.objects.get(own.site.name, ()), around.fleet.links),
        key_fits=key_fits(own, around.rules.get(key, ()), around.fleet.links),
        copy_bounded=copy_bounded(own, around.fleet.places, around.copies.get(key, ()), around.schedules, tests),
        alone_in_bucket=alone_in_bucket(own, around.fleet.places),
        kept_in_bucket=kept_in_bucket(own, around.fleet, around.schedules, around.copies.get(key, ())),
    )
