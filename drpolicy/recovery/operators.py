"""Databases that operators run in a cluster: a store for each object that asks for one, and the backups that the operator takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from drpolicy.catalog.operator_rows import NativeBackup
from drpolicy.catalog.operators import built_in_operators
from drpolicy.catalog.rows import Catalog
from drpolicy.kubernetes.navigation import place
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.stores import Prerequisite
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.locations import Site
from drpolicy.recovery.logic import known, negated
from drpolicy.recovery.operator_destinations import Database, Target, referenced, target_of, type_of
from drpolicy.recovery.operator_paths import at_path
from drpolicy.recovery.operator_retention import retention_of
from drpolicy.recovery.operator_schedules import Element, Planned, doubt, elements_for, named, planned
from drpolicy.recovery.operator_settings import completed
from drpolicy.recovery.operator_times import archived_gap, operator_times
from drpolicy.recovery.stores import StoreFacts
from drpolicy.recovery.velero_targets import absence_of, carries


def databases(resources: Sequence[Resource], sites: Mapping[str, Site]) -> tuple[Database, ...]:
    """Return the databases that operators are asked for on clusters whose data has to be recovered."""
    rows = built_in_operators()
    return tuple(
        Database(row, each, sites[each.deployment], completed(row, each, resources))
        for each in resources
        if each.channel == "manifest" and (row := rows.get(type_of(each))) is not None and not sites[each.deployment].is_dr
    )


def database_facts(database: Database) -> StoreFacts:
    """Return the store that a database is."""
    resource, row, site = database.resource, database.row, database.site
    header = Written(resource.span)
    follows = at_path(resource.get(), row.replica) if row.replica else Absent(header)
    replica = isinstance(follows, Known) and follows.value is True
    class_: Value[str] = Known("replica" if replica else row.data_class, Derived(f"a database of {row.title}", (header,)))
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
    for way in database.row.backups:
        switched = switched_on(database, way)
        if switched is None:
            continue
        for element in elements_for(database, way, resources):
            yield from _of_element(database, way, element, switched, resources, links, held, replication, catalog)


def _of_element(
    database: Database,
    way: NativeBackup,
    element: Element,
    switched: Value[bool],
    resources: Sequence[Resource],
    links: Links,
    held: Mapping[str, Holding],
    replication: Mapping[str, Sequence[Draft]],
    catalog: Catalog,
) -> Iterator[Draft]:
    target = target_of(database, way.destination, element.holder, element.value, resources, links, held)
    for plan in plans_of(database, way, element, switched):
        kept = kept_for(retention_of, database, way, plan, resources)
        draft = replace(draft_of(database, way, plan, target, switched, catalog), retention=kept)
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
                key_region=rule.key_region,
                key_replicated=rule.key_replicated,
            )


def plans_of(database: Database, way: NativeBackup, element: Element, switched: Value[bool]) -> Iterator[Planned]:
    """Yield what an element plans; where it is only switched on, when it runs is the operator's own default."""
    found = list(planned(way, element))
    if not found and way.switch:
        expression = Unknown(Reason.OUTSIDE_SCOPE, f"schedule that {database.row.title} is configured with", switched.origin)
        found = [named(way, element, way.expressions[0], expression)]
    yield from found


def kept_for(
    asked: Callable[[NativeBackup, Value[Any], Value[Any], Value[Any], Value[str], Span], Value[Duration]],
    database: Database,
    way: NativeBackup,
    plan: Planned,
    resources: Sequence[Resource],
) -> Value[Duration]:
    """Return what is asked about how long a backup is kept, of the objects that say it."""
    element = plan.element
    absent: Value[Any] = Absent(element.value.origin)
    store = referenced(database, way.destination, resources) if way.destination.place == "reference" else absent
    return asked(way, database.root, element.value, store, plan.expression, element.holder.span)


def buckets_of(
    databases: Sequence[Database], resources: Sequence[Resource], links: Links, held: Mapping[str, Holding]
) -> dict[str, Written]:
    """Return the keys of the buckets that operators write backups to, and the objects that say so."""
    found: dict[str, Written] = {}
    for database in databases:
        for way in database.row.backups:
            for each in elements_for(database, way, resources):
                target = target_of(database, way.destination, each.holder, each.value, resources, links, held)
                if target.bucket is not None:
                    found.setdefault(target.bucket.key, Written(each.holder.span))
    return found


def switched_on(database: Database, way: NativeBackup) -> Value[bool] | None:
    """Return whether the database has the backup switched on; ``None`` when it does not ask for it."""
    root, header = database.root, Written(database.resource.span)
    if way.off and isinstance(off := at_path(root, way.off), Known | Unknown):
        return off
    if way.switch:
        given = at_path(root, way.switch)
        return None if isinstance(given, Absent) or (isinstance(given, Known) and given.value is not True) else given
    return known(True, f"{way.title} by {database.row.title}", header)


def draft_of(
    database: Database,
    way: NativeBackup,
    plan: Planned,
    target: Target,
    switched: Value[bool],
    catalog: Catalog,
) -> Draft:
    """Return a backup of a database, without its retention."""
    row = catalog.mechanisms["operator-backup"]
    holder, element, expression = plan.element.holder, plan.element.value, plan.expression
    times = operator_times(expression, way.cron)
    span = place(expression, holder.span)
    enabled: Value[bool] = switched
    suspended = at_path(element, way.suspended) if way.suspended else Absent(element.origin)
    if isinstance(suspended, Unknown) or (isinstance(suspended, Known) and suspended.value is True):
        enabled = negated(suspended)
    element_on = at_path(element, way.enabled) if way.enabled else Absent(element.origin)
    if isinstance(element_on, Unknown) or (isinstance(element_on, Known) and element_on.value is False):
        enabled = element_on
    gap = worst = archived_gap(way, database.root, times.gap, span)
    presence = database.resource.presence & holder.presence
    named = at_path(holder.get(), way.cluster) if way.cluster else Absent(element.origin)
    open_ = named if isinstance(named, Unknown) else doubt(way, plan.element)
    if open_ is not None:
        presence = presence & Truth.UNKNOWN
    why = open_ or (absence_of(holder) if presence is Truth.UNKNOWN else None)
    return Draft(
        row=row,
        store=database.key,
        name=f"{way.title} of {database.row.title}",
        address=plan.address,
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


def _sum(gap: Value[Duration], lag: Value[Duration]) -> Value[Duration]:
    if isinstance(gap, Known) and isinstance(lag, Known):
        return Known(gap.value + lag.value, gap.origin)
    return lag if isinstance(gap, Known) else gap
