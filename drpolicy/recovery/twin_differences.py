"""In what a resource on standby differs from the one that it is there for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drpolicy.catalog.rows import TwinRow
from drpolicy.kubernetes.navigation import elements, inside
from drpolicy.model.provenance import Derived, Provenance, Written
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, same


def differences(resource: Resource, twin: Resource, row: TwinRow) -> Iterator[tuple[Member[str], Provenance]]:
    """Yield in what a resource on standby is of another make than its twin, or can carry less, each with both places.

    What either side leaves out is decided by its service and cannot be compared.
    """
    place = twin.region.value if isinstance(twin.region, Known) else "the primary region"
    for path, ordered in (*((path, False) for path in row.equal), *((path, True) for path in row.at_least)):
        ours, theirs = _at(resource, path), _at(twin, path)
        if isinstance(ours, Absent) or isinstance(theirs, Absent):
            continue
        origin = Derived(f"{path} of {resource.address} and {twin.address}", (ours.origin, theirs.origin))
        if isinstance(ours, Known) and isinstance(theirs, Known):
            if _worse(ours.value, theirs.value, ordered=ordered):
                yield Member(f"{path} is {ours.value}, and {theirs.value} in {place}"), origin
        elif same(ours, theirs) is Truth.UNKNOWN:
            unknown = ours if isinstance(ours, Unknown) else theirs
            yield Member(f"{path}, compared with {place}", Truth.UNKNOWN, unknown if isinstance(unknown, Unknown) else None), origin
    for path in row.entries:
        yield from _entries(resource, twin, path, place)


def _worse(ours: Any, theirs: Any, *, ordered: bool) -> bool:
    if not ordered:
        return str(ours) != str(theirs)
    one, other = _number(ours), _number(theirs)
    return one is not None and other is not None and one < other


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _entries(resource: Resource, twin: Resource, path: str, place: str) -> Iterator[tuple[Member[str], Provenance]]:
    """Compare blocks with a name and a value, such as the parameters of a database."""
    ours, theirs = _named(resource, path), _named(twin, path)
    if ours is None or theirs is None:
        unknown = next(each for each in (resource.get(path), twin.get(path)) if not isinstance(each, Absent))
        why = unknown if isinstance(unknown, Unknown) else None
        yield Member(f"{path}, compared with {place}", Truth.UNKNOWN if why is not None else Truth.FALSE, why), unknown.origin
        return
    for name, value in theirs.items():
        own = ours.get(name, Absent(Written(resource.span)))
        origin = Derived(f"{path} {name} of {resource.address} and {twin.address}", (own.origin, value.origin))
        if isinstance(own, Absent) and isinstance(value, Known):
            yield Member(f"{name} is not set, and {value.value} in {place}"), origin
        elif isinstance(own, Known) and isinstance(value, Known):
            if str(own.value) != str(value.value):
                yield Member(f"{name} is {own.value}, and {value.value} in {place}"), origin
        elif same(own, value) is Truth.UNKNOWN:
            open_value = own if isinstance(own, Unknown) else value
            yield Member(f"{name}, compared with {place}", Truth.UNKNOWN, open_value if isinstance(open_value, Unknown) else None), origin


def _named(resource: Resource, path: str) -> dict[str, Value[Any]] | None:
    """Return the values of blocks by their names; ``None`` where not every name is known."""
    value = resource.get(path)
    if isinstance(value, Unknown) or (isinstance(value, Known) and isinstance(value.value, Members) and not value.value.certain):
        return None
    found: dict[str, Value[Any]] = {}
    for each in elements(value):
        name = inside(each, "name")
        if not isinstance(name, Known):
            return None
        found[str(name.value)] = inside(each, "value")
    return found


def _at(resource: Resource, path: str) -> Value[Any]:
    steps: list[str | int] = []
    for name in path.split("."):
        steps.extend((name, 0) if name != path.rsplit(".", 1)[-1] else (name,))
    return resource.get(*steps)
