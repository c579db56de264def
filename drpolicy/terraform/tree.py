"""Terraform expressions as a small typed tree.

Offsets are characters relative to the start of the expression's own text, so that equal texts share one tree; the
caller adds where the text stands.
"""

from __future__ import annotations

from typing import TypeAlias

from drpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, boolean, null or a string without interpolation (escapes resolved)."""

    value: str | int | float | bool | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Template:
    """A quoted string or heredoc with interpolations: literal strings and expressions, in order."""

    parts: tuple[Expression, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TemplateFor:
    """``%{ for key, value in collection }body%{ endfor }``; ``key`` is ``None`` when only the value is named."""

    key: str | None
    value: str
    collection: Expression
    body: Template
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """The root of a traversal: ``var``, ``local``, ``aws_db_instance``, ``each``, a for-variable."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """``of.name``; legacy ``of.0`` is an Index."""

    of: Expression
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Index:
    """``of[key]``."""

    of: Expression
    key: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Splat:
    """``of[*]…`` (``full``) or ``of.*…``; ``each`` is applied to every element, whose root is ``Name("*")``."""

    of: Expression
    each: Expression
    full: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Call:
    """``name(arguments)``; ``expand`` when the last argument is followed by ``...``."""

    name: str
    arguments: tuple[Expression, ...]
    expand: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unary:
    """``!operand`` or ``-operand``."""

    operator: str
    operand: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Binary:
    """One of ``|| && == != < <= > >= + - * / %``."""

    operator: str
    left: Expression
    right: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Conditional:
    """``condition ? then : otherwise``."""

    condition: Expression
    then: Expression
    otherwise: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Items:
    """``[a, b]``."""

    items: tuple[Expression, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fields:
    """``{ key = value }``; a bare identifier key is a Literal string, ``(expression)`` keys are expressions."""

    fields: tuple[tuple[Expression, Expression], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class For:
    """``[for k, v in c : value if condition]``, or with ``key`` ``{for … : key => value... if condition}``."""

    key_name: str | None
    value_name: str
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouped: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Opaque:
    """Valid or not, the text could not be parsed; ``why`` says so. Evaluates to Unknown."""

    why: str
    start: int
    end: int
    at: int | None = None
    """Where in the text it goes wrong, when that can be told."""


Expression: TypeAlias = (
    Literal
    | Template
    | TemplateFor
    | Name
    | Attribute
    | Index
    | Splat
    | Call
    | Unary
    | Binary
    | Conditional
    | Items
    | Fields
    | For
    | Opaque
)
