"""What resources of Terraform on standby name in a region of the primary side: images, queues, secrets, certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drpolicy.catalog.regional import region_variables
from drpolicy.kubernetes.hosts import hosts_in
from drpolicy.kubernetes.navigation import strings
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value, target_of
from drpolicy.recovery.standby import Named, arns_in, setting
from drpolicy.recovery.trust import encoded_in

_GAP = "\ufffc"
_OPEN = deferred(rf"{_GAP}\.amazonaws\.com|arn:aws[a-z-]*:[a-z0-9-]+:{_GAP}:")
"""A name that would tell its region where something is not known."""


def primary_names_of(
    resource: Resource, attributes: Sequence[str], failed: frozenset[str], by_key: Mapping[str, Resource]
) -> tuple[Members[str], Value[str]]:
    """Return the names in some attributes of a resource that lead to one of the regions ``failed``, and the first of them.

    A reference counts as the region of what it refers to. An attribute that is not known at all may be such a name, and so may a host
    or an ARN of which the region is not known; a part of a document that is not known is left out: mostly it is no such name.
    """
    found: dict[str, Member[str]] = {}
    first: Value[str] = Absent(Written(resource.span))
    for attribute in attributes:
        value = resource.get(attribute)
        for name, region in _names(value, attribute, by_key, whole=True):
            if region == _region(resource) or (region is not None and region not in failed):
                continue
            if isinstance(name, Known) and region is not None:
                found[name.value] = Member(name.value, Truth.TRUE if resource.presence is Truth.TRUE else Truth.UNKNOWN, resource.why)
                first = name if isinstance(first, Absent) else first
            elif isinstance(name, Unknown):
                found.setdefault(name.symbol, Member(name.symbol, Truth.UNKNOWN, name))
    return Members(tuple(found[name] for name in sorted(found))), first


def _region(resource: Resource) -> str | None:
    return resource.region.value if isinstance(resource.region, Known) else None


def _names(value: Value[Any], key: str, by_key: Mapping[str, Resource], *, whole: bool = False) -> Iterator[Named]:
    """Yield what a value names; ``whole`` for the value of an attribute, and not for a part of it."""
    target = target_of(value)
    led = by_key.get(target.key) if target is not None else None
    if led is not None and isinstance(led.region, Known):
        origin = Derived(f"{led.address} is in {led.region.value}", (value.origin, led.region.origin))
        yield Known(led.address, origin), led.region.value
        return
    encoded = encoded_in(value)
    if encoded is not None:
        # What a document was encoded from tells the places, and is known where the text is not.
        yield from _names(encoded, key, by_key)
        return
    match value:
        case Unknown(parts=parts) if parts:
            yield from _pieces(value, key, by_key)
        case Unknown() if whole:
            yield value, None
        case Known(value=Object() as inner):
            for name, each in inner.fields.items():
                yield from _names(each, name, by_key)
        case Known(value=Members() as inner):
            for member in inner.elements:
                if isinstance(member.value, (Known, Unknown)):
                    yield from _names(member.value, key, by_key)
        case Known():
            yield from ((host, told.region) for host, told in hosts_in(value))
            yield from arns_in(value)
            if key in region_variables():
                yield from setting(key, strings(value))
        case _:
            return


def _pieces(value: Unknown, key: str, by_key: Mapping[str, Resource]) -> Iterator[Named]:
    """Read a text of which pieces are not known: names in what is known, the regions of references, and names with a gap for the region."""
    for part in value.parts:
        yield from _names(part, key, by_key)
    shown = "".join(str(each.value) if isinstance(each, Known) else _GAP for each in value.parts)
    if _OPEN.search(shown) is not None:
        yield value, None
