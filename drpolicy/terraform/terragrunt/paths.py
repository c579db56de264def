"""Paths in Terragrunt: absolute ones begin in the repository, which stands somewhere else on every machine."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import Any

from drpolicy.model.reasons import Reason
from drpolicy.model.values import Known, Member, Members, Object, Unknown, Value
from drpolicy.sources.trees import normalised
from drpolicy.terraform.shapes import LazyFields, ResourceObject

CHECKOUT = "/\ue000"
"""What stands for the absolute path of the repository while a configuration is evaluated; a character of Unicode's private use."""

_MARK = CHECKOUT[1]
_NESTING = 60


def absolute(path: str) -> str:
    """Return the absolute path of a path of the tree."""
    return f"{CHECKOUT}/{path}" if path else CHECKOUT


def located(written: str, directory: str) -> str | None:
    """Return the path of the tree that a path means in a directory; ``None`` when it leads outside."""
    if written == CHECKOUT or written.startswith(CHECKOUT + "/"):
        return normalised(written[len(CHECKOUT) :].lstrip("/"))
    if written.startswith(("/", "~")) or _MARK in written:
        return None
    return normalised(posixpath.join(directory, written))


def is_local(source: str) -> bool:
    """Whether a module source is a path and not an address."""
    return source.startswith((".", "/", "~"))


def marked(value: object) -> bool:
    """Whether plain data holds an absolute path of the repository."""
    match value:
        case str():
            return _MARK in value
        case dict():
            return any(marked(each) for each in value.values())
        case list():
            return any(marked(each) for each in value)
        case _:
            return False


def portable(value: Value[Any], depth: int = 0) -> Value[Any]:
    """Return a value as a module may see it: an absolute path of the repository is not known, since it differs between machines."""
    match value:
        case Known(str() as text) if _MARK in text:
            return Unknown(Reason.OUTSIDE_SCOPE, f"absolute path {text.replace(CHECKOUT, '<repository>')}", value.origin)
        case Known(ResourceObject()):
            return value
        case Known(Object() as inner) if depth < _NESTING:
            return Known(Object(LazyFields({name: _portable(inner, name, depth) for name in inner.fields}), inner.rest), value.origin)
        case Known(Members() as inner) if depth < _NESTING:
            elements = tuple(Member(portable(each.value, depth + 1), each.presence, each.why) for each in inner.elements)
            return Known(type(inner)(elements, inner.rest), value.origin)
        case Unknown(parts=parts) if any(isinstance(part, Known) and _MARK in part.value for part in parts):
            return Unknown(value.reason, value.symbol, value.origin, value.target, root=value.root)
        case _:
            return value


def _portable(inner: Object, name: str, depth: int) -> Callable[[], Value[Any]]:
    return lambda: portable(inner.fields[name], depth + 1)
