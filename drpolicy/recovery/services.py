"""Declared services: what they ask for, held against what their stores can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.estate import DISRUPTIONS, Claim, Cluster, Drill, Objective, RestoreTest, Runbook, Service, Store, Target
from drpolicy.model.provenance import Written
from drpolicy.model.ranges import Range
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, members
from drpolicy.recovery.bounds import NOTHING, widest
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.deployments import regions_of
from drpolicy.recovery.drills import measured, newest
from drpolicy.recovery.logic import known, truth_of

ALWAYS_SHOWN = ("corruption", "region")
"""Disruptions whose recovery is worked out even when nobody declared an objective for them."""


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What a service is judged with: everything found elsewhere that concerns it."""

    stores: Mapping[str, Store]
    claimed: Sequence[Claimed]
    clusters: Sequence[Cluster]
    restore_tests: Sequence[RestoreTest]
    drills: Sequence[Drill]
    runbook: Runbook | None
    environment: Value[str]
    unresolved_why: Unknown | None = None
    """Why a reference that resolves to nothing may still name something: a module that is not on disk."""


def service_of(declaration: ServiceDeclaration, claim: Claim, around: Surroundings) -> Service:
    """Return a service with its targets, one per disruption that is declared or always shown."""
    header = Written(declaration.span)
    stores = Members(
        tuple(Member(around.stores[each.store], each.presence, each.why) for each in around.claimed if each.store in around.stores)
    )
    drills = [drill for drill in around.drills if drill.service == declaration.name]
    targets = [
        _target(disruption, objective, stores, drills, claim)
        for disruption in DISRUPTIONS
        if (objective := _objective(claim, disruption)) is not None or disruption in ALWAYS_SHOWN
    ]
    missing = [each for each in around.claimed if not each.store]
    last = newest(drills)
    tests = [test for test in around.restore_tests if any(each.name == test.cluster for each in _clusters(stores, around))]
    rpo, rpo_at = _missed(targets, "rpo")
    rto, rto_at = _missed(targets, "rto")
    absent: Value[Any] = Absent(header)
    return Service(
        key=f"service//{declaration.name}",
        name=declaration.name,
        environment=around.environment,
        owner=declaration.owner,
        tier=declaration.tier,
        strategy=declaration.strategy,
        has_objectives=_has_objectives(claim, declaration),
        targets=members(targets),
        stores=stores,
        unresolved=Members(tuple(_unresolved(each, around.unresolved_why) for each in missing)),
        unresolved_at=Known(missing[0].text, Written(missing[0].reference.span)) if missing else absent,
        regions=_regions(stores),
        dr_regions=Members(
            tuple(Member(each.value) for each in declaration.dr_regions if isinstance(each, Known)), declaration.dr_regions.rest
        ),
        dr_regions_at=next((each for each in declaration.dr_regions if isinstance(each, Known)), absent),
        runbook=declaration.runbook,
        runbook_exists=around.runbook.exists if around.runbook is not None else absent,
        drills=members(drills),
        last_drill_age=last.age if last is not None else absent,
        last_drill_passed=last.passed if last is not None else absent,
        missed_rpo=rpo,
        missed_rpo_at=rpo_at if rpo_at is not None else absent,
        missed_rto=rto,
        missed_rto_at=rto_at if rto_at is not None else absent,
        restore_tests=members(tests),
        depends_on=members(each.service.value for each in declaration.dependencies if isinstance(each.service, Known)),
        required_by=members([claim]),
        span=declaration.span,
    )


def _objective(claim: Claim, disruption: str) -> Objective | None:
    return next((each for each in claim.objectives if each.disruption == disruption), None)


def _has_objectives(claim: Claim, declaration: ServiceDeclaration) -> Value[bool]:
    """Whether one RTO and one RPO at least are declared, by the service or by its tier."""
    if claim.objectives.rest is not None:
        return claim.objectives.rest
    if not claim.objectives.elements and isinstance(declaration.tier, Unknown):
        return declaration.tier
    rto = any(not isinstance(each.rto, Absent) for each in claim.objectives)
    rpo = any(not isinstance(each.rpo, Absent) for each in claim.objectives)
    return known(rto and rpo, "an RTO and an RPO are declared", Written(declaration.span))


