"""Everything that services declare, and what it is for two sides of it to contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drpolicy.declarations.documents import Dependency, ServiceDeclaration, TierSettings
from drpolicy.model.agreements import Agreement
from drpolicy.model.provenance import Derived, Provenance
from drpolicy.model.records import dataclass
from drpolicy.model.stores import Claim
from drpolicy.model.values import Known, Members, Unknown, Value
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.labels import Label


@dataclass(frozen=True, slots=True, eq=False)
class Side:
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
    labels: Mapping[str, Sequence[Label]]
    """What tags and annotations say of each service."""
    by_store: Mapping[str, Sequence[tuple[str, Claimed]]]
    """Per store: the services that claim it, each with its reference."""


def declared(
    services: Iterable[ServiceDeclaration],
    tiers: Mapping[str, TierSettings],
    claims: Mapping[str, Claim],
    claimed: Mapping[str, Sequence[Claimed]],
    labels: Mapping[str, Sequence[Label]],
) -> Declared:
    """Return the declarations of a run, with the services that each cannot do without."""
    by_name = {each.name: each for each in services}
    hard = {name: tuple(each for each in service.dependencies if _is_hard(each)) for name, service in by_name.items()}
    by_store: dict[str, list[tuple[str, Claimed]]] = {}
    for name, references in claimed.items():
        for each in references:
            by_store.setdefault(each.store, []).append((name, each))
    return Declared(by_name, tiers, claims, claimed, hard, labels, by_store)


def agreement(how: str, found: Iterable[Side], unknown: Unknown | None, header: Provenance) -> Agreement:
    """Return whether what is declared agrees, with the sides of every contradiction."""
    return _agreement("contradiction", how, found, unknown, header)


def comparison(how: str, found: Iterable[Side], unknown: Unknown | None, header: Provenance) -> Agreement:
    """Return whether what is written fits what is around it, with the sides of everything that does not."""
    return _agreement("found", how, found, unknown, header)


def _agreement(word: str, how: str, found: Iterable[Side], unknown: Unknown | None, header: Provenance) -> Agreement:
    sides = list(found)
    text = "; ".join(each.text for each in sides)
    if sides:
        places = tuple(place for each in sides for place in each.places)
        # A colon makes it a sentence of its own in the evidence.
        return Agreement(Known(False, Derived(f"{word}: {text}", places)), text)
    return Agreement(unknown if unknown is not None else Known(True, Derived(how, (header,))), "")


def first_unknown(values: Iterable[Value[Any]], members: Members[Any] | None = None) -> Unknown | None:
    rest = members.rest if members is not None else None
    return next((each for each in values if isinstance(each, Unknown)), rest)


def known_texts(values: Members[Value[str]]) -> dict[str, Provenance]:
    return {each.value: each.origin for each in values if isinstance(each, Known)}


def _is_hard(dependency: Dependency) -> bool:
    return isinstance(dependency.service, Known) and isinstance(dependency.kind, Known) and dependency.kind.value == "hard"


def name_of(dependency: Dependency) -> str:
    return dependency.service.value if isinstance(dependency.service, Known) else ""
