"""Write a syntax tree as text, with the fewest parentheses: parsing the text gives the tree back."""

from __future__ import annotations

from typing import assert_never

from drpolicy.cel.parser import PRECEDENCE
from drpolicy.cel.syntax import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Constant,
    DurationLiteral,
    Has,
    Index,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Name,
    Node,
    Select,
    Unary,
)

_UNARY, _MEMBER = 6, 7
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def to_text(node: Node) -> str:
    """Return the canonical text of a tree."""
    return _text(node, 0)


def quoted(text: str) -> str:
    """Return a string literal."""
    return '"' + "".join(_ESCAPES.get(each) or (each if each >= " " else f"\\x{ord(each):02x}") for each in text) + '"'


def constant_text(value: Constant) -> str:
    """Return a literal."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case _:
            return repr(value)


def _text(node: Node, least: int) -> str:
    body, rank = _ranked(node)
    return body if rank >= least else f"({body})"


def _ranked(node: Node) -> tuple[str, int]:
    match node:
        case Literal(value):
            negative = isinstance(value, (int, float)) and constant_text(value).startswith("-")
            return constant_text(value), _UNARY if negative else _MEMBER
        case DurationLiteral(text):
            return f"duration({quoted(text)})", _MEMBER
        case Name(name):
            return name, _MEMBER
        case Select(operand, field, optional):
            return f"{_text(operand, _MEMBER)}.{'?' if optional else ''}{field}", _MEMBER
        case Index(operand, index, optional):
            return f"{_text(operand, _MEMBER)}[{'?' if optional else ''}{_text(index, 0)}]", _MEMBER
        case Has(selection):
            return f"has({_text(selection, 0)})", _MEMBER
        case Call(function, target, arguments):
            before = "" if target is None else _text(target, _MEMBER) + "."
            return f"{before}{function}({', '.join(_text(each, 0) for each in arguments)})", _MEMBER
        case Comprehension(kind, source, variable, body):
            return f"{_text(source, _MEMBER)}.{kind}({variable}, {_text(body, 0)})", _MEMBER
        case ListLiteral(elements):
            return f"[{', '.join(_text(each, 0) for each in elements)}]", _MEMBER
        case MapLiteral(entries):
            return "{" + ", ".join(f"{_text(key, 0)}: {_text(value, 0)}" for key, value in entries) + "}", _MEMBER
        case Unary(operator, operand):
            return operator + _operand(operator, operand), _UNARY
        case Binary(operator, left, right):
            rank = PRECEDENCE[operator]
            return f"{_text(left, rank)} {operator} {_text(right, rank + 1)}", rank
        case Logic(operator, operands):
            rank = PRECEDENCE[operator]
            return f" {operator} ".join(_text(each, rank + 1) for each in operands), rank
        case Conditional(condition, then, otherwise):
            return f"{_text(condition, 1)} ? {_text(then, 1)} : {_text(otherwise, 0)}", 0
        case _:
            assert_never(node)


def _operand(operator: str, operand: Node) -> str:
    match operand:
        case Unary(operator=inner) if inner == operator:
            return _text(operand, _UNARY)
        case Literal(int() | float() as value) if operator == "-" and not isinstance(value, bool):
            # "-5" is a literal and "--5" the negation of one, so only a bare positive number needs parentheses.
            body = constant_text(value)
            return body if body.startswith("-") else f"({body})"
        case _:
            return _text(operand, _MEMBER)
