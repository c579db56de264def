"""Terraform's operators over values that may be unknown."""

from __future__ import annotations

import math
import operator as op
from collections.abc import Callable
from fractions import Fraction
from typing import Any, assert_never

from drpolicy.model.provenance import Derived
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.terraform.conversion import SIZE_LIMIT, boolean, number, whole
from drpolicy.terraform.shapes import ResourceObject, SetOf
from drpolicy.terraform.unknowns import (
    Budget,
    EvaluationError,
    TooLarge,
    derived_unknown,
    origins,
    over_alternatives,
    surely_other,
    surely_set,
)


def binary(symbol: str, left: Value[Any], right: Value[Any], span: Span) -> Value[Any]:
    """Return ``left symbol right``; raise ``EvaluationError`` where Terraform refuses the operands."""
    if symbol in ("==", "!="):
        return _equality(symbol, left, right, span)
    if symbol in ("&&", "||"):
        return _logical(symbol, left, right, span)
    if isinstance(left, Absent) or isinstance(right, Absent):
        raise EvaluationError("an operand is null")
    if isinstance(left, Known) and isinstance(right, Known):
        return Known(_NUMERIC[symbol](number(left.value), number(right.value)), Derived(symbol, origins((left, right)), span))
    refined = over_alternatives(lambda pair: binary(symbol, pair[0], pair[1], span), (left, right), symbol, span)
    return refined if refined is not None else derived_unknown(symbol, (left, right), span)


def unary(symbol: str, operand: Value[Any], span: Span) -> Value[Any]:
    """Return ``!operand`` or ``-operand``."""
    match operand:
        case Absent():
            raise EvaluationError("the operand is null")
        case Known(value):
            result = not boolean(value) if symbol == "!" else -number(value)
            return Known(result, Derived(symbol, (operand.origin,), span))
        case Unknown():
            refined = over_alternatives(lambda one: unary(symbol, one[0], span), (operand,), symbol, span)
            return refined if refined is not None else derived_unknown(symbol, (operand,), span)


def _logical(symbol: str, left: Value[Any], right: Value[Any], span: Span) -> Value[Any]:
    decisive = symbol == "||"
    for operand in (left, right):
        if isinstance(operand, Absent):
            raise EvaluationError("an operand is null")
    sides = [boolean(operand.value) if isinstance(operand, Known) else None for operand in (left, right)]
    if decisive in sides:
        # The side that decides is the whole cause.
        return Known(decisive, Derived(symbol, ((left, right)[sides.index(decisive)].origin,), span))
    if None not in sides:
        return Known(not decisive, Derived(symbol, origins((left, right)), span))
    if sides[0] is not None:
        return right
    return left if sides[1] is not None else derived_unknown(symbol, (left, right), span)


def _equality(symbol: str, left: Value[Any], right: Value[Any], span: Span) -> Value[Any]:
    truth = equal(left, right)
    if truth is Truth.UNKNOWN:
        refined = over_alternatives(lambda pair: _equality(symbol, pair[0], pair[1], span), (left, right), symbol, span)
        return refined if refined is not None else derived_unknown(symbol, (left, right), span)
    return Known((truth is Truth.TRUE) == (symbol == "=="), Derived(symbol, origins((left, right)), span))


