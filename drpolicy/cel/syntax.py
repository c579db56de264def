"""The syntax tree of conditions. ``start`` and ``end`` are the characters ``[start, end)`` of the text.

Nodes are named tuples because a hook makes thousands of them, and a dataclass costs it five times as much to define.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal as OneOf
from typing import NamedTuple, TypeAlias, assert_never

from drpolicy.model.durations import Duration
from drpolicy.model.records import dataclass

Constant: TypeAlias = bool | int | float | str | None
Kind = OneOf["all", "exists", "exists_one", "filter", "map"]


@dataclass(frozen=True, slots=True)
class CelProblem:
    """Why a text cannot be used, and at which characters ``[start, end)`` of it."""

    message: str
    start: int
    end: int
    suggestion: str | None = None


class Literal(NamedTuple):
    value: Constant
    start: int
    end: int


class DurationLiteral(NamedTuple):
    """``duration("15m")``: a constant."""

    text: str
    value: Duration
    start: int
    end: int


class Name(NamedTuple):
    name: str
    start: int
    end: int


class Select(NamedTuple):
    """``operand.field``, or ``operand.?field``. The field's name stands at the end of the node."""

    operand: Node
    field: str
    optional: bool
    start: int
    end: int


class Index(NamedTuple):
    """``operand[key]``, or ``operand[?key]``."""

    operand: Node
    key: Node
    optional: bool
    start: int
    end: int


class Has(NamedTuple):
    """``has(operand.field)``."""

    selection: Select
    start: int
    end: int


class Call(NamedTuple):
    """``function(arguments)``, or ``target.function(arguments)``."""

    function: str
    target: Node | None
    arguments: tuple[Node, ...]
    start: int
    end: int


class Unary(NamedTuple):
    operator: str
    operand: Node
    start: int
    end: int


class Binary(NamedTuple):
    operator: str
    left: Node
    right: Node
    start: int
    end: int


class Logic(NamedTuple):
    """``&&`` or ``||`` over two or more operands."""

    operator: str
    operands: tuple[Node, ...]
    start: int
    end: int


class Conditional(NamedTuple):
    condition: Node
    then: Node
    otherwise: Node
    start: int
    end: int


class ListLiteral(NamedTuple):
    elements: tuple[Node, ...]
    start: int
    end: int


class MapLiteral(NamedTuple):
    entries: tuple[tuple[Node, Node], ...]
    start: int
    end: int


class Comprehension(NamedTuple):
    """``source.kind(variable, body)``."""

    kind: Kind
    source: Node
    variable: str
    body: Node
    start: int
    end: int


Node: TypeAlias = (
    Literal
    | DurationLiteral
    | Name
    | Select
    | Index
    | Has
    | Call
    | Unary
    | Binary
    | Logic
    | Conditional
    | ListLiteral
    | MapLiteral
    | Comprehension
)


def children(node: Node) -> Iterator[Node]:
    """Yield the direct parts of a node."""
    match node:
        case Literal() | DurationLiteral() | Name():
            return
        case Select(operand=operand) | Unary(operand=operand):
            yield operand
        case Has(selection):
            yield selection
        case Index(operand, key):
            yield operand
            yield key
        case Call(target=target, arguments=arguments):
            if target is not None:
                yield target
            yield from arguments
        case Binary(left=left, right=right):
            yield left
            yield right
        case Logic(operands=operands):
            yield from operands
        case Conditional(condition, then, otherwise):
            yield condition
            yield then
            yield otherwise
        case ListLiteral(elements):
            yield from elements
        case MapLiteral(entries):
            for key, value in entries:
                yield key
                yield value
        case Comprehension(source=source, body=body):
            yield source
            yield body
        case _:
            assert_never(node)
