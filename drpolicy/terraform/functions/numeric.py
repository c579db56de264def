"""Numeric functions."""

from __future__ import annotations

import math
import string
from typing import Any

from drpolicy.terraform.conversion import integer, number, whole
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, Unsupported


def _power(base: Any, exponent: Any) -> int | float:
    left, right = number(base), number(exponent)
    try:
        if isinstance(left, int) and isinstance(right, int) and right >= 0:
            if left.bit_length() * right > 4096:
                raise TooLarge("the number is larger than is evaluated")
            return int(left**right)
        result = float(left) ** float(right)
    except (OverflowError, ZeroDivisionError) as error:
        raise TooLarge("the number is larger than is evaluated") from error
    if isinstance(result, complex):
        raise EvaluationError("the result is not a real number")
    return whole(result)


def _parseint(digits: Any, base: Any) -> int:
    radix = integer(base)
    if not isinstance(digits, (str, int)) or isinstance(digits, bool) or not 2 <= radix <= 62:
        raise EvaluationError("parseint takes a string and a base from 2 to 62")
    if radix <= 36 and len(str(digits)) < 1000:
        written = str(digits)
        alphabet = (string.digits + string.ascii_lowercase)[:radix]
        if (
            written.lstrip("+-")
            and len(written) - len(written.lstrip("+-")) <= 1
            and all(each in alphabet for each in written.lstrip("+-").lower())
        ):
            return int(written, radix)
        raise EvaluationError("parseint cannot parse the string")
    raise Unsupported("bases above 36 are not evaluated")


def _sum(items: Any) -> int | float:
    if not isinstance(items, list) or not items:
        raise EvaluationError("sum takes a list that is not empty")
    numbers = [number(item) for item in items]
    return sum(numbers) if all(isinstance(each, int) for each in numbers) else whole(math.fsum(numbers))


def _sign(value: Any) -> int:
    found = number(value)
    return (found > 0) - (found < 0)


FUNCTIONS: dict[str, Function] = {
    "abs": Function(lambda value: abs(number(value)), 1, 1),
    "ceil": Function(lambda value: math.ceil(number(value)), 1, 1),
    "floor": Function(lambda value: math.floor(number(value)), 1, 1),
    "max": Function(lambda *values: max(number(value) for value in values), 1, None),
    "min": Function(lambda *values: min(number(value) for value in values), 1, None),
    "parseint": Function(_parseint, 2, 2),
    "pow": Function(_power, 2, 2),
    "signum": Function(_sign, 1, 1),
    "sum": Function(_sum, 1, 1),
}
