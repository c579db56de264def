"""Literals of Go source read as a tree: strings, numbers, names, calls and composite literals. What else there is raises ``NotRead``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

_TOKEN = re.compile(
    r"""(?P<skipped>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<raw>`[^`]*`)
    |(?P<text>"(?:[^"\\\n]|\\.)*")
    |(?P<number>-?(?:0x[0-9a-fA-F]+|\.\d+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?))
    |(?P<name>[A-Za-z_]\w*)
    |(?P<mark>:=|[-(){}\[\],:.+*&=<>!|;/%^?'])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class NotRead(Exception):
    """The source has a form that is no literal."""


class Name(NamedTuple):
    """A name, with the dots in it."""

    name: str


class Number(NamedTuple):
    """A number as it is written."""

    digits: str


class Call(NamedTuple):
    """A call; ``of`` is what a method is called on."""

    of: Node | None
    name: str
    arguments: tuple[Node, ...]


class Composite(NamedTuple):
    """``{...}`` with its keys, ``None`` where there are none."""

    type: str
    elements: tuple[tuple[Node | None, Node], ...]


Node: TypeAlias = str | Number | Name | Call | Composite


class Token(NamedTuple):
    """A token, and where it begins."""

    kind: str
    text: str
    at: int


def tokens(source: str) -> list[Token]:
    """Return the tokens of a file without its blanks and comments."""
    found: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            raise NotRead(source[at : at + 20])
        if match.lastgroup != "skipped":
            found.append(Token(match.lastgroup, match[0], at))
        at = match.end()
    return [*found, Token("end", "", at)]


def _unescaped(text: str) -> str:
    octets = bytearray()
    at = 0
    for match in _ESCAPE.finditer(text):
        octets += text[at : match.start()].encode()
        octet, short, long, octal, letter = match.groups()
        if octet or octal:
            octets.append(int(octet, 16) if octet else int(octal, 8))
        else:
            octets += (chr(int(short or long, 16)) if letter is None else _LETTERS.get(letter, letter)).encode()
        at = match.end()
    return (octets + text[at:].encode()).decode("utf-8", "surrogateescape")


class Parser:
    """Reads one expression after the other from ``at`` on."""

    def __init__(self, found: list[Token], at: int = 0) -> None:
        self.tokens = found
        self.at = at

    def expression(self) -> Node:
        node = self._operand()
        while self._is("+"):
            self.at += 1
            right = self._operand()
            if not isinstance(node, str) or not isinstance(right, str):
                raise NotRead("a sum of what is no text")
            node += right
        return node

    def _is(self, mark: str) -> bool:
        return self.tokens[self.at].text == mark and self.tokens[self.at].kind == "mark"

    def _expect(self, mark: str) -> None:
        if not self._is(mark):
            raise NotRead(f"{self.tokens[self.at].text} where {mark} belongs")
        self.at += 1

    def _operand(self) -> Node:
        kind, text, _ = self.tokens[self.at]
        self.at += 1
        if kind == "raw":
            return text[1:-1].replace("\r", "")
        if kind == "text":
            return _unescaped(text[1:-1])
        if kind == "number":
            if self._is("/"):
                self.at += 2
                return Number(repr(float(text) / float(self.tokens[self.at - 1].text)))
            return Number(text.replace("_", ""))
        if text == "{":
            return self._composite("")
        if text == "[" or text == "map":
            self.at -= 1
            return self._typed()
        if kind != "name" or text == "func":
            raise NotRead(text)
        name = text
        node: Node | None = None
        while True:
            if self._is("."):
                self.at += 1
                name = f"{name}.{self.tokens[self.at].text}" if name else self.tokens[self.at].text
                self.at += 1
            elif self._is("("):
                self.at += 1
                owner, _, method = name.rpartition(".")
                if node is None and owner.count("."):
                    # ``cty.True.Mark(…)``: a method of what a package holds.
                    node, name = Name(owner), method
                node, name = Call(node, name, tuple(self._list(")"))), ""
            else:
                return node if node is not None and not name else Name(name)

    def _typed(self) -> Node:
        """Read a slice or map with its type before it; a ``struct`` in the type is passed over."""
        start = self.at
        while not self._is("{"):
            self.at += 1
            if self.tokens[self.at].kind == "end" or self.tokens[self.at].text == ";":
                raise NotRead("a type without a value")
            if self.tokens[self.at].text == "struct":
                self.at += 1
                self.passed()
        kind = "".join(token.text for token in self.tokens[start : self.at] if token.kind != "text")
        self.at += 1
        return self._composite(kind)

    def passed(self) -> None:
        """Go past the braces that open here."""
        depth = 0
        while self.tokens[self.at].kind != "end":
            depth += self._is("{") - self._is("}")
            self.at += 1
            if depth == 0:
                return
        raise NotRead("braces that do not close")

    def _composite(self, kind: str) -> Composite:
        elements: list[tuple[Node | None, Node]] = []
        for node in self._list("}"):
            if self._is(":"):
                self.at += 1
                elements.append((node, self.expression()))
            else:
                elements.append((None, node))
        return Composite(kind, tuple(elements))

    def _list(self, close: str) -> Iterator[Node]:
        while not self._is(close):
            yield self.expression()
            while self._is("."):
                # ``values...``
                self.at += 1
            if not self._is(close):
                self._expect(",")
        self.at += 1
