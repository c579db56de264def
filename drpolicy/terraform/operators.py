"""Terraform's operators over values that may be unknown."""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, assert_never

from drpolicy.model.provenance import Derived
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Primitive, Unknown, Value
from drpolicy.terraform.conversion import boolean, number
from drpolicy.terraform.precision import BITS, divided, exact, made, multiplied, negated, precision_of, remainder
from drpolicy.terraform.shapes import InstanceMap, ResourceObject, SetOf
from drpolicy.terraform.unknowns import (
    Budget,
    EvaluationError,
    derived_unknown,
    first_unknown,
    origins,
    over_alternatives,
    surely_other,
    surely_set,
    typed,
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
    return typed(refined if refined is not None else derived_unknown(symbol, (left, right), span), _RESULTS[symbol])


def unary(symbol: str, operand: Value[Any], span: Span) -> Value[Any]:
    """Return ``!operand`` or ``-operand``."""
    match operand:
        case Absent():
            raise EvaluationError("the operand is null")
        case Known(value):
            result = not boolean(value) if symbol == "!" else negated(number(value))
            return Known(result, Derived(symbol, (operand.origin,), span))
        case Unknown():
            refined = over_alternatives(lambda one: unary(symbol, one[0], span), (operand,), symbol, span)
            return typed(
                refined if refined is not None else derived_unknown(symbol, (operand,), span), "bool" if symbol == "!" else "number"
            )


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
    return left if sides[1] is not None else typed(derived_unknown(symbol, (left, right), span), "bool")


def _equality(symbol: str, left: Value[Any], right: Value[Any], span: Span) -> Value[Any]:
    truth = equal(left, right)
    if truth is Truth.UNKNOWN:
        refined = over_alternatives(lambda pair: _equality(symbol, pair[0], pair[1], span), (left, right), symbol, span)
        return typed(refined if refined is not None else derived_unknown(symbol, (left, right), span), "bool")
    return Known((truth is Truth.TRUE) == (symbol == "=="), Derived(symbol, origins((left, right)), span))


def equal(left: Value[Any], right: Value[Any], depth: int = 0, budget: Budget | None = None) -> Truth:
    """Whether Terraform's ``==`` holds. It converts nothing: values of two types, collections included, are never equal."""
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
        case (Unknown(type=str() as type_), Known(given)) | (Known(given), Unknown(type=str() as type_)) if _other_type(type_, given):
            return Truth.FALSE
        case (Unknown(), _) | (_, Unknown()):
            same_symbol = isinstance(left, Unknown) and isinstance(right, Unknown) and left.symbol == right.symbol
            return Truth.TRUE if same_symbol else Truth.UNKNOWN
        case (Absent(), _) | (_, Absent()):
            return Truth.FALSE
        case Known(Members() as ours), Known(Members() as theirs):
            return _same_elements(ours, theirs, depth, budget)
        case Known(ResourceObject()), _:
            return Truth.UNKNOWN
        case _, Known(ResourceObject()):
            return Truth.UNKNOWN
        case Known(Object() as ours), Known(Object() as theirs):
            return _same_fields(ours, theirs, depth, budget)
        case Known(ours), Known(theirs):
            if isinstance(ours, (Members, Object)) or isinstance(theirs, (Members, Object)):
                return Truth.FALSE
            if isinstance(ours, bool) or isinstance(theirs, bool) or isinstance(ours, str) or isinstance(theirs, str):
                return Truth.of(type(ours) is type(theirs) and ours == theirs)
            return Truth.of(ours == theirs)
        case _:
            assert_never(left)


def _other_type(type_: Primitive, given: object) -> bool:
    """Whether a known value is surely not of a primitive type; null is of every one, but equals no known value."""
    match given:
        case ResourceObject() | InstanceMap():
            return False
        case bool():
            return type_ != "bool"
        case int() | float():
            return type_ != "number"
        case str():
            return type_ != "string"
        case _:
            return True


def _same_elements(ours: Members[Value[Any]], theirs: Members[Value[Any]], depth: int, budget: Budget) -> Truth:
    """Compare two collections: a list, a set and a tuple are never equal. Unknown elements may differ in type."""
    if type(ours) is not type(theirs):
        return _by_kind((*ours, *theirs))
    if not ours.certain or not theirs.certain:
        return Truth.UNKNOWN
    if isinstance(ours, SetOf) and any(isinstance(each, Unknown) for each in (*ours, *theirs)):
        return Truth.UNKNOWN
    if len(ours.elements) != len(theirs.elements):
        return Truth.FALSE
    found = Truth.TRUE
    for one, other in zip(ours, theirs, strict=True):
        found = found & equal(one, other, depth + 1, budget)
        if found is Truth.FALSE:
            break
    return found


def _by_kind(elements: Sequence[Value[Any]]) -> Truth:
    """Compare collections of two kinds: never equal, unless the kind may come from the type of what is not known."""
    return Truth.UNKNOWN if first_unknown(elements) is not None else Truth.FALSE


def _same_fields(ours: Object, theirs: Object, depth: int, budget: Budget) -> Truth:
    if isinstance(ours, InstanceMap) or isinstance(theirs, InstanceMap):
        return Truth.UNKNOWN
    if type(ours) is not type(theirs):
        return _by_kind((*ours.fields.values(), *theirs.fields.values())) if ours.rest is None and theirs.rest is None else Truth.UNKNOWN
    closed = ours.rest is None and theirs.rest is None
    if closed and ours.fields.keys() != theirs.fields.keys():
        return Truth.FALSE
    found = Truth.TRUE if closed else Truth.UNKNOWN
    for name in sorted(ours.fields.keys() & theirs.fields.keys()):
        found = found & equal(ours.fields[name], theirs.fields[name], depth + 1, budget)
        if found is Truth.FALSE:
            break
    return found


def _computed(compute: Callable[[Any, Any], Any]) -> Callable[[int | float, int | float], int | float]:
    def apply(left: int | float, right: int | float) -> int | float:
        if isinstance(left, int) and isinstance(right, int):
            found: int = compute(left, right)
            return found if found.bit_length() <= BITS else made(Fraction(found))
        return made(compute(exact(left), exact(right)), max(precision_of(left), precision_of(right)))

    return apply


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[int | float, int | float], bool]:
    def apply(left: int | float, right: int | float) -> bool:
        if isinstance(left, float) or isinstance(right, float):
            return compare(exact(left), exact(right))
        return compare(left, right)

    return apply


_RESULTS: dict[str, Primitive] = {sign: "number" if sign in "+-*/%" else "bool" for sign in ("+", "-", "*", "/", "%", "<", "<=", ">", ">=")}

_NUMERIC: dict[str, Callable[[int | float, int | float], Any]] = {
    "+": _computed(op.add),
    "-": _computed(op.sub),
    "*": multiplied,
    "/": divided,
    "%": remainder,
    "<": _compared(op.lt),
    "<=": _compared(op.le),
    ">": _compared(op.gt),
    ">=": _compared(op.ge),
}
