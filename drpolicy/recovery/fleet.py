"""The clusters of an estate with what Velero has on each, joined with Terraform."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from drpolicy.catalog.rows import Catalog
from drpolicy.kubernetes.clusters import NotRead
from drpolicy.kubernetes.consistency import dumped_by, engine_of
from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.server_settings import ServerSettings, server_settings
from drpolicy.kubernetes.velero import VeleroBackup, VeleroSchedule, backup, schedule, snapshot_location, storage_location
from drpolicy.kubernetes.volume_policies import Configurations
from drpolicy.kubernetes.workloads import NamespaceData, namespaces
from drpolicy.model.provenance import Provenance, Written
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Object, Unknown, Value
from drpolicy.recovery.clusters import namespace_facts, namespace_key
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.environments import environment_of_namespace
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.locations import Place, Site, place
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.operator_destinations import Database
from drpolicy.recovery.operator_rules import rules
from drpolicy.recovery.operators import buckets_of, database_facts, databases, native_drafts, opened_by
from drpolicy.recovery.other_backups import others, why_open
from drpolicy.recovery.stores import S3_REPLICATION, StoreFacts
from drpolicy.recovery.velero import Namespace, drafts_of
from drpolicy.recovery.velero_snapshots import asked_by_backup, asked_by_schedule, chosen_for
from drpolicy.recovery.velero_targets import absence_of


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """Every cluster, namespace and Velero object that was read."""

    sites: tuple[Site, ...]
    namespaces: tuple[tuple[NamespaceData, Site], ...]
    schedules: tuple[VeleroSchedule, ...]
    backups: tuple[VeleroBackup, ...]
    places: tuple[Place, ...]
    snapshots: Mapping[str, Truth]
    """Per cluster: whether volumes can be snapshotted."""
    resources: tuple[Resource, ...]
    servers: Mapping[str, ServerSettings]
    """Per cluster: what Velero's server is started with, where it was read."""
    databases: tuple[Database, ...]
    links: Links
    held: Mapping[str, Holding]
    accepted: Mapping[str, Value[bool]]
    """Whether Velero can choose a snapshot location for a backup, by the object's key, where the question arises."""

    def backup_buckets(self) -> dict[str, Provenance]:
        """Return the stores that hold backups, and the object that says so."""
        found: dict[str, Provenance] = dict(buckets_of(self.databases, self.resources, self.links, self.held))
        found.update({each.bucket.key: Written(each.location.span) for each in self.places if each.bucket is not None})
        return found

    def uncertain(self) -> dict[str, Unknown]:
        """Return why objects that were read may not be on their cluster, by their keys."""
        return {each.key: absence_of(each) for each in self.resources if each.presence is Truth.UNKNOWN}

    def primary_namespaces(self) -> Iterator[tuple[NamespaceData, Site]]:
        """Yield the namespaces whose data has to be recovered: those on a DR cluster are where it is recovered to."""
        return (each for each in self.namespaces if not each[1].is_dr)

    def store_facts(self) -> dict[str, StoreFacts]:
        """Return the stores that namespaces, and the databases of operators, are."""
        found = [
            namespace_facts(data, site, environment_of_namespace(data.name, site.name, data.span))
            for data, site in self.primary_namespaces()
        ]
        return {each.key: each for each in (*found, *map(database_facts, self.databases))}

    def opened(self) -> dict[str, Unknown]:
        """Return why a namespace or a database may have protections that no object tells of, by its key."""
        around = others(self.resources)
        found = [(namespace_key(site.name, data.name), why_open(around, site.name, data.name)) for data, site in self.primary_namespaces()]
        found += [(each.key, opened_by(each) or why_open(around, each.site.name, each.namespace)) for each in self.databases]
        return {key: why for key, why in found if why is not None}

    def drafts(self, others: Sequence[Draft], catalog: Catalog) -> Iterator[Draft]:
        """Yield what Velero gives each namespace that has volumes; ``others`` tell which buckets are replicated."""
        replication: dict[str, list[Draft]] = defaultdict(list)
        for draft in others:
            if draft.row.id in S3_REPLICATION and draft.copy_key:
                replication[draft.store].append(draft)
        standby = tuple(site.name for site in self.sites if site.is_dr)
        known = {(site.name, data.name): data for data, site in self.namespaces}
        for data, site in self.primary_namespaces():
            if data.claims:
                yield from self._of_velero(namespace_key(site.name, data.name), data.name, data, site, standby, replication, catalog)
        for database in self.databases:
            yield from native_drafts(database, self.resources, self.links, self.held, replication, catalog)
            data_around = known.get((database.site.name, database.namespace))
            resource = database.resource
            yield from self._of_velero(
                database.key, database.namespace, data_around, database.site, standby, replication, catalog, resource
            )

    def rules(self, catalog: Catalog) -> Iterator[Draft]:
        """Yield the schedules that operators are given, without a store."""
        return rules(self.databases, self.resources, {site.name: site for site in self.sites}, catalog)

    def _configurations(self, cluster: str) -> Configurations:
        return {
            (namespace_of(each), each.name): each for each in self.resources if each.deployment == cluster and each.type == "v1/ConfigMap"
        }

    def _of_velero(
        self,
        key: str,
        name: str,
        data: NamespaceData | None,
        site: Site,
        standby: tuple[str, ...],
        replication: Mapping[str, Sequence[Draft]],
        catalog: Catalog,
        database: Resource | None = None,
    ) -> Iterator[Draft]:
        """Yield what Velero gives the volumes of a namespace, as protections of the store ``key`` that they hold."""
        places = site.tree.unread("BackupStorageLocation")
        more = site.tree.unread("Schedule")
        opted_in = data.opted_in if data is not None else Truth.UNKNOWN
        labels = data.labels if data is not None else {}
        workloads = data.workloads if data is not None else ()
        claims = data.claims if data is not None and database is None else ()
        namespace = Namespace(
            key,
            name,
            site,
            self.snapshots[site.name],
            opted_in,
            labels,
            standby,
            self.servers.get(site.name),
            claims,
            self._configurations(site.name) if claims else {},
            [each for each in workloads if engine_of(each)] if database is None else [database],
            dumped_by(workloads),
            self.accepted,
        )
        schedules = [each for each in self.schedules if each.cluster == site.name]
        backups = [each for each in self.backups if each.cluster == site.name]
        found = drafts_of(namespace, schedules, backups, self.places, replication, catalog)
        yield from found if places is None else (_somewhere(draft, places) for draft in found)
        brings = site.tree.opened("Schedule")
        if more is not None and brings is not None:
            yield _possible(namespace, more, brings, catalog)


