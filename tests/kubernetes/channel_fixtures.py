"""What reaches the clusters of a tree, as lines: each field of Velero's objects with the place that it is written at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drpolicy.app.reading import Read, read_tree
from drpolicy.model.provenance import written_at
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources.trees import MemoryTree


def read(files: Mapping[str, str]) -> Read:
    return read_tree(MemoryTree(files))


def reached(files: Mapping[str, str], kind: str = "velero.io/v1/") -> list[str]:
    """Return ``cluster//address [?] path:line:column`` for each object, and ``field = value path:line:column`` for what its spec holds."""
    lines: list[str] = []
    for resource in read(files).manifests.resources:
        if resource.type.startswith(kind):
            doubt = "" if resource.presence is Truth.TRUE else " ?"
            lines.append(f"{resource.key}{doubt} {resource.span}")
            lines.extend(f"  {line}" for line in _fields("", resource.get("spec")))
    return lines


def _fields(path: str, value: Value[Any]) -> Iterator[str]:
    match value:
        case Known(value=Object(fields=fields, rest=rest)):
            for name, each in fields.items():
                yield from _fields(f"{path}.{name}" if path else name, each)
            if rest is not None:
                yield f"{path}… {rest.symbol}"
        case Known(value=Members() as listing):
            for index, each in enumerate(listing):
                yield from _fields(f"{path}[{index}]", each)
        case Known(value=plain):
            yield f"{path} = {plain} {written_at(value.origin)}"
        case Unknown(symbol=symbol):
            yield f"{path} ? {symbol} {written_at(value.origin)}"
        case Absent():
            yield f"{path} = null {written_at(value.origin)}"


def not_read(files: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(each.what, each.kind) for each in read(files).manifests.not_read]
