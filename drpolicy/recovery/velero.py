"""What Velero gives the volumes of a namespace: one protection per schedule and per place that a backup is copied to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from drpolicy.catalog.rows import Catalog
from drpolicy.kubernetes.consistency import at_rest
from drpolicy.kubernetes.coverage import Capture, captures, captures_volumes
from drpolicy.kubernetes.server_settings import ServerSettings
from drpolicy.kubernetes.velero import BackupSpec, VeleroBackup, VeleroSchedule
from drpolicy.kubernetes.volume_coverage import captures_claims
from drpolicy.kubernetes.volume_policies import Configurations
from drpolicy.kubernetes.workloads import VolumeClaim
from drpolicy.model.durations import HOUR, Duration
from drpolicy.model.provenance import Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.stores import Prerequisite
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.locations import Place, Site
from drpolicy.recovery.logic import from_truth, known, negated
from drpolicy.recovery.velero_targets import absence_of, carries, data_region, limits_of, limits_of_copy, target_of_backup
from drpolicy.recovery.velero_times import VeleroTimes, retention_of, times_of

OPERATION_TIMEOUT = Duration(4 * HOUR)
"""Longest that moving volume data may take (Velero docs, Backup API type: itemOperationTimeout default 4h, 2026-11)."""


@dataclass(frozen=True, slots=True, eq=False)
class Namespace:
    """A namespace whose volumes are a store, and what its cluster has for backing them up."""

    key: str
    name: str
    site: Site
    snapshot_locations: Truth
    opted_in: Truth
    labels: Mapping[str, Value[str]]
    dr_clusters: tuple[str, ...] = ()
    """Names of the clusters that stand by, whether or not anything of Velero was read on them."""
    server: ServerSettings | None = None
    """What Velero's server is started with, where it was read."""
    claims: Sequence[VolumeClaim] = ()
    configurations: Configurations = field(default_factory=dict)
    databases: Sequence[Resource] = ()
    """What runs a database on its volumes."""
    dump: Resource | None = None
    """A job that may dump them."""
    accepted: Mapping[str, Value[bool]] = field(default_factory=dict)
    """Whether Velero can choose a snapshot location for a backup, by the object's key, where the question arises."""


def drafts_of(
    namespace: Namespace,
    schedules: Sequence[VeleroSchedule],
    backups: Sequence[VeleroBackup],
    places: Sequence[Place],
    replication: Mapping[str, Sequence[Draft]],
    catalog: Catalog,
) -> Iterator[Draft]:
    """Yield the protections of a namespace. ``replication`` maps a bucket's key to the rules that copy it elsewhere."""
    ours = [each for each in places if each.site is namespace.site]
    for schedule in schedules:
        times = times_of(schedule.expression)
        enabled = negated(schedule.paused)
        for draft in _of_spec(namespace, schedule.template, schedule.resource, schedule.span, ours, places, replication):
            yield draft.made("velero-schedule", catalog, enabled, times, retention_of(schedule.template))
    for backup in backups:
        header = Written(backup.span)
        never = VeleroTimes(known(False, "a Backup object is made once", header), "", known(False, "", header), Absent(header))
        for draft in _of_spec(namespace, backup.spec, backup.resource, backup.span, ours, places, replication):
            yield draft.made("velero-manual-backup", catalog, known(True, "it is made once", header), never, retention_of(backup.spec))


@dataclass(frozen=True, slots=True, eq=False)
class _Copy:
    """One place where a backup of a namespace ends up."""

    namespace: Namespace
    name: str
    address: str
    span: Span
    region: Value[str]
    account: Value[str]
    prerequisites: tuple[Prerequisite, ...]
    moves: Value[bool]
    limits: Mapping[str, Value[bool]]
    lag: Value[Duration]
    copy_key: str
    captured: Capture
    resource: Resource
    spec: BackupSpec
    key_region: Value[str] | None = None
    """Of the key that a replication rule encrypts the copy with."""
    key_replicated: Value[bool] | None = None

    def made(self, mechanism: str, catalog: Catalog, enabled: Value[bool], times: VeleroTimes, retention: Value[Duration]) -> Draft:
        row = catalog.mechanisms[mechanism]
        worst: Value[Duration] = times.gap
        if isinstance(times.gap, Known) and isinstance(self.lag, Known):
            worst = Known(times.gap.value + OPERATION_TIMEOUT + self.lag.value, times.gap.origin)
        elif isinstance(times.gap, Known):
            worst = self.lag
        return Draft(
            row=row,
            store=self.namespace.key,
            name=f"{row.title} {self.name}",
            address=self.address,
            type="velero.io/v1",
            deployment=self.namespace.site.name,
            region=self.region,
            account=self.account,
            enabled=enabled,
            prerequisites=self.prerequisites,
            scheduled=times.valid,
            gap=times.gap,
            worst_gap=worst,
            retention=retention,
            immutable=known(False, "no lock is read", Written(self.span)),
            attributes=Object(),
            copy_attributes=Object(),
            span=self.span,
            presence=self.captured.truth & self.resource.presence,
            why=self._why(),
            copy_key=self.copy_key,
            volume_data_moves=self.moves,
            limits=self.limits,
            application_consistent=self._at_rest(),
            key_region=self.key_region,
            key_replicated=self.key_replicated,
        )

    def _at_rest(self) -> Value[bool] | None:
        namespace = self.namespace
        return at_rest(self.spec, namespace.name, namespace.databases, namespace.dump) if namespace.databases else None

    def _why(self) -> Unknown | None:
        if self.captured.truth is not Truth.UNKNOWN:
            return absence_of(self.resource) if self.resource.presence is Truth.UNKNOWN else None
        return Unknown(Reason.TEMPLATE_PLACEHOLDER, self.captured.why, self.captured.origin or Written(self.span))


