"""Tags as AWS sees them: texts, default tags included."""

from __future__ import annotations

from typing import Any

from drpolicy.model.provenance import Provenance
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value, same
from drpolicy.recovery.conversions import converted


def tags_of(resource: Resource) -> Value[Any]:
    """Return all tags of a resource: ``tags_all`` where a provider's default tags are known, else ``tags``."""
    everything = resource.get("tags_all")
    return resource.get("tags") if isinstance(everything, Absent) else everything


def tag_of(resource: Resource, name: str, header: Provenance) -> Value[Any]:
    """Return the value of one tag as text; Absent when the resource does not carry it."""
    tags = tags_of(resource)
    match tags:
        case Known(Object() as inner):
            return converted(inner.get(name, header), str, f"{resource.key}.tags[{name}]")
        case Unknown():
            return replace(tags, symbol=f"{tags.symbol}[{name}]", target=None, among=(), parts=(), root=tags.cause)
        case _:
            return Absent(header)


def tagged(resource: Resource, key: Value[Any], wanted: Value[Any]) -> tuple[Truth, Unknown | None]:
    """Whether a resource carries a tag with a value, and what keeps that from being known."""
    if isinstance(key, Unknown):
        closed = isinstance(tags_of(resource), Absent)
        return (Truth.FALSE, None) if closed else (Truth.UNKNOWN, key)
    if not isinstance(key, Known) or isinstance(wanted, Absent):
        return Truth.FALSE, None
    value = tag_of(resource, str(key.value), key.origin)
    if isinstance(value, Absent):
        return Truth.FALSE, None
    wanted = converted(wanted, str, f"value of {key.value}")
    truth = same(value, wanted)
    return truth, _first_unknown(value, wanted) if truth is Truth.UNKNOWN else None


def _first_unknown(*values: Value[Any]) -> Unknown | None:
    return next((each for each in values if isinstance(each, Unknown)), None)
