"""Traversal steps: attributes, indexes, and the elements that a splat or ``for`` goes over."""

from __future__ import annotations

import json
from typing import Any

from drpolicy.model.provenance import Derived, Provenance
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.terraform.conversion import integer, text
from drpolicy.terraform.shapes import InstanceMap, ResourceObject, SetOf
from drpolicy.terraform.unknowns import EvaluationError, carried, chosen, derived_unknown, extended, over_alternatives, symbol_of


def attribute_of(value: Value[Any], name: str, span: Span) -> Value[Any]:
    """Return ``value.name``; raise ``EvaluationError`` where Terraform says that there is no such attribute."""
    match value:
        case Absent():
            raise EvaluationError("the value is null, so it has no attributes")
        case Unknown():
            refined = over_alternatives(lambda one: attribute_of(one[0], name, span), (value,), f".{name}", span)
            return refined if refined is not None else extended(value, f".{name}")
        case Known(ResourceObject() as resource):
            return resource.attribute(name, span)
        case Known(Object() as inner):
            return _field(inner, name, f".{name}", value.origin)
        case _:
            raise EvaluationError("the value has no attributes")


def _field(inner: Object, name: str, suffix: str, container: Provenance) -> Value[Any]:
    found = inner.fields.get(name)
    if found is not None:
        return carried(found, container, suffix)
    if isinstance(inner, InstanceMap) and (maybe := inner.uncertain(name)) is not None:
        return maybe
    if inner.rest is not None:
        return _of_rest(inner, inner.rest, suffix, container)
    raise EvaluationError(f"there is no attribute or element {name!r}")


def index_of(value: Value[Any], key: Value[Any], span: Span) -> Value[Any]:
    """Return ``value[key]``."""
    if isinstance(value, Absent):
        raise EvaluationError("the value is null, so it has no elements")
    if isinstance(key, Absent):
        raise EvaluationError("the index is null")
    if isinstance(key, Unknown) or isinstance(value, Unknown):
        refined = over_alternatives(lambda pair: index_of(pair[0], pair[1], span), (value, key), "[]", span)
        if refined is not None:
            return refined
        if isinstance(value, Unknown) and isinstance(key, Known):
            return extended(value, _suffix(key))
        return _any_of(value, key, span)
    match value.value:
        case Members() as inner if isinstance(inner, SetOf):
            raise EvaluationError("elements of a set have no index")
        case Members() as inner:
            return _element(inner, integer(key.value), value.origin)
        case ResourceObject() as resource:
            return resource.attribute(text(key.value), span)
        case Object() as inner:
            return _field(inner, text(key.value), _suffix(key), value.origin)
        case _:
            raise EvaluationError("the value has no elements")


def _any_of(value: Value[Any], key: Value[Any], span: Span) -> Value[Any]:
    """Return the element that an unknown key names: one of those there are, when they are few and closed."""
    unknown = derived_unknown("[]", (value, key), span)
    if isinstance(value, Known) and isinstance(key, Unknown):
        match value.value:
            case Members() as inner if inner.certain and inner.elements:
                options = [member.value for member in inner.elements]
            case Object() as inner if not isinstance(inner, ResourceObject) and inner.rest is None and inner.fields:
                options = list(inner.fields.values())
            case _:
                return unknown
        among = chosen(options, key, "[]", span)
        if isinstance(among, Unknown):
            return Unknown(key.reason, unknown.symbol, unknown.origin, among=among.among, root=unknown.root)
        return among
    return unknown


def representative(value: Value[Any], why: Unknown) -> Members[Value[Any]]:
    """Return a collection of unknown size whose elements all look like ``value``: open, with ``why`` as rest and as doubt."""
    return Members((Member(value, Truth.UNKNOWN, why),), why)


def _element(inner: Members[Value[Any]], at: int, container: Provenance) -> Value[Any]:
    if at < 0:
        raise EvaluationError("an index must not be negative")
    before = inner.elements[: at + 1]
    if len(before) == at + 1 and all(member.presence is Truth.TRUE for member in before):
        return carried(before[at].value, container, f"[{at}]")
    uncertain = next((member.why for member in before if member.presence is not Truth.TRUE and member.why is not None), inner.rest)
    if uncertain is None:
        raise EvaluationError(f"there is no element {at}")
    last = inner.elements[-1] if inner.elements else None
    sole = all(member.presence is Truth.TRUE for member in inner.elements[:-1])
    if last is not None and sole and (last.why is inner.rest if inner.rest is not None else at == len(inner.elements) - 1):
        # The element, if it is there: its identity is worth keeping.
        return _if_there(last.value, uncertain, f"[{at}]")
    return _of_rest(inner, uncertain, f"[{at}]", container)


def _of_rest(inner: Members[Value[Any]] | Object, why: Unknown, suffix: str, container: Provenance) -> Unknown:
    """Return an element that may be among those not known: named after the whole collection, as ``why`` may be that of many."""
    part = extended(Unknown(why.reason, symbol_of(Known(inner, container)), why.origin), suffix)
    return Unknown(part.reason, part.symbol, Derived(suffix, (container, why.origin)), root=why.cause)


def _if_there(value: Value[Any], why: Unknown, suffix: str) -> Value[Any]:
    if isinstance(value, Known) and isinstance(value.value, ResourceObject):
        return value
    symbol = f"{symbol_of(value)}{suffix} if {why.symbol}"
    match value:
        case Unknown():
            return Unknown(why.reason, symbol, value.origin, value.target, root=why.cause)
        case _:
            return Unknown(why.reason, symbol, value.origin, root=why.cause)


def _suffix(key: Known[Any]) -> str:
    return f"[{json.dumps(key.value)}]" if isinstance(key.value, (str, int, float)) else "[]"


def pairs(
    inner: Members[Value[Any]] | Object, container: Provenance, span: Span
) -> list[tuple[Value[Any], Value[Any], Truth, Unknown | None]]:
    """Return (key, value, presence, why) of everything in a collection, in Terraform's order of iteration."""
    if isinstance(inner, Object):
        known: list[tuple[Value[Any], Value[Any], Truth, Unknown | None]] = [
            (Known(name, container), carried(inner.fields[name], container, f".{name}"), Truth.TRUE, None) for name in sorted(inner.fields)
        ]
        return known + _uncertain(inner, container) if isinstance(inner, InstanceMap) else known
    found: list[tuple[Value[Any], Value[Any], Truth, Unknown | None]] = []
    certain = True
    for at, member in enumerate(inner.elements):
        certain = certain and member.presence is Truth.TRUE
        value = carried(member.value, container, f"[{at}]")
        if isinstance(inner, SetOf):
            key = value
        elif certain:
            key = Known(at, container)
        else:
            key = derived_unknown(f"index {at}", (Known(inner, container),), span, member.why or inner.rest)
        found.append((key, value, member.presence, member.why))
    return found


def _uncertain(inner: InstanceMap, container: Provenance) -> list[tuple[Value[Any], Value[Any], Truth, Unknown | None]]:
    maybe: list[tuple[Value[Any], Value[Any], Truth, Unknown | None]] = []
    for name in sorted(inner.maybe):
        value = inner.maybe[name]
        why = value.value.why if isinstance(value, Known) and isinstance(value.value, ResourceObject) else inner.rest
        maybe.append((Known(name, container), value, Truth.UNKNOWN, why))
    if inner.others is not None and inner.rest is not None:
        maybe.append((extended(inner.rest, "[key]"), inner.others, Truth.UNKNOWN, inner.rest))
    return maybe
