"""Whether what services declare agrees: with itself, with their tiers, and with the services that they depend on."""

from __future__ import annotations

from collections.abc import Iterator

from drpolicy.declarations.documents import ObjectiveDeclaration, ServiceDeclaration
from drpolicy.model.provenance import Written
from drpolicy.model.services import Agreements
from drpolicy.model.stores import DISRUPTIONS
from drpolicy.model.values import Known, Unknown
from drpolicy.recovery.adoption import Adopted
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.contradictions import Declared, Side, agreement, first_unknown
from drpolicy.recovery.dependencies import apart, cycle, later, open_regions, open_times, undeclared
from drpolicy.recovery.label_agreements import of_labels
from drpolicy.recovery.outside_agreements import of_plan, of_policies

_STANDING_BY = frozenset({"pilot-light", "warm-standby", "active-active"})
"""Strategies that keep something ready in another region (Disaster Recovery of Workloads on AWS, DR options in the cloud, 2026-11)."""

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e"}
"""What a region's name begins with where it is in another partition than aws (AWS General Reference, partitions, 2026-11)."""


def agreements_of(service: ServiceDeclaration, among: Declared, outside: Adopted) -> Agreements:
    """Return what agrees in a service's declaration, and what does not."""
    header = Written(service.span)
    named = next((each.service for each in service.dependencies if isinstance(each.service, Unknown)), service.dependencies.rest)
    regions = first_unknown([service.primary_region, *service.dr_regions], service.dr_regions)
    labels = among.labels.get(service.name, ())
    tags = [each for each in labels if each.kind == "tag"]
    annotations = [each for each in labels if each.kind != "tag"]
    return Agreements(
        dependencies_declared=agreement("every dependency is declared", undeclared(service, among), named, header),
        no_cycle=agreement("no service waits for itself", cycle(service, among), named, header),
        dependencies_in_time=agreement("no dependency is back later", later(service, among), open_times(service, among), header),
        dependencies_in_region=agreement(
            "dependencies are recovered in the same region", apart(service, among), open_regions(service, among), header
        ),
        objectives_within_tier=agreement(
            "no objective is looser than the tier's", _looser(service, among), _open_objectives(service), header
        ),
        recovered_elsewhere=agreement("it is recovered elsewhere", _in_place(service), regions, header),
        one_partition=agreement("its regions are in one partition", _across(service), regions, header),
        strategy_has_region=agreement("a region is there for its strategy", _homeless(service), _open_home(service), header),
        classes_agree=agreement(
            "no other service says otherwise of its stores", _disputed(service, among), _open_class(service, among), header
        ),
        tags_agree=of_labels(service, tags, among, "the tags of its stores agree", header),
        annotations_agree=of_labels(service, annotations, among, "the annotations of its namespaces and workloads agree", header),
        resilience_hub_agrees=of_policies(service, among, outside, header),
        region_switch_agrees=of_plan(service, among, outside, header),
    )


def _open_objectives(service: ServiceDeclaration) -> Unknown | None:
    written = (value for each in service.objectives for value in (each.rto, each.rpo))
    return first_unknown([service.tier, *written], service.objectives)


def _looser(service: ServiceDeclaration, among: Declared) -> Iterator[Side]:
    tier = among.tiers.get(service.tier.value) if isinstance(service.tier, Known) else None
    limits = {each.disruption: each for each in tier.objectives} if tier is not None else {}
    for each in service.objectives:
        # What a service says of every disruption is held against the tier's strictest that is not named beside it.
        named = {other.disruption for other in service.objectives}
        for disruption in [each.disruption] if each.disruption != "all" else [name for name in (*DISRUPTIONS, "all") if name not in named]:
            limit = limits.get(disruption) or limits.get("all")
            if limit is not None and tier is not None:
                yield from _exceeding(each, limit, disruption, tier.name)


def _exceeding(own: ObjectiveDeclaration, limit: ObjectiveDeclaration, disruption: str, tier: str) -> Iterator[Side]:
    for part, mine, most in (("RTO", own.rto, limit.rto), ("RPO", own.rpo, limit.rpo)):
        if isinstance(mine, Known) and isinstance(most, Known) and mine.value > most.value:
            yield Side(f"{disruption} {part} {mine.value}, and tier {tier} asks for {most.value}", (mine.origin, most.origin))


def _in_place(service: ServiceDeclaration) -> Iterator[Side]:
    for what, primary, standby in (
        ("region", service.primary_region, service.dr_regions),
        ("cluster", service.primary_cluster, service.dr_clusters),
    ):
        for each in standby:
            if isinstance(each, Known) and isinstance(primary, Known) and each.value == primary.value:
                yield Side(f"the DR {what} {each.value} is the one it runs in", (each.origin, primary.origin))


def _partition(region: str) -> str:
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")


def _across(service: ServiceDeclaration) -> Iterator[Side]:
    primary = service.primary_region
    for each in service.dr_regions:
        if isinstance(each, Known) and isinstance(primary, Known) and _partition(each.value) != _partition(primary.value):
            text = f"{primary.value} is in {_partition(primary.value)}, and {each.value} in {_partition(each.value)}"
            yield Side(f"{text}: nothing replicates between them", (each.origin, primary.origin))


def _homeless(service: ServiceDeclaration) -> Iterator[Side]:
    strategy = service.strategy
    nowhere = not service.dr_regions.elements and service.dr_regions.rest is None
    if isinstance(strategy, Known) and strategy.value in _STANDING_BY and nowhere and not service.dr_clusters.elements:
        yield Side(f"{strategy.value} keeps something ready in another region, and none is declared", (strategy.origin,))


def _open_home(service: ServiceDeclaration) -> Unknown | None:
    """Return why it is not known whether a strategy that keeps something ready elsewhere says where."""
    strategy = service.strategy
    if isinstance(strategy, Unknown):
        return strategy
    standing_by = isinstance(strategy, Known) and strategy.value in _STANDING_BY
    nameless = not service.dr_regions.elements and not service.dr_clusters.elements
    return service.dr_regions.rest or service.dr_clusters.rest if standing_by and nameless else None


def _shared(service: ServiceDeclaration, among: Declared) -> Iterator[tuple[Claimed, str, Claimed]]:
    """Yield the references of a service with those of others, by name, to the same store."""
    for own in among.claimed[service.name]:
        for name, theirs in among.by_store.get(own.store, ()) if own.store else ():
            if name != service.name:
                yield own, name, theirs


def _open_class(service: ServiceDeclaration, among: Declared) -> Unknown | None:
    """Return why the class of a store that others claim, too, is not known."""
    shared = _shared(service, among)
    return first_unknown(each.reference.data_class for own, _, theirs in shared for each in (own, theirs))


def _disputed(service: ServiceDeclaration, among: Declared) -> Iterator[Side]:
    for own, name, theirs in _shared(service, among):
        mine, other = own.reference.data_class, theirs.reference.data_class
        if isinstance(mine, Known) and isinstance(other, Known) and mine.value != other.value:
            text = f"{theirs.text} is {mine.value} to {service.name}, and {other.value} to {name}"
            yield Side(text, (mine.origin, other.origin))
