"""Numeric functions."""

from __future__ import annotations

import math
import string
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from drpolicy.terraform.conversion import integer, number
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.precision import FLOAT_BITS, Precise, added, exact, negated
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, Unsupported


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


_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_ODD = (6.666666666666735130e-01, 2.857142874366239149e-01, 1.818357216161805012e-01, 1.479819860511658591e-01)
_EVEN = (3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01)


def _natural(value: float) -> float:
    """Return the natural logarithm with the rounding of Go's math.Log, which is FreeBSD's e_log.c; the C library's differs."""
    if value == 0:
        return -math.inf
    fraction, exponent = math.frexp(value)
    if fraction < math.sqrt(2) / 2:
        fraction, exponent = fraction * 2, exponent - 1
    rest = fraction - 1
    ratio = rest / (2 + rest)
    square = ratio * ratio
    fourth = square * square
    odd = square * (_ODD[0] + fourth * (_ODD[1] + fourth * (_ODD[2] + fourth * _ODD[3])))
    even = fourth * (_EVEN[0] + fourth * (_EVEN[1] + fourth * _EVEN[2]))
    half = 0.5 * rest * rest
    return exponent * _LN2_HIGH - ((half - (ratio * (half + odd + even) + exponent * _LN2_LOW)) - rest)


def _logarithm(value: float, base: float) -> float:
    if value < 0 or base < 0:
        raise ValueError(value)
    return _natural(value) / _natural(base)


def _power(base: float, exponent: float) -> float:
    """Return the power with the rounding of Go's math.Pow, by repeated squaring of the mantissa."""
    if exponent == 0 or base == 1:
        return 1
    if abs(exponent) == 0.5 and base >= 0:
        return math.sqrt(base) if exponent > 0 else 1 / math.sqrt(base)
    if base == 0:
        return math.pow(base, exponent)
    if exponent != int(exponent):
        if base < 0:
            raise ValueError(base)
        # Go computes the exponential in assembly of each processor: the last digit is not the same on all.
        raise Unsupported("powers with a fraction are not evaluated")
    times, found, power = int(abs(exponent)), 1.0, 0
    if times >= 1 << 63:
        raise TooLarge("the number is larger than is evaluated")
    mantissa, shift = math.frexp(base)
    while times:
        if abs(shift) > 1 << 12:
            power += shift
            break
        if times & 1:
            found *= mantissa
            power += shift
        mantissa *= mantissa
        shift <<= 1
        if abs(mantissa) < 0.5:
            mantissa += mantissa
            shift -= 1
        times >>= 1
    if exponent < 0:
        found, power = 1 / found, -power
    return math.ldexp(found, power)


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
    return negated(found) if exact(found) < 0 else found or 0


FUNCTIONS: dict[str, Function] = {
    "abs": Function(_absolute, 1, 1),
    "ceil": Function(lambda value: math.ceil(exact(number(value))), 1, 1),
    "floor": Function(lambda value: math.floor(exact(number(value))), 1, 1),
    "log": Function(_computed(_logarithm), 2, 2),
    "max": Function(lambda *values: max((number(value) for value in values), key=exact), 1, None),
    "min": Function(lambda *values: min((number(value) for value in values), key=exact), 1, None),
    "parseint": Function(_parseint, 2, 2),
    "pow": Function(_computed(_power), 2, 2),
    "signum": Function(_sign, 1, 1),
    "sum": Function(_sum, 1, 1),
}
