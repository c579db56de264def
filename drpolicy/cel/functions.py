"""The functions of conditions: one table.

The types are checked when a condition is loaded; ``DYN`` arguments are checked again by the functions themselves.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Final

from drpolicy.cel import strings
from drpolicy.cel.automaton import pattern
from drpolicy.cel.operators import whole
from drpolicy.cel.results import (
    LARGEST,
    AtLeast,
    Failure,
    Result,
    applied_symbol,
    certain_values,
    derived,
    outcomes,
    refuse,
    uncertainty,
)
from drpolicy.cel.types import BOOL, DOUBLE, DYN, INT, STRING, List, Map, Type
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown

_INTEGER = deferred(r"\s*+[+-]?[0-9]++\s*+")
_DOUBLE = deferred(
    r"\s*+[+-]?(?:[0-9]++\.?[0-9]*+(?:[eE][+-]?[0-9]++)?|\.[0-9]++(?:[eE][+-]?[0-9]++)?|inf(?:inity)?|nan)\s*+", re.IGNORECASE
)
_LOWER = str.maketrans({chr(code): chr(code + 32) for code in range(65, 91)})
_UPPER = str.maketrans({chr(code + 32): chr(code) for code in range(65, 91)})


@dataclass(frozen=True, slots=True)
class Function:
    """A function: the types of its receiver and parameters (any one of a tuple), how many must be given, and its meaning.

    ``apply`` takes plain values and raises Failure. ``refine`` sees the arguments when some are unknown, and returns
    ``None`` when they are not enough.
    """

    name: str
    method: bool
    parameters: tuple[tuple[Type, ...], ...]
    required: int
    result: Type
    apply: Callable[..., Result]
    refine: Callable[..., Result] | None = None


def _text(name: str, *values: Any) -> None:
    if any(type(value) is not str for value in values):
        raise refuse(name, *values)


def _predicate(name: str, decide: Callable[[str, str], bool], refine: Callable[[Unknown, str], bool | None] | None) -> Function:
    def apply(value: Any, other: Any) -> Result:
        _text(name, value, other)
        return decide(value, other)

    def refined(value: Any, other: Any) -> Result:
        return refine(value, other) if refine is not None and isinstance(value, Unknown) and type(other) is str else None

    return Function(name, True, ((STRING,), (STRING,)), 2, BOOL, apply, refined)


def _matches(value: str, regex: str) -> bool:
    try:
        return pattern(regex).search(value)
    except ValueError as error:
        raise Failure(f"bad pattern: {error}") from error


def _cased(name: str, table: dict[int, str]) -> Function:
    def apply(value: Any) -> Result:
        _text(name, value)
        return value.translate(table)

    def refined(value: Unknown) -> Result:
        parts = tuple(
            Known(piece.translate(table), value.origin) if isinstance(piece, str) else derived(piece, symbol=applied_symbol(name, piece))
            for piece in (strings.pieces(value) if value.parts else ())
        )
        return derived(value, parts=parts, symbol=applied_symbol(name, value))

    return Function(name, True, ((STRING,),), 1, STRING, apply, refined)


def _split(value: Any, separator: Any, limit: Any = -1) -> Result:
    _text("split", value, separator)
    if type(limit) is not int:
        raise refuse("split", value, separator, limit)
    if limit in (0, 1):
        return [value] if limit else []
    if separator == "":
        return list(value) if limit < 0 or len(value) <= limit else [*value[: limit - 1], value[limit - 1 :]]
    return value.split(separator, limit - 1 if limit > 0 else -1)


def _join(value: Any, separator: Any = "") -> Result:
    if not isinstance(value, (Members, list, tuple)):
        raise refuse("join", value, separator)
    _text("join", separator)
    if isinstance(value, Members):
        why = uncertainty(value)
        if why is not None:
            return derived(why)
        value = certain_values(value)
    unknown = next((each for each in value if isinstance(each, Unknown)), None)
    if unknown is not None:
        return derived(unknown)
    _text("join", *value)
    if sum(map(len, value)) + len(separator) * len(value) > LARGEST:
        raise Failure("the joined text is too long")
    return separator.join(value)


def _size(value: Any) -> Result:
    match value:
        case str() | list() | tuple() | dict() | frozenset():
            return len(value)
        case Members(elements, rest):
            certain = sum(member.presence is Truth.TRUE for member in elements)
            most = certain + sum(member.presence is Truth.UNKNOWN for member in elements)
            return _count(certain, most, rest, uncertainty(value))
        case Object(fields, rest):
            doubtful = [each for each in fields.values() if isinstance(each, Unknown) and not strings.known_length(each)]
            most = sum(not isinstance(each, Absent) for each in fields.values())
            return _count(most - len(doubtful), most, rest, next(iter(doubtful), None))
        case _:
            raise refuse("size", value)


def _count(certain: int, most: int, rest: Unknown | None, why: Unknown | None) -> Result:
    if rest is not None:
        return AtLeast(rest.reason, derived(rest).symbol, rest.origin, least=certain)
    if why is None or certain == most:
        return certain
    if most - certain < 32:
        return derived(why, range(certain, most + 1))
    return AtLeast(why.reason, derived(why).symbol, why.origin, least=certain)


def _size_of_pieces(value: Unknown) -> Result:
    if value.parts and (least := strings.known_length(value)):
        return AtLeast(value.reason, applied_symbol("size", value), value.origin, least=least)
    return derived(value, symbol=applied_symbol("size", value))


def _int(value: Any) -> Result:
    match value:
        case bool():
            pass
        case int():
            return value
        case float():
            if math.isnan(value) or not -(2.0**63) < value < 2.0**63:
                raise Failure("the double does not fit in an int")
            return int(value)
        case str():
            if len(value) > 40 or not _INTEGER.fullmatch(value):
                raise Failure(f"{value[:40]!r} is not an int")
            return whole(int(value))
    raise refuse("int", value)


def _double(value: Any) -> Result:
    match value:
        case bool():
            pass
        case int() | float():
            return float(value)
        case str():
            if len(value) > 400 or not _DOUBLE.fullmatch(value):
                raise Failure(f"{value[:40]!r} is not a double")
            return float(value)
    raise refuse("double", value)


def string_of(value: Any) -> str:
    """Return the text of a bool, a number or a string. Raises Failure."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | str():
            return str(value)
        case float():
            return _double_text(value)
        case _:
            raise refuse("string", value)