def _somewhere(draft: Draft, unread: Unknown) -> Draft:
    """Return a draft whose storage location may be one that a chart brings along."""
    prerequisites = tuple(
        replace(each, met=unread) if each.id == "storage-location" and truth_of(each.met) is Truth.FALSE else each
        for each in draft.prerequisites
    )
    missing = prerequisites != draft.prerequisites
    if not missing:
        return draft
    return replace(draft, prerequisites=prerequisites, region=unread, account=unread, worst_gap=unread)


def _possible(namespace: Namespace, unread: Unknown, chart: NotRead, catalog: Catalog) -> Draft:
    """Return the protection that a schedule in the values of Velero's chart may be: it may exist, and nothing of it is known."""
    return Draft(
        row=catalog.mechanisms["velero-schedule"],
        store=namespace.key,
        name=f"Velero schedule of {chart.what}",
        address=chart.what.replace(" ", "/"),
        type="velero.io/v1",
        deployment=namespace.site.name,
        region=unread,
        account=unread,
        enabled=unread,
        prerequisites=(),
        scheduled=unread,
        gap=unread,
        worst_gap=unread,
        retention=unread,
        immutable=unread,
        attributes=Object(),
        copy_attributes=Object(),
        span=chart.span,
        presence=Truth.UNKNOWN,
        why=unread,
        volume_data_moves=unread,
    )


def fleet_of(manifests: tuple[Resource, ...], sites: tuple[Site, ...], links: Links, held: Mapping[str, Holding]) -> Fleet:
    """Return the clusters with their Velero objects; storage locations are joined with the buckets they name."""
    by_name = {site.name: site for site in sites}
    certain = [resource for resource in manifests if resource.presence is Truth.TRUE]
    snapshots = [found.cluster for resource in certain if (found := snapshot_location(resource))]
    servers = server_settings(manifests)
    schedules = tuple(made for resource in manifests if (made := schedule(resource, servers.get(resource.deployment))))
    backups = tuple(once for resource in manifests if (once := backup(resource, servers.get(resource.deployment))))
    asked = [*map(asked_by_schedule, schedules), *map(asked_by_backup, backups)]
    classes = [each.deployment for each in certain if each.type.endswith("/VolumeSnapshotClass")]
    return Fleet(
        sites,
        tuple((each, by_name[each.cluster]) for each in namespaces(manifests)),
        schedules,
        backups,
        tuple(place(at, by_name[at.cluster], links, held) for resource in manifests if (at := storage_location(resource))),
        {site.name: Truth.TRUE if site.name in snapshots or site.name in classes else Truth.UNKNOWN for site in sites},
        manifests,
        servers,
        databases(manifests, by_name),
        links,
        held,
        chosen_for(asked, manifests, sites, servers),
    )
