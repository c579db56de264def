"""Parse a condition: Google CEL's grammar (cel-spec, doc/langdef.md, 2026-11) without bytes, uint, types and messages."""

from __future__ import annotations

from typing import cast

from drpolicy.cel.lexer import ProblemFound, Token, token_at
from drpolicy.cel.syntax import (
    Binary,
    Call,
    CelProblem,
    Comprehension,
    Conditional,
    DurationLiteral,
    Has,
    Index,
    Kind,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Name,
    Node,
    Select,
    Unary,
    children,
)
from drpolicy.model.durations import go_duration

MAX_DEPTH = 40
"""How deep a condition may nest, so that nothing that walks it runs out of stack."""

MAX_LENGTH = 20_000
"""How many characters a condition may have."""

PRECEDENCE = {"||": 1, "&&": 2, "+": 4, "-": 4, "*": 5, "/": 5, "%": 5} | dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3)
RESERVED = frozenset(
    {
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
        "in",
        "true",
        "false",
        "null",
    }
)
_CONSTANTS = {"true": True, "false": False, "null": None}
_MACROS = frozenset(("all", "exists", "exists_one", "filter", "map"))
_LARGEST = 2**63


def parse(text: str) -> Node | CelProblem:
    """Parse a whole text as one condition."""
    if len(text) > MAX_LENGTH:
        return CelProblem(f"longer than {MAX_LENGTH} characters", MAX_LENGTH, len(text))
    try:
        parser = _Parser(text, 0)
        node = parser.expression()
        if parser.token.kind != "end":
            raise parser.unexpected("an operator or the end")
    except ProblemFound as found:
        return found.problem
    return node if parser.steps <= MAX_DEPTH else _limited(node)


def parse_braced(text: str, offset: int) -> tuple[Node, int] | CelProblem:
    """Parse the condition after an opening brace at ``offset - 1``; return it and the offset after the closing brace."""
    try:
        parser = _Parser(text, offset)
        node = parser.expression()
        if parser.token.text != "}" or parser.token.kind != "operator":
            raise parser.unexpected("'}'")
    except ProblemFound as found:
        return found.problem
    limited = node if parser.steps <= MAX_DEPTH else _limited(node)
    return limited if isinstance(limited, CelProblem) else (limited, parser.token.end)


def _limited(root: Node) -> Node | CelProblem:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            return CelProblem(f"nested more than {MAX_DEPTH} deep", level[0].start, level[0].end)
        level = [child for node in level for child in children(node)]
    return root


