"""Declared services, with everything that the estate says about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.model.clusters import Cluster, RestoreTest
from drpolicy.model.provenance import Written
from drpolicy.model.records import dataclass
from drpolicy.model.services import Agreements, Drill, Runbook, Service
from drpolicy.model.stores import Claim, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, members
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.deployments import regions_of
from drpolicy.recovery.drills import newest
from drpolicy.recovery.logic import known, truth_of
from drpolicy.recovery.targets import Reach, missed, targets_of


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What a service is judged with: everything found elsewhere that concerns it."""

    stores: Members[Store]
    claimed: Sequence[Claimed]
    clusters: Sequence[Cluster]
    restore_tests: Sequence[RestoreTest]
    drills: Sequence[Drill]
    runbook: Runbook | None
    agreements: Agreements
    environment: Value[str]
    reaches: Mapping[str, Reach]
    unresolved_why: Unknown | None = None
    """Why a reference that resolves to nothing may still name something: a module that is not on disk."""


def service_of(declaration: ServiceDeclaration, claim: Claim, around: Surroundings) -> Service:
    """Return a service with its targets, one per disruption that is declared or always shown."""
    header = Written(declaration.span)
    stores = around.stores
    targets = targets_of(claim, around.reaches, around.drills)
    missing = [each for each in around.claimed if not each.store]
    last = newest(around.drills)
    rpo, rpo_at = missed(targets, around.reaches, "rpo")
    rto, rto_at = missed(targets, around.reaches, "rto")
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
        dr_regions=_dr_regions(declaration),
        dr_regions_at=next((each for each in declaration.dr_regions if isinstance(each, Known)), absent),
        runbook=declaration.runbook,
        runbook_exists=around.runbook.exists if around.runbook is not None else absent,
        drills=members(around.drills),
        test_max_age=declaration.test_max_age,
        last_drill_age=last.age if last is not None else absent,
        last_drill_passed=last.passed if last is not None else absent,
        missed_rpo=rpo,
        missed_rpo_at=rpo_at if rpo_at is not None else absent,
        missed_rto=rto,
        missed_rto_at=rto_at if rto_at is not None else absent,
        restore_tests=members(_tests(stores, around)),
        depends_on=_depends_on(declaration),
        agreements=around.agreements,
        required_by=members([claim]),
        span=declaration.span,
    )


def stores_of(claimed: Sequence[Claimed], stores: Mapping[str, Store], uncertain: Mapping[str, Unknown]) -> Members[Store]:
    """Return the stores that a service claims; one whose existence is not certain is not certain here either."""
    found = []
    for each in claimed:
        if each.store in stores:
            why = each.why or uncertain.get(each.store)
            found.append(Member(stores[each.store], each.presence if each.store not in uncertain else Truth.UNKNOWN, why))
    return Members(tuple(found))


def _has_objectives(claim: Claim, declaration: ServiceDeclaration) -> Value[bool]:
    """Whether one RTO and one RPO at least are declared, by the service or by its tier."""
    if claim.objectives.rest is not None:
        return claim.objectives.rest
    if not claim.objectives.elements and isinstance(declaration.tier, Unknown):
        return declaration.tier
    rto = any(not isinstance(each.rto, Absent) for each in claim.objectives)
    rpo = any(not isinstance(each.rpo, Absent) for each in claim.objectives)
    lacking = " and ".join(name for name, given in (("RTO", rto), ("RPO", rpo)) if not given)
    text = f"{declaration.name}: no {lacking} is declared" if lacking else "an RTO and an RPO are declared"
    return known(not lacking, text, Written(declaration.span))


def _dr_regions(declaration: ServiceDeclaration) -> Members[str]:
    unknown = next((each for each in declaration.dr_regions if isinstance(each, Unknown)), declaration.dr_regions.rest)
    return Members(tuple(Member(each.value) for each in declaration.dr_regions if isinstance(each, Known)), unknown)


def _depends_on(declaration: ServiceDeclaration) -> Members[str]:
    found = [each.service for each in declaration.dependencies]
    unknown = next((each for each in found if isinstance(each, Unknown)), declaration.dependencies.rest)
    return Members(tuple(Member(each.value) for each in found if isinstance(each, Known)), unknown)


def _regions(stores: Members[Store]) -> Members[str]:
    """Return the regions where the stores and the copies that survive are."""
    certain: list[Value[str]] = []
    for member in stores.elements:
        store = member.value
        certain.append(store.region if member.presence is Truth.TRUE else member.why or store.region)
        for protection in store.protections.elements:
            survives = truth_of(protection.value.survives.region) & protection.presence & member.presence
            if survives is Truth.TRUE:
                certain.append(protection.value.region)
            elif survives is Truth.UNKNOWN:
                value = protection.value.survives.region
                certain.append(value if isinstance(value, Unknown) else protection.why or member.why or protection.value.region)
    found = regions_of(certain)
    rest = next((store.protections.rest for store in stores if store.protections.rest is not None), stores.rest)
    return Members(found.elements, rest)


def _tests(stores: Members[Store], around: Surroundings) -> Iterable[RestoreTest]:
    """Return the restore tests on the clusters where the service's namespaces are."""
    names = {store.deployment for store in stores if store.kind == "namespace"}
    return [test for test in around.restore_tests if test.cluster in names]


def _unresolved(claimed: Claimed, why: Unknown | None) -> Member[str]:
    if claimed.presence is Truth.UNKNOWN or why is not None:
        return Member(claimed.text, Truth.UNKNOWN, claimed.why or why)
    return Member(claimed.text)
