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
from drpolicy.model.provenance import Derived, Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.stores import Prerequisite
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.locations import Place, Site
from drpolicy.recovery.logic import all_of, any_of, equal, from_truth, known, negated, truth_of
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
        )

    def _at_rest(self) -> Value[bool] | None:
        namespace = self.namespace
        return at_rest(self.spec, namespace.name, namespace.databases, namespace.dump) if namespace.databases else None

    def _why(self) -> Unknown | None:
        if self.captured.truth is not Truth.UNKNOWN:
            return absence_of(self.resource) if self.resource.presence is Truth.UNKNOWN else None
        return Unknown(Reason.TEMPLATE_PLACEHOLDER, self.captured.why, self.captured.origin or Written(self.span))


def absence_of(resource: Resource) -> Unknown:
    """Return why an object may not be there."""
    return resource.why or Unknown(Reason.COUNT_NOT_KNOWN, resource.key, Written(resource.span))


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
    prerequisites = (Prerequisite("volume-data", data, volumes.why), *_of_server(namespace.server, volumes))
    # A cluster none of whose locations is in the files has them elsewhere.
    target = _target(spec, ours, namespace.server) if ours else _elsewhere(namespace, span)
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
    at = _data_region(moves, namespace.site.region, target.region)
    key = target.bucket.key if target.bucket is not None else ""
    limits = _limits(namespace, target, places, span)
    yield _Copy(
        namespace, resource.name, address, span, at, target.account, prerequisites, moves, limits, no_lag, key, captured, resource, spec
    )
    for rule in replication.get(key, ()):
        works = Prerequisite("replication", carries(rule, target.location.prefix), "the replication of its bucket does not work")
        copied = _data_region(moves, namespace.site.region, rule.region)
        yield _Copy(
            namespace,
            f"{resource.name}, replicated",
            f"{address} → {rule.address}",
            span,
            copied,
            rule.account,
            (*prerequisites, works),
            moves,
            _read_limits(namespace, rule.copy_key, places, span),
            rule.worst_gap,
            rule.copy_key,
            captured,
            resource,
            spec,
        )


def _volumes(namespace: Namespace, spec: BackupSpec, home: Resource) -> Capture:
    if namespace.claims:
        return captures_claims(spec, home, namespace.claims, namespace.snapshot_locations, namespace.configurations)
    # The claims of an operator's database are made by the operator.
    return captures_volumes(spec, snapshot_locations=namespace.snapshot_locations, opted_in=namespace.opted_in)


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


def _data_region(moves: Value[bool], volume: Value[str], backup: Value[str]) -> Value[str]:
    """Return where the volume data of a backup is: with the backup, or beside the volume."""
    match truth_of(moves):
        case Truth.TRUE:
            return backup
        case Truth.FALSE:
            return volume
        case Truth.UNKNOWN:
            return moves if isinstance(moves, Unknown) else backup


def _of_server(server: ServerSettings | None, volumes: Capture) -> Iterator[Prerequisite]:
    """Yield what copying volume data takes of a server that was read: one elsewhere may have it."""
    if server is None or volumes.how not in ("data-mover", "file-system"):
        return
    yield Prerequisite("node-agent", server.node_agent, "the node agent, which copies volume data, is not deployed")
    if volumes.how == "data-mover":
        yield Prerequisite("enable-csi", server.csi, "features of the server lack EnableCSI, without which no CSI snapshot is taken")


def _elsewhere(namespace: Namespace, span: Span) -> Unknown:
    return Unknown(Reason.OUTSIDE_SCOPE, f"storage locations of cluster {namespace.site.name}", Written(span))


def _target(spec: BackupSpec, ours: Sequence[Place], server: ServerSettings | None) -> Place | Unknown | None:
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


def _limits(namespace: Namespace, target: Place, places: Sequence[Place], span: Span) -> Mapping[str, Value[bool]]:
    same_bucket = [equal("it reads the same bucket", each.location.bucket, target.location.bucket) for each in places]
    return _limited(namespace, list(zip(places, same_bucket, strict=True)), f"location {target.location.name}", span)


def _read_limits(namespace: Namespace, bucket: str, places: Sequence[Place], span: Span) -> Mapping[str, Value[bool]]:
    return _limited(namespace, [(each, _is_bucket(each, bucket)) for each in places], bucket, span)


def _is_bucket(place: Place, bucket: str) -> Value[bool]:
    if place.bucket is None and isinstance(place.location.bucket, Unknown):
        return place.location.bucket
    reads = place.bucket is not None and place.bucket.key == bucket
    return known(reads, "it reads the copy" if reads else "it reads another bucket", place.location.bucket.origin)


def _limited(namespace: Namespace, reads: Sequence[tuple[Place, Value[bool]]], what: str, span: Span) -> Mapping[str, Value[bool]]:
    """Return the limit that a copy counts after the loss of the region only if a DR cluster, where the files have one, reads it."""
    if not namespace.dr_clusters:
        return {}
    dr = [(each, read) for each, read in reads if each.site.is_dr]
    if not dr:
        names = ", ".join(namespace.dr_clusters)
        return {"region": Unknown(Reason.OUTSIDE_SCOPE, f"what Velero on {names} reads", Written(span))}
    found = any_of(f"no DR cluster reads {what}", [read for _, read in dr])
    if isinstance(found, Known) and not found.value:
        origins = tuple(each.location.bucket.origin for each, _ in dr)
        return {"region": Known(False, Derived(f"no DR cluster reads {what}", origins))}
    return {"region": found}
