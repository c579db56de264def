"""Protections that a catalog row describes completely: on the store itself, or made by one linking resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drpolicy.catalog.rows import Bound, Catalog, MechanismRow
from drpolicy.model.durations import Duration
from drpolicy.model.estate import Prerequisite
from drpolicy.model.provenance import Provenance, Through, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value, same, target_of
from drpolicy.recovery.conditions import compute, compute_duration
from drpolicy.recovery.drafts import Draft, Drafts
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import known, truth_of


@dataclass(frozen=True, slots=True)
class _Element:
    """What carries a mechanism's settings: a whole resource, or one element of its repeated block."""

    resource: Resource
    attributes: Object
    span: Span
    presence: Truth
    why: Unknown | None
    suffix: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a copy is, and what holds it."""

    region: Value[str]
    account: Value[str]
    attributes: Object
    key: str


def find(catalog: Catalog, links: Links, held: Mapping[str, Holding]) -> Drafts:
    """Return the protections of every store by every row that needs no algorithm of its own."""
    found: list[Draft] = []
    opened: dict[str, Unknown] = {}
    for row in catalog.mechanisms.values():
        if row.matched:
            continue
        if row.link is None:
            for holding in held.values():
                if holding.row.type in row.stores:
                    found.extend(_drafts(row, holding, _elements(row, holding.resource, holding.attributes), links, held))
        else:
            found.extend(_linked(row, links, held, opened))
    return Drafts(tuple(found), opened)


def _linked(row: MechanismRow, links: Links, held: Mapping[str, Holding], opened: dict[str, Unknown]) -> Iterator[Draft]:
    assert row.link is not None
    for resource in links.of_type(row.link.type):
        elements = list(_elements(row, resource, resource.attributes))
        for member in _linked_stores(row, resource, links, held, opened):
            certain = [
                _Element(each.resource, each.attributes, each.span, each.presence & member.presence, each.why or member.why, each.suffix)
                for each in elements
            ]
            yield from _drafts(row, held[member.value.key], certain, links, held)


def _linked_stores(
    row: MechanismRow, resource: Resource, links: Links, held: Mapping[str, Holding], opened: dict[str, Unknown]
) -> Iterator[Member[Resource]]:
    assert row.link is not None
    if row.link.sibling:
        ours = resource.get(row.link.sibling)
        if isinstance(ours, Absent):
            return
        for other in links.of_type(resource.type):
            theirs = other.get(row.link.sibling)
            if other is not resource and not isinstance(theirs, Absent) and _shares(ours, theirs) and other.key in held:
                yield Member(other)
        return
    resolution = links.resolve(resource.get(row.link.store), row.stores, resource)
    yield from (match for match in resolution.matches if match.value.key in held)
    if resolution.unknown is not None:
        # Only a store beside it, of a type that it can protect, may be what the unresolved link names.
        for holding in held.values():
            if holding.row.type in row.stores and holding.resource.deployment == resource.deployment:
                opened.setdefault(holding.key, resolution.unknown)


def _shares(ours: Value[Any], theirs: Value[Any]) -> bool:
    our_target, their_target = target_of(ours), target_of(theirs)
    if our_target is not None and their_target is not None:
        return our_target.key == their_target.key
    return same(ours, theirs) is Truth.TRUE


def _elements(row: MechanismRow, resource: Resource, attributes: Object) -> Iterator[_Element]:
    if not row.each:
        yield _Element(resource, attributes, resource.span, resource.presence, resource.why, "")
        return
    block = resource.get(row.each)
    if isinstance(block, Unknown):
        yield _Element(resource, Object({}, block), resource.span, Truth.UNKNOWN, block, f".{row.each}[*]")
        return
    if not isinstance(block, Known) or not isinstance(block.value, Members):
        return
    for position, member in enumerate(block.value.elements):
        inner = member.value
        if isinstance(inner, Known) and isinstance(inner.value, Object):
            span = written_at(inner.origin) or resource.span
            presence = member.presence & resource.presence
            yield _Element(resource, inner.value, span, presence, member.why or resource.why, f".{row.each}[{position}]")
    if block.value.rest is not None:
        rest = block.value.rest
        yield _Element(resource, Object({}, rest), resource.span, Truth.UNKNOWN, rest, f".{row.each}[*]")


def _drafts(
    row: MechanismRow, holding: Holding, elements: Iterable[_Element], links: Links, held: Mapping[str, Holding]
) -> Iterator[Draft]:
    for element in elements:
        header: Provenance = Written(element.span)
        scope: dict[str, object] = {"self": element.attributes, "link": element.resource.attributes, "store": holding.scope}
        place = _copy(row, element, holding, links, held, scope)
        scope["copy"] = place.attributes
        yield Draft(
            row=row,
            store=holding.key,
            name=row.title,
            address=element.resource.address + element.suffix,
            type=element.resource.type,
            deployment=element.resource.deployment,
            region=place.region,
            account=place.account,
            enabled=compute(row.enabled, scope, header),
            prerequisites=tuple(Prerequisite(each.id, compute(each.that, scope, header), each.text) for each in row.requires),
            scheduled=known(True, "it recurs by itself", header),
            gap=_bound(row.gap, scope, header),
            worst_gap=_bound(row.worst_gap, scope, header),
            retention=compute(row.retention, scope, header) if row.retention else Absent(header),
            immutable=known(False, "no lock", header),
            attributes=element.attributes,
            copy_attributes=place.attributes,
            span=element.span,
            presence=element.presence,
            why=element.why,
            copy_key=place.key,
        )


def _copy(
    row: MechanismRow,
    element: _Element,
    holding: Holding,
    links: Links,
    held: Mapping[str, Holding],
    scope: Mapping[str, object],
) -> _Place:
    here = holding.resource
    match row.copy.at:
        case "store":
            return _Place(here.region, here.account, holding.scope, "")
        case "link":
            at = element.resource
            if at.key in held:
                return _Place(at.region, at.account, held[at.key].scope, at.key)
            return _Place(at.region, at.account, at.attributes, "")
        case "region":
            return _Place(compute(row.copy.value, scope, Written(element.span)), here.account, Object(), "")
        case "reference":
            value = _at(element.attributes, row.copy.value, Written(element.span))
            resolution = links.resolve(value, row.stores, element.resource)
            if resolution.single is not None and resolution.single.key in held:
                target = held[resolution.single.key]
                region = Through(target.resource.address, written_at(value.origin), target.resource.region.origin)
                return _Place(_moved(target.resource.region, region), target.resource.account, target.scope, target.key)
            unknown = resolution.unknown or Unknown(Reason.OUTSIDE_SCOPE, f"{element.resource.key}.{row.copy.value}", value.origin)
            return _Place(unknown, unknown, Object({}, unknown), "")


def _moved(value: Value[str], origin: Provenance) -> Value[str]:
    return Known(value.value, origin) if isinstance(value, Known) else value


def _at(attributes: Object, path: str, header: Provenance) -> Value[Any]:
    value: Value[Any] = Known(attributes, header)
    for step in path.split("."):
        if not isinstance(value, Known):
            return value
        match value.value:
            case Object() as inner:
                value = inner.get(step, header)
            case Members() as inner if int(step) < len(inner.elements):
                value = inner.elements[int(step)].value
            case Members(rest=Unknown() as rest):
                return rest
            case _:
                return Absent(header)
    return value


def _bound(bound: Bound | None, scope: Mapping[str, object], header: Provenance) -> Value[Duration]:
    if bound is None:
        return Absent(header)
    if bound.when:
        condition = compute(bound.when, scope, header)
        match truth_of(condition):
            case Truth.FALSE:
                return Absent(header)
            case Truth.UNKNOWN:
                return condition if isinstance(condition, Unknown) else Absent(header)
            case Truth.TRUE:
                return _with_origin(compute_duration(bound.expression, bound.source, scope, header), condition.origin)
    return compute_duration(bound.expression, bound.source, scope, header)


def _with_origin(value: Value[Duration], origin: Provenance) -> Value[Duration]:
    return Known(value.value, origin) if isinstance(value, Known) else value
