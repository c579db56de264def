"""``count`` and ``for_each``: which instances of a block there are, and what ``each`` and ``count`` are in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.terraform.access import pairs
from drpolicy.terraform.conversion import integer, text
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import Body, Expr
from drpolicy.terraform.scope import Scope
from drpolicy.terraform.shapes import ResourceObject, SetOf, opaque
from drpolicy.terraform.unknowns import EvaluationError, chosen

INSTANCE_LIMIT = 1000
"""Instances of one block. Beyond that they are one instance of unknown number."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a block: what its address ends with (``[0]``, ``["a"]``, ``[*]``, or nothing), and what is bound in it."""

    suffix: str
    key: str | int | None
    bindings: Mapping[str, Value[Any]]
    presence: Truth = Truth.TRUE
    why: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Expansion:
    """The instances of a block: ``single`` has no key, ``count`` has numbers, ``for_each`` strings. ``rest``: why there may be more."""

    kind: str
    instances: tuple[Instance, ...]
    rest: Unknown | None = None


def expanded(body: Body, scope: Scope, address: str) -> Expansion:
    """Return the instances of a block. Equal causes of doubt are equal symbols: ``each`` is named after the block."""
    for_each, count = body.attributes.get("for_each"), body.attributes.get("count")
    if for_each is not None:
        return _for_each(written(for_each, scope, {}), for_each, scope, address)
    if count is not None:
        return _count(written(count, scope, {}), count, scope, address)
    return Expansion("single", (Instance("", None, {}),))


def _count(value: Value[Any], expr: Expr, scope: Scope, address: str) -> Expansion:
    certain, most, why = 0, 0, None
    match value:
        case Known(given):
            try:
                certain = most = integer(given)
            except EvaluationError:
                return _unknown_count(_refused(expr, scope, address), address, scope)
        case Unknown(among=among) if among:
            try:
                numbers = [integer(one.value) for one in among]
            except EvaluationError:
                return _unknown_count(value, address, scope)
            certain, most, why = min(numbers), max(numbers), value
        case Unknown():
            return _unknown_count(value, address, scope)
        case Absent():
            return _unknown_count(_refused(expr, scope, address), address, scope)
    if most > INSTANCE_LIMIT or certain < 0:
        return _unknown_count(_limit(expr, scope, address), address, scope)
    instances = tuple(
        Instance(
            f"[{at}]",
            at,
            {"count": _object(value.origin, index=Known(at, Derived("count.index", (value.origin,), expr.span)))},
            *_presence(at < certain, why),
        )
        for at in range(most)
    )
    return Expansion("count", instances)


_INTRODUCER = deferred(r"([$%])(?=\{)")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def quoted(key: str) -> str:
    """Return a key as it stands in an address: introducers of templates doubled, what cannot be printed by its number."""
    written = "".join(_ESCAPES.get(char) or (char if char.isprintable() else _by_number(char)) for char in key)
    return '"' + _INTRODUCER.sub(r"\1\1", written) + '"'


