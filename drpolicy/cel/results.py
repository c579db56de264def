"""What evaluation gives beside plain values: unknowns, errors, nothing; and how they pass through functions.

A result is a plain value (bool, int, float, str, None, Duration, Range, Members or list, Object or dict, a record), an
``Unknown``, or a ``CelError``. An Unknown made here carries a ``Fresh`` symbol: it equals nothing but itself, because
two results that depend on the same thing need not be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from itertools import product
from typing import Any, Final, TypeAlias

from drpolicy.cel.syntax import Node
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Derived
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown

Result: TypeAlias = Any
"""A plain value, an Unknown or a CelError; the checker, not Python, knows which plain type it is."""

Scope: TypeAlias = dict[str, Any]
Evaluator: TypeAlias = Callable[[Scope], Result]

LARGEST: Final = 100_000
"""How many characters a text, or elements a list, may have that a condition builds."""

_WIDEST = 64
"""How many combinations of finite sets are tried before a result is simply unknown."""


@dataclass(frozen=True, slots=True)
class CelError:
    """A run-time error and the node that gave it. ``absent`` says that a value was not given."""

    message: str
    node: Node
    absent: bool = False


class Failure(Exception):
    """Raised by functions for a run-time error; the node that calls them turns it into a CelError."""


class Fresh(str):
    """A symbol that reads like another and equals only itself."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    __hash__ = str.__hash__


@dataclass(frozen=True, slots=True)
class AtLeast(Unknown):
    """The size of an open collection: at least so many."""

    least: int = 0


class Nothing:
    """The type of ``NOTHING``."""

    __slots__ = ()


NOTHING: Final = Nothing()
"""No such field or key, or an empty optional."""

PLAIN: Final = frozenset((bool, int, float, str, type(None), Duration, Members, Object, list, dict))
"""The types of values that are results as they stand."""

SCALARS: Final = frozenset((bool, int, float, str, type(None), Duration))
"""The types of plain values without parts."""

HOLES: Final = frozenset((Unknown, AtLeast, CelError, Nothing))
"""The types of results that are no value."""

MEMBERSHIP: Final = Unknown(Reason.COUNT_NOT_KNOWN, "presence", Derived("presence of a member", ()))


def derived(
    source: Unknown, among: Iterable[object] = (), parts: tuple[Known[str] | Unknown, ...] = (), symbol: str | None = None
) -> Unknown:
    """Return an Unknown computed from another, with the values or the pieces it can have."""
    found = tuple(Known(value, source.origin) for value in among)
    return Unknown(source.reason, Fresh(source.symbol) if symbol is None else symbol, source.origin, None, parts, found, source.cause)


def applied_symbol(function: str, source: Unknown) -> str:
    """Return a symbol for a function of one unknown: equal arguments give equal results."""
    return Fresh(source.symbol) if isinstance(source.symbol, Fresh) else f"{function}({source.symbol})"


def unwrapped(value: Any) -> Result:
    """Return an element or an entry as a result; Absent is null."""
    kind = type(value)
    if kind is Known:
        value = value.value
        kind = type(value)
    if kind in PLAIN:
        return value
    if kind is Absent:
        return None
    if kind is Truth:
        return True if value is Truth.TRUE else False if value is Truth.FALSE else derived(MEMBERSHIP)
    return value.value if isinstance(value, Enum) else value


def refuse(what: str, *arguments: object) -> Failure:
    """Return the failure for arguments that an operator or function does not take."""
    return Failure(f"no such overload: {what}({', '.join(kind_of(each) for each in arguments)})")


def kind_of(value: object) -> str:
    """Return the CEL name of a plain value's type."""
    names = {bool: "bool", int: "int", float: "double", str: "string", type(None): "null", Members: "list", list: "list", tuple: "list"}
    names |= {Object: "map", dict: "map"}
    return names.get(type(value), type(value).__name__.lower())


def as_members(value: Any) -> Members[Any]:
    """Return what a comprehension ranges over: the elements of a list, the keys of a map. Raises Failure."""
    match value:
        case Members():
            return value
        case list() | tuple() | frozenset() | dict():
            return Members(tuple(Member(each) for each in value))
        case Object(fields, rest):
            return Members(tuple(_key(name, field) for name, field in fields.items()), rest)
        case _:
            raise refuse("range", value)


def _key(name: str, value: Any) -> Member[str]:
    match value:
        case Absent():
            return Member(name, Truth.FALSE)
        case Unknown():
            return Member(name, Truth.UNKNOWN, value)
        case _:
            return Member(name)


def uncertainty(collection: Members[Any]) -> Unknown | None:
    """Return why a collection's membership is not known, or ``None`` when it is."""
    if collection.rest is not None:
        return collection.rest
    for member in collection.elements:
        if member.presence is Truth.UNKNOWN:
            return member.why or MEMBERSHIP
    return None


def certain_values(collection: Members[Any]) -> list[Any]:
    """Return the values of a collection whose membership is known, as results."""
    return [unwrapped(member.value) for member in collection.elements if member.presence is not Truth.FALSE]


def outcomes(function: Callable[..., Result], arguments: Sequence[Result]) -> list[Result] | None:
    """Apply a function over the finite sets of its unknown arguments, equal symbols together.

    Returns the different results, or ``None`` when a set is not finite, is too wide, or gives an error or an unknown.
    """
    choices: dict[str, tuple[Known[Any], ...]] = {}
    width = 1
    for each in arguments:
        if isinstance(each, Unknown) and each.symbol not in choices:
            if not each.among:
                return None
            choices[each.symbol] = each.among
            width *= len(each.among)
            if width > _WIDEST:
                return None
    found: list[Result] = []
    for combination in product(*choices.values()):
        chosen = dict(zip(choices, combination, strict=True))
        try:
            result = function(*(unwrapped(chosen[each.symbol]) if isinstance(each, Unknown) else each for each in arguments))
        except Failure:
            return None
        if type(result) in HOLES:
            return None
        if not any(type(result) is type(other) and result == other for other in found):
            found.append(result)
    return found


def through(node: Node, function: Callable[..., Result], arguments: Sequence[Result]) -> Result:
    """Apply a strict function to arguments of which some are no values: an Unknown wins over an error."""
    unknown = next((each for each in arguments if isinstance(each, Unknown)), None)
    if unknown is None:
        return next(each if isinstance(each, CelError) else CelError("no value", node, True) for each in arguments if type(each) in HOLES)
    if any(type(each) is CelError or each is NOTHING for each in arguments):
        return derived(unknown)
    found = outcomes(function, arguments)
    if found is None:
        return derived(unknown)
    return found[0] if len(found) == 1 else derived(unknown, found)
