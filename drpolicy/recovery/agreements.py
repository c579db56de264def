"""Whether what services declare agrees: with itself, with their tiers, and with the services that they depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from drpolicy.declarations.documents import Dependency, ObjectiveDeclaration, ServiceDeclaration, TierSettings
from drpolicy.model.durations import parse_duration
from drpolicy.model.provenance import Derived, Provenance, Written
from drpolicy.model.records import dataclass
from drpolicy.model.services import Agreement, Agreements
from drpolicy.model.stores import DISRUPTIONS, Claim, Objective, Store
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.recovery.claims import Claimed

_STANDING_BY = frozenset({"pilot-light", "warm-standby", "active-active"})
"""Strategies that keep something ready in another region (Disaster Recovery of Workloads on AWS, DR options in the cloud, 2026-11)."""

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e"}
"""What a region's name begins with where it is in another partition than aws (AWS General Reference, partitions, 2026-11)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One contradiction: what it is in words, and the places of both sides."""

    text: str
    places: tuple[Provenance, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """Every declaration of a run, by the service's name."""

    services: Mapping[str, ServiceDeclaration]
    tiers: Mapping[str, TierSettings]
    claims: Mapping[str, Claim]
    claimed: Mapping[str, Sequence[Claimed]]
    hard: Mapping[str, tuple[Dependency, ...]]
    tags: Mapping[str, Sequence[str]]
    """Tags that say ``owner``, ``tier``, ``rto`` or ``rpo`` of what they are on."""
    by_store: Mapping[str, Sequence[tuple[str, Claimed]]]
    """Per store: the services that claim it, each with its reference."""


def declared(
    services: Iterable[ServiceDeclaration],
    tiers: Mapping[str, TierSettings],
    claims: Mapping[str, Claim],
    claimed: Mapping[str, Sequence[Claimed]],
    tags: Mapping[str, Sequence[str]],
) -> Declared:
    """Return the declarations of a run, with the services that each cannot do without."""
    by_name = {each.name: each for each in services}
    hard = {name: tuple(each for each in service.dependencies if _is_hard(each)) for name, service in by_name.items()}
    by_store: dict[str, list[tuple[str, Claimed]]] = {}
    for name, references in claimed.items():
        for each in references:
            by_store.setdefault(each.store, []).append((name, each))
    return Declared(by_name, tiers, claims, claimed, hard, tags, by_store)


def agreements_of(service: ServiceDeclaration, stores: Sequence[Store], among: Declared) -> Agreements:
    """Return what agrees in a service's declaration, and what does not."""
    header = Written(service.span)
    named = next((each.service for each in service.dependencies if isinstance(each.service, Unknown)), service.dependencies.rest)
    regions = _first_unknown([service.primary_region, *service.dr_regions], service.dr_regions)
    return Agreements(
        dependencies_declared=_agreement("every dependency is declared", _undeclared(service, among), named, header),
        no_cycle=_agreement("no service waits for itself", _cycle(service, among), named, header),
        dependencies_in_time=_agreement("no dependency is back later", _later(service, among), _open_times(service, among), header),
        dependencies_in_region=_agreement(
            "dependencies are recovered in the same region", _apart(service, among), _open_regions(service, among), header
        ),
        objectives_within_tier=_agreement(
            "no objective is looser than the tier's", _looser(service, among), _open_objectives(service), header
        ),
        recovered_elsewhere=_agreement("it is recovered elsewhere", _in_place(service), regions, header),
        one_partition=_agreement("its regions are in one partition", _across(service), regions, header),
        strategy_has_region=_agreement(
            "a region is there for its strategy", _homeless(service), _first_unknown([service.strategy]), header
        ),
        classes_agree=_agreement(
            "no other service says otherwise of its stores", _disputed(service, among), _open_class(service, among), header
        ),
        tags_agree=_of_tags(service, stores, among, header),
    )


def _agreement(how: str, found: Iterable[_Side], unknown: Unknown | None, header: Provenance) -> Agreement:
    sides = list(found)
    text = "; ".join(each.text for each in sides)
    if sides:
        places = tuple(place for each in sides for place in each.places)
        # A colon makes it a sentence of its own in the evidence.
        return Agreement(Known(False, Derived(f"contradiction: {text}", places)), text)
    return Agreement(unknown if unknown is not None else Known(True, Derived(how, (header,))), "")


def _first_unknown(values: Iterable[Value[Any]], members: Members[Any] | None = None) -> Unknown | None:
    rest = members.rest if members is not None else None
    return next((each for each in values if isinstance(each, Unknown)), rest)


def _is_hard(dependency: Dependency) -> bool:
    return isinstance(dependency.service, Known) and isinstance(dependency.kind, Known) and dependency.kind.value == "hard"


def _name(dependency: Dependency) -> str:
    return dependency.service.value if isinstance(dependency.service, Known) else ""


def _undeclared(service: ServiceDeclaration, among: Declared) -> Iterator[_Side]:
    for each in service.dependencies:
        name = _name(each)
        if name and name not in among.services:
            near = get_close_matches(name, among.services, 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            yield _Side(f"{name}{hint}", (each.service.origin,))


def _cycle(service: ServiceDeclaration, among: Declared) -> Iterator[_Side]:
    """Yield the shortest way from a service back to itself over hard dependencies."""
    came: dict[str, Dependency] = {}
    before: dict[str, str] = {}
    pending = [service.name]
    for name in pending:
        for each in among.hard.get(name, ()):
            other = _name(each)
            if other not in came:
                came[other], before[other] = each, name
                pending.append(other)
            if other == service.name:
                way = [each]
                while name != service.name:
                    way.append(came[name])
                    name = before[name]
                way.reverse()
                yield _Side(" → ".join([service.name, *map(_name, way)]), tuple(step.service.origin for step in way))
                return


def _needed(service: ServiceDeclaration, among: Declared) -> Iterator[ServiceDeclaration]:
    """Yield everything that a service cannot do without, however far away, each once."""
    seen, pending = {service.name}, [_name(each) for each in among.hard[service.name]]
    while pending:
        name = pending.pop(0)
        if name not in seen and name in among.services:
            seen.add(name)
            yield among.services[name]
            pending.extend(_name(each) for each in among.hard[name])


def _times(service: ServiceDeclaration, among: Declared) -> dict[str, Objective]:
    return {each.disruption: each for each in among.claims[service.name].objectives}


def _later(service: ServiceDeclaration, among: Declared) -> Iterator[_Side]:
    own = _times(service, among)
    for other in _needed(service, among):
        theirs = _times(other, among)
        for disruption in DISRUPTIONS:
            mine, its = own.get(disruption), theirs.get(disruption)
            if mine is None or its is None or not isinstance(mine.rto, Known) or not isinstance(its.rto, Known):
                continue
            if its.rto.value > mine.rto.value:
                text = f"{disruption}: {service.name} is to be back in {mine.rto.value}, and {other.name} in {its.rto.value}"
                yield _Side(text, (mine.rto.origin, its.rto.origin))


def _open_times(service: ServiceDeclaration, among: Declared) -> Unknown | None:
    """Return why an objective that would have to be compared is not known."""
    needed = list(_needed(service, among))
    if not needed:
        return next((each.service for each in service.dependencies if isinstance(each.service, Unknown)), service.dependencies.rest)
    objectives = [_times(each, among) for each in (service, *needed)]
    return next((each.rto for found in objectives for each in found.values() if isinstance(each.rto, Unknown)), None)


def _known(values: Members[Value[str]]) -> dict[str, Provenance]:
    return {each.value: each.origin for each in values if isinstance(each, Known)}


def _apart(service: ServiceDeclaration, among: Declared) -> Iterator[_Side]:
    own = _known(service.dr_regions)
    for other in _needed(service, among):
        theirs = _known(other.dr_regions)
        open_ = _first_unknown([*service.dr_regions, *other.dr_regions], other.dr_regions)
        if own and theirs and open_ is None and service.dr_regions.rest is None and not set(own) & set(theirs):
            text = f"{service.name} is recovered in {' and '.join(own)}, and {other.name} in {' and '.join(theirs)}"
            yield _Side(text, (*own.values(), *theirs.values()))


def _open_regions(service: ServiceDeclaration, among: Declared) -> Unknown | None:
    """Return why a name or a DR region that would have to be compared is not known."""
    needed = list(_needed(service, among))
    named = _first_unknown((each.service for each in service.dependencies), service.dependencies)
    concerned = [service, *needed] if needed else []
    return named or next((why for each in concerned if (why := _first_unknown(each.dr_regions, each.dr_regions)) is not None), None)


def _open_objectives(service: ServiceDeclaration) -> Unknown | None:
    written = (value for each in service.objectives for value in (each.rto, each.rpo))
    return _first_unknown([service.tier, *written], service.objectives)


def _looser(service: ServiceDeclaration, among: Declared) -> Iterator[_Side]:
    tier = among.tiers.get(service.tier.value) if isinstance(service.tier, Known) else None
    limits = {each.disruption: each for each in tier.objectives} if tier is not None else {}
    for each in service.objectives:
        # What a service says of every disruption is held against the tier's strictest that is not named beside it.
        named = {other.disruption for other in service.objectives}
        for disruption in [each.disruption] if each.disruption != "all" else [name for name in (*DISRUPTIONS, "all") if name not in named]:
            limit = limits.get(disruption) or limits.get("all")
            if limit is not None and tier is not None:
                yield from _exceeding(each, limit, disruption, tier.name)


def _exceeding(own: ObjectiveDeclaration, limit: ObjectiveDeclaration, disruption: str, tier: str) -> Iterator[_Side]:
    for part, mine, most in (("RTO", own.rto, limit.rto), ("RPO", own.rpo, limit.rpo)):
        if isinstance(mine, Known) and isinstance(most, Known) and mine.value > most.value:
            yield _Side(f"{disruption} {part} {mine.value}, and tier {tier} asks for {most.value}", (mine.origin, most.origin))


def _in_place(service: ServiceDeclaration) -> Iterator[_Side]:
    for what, primary, standby in (
        ("region", service.primary_region, service.dr_regions),
        ("cluster", service.primary_cluster, service.dr_clusters),
    ):
        for each in standby:
            if isinstance(each, Known) and isinstance(primary, Known) and each.value == primary.value:
                yield _Side(f"the DR {what} {each.value} is the one it runs in", (each.origin, primary.origin))


def _partition(region: str) -> str:
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")


def _across(service: ServiceDeclaration) -> Iterator[_Side]:
    primary = service.primary_region
    for each in service.dr_regions:
        if isinstance(each, Known) and isinstance(primary, Known) and _partition(each.value) != _partition(primary.value):
            text = f"{primary.value} is in {_partition(primary.value)}, and {each.value} in {_partition(each.value)}"
            yield _Side(f"{text}: nothing replicates between them", (each.origin, primary.origin))


def _homeless(service: ServiceDeclaration) -> Iterator[_Side]:
    strategy = service.strategy
    nowhere = not service.dr_regions.elements and service.dr_regions.rest is None
    if isinstance(strategy, Known) and strategy.value in _STANDING_BY and nowhere and not service.dr_clusters.elements:
        yield _Side(f"{strategy.value} keeps something ready in another region, and none is declared", (strategy.origin,))


def _shared(service: ServiceDeclaration, among: Declared) -> Iterator[tuple[Claimed, str, Claimed]]:
    """Yield the references of a service with those of others, by name, to the same store."""
    for own in among.claimed[service.name]:
        for name, theirs in among.by_store.get(own.store, ()) if own.store else ():
            if name != service.name:
                yield own, name, theirs


def _open_class(service: ServiceDeclaration, among: Declared) -> Unknown | None:
    """Return why the class of a store that others claim, too, is not known."""
    shared = _shared(service, among)
    return _first_unknown(each.reference.data_class for own, _, theirs in shared for each in (own, theirs))


def _disputed(service: ServiceDeclaration, among: Declared) -> Iterator[_Side]:
    for own, name, theirs in _shared(service, among):
        mine, other = own.reference.data_class, theirs.reference.data_class
        if isinstance(mine, Known) and isinstance(other, Known) and mine.value != other.value:
            text = f"{theirs.text} is {mine.value} to {service.name}, and {other.value} to {name}"
            yield _Side(text, (mine.origin, other.origin))


def _tags(store: Store, names: Sequence[str]) -> Iterator[tuple[str, Value[Any]]]:
    """Yield the first of some tags that a store has; what is not known of its tags stands for it."""
    for attribute in ("tags_all", "tags"):
        tags = store.attributes.fields.get(attribute)
        if isinstance(tags, Unknown):
            yield names[0], tags
            return
        for name in names if isinstance(tags, Known) and isinstance(tags.value, Object) else ():
            value = tags.value.fields.get(name) if isinstance(tags, Known) else None
            if value is not None and not isinstance(value, Absent):
                yield name, value
                return


def _tagged(service: ServiceDeclaration, stores: Sequence[Store], among: Declared) -> Iterator[_Side]:
    for store in stores:
        for says, names in among.tags.items():
            for name, value in _tags(store, names) if names else ():
                if isinstance(value, Known):
                    yield from _differing(service, store, says, name, value, among)


def _differing(service: ServiceDeclaration, store: Store, says: str, name: str, value: Known[Any], among: Declared) -> Iterator[_Side]:
    said = str(value.value)
    if says in ("owner", "tier"):
        own = service.owner if says == "owner" else service.tier
        if isinstance(own, Known) and own.value.lower() != said.lower():
            yield _Side(f"{says} {own.value} is declared, and tag {name} of {store.address} says {said}", (own.origin, value.origin))
        return
    try:
        time = parse_duration(said)
    except ValueError:
        return
    times = [each.rto if says == "rto" else each.rpo for each in among.claims[service.name].objectives]
    known = [each for each in times if isinstance(each, Known)]
    # A tag does not say of which disruption it speaks: it contradicts when it is right for none.
    if known and not any(isinstance(each, Unknown) for each in times) and all(each.value != time for each in known):
        text = f"{says.upper()} {known[0].value} is declared, and tag {name} of {store.address} says {said}"
        yield _Side(text, (known[0].origin, value.origin))


def _of_tags(service: ServiceDeclaration, stores: Sequence[Store], among: Declared, header: Provenance) -> Agreement:
    """Return whether tags and declaration agree; nothing was compared where no store has a tag that counts."""
    told = [(says, value) for store in stores for says, names in among.tags.items() if names for _, value in _tags(store, names)]
    own = {"owner": service.owner, "tier": service.tier}
    unknown = _first_unknown(each for says, value in told for each in (value, own.get(says, value)))
    found = _agreement("the tags of its stores agree", _tagged(service, stores, among), unknown, header)
    return Agreement(found.holds, found.text, bool(told))
