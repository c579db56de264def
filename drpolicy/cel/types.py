"""The types of conditions, derived from the dataclasses of the model.

A CEL name is the camelCase of the field's name. A field is left out when its metadata says ``{"cel": False}`` or when
its type is no data of the estate (a span, a provenance). It is optional when its metadata says ``{"optional": True}``
or its type allows ``None``. ``{"doc": "…"}`` describes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from enum import Enum
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeAlias, TypeVar, Union, assert_never, get_args, get_origin, get_type_hints
from typing import Literal as OneOf

from drpolicy.model import durations, ranges
from drpolicy.model.provenance import Default, Derived, Observed, Through, Written
from drpolicy.model.records import dataclass, fields, is_record
from drpolicy.model.spans import Source, Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Target, Unknown


class Basic(Enum):
    """The types without parameters. ``DYN`` is checked when evaluated."""

    BOOL = "bool"
    INT = "int"
    DOUBLE = "double"
    STRING = "string"
    DURATION = "duration"
    RANGE = "range"
    NULL = "null"
    DYN = "dyn"


@dataclass(frozen=True, slots=True)
class List:
    """A list, or ``Members``."""

    element: Type


@dataclass(frozen=True, slots=True)
class Map:
    """A map from strings, or an ``Object``."""

    value: Type


@dataclass(frozen=True, slots=True)
class Record:
    """A frozen dataclass of the model."""

    cls: type[Any]


@dataclass(frozen=True, slots=True)
class Optional:
    """What ``.?field`` gives, for ``orValue`` to take."""

    inner: Type


Type: TypeAlias = Basic | List | Map | Record | Optional

BOOL, INT, DOUBLE, STRING = Basic.BOOL, Basic.INT, Basic.DOUBLE, Basic.STRING
DURATION, RANGE, NULL, DYN = Basic.DURATION, Basic.RANGE, Basic.NULL, Basic.DYN


class Field(NamedTuple):
    """A field as conditions see it: its CEL name, the attribute that holds it, and its type."""

    name: str
    attribute: str
    type: Type
    optional: bool
    doc: str


_FIELDS: dict[type[Any], Mapping[str, Field]] = {}


def record_type(cls: type[Any]) -> Record:
    """Return the type of a frozen dataclass."""
    return Record(cls)


def fields_of(cls: type[Any]) -> Mapping[str, Field]:
    """Return the visible fields of a dataclass by CEL name, in order. Raises NameError for an unresolvable annotation."""
    known = _FIELDS.get(cls)
    if known is not None:
        return known
    hints = get_type_hints(cls)
    found = {}
    for each in fields(cls):
        inferred = _inferred(hints[each.name]) if each.metadata.get("cel", True) else None
        if inferred is None or each.name.startswith("_"):
            continue
        head, *rest = each.name.split("_")
        name = head + "".join(word.capitalize() for word in rest)
        kind, nullable = inferred
        found[name] = Field(name, each.name, kind, bool(each.metadata.get("optional", nullable)), str(each.metadata.get("doc", "")))
    _FIELDS[cls] = found
    return found


def describe(type: Type) -> str:
    """Return the name of a type for people."""
    match type:
        case Basic():
            return type.value
        case List(element):
            return f"list({describe(element)})"
        case Map(value):
            return f"map(string, {describe(value)})"
        case Record(cls):
            return cls.__name__
        case Optional(inner):
            return f"optional({describe(inner)})"
        case _:
            assert_never(type)


def fits(actual: Type, wanted: Type) -> bool:
    """Whether a value of one type may be used as the other; ``DYN`` fits everything, as it is checked when evaluated."""
    match actual, wanted:
        case (Basic.DYN, _) | (_, Basic.DYN):
            return not isinstance(actual, Optional) and not isinstance(wanted, Optional)
        case (List(mine), List(theirs)) | (Map(mine), Map(theirs)) | (Optional(mine), Optional(theirs)):
            return fits(mine, theirs)
        case _:
            return actual == wanted


def joined(types: Sequence[Type]) -> Type:
    """Return the type of a list's elements: the common one, else ``DYN``."""
    first = types[0] if types else DYN
    return first if all(each == first for each in types) else DYN


_PLAIN: dict[object, Type] = {
    bool: BOOL,
    Truth: BOOL,
    int: INT,
    float: DOUBLE,
    str: STRING,
    durations.Duration: DURATION,
    ranges.Range: RANGE,
    Object: Map(DYN),
    Any: DYN,
    object: DYN,
}
_HIDDEN = frozenset((Span, Source, Target, Written, Default, Through, Derived, Observed))


def _inferred(hint: Any) -> tuple[Type, bool] | None:
    """Return the type and whether ``None`` is allowed; ``None`` for what conditions do not see."""
    if get_origin(hint) in (Union, UnionType):
        parts = [part for part in get_args(hint) if part not in (NoneType, Unknown, Absent)]
        types = [type for part in parts if (type := _type(part)) is not None]
        return (joined(types), NoneType in get_args(hint)) if types else None
    type = _type(hint)
    return None if type is None else (type, False)


def _type(hint: Any) -> Type | None:
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Known:
        return DYN if isinstance(arguments[0], TypeVar) else _type(arguments[0])
    if origin is OneOf:
        return joined([_PLAIN.get(value.__class__, DYN) for value in arguments])
    if origin in (Members, list, tuple, Sequence, frozenset, Set):
        return _list(arguments[:1])
    if origin in (dict, Mapping):
        inner = _inferred(arguments[1])
        return None if inner is None else Map(inner[0])
    if origin in (Union, UnionType):
        inner = _inferred(hint)
        return None if inner is None else inner[0]
    if not isinstance(hint, type) or hint in _HIDDEN:
        return None
    if hint in (Members, list, tuple):
        return List(DYN)
    if issubclass(hint, Enum):
        return joined([_PLAIN.get(each.value.__class__, DYN) for each in hint])
    return Record(hint) if is_record(hint) and hint is not Unknown else None


def _list(arguments: tuple[Any, ...]) -> Type | None:
    inner = _inferred(arguments[0])
    return None if inner is None else List(inner[0])
