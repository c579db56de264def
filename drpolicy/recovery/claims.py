"""Which service lives on which store, and what it declares: its own objectives, and those of its tier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from drpolicy.declarations.documents import ObjectiveDeclaration, ServiceDeclaration, StoreReference, TierSettings
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Through
from drpolicy.model.records import dataclass
from drpolicy.model.stores import DISRUPTIONS, Claim, Objective
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value
from drpolicy.recovery.addresses import refers, split


@dataclass(frozen=True, slots=True, eq=False)
class Claimed:
    """A reference of a service and the store it resolves to; ``store`` is empty when it resolves to nothing."""

    reference: StoreReference
    text: str
    store: str
    presence: Truth = Truth.TRUE
    why: Unknown | None = None

    def called(self, name: str) -> Truth:
        """Whether a record that names a store means this one: by its name, as the service refers to it, or by its address."""
        written = self.reference.name
        if name in (self.text, self.store) or (isinstance(written, Known) and name == written.value):
            return Truth.TRUE
        deployment, address = split(self.store)
        return refers(name, deployment, address) if self.store else Truth.FALSE


def objectives_of(service: ServiceDeclaration, tiers: Mapping[str, TierSettings]) -> Members[Objective]:
    """Return the objectives per disruption: the service's own, then its tier's; ``all`` stands for each one not named.

    Where the tier is not known, half of an objective may be the tier's: that half is not known either.
    """
    tier = tiers.get(service.tier.value) if isinstance(service.tier, Known) else None
    declared = {each.disruption: each for each in service.objectives}
    inherited = {each.disruption: each for each in tier.objectives} if tier is not None else {}
    found = []
    for disruption in DISRUPTIONS:
        chain = [each for source in (declared, inherited) for name in (disruption, "all") if (each := source.get(name)) is not None]
        if chain:
            rto, rpo = (_first(chain, part, tier, inherited) for part in ("rto", "rpo"))
            if isinstance(service.tier, Unknown):
                rto, rpo = (service.tier if isinstance(each, Absent) else each for each in (rto, rpo))
            found.append(Member(Objective(disruption, rto, rpo)))
    return Members(tuple(found), service.objectives.rest)


def _first(
    chain: list[ObjectiveDeclaration], part: str, tier: TierSettings | None, inherited: Mapping[str, ObjectiveDeclaration]
) -> Value[Duration]:
    for each in chain:
        value: Value[Duration] = each.rto if part == "rto" else each.rpo
        if isinstance(value, Known) and tier is not None and each in inherited.values():
            return Known(value.value, Through(f"tier {tier.name}", None, value.origin))
        if not isinstance(value, Absent):
            return value
    return chain[0].rto if part == "rto" else chain[0].rpo


def claim_of(service: ServiceDeclaration, tiers: Mapping[str, TierSettings]) -> Claim:
    """Return what a service puts at stake."""
    return Claim(service.name, service.tier, objectives_of(service, tiers))


def claims_by_store(claims: Iterable[tuple[Claim, Iterable[Claimed]]]) -> dict[str, Members[Claim]]:
    """Return, per store key, the services that claim it."""
    found: dict[str, list[Member[Claim]]] = {}
    for claim, references in claims:
        for each in certain_first(references):
            found.setdefault(each.store, []).append(Member(claim, each.presence, each.why))
    return {key: Members(tuple(each)) for key, each in found.items()}


def certain_first(references: Iterable[Claimed]) -> tuple[Claimed, ...]:
    """Return one reference to each store that is named, a certain one where there is one."""
    found: dict[str, Claimed] = {}
    for each in references:
        if each.store and (each.store not in found or (each.presence is Truth.TRUE and found[each.store].presence is not Truth.TRUE)):
            found[each.store] = each
    return tuple(found.values())
