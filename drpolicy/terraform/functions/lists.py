"""Functions on lists, exact with unknown elements where the membership is certain."""

from __future__ import annotations

from typing import Any

from drpolicy.model.provenance import Derived
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Target, Unknown, Value
from drpolicy.terraform.conversion import SIZE_LIMIT, PlainList, boolean, integer, number, text
from drpolicy.terraform.functions.collections import opened
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.operators import equal
from drpolicy.terraform.precision import exact, made
from drpolicy.terraform.shapes import ListOf, SetOf
from drpolicy.terraform.types import Collection, Type, as_list, converted
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, derived_unknown, first_unknown, origins


def _made(
    elements: list[Member[Value[Any]]],
    rest: Unknown | None,
    arguments: Values,
    site: Site,
    kind: type[Members[Value[Any]]] = Members,
) -> Value[Any]:
    if len(elements) > SIZE_LIMIT:
        raise TooLarge("the collection is larger than is evaluated")
    if rest is not None:
        # What else there may be is another matter in every result.
        olds = {id(each.value.rest) for each in arguments if isinstance(each, Known) and isinstance(each.value, Members)} | {id(rest)}
        rest = derived_unknown(site.name, arguments, site.span, rest)
        elements = [Member(each.value, each.presence, rest if id(each.why) in olds else each.why) for each in elements]
    return Known(kind(tuple(elements), rest), Derived(site.name, origins(arguments), site.span))


def _list(value: Value[Any], site: Site, type_: Type | None = None) -> Members[Value[Any]]:
    """Return the elements of an argument that is converted to a list, of one type."""
    value = opened(value)
    if isinstance(value, Known) and isinstance(value.value, Members):
        value = as_list(value) if type_ is None else converted(value, Collection("list", type_))
    return _members(value, site)


def _members(value: Value[Any], site: Site) -> Members[Value[Any]]:
    """Return the elements of a list; those of an unknown one are open."""
    value = opened(value)
    match value:
        case Unknown():
            return Members((Member(site.frame.scope.run.fresh(value, "[*]"), Truth.UNKNOWN, value),), value)
        case Known(Members() as inner):
            return inner
        case _:
            raise EvaluationError(f"{site.name} takes a list")


def _concat(arguments: Values, site: Site) -> Value[Any]:
    elements: list[Member[Value[Any]]] = []
    rest: Unknown | None = None
    listed = True
    for argument in arguments:
        inner = _members(argument, site)
        if isinstance(inner, SetOf):
            raise EvaluationError("concat takes lists, not sets")
        listed = listed and isinstance(inner, ListOf)
        elements += inner.elements
        rest = rest or inner.rest
    if not listed:
        return _made(elements, rest, arguments, site)
    return as_list(_made(elements, rest, arguments, site))


def _flatten(arguments: Values, site: Site) -> Value[Any]:
    elements: list[Member[Value[Any]]] = []
    rest: Unknown | None = None
    outer = _members(arguments[0], site)
    # Depth-first by hand: nesting is the user's to choose.
    pending: list[tuple[Member[Value[Any]], Truth, Unknown | None]] = [(each, Truth.TRUE, None) for each in reversed(outer.elements)]
    rest = outer.rest
    while pending:
        member, presence, why = pending.pop()
        here = presence & member.presence
        because = why if presence is not Truth.TRUE else member.why
        match opened(member.value):
            case Known(Members() as inner):
                rest = rest or inner.rest
                pending += [(each, here, because) for each in reversed(inner.elements)]
            case Unknown(target=Target(attribute="arn" | "id")) as text:
                # Of every type these two are strings.
                elements.append(Member(text, here, because))
            case Unknown() as unknown:
                # Whether it is a list, and of how many, is not known.
                rest = rest or unknown
                elements.append(Member(unknown, Truth.UNKNOWN, unknown))
            case other:
                elements.append(Member(other, here, because))
        if len(elements) + len(pending) > 4 * SIZE_LIMIT:
            raise TooLarge("the collection is larger than is evaluated")
    return _made(elements, rest, arguments, site)


def _compact(arguments: Values, site: Site) -> Value[Any]:
    inner = _list(arguments[0], site, "string")
    elements: list[Member[Value[Any]]] = []
    for member in inner.elements:
        match member.value:
            case Absent():
                continue
            case Known(""):
                continue
            case Unknown(parts=parts) if any(isinstance(part, Known) and part.value for part in parts):
                # Whatever the rest of it is, it is not empty.
                elements.append(member)
            case Unknown() as unknown:
                elements.append(Member(unknown, Truth.UNKNOWN, member.why or unknown))
            case _:
                elements.append(member)
    return _made(elements, inner.rest, arguments, site, ListOf)


def _distinct(arguments: Values, site: Site) -> Value[Any]:
    inner = _list(arguments[0], site)
    elements: list[Member[Value[Any]]] = []
    for member in inner.elements:
        twin = Truth.FALSE
        for earlier in elements:
            twin = twin | (earlier.presence & equal(earlier.value, member.value))
            if twin is Truth.TRUE:
                break
        if twin is Truth.FALSE:
            elements.append(member)
        elif twin is Truth.UNKNOWN:
            doubt = first_unknown([member.value]) or derived_unknown("distinct", arguments, site.span)
            elements.append(Member(member.value, Truth.UNKNOWN, member.why or doubt))
    return _made(elements, inner.rest, arguments, site, ListOf)


