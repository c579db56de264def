"""The syntax tree of conditions. Offsets count characters of the text; two trees are equal whatever their offsets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import TypeAlias, assert_never

from drpolicy.model.durations import Duration

Constant: TypeAlias = bool | int | float | str | None
Kind = OneOf["all", "exists", "exists_one", "filter", "map"]


@dataclass(frozen=True, slots=True)
class CelProblem:
    """Why a text cannot be used, and at which characters ``[start, end)`` of it."""

    message: str
    start: int
    end: int
    suggestion: str | None = None


def _offset() -> int:
    return field(compare=False)  # type: ignore[no-any-return]  # dataclasses.field is typed as what it stands for


@dataclass(frozen=True, slots=True)
class Literal:
    value: Constant
    start: int = _offset()
    end: int = _offset()

    def __eq__(self, other: object) -> bool:
        """Compare type and value: ``1``, ``1.0`` and ``true`` are three literals, and so are ``0.0`` and ``-0.0``."""
        return isinstance(other, Literal) and type(self.value) is type(other.value) and repr(self.value) == repr(other.value)


@dataclass(frozen=True, slots=True)
class DurationLiteral:
    """``duration("15m")``: a constant."""

    text: str
    value: Duration
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Select:
    """``operand.field``, or ``operand.?field``. The field's name stands at the end of the node."""

    operand: Node
    field: str
    optional: bool
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Index:
    """``operand[index]``, or ``operand[?index]``."""

    operand: Node
    index: Node
    optional: bool
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Has:
    """``has(operand.field)``."""

    selection: Select
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Call:
    """``function(arguments)``, or ``target.function(arguments)``."""

    function: str
    target: Node | None
    arguments: tuple[Node, ...]
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Node
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Node
    right: Node
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Logic:
    """``&&`` or ``||`` over two or more operands."""

    operator: str
    operands: tuple[Node, ...]
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: Node
    then: Node
    otherwise: Node
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class ListLiteral:
    elements: tuple[Node, ...]
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class MapLiteral:
    entries: tuple[tuple[Node, Node], ...]
    start: int = _offset()
    end: int = _offset()


@dataclass(frozen=True, slots=True)
class Comprehension:
    """``source.kind(variable, body)``."""

    kind: Kind
    source: Node
    variable: str
    body: Node
    start: int = _offset()
    end: int = _offset()


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
        case Index(operand, index):
            yield operand
            yield index
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
