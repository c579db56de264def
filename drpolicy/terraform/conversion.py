"""Terraform's conversions between strings, numbers and booleans, and between values and plain Python data."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any, TypeAlias

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Provenance
from drpolicy.model.values import Absent, Known, Member, Members, Object, Value
from drpolicy.terraform.precision import Precise, exact, read, written
from drpolicy.terraform.shapes import ListOf, MapOf, SetOf
from drpolicy.terraform.unknowns import EvaluationError, TooLarge

Plain: TypeAlias = Any
"""``str``, ``int``, ``float``, ``bool``, ``None``, ``list``, ``PlainSet`` or ``dict``, at any depth."""

TEXT_LIMIT = 1_000_000
"""Characters in a string that an expression builds."""

SIZE_LIMIT = 10_000
"""Elements in a collection that an expression builds."""

_NUMBER = deferred(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")


class PlainSet(list[Any]):
    """A sorted list without duplicates that came from a set."""


class PlainList(list[Any]):
    """What came from a list, or makes one; any other Python list is a tuple."""


class PlainMap(dict[str, Any]):
    """What came from a map, or makes one; any other dictionary is an object."""


def number(value: object) -> int | float:
    """Return a number, or a string that reads as one; raise ``EvaluationError`` for anything else."""
    if isinstance(value, bool) or value is None:
        raise EvaluationError("a number is required")
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return read(value)
    raise EvaluationError("a number is required")


def whole(value: int | float) -> int | float:
    """Return an integral float as an integer; Terraform knows one kind of number."""
    return int(value) if isinstance(value, float) and not isinstance(value, Precise) and value.is_integer() and value else value


def integer(value: object) -> int:
    """Return a whole number, or a string that reads as one."""
    found = number(value)
    if isinstance(found, float):
        if isinstance(found, Precise) or not found.is_integer():
            raise EvaluationError("a whole number is required")
        return int(found)
    return found


def text(value: object) -> str:
    """Return a primitive as Terraform writes it into a string."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return written(value)
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
            kind = PlainSet if isinstance(inner, SetOf) else PlainList if isinstance(inner, ListOf) else list
            return kind(plain(member.value, depth + 1) for member in inner.elements)
        case Known(Object() as inner):
            fields = {name: plain(inner.fields[name], depth + 1) for name in sorted(inner.fields)}
            return PlainMap(fields) if isinstance(inner, MapOf) else fields
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
        case str() if not data.isascii():
            return Known(unicodedata.normalize("NFC", data), origin)
        case bool() | str() | int():
            return Known(data, origin)
        case float():
            return Known(whole(data), origin)
        case list() | tuple():
            if len(data) > SIZE_LIMIT:
                raise TooLarge("the collection is larger than is evaluated")
            elements = tuple(Member(lifted(each, origin, depth + 1)) for each in data)
            kind = SetOf if isinstance(data, PlainSet) else ListOf if isinstance(data, PlainList) else Members
            return Known(kind(elements), origin)
        case dict():
            if len(data) > SIZE_LIMIT:
                raise TooLarge("the collection is larger than is evaluated")
            fields = {name: lifted(each, origin, depth + 1) for name, each in data.items()}
            return Known(MapOf(fields) if isinstance(data, PlainMap) else Object(fields), origin)
        case _:
            raise EvaluationError("the value has no Terraform type")


def set_order(value: Value[Any]) -> tuple[int, Any, str]:
    """Return the key that orders the elements of a set: unknown ones first, strings by code point, numbers by size, false before true.

    Containers are in the order of the notation that go-cty hashes (cty/set_internals.go, 2026-11).
    """
    if isinstance(value, Known):
        match value.value:
            case bool() as flag:
                return (0, int(flag), "")
            case int() | float() as size:
                return (1, exact(size), "")
            case str() as written_:
                return (2, 0, written_)
            case _:
                return (3, 0, "".join(_hashed(value)))
    return (9, 0, "") if isinstance(value, Absent) else (-1, 0, "")


def _hashed(value: Value[Any]) -> Iterator[str]:
    match value:
        case Known(bool() as flag):
            yield "T" if flag else "F"
        case Known(int() | float() as size):
            yield written(size)
        case Known(str() as text_):
            yield json.dumps(text_, ensure_ascii=False)
        case Known(Members() as inner):
            opening, closing = "[]" if isinstance(inner, (ListOf, SetOf)) else "<>"
            yield opening
            for each in inner:
                yield from _hashed(each)
                yield ";"
            yield closing
        case Known(Object() as inner):
            map_ = isinstance(inner, MapOf)
            yield "{" if map_ else "<"
            for name in sorted(inner.fields):
                if map_:
                    yield json.dumps(name, ensure_ascii=False) + ":"
                yield from _hashed(inner.fields[name])
                yield ";"
            yield "}" if map_ else ">"
        case Absent():
            yield "~"
        case _:
            yield "?"
