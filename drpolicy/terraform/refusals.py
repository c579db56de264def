"""What HCL refuses of the structure of a file, and the place and the words that it is told with.

The places are those of ``terraform validate`` 1.11, but for what is not closed, which is told where it was opened.
"""

from __future__ import annotations

from drpolicy.model.patterns import deferred
from drpolicy.terraform.blocks import AttributeSyntax, BlockSyntax
from drpolicy.terraform.lexical import IDENTIFIER

_NAME = deferred(IDENTIFIER)
_LAST_NAME = deferred(rf"{IDENTIFIER}(?=[ \t]*+\Z)")
_NO_LABEL = deferred(r'\$\$\{|%%\{|([$%]\{)|\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|(\\.)')


class OpenBody:
    """An open body; the outermost is the file."""

    __slots__ = ("attributes", "blocks", "header_end", "labels", "one_line", "start", "type")

    def __init__(self, type_: str, labels: tuple[str, ...], start: int, header_end: int) -> None:
        self.type = type_
        self.labels = labels
        self.start = start
        self.header_end = header_end
        self.one_line = False
        self.attributes: list[AttributeSyntax] = []
        self.blocks: list[BlockSyntax] = []

    def close(self, end: int) -> BlockSyntax:
        return BlockSyntax(self.type, self.labels, self.start, self.header_end, end, tuple(self.attributes), tuple(self.blocks))


class Broken(Exception):
    """The text at ``[start, end)`` is not structure; what follows ``resume`` was not read."""

    def __init__(self, start: int, end: int, message: str, resume: int | None = None) -> None:
        super().__init__(message)
        self.start = start
        self.resume = start + 1 if resume is None else resume
        self.end = end
        self.message = message


def unexpected(text: str, at: int) -> Broken:
    """Return what is wrong with text that begins neither an attribute nor a block."""
    if text.startswith("/*", at):
        return Broken(at, at + 2, "unclosed comment")
    name = _NAME.match(text, at)
    if name is None:
        return Broken(at, at + 1, f"expected an attribute or a block, found {text[at]!r}")
    return Broken(at, name.end(), 'expected "=" or "{" after name')


def second_value(text: str, start: int, at: int) -> Broken:
    """Return what is wrong with a value that goes on with a comma, a semicolon or another ``=``."""
    if text[at] != "=" or text.startswith("=>", at):
        sign = "=>" if text[at] == "=" else text[at]
        return Broken(at, at + len(sign), f'unexpected "{sign}" after a value; each attribute stands on a line of its own')
    # A name of more characters than that is not looked for: a search for it takes time that grows with its square.
    name = _LAST_NAME.search(text, max(start, at - 200), at)
    return Broken(at if name is None else name.start(), at + 1, "expected a newline before the next attribute or block")


def refuse_redefinition(body: OpenBody, resume: int | None = None) -> None:
    """Raise Broken where a body sets an attribute a second time: which of the values counts is not for us to say."""
    if len({each.name for each in body.attributes}) == len(body.attributes):
        return
    seen: set[str] = set()
    for each in body.attributes:
        if each.name in seen:
            message = f'"{each.name}" is set a second time in one body; keep one of them'
            raise Broken(each.start, each.start + len(each.name), message, resume)
        seen.add(each.name)


def refuse_template(text: str, start: int, end: int) -> None:
    """Raise Broken where a label holds what HCL allows in expressions only, or an escape that it does not have."""
    for bad in _NO_LABEL.finditer(text, start, end):
        if bad[1]:
            message = f"a label is no template: {bad[0]} is not evaluated there; write the name itself"
            raise Broken(bad.start(), bad.end(), message)
        if bad[2]:
            raise Broken(bad.start(), bad.end(), f"{bad[0]} is not an escape sequence")
