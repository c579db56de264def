"""Declared services, with everything that the estate says about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from drpolicy.declarations.documents import ServiceDeclaration, TierSettings
from drpolicy.model.clusters import Cluster, RestoreTest
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Written
from drpolicy.model.records import dataclass, field
from drpolicy.model.services import Agreements, Drill, Runbook, Service
from drpolicy.model.stores import Claim, Store
from drpolicy.model.truth import Truth, some
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, members
from drpolicy.recovery.addresses import refers
from drpolicy.recovery.claims import Claimed, certain_first
from drpolicy.recovery.deployments import regions_of
from drpolicy.recovery.drills import newest, newest_of, restored
from drpolicy.recovery.logic import known, truth_of
from drpolicy.recovery.recovery_terms import NAMES
from drpolicy.recovery.targets import Reach, missed, targets_of

T = TypeVar("T")


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
    tier: TierSettings | None = None
    """What its tier asks for where it does not say so itself."""
    networks: Members[str] = Members()
    """Address ranges in its deployments, where these are several."""
    overlaps: Sequence[tuple[str, Value[str]]] = ()
    """Networks of its deployments that overlap, and where that is written."""
    terms: Mapping[str, Value[Duration]] = field(default_factory=dict)
    """Detection, decision and failback, as the service or its tier declares them."""


def service_of(declaration: ServiceDeclaration, claim: Claim, around: Surroundings) -> Service:
    """Return a service with its targets, one per disruption that is declared or always shown."""
    header = Written(declaration.span)
    stores = around.stores
    targets = targets_of(claim, around.reaches, around.drills, [each for each in NAMES if isinstance(around.terms.get(each), Absent)])
    missing = [each for each in around.claimed if not each.store]
    last = newest(around.drills)
    restores = newest_of("restore", around.drills)
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
        unresolved=Members(tuple(_unresolved(each) for each in missing)),
        unresolved_at=Known(missing[0].text, Written(missing[0].reference.span)) if missing else absent,
        regions=_regions(stores),
        dr_regions=_dr_regions(declaration),
        dr_regions_at=next((each for each in declaration.dr_regions if isinstance(each, Known)), absent),
        runbook=declaration.runbook,
        runbook_exists=around.runbook.exists if around.runbook is not None else absent,
        runbook_reviewed_age=around.runbook.reviewed_age if around.runbook is not None else absent,
        drills=members(around.drills),
        newest_restores=restores,
        newest_drills=Members((*restores.elements, *newest_of("failover", around.drills).elements)),
        never_restored=_never_restored(around),
        test_every=_asked(declaration.test_every, around.tier.test_every if around.tier is not None else None),
        test_max_age=_asked(declaration.test_max_age, around.tier.test_max_age if around.tier is not None else None),
        last_drill_age=last.age if last is not None else absent,
        last_drill_passed=last.passed if last is not None else absent,
        missed_rpo=rpo,
        missed_rpo_at=rpo_at if rpo_at is not None else absent,
        missed_rto=rto,
        missed_rto_at=rto_at if rto_at is not None else absent,
        restore_tests=Members(tuple(_tests(stores, around))),
        depends_on=_depends_on(declaration),
        agreements=around.agreements,
        detection=around.terms.get("detection", absent),
        decision=around.terms.get("decision", absent),
        failback=around.terms.get("failback", absent),
        networks=around.networks,
        cidr_overlaps=members((text for text, _ in around.overlaps), around.networks.rest),
        cidr_overlaps_at=around.overlaps[0][1] if around.overlaps else absent,
        required_by=members([claim]),
        span=declaration.span,
    )


def deployments_of_service(stores: Members[Store]) -> list[str]:
    """Return the deployments that make the stores, and what protects them."""
    certain = [member.value for member in stores.elements if member.presence is Truth.TRUE]
    copies = [each.value.deployment for store in certain for each in store.protections.elements if each.presence is Truth.TRUE]
    return sorted({*copies, *(store.deployment for store in certain)} - {""})


def stores_of(claimed: Sequence[Claimed], stores: Mapping[str, Store], uncertain: Mapping[str, Unknown]) -> Members[Store]:
    """Return the stores that a service claims; one whose existence is not certain is not certain here either."""
    found = []
    for each in certain_first(claimed):
        if each.store in stores:
            why = each.why or uncertain.get(each.store)
            found.append(Member(stores[each.store], each.presence if each.store not in uncertain else Truth.UNKNOWN, why))
    return Members(tuple(found))


def leading_nowhere(service: Service) -> tuple[Member[str], ...]:
    """Return the references of a service that name none of its stores, not even perhaps: it may live on more than is known."""
    return tuple(
        each
        for each in service.unresolved.elements
        if not any(refers(each.value, store.deployment, store.address) is not Truth.FALSE for store in service.stores)
    )


def _asked(own: Value[T], of_tier: Value[T] | None) -> Value[T]:
    """Return what a service asks for itself, else what its tier asks for."""
    return of_tier if isinstance(own, Absent) and of_tier is not None else own


def _never_restored(around: Surroundings) -> Members[str]:
    """Return the systems of record that no passing record covers; one whose record cannot be read for certain is not certain."""
    claimed: dict[str, list[Claimed]] = defaultdict(list)
    for each in around.claimed:
        claimed[each.store].append(each)
    found = []
    for member in around.stores.elements:
        store = member.value
        if not (isinstance(store.data_class, Known) and store.data_class.value == "system-of-record"):
            continue
        covered = some(restored(drill, one.called) for one in claimed[store.key] for drill in around.drills)
        if covered is not Truth.TRUE:
            why = member.why or next((each.passed for each in around.drills if isinstance(each.passed, Unknown)), None)
            found.append(Member(store.name, member.presence & ~covered, why))
    return Members(tuple(found), around.stores.rest)


def _has_objectives(claim: Claim, declaration: ServiceDeclaration) -> Value[bool]:
    """Whether one RTO and one RPO at least are declared, by the service or by its tier."""
    if claim.objectives.rest is not None:
        return claim.objectives.rest
    halves: dict[str, list[Value[Duration]]] = {
        "RTO": [each.rto for each in claim.objectives],
        "RPO": [each.rpo for each in claim.objectives],
    }
    # What only the tier may declare is there if the tier, which is not known, declares it.
    own = {name: [each for each in found if each is not declaration.tier] for name, found in halves.items()}
    lacking = " and ".join(name for name, found in own.items() if all(isinstance(each, Absent) for each in found))
    if lacking and isinstance(declaration.tier, Unknown):
        return declaration.tier
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
    doubtful: dict[str, Member[str]] = {}
    for member in stores.elements:
        store = member.value
        certain.append(store.region if member.presence is Truth.TRUE else member.why or store.region)
        for protection in store.protections.elements:
            survives = truth_of(protection.value.survives.region) & protection.presence & member.presence
            if survives is Truth.TRUE:
                certain.append(protection.value.region)
            elif survives is Truth.UNKNOWN:
                value, region = protection.value.survives.region, protection.value.region
                why = value if isinstance(value, Unknown) else protection.why or member.why
                # Under its own name: what keeps survival open may be the store's own region, and that one would count once.
                name = region.value if isinstance(region, Known) else region.symbol if isinstance(region, Unknown) else protection.value.key
                doubtful.setdefault(name, Member(name, Truth.UNKNOWN, why or (region if isinstance(region, Unknown) else None)))
    found = regions_of(certain)
    known = {each.value for each in found.elements}
    found = Members((*found.elements, *(each for name, each in doubtful.items() if name not in known)), found.rest)
    rest = next((store.protections.rest for store in stores if store.protections.rest is not None), stores.rest)
    return Members(found.elements, rest)


def _tests(stores: Members[Store], around: Surroundings) -> Iterator[Member[RestoreTest]]:
    """Yield the restore tests on the clusters where the service's namespaces are, and the plans that take one of its stores."""
    names = {store.deployment for store in stores if store.kind == "namespace"}
    keys = {store.key for store in stores}
    for test in around.restore_tests:
        covering = [each for each in test.stores.elements if each.value in keys]
        if test.cluster in names:
            yield Member(test)
        elif covering:
            best = next((each for each in covering if each.presence is Truth.TRUE), covering[0])
            yield Member(test, best.presence, best.why)


def _unresolved(claimed: Claimed) -> Member[str]:
    return Member(claimed.text, claimed.presence, claimed.why)
