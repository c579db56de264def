"""What services declare of those that they depend on: names, circles, times and regions."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from drpolicy.declarations.documents import Dependency, ServiceDeclaration
from drpolicy.model.stores import DISRUPTIONS, Objective
from drpolicy.model.values import Known, Unknown
from drpolicy.recovery.contradictions import Declared, Side, first_unknown, known_texts, name_of


def undeclared(service: ServiceDeclaration, among: Declared) -> Iterator[Side]:
    for each in service.dependencies:
        name = name_of(each)
        if name and name not in among.services:
            near = get_close_matches(name, among.services, 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            yield Side(f"{name}{hint}", (each.service.origin,))


def cycle(service: ServiceDeclaration, among: Declared) -> Iterator[Side]:
    """Yield the shortest way from a service back to itself over hard dependencies."""
    came: dict[str, Dependency] = {}
    before: dict[str, str] = {}
    pending = [service.name]
    for name in pending:
        for each in among.hard.get(name, ()):
            other = name_of(each)
            if other not in came:
                came[other], before[other] = each, name
                pending.append(other)
            if other == service.name:
                way = [each]
                while name != service.name:
                    way.append(came[name])
                    name = before[name]
                way.reverse()
                yield Side(" → ".join([service.name, *map(name_of, way)]), tuple(step.service.origin for step in way))
                return


def _needed(service: ServiceDeclaration, among: Declared) -> Iterator[ServiceDeclaration]:
    """Yield everything that a service cannot do without, however far away, each once."""
    seen, pending = {service.name}, [name_of(each) for each in among.hard[service.name]]
    while pending:
        name = pending.pop(0)
        if name not in seen and name in among.services:
            seen.add(name)
            yield among.services[name]
            pending.extend(name_of(each) for each in among.hard[name])


def _times(service: ServiceDeclaration, among: Declared) -> dict[str, Objective]:
    return {each.disruption: each for each in among.claims[service.name].objectives}


def later(service: ServiceDeclaration, among: Declared) -> Iterator[Side]:
    own = _times(service, among)
    for other in _needed(service, among):
        theirs = _times(other, among)
        for disruption in DISRUPTIONS:
            mine, its = own.get(disruption), theirs.get(disruption)
            if mine is None or its is None or not isinstance(mine.rto, Known) or not isinstance(its.rto, Known):
                continue
            if its.rto.value > mine.rto.value:
                text = f"{disruption}: {service.name} is to be back in {mine.rto.value}, and {other.name} in {its.rto.value}"
                yield Side(text, (mine.rto.origin, its.rto.origin))


def open_times(service: ServiceDeclaration, among: Declared) -> Unknown | None:
    """Return why an objective that would have to be compared is not known."""
    needed = list(_needed(service, among))
    if not needed:
        return next((each.service for each in service.dependencies if isinstance(each.service, Unknown)), service.dependencies.rest)
    objectives = [_times(each, among) for each in (service, *needed)]
    return next((each.rto for found in objectives for each in found.values() if isinstance(each.rto, Unknown)), None)


def apart(service: ServiceDeclaration, among: Declared) -> Iterator[Side]:
    own = known_texts(service.dr_regions)
    for other in _needed(service, among):
        theirs = known_texts(other.dr_regions)
        open_ = first_unknown([*service.dr_regions, *other.dr_regions], other.dr_regions)
        if own and theirs and open_ is None and service.dr_regions.rest is None and not set(own) & set(theirs):
            text = f"{service.name} is recovered in {' and '.join(own)}, and {other.name} in {' and '.join(theirs)}"
            yield Side(text, (*own.values(), *theirs.values()))


def open_regions(service: ServiceDeclaration, among: Declared) -> Unknown | None:
    """Return why a name or a DR region that would have to be compared is not known."""
    needed = list(_needed(service, among))
    named = first_unknown((each.service for each in service.dependencies), service.dependencies)
    concerned = [service, *needed] if needed else []
    return named or next((why for each in concerned if (why := first_unknown(each.dr_regions, each.dr_regions)) is not None), None)
