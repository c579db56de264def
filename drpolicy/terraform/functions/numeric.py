"""Numeric functions."""

from __future__ import annotations

import math
import operator
import string
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from drpolicy.terraform.conversion import integer, number
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.precision import FLOAT_BITS, Precise, added, exact, negated
from drpolicy.terraform.unknowns import EvaluationError, TooLarge


def _computed(compute: Callable[[float, float], float]) -> Callable[[Any, Any], int | float]:
    """Compute with Go's float64, as ``pow`` and ``log`` do."""

    def apply(left: Any, right: Any) -> int | float:
        try:
            found = compute(float(number(left)), float(number(right)))
        except (OverflowError, ZeroDivisionError, ValueError) as error:
            raise EvaluationError("the result is no number") from error
        if isinstance(found, complex) or not math.isfinite(found):
            raise EvaluationError("the result is no number")
        return found if found == 0 and math.copysign(1, found) < 0 else _of_float(found)

    return apply


def _of_float(value: float) -> int | float:
    """Return a float64 as the exact number that it is, written with the digits of a float64."""
    return Precise(Fraction(value), FLOAT_BITS) if value else 0


def _logarithm(value: float, base: float) -> float:
    bottom = math.log(base) if base > 0 else -math.inf
    return math.log(value) / bottom


_DIGITS = string.digits + string.ascii_lowercase + string.ascii_uppercase


def _parseint(digits: Any, base: Any) -> int:
    radix = integer(base)
    if not isinstance(digits, str) or not 2 <= radix <= 62:
        raise EvaluationError("parseint takes a string and a base from 2 to 62")
    body = digits[1:] if digits[:1] in ("+", "-") else digits
    if len(body) > 4000:
        raise TooLarge("the number has more digits than are evaluated")
    alphabet = _DIGITS[:radix]
    folded = body.lower() if radix <= 36 else body
    if not folded or any(each not in alphabet for each in folded):
        raise EvaluationError("parseint cannot parse the string")
    found = 0
    for each in folded:
        found = found * radix + alphabet.index(each)
    return -found if digits.startswith("-") else found


def _sum(items: Any) -> int | float:
    if not isinstance(items, list) or not items:
        raise EvaluationError("sum takes a list that is not empty")
    total = number(items[0])
    for item in items[1:]:
        total = added(total, number(item))
    return total


def _sign(value: Any) -> int:
    found = integer(value)
    return (found > 0) - (found < 0)


def _absolute(value: Any) -> int | float:
    found = number(value)
    return negated(found) if exact(found) < 0 else found


FUNCTIONS: dict[str, Function] = {
    "abs": Function(_absolute, 1, 1),
    "ceil": Function(lambda value: math.ceil(exact(number(value))), 1, 1),
    "floor": Function(lambda value: math.floor(exact(number(value))), 1, 1),
    "log": Function(_computed(_logarithm), 2, 2),
    "max": Function(lambda *values: max((number(value) for value in values), key=exact), 1, None),
    "min": Function(lambda *values: min((number(value) for value in values), key=exact), 1, None),
    "parseint": Function(_parseint, 2, 2),
    "pow": Function(_computed(operator.pow), 2, 2),
    "signum": Function(_sign, 1, 1),
    "sum": Function(_sum, 1, 1),
}