def equal(left: Value[Any], right: Value[Any], depth: int = 0, budget: Budget | None = None) -> Truth:
    """Whether Terraform's ``==`` holds. Equal elements in collections are UNKNOWN: ``[] == tolist([])`` is false."""
    budget = budget or Budget()
    if depth > 60 or budget.spent():
        return Truth.UNKNOWN
    match left, right:
        case Absent(), Absent():
            return Truth.TRUE
        case (Unknown() as unknown, Absent()) | (Absent(), Unknown() as unknown) if surely_set(unknown):
            return Truth.FALSE
        case (Unknown() as unknown, Known(str() as given)) | (Known(str() as given), Unknown() as unknown) if surely_other(unknown, given):
            return Truth.FALSE
        case (Unknown(), _) | (_, Unknown()):
            same_symbol = isinstance(left, Unknown) and isinstance(right, Unknown) and left.symbol == right.symbol
            return Truth.TRUE if same_symbol else Truth.UNKNOWN
        case (Absent(), _) | (_, Absent()):
            return Truth.FALSE
        case Known(Members() as ours), Known(Members() as theirs):
            if not ours.certain or not theirs.certain or isinstance(ours, SetOf) or isinstance(theirs, SetOf):
                return Truth.UNKNOWN
            if len(ours.elements) != len(theirs.elements):
                return Truth.FALSE
            differs = any(_differ(one, other, depth, budget) for one, other in zip(ours, theirs, strict=True))
            return Truth.FALSE if differs else Truth.UNKNOWN
        case Known(ResourceObject()), _:
            return Truth.UNKNOWN
        case _, Known(ResourceObject()):
            return Truth.UNKNOWN
        case Known(Object() as ours), Known(Object() as theirs):
            if ours.rest is None and theirs.rest is None and ours.fields.keys() != theirs.fields.keys():
                return Truth.FALSE
            shared = ours.fields.keys() & theirs.fields.keys()
            differs = any(_differ(ours.fields[name], theirs.fields[name], depth, budget) for name in shared)
            return Truth.FALSE if differs else Truth.UNKNOWN
        case Known(ours), Known(theirs):
            if isinstance(ours, (Members, Object)) or isinstance(theirs, (Members, Object)):
                return Truth.FALSE
            if isinstance(ours, bool) or isinstance(theirs, bool) or isinstance(ours, str) or isinstance(theirs, str):
                return Truth.of(type(ours) is type(theirs) and ours == theirs)
            return Truth.of(ours == theirs)
        case _:
            assert_never(left)


def _differ(left: Value[Any], right: Value[Any], depth: int, budget: Budget) -> bool:
    """Whether two elements certainly differ, also after the conversions to one type that a collection makes."""
    if isinstance(left, Known) and isinstance(right, Known) and type(left.value) is not type(right.value):
        return False
    return equal(left, right, depth + 1, budget) is Truth.FALSE


def _divide(left: int | float, right: int | float) -> int | float:
    if right == 0:
        raise EvaluationError("division by zero")
    if isinstance(left, int) and isinstance(right, int):
        exact = Fraction(left, right)
        return int(exact) if exact.denominator == 1 else _finite(float(exact))
    return _finite(left / right)


def _remainder(left: int | float, right: int | float) -> int | float:
    if right == 0:
        raise EvaluationError("division by zero")
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) % abs(right) * (-1 if left < 0 else 1)
    return whole(math.fmod(left, right))


def _finite(value: float) -> int | float:
    if not math.isfinite(value):
        raise TooLarge("the number is larger than is evaluated")
    return whole(value)


def _bounded(compute: Callable[[Any, Any], Any]) -> Callable[[int | float, int | float], Any]:
    def apply(left: int | float, right: int | float) -> Any:
        for each in (left, right):
            if isinstance(each, int) and each.bit_length() > SIZE_LIMIT:
                raise TooLarge("the number is larger than is evaluated")
        if compute in _ARITHMETIC and (isinstance(left, float) or isinstance(right, float)):
            # Decimal notation is all but exact in Terraform: ``0.1 + 0.2`` is 0.3 there.
            return _finite(float(compute(Fraction(repr(left)), Fraction(repr(right)))))
        return compute(left, right)

    return apply


_ARITHMETIC = (op.add, op.sub, op.mul)

_NUMERIC: dict[str, Callable[[int | float, int | float], Any]] = {
    "+": _bounded(op.add),
    "-": _bounded(op.sub),
    "*": _bounded(op.mul),
    "/": _bounded(_divide),
    "%": _bounded(_remainder),
    "<": _bounded(op.lt),
    "<=": _bounded(op.le),
    ">": _bounded(op.gt),
    ">=": _bounded(op.ge),
}
