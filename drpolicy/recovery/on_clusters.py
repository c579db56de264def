"""Clusters, and the schedules, locations and restore tests on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drpolicy.kubernetes.restore_tests import restore_tests
from drpolicy.kubernetes.velero import StorageLocation, VeleroSchedule
from drpolicy.model.clusters import Cluster, Location, RestoreTest, Schedule
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Resource
from drpolicy.model.stores import Claim
from drpolicy.model.values import Members, Unknown, Value
from drpolicy.recovery.clusters import claims_of_cluster, cluster_of, schedule_of
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.fleet import Fleet
from drpolicy.recovery.hubs import delivered_from
from drpolicy.recovery.identities import lost_identities
from drpolicy.recovery.installations import installation_of, location_with, surroundings, with_surroundings
from drpolicy.recovery.locations import location_of
from drpolicy.recovery.recurring import Captures
from drpolicy.recovery.restore_tests import restore_test
from drpolicy.recovery.standby import primary_names


@dataclass(frozen=True, slots=True, eq=False)
class OnClusters:
    """Clusters, and the Velero objects and jobs on them."""

    clusters: tuple[Cluster, ...]
    schedules: tuple[Schedule, ...]
    locations: tuple[Location, ...]
    restore_tests: tuple[RestoreTest, ...]


def clusters_of(
    fleet: Fleet,
    drafts: Sequence[Draft],
    captured: Captures,
    by_store: Mapping[str, Members[Claim]],
    problems: Mapping[str, Value[str]],
    resources: Sequence[Resource],
) -> OnClusters:
    """Return the clusters. What is at stake on the primary ones is at stake on a DR cluster that stands in for them.

    ``problems`` are what is wrong with the fields of objects by their keys, instead of what the shipped table says.
    """
    claims = {site.name: claims_of_cluster(site.name, by_store) for site in fleet.sites}
    primary = [member for site in fleet.sites if not site.is_dr for member in claims[site.name].elements]
    together = Members(tuple({member.value.service: member for member in primary}.values()))
    claims.update({site.name: together for site in fleet.sites if site.is_dr})
    around = surroundings(fleet, resources, drafts)
    schedules = []
    for schedule in fleet.schedules:
        made = schedule_of(schedule, captured, _locations(schedule, fleet))
        schedules.append(with_surroundings(replace(made, malformed=problems.get(made.key, made.malformed)), schedule, around))
    standby = frozenset(site.name for site in fleet.sites if site.is_dr)
    tests = tuple(restore_test(each) for each in restore_tests(fleet.resources, standby))
    found = ((each, location_of(each, fleet.places, fleet.sites, drafts, claims[each.site.name])) for each in fleet.places)
    locations = tuple(
        location_with(replace(each, malformed=problems.get(each.key, each.malformed)), own, around, tests) for own, each in found
    )
    uncertain = fleet.uncertain()
    clusters = tuple(
        cluster_of(
            site,
            schedules,
            fleet.backups,
            locations,
            tests,
            claims[site.name],
            uncertain,
            primary_names(site, fleet.sites, fleet.resources),
            lost_identities(site, fleet.resources, resources),
            delivered_from(site, fleet.sites, fleet.resources),
            installation_of(site, around),
        )
        for site in fleet.sites
    )
    return OnClusters(clusters, tuple(schedules), locations, tests)


def _locations(schedule: VeleroSchedule, fleet: Fleet) -> list[StorageLocation] | None:
    """Return the storage locations that a schedule may name; ``None`` when there may be others, or it waits for a failover."""
    site = next(each for each in fleet.sites if each.name == schedule.cluster)
    if site.is_dr or site.tree.opened("BackupStorageLocation") is not None:
        return None
    found = [each.location for each in fleet.places if each.site is site]
    unnamed = any(isinstance(each.resource.get("metadata", "name"), Unknown) for each in found)
    return None if unnamed else found
