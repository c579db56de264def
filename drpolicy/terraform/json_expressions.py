"""Expressions in Terraform's JSON syntax as the same trees that native expressions have, with offsets into the JSON text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.records import fields, is_record, replace
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Absent, Known, Members, Value
from drpolicy.sources.documents import KeyedObject
from drpolicy.sources.json_documents import json_document
from drpolicy.terraform.blocks import Notation
from drpolicy.terraform.shortcuts import MAX_DEPTH
from drpolicy.terraform.tree import Expression, Fields, Items, Literal, Opaque, Template

_ESCAPE = deferred(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SURROGATES = deferred(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")

Parse = Callable[[str], Expression]
"""Reads a template without quotes, or an expression in native syntax."""


def json_expression(text: str, notation: Notation, template: Parse, native: Parse) -> Expression:
    """Return the tree of a JSON value, offsets relative to ``text``. Never raises.

    Texts are templates, literal, or references (types, providers and addresses, which are native syntax inside a text).
    """
    found = json_document(Source("", text), placeholders=False)
    if not found.documents:
        return Opaque(found.problems[0].message if found.problems else "not valid JSON", 0, len(text))
    parse = {"template": template, "literal": None}.get(notation, native)
    return _expression(found.documents[0].root, text, parse, notation == "reference", 1)


def _expression(value: Value[Any], text: str, parse: Parse | None, names: bool, depth: int) -> Expression:
    span = _span(value)
    start, end = span.offset, span.end_offset
    if depth > MAX_DEPTH:
        return Opaque(f"nested deeper than {MAX_DEPTH}", start, end)
    match value:
        case Absent():
            return Literal(None, start, end)
        case Known(str() as content):
            return _text(content, text, start, end, parse)
        case Known(KeyedObject() as inner):
            return Fields(
                tuple(
                    (
                        _text(name, text, key.offset, key.end_offset, None if names else parse),
                        _expression(inner.fields[name], text, parse, names, depth + 1),
                    )
                    for name, key in inner.keys.items()
                ),
                start,
                end,
            )
        case Known(Members() as array):
            return Items(tuple(_expression(each, text, parse, names, depth + 1) for each in array), start, end)
        case Known(bool() | int() | float() as scalar):
            return Literal(scalar, start, end)
        case _:
            return Opaque("a number of too many digits", start, end)


def _span(value: Value[Any]) -> Span:
    assert isinstance(value.origin, Written)
    return value.origin.span


def _text(content: str, text: str, start: int, end: int, parse: Parse | None) -> Expression:
    if parse is None:
        return Literal(content, start, end)
    tree = parse(content)
    if isinstance(tree, Literal):
        return replace(tree, start=start, end=end)
    found: Expression = moved(tree, _offsets(text, start + 1, end - 1))
    # The quotes belong to a template, as they do in native syntax.
    return replace(found, start=start, end=end) if isinstance(found, Template) else found


def _offsets(text: str, start: int, end: int) -> Sequence[int]:
    """Return where each character of a text, and the end after it, stands in the JSON that holds it."""
    if text.find("\\", start, end) < 0:
        return range(start, end + 1)
    found: list[int] = []
    at = start
    while at < end:
        found.append(at)
        escape = _SURROGATES.match(text, at, end) or _ESCAPE.match(text, at, end)
        at = escape.end() if escape is not None else at + 1
    return [*found, end]


def moved(node: Any, offsets: Sequence[int]) -> Any:
    """Return a tree whose offsets are replaced by what ``offsets`` holds for them."""
    if isinstance(node, tuple):
        return tuple(moved(each, offsets) for each in node)
    if not is_record(type(node)):
        return node
    changed: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if each.name in ("start", "end"):
            changed[each.name] = offsets[min(value, len(offsets) - 1)]
        elif isinstance(value, tuple) or is_record(type(value)):
            changed[each.name] = moved(value, offsets)
    return replace(node, **changed)
