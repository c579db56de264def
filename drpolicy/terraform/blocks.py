"""The structure of a Terraform file: blocks and attributes with their offsets, expressions still as text."""

from __future__ import annotations

from typing import Literal, TypeAlias

from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Source, Span

Notation: TypeAlias = Literal["native", "template", "literal", "reference"]
"""How an expression is written: in native syntax, or as JSON whose texts are templates, literal, or references in native syntax."""


@dataclass(frozen=True, slots=True)
class AttributeSyntax:
    """``name = <expression text>``.

    Offsets are characters into the file; the expression is ``[value_start, value_end)`` without surrounding blanks or
    comments (a heredoc includes its closing marker).
    """

    name: str
    start: int
    value_start: int
    value_end: int
    notation: Notation = "native"


@dataclass(frozen=True, slots=True)
class BlockSyntax:
    """``type "label" … { body }``. ``header_end`` is the end of the header (exclusive, after ``{``)."""

    type: str
    labels: tuple[str, ...]
    start: int
    header_end: int
    end: int
    attributes: tuple[AttributeSyntax, ...] = ()
    blocks: tuple[BlockSyntax, ...] = ()

    def attribute(self, name: str) -> AttributeSyntax | None:
        """Return the attribute of that name, if written."""
        return next((each for each in self.attributes if each.name == name), None)

    def nested(self, type_: str) -> tuple[BlockSyntax, ...]:
        """Return the nested blocks of a type, in order."""
        return tuple(block for block in self.blocks if block.type == type_)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its markers: ``# …``, ``// …`` or ``/* … */``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Text that is not HCL structure, and what was expected."""

    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class FileSyntax:
    """The structure of one file. A block that does not parse is a problem and costs that block only."""

    source: Source = field(repr=False)
    blocks: tuple[BlockSyntax, ...] = ()
    attributes: tuple[AttributeSyntax, ...] = ()
    comments: tuple[Comment, ...] = ()
    problems: tuple[SyntaxProblem, ...] = ()

    def header(self, block: BlockSyntax) -> Span:
        """Return the header line of a block, from its type to its opening brace."""
        return self.source.span(block.start, block.header_end)
