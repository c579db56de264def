"""Databases that operators run in a cluster: a store for each object that asks for one, and the backups that the operator takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drpolicy.catalog.operators import Destination, NativeBackup, OperatorRow, built_in_operators
from drpolicy.catalog.rows import Catalog
from drpolicy.kubernetes.kinds import group_of, kind_of, namespace_of
from drpolicy.kubernetes.navigation import elements, entries, inside, place, strings, text
from drpolicy.model.durations import Duration, format_duration
from drpolicy.model.provenance import Default, Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Resource
from drpolicy.model.stores import Prerequisite
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.locations import Site
from drpolicy.recovery.logic import known, negated
from drpolicy.recovery.stores import StoreFacts
from drpolicy.recovery.velero import absence_of, carries
from drpolicy.recovery.velero_times import VeleroTimes, times_of


@dataclass(frozen=True, slots=True, eq=False)
class Database:
    """One object that asks an operator for a database."""

    row: OperatorRow
    resource: Resource
    site: Site

    @property
    def key(self) -> str:
        return self.resource.key

    @property
    def namespace(self) -> str:
        return namespace_of(self.resource)


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    """Where a backup goes; ``bucket`` is ``None`` when no file makes it."""

    region: Value[str]
    account: Value[str]
    bucket: Holding | None
    prefix: Value[str]


def type_of(resource: Resource) -> tuple[str, str]:
    """Return the group and the kind of a resource of a manifest."""
    return group_of(resource.type.rpartition("/")[0]), kind_of(resource)


def databases(resources: Sequence[Resource], sites: Mapping[str, Site]) -> tuple[Database, ...]:
    """Return the databases that operators are asked for on clusters whose data has to be recovered."""
    rows = built_in_operators()
    return tuple(
        Database(row, each, sites[each.deployment])
        for each in resources
        if each.channel == "manifest" and (row := rows.get(type_of(each))) is not None and not sites[each.deployment].is_dr
    )


def database_facts(database: Database) -> StoreFacts:
    """Return the store that a database is."""
    resource, row, site = database.resource, database.row, database.site
    header = Written(resource.span)
    follows = _at(resource.get(), row.replica) if row.replica else Absent(header)
    replica = isinstance(follows, Known) and follows.value is True
    class_: Value[str] = Known("replica" if replica else "system-of-record", Derived(f"a database of {row.title}", (header,)))
    if isinstance(follows, Unknown):
        class_ = follows
    return StoreFacts(
        key=database.key,
        name=f"{site.name}/{database.namespace}/{resource.name}",
        address=resource.address,
        type=resource.type,
        kind=row.is_,
        deployment=site.name,
        environment=Absent(header),
        region=site.region,
        account=site.account,
        data_class=class_,
        replica_of=Absent(header),
        span=resource.span,
        attributes=resource.attributes,
    )


def opened_by(database: Database) -> Unknown | None:
    """Return what else may protect a database that no object of the cluster says."""
    row = database.row
    return Unknown(Reason.OUTSIDE_SCOPE, row.elsewhere, Written(database.resource.span)) if row.elsewhere else None


def native_drafts(
    database: Database,
    resources: Sequence[Resource],
    links: Links,
    held: Mapping[str, Holding],
    replication: Mapping[str, Sequence[Draft]],
    catalog: Catalog,
) -> Iterator[Draft]:
    """Yield the backups that the operator takes of a database: one for each schedule, and for each bucket that it is copied to."""
    own = database.resource
    for way in database.row.backups:
        switched = _switched(database, way)
        if switched is None:
            continue
        for holder, element in _elements(database, way, resources):
            target = _target(database, way.destination, holder, element, resources, links, held)
            for path in way.expressions:
                expression = strings(_at(element, path))
                if isinstance(expression, Absent):
                    continue
                draft = _draft(database, way, holder, element, expression, target, switched, catalog)
                yield draft
                for rule in replication.get(draft.copy_key, ()) if draft.copy_key else ():
                    works = Prerequisite("replication", carries(rule, target.prefix), "the replication of its bucket does not work")
                    yield replace(
                        draft,
                        name=f"{draft.name}, replicated",
                        address=f"{draft.address} → {rule.address}",
                        region=rule.region,
                        account=rule.account,
                        prerequisites=(*draft.prerequisites, works),
                        worst_gap=_sum(draft.worst_gap, rule.worst_gap),
                        copy_key=rule.copy_key,
                    )
        if way.switch and not any(isinstance(_at(own.get(), path), Known | Unknown) for path in way.expressions):
            # It is switched on, and when it runs is the operator's own default.
            expression = Unknown(Reason.OUTSIDE_SCOPE, f"schedule that {database.row.title} is configured with", switched.origin)
            target = _target(database, way.destination, own, own.get(), resources, links, held)
            yield _draft(database, way, own, own.get(), expression, target, switched, catalog)


def buckets_of(
    databases: Sequence[Database], resources: Sequence[Resource], links: Links, held: Mapping[str, Holding]
) -> dict[str, Written]:
    """Return the keys of the buckets that operators write backups to, and the objects that say so."""
    found: dict[str, Written] = {}
    for database in databases:
        for way in database.row.backups:
            for holder, element in _elements(database, way, resources):
                target = _target(database, way.destination, holder, element, resources, links, held)
                if target.bucket is not None:
                    found.setdefault(target.bucket.key, Written(holder.span))
    return found


def _switched(database: Database, way: NativeBackup) -> Value[bool] | None:
    """Return whether the database has the backup switched on; ``None`` when it does not ask for it."""
    root = database.resource.get()
    header = Written(database.resource.span)
    if way.off and isinstance(off := _at(root, way.off), Known | Unknown):
        return off
    if way.switch:
        given = _at(root, way.switch)
        return None if isinstance(given, Absent) or (isinstance(given, Known) and given.value is not True) else given
    return known(True, f"{way.title} by {database.row.title}", header)


def _elements(database: Database, way: NativeBackup, resources: Sequence[Resource]) -> Iterator[tuple[Resource, Value[Any]]]:
    """Yield the schedules of a way to back up, each with the object that it is written in."""
    for holder in _holders(database, way, resources):
        path, allowed = way.where
        if path:
            given = strings(_at(holder.get(), path))
            if isinstance(given, Unknown) or ((text(given) or "") not in allowed):
                continue
        if way.each:
            yield from ((holder, element) for element in elements(_at(holder.get(), way.each)))
        else:
            yield holder, holder.get()


def _holders(database: Database, way: NativeBackup, resources: Sequence[Resource]) -> Iterator[Resource]:
    own = database.resource
    if not way.cluster:
        yield own
        return
    for each in resources:
        if each.deployment == own.deployment and type_of(each) == way.type and namespace_of(each) == database.namespace:
            named = _at(each.get(), way.cluster)
            if text(named) == own.name or isinstance(named, Unknown):
                yield each


def _at(value: Value[Any], path: str) -> Value[Any]:
    """Return what stands at a path of names with dots; ``[]`` after a name takes the first element of the list that has the rest."""
    name, _, rest = path.partition(".")
    if not name.endswith("[]"):
        found = inside(value, name)
        return _at(found, rest) if rest else found
    listing = inside(value, name[:-2])
    for element in elements(listing):
        found = _at(element, rest)
        if not isinstance(found, Absent):
            return found
    return listing if isinstance(listing, Unknown) else Absent(value.origin)


def _target(
    database: Database,
    destination: Destination,
    holder: Resource,
    element: Value[Any],
    resources: Sequence[Resource],
    links: Links,
    held: Mapping[str, Holding],
) -> _Target:
    site, own = database.site, database.resource
    empty: Value[str] = Known("", Derived("the whole bucket", (Written(own.span),)))
    if destination.place == "cluster":
        return _Target(site.region, site.account, None, empty)
    where: Value[Any] = element
    match destination.place:
        case "store":
            where = own.get()
        case "storage":
            name = text(_at(element, destination.storage))
            where = dict(entries(_at(own.get(), destination.storages))).get(name or "", Absent(element.origin))
        case "reference":
            where = _referenced(database, destination, resources)
        case _:
            pass
    volume = _at(where, destination.volume) if destination.volume else Absent(where.origin)
    if not isinstance(volume, Absent):
        return _Target(site.region, site.account, None, empty)
    bucket, prefix = _bucket(where, destination)
    if isinstance(bucket, Absent):
        nowhere = Unknown(Reason.OUTSIDE_SCOPE, f"where {database.row.title} puts the backups of {own.name}", Written(holder.span))
        return _Target(nowhere, nowhere, None, empty)
    endpoint = strings(_at(where, destination.endpoint)) if destination.endpoint else Absent(bucket.origin)
    if not isinstance(endpoint, Absent) and "amazonaws.com" not in (text(endpoint) or ""):
        # A store of another maker has no region of AWS, whatever is written for the client's sake.
        served = Unknown(Reason.OUTSIDE_SCOPE, f"where {text(endpoint) or 'its endpoint'} is", endpoint.origin)
        return _Target(served, served, None, prefix)
    resolution = links.resolve(bucket, ("aws_s3_bucket",), holder)
    made = held.get(resolution.single.key) if resolution.single is not None else None
    if made is not None:
        return _Target(made.resource.region, made.resource.account, made, prefix)
    what = text(bucket) or "(unknown)"
    account = Unknown(Reason.OUTSIDE_SCOPE, f"account of bucket {what}", bucket.origin)
    written = strings(_at(where, destination.region)) if destination.region else Absent(bucket.origin)
    region: Value[str] = written
    if isinstance(written, Absent):
        region = Unknown(Reason.OUTSIDE_SCOPE, f"region of bucket {what}", bucket.origin)
    return _Target(region, account, None, prefix)


def _bucket(where: Value[Any], destination: Destination) -> tuple[Value[str], Value[str]]:
    """Return the bucket and the prefix that are written, as such or in a URL; only S3 has buckets that Terraform's AWS provider makes."""
    if not destination.url:
        bucket = strings(_at(where, destination.bucket)) if destination.bucket else Absent(where.origin)
        return bucket, Known("", Derived("the whole bucket", (bucket.origin,)))
    url = strings(_at(where, destination.url))
    if not isinstance(url, Known):
        return url, url
    scheme, _, rest = url.value.partition("://")
    name, _, prefix = rest.partition("/")
    return (Known(name, url.origin), Known(prefix, url.origin)) if scheme == "s3" and name else (Absent(url.origin), url)


