"""Arithmetic and ordering of plain values, as CEL defines them (cel-spec, doc/langdef.md, 2026-11); and of ranges.

Integers have 64 bits and fail on overflow; division truncates toward zero; doubles follow IEEE 754.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from drpolicy.cel.results import LARGEST, AtLeast, Failure, Result, as_members, derived, outcomes, refuse
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Derived
from drpolicy.model.ranges import Range
from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Members, Unknown

_LARGEST = 2**63
_OBJECTIVE = Derived("the value compared with", ())
_NUMBERS = (int, float)


def whole(value: int) -> int:
    """Return an integer of 64 bits. Raises Failure on overflow."""
    if -_LARGEST <= value < _LARGEST:
        return value
    raise Failure("integer overflow")


def _length(seconds: float) -> Duration:
    if math.isnan(seconds):
        raise Failure("the difference of two unbounded durations")
    return Duration(seconds)


def add(left: Any, right: Any) -> Result:
    match left, right:
        case (bool(), _) | (_, bool()):
            pass
        case int(), int():
            return whole(left + right)
        case float(), float():
            return left + right
        case str(), str():
            if len(left) + len(right) > LARGEST:
                raise Failure("the text is too long")
            return left + right
        case Duration(), Duration():
            return _length(left.seconds + right.seconds)
        case ((Members() | list() | tuple()), (Members() | list() | tuple())):
            ours, theirs = as_members(left), as_members(right)
            if len(ours.elements) + len(theirs.elements) > LARGEST:
                raise Failure("the list is too long")
            return Members(ours.elements + theirs.elements, ours.rest or theirs.rest)
    raise refuse("+", left, right)


def subtract(left: Any, right: Any) -> Result:
    match left, right:
        case (bool(), _) | (_, bool()):
            pass
        case int(), int():
            return whole(left - right)
        case float(), float():
            return left - right
        case Duration(), Duration():
            return _length(left.seconds - right.seconds)
    raise refuse("-", left, right)


def multiply(left: Any, right: Any) -> Result:
    match left, right:
        case (bool(), _) | (_, bool()):
            pass
        case int(), int():
            return whole(left * right)
        case float(), float():
            return left * right
        case (Duration() as length, int() as count) | (int() as count, Duration() as length):
            return _length(length.seconds * count)
    raise refuse("*", left, right)


def divide(left: Any, right: Any) -> Result:
    match left, right:
        case (bool(), _) | (_, bool()):
            pass
        case int(), int():
            if right == 0:
                raise Failure("division by zero")
            quotient = abs(left) // abs(right)
            return whole(quotient if (left < 0) == (right < 0) else -quotient)
        case float(), float():
            if right != 0:
                return left / right
            if left == 0 or math.isnan(left):
                return math.nan
            return math.copysign(math.inf, left) * math.copysign(1, right)
    raise refuse("/", left, right)


def modulo(left: Any, right: Any) -> Result:
    if type(left) is not int or type(right) is not int:
        raise refuse("%", left, right)
    if right == 0:
        raise Failure("modulus by zero")
    if right == -1 and left == -_LARGEST:
        raise Failure("integer overflow")
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


def negate(value: Any) -> Result:
    match value:
        case int() if not isinstance(value, bool):
            return whole(-value)
        case float():
            return -value
        case _:
            raise refuse("-", value)


def opposite(value: Any) -> Result:
    if value is True or value is False:
        return not value
    raise refuse("!", value)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def ordering(symbol: str) -> Callable[[Any, Any], Result]:
    """Return the function of an ordering operator; it raises Failure for what has no order."""
    compare = _COMPARE[symbol]

    def ordered(left: Any, right: Any) -> Result:
        ours, theirs = type(left), type(right)
        if (ours is theirs and ours in (int, str, float, Duration, bool)) or (ours in _NUMBERS and theirs in _NUMBERS):
            return compare(left, right)
        if ours is Range or theirs is Range:
            return compare_range(symbol, left, right)
        raise refuse(symbol, left, right)

    return ordered


def compare_range(symbol: str, left: Any, right: Any) -> Result:
    """Return whether a range is within a duration, or not. The duration may be an Unknown. Raises Failure."""
    if isinstance(right, Range) and not isinstance(left, Range):
        left, right, symbol = right, left, MIRRORED[symbol]
    if symbol not in ("<=", ">") or not isinstance(left, Range) or not isinstance(right, (Duration, Unknown)):
        raise Failure("a range is compared with a duration, by <= or its negation")
    if isinstance(right, Unknown):
        found = outcomes(lambda each: compare_range(symbol, left, each), (right,))
        return found[0] if found is not None and len(found) == 1 else derived(right)
    match left.within(Known(right, _OBJECTIVE)):
        case Truth.UNKNOWN:
            fallback = Unknown(Reason.NOT_OBSERVED, "range", Derived(left.basis, left.origins))
            return derived(left.unknowns[0] if left.unknowns else fallback)
        case within:
            return (within is Truth.TRUE) == (symbol == "<=")


def compare_size(symbol: str, left: Result, right: Result) -> bool | None:
    """Order the size of an open collection and a number, or ``None`` when at-least-so-many does not decide."""
    if isinstance(right, AtLeast):
        left, right, symbol = right, left, MIRRORED[symbol]
    if not isinstance(left, AtLeast) or type(right) not in _NUMBERS:
        return None
    match symbol:
        case ">" | "<=":
            return symbol == ">" if left.least > right else None
        case _:
            return symbol == ">=" if left.least >= right else None


ARITHMETIC: dict[str, Callable[[Any, Any], Result]] = {"+": add, "-": subtract, "*": multiply, "/": divide, "%": modulo}
