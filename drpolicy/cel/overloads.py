"""The types that operators take, and the type each gives."""

from __future__ import annotations

from typing import NamedTuple

from drpolicy.cel.types import BOOL, DOUBLE, DURATION, DYN, INT, NULL, RANGE, STRING, List, Map, Record, Type, describe, fits, joined

_ORDERED = (INT, DOUBLE, STRING, BOOL, DURATION)
_ARITHMETIC: dict[tuple[str, Type, Type], Type] = {
    **{(operator, kind, kind): kind for operator in "+-*/" for kind in (INT, DOUBLE)},
    ("%", INT, INT): INT,
    ("+", STRING, STRING): STRING,
    ("+", DURATION, DURATION): DURATION,
    ("-", DURATION, DURATION): DURATION,
    ("*", DURATION, INT): DURATION,
    ("*", INT, DURATION): DURATION,
}
_RANGES = "a range is compared with a duration, by <= or its negation"


class Refusal(NamedTuple):
    """Why an operator does not take its operands."""

    message: str


def unary_type(operator: str, operand: Type) -> Type | Refusal:
    """Return the type of ``!`` or ``-`` applied."""
    allowed = (BOOL,) if operator == "!" else (INT, DOUBLE)
    if operand in allowed or operand == DYN:
        return BOOL if operator == "!" else operand
    return Refusal(f"no operator {operator} for {describe(operand)}")


def binary_type(operator: str, left: Type, right: Type) -> Type | Refusal:
    """Return the type of a comparison, a membership or arithmetic."""
    match operator:
        case "==" | "!=":
            return _equality(operator, left, right)
        case "in" if isinstance(right, List):
            return _equality(operator, left, right.element)
        case "in":
            allowed = right == DYN or (isinstance(right, Map) and fits(left, STRING))
            return BOOL if allowed else _refused(operator, left, right)
        case "<" | "<=" | ">" | ">=":
            return _ordering(operator, left, right)
        case _:
            return _arithmetic(operator, left, right)


def _refused(operator: str, left: Type, right: Type, hint: str = "") -> Refusal:
    return Refusal(f"no operator {operator} for {describe(left)} and {describe(right)}{hint}")


def _equality(operator: str, left: Type, right: Type) -> Type | Refusal:
    if RANGE in (left, right):
        return Refusal(_RANGES)
    if isinstance(left, Record) or isinstance(right, Record):
        return Refusal("records are not compared; compare what identifies them")
    if fits(left, right):
        return BOOL
    return _refused(operator, left, right, "; use has(…) to ask whether it is given" if NULL in (left, right) else "")


def _ordering(operator: str, left: Type, right: Type) -> Type | Refusal:
    if RANGE in (left, right):
        allowed = ("<=", ">") if left == RANGE else (">=", "<")
        return BOOL if operator in allowed and {left, right} in ({RANGE, DURATION}, {RANGE, DYN}) else Refusal(_RANGES)
    comparable = fits(left, right) and all(each == DYN or each in _ORDERED for each in (left, right))
    return BOOL if comparable else _refused(operator, left, right)


def _arithmetic(operator: str, left: Type, right: Type) -> Type | Refusal:
    found = _ARITHMETIC.get((operator, left, right))
    if found is not None:
        return found
    if operator == "+" and isinstance(left, List) and isinstance(right, List):
        return List(joined([left.element, right.element]))
    if DYN in (left, right) and _possible(operator, left, right):
        return DYN
    return _refused(operator, left, right)


def _possible(operator: str, left: Type, right: Type) -> bool:
    """Whether an operator may apply when one of its operands is only known at run time."""
    if left == right or isinstance(left, List) or isinstance(right, List):
        return left == right or operator == "+"
    return any(each == operator and left in (one, DYN) and right in (other, DYN) for each, one, other in _ARITHMETIC)
