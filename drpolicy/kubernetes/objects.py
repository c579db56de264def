"""Kubernetes objects as a channel gives them, before it is known which cluster they are on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from drpolicy.kubernetes.kinds import CLUSTER_SCOPED, OWN_GROUP, group_of
from drpolicy.kubernetes.navigation import elements, inside, text
from drpolicy.kubernetes.scalar_text import scalar_text
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Applier
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.sources.discovery import looks_like_manifest
from drpolicy.sources.documents import header

_DECLARATION = deferred(r"^apiVersion:[ \t]*+[\"']?drpolicy\.dev/", re.MULTILINE)
_DEFINITION = deferred(r"^kind:[ \t]*+CustomResourceDefinition[ \t\r]*+$", re.MULTILINE)


def worth_reading(document: str) -> bool:
    """Whether the text of a document may be an object that matters.

    Definitions are most of the text of some files, and say nothing; declarations of ours go to no cluster.
    """
    definition = "CustomResourceDefinition" in document and _DEFINITION.search(document) is not None
    declaration = "drpolicy.dev/" in document and _DECLARATION.search(document) is not None
    return looks_like_manifest(document) and not definition and not declaration


_KEY = deferred(r"""^["']?([A-Za-z_][\w.-]*)["']?[ \t]*+:[ \t]*+(?:["']?([\w./-]*+)["']?[ \t\r]*+(?:#.*+)?+$)?+""", re.MULTILINE)
_NAMES = frozenset({"apiVersion", "kind", "metadata"})


def end_of_names(document: str, read: Callable[[str, str], bool]) -> int | None:
    """Return where an object goes on after its name, if of its kind no more is read; ``None`` when that cannot be seen.

    ``read`` is asked with group and kind. Keys of the document stand at the beginning of a line, and there nothing but a key can.
    """
    found: dict[str, str | None] = {}
    for key in _KEY.finditer(document):
        if key[1] not in _NAMES or key[1] in found:
            version, kind = found.get("apiVersion"), found.get("kind")
            named = "metadata" in found and version and kind and not kind.endswith("List")
            return key.start() if named and not read(group_of(version or ""), kind or "") else None
        found[key[1]] = key[2]
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Manifest:
    """One object. ``home`` is the path that tells its cluster: that of the file which puts it there, wherever it is written."""

    home: str
    api_version: str
    kind: str
    namespace: str
    name: str
    root: Object
    origin: Written
    span: Span
    extent: Span
    presence: Truth = Truth.TRUE
    why: Unknown | None = None
    applied_by: tuple[Applier, ...] = ()

    @property
    def group(self) -> str:
        return group_of(self.api_version)

    @property
    def value(self) -> Value[Any]:
        return Known(self.root, self.origin)


def objects_in(home: str, root: Value[Any], extent: Span, namespace: str = "default") -> Iterator[Manifest]:
    """Yield the objects of a document; a list of objects is unfolded, one level at a time and to a bounded depth of the document.

    Definitions of custom resources, documents of this tool, and objects without a name are left out. ``namespace`` is that of an object
    that names none.
    """
    stack: list[tuple[Value[Any], Span]] = [(root, extent)]
    while stack:
        value, extent = stack.pop()
        if not isinstance(value, Known) or not isinstance(value.value, Object):
            continue
        api_version, kind = text(inside(value, "apiVersion")), text(inside(value, "kind"))
        if api_version is None or kind is None:
            continue
        if kind.endswith("List") and "items" in value.value.fields:
            stack.extend((item, written_at(item.origin) or extent) for item in reversed(tuple(elements(inside(value, "items")))))
            continue
        if kind == "CustomResourceDefinition" or group_of(api_version) == OWN_GROUP:
            continue
        given = inside(value, "metadata", "name")
        if isinstance(given, Absent):
            given = inside(value, "metadata", "generateName")
        name, span = named(given)
        if name is None:
            continue
        place = span or header(value) or extent
        where = "_" if kind in CLUSTER_SCOPED else named(inside(value, "metadata", "namespace"))[0] or namespace
        yield Manifest(home, api_version, kind, where, name, value.value, Written(place), place, extent)


def named(value: Value[Any]) -> tuple[str | None, Span | None]:
    """Return a name as it is written, a placeholder as such, and its place. A slash would break the address, so it is replaced."""
    scalar = scalar_text(value)
    if scalar is not None:
        return scalar.text.strip().replace("/", "_") or None, scalar.written
    if isinstance(value, Known) and isinstance(value.value, int | float):
        return str(value.value), written_at(value.origin)
    return None, None
