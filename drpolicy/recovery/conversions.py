"""Values as the provider's schema has them: Terraform converts between texts, numbers and booleans before a provider sees them.

Rules: Terraform language documentation, "Types and values", type conversion, and zclconf/go-cty
``cty/convert/conversion_primitive.go``, 2026-11.
"""

from __future__ import annotations

from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.values import Known, Unknown, Value

_NUMBER = deferred(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_LONGEST = 40


def converted(value: Value[Any], type_: type, what: str) -> Value[Any]:
    """Return a value as text, whole number or boolean, whichever ``type_`` (``str``, ``int``, ``bool``) is.

    What cannot be converted is Unknown under its own symbol, ``what``: the provider refuses it. Collections stay as they are.
    """
    match value:
        case Known(bool() | int() | float() | str() as plain):
            found = _plain(plain, type_)
            if found is None:
                name = {str: "text", int: "a whole number", bool: "true or false"}.get(type_, type_.__name__)
                return Unknown(Reason.FUNCTION_NOT_EVALUATED, f"{what} = {str(plain)[:_LONGEST]!r} is not {name}", value.origin)
            return value if found is plain else Known(found, value.origin)
        case Unknown(among=among) if among:
            options = [converted(each, type_, what) for each in among]
            kept = tuple(each for each in options if isinstance(each, Known))
            return replace(value, among=kept if len(kept) == len(options) else ())
        case _:
            return value


def number_of(value: Value[Any]) -> float | None:
    """Return a number, written as one or as text; ``None`` for anything else."""
    if not isinstance(value, Known) or isinstance(value.value, bool):
        return None
    return _number(value.value)


def _plain(value: bool | int | float | str, type_: type) -> bool | int | str | None:
    if type_ is bool:
        return value if isinstance(value, bool) else _BOOLEANS.get(value) if isinstance(value, str) else None
    if type_ is str:
        return _text(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    number = _number(value)
    return int(number) if number is not None and number.is_integer() else None


def _number(value: object) -> float | None:
    match value:
        case bool():
            return None
        case int() | float():
            try:
                found = float(value)
            except OverflowError:
                return None
        case str() if len(value) <= _LONGEST and _NUMBER.fullmatch(value):
            found = float(value)
        case _:
            return None
    return found if abs(found) < 1e15 else None


def _text(value: bool | int | float | str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case _:
            return str(value)
