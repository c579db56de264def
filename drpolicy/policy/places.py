"""``locate`` paths: where a finding points, as names of fields from the subject inwards."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, NamedTuple

from drpolicy.cel import fields_of
from drpolicy.model.provenance import Provenance, written_at
from drpolicy.model.values import Absent, Known, Members, Object, Unknown

HEADER = "header"
"""Instead of a path: the header of the subject itself."""


def path_problem(record: type[Any], path: str) -> str | None:
    """Return what is wrong with a path on a subject; only its first name can be checked when it enters raw attributes."""
    first = path.split(".", 1)[0]
    fields = fields_of(record)
    if first in fields or path == HEADER:
        return None
    near = get_close_matches(first, fields, 1)
    return f"no field {first!r} on {record.__name__}" + (f"; did you mean {near[0]!r}?" if near else "")


class Located(NamedTuple):
    """Where a path leads, and whether something is written there rather than missing."""

    origin: Provenance
    written: bool


def place_at(subject: Any, path: str) -> Located | None:
    """Return where the value at a path stands, or would stand; ``None`` when it has no place in a file."""
    value: Any = subject
    for name in path.split("."):
        value = _step(value, name)
        if value is None:
            return None
    if isinstance(value, Known | Unknown | Absent):
        return Located(value.origin, not isinstance(value, Absent)) if written_at(value.origin) is not None else None
    return None


def _step(value: Any, name: str) -> Any:
    match value:
        case Known(inner):
            return _step(inner, name)
        case Object(fields=fields):
            return fields.get(name)
        case Members(elements=elements):
            return next((found for each in elements if (found := _step(each.value, name)) is not None), None)
        case Unknown() | Absent():
            return value
        case str() | bool() | int() | float():
            return None
        case _:
            field = fields_of(type(value)).get(name)
            return getattr(value, field.attribute) if field is not None else None
