"""Stores that are handed to, or made by, a module that is not known in full: what it makes may protect them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drpolicy.model.provenance import Derived, Provenance, Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import ModuleCall, TerraformRoot
from drpolicy.model.values import Known, Members, Object, Unknown, Value
from drpolicy.recovery.drafts import Drafts
from drpolicy.recovery.holdings import Holding

_MOST = 20_000
"""How many values and places of one module call are looked at. Beyond that the call may have been given any store."""


def find_opened(roots: Iterable[TerraformRoot], held: Mapping[str, Holding]) -> Drafts:
    """Return why a store may have further protections.

    An unresolved module of its deployment receives a reference to it, or it is made by a module that is known by its documented
    interface and is given inputs which that does not have.
    """
    instances: dict[str, list[str]] | None = None
    opened: dict[str, Unknown] = {}
    # References are made inside a deployment: where nothing is held, nothing can be handed over, and no input need be evaluated.
    holding = {each.resource.deployment for each in held.values()}
    for root in roots:
        for call in root.modules:
            if call.outcome == "stubbed" and call.undeclared:
                symbol = f"{root.name}:{call.address}.{call.undeclared[0]}"
                unknown = Unknown(Reason.MODULE_NOT_ON_DISK, symbol, Written(call.span))
                opened.update((key, unknown) for key in held if key.startswith(f"{root.name}//{call.address}."))
            if call.outcome != "unresolved" or root.name not in holding:
                continue
            if instances is None:
                instances = _instances(held)
            why = Unknown(Reason.MODULE_NOT_ON_DISK, f"{root.name}:{call.address} ({call.source})", Written(call.span))
            for key in _received(call, root, held):
                for each in instances.get(key, ()):
                    opened.setdefault(each, why)
    return Drafts((), opened)


def _instances(held: Mapping[str, Holding]) -> dict[str, list[str]]:
    """Map a key, with and without the instance at its end, to the stores that it names."""
    found: dict[str, list[str]] = defaultdict(list)
    for key in held:
        found[key].append(key)
        block, index, _ = key.rpartition("[")
        if index and key.endswith("]"):
            found[block].append(key)
    return found


def _received(call: ModuleCall, root: TerraformRoot, held: Mapping[str, Holding]) -> set[str]:
    """Return the keys of all resources that the inputs of a call refer to, at any depth."""
    values: list[Value[Any]] = list(call.inputs.fields.values())
    places: list[Provenance] = []
    found: set[str] = set()
    for _ in range(_MOST):
        if values:
            value = values.pop()
            places.append(value.origin)
            values.extend(_inside(value))
            if isinstance(value, Unknown) and value.target is not None:
                found.add(value.target.key)
        elif places:
            place = places.pop()
            if isinstance(place, Through):
                places.append(place.inner)
                if place.key is not None:
                    found.add(place.key)
            elif isinstance(place, Derived):
                places.extend(place.sources)
        else:
            return found
    return {key for key, holding in held.items() if holding.resource.deployment == root.name}


def _inside(value: Value[Any]) -> Iterator[Value[Any]]:
    match value:
        case Known(Object() as inner):
            yield from inner.fields.values()
        case Known(Members() as inner):
            yield from (each.value for each in inner.elements)
        case Unknown():
            yield from value.parts
            yield from value.among
        case _:
            return
    if isinstance(value, Known) and value.value.rest is not None:
        yield value.value.rest