def _referenced(database: Database, destination: Destination, resources: Sequence[Resource]) -> Value[Any]:
    own = database.resource
    named = _at(own.get(), destination.name)
    name = text(named)
    for each in resources:
        same_place = each.deployment == own.deployment and namespace_of(each) == database.namespace
        if same_place and type_of(each) == destination.type and each.name == name:
            return each.get()
    return named if isinstance(named, Unknown) else Absent(named.origin)


def _draft(
    database: Database,
    way: NativeBackup,
    holder: Resource,
    element: Value[Any],
    expression: Value[str],
    target: _Target,
    switched: Value[bool],
    catalog: Catalog,
) -> Draft:
    row = catalog.mechanisms["operator-backup"]
    times = _times(expression, way)
    span = place(expression, holder.span)
    enabled: Value[bool] = switched
    suspended = _at(element, way.suspended) if way.suspended else Absent(element.origin)
    if isinstance(suspended, Unknown) or (isinstance(suspended, Known) and suspended.value is True):
        enabled = negated(suspended)
    element_on = _at(element, way.enabled) if way.enabled else Absent(element.origin)
    if isinstance(element_on, Unknown) or (isinstance(element_on, Known) and element_on.value is False):
        enabled = element_on
    gap, worst = times.gap, times.gap
    if way.continuous is not None and isinstance(times.gap, Known):
        gap = worst = Known(Duration(way.continuous), Default(format_duration(way.continuous), way.source, span))
    presence = database.resource.presence & holder.presence
    named = _at(holder.get(), way.cluster) if way.cluster else Absent(element.origin)
    if isinstance(named, Unknown):
        presence = presence & Truth.UNKNOWN
    why = named if isinstance(named, Unknown) else absence_of(holder) if presence is Truth.UNKNOWN else None
    return Draft(
        row=row,
        store=database.key,
        name=f"{way.title} of {database.row.title}",
        address=holder.address,
        type=holder.type,
        deployment=database.site.name,
        region=target.region,
        account=target.account,
        enabled=enabled,
        prerequisites=(Prerequisite("fires", times.fires, f"it never runs{times.problem}"),),
        scheduled=times.valid,
        gap=gap,
        worst_gap=worst,
        retention=Absent(Written(holder.span)),
        immutable=known(False, "no lock is read", Written(holder.span)),
        attributes=Object(),
        copy_attributes=Object(),
        span=span,
        presence=presence,
        why=why,
        copy_key=target.bucket.key if target.bucket is not None else "",
    )


def _times(expression: Value[str], way: NativeBackup) -> VeleroTimes:
    """Read a cron expression as the operator does: with seconds first, a day of the week that is left out is every day."""
    if not way.seconds or not isinstance(expression, Known):
        return times_of(expression)
    fields = expression.value.split()
    if len(fields) == 5 and not expression.value.startswith("@"):
        fields.append("*")
    rest = " ".join(fields[1:]) if len(fields) == 6 else expression.value
    return times_of(Known(rest, expression.origin))


def _sum(gap: Value[Duration], lag: Value[Duration]) -> Value[Duration]:
    if isinstance(gap, Known) and isinstance(lag, Known):
        return Known(gap.value + lag.value, gap.origin)
    return lag if isinstance(gap, Known) else gap
