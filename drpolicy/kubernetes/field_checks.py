"""The fields of Velero's objects against their custom resource definitions: what the API server drops in silence, and what it refuses.

A field that a definition does not name is pruned (Kubernetes docs, "Extend the Kubernetes API with CustomResourceDefinitions", field
pruning, read 2026-11): the object is accepted, and what the field was meant to do does not happen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import Any, Final

from drpolicy.kubernetes.kinds import VELERO_GROUP, group_of, kind_of
from drpolicy.model.provenance import Provenance, Written, written_at
from drpolicy.model.resources import Resource
from drpolicy.model.values import Absent, Known, Members, Object, Value
from drpolicy.sources.documents import KeyedObject

_SHOWN: Final = 3
_TYPES: Final = {"string": str, "boolean": bool, "integer": int}
# kubectl reads YAML 1.1, in which these are booleans.
BOOLEAN_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off"})
_ELSEWHERE: Final = {"matchLabels": "labelSelector", "matchExpressions": "labelSelector", "includeNamespaces": "includedNamespaces"}
"""What people write in a place where it is no field, and the field that they mean."""


def malformed(resource: Resource) -> Value[str]:
    """Return what is wrong with the fields of an object's ``spec``, at the first such field; Absent when nothing is, as far as is known."""
    shape = _shapes().get(kind_of(resource)) if group_of(resource.type.rpartition("/")[0]) == VELERO_GROUP else None
    spec = resource.get("spec")
    if shape is None:
        return Absent(Written(resource.span))
    found = list(islice(_problems(spec, shape, "spec", Written(resource.span)), _SHOWN + 1))
    if not found:
        return Absent(Written(resource.span))
    text = "; ".join(problem for problem, _ in found[:_SHOWN])
    return Known(f"{text}; and more" if len(found) > _SHOWN else text, found[0][1])


@lru_cache(maxsize=1)
def _shapes() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(files("drpolicy.kubernetes").joinpath("velero_fields.json").read_text("utf-8"))
    return data


def _problems(value: Value[Any], shape: Any, path: str, origin: Provenance) -> Iterator[tuple[str, Provenance]]:
    """Yield what is wrong with a value, and where. Recursive along the shape, whose depth is bounded."""
    if isinstance(shape, str) and shape in _shapes():
        shape = _shapes()[shape]
    if not isinstance(value, Known) or shape == "any":
        return
    match shape, value.value:
        case dict(), Object() as inner:
            yield from _fields(inner, shape, path, origin)
        case [element], Members() as listing:
            for index, each in enumerate(listing):
                yield from _problems(each, element, f"{path}[{index}]", value.origin)
        case str(), plain if not isinstance(plain, Object | Members):
            problem = _scalar(plain, shape)
            if problem:
                yield f"{path} is {problem}, so the API server refuses the object", value.origin
        case _:
            wanted = "a mapping" if isinstance(shape, dict) else "a list" if isinstance(shape, list) else f"a {shape}"
            yield f"{path} is {_kind(value.value)}, not {wanted}, so the API server refuses the object", value.origin


def _fields(inner: Object, shape: dict[str, Any], path: str, origin: Provenance) -> Iterator[tuple[str, Provenance]]:
    keys = inner.keys if isinstance(inner, KeyedObject) else {}
    for name, value in inner.fields.items():
        below = shape.get(name, shape.get("*"))
        if below is not None:
            yield from _problems(value, below, f"{path}.{name}", origin)
        elif not isinstance(value, Absent):
            place = Written(keys[name]) if name in keys else Written(span) if (span := written_at(value.origin)) is not None else origin
            yield dropped(f"{path}.{name}", name, list(shape)), place


def dropped(path: str, name: str, fields: Sequence[str]) -> str:
    """Return what becomes of a name that is no field, with the field that was probably meant."""
    elsewhere = _ELSEWHERE.get(name)
    near = elsewhere if elsewhere in fields else next(iter(get_close_matches(name, fields, 1)), None)
    hint = f"; the nearest is {near}" if near is not None else ""
    return f"{path} is no field, so the API server drops it in silence{hint}"


def _scalar(plain: object, shape: str) -> str:
    """Return what a scalar is that is not what it is to be; empty when it is."""
    wanted = _TYPES.get(shape)
    if wanted is None:
        return "" if plain in shape.split("|") else f"{plain}, not {shape.replace('|', ' or ')}"
    if isinstance(plain, wanted) and not (wanted is int and isinstance(plain, bool)):
        return ""
    if wanted is bool and isinstance(plain, str) and plain.lower() in BOOLEAN_WORDS:
        return ""
    return f"{_kind(plain)}, not a {shape}"


def _kind(plain: object) -> str:
    match plain:
        case Object():
            return "a mapping"
        case Members():
            return "a list"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case _:
            return "a string"
