"""Reasoning about what is not known: names for derived unknowns, finite alternatives, and the way provenance is carried."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from drpolicy.model.provenance import Derived, Provenance, Through
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Primitive, Target, Unknown, Value
from drpolicy.terraform.shapes import ListOf, MapOf, ResourceObject, SetOf, opaque

ALTERNATIVES = 8
"""The most alternatives that an Unknown keeps; beyond that it is simply unknown."""

_SYMBOL_LENGTH = 400
_NESTING = 60
_serial = itertools.count()
_OPENINGS: dict[type, str] = {SetOf: "set[", ListOf: "list["}


class EvaluationError(Exception):
    """Terraform itself would refuse the expression. Caught by ``try``, ``can`` and at every attribute."""


class TooLarge(EvaluationError):
    """The result would exceed a limit of ours. Not an error that ``try`` may catch."""


class Exhausted(TooLarge):
    """The deployment has had all the work that one gets. Whoever went on would only ask for more."""


class Unsupported(TooLarge):
    """Terraform evaluates this and we do not."""


def first_unknown(values: Iterable[Value[Any]]) -> Unknown | None:
    """Return the first thing that is not known in the values, at any depth."""
    budget = Budget()
    return next((found for value in values for found in _unknowns(value, 0, budget)), None)


class Budget:
    """How many values one walk may still visit. Values share parts, so a small one can unfold without end."""

    __slots__ = ("left",)

    def __init__(self, left: int = 50_000) -> None:
        self.left = left

    def spent(self) -> bool:
        """Count one value; return whether that was too many."""
        self.left -= 1
        return self.left < 0


def _unknowns(value: Value[Any], depth: int, budget: Budget) -> Iterator[Unknown]:
    if budget.spent():
        yield limit("size", value.origin)
        return
    match value:
        case Unknown():
            yield value
        case Known(ResourceObject()):
            yield opaque(value)
        case Known(Members() as inner):
            if depth > _NESTING:
                yield limit("nesting", value.origin)
                return
            for member in inner.elements:
                if member.presence is not Truth.TRUE:
                    yield member.why or inner.rest or limit("presence", value.origin)
                yield from _unknowns(member.value, depth + 1, budget)
            if inner.rest is not None:
                yield inner.rest
        case Known(Object() as inner):
            if depth > _NESTING:
                yield limit("nesting", value.origin)
                return
            for field in inner.fields.values():
                yield from _unknowns(field, depth + 1, budget)
            if inner.rest is not None:
                yield inner.rest
        case _:
            return


def limit(what: str, origin: Provenance) -> Unknown:
    """Return the Unknown for something larger or deeper than we evaluate."""
    return Unknown(Reason.LIMIT_REACHED, what, origin)


def symbol_of(value: Value[Any]) -> str:
    """Return a text that is equal for two values only if they are certainly equal."""
    text = "".join(_symbol(value, 0, Budget()))
    if len(text) <= _SYMBOL_LENGTH:
        return text
    return f"{text[:80]}…{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _symbol(value: Value[Any], depth: int, budget: Budget) -> Iterator[str]:
    match value:
        case Unknown(symbol=symbol):
            yield symbol
        case Absent():
            yield "null"
        case Known(ResourceObject(key=key)):
            yield key
        case Known(Members() | Object()) if depth > _NESTING or budget.spent():
            # Too large to be told from others, so it is equal to none.
            yield f"…{next(_serial)}"
        case Known(Members() as inner):
            yield _OPENINGS.get(type(inner), "[")
            for member in inner.elements:
                yield from _symbol(member.value, depth + 1, budget)
                yield "," if member.presence is Truth.TRUE or member.why is None else f" if {member.why.symbol},"
            yield "]" if inner.rest is None else f"{inner.rest.symbol}]"
        case Known(Object() as inner):
            yield "map{" if isinstance(inner, MapOf) else "{"
            for name in sorted(inner.fields):
                yield f"{json.dumps(name)}="
                yield from _symbol(inner.fields[name], depth + 1, budget)
                yield ","
            yield "}" if inner.rest is None else f"{inner.rest.symbol}}}"
        case Known(float() as number):
            yield repr(number)
        case Known(plain):
            yield json.dumps(plain)


def origins(values: Iterable[Value[Any]]) -> tuple[Provenance, ...]:
    """Return where values come from, each place once."""
    found: dict[int, Provenance] = {id(value.origin): value.origin for value in values}
    return tuple(found.values())


def derived_unknown(how: str, arguments: Sequence[Value[Any]], span: Span | None, because: Unknown | None = None) -> Unknown:
    """Return what a pure computation gives when it cannot be done; equal computations give equal symbols."""
    cause = because or first_unknown(arguments)
    reason = cause.reason if cause is not None else Reason.FUNCTION_NOT_EVALUATED
    symbol = f"{how}({', '.join(symbol_of(argument) for argument in arguments)})"
    return Unknown(reason, _short(symbol), Derived(how, origins(arguments), span), root=cause.cause if cause is not None else None)


def _short(symbol: str) -> str:
    if len(symbol) <= _SYMBOL_LENGTH:
        return symbol
    return f"{symbol[:80]}…{hashlib.sha256(symbol.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def extended(unknown: Unknown, suffix: str, span: Span | None = None) -> Unknown:
    """Return the part of an Unknown that a traversal step names (``.name``, ``["key"]``, ``[0]``)."""
    target = unknown.target
    if target is not None:
        target = Target(target.key, (target.attribute + suffix).removeprefix("."))
    origin = unknown.origin if span is None else Derived(suffix, (unknown.origin,), span)
    return Unknown(unknown.reason, _short(unknown.symbol + suffix), origin, target, root=unknown.cause)


def chosen(options: Sequence[Value[Any]], because: Unknown, how: str, span: Span | None) -> Value[Any]:
    """Return the value that is one of ``options``, which one being decided by ``because``: refined as far as possible."""
    first = options[0]
    if all(equivalent(first, other) for other in options[1:]):
        return first
    alternatives: list[Known[Any]] = []
    for option in options:
        each = (option,) if isinstance(option, Known) else option.among if isinstance(option, Unknown) else ()
        if not each:
            alternatives = []
            break
        alternatives += [one for one in each if not any(equivalent(one, other) for other in alternatives)]
    symbol = _short(f"{because.symbol} ? {' : '.join(symbol_of(option) for option in options)}")
    origin = Derived(how, origins((because, *options)), span)
    among = tuple(alternatives) if len(alternatives) <= ALTERNATIVES else ()
    return Unknown(because.reason, symbol, origin, among=among, root=because.cause)


def equivalent(left: Value[Any], right: Value[Any]) -> bool:
    """Whether two values are certainly the same, provenance apart."""
    if left is right:
        return True
    if isinstance(left, Known) and isinstance(right, Known) and type(left.value) is not type(right.value):
        return False
    return symbol_of(left) == symbol_of(right)


def surely_set(unknown: Unknown) -> bool:
    """Whether an Unknown is neither null nor empty.

    A template with a known piece is not, and the provider gives every resource an ``id`` and, where it has one, an ``arn``.
    """
    target = unknown.target
    return any(isinstance(part, Known) and part.value for part in unknown.parts) or (
        unknown.reason is Reason.COMPUTED
        and target is not None
        and target.attribute in ("id", "arn")
        and unknown.symbol == f"{target.key}.{target.attribute}"
    )


def surely_other(unknown: Unknown, text: str) -> bool:
    """Whether a string of which pieces are known differs from a text: in its beginning, in its end, or by being longer."""
    known = [part for part in unknown.parts if isinstance(part, Known)]
    if not known:
        return False
    first, last = unknown.parts[0], unknown.parts[-1]
    return (
        sum(len(part.value) for part in known) > len(text)
        or (isinstance(first, Known) and not text.startswith(first.value))
        or (isinstance(last, Known) and not text.endswith(last.value))
    )


def over_alternatives(
    compute: Callable[[Sequence[Value[Any]]], Value[Any]], arguments: Sequence[Value[Any]], how: str, span: Span | None
) -> Value[Any] | None:
    """Compute for every alternative of the one argument that has alternatives; ``None`` when there is no such argument."""
    at = [index for index, argument in enumerate(arguments) if isinstance(argument, Unknown) and argument.among]
    if len(at) != 1:
        return None
    index = at[0]
    unknown = arguments[index]
    assert isinstance(unknown, Unknown)
    results: list[Value[Any]] = []
    for alternative in unknown.among:
        try:
            results.append(compute([*arguments[:index], alternative, *arguments[index + 1 :]]))
        except Exhausted:
            raise
        except EvaluationError:
            return None
    answer = chosen(results, unknown, how, span)
    if isinstance(answer, Unknown) and not any(isinstance(result, Unknown) for result in results):
        return Unknown(answer.reason, derived_unknown(how, arguments, span).symbol, answer.origin, among=answer.among, root=answer.root)
    return answer


def carried(value: Value[Any], container: Provenance, suffix: str) -> Value[Any]:
    """Return an element of a container with the names that the container passed through."""
    hops: list[Through] = []
    while isinstance(container, Through) and len(hops) < _NESTING:
        hops.append(container)
        container = container.inner
    if not hops:
        return value
    origin: Provenance = value.origin
    for hop in reversed(hops):
        attribute = None if hop.attribute is None else (hop.attribute + suffix).removeprefix(".")
        origin = Through(hop.what + suffix, hop.span, origin, hop.key, attribute)
    return with_origin(value, origin)


def with_origin(value: Value[Any], origin: Provenance) -> Value[Any]:
    """Return the same value coming from elsewhere."""
    match value:
        case Known():
            return Known(value.value, origin)
        case Unknown():
            return replace(value, origin=origin)
        case Absent():
            return Absent(origin, value.type)


def typed(value: Value[Any], type_: Primitive) -> Value[Any]:
    """Return what is unknown or null as one that surely has a type; what is converted by that is another value (``1`` is not ``"1"``)."""
    if isinstance(value, Absent):
        return Absent(value.origin, type_)
    if not isinstance(value, Unknown) or value.type == type_:
        return value
    known_type = value.type or ("string" if value.parts else None)
    if known_type is None or known_type == type_:
        return replace(value, type=type_)
    return Unknown(value.reason, f"to{type_}({value.symbol})", value.origin, value.target, root=value.root, type=type_)


def spread(value: Value[Any]) -> Value[Any]:
    """Turn a collection that is one of several into one whose elements are uncertain; other values stay as they are."""
    if not isinstance(value, Unknown) or not value.among or not all(isinstance(one.value, Members) for one in value.among):
        return value
    options: list[Members[Value[Any]]] = [one.value for one in value.among]
    longest = max(options, key=lambda option: len(option.elements))
    rest = next((option.rest for option in options if option.rest is not None), None)
    elements: list[Member[Value[Any]]] = []
    for index, member in enumerate(longest.elements):
        mates = [option.elements[index] for option in options if index < len(option.elements)]
        merged = chosen([mate.value for mate in mates], value, "one of", None)
        certain = len(mates) == len(options) and all(mate.presence is Truth.TRUE for mate in mates)
        elements.append(Member(merged, Truth.TRUE if certain else Truth.UNKNOWN, None if certain else member.why or value))
    return Known(Members(tuple(elements), rest), value.origin)
