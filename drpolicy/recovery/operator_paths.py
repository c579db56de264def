"""Paths into the objects that operators read."""

from __future__ import annotations

from typing import Any

from drpolicy.kubernetes.navigation import elements, inside, strings, text
from drpolicy.model.values import Absent, Known, Unknown, Value


def at_path(value: Value[Any], path: str) -> Value[Any]:
    """Return what stands at a path of names with dots.

    ``[]`` after a name takes the first element of the list that has the rest, ``[name=x]`` the element of that name.
    """
    name, _, rest = path.partition(".")
    if not name.endswith("]"):
        found = inside(value, name)
        return at_path(found, rest) if rest else found
    name, _, wanted = name[:-1].partition("[")
    listing = inside(value, name)
    for element in elements(listing):
        if wanted and text(inside(element, "name")) != wanted.partition("=")[2]:
            continue
        found = at_path(element, rest) if rest else element
        if not isinstance(found, Absent):
            return found
    return listing if isinstance(listing, Unknown) else Absent(value.origin)


def holds(value: Value[Any], condition: tuple[str, tuple[str, ...]]) -> Unknown | bool:
    """Return whether one of the allowed words stands at the path; an empty word is nothing. No path is no condition."""
    path, allowed = condition
    if not path:
        return True
    given = strings(at_path(value, path))
    return given if isinstance(given, Unknown) else (text(given) or "") in allowed


def all_at(value: Value[Any], path: str) -> list[Value[Any]]:
    """Return everything at a path, of every element of the lists on the way."""
    name, _, rest = path.partition(".")
    listed = name.endswith("[]")
    found = inside(value, name.removesuffix("[]"))
    reached = list(elements(found)) if listed and isinstance(found, Known) else [found]
    return [each for one in reached for each in (all_at(one, rest) if rest else [one])]
