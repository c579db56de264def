"""Documents: what YAML and JSON files hold, as values with positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drpolicy.model.provenance import written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Source, Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources.problems import Problem

DEPTH_LIMIT = 100
NODE_LIMIT = 500_000
"""Nodes read from one source: about 150 MB of values at worst."""


@dataclass(frozen=True, slots=True)
class KeyedObject(Object):
    """An object as it is written: also where each of its keys stands."""

    keys: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file. ``index`` counts from 0 and includes the documents that are empty or could not be read."""

    source: Source
    root: Value[Any]
    index: int
    span: Span

    def value(self, path: tuple[str | int, ...]) -> Value[Any] | None:
        """Return the value at a path of keys and indices; ``None`` when nothing is written there."""
        value: Value[Any] | None = self.root
        for step in path:
            inner = value.value if isinstance(value, Known) else None
            if isinstance(inner, Object) and isinstance(step, str):
                value = inner.fields.get(step)
            elif isinstance(inner, Members) and isinstance(step, int) and 0 <= step < len(inner.elements):
                value = inner.elements[step].value
            else:
                return None
        return value

    def key_span(self, path: tuple[str | int, ...]) -> Span | None:
        """Return where the last key of a path is written; for an index, where the element is."""
        if not path:
            return self.span
        parent, last = self.value(path[:-1]), path[-1]
        if isinstance(last, str):
            inner = parent.value if isinstance(parent, Known) else None
            return inner.keys.get(last) if isinstance(inner, KeyedObject) else None
        element = self.value(path)
        return None if element is None else written_at(element.origin)

    def place(self, path: tuple[str | int, ...]) -> Span:
        """Return the narrowest place for a path: its value, or the key or header of the nearest thing that is written."""
        value = self.value(path)
        if isinstance(value, Known | Unknown) and not _compound(value) and (span := written_at(value.origin)) is not None:
            return span
        for length in range(len(path), 0, -1):
            if (found := self.key_span(path[:length])) is not None:
                return found
        return header(self.root) or self.span


@dataclass(frozen=True, slots=True)
class Documents:
    """What a file holds: the documents that could be read, and what is wrong with it. One bad document does not cost the others."""

    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)


def header(value: Value[Any]) -> Span | None:
    """Return the header of an object, which is its first key; of anything else, where it is written."""
    inner = value.value if isinstance(value, Known) else None
    if isinstance(inner, KeyedObject) and inner.keys:
        return min(inner.keys.values(), key=lambda span: span.offset)
    return written_at(value.origin)


def _compound(value: Value[Any]) -> bool:
    return isinstance(value, Known) and isinstance(value.value, Object | Members)


def plain(value: Value[Any]) -> object | Unknown:
    """Return a value as plain dicts, lists and scalars, Absent as ``None``; or the first Unknown that is in it.

    Recursive: for values of documents, whose depth is bounded.
    """
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Absent):
        return None
    match value.value:
        case Object(fields=fields, rest=rest):
            if rest is not None:
                return rest
            result: dict[str, object] = {}
            for name, inner in fields.items():
                found = plain(inner)
                if isinstance(found, Unknown):
                    return found
                result[name] = found
            return result
        case Members(elements=elements, rest=rest):
            if rest is not None:
                return rest
            listing: list[object] = []
            for member in elements:
                if member.presence is Truth.FALSE:
                    continue
                if member.presence is Truth.UNKNOWN:
                    return member.why or Unknown(Reason.COUNT_NOT_KNOWN, "presence of an element", value.origin)
                found = plain(member.value)
                if isinstance(found, Unknown):
                    return found
                listing.append(found)
            return listing
        case other:
            leaf: object = other
            return leaf
