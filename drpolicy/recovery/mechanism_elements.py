"""What carries a mechanism's settings: a whole resource, or every element of a block in it, however deep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drpolicy.catalog.rows import MechanismRow
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Members, Object, Unknown


@dataclass(frozen=True, slots=True)
class Element:
    """Settings of a mechanism; ``outer`` is the block around them, or the resource."""

    resource: Resource
    attributes: Object
    outer: Object
    span: Span
    presence: Truth
    why: Unknown | None
    suffix: str


def elements_of(row: MechanismRow, resource: Resource, attributes: Object) -> Iterator[Element]:
    """Yield what ``each`` of the row names: a path of nested blocks, or a text. What is not known may be there once."""
    whole = Element(resource, attributes, attributes, resource.span, resource.presence, resource.why, "")
    yield from _inside(whole, resource.attributes, row.each.split(".")) if row.each else (whole,)


def _inside(element: Element, attributes: Object, path: Sequence[str]) -> Iterator[Element]:
    name, rest = path[0], path[1:]
    block = attributes.get(name, Written(element.span))
    if isinstance(block, Unknown):
        yield _unread(element, name, block)
        return
    if isinstance(block, Known) and isinstance(block.value, str) and not rest:
        yield replace(element, span=written_at(block.origin) or element.span)
    if not isinstance(block, Known) or not isinstance(block.value, Members):
        return
    for position, member in enumerate(block.value.elements):
        inner = member.value
        if isinstance(inner, Known) and isinstance(inner.value, Object):
            here = Element(
                element.resource,
                inner.value,
                attributes,
                written_at(inner.origin) or element.span,
                member.presence & element.presence,
                member.why or element.why,
                f"{element.suffix}.{name}[{position}]",
            )
            yield from _inside(here, inner.value, rest) if rest else (here,)
    if block.value.rest is not None:
        yield _unread(element, name, block.value.rest)


def _unread(element: Element, name: str, why: Unknown) -> Element:
    unknown = Object({}, why)
    return Element(element.resource, unknown, unknown, element.span, Truth.UNKNOWN, why, f"{element.suffix}.{name}[*]")
