"""Steps into the values of a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drpolicy.model.provenance import Default, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources.placeholders import is_blank, placeholder


def inside(value: Value[Any], *path: str) -> Value[Any]:
    """Return the value at a path of names; Absent where the nearest thing stands, Unknown where the way there is."""
    for name in path:
        if not isinstance(value, Known):
            return value
        value = value.value.get(name, value.origin) if isinstance(value.value, Object) else Absent(value.origin)
    return value


def elements(value: Value[Any]) -> Iterator[Value[Any]]:
    """Yield the elements of a list that are or may be there; nothing for anything else."""
    if isinstance(value, Known) and isinstance(value.value, Members):
        yield from (member.value for member in value.value.elements if member.presence is not Truth.FALSE)


def entries(value: Value[Any]) -> Iterator[tuple[str, Value[Any]]]:
    """Yield the fields of an object; nothing for anything else."""
    if isinstance(value, Known) and isinstance(value.value, Object):
        yield from value.value.fields.items()


def text(value: Value[Any]) -> str | None:
    """Return a known text."""
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else None


def texts(value: Value[Any]) -> Members[Value[str]]:
    """Return a list of texts as Values; open when the list is not known, and empty when it is not there."""
    if isinstance(value, Unknown):
        return Members((), value)
    if isinstance(value, Known) and isinstance(value.value, Members):
        return value.value
    return Members()


def strings(value: Value[Any]) -> Value[str]:
    """Return a scalar as a text: a number or a boolean as YAML writes it. A mapping or list is Absent."""
    if not isinstance(value, Known) or isinstance(value.value, str):
        return value
    match value.value:
        case bool() as flag:
            return Known("true" if flag else "false", value.origin)
        case int() | float() as number:
            return Known(str(number), value.origin)
        case _:
            return Absent(value.origin)


def name_in_aws(value: Value[Any]) -> Value[str]:
    """Return a scalar as the name of something in AWS: Unknown where it has still to be filled in, whatever would do that."""
    name = strings(value)
    if not isinstance(name, Known) or not is_blank(name.value):
        return name
    span = written_at(name.origin)
    return placeholder(name.value, span) if span is not None else Unknown(Reason.TEMPLATE_PLACEHOLDER, name.value, name.origin)


def flag(value: Value[Any], default: bool, source: str, span: Span) -> Value[bool]:
    """Return a boolean, or its default where it would stand; what is neither is as good as not there."""
    if isinstance(value, Unknown) or (isinstance(value, Known) and isinstance(value.value, bool)):
        return value
    return Known(default, Default("true" if default else "false", source, span))


def place(value: Value[Any], otherwise: Span) -> Span:
    """Return where a value is written."""
    return written_at(value.origin) or otherwise
