"""Expressions by their operators alone: ``var.a ? local.b[0] : "c"`` is ``a ? a : a``, whatever its operands are.

A few hundred skeletons cover nearly every expression that people write. ``hcl_shapes.json`` holds what the grammar says of
those that public repositories hold; it is asked once for each of the others, and what it answers is kept between runs.

To ship one more, add it to the file with ``null`` and run ``python -m drpolicy.terraform.tables``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from drpolicy.model.patterns import deferred
from drpolicy.terraform.grammar import grammar_digest
from drpolicy.terraform.lexical import IDENTIFIER

SHAPES = Path(__file__).with_name("hcl_shapes.json")

Shape: TypeAlias = tuple[Any, ...]
"""What the grammar says of a text: nested tuples as ``syntax.py`` makes and reads them, with offsets into the text."""

_STEP = rf"[ \t]*+(?:\.(?!\.)[ \t]*+(?:{IDENTIFIER}|\d++|\*)|\[(?:[0*])?+[ \t]*+\]|\([ \t]*+\))"
_OPERAND = rf'(?:"[^"]*+"|{IDENTIFIER}(?:[ \t]*+::[ \t]*+{IDENTIFIER})*+|\d++(?:\.\d++)?+(?:[eE][+-]?\d++)?+)(?:{_STEP})*+'
_TOKEN = deferred(rf"[ \t]*+(?:((?:for|in|if)(?![\w-]))|({_OPERAND})|(\.\.\.|\|\||&&|[=!<>]=|=>|[-+*/%?:!<>=,{{}}\[\]]))")
_KEYWORD, _VALUE, _SIGN = range(1, 4)


class Skeleton(NamedTuple):
    """The text, and where each of its tokens stands in the expression: by offset of the token's start and end in the text."""

    text: str
    starts: dict[int, int]
    ends: dict[int, int]


def skeleton_of(blanked: str) -> Skeleton | None:
    """Return the skeleton of a blanked expression; ``None`` when it holds something that is no token of one."""
    loop = blanked[:1] in ("[", "{")
    words: list[str] = []
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    at = size = 0
    end = len(blanked.rstrip())
    while at < end:
        token = _TOKEN.match(blanked, at)
        if token is None:
            return None
        kind = token.lastindex or 0
        word = "a" if kind == _VALUE or (kind == _KEYWORD and not loop) else token[kind]
        starts[size] = token.start(kind)
        size += len(word)
        ends[size] = at = token.end()
        size += 1
        words.append(word)
    return Skeleton(" ".join(words), starts, ends)


def placed(shape: Shape, skeleton: Skeleton) -> Shape:
    """Return the shape of a skeleton with the offsets of the expression that it was made from."""
    starts, ends = skeleton.starts, skeleton.ends
    match shape:
        case ("operand", start, end):
            return "operand", starts[start], ends[end]
        case ("unary", sign, inner, start):
            return "unary", sign, placed(inner, skeleton), starts[start]
        case ("binary", sign, left, right):
            return "binary", sign, placed(left, skeleton), placed(right, skeleton)
        case ("conditional", *branches):
            return ("conditional", *(placed(branch, skeleton) for branch in branches))
        case ("for", names, over, results, test, grouped, start, end):
            return (
                "for",
                [(starts[one], ends[other]) for one, other in names],
                placed(over, skeleton),
                [placed(each, skeleton) for each in results],
                placed(test, skeleton) if test is not None else None,
                grouped,
                starts[start],
                ends[end],
            )
        case _:
            raise AssertionError(shape)


@cache
def shipped_shapes() -> Mapping[str, Shape]:
    """Return the shapes that are shipped; none when python-hcl2's grammar is another one than they were made from."""
    shipped = json.loads(SHAPES.read_bytes())
    shapes: Mapping[str, Shape] = shipped["shapes"] if shipped["grammar"] == grammar_digest() else {}
    return shapes