def _target(disruption: str, objective: Objective | None, stores: Members[Store], drills: Sequence[Drill], claim: Claim) -> Target:
    ranges = [
        (store.name, getattr(store.recovery, disruption))
        for store in stores
        if not (isinstance(store.data_class, Known) and store.data_class.value != "system-of-record")
    ]
    weakest, rpo = widest([(name, each.rpo) for name, each in ranges]) if ranges else ("", _nothing_known(stores))
    _, rto = widest([(name, each.rto) for name, each in ranges]) if ranges else ("", _nothing_known(stores))
    absent: Value[Duration] = claim.tier if isinstance(claim.tier, Absent) else Absent(claim.tier.origin)
    return Target(
        disruption=disruption,
        declared_rto=objective.rto if objective is not None else absent,
        declared_rpo=objective.rpo if objective is not None else absent,
        rto=measured(rto, "rto", disruption, drills, claim.tier),
        rpo=measured(rpo, "rpo", disruption, drills, claim.tier),
        weakest=weakest,
    )


def _nothing_known(stores: Members[Store]) -> Range:
    return Range(NOTHING, UNBOUNDED, "no store of it was found", (stores.rest,) if stores.rest is not None else ())


def _missed(targets: Sequence[Target], part: str) -> tuple[str, Value[Duration] | None]:
    """Say which objectives fail, or else which cannot be shown to hold; and where the first of them is declared."""
    failed, open_ = [], []
    for target in targets:
        declared: Value[Duration] = getattr(target, f"declared_{part}")
        range_: Range = getattr(target, part)
        if not isinstance(declared, Known):
            continue
        met = range_.within(declared)
        if met is Truth.FALSE:
            failed.append((target, declared, range_))
        elif met is Truth.UNKNOWN:
            open_.append((target, declared, range_))
    if failed:
        return "cannot be met: " + "; ".join(_sentence(*each) for each in failed), failed[0][1]
    if open_:
        return "nothing shows to be met: " + "; ".join(_sentence(*each) for each in open_), open_[0][1]
    return "is met", None


def _sentence(target: Target, declared: Known[Duration], range_: Range) -> str:
    store = f" ({target.weakest})" if target.weakest else ""
    if range_.best == UNBOUNDED:
        return f"{target.disruption} {declared.value} declared, nothing recoverable{store}"
    if range_.best > declared.value:
        return f"{target.disruption} {declared.value} declared, {range_.best} at best{store}"
    return f"{target.disruption} {declared.value} declared, {range_}{store}"


def _regions(stores: Members[Store]) -> Members[str]:
    regions: list[Value[str]] = []
    for store in stores:
        regions.append(store.region)
        for protection in store.protections.elements:
            survives = truth_of(protection.value.survives.region) & protection.presence
            if survives is Truth.TRUE:
                regions.append(protection.value.region)
            elif survives is Truth.UNKNOWN:
                value = protection.value.survives.region
                regions.append(value if isinstance(value, Unknown) else protection.why or protection.value.region)
    found = regions_of(regions)
    rest = next((store.protections.rest for store in stores if store.protections.rest is not None), stores.rest)
    return Members(found.elements, rest)


def _clusters(stores: Members[Store], around: Surroundings) -> Iterable[Cluster]:
    names = {store.deployment for store in stores if store.kind == "namespace"}
    return [cluster for cluster in around.clusters if cluster.name in names]


def _unresolved(claimed: Claimed, why: Unknown | None) -> Member[str]:
    if claimed.presence is Truth.UNKNOWN or why is not None:
        return Member(claimed.text, Truth.UNKNOWN, claimed.why or why)
    return Member(claimed.text)
