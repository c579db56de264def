"""Databases that operators run in a cluster: a store for each object that asks for one, and the backups that the operator takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drpolicy.catalog.operators import NativeBackup, built_in_operators
from drpolicy.catalog.rows import Catalog
from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.navigation import elements, entries, inside, place, strings, text
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Default, Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.stores import Prerequisite
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.locations import Site
from drpolicy.recovery.logic import known, negated
from drpolicy.recovery.operator_destinations import Database, Target, referenced, target_of, type_of
from drpolicy.recovery.operator_paths import all_at, at_path, holds
from drpolicy.recovery.operator_retention import retention_of
from drpolicy.recovery.operator_times import archived_gap, operator_times
from drpolicy.recovery.stores import StoreFacts
from drpolicy.recovery.velero_targets import absence_of, carries


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
    own = database.resource
    for way in database.row.backups:
        switched = _switched(database, way)
        if switched is None:
            continue
        for holder, element in _elements(database, way, resources):
            target = target_of(database, way.destination, holder, element, resources, links, held)
            named = referenced(database, way.destination, resources) if way.destination.place == "reference" else Absent(element.origin)
            for expression in _expressions(way, element, holder):
                kept = retention_of(way, own.get(), element, named, expression, holder.span)
                draft = replace(_draft(database, way, holder, element, expression, target, switched, catalog), retention=kept)
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
        if way.switch and not any(isinstance(at_path(own.get(), path), Known | Unknown) for path in way.expressions):
            # It is switched on, and when it runs is the operator's own default.
            expression = Unknown(Reason.OUTSIDE_SCOPE, f"schedule that {database.row.title} is configured with", switched.origin)
            target = target_of(database, way.destination, own, own.get(), resources, links, held)
            kept = retention_of(way, own.get(), own.get(), Absent(own.get().origin), expression, own.span)
            yield replace(_draft(database, way, own, own.get(), expression, target, switched, catalog), retention=kept)


def buckets_of(
    databases: Sequence[Database], resources: Sequence[Resource], links: Links, held: Mapping[str, Holding]
) -> dict[str, Written]:
    """Return the keys of the buckets that operators write backups to, and the objects that say so."""
    found: dict[str, Written] = {}
    for database in databases:
        for way in database.row.backups:
            for holder, element in _elements(database, way, resources):
                target = target_of(database, way.destination, holder, element, resources, links, held)
                if target.bucket is not None:
                    found.setdefault(target.bucket.key, Written(holder.span))
    return found


def _switched(database: Database, way: NativeBackup) -> Value[bool] | None:
    """Return whether the database has the backup switched on; ``None`` when it does not ask for it."""
    root = database.resource.get()
    header = Written(database.resource.span)
    if way.off and isinstance(off := at_path(root, way.off), Known | Unknown):
        return off
    if way.switch:
        given = at_path(root, way.switch)
        return None if isinstance(given, Absent) or (isinstance(given, Known) and given.value is not True) else given
    return known(True, f"{way.title} by {database.row.title}", header)


def _expressions(way: NativeBackup, element: Value[Any], holder: Resource) -> Iterator[Value[str]]:
    """Yield the expressions that are written, and the one that applies when there is none."""
    written = [strings(at_path(element, path)) for path in way.expressions]
    yield from (each for each in written if not isinstance(each, Absent))
    if way.standard_expression and all(isinstance(each, Absent) for each in written):
        yield Known(way.standard_expression, Default(way.standard_expression, way.standard_source, holder.span))


def _elements(database: Database, way: NativeBackup, resources: Sequence[Resource]) -> Iterator[tuple[Resource, Value[Any]]]:
    """Yield the schedules of a way to back up, each with the object that it is written in."""
    for holder in _holders(database, way, resources):
        if holds(holder.get(), way.where) is not True:
            continue
        found = [holder.get()]
        if way.each:
            listing = at_path(holder.get(), way.each)
            found = [*elements(listing), *(each for _, each in entries(listing))]
        for element in found:
            required = at_path(element, way.requires) if way.requires else element
            if not isinstance(required, Absent) and text(required) != "":
                yield holder, element


def _holders(database: Database, way: NativeBackup, resources: Sequence[Resource]) -> Iterator[Resource]:
    own = database.resource
    if not way.cluster and not way.selector:
        yield own
        return
    names = {text(each) for each in all_at(own.get(), way.named)} if way.named else {own.name}
    for each in resources:
        if each.deployment != own.deployment or type_of(each) != way.type:
            continue
        if namespace_of(each) != database.namespace and (not way.everywhere or namespace_of(each) != way.everywhere):
            continue
        if way.selector:
            if _selects(at_path(each.get(), way.selector), own):
                yield each
            continue
        named = at_path(each.get(), way.cluster)
        if text(named) in names or isinstance(named, Unknown):
            yield each


def _selects(selector: Value[Any], own: Resource) -> bool:
    """Whether labels select the store; what is said in expressions, or not known, selects nothing: the row leaves its stores open."""
    wanted, labels = dict(entries(inside(selector, "matchLabels"))), dict(entries(at_path(own.get(), "metadata.labels")))
    if isinstance(selector, Unknown) or not isinstance(inside(selector, "matchExpressions"), Absent):
        return False
    return all(text(value) is not None and text(labels.get(name, Absent(value.origin))) == text(value) for name, value in wanted.items())


def _draft(
    database: Database,
    way: NativeBackup,
    holder: Resource,
    element: Value[Any],
    expression: Value[str],
    target: Target,
    switched: Value[bool],
    catalog: Catalog,
) -> Draft:
    row = catalog.mechanisms["operator-backup"]
    times = operator_times(expression, way.cron)
    span = place(expression, holder.span)
    enabled: Value[bool] = switched
    suspended = at_path(element, way.suspended) if way.suspended else Absent(element.origin)
    if isinstance(suspended, Unknown) or (isinstance(suspended, Known) and suspended.value is True):
        enabled = negated(suspended)
    element_on = at_path(element, way.enabled) if way.enabled else Absent(element.origin)
    if isinstance(element_on, Unknown) or (isinstance(element_on, Known) and element_on.value is False):
        enabled = element_on
    gap = worst = archived_gap(way, database.resource.get(), times.gap, span)
    presence = database.resource.presence & holder.presence
    named = at_path(holder.get(), way.cluster) if way.cluster else Absent(element.origin)
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


def _sum(gap: Value[Duration], lag: Value[Duration]) -> Value[Duration]:
    if isinstance(gap, Known) and isinstance(lag, Known):
        return Known(gap.value + lag.value, gap.origin)
    return lag if isinstance(gap, Known) else gap
