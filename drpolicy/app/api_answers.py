"""Answers of an AWS API, as its command line prints them: JSON whose every value has a place to point at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from drpolicy.app.service_imports import NotImported
from drpolicy.declarations.reading import Field
from drpolicy.declarations.wording import quoted
from drpolicy.model.spans import Source
from drpolicy.model.values import Absent, Known, Members, Object
from drpolicy.sources.documents import header
from drpolicy.sources.json_documents import json_document


def answer(text: str, path: str) -> Field:
    """Return the object that a file holds. Raises NotImported."""
    read = json_document(Source(path, text.removeprefix("\ufeff")), placeholders=False)
    if read.problems:
        raise NotImported(f"{read.problems[0].span or path}: {read.problems[0].message}")
    root = read.documents[0].root
    found = Field(root, header(root) or read.documents[0].span)
    if not _is_object(found):
        raise NotImported(f"{read.documents[0].span}: it holds no object")
    return found


def listed(root: Field, many: Sequence[str], one: Sequence[str]) -> Iterator[Field]:
    """Yield the objects of a list answer, the one of a describe or get answer, or the root itself. Raises NotImported."""
    for name in many:
        if root.get(name).written:
            yield from objects(root, name)
            return
    for name in one:
        inner = root.get(name)
        if _is_object(inner) and inner.get("name").written | inner.get("policyName").written:
            yield inner
            return
    yield root


def objects(within: Field, name: str) -> Iterator[Field]:
    """Yield the objects of a list; nothing where it is not there. Raises NotImported."""
    found = within.get(name)
    if not found.written:
        return
    if not isinstance(found.value, Known) or not isinstance(found.value.value, Members):
        raise wrong(found, name, "a list")
    for each in found.elements():
        if not _is_object(each):
            raise wrong(each, name, "a list of objects")
        yield each


def texts(within: Field, name: str) -> tuple[str, ...]:
    """Return the texts of a list; none where it is not there. Raises NotImported."""
    found = within.get(name)
    if not found.written:
        return ()
    if not isinstance(found.value, Known) or not isinstance(found.value.value, Members):
        raise wrong(found, name, "a list")
    return tuple(_plain(each, name, str, "a list of texts") for each in found.elements())


def text(within: Field, name: str, among: Sequence[str] = ()) -> str:
    """Return a text, empty where it is not there. Raises NotImported, also for one that is not among those allowed."""
    found = within.get(name)
    if not found.written:
        return ""
    value: str = _plain(found, name, str, "a text")
    if among and value not in among:
        raise NotImported(f"{found.place}: {name} is {quoted(value)}, and not one of {', '.join(among)}")
    return value


def count(within: Field, name: str) -> int | None:
    """Return a whole number of nought or more; ``None`` where it is not there. Raises NotImported."""
    found = within.get(name)
    if not found.written:
        return None
    value: int = _plain(found, name, int, "a whole number")
    if value < 0:
        raise wrong(found, name, "a whole number of nought or more")
    return value


def _plain(found: Field, name: str, type_: type, wanted: str) -> Any:
    value = found.value.value if isinstance(found.value, Known) else None
    if not isinstance(value, type_) or isinstance(value, bool):
        raise wrong(found, name, wanted)
    return value


def wrong(found: Field, name: str, wanted: str) -> NotImported:
    """Return the error for a value of another type."""
    return NotImported(f"{found.place}: {name} is not {wanted}")


def _is_object(found: Field) -> bool:
    return not isinstance(found.value, Absent) and isinstance(found.value, Known) and isinstance(found.value.value, Object)