def _of_spec(
    namespace: Namespace,
    spec: BackupSpec,
    resource: Resource,
    span: Span,
    ours: Sequence[Place],
    places: Sequence[Place],
    replication: Mapping[str, Sequence[Draft]],
) -> Iterator[_Copy]:
    address = resource.address
    captured = captures(spec, namespace.name, namespace.labels)
    if captured.truth is Truth.FALSE:
        return
    volumes = _volumes(namespace, spec, resource)
    origin: Provenance = volumes.origin or Written(span)
    unknown = Unknown(Reason.OUTSIDE_SCOPE, f"{namespace.key} volumes: {volumes.why}", origin)
    data = from_truth(volumes.truth, volumes.why, (origin,), unknown)
    moved = known(volumes.how in ("data-mover", "file-system"), volumes.why, origin)
    moves: Value[bool] = unknown if volumes.truth is Truth.UNKNOWN else moved
    accepted = namespace.accepted.get(resource.key)
    refused = "Velero cannot choose a snapshot location, and refuses the backup"
    prerequisites = (
        Prerequisite("volume-data", data, volumes.why),
        *_of_server(namespace.server, volumes),
        *(() if accepted is None else (Prerequisite("snapshot-location", accepted, refused),)),
    )
    # A cluster none of whose locations is in the files has them elsewhere.
    target = target_of_backup(spec, ours, namespace.server) if ours else _elsewhere(namespace, span)
    if isinstance(target, Unknown):
        yield _Copy(namespace, resource.name, address, span, target, target, prerequisites, moves, {}, target, "", captured, resource, spec)
        return
    if target is None:
        missing = known(False, "no storage location of the cluster takes it", Written(span))
        absent = (*prerequisites, Prerequisite("storage-location", missing, "the backup has no storage location to go to"))
        nowhere = Absent(Written(span))
        yield _Copy(
            namespace,
            resource.name,
            address,
            span,
            nowhere,
            nowhere,
            absent,
            moves,
            {},
            Absent(Written(span)),
            "",
            captured,
            resource,
            spec,
        )
        return
    no_lag: Value[Duration] = Known(Duration(0), Written(span))
    at = data_region(moves, namespace.site.region, target.region)
    key = target.bucket.key if target.bucket is not None else ""
    limits = limits_of(namespace.dr_clusters, target, places, span)
    yield _Copy(
        namespace, resource.name, address, span, at, target.account, prerequisites, moves, limits, no_lag, key, captured, resource, spec
    )
    for rule in replication.get(key, ()):
        works = Prerequisite("replication", carries(rule, target.location.prefix), "the replication of its bucket does not work")
        copied = data_region(moves, namespace.site.region, rule.region)
        yield _Copy(
            namespace,
            f"{resource.name}, replicated",
            f"{address} → {rule.address}",
            span,
            copied,
            rule.account,
            (*prerequisites, works),
            moves,
            limits_of_copy(namespace.dr_clusters, rule.copy_key, places, span),
            rule.worst_gap,
            rule.copy_key,
            captured,
            resource,
            spec,
            rule.key_region,
            rule.key_replicated,
        )


def _volumes(namespace: Namespace, spec: BackupSpec, home: Resource) -> Capture:
    if namespace.claims:
        return captures_claims(spec, home, namespace.claims, namespace.snapshot_locations, namespace.configurations)
    # The claims of an operator's database are made by the operator.
    return captures_volumes(spec, snapshot_locations=namespace.snapshot_locations, opted_in=namespace.opted_in)


def _of_server(server: ServerSettings | None, volumes: Capture) -> Iterator[Prerequisite]:
    """Yield what copying volume data takes of a server that was read: one elsewhere may have it."""
    if server is None or volumes.how not in ("data-mover", "file-system"):
        return
    yield Prerequisite("node-agent", server.node_agent, "the node agent, which copies volume data, is not deployed")
    if volumes.how == "data-mover":
        yield Prerequisite("enable-csi", server.csi, "features of the server lack EnableCSI, without which no CSI snapshot is taken")


def _elsewhere(namespace: Namespace, span: Span) -> Unknown:
    return Unknown(Reason.OUTSIDE_SCOPE, f"storage locations of cluster {namespace.site.name}", Written(span))
