"""Which service lives on which store, and what it declares: references resolved, tiers filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from drpolicy.declarations.documents import ObjectiveDeclaration, ServiceDeclaration, StoreReference, TierSettings
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Through
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.stores import DISRUPTIONS, Claim, Objective
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value
from drpolicy.recovery.links import Links
from drpolicy.recovery.stores import StoreFacts


@dataclass(frozen=True, slots=True, eq=False)
class Claimed:
    """A reference of a service and the store it resolves to; ``store`` is empty when it resolves to nothing."""

    reference: StoreReference
    text: str
    store: str
    presence: Truth = Truth.TRUE
    why: Unknown | None = None


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


def resolve(service: ServiceDeclaration, stores: Mapping[str, StoreFacts], links: Links) -> Iterator[Claimed]:
    """Yield what each store reference of a service names."""
    by_address: dict[str, list[str]] = {}
    for key, facts in stores.items():
        by_address.setdefault(facts.address, []).append(key)
        by_address.setdefault(re.sub(r"\[[^\]]*\]$", "", facts.address), []).append(key)
        # A root whose var-files make several deployments is still what people call it.
        root, implied, _ = facts.deployment.partition("@")
        if implied:
            by_address.setdefault(f"{root}//{facts.address}", []).append(key)
    for reference in service.stores:
        yield from _resolve(reference, stores, by_address, links, service.environment)


def _resolve(
    reference: StoreReference,
    stores: Mapping[str, StoreFacts],
    by_address: Mapping[str, list[str]],
    links: Links,
    environment: Value[str],
) -> Iterator[Claimed]:
    if isinstance(reference.cluster, Known) and isinstance(reference.namespace, Known):
        key = f"{reference.cluster.value}//Namespace/_/{reference.namespace.value}"
        text = f"namespace {reference.namespace.value} on cluster {reference.cluster.value}"
        yield Claimed(reference, text, key if key in stores else "")
        return
    if not isinstance(reference.text, Known):
        if isinstance(reference.text, Unknown):
            yield Claimed(reference, reference.text.symbol, "", Truth.UNKNOWN, reference.text)
        return
    text = reference.text.value
    if text in stores:
        yield from _present(reference, text, [text], links)
        return
    if text.startswith("arn:"):
        key = store_by_arn(text, stores, links)
        yield Claimed(reference, text, key, Truth.TRUE if key else Truth.UNKNOWN, None if key else _elsewhere(reference, text))
        return
    found = _in_environment(sorted(set(by_address.get(text, ()))), stores, environment)
    if len(found) == 1 or (found and len({stores[key].deployment for key in found}) == 1):
        yield from _present(reference, text, found, links)
        return
    why = Unknown(Reason.AMBIGUOUS, " or ".join(found), reference.text.origin)
    for key in found:
        yield Claimed(reference, text, key, Truth.UNKNOWN, why)
    if not found:
        unread = _unread(reference, text, links)
        yield Claimed(reference, text, "", Truth.UNKNOWN if unread is not None else Truth.TRUE, unread)


def _in_environment(keys: Sequence[str], stores: Mapping[str, StoreFacts], environment: Value[str]) -> list[str]:
    """Return, of the stores that the deployments of one root make, those of the service's environment; by default of production."""
    if len({stores[key].deployment for key in keys}) < 2 or len({stores[key].deployment.partition("@")[0] for key in keys}) > 1:
        return list(keys)
    wanted = environment.value if isinstance(environment, Known) else "production"
    there = [key for key in keys if isinstance(said := stores[key].environment, Known) and said.value == wanted]
    return there or list(keys)


def _present(reference: StoreReference, text: str, keys: Sequence[str], links: Links) -> Iterator[Claimed]:
    """Yield the stores; and, when none of them is certain to exist, that the reference may name nothing."""
    for key in keys:
        yield Claimed(reference, text, key)
    resources = [resource for key in keys if (resource := links.by_key.get(key)) is not None]
    if resources and all(each.presence is Truth.UNKNOWN for each in resources):
        yield Claimed(reference, text, "", Truth.UNKNOWN, resources[0].why)


def _elsewhere(reference: StoreReference, text: str) -> Unknown:
    return Unknown(Reason.OUTSIDE_SCOPE, f"{text}: no file here makes it", reference.text.origin)


def _unread(reference: StoreReference, text: str, links: Links) -> Unknown | None:
    """Return why an address may name something all the same: a data source, or a type that the catalog has no row for."""
    address = text.rpartition("//")[2]
    if re.search(r"(?:^|\.)data\.", address):
        return Unknown(Reason.DATA_SOURCE, text, reference.text.origin)
    type_ = next((part for part in address.split(".") if "_" in part), "")
    if type_ and type_ not in links.rows:
        return Unknown(Reason.OUTSIDE_SCOPE, f"{text}: the catalog has no row for {type_}", reference.text.origin)
    return None


def store_by_arn(arn: str, stores: Mapping[str, StoreFacts], links: Links) -> str:
    """Return the key of the store that an ARN names by its written name, empty when none has it."""
    parts = arn.split(":", 5)
    for key, facts in stores.items():
        row = links.rows.get(facts.type)
        if row is None or len(parts) < 6 or row.arn_service != parts[2] or not parts[5].startswith(row.arn_resource):
            continue
        name = parts[5][len(row.arn_resource) :]
        names = [facts.attributes.fields.get(each) for each in row.names]
        region = facts.region
        if any(isinstance(each, Known) and each.value == name for each in names) and (
            not parts[3] or not isinstance(region, Known) or region.value == parts[3]
        ):
            return key
    return ""


def claims_by_store(claims: Iterable[tuple[Claim, Iterable[Claimed]]]) -> dict[str, Members[Claim]]:
    """Return, per store key, the services that claim it."""
    found: dict[str, list[Member[Claim]]] = {}
    for claim, references in claims:
        for each in references:
            if each.store:
                found.setdefault(each.store, []).append(Member(claim, each.presence, each.why))
    return {key: Members(tuple(each)) for key, each in found.items()}
