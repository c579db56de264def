"""Expression trees as JSON, so that they can be kept by their text: ``[tag, fields…, start, end]``, tags as in ``_CLASSES``."""

from __future__ import annotations

from typing import Any

from drpolicy.terraform.tree import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    Fields,
    For,
    Index,
    Items,
    Literal,
    Name,
    Opaque,
    Splat,
    Template,
    TemplateFor,
    Unary,
)

# A tag is a position in this table: new classes go to its end. The letters say how each field before start and end is
# written: a plain value, an expression, an optional expression, expressions, or pairs of them.
_CLASSES: tuple[tuple[type[Any], str], ...] = (
    (Literal, "v"),
    (Template, "l"),
    (TemplateFor, "vvee"),
    (Name, "v"),
    (Attribute, "ev"),
    (Index, "ee"),
    (Splat, "eev"),
    (Call, "vlv"),
    (Unary, "ve"),
    (Binary, "vee"),
    (Conditional, "eee"),
    (Items, "l"),
    (Fields, "p"),
    (For, "vveoeov"),
    (Opaque, "v"),
)
_TAGS = {class_: (tag, tuple(zip(class_.__match_args__, kinds, strict=False))) for tag, (class_, kinds) in enumerate(_CLASSES)}


def expression_to_json(expression: Expression) -> list[Any]:
    """Return the tree as lists, strings, numbers, booleans and nulls."""
    tag, fields = _TAGS[type(expression)]
    encoded: list[Any] = [tag]
    for name, kind in fields:
        value = getattr(expression, name)
        if kind == "e" or (kind == "o" and value is not None):
            value = expression_to_json(value)
        elif kind == "l":
            value = [expression_to_json(each) for each in value]
        elif kind == "p":
            value = [[expression_to_json(key), expression_to_json(each)] for key, each in value]
        encoded.append(value)
    return [*encoded, expression.start, expression.end]


def expression_from_json(data: list[Any]) -> Expression:
    """Return the tree that ``expression_to_json`` wrote. Raises ValueError for anything else, as far as its shape tells."""
    try:
        return _decode(data)
    except (TypeError, IndexError, KeyError, RecursionError, ValueError) as error:
        raise ValueError("not an expression tree") from error


def _decode(data: list[Any]) -> Expression:
    class_, kinds = _CLASSES[data[0]]
    fields = data[1:-2]
    if len(fields) != len(kinds):
        raise ValueError(len(fields))
    for position, kind in enumerate(kinds):
        value = fields[position]
        if kind == "e" or (kind == "o" and value is not None):
            fields[position] = _decode(value)
        elif kind == "l":
            fields[position] = tuple(map(_decode, value))
        elif kind == "p":
            fields[position] = tuple((_decode(key), _decode(each)) for key, each in value)
    tree: Expression = class_(*fields, data[-2], data[-1])
    return tree
