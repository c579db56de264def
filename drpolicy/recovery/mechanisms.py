"""Protections that a catalog row describes completely: on the store itself, or made by one linking resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from drpolicy.catalog.rows import Bound, Catalog, MechanismRow
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Derived, Provenance, Through, Written, used_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.stores import Prerequisite
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.recovery.conditions import compute, compute_duration
from drpolicy.recovery.drafts import Draft, Drafts
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import aspect_of, known, truth_of
from drpolicy.recovery.mechanism_elements import Element, elements_of
from drpolicy.recovery.mechanism_links import linked

_ONCE: Final = "it is made once, when Terraform makes the resource, and is as old as that"


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
    by_type: dict[str, list[Holding]] = defaultdict(list)
    for holding in held.values():
        by_type[holding.row.type].append(holding)
    for row in catalog.mechanisms.values():
        if row.matched:
            continue
        if row.link is None:
            for type_ in row.stores:
                for holding in by_type.get(type_, ()):
                    found.extend(_drafts(row, holding, elements_of(row, holding.resource, holding.attributes), links, held))
        else:
            found.extend(_linked(row, links, held, opened))
    return Drafts(tuple(found), opened)


def _linked(row: MechanismRow, links: Links, held: Mapping[str, Holding], opened: dict[str, Unknown]) -> Iterator[Draft]:
    assert row.link is not None
    unresolved: dict[str, Unknown] = {}
    for resource, matches in linked(row, row.link, links, held, unresolved):
        elements: Sequence[Element] | None = None
        for member in matches:
            if member.value.key not in held:
                continue
            elements = elements or tuple(elements_of(row, resource, resource.attributes))
            certain = [replace(each, presence=each.presence & member.presence, why=each.why or member.why) for each in elements]
            yield from _drafts(row, held[member.value.key], certain, links, held)
    # Only a store beside it, of a type that it can protect, may be what an unresolved link names.
    for holding in held.values() if unresolved else ():
        why = unresolved.get(holding.resource.deployment)
        if why is not None and holding.row.type in row.stores:
            opened.setdefault(holding.key, why)


def _drafts(row: MechanismRow, holding: Holding, elements: Iterable[Element], links: Links, held: Mapping[str, Holding]) -> Iterator[Draft]:
    for element in elements:
        header: Provenance = Written(element.span)
        scope: dict[str, object] = {
            "self": element.attributes,
            "outer": element.outer,
            "link": element.resource.attributes,
            "store": holding.scope,
            "region": holding.resource.region,
        }
        place = _copy(row, element, holding, links, held, scope)
        scope |= {"copy": place.attributes, "place": place.region}
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
            prerequisites=tuple(
                Prerequisite(each.id, compute(each.that, scope, header), each.text)
                for each in row.requires
                if not each.stores or holding.row.type in each.stores
            ),
            scheduled=known(False, _ONCE, header) if row.once else known(True, "it recurs by itself", header),
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
    element: Element,
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
            said = _at(element.attributes, row.copy.account, Written(element.span)) if row.copy.account else None
            resolution = links.resolve(value, row.copy.types or row.stores, element.resource)
            if resolution.single is not None and resolution.single.key in held:
                target = held[resolution.single.key]
                region = Through(target.resource.address, used_at(value.origin), target.resource.region.origin)
                account = target.resource.account if isinstance(target.resource.account, Known) else _written(said, target.resource.account)
                return _Place(_moved(target.resource.region, region), account, target.scope, target.key)
            unknown = resolution.unknown or Unknown(Reason.OUTSIDE_SCOPE, f"{element.resource.key}.{row.copy.value}", value.origin)
            return _Place(aspect_of("region", unknown), _written(said, aspect_of("account", unknown)), Object({}, unknown), "")


def _written(said: Value[str] | None, otherwise: Value[str]) -> Value[str]:
    return said if isinstance(said, Known) else otherwise


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
            case Members() as inner if step.isdecimal() and int(step) < len(inner.elements):
                member = inner.elements[int(step)]
                if member.presence is not Truth.TRUE and member.why is not None:
                    return member.why
                value = member.value
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
                said = Derived(bound.source, (condition.origin,))
                return _with_origin(compute_duration(bound.expression, bound.source, scope, header), said)
    return compute_duration(bound.expression, bound.source, scope, header)


def _with_origin(value: Value[Duration], origin: Provenance) -> Value[Duration]:
    return Known(value.value, origin) if isinstance(value, Known) else value
