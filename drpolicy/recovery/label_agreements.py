"""Whether tags and annotations say what the services that live there declare, and what they say where a service leaves it out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from drpolicy.declarations.documents import ServiceDeclaration, TierSettings
from drpolicy.model.agreements import Agreement
from drpolicy.model.durations import Duration, parse_duration
from drpolicy.model.provenance import Provenance, Through, Written
from drpolicy.model.records import replace
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.adoption import with_objective
from drpolicy.recovery.contradictions import Declared, Side, agreement, first_unknown
from drpolicy.recovery.labels import Label


def of_labels(service: ServiceDeclaration, labels: Sequence[Label], among: Declared, how: str, header: Provenance) -> Agreement:
    """Return whether labels and declaration agree; nothing was compared where no label counts."""
    own = {"owner": service.owner, "tier": service.tier}
    values = (value for each in labels for value in (each.value, own.get(each.says, each.value)))
    times = (value for each in labels if each.says not in own for value in _undecided(service, each, among))
    unknown = first_unknown(chain(values, times))
    found = agreement(how, _sides(service, labels, among), unknown, header)
    return Agreement(found.holds, found.text, bool(labels))


def _sides(service: ServiceDeclaration, labels: Sequence[Label], among: Declared) -> Iterator[Side]:
    """Yield the contradictions: one for all the labels of one name that say the same."""
    alike: dict[tuple[str, str, str, str], list[tuple[Label, Provenance]]] = defaultdict(list)
    for label in labels:
        if isinstance(label.value, Known):
            said = str(label.value.value)
            for own in _differing(service, label, said, among):
                text = f"{label.says if label.says in ('owner', 'tier') else label.says.upper()} {own.value} is declared"
                alike[text, label.kind, label.name, said].append((label, own.origin))
    for (text, _, _, said), found in alike.items():
        first, origin = found[0]
        more = f" and {len(found) - 1} more say" if len(found) > 1 else " says"
        places = (origin, *(each.value.origin for each, _ in found))
        yield Side(f"{text}, and {first.text}{more} {said}", places)


def _differing(service: ServiceDeclaration, label: Label, said: str, among: Declared) -> Iterator[Known[Any]]:
    """Yield what is declared, where a label says otherwise."""
    if label.says in ("owner", "tier"):
        own = service.owner if label.says == "owner" else service.tier
        if isinstance(own, Known) and own.value.lower() != said.lower():
            yield own
        return
    # A label that does not say of which disruption it speaks contradicts when it is right for none.
    time, times = _time(said), _times(service, label, among)
    known = [each for each in times if isinstance(each, Known)]
    if time is not None and known and not any(isinstance(each, Unknown) for each in times) and all(each.value != time for each in known):
        yield known[0]


def _times(service: ServiceDeclaration, label: Label, among: Declared) -> list[Value[Duration]]:
    """Return the declared times that a label may speak of; one that is not known stands for those that may be declared besides."""
    objectives = among.claims[service.name].objectives
    meant = [each for each in objectives if label.disruption in ("", "all", each.disruption)]
    found: list[Value[Duration]] = [each.rto if label.says == "rto" else each.rpo for each in meant]
    return found if objectives.rest is None else [*found, objectives.rest]


def _undecided(service: ServiceDeclaration, label: Label, among: Declared) -> list[Value[Duration]]:
    """Return the declared times of which a label that is right for none of the known ones may be right or wrong."""
    time = _time(str(label.value.value)) if isinstance(label.value, Known) else None
    times = _times(service, label, among)
    return [] if time is None or any(isinstance(each, Known) and each.value == time for each in times) else times


def _time(text: str) -> Duration | None:
    try:
        return parse_duration(text)
    except ValueError:
        return None


def completed(service: ServiceDeclaration, labels: Sequence[Label], tiers: Mapping[str, TierSettings]) -> ServiceDeclaration:
    """Return a service with the tier and objectives that its labels agree on, where neither it nor its tier says so.

    An RTO or RPO counts only where the configuration says of which disruption it speaks. What may be said is unknown.
    """
    if isinstance(service.tier, Absent):
        service = replace(service, tier=_tier([each for each in labels if each.says == "tier"], service, tiers))
    for says in ("rto", "rpo"):
        told = [each for each in labels if each.says == says and each.disruption]
        for disruption in dict.fromkeys(each.disruption for each in told):
            value = _objective([each for each in told if each.disruption == disruption], service)
            service = with_objective(service, tiers, disruption, says, value, service.span)
    return service


def _objective(labels: Sequence[Label], service: ServiceDeclaration) -> Value[Duration]:
    """Return the time that labels agree on; one that is none says nothing."""
    known = [(each, time) for each in labels if isinstance(each.value, Known) and (time := _time(str(each.value.value))) is not None]
    unknown = next((each.value for each in labels if isinstance(each.value, Unknown)), None)
    if len({time for _, time in known}) > 1:
        return Absent(Written(service.span))
    if unknown is not None:
        return unknown
    return Known(known[0][1], Through(known[0][0].text, None, known[0][0].value.origin)) if known else Absent(Written(service.span))


def _tier(labels: Sequence[Label], service: ServiceDeclaration, tiers: Mapping[str, TierSettings]) -> Value[str]:
    known = [(each, str(each.value.value).lower()) for each in labels if isinstance(each.value, Known)]
    unknown = next((each.value for each in labels if isinstance(each.value, Unknown)), None)
    if len({name for _, name in known}) > 1:
        return Absent(service.tier.origin)
    if unknown is not None:
        return unknown
    if not known:
        return service.tier
    label, name = known[0]
    # Tags are written in any case; a tier has its own.
    own = next((each for each in tiers if each.lower() == name), name)
    return Known(own, Through(label.text, None, label.value.origin))
