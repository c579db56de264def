"""Terraform's conversions between strings, numbers and booleans, and between values and plain Python data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from drpolicy.model.provenance import Provenance
from drpolicy.model.values import Absent, Known, Member, Members, Object, Value
from drpolicy.terraform.shapes import SetOf
from drpolicy.terraform.unknowns import EvaluationError, TooLarge

Plain: TypeAlias = Any
"""``str``, ``int``, ``float``, ``bool``, ``None``, ``list``, ``PlainSet`` or ``dict``, at any depth."""

TEXT_LIMIT = 1_000_000
"""Characters in a string that an expression builds."""

SIZE_LIMIT = 10_000
"""Elements in a collection that an expression builds."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?")


class PlainSet(list[Any]):
    """A sorted list without duplicates that came from a set."""


def number(value: object) -> int | float:
    """Return a number, or a string that reads as one; raise ``EvaluationError`` for anything else."""
    if isinstance(value, bool) or value is None:
        raise EvaluationError("a number is required")
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str) and len(value) < 1000 and _NUMBER.fullmatch(value):
        try:
            return int(value) if value.lstrip("+-").isdigit() else whole(float(value))
        except (ValueError, OverflowError) as error:
            raise EvaluationError("a number is required") from error
    raise EvaluationError("a number is required")


def whole(value: int | float) -> int | float:
    """Return an integral float as an integer; Terraform knows one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def integer(value: object) -> int:
    """Return a whole number, or a string that reads as one."""
    found = whole(number(value))
    if isinstance(found, float):
        raise EvaluationError("a whole number is required")
    return found


def text(value: object) -> str:
    """Return a primitive as Terraform writes it into a string."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            if abs(value) >= 10**4000:
                raise TooLarge("the number has more digits than are evaluated")
            return str(value)
        case float():
            return format(Decimal(repr(value)), "f")
        case _:
            raise EvaluationError("a string is required")


def boolean(value: object) -> bool:
    """Return a boolean, or a string that reads as one."""
    match value:
        case bool():
            return value
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case _:
            raise EvaluationError("a bool is required")


def plain(value: Value[Any], depth: int = 0) -> Plain:
    """Return a fully known value as Python data. The caller makes sure that nothing in it is unknown."""
    match value:
        case Absent():
            return None
        case Known(Members() as inner):
            kind = PlainSet if isinstance(inner, SetOf) else list
            return kind(plain(member.value, depth + 1) for member in inner.elements)
        case Known(Object() as inner):
            return {name: plain(inner.fields[name], depth + 1) for name in sorted(inner.fields)}
        case Known(scalar):
            return scalar
        case _:
            raise EvaluationError("the value is not known")


def lifted(data: Plain, origin: Provenance, depth: int = 0) -> Value[Any]:
    """Return Python data as a value that comes from ``origin``."""
    if depth > 100:
        raise TooLarge("the value is nested more deeply than is evaluated")
    match data:
        case None:
            return Absent(origin)
        case str() if len(data) > TEXT_LIMIT:
            raise TooLarge("the string is longer than is evaluated")
        case bool() | str() | int():
            return Known(data, origin)
        case float():
            return Known(whole(data), origin)
        case list() | tuple():
            if len(data) > SIZE_LIMIT:
                raise TooLarge("the collection is larger than is evaluated")
            elements = tuple(Member(lifted(each, origin, depth + 1)) for each in data)
            return Known(SetOf(elements) if isinstance(data, PlainSet) else Members(elements), origin)
        case dict():
            if len(data) > SIZE_LIMIT:
                raise TooLarge("the collection is larger than is evaluated")
            return Known(Object({name: lifted(each, origin, depth + 1) for name, each in data.items()}), origin)
        case _:
            raise EvaluationError("the value has no Terraform type")


def as_set(items: Sequence[Plain]) -> PlainSet:
    """Return items sorted as Terraform iterates a set of them, without duplicates."""
    unique: dict[str, Plain] = {}
    for item in items:
        unique.setdefault(f"{type(item).__name__}:{item!r}", item)
    return PlainSet(sorted(unique.values(), key=set_order))


def set_order(item: Plain) -> tuple[int, Any, str]:
    """Return the key that orders the elements of a set: strings by code point, numbers by size, false before true."""
    match item:
        case None:
            return (9, 0, "")
        case bool():
            return (0, int(item), "")
        case int() | float():
            return (1, item, "")
        case str():
            return (2, 0, item)
        case _:
            return (3, 0, repr(item))