def _double_text(value: float) -> str:
    """Return the shortest digits that read back, in C's ``%g`` form, as cel-cpp writes them (observed, 0.1.3)."""
    if not math.isfinite(value):
        return str(value)
    digits, _, exponent = f"{value:.{_precision(value)}e}".partition("e")
    power = int(exponent)
    if not -5 < power < 6:
        head, _, tail = digits.partition(".")
        tail = tail.rstrip("0")
        return f"{head}{'.' + tail if tail else ''}e{'-' if power < 0 else '+'}{abs(power):02}"
    text = f"{value:.{max(_precision(value) - power, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _precision(value: float) -> int:
    return next((each for each in range(16) if float(f"{value:.{each}e}") == value), 16)


def _named(name: str) -> Callable[[Unknown], Result]:
    return lambda value: derived(value, symbol=applied_symbol(name, value))


_SIZED = (STRING, List(DYN), Map(DYN))
_ALL = (
    _predicate("startsWith", str.startswith, strings.starts_with),
    _predicate("endsWith", str.endswith, strings.ends_with),
    _predicate("contains", str.__contains__, strings.contains),
    _predicate("matches", _matches, None),
    _cased("lowerAscii", _LOWER),
    _cased("upperAscii", _UPPER),
    Function("split", True, ((STRING,), (STRING,), (INT,)), 2, List(STRING), _split),
    Function("join", True, ((List(STRING),), (STRING,)), 1, STRING, _join),
    Function("size", True, (_SIZED,), 1, INT, _size, _size_of_pieces),
    Function("size", False, (_SIZED,), 1, INT, _size, _size_of_pieces),
    Function("int", False, ((INT, DOUBLE, STRING),), 1, INT, _int, _named("int")),
    Function("double", False, ((INT, DOUBLE, STRING),), 1, DOUBLE, _double, _named("double")),
    Function("string", False, ((STRING, BOOL, INT, DOUBLE),), 1, STRING, string_of, _named("string")),
)
FUNCTIONS: Final = {(each.name, each.method): each for each in _ALL}
MACROS: Final = ("all", "exists", "exists_one", "filter", "map", "orValue")


def call_unknown(function: Function, arguments: list[Result]) -> Result:
    """Call a function with arguments of which one or more are unknown, none of them an error."""
    found = outcomes(function.apply, arguments)
    if found is not None and len(found) == 1:
        return found[0]
    refined = function.refine(*arguments) if function.refine is not None else None
    if refined is not None and (not isinstance(refined, Unknown) or found is None):
        return refined
    unknown = next(each for each in arguments if isinstance(each, Unknown))
    return derived(unknown, found or ())