def _by_number(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _presence(certain: bool, why: Unknown | None) -> tuple[Truth, Unknown | None]:
    return (Truth.TRUE, None) if certain else (Truth.UNKNOWN, why)


def _unknown_count(why: Unknown, address: str, scope: Scope) -> Expansion:
    index = Unknown(Reason.COUNT_NOT_KNOWN, scope.symbol(f"{address}[*].count.index"), why.origin, root=why.cause)
    return Expansion("count", (Instance("[*]", None, {"count": _object(why.origin, index=index)}, Truth.UNKNOWN, why),), why)


def _limit(expr: Expr, scope: Scope, address: str) -> Unknown:
    return Unknown(Reason.LIMIT_REACHED, scope.symbol(f"{address}.count"), Written(expr.span))


def _refused(expr: Expr, scope: Scope, address: str) -> Unknown:
    return Unknown(Reason.REFUSED, scope.symbol(f"{address}.{expr.syntax.name}"), Written(expr.span))


def _object(origin: Provenance, **fields: Value[Any]) -> Known[Object]:
    return Known(Object(fields), origin)


def _for_each(value: Value[Any], expr: Expr, scope: Scope, address: str) -> Expansion:
    if isinstance(value, Known) and isinstance(value.value, ResourceObject):
        value = opaque(value)
    if isinstance(value, Unknown) and value.among:
        return _one_of(value, expr, scope, address)
    match value:
        case Unknown():
            return Expansion("for_each", (_any(value, scope, address),), value)
        case Known((Object() | Members()) as inner) if len(inner.fields if isinstance(inner, Object) else inner.elements) <= INSTANCE_LIMIT:
            return _over(inner, value.origin, expr.span, scope, address)
        case Known(Object() | Members()):
            limited = _limit(expr, scope, address)
            return Expansion("for_each", (_any(limited, scope, address),), limited)
        case _:
            refused = _refused(expr, scope, address)
            return Expansion("for_each", (_any(refused, scope, address),), refused)


def _over(inner: Object | Members[Value[Any]], origin: Provenance, span: Span, scope: Scope, address: str) -> Expansion:
    # Terraform iterates over sets here, and a list is refused; a list that got this far was a set.
    collection = SetOf(inner.elements, inner.rest) if isinstance(inner, Members) else inner
    instances: list[Instance] = []
    unnamed: list[tuple[Value[Any], Truth, Unknown | None]] = []
    for key, value, presence, why in pairs(collection, origin, span):
        if isinstance(key, Known) and isinstance(key.value, (str, int, float, bool)):
            name = text(key.value)
            instances.append(Instance(f"[{quoted(name)}]", name, _each(Known(name, key.origin), value, origin), presence, why))
        else:
            unnamed.append((key, presence, why))
    rest = inner.rest
    if len(unnamed) == 1 and rest is None:
        key, presence, why = unnamed[0]
        instances.append(Instance("[*]", None, _each(key, key, origin), presence, why))
        rest = why
    elif unnamed or rest is not None:
        first = next((each for each, _, _ in unnamed if isinstance(each, Unknown)), None)
        cause = rest or first or Unknown(Reason.COUNT_NOT_KNOWN, scope.symbol(f"{address}.for_each"), origin)
        instances.append(_any(cause, scope, address))
        rest = cause
    return Expansion("for_each", tuple(instances), rest)


def _each(key: Value[Any], value: Value[Any], origin: Provenance) -> dict[str, Value[Any]]:
    return {"each": _object(origin, key=key, value=value)}


def _any(why: Unknown, scope: Scope, address: str) -> Instance:
    key = Unknown(Reason.COUNT_NOT_KNOWN, scope.symbol(f"{address}[*].each.key"), why.origin, root=why.cause)
    value = Unknown(Reason.COUNT_NOT_KNOWN, scope.symbol(f"{address}[*].each.value"), why.origin, root=why.cause)
    return Instance("[*]", None, _each(key, value, why.origin), Truth.UNKNOWN, why)


def _one_of(value: Unknown, expr: Expr, scope: Scope, address: str) -> Expansion:
    """``for_each`` is one of several collections: every instance of any of them, certain if it is in all of them."""
    options: list[dict[str, Instance]] = []
    for one in value.among:
        if not isinstance(one.value, (Object, Members)):
            return Expansion("for_each", (_any(value, scope, address),), value)
        option = _over(one.value, one.origin, expr.span, scope, address)
        if option.rest is not None or len(option.instances) > INSTANCE_LIMIT:
            return Expansion("for_each", (_any(value, scope, address),), value)
        options.append({instance.suffix: instance for instance in option.instances})
    found: list[Instance] = []
    for suffix in sorted({suffix for option in options for suffix in option}):
        mates = [option[suffix] for option in options if suffix in option]
        certain = len(mates) == len(options) and all(mate.presence is Truth.TRUE for mate in mates)
        bindings = mates[0].bindings if len(mates) == 1 else _merged(mates, value, scope, address + suffix)
        found.append(Instance(suffix, mates[0].key, bindings, *_presence(certain, value)))
    return Expansion("for_each", tuple(found))


def _merged(mates: list[Instance], why: Unknown, scope: Scope, address: str) -> Mapping[str, Value[Any]]:
    fields: dict[str, Value[Any]] = {}
    for name in ("key", "value"):
        options = [mate.bindings["each"].value.fields[name] for mate in mates if isinstance(mate.bindings["each"], Known)]
        fields[name] = chosen(options, why, "each", None)
    return {"each": Known(Object(fields), why.origin)}