class _Parser:
    """A precedence climber that holds one token. ``steps`` bounds the height of the tree from above."""

    __slots__ = ("depth", "last", "steps", "text", "token")

    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.depth = 0
        self.steps = 0
        self.last = offset
        self.token = token_at(text, offset)

    def advance(self) -> Token:
        token = self.token
        self.last = token.end
        if token.kind != "end":
            self.token = token_at(self.text, token.end)
        return token

    def unexpected(self, wanted: str) -> ProblemFound:
        token = self.token
        if token.kind == "name" and token.text[0] in "uU" and token.start == self.last and self.text[self.last - 1].isdigit():
            return ProblemFound(CelProblem("unsigned integers are not needed here; leave the u out", token.start, token.end))
        found = "the end" if token.kind == "end" else repr(self.text[token.start : token.end])
        return ProblemFound(CelProblem(f"expected {wanted}, not {found}", token.start, token.end))

    def at(self, text: str) -> bool:
        return self.token.kind == "operator" and self.token.text == text

    def accept(self, text: str) -> bool:
        if not self.at(text):
            return False
        # What follows a closing brace may be the prose of a message, which is not made of tokens.
        self.advance()
        return True

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.unexpected(repr(text))

    def expression(self) -> Node:
        start = self.token.start
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ProblemFound(CelProblem(f"nested more than {MAX_DEPTH} deep", start, self.token.end))
        node = self.operation(1)
        if self.accept("?"):
            then = self.operation(1)
            self.expect(":")
            otherwise = self.expression()
            node = Conditional(node, then, otherwise, start, self.last)
            self.steps += 1
        self.depth -= 1
        return node

    def operation(self, least: int) -> Node:
        start = self.token.start
        node = self.unary()
        while True:
            token = self.token
            operator = token.text
            rank = PRECEDENCE.get(operator, 0) if token.kind == "operator" or (operator == "in" and token.kind == "name") else 0
            if rank < least or not rank:
                return node
            self.steps += 1
            if rank > 2:
                self.advance()
                node = Binary(operator, node, self.operation(rank + 1), start, self.last)
                continue
            operands = [node]
            while self.accept(operator):
                operands.append(self.operation(rank + 1))
            node = Logic(operator, tuple(operands), start, self.last)

    def unary(self) -> Node:
        if self.token.kind != "operator" or self.token.text not in "!-":
            return self.member()
        starts = []
        operator = self.token.text
        while self.at(operator):
            starts.append(self.token.start)
            self.advance()
        if operator == "-" and self.token.kind in ("int", "double") and self.token.start == starts[-1] + 1:
            node = self.member(starts.pop())
        else:
            node = self.member()
        for start in reversed(starts):
            node = Unary(operator, node, start, self.last)
        self.steps += len(starts)
        return node

    def member(self, minus: int | None = None) -> Node:
        start = self.token.start if minus is None else minus
        node = self.primary(minus)
        while self.token.kind == "operator":
            if self.accept("."):
                node = self.selection(node, start)
            elif self.accept("["):
                optional = self.accept("?")
                index = self.expression()
                self.expect("]")
                node = Index(node, index, optional, start, self.last)
            else:
                break
            self.steps += 1
        return node

    def selection(self, operand: Node, start: int) -> Node:
        optional = self.accept("?")
        if self.token.kind != "name" or self.token.text in ("true", "false", "null", "in"):
            raise self.unexpected("a field name")
        name = self.advance()
        if optional or not self.at("("):
            return Select(operand, name.text, optional, start, self.last)
        arguments = self.arguments()
        if name.text not in _MACROS:
            return Call(name.text, operand, arguments, start, self.last)
        if len(arguments) != 2 or not isinstance(arguments[0], Name):
            raise ProblemFound(CelProblem(f"{name.text} takes a variable name and an expression", name.start, self.last))
        return Comprehension(cast(Kind, name.text), operand, arguments[0].name, arguments[1], start, self.last)

    def arguments(self) -> tuple[Node, ...]:
        self.expect("(")
        found = []
        while not self.at(")"):
            found.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")")
        return tuple(found)

    def primary(self, minus: int | None) -> Node:
        token = self.token
        start = token.start if minus is None else minus
        match token.kind:
            case "name":
                return self.named()
            case "string":
                self.advance()
                return Literal(token.text, start, token.end)
            case "int":
                self.advance()
                number = (-1 if minus is not None else 1) * (int(token.text, 16) if token.text[:2] in ("0x", "0X") else _decimal(token))
                if not -_LARGEST <= number < _LARGEST:
                    raise ProblemFound(CelProblem("the integer does not fit in 64 bits", start, token.end))
                return Literal(number, start, token.end)
            case "double":
                self.advance()
                value = float(token.text)
                if value == float("inf"):
                    raise ProblemFound(CelProblem("the number is too large", start, token.end))
                return Literal(value if minus is None else -value, start, token.end)
        if self.accept("("):
            node = self.expression()
            self.expect(")")
            return node
        if self.accept("["):
            return self.list_literal(start)
        if self.accept("{"):
            return self.map_literal(start)
        raise self.unexpected("an expression")

    def list_literal(self, start: int) -> Node:
        elements = []
        while not self.at("]"):
            elements.append(self.expression())
            if not self.accept(","):
                break
        self.expect("]")
        self.steps += 1
        return ListLiteral(tuple(elements), start, self.last)

    def map_literal(self, start: int) -> Node:
        entries = []
        while not self.at("}"):
            key = self.expression()
            self.expect(":")
            entries.append((key, self.expression()))
            if not self.accept(","):
                break
        self.expect("}")
        self.steps += 1
        return MapLiteral(tuple(entries), start, self.last)

    def named(self) -> Node:
        token = self.token
        name = token.text
        if name in _CONSTANTS:
            self.advance()
            return Literal(_CONSTANTS[name], token.start, token.end)
        if name in RESERVED:
            raise self.unexpected("an expression")
        self.advance()
        if not self.at("("):
            return Name(name, token.start, token.end)
        arguments = self.arguments()
        self.steps += 1
        match name, arguments:
            case "has", (Select() as selection,) if not selection.optional:
                return Has(selection, token.start, self.last)
            case "has", _:
                raise ProblemFound(CelProblem("has takes a field selection such as has(a.b)", token.start, self.last))
            case "duration", (Literal(str() as text, start, end),):
                try:
                    return DurationLiteral(text, go_duration(text), token.start, self.last)
                except ValueError as error:
                    raise ProblemFound(CelProblem(str(error), start, end)) from error
            case "duration", _:
                raise ProblemFound(CelProblem('duration takes one string literal such as duration("15m")', token.start, self.last))
        return Call(name, None, arguments, token.start, self.last)


def _decimal(token: Token) -> int:
    # 19 digits hold every 64-bit integer; int() of a very long text is slow, and refused beyond 4,300 digits.
    digits = token.text.lstrip("0")
    return int(digits or "0") if len(digits) <= 19 else _LARGEST * 2
