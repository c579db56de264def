"""The schedules that operators are given, as rules: each once, whether or not a database that it is for was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from drpolicy.catalog.operator_rows import NativeBackup
from drpolicy.catalog.rows import Catalog
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Unknown, Value
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.locations import Site
from drpolicy.recovery.logic import known
from drpolicy.recovery.operator_destinations import Database, Target
from drpolicy.recovery.operator_retention import expiry_of
from drpolicy.recovery.operator_schedules import Planned, doubt, elements_for, ownerless, planned
from drpolicy.recovery.operator_times import as_five_fields, operator_times
from drpolicy.recovery.operators import draft_of, kept_for, plans_of, switched_on
from drpolicy.recovery.rule_gaps import Times
from drpolicy.recovery.velero_targets import absence_of


def rules(databases: Sequence[Database], resources: Sequence[Resource], sites: Mapping[str, Site], catalog: Catalog) -> Iterator[Draft]:
    """Yield every schedule once, without a store."""
    found: dict[tuple[str, str], Draft] = {}
    owned: set[tuple[str, str]] = set()
    for database in databases:
        for way in database.row.backups:
            switched = switched_on(database, way)
            if switched is None:
                continue
            for element in elements_for(database, way, resources):
                owned.add((database.site.name, element.address))
                for plan in plans_of(database, way, element, switched):
                    kept = kept_for(expiry_of, database, way, plan, resources)
                    found.setdefault((database.site.name, plan.address), _rule(database, way, plan, kept, switched, catalog))
    yield from found.values()
    for stand_in, way, element in ownerless(resources, sites, frozenset(owned)):
        switched = known(True, f"{way.title} by {stand_in.row.title}", Written(element.holder.span))
        for plan in planned(way, element):
            missing = Unknown(Reason.OUTSIDE_SCOPE, f"what the {stand_in.row.title} says of the retention", Written(element.holder.span))
            elsewhere = any(each.expires and each.place != "element" for each in way.retentions)
            kept = missing if elsewhere else kept_for(expiry_of, stand_in, way, plan, resources)
            yield _rule(stand_in, way, plan, kept, switched, catalog)


def _rule(database: Database, way: NativeBackup, plan: Planned, expires: Value[Duration], switched: Value[bool], catalog: Catalog) -> Draft:
    """Return a schedule without a store: when it runs, and the age at which what it makes is deleted."""
    header = Written(plan.element.holder.span)
    nowhere = Target(Absent(header), Absent(header), None, Absent(header))
    draft, read = draft_of(database, way, plan, nowhere, switched, catalog), operator_times(plan.expression, way.cron)
    five = as_five_fields(plan.expression, way.cron)
    times = Times(read.gap, Absent(header), read.valid, plan.expression, read.valid, read.fires, read.problem, five)
    holder, open_ = plan.element.holder, doubt(way, plan.element)
    return replace(
        draft,
        store="",
        name=plan.name,
        prerequisites=(),
        gap=read.gap,
        worst_gap=read.gap,
        expires=expires,
        times=times,
        # Whether a database is the one it is for does not make it any less a schedule.
        presence=holder.presence if open_ is None else holder.presence & Truth.UNKNOWN,
        why=open_ or (absence_of(holder) if holder.presence is Truth.UNKNOWN else None),
    )