def _reverse(arguments: Values, site: Site) -> Value[Any]:
    inner = _members(arguments[0], site)
    kind: type[Members[Value[Any]]] = Members if type(inner) is Members else ListOf
    return _made(list(reversed(inner.elements)), inner.rest, arguments, site, kind)


def _certain(
    inner: Members[Value[Any]], arguments: Values, site: Site, *rest: Value[Any]
) -> tuple[Members[Value[Any]], list[int]] | Unknown:
    if not inner.certain or any(isinstance(each, Unknown) for each in rest):
        return derived_unknown(site.name, arguments, site.span)
    return inner, [integer(each.value if isinstance(each, Known) else None) for each in rest]


def _slice(arguments: Values, site: Site) -> Value[Any]:
    whole = _members(arguments[0], site)
    if isinstance(whole, SetOf):
        raise EvaluationError("slice takes a list, not a set")
    found = _certain(whole, arguments, site, *arguments[1:])
    if isinstance(found, Unknown):
        return found
    inner, (start, end) = found
    if not 0 <= start <= end <= len(inner.elements):
        raise EvaluationError("slice reaches outside of the list")
    return _made(list(inner.elements[start:end]), None, arguments, site, type(inner))


def _chunklist(arguments: Values, site: Site) -> Value[Any]:
    found = _certain(_list(arguments[0], site), arguments, site, arguments[1])
    if isinstance(found, Unknown):
        return found
    inner, (size,) = found
    if size < 0:
        raise EvaluationError("the size of chunks must not be negative")
    size = size or max(len(inner.elements), 1)
    chunks = [_made(list(inner.elements[at : at + size]), None, arguments, site, ListOf) for at in range(0, len(inner.elements), size)]
    return _made([Member(chunk) for chunk in chunks], None, arguments, site, ListOf)


def _index(arguments: Values, site: Site) -> Value[Any]:
    inner = _members(arguments[0], site)
    if isinstance(inner, SetOf) or isinstance(arguments[1], Absent):
        raise EvaluationError("index takes a list and a value")
    for at, member in enumerate(inner.elements):
        truth = equal(member.value, arguments[1])
        if member.presence is not Truth.TRUE or truth is Truth.UNKNOWN:
            return derived_unknown("index", arguments, site.span)
        if truth is Truth.TRUE:
            return Known(at, Derived("index", origins(arguments), site.span))
    if inner.rest is not None:
        return derived_unknown("index", arguments, site.span)
    raise EvaluationError("the list does not hold the value")


def _sort(arguments: Values, site: Site) -> Value[Any]:
    inner = _list(arguments[0], site, "string")
    if not all(isinstance(member.value, Known) for member in inner.elements):
        if len(inner.elements) == 1 and inner.certain:
            return as_list(arguments[0])
        return derived_unknown("sort", arguments, site.span)
    ordered: list[Member[Value[Any]]] = []
    for member in inner.elements:
        written = text(member.value.value if isinstance(member.value, Known) else None)
        ordered.append(Member(Known(written, member.value.origin), member.presence, member.why))
    ordered.sort(key=lambda member: member.value.value if isinstance(member.value, Known) else "")
    return _made(ordered, inner.rest, arguments, site, ListOf)


def _range(*limits: Any) -> PlainList:
    numbers = [number(each) for each in limits]
    start, end = (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    step: int | float = numbers[2] if len(numbers) == 3 else 1 if exact(end) >= exact(start) else -1
    at, last, width = exact(start), exact(end), exact(step)
    if (width == 0 and at != last) or (last - at) * width < 0:
        raise EvaluationError("the step of range leads away from its end")
    found = PlainList()
    while at < last if width > 0 else at > last:
        if len(found) >= 1024:
            # Terraform's own limit (functions/range, 2026-11).
            raise EvaluationError("range gives more than 1024 values")
        found.append(made(at))
        at = exact(made(at + width))
    return found


def _all(decisive: bool) -> Any:
    def apply(arguments: Values, site: Site) -> Value[Any]:
        inner = _list(arguments[0], site, "bool")

        def holds(value: Value[Any]) -> Truth:
            if isinstance(value, Unknown):
                return Truth.UNKNOWN
            # Null counts as false (functions/alltrue, 2026-11).
            return Truth.of(isinstance(value, Known) and boolean(value.value))

        truth = inner.exists(holds) if decisive else inner.all(holds)
        if truth is Truth.UNKNOWN:
            return derived_unknown(site.name, arguments, site.span)
        return Known(truth is Truth.TRUE, Derived(site.name, origins(arguments), site.span))

    return apply


FUNCTIONS: dict[str, Function] = {
    "alltrue": Function(_all(False), 1, 1, "values"),
    "anytrue": Function(_all(True), 1, 1, "values"),
    "chunklist": Function(_chunklist, 2, 2, "values"),
    "compact": Function(_compact, 1, 1, "values"),
    "concat": Function(_concat, 1, None, "values"),
    "distinct": Function(_distinct, 1, 1, "values"),
    "flatten": Function(_flatten, 1, 1, "values"),
    "index": Function(_index, 2, 2, "values"),
    "range": Function(_range, 1, 3),
    "reverse": Function(_reverse, 1, 1, "values"),
    "slice": Function(_slice, 3, 3, "values"),
    "sort": Function(_sort, 1, 1, "values"),
}
