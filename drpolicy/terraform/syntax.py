"""Expressions: text to tree. python-hcl2's grammar decides structure; equal texts are parsed once.

What needs no parser is read by ``shortcuts``. The rest is given to Lark one level at a time, with strings, heredocs and
brackets blanked to the same length: positions stay, no nesting reaches the parser, and texts that differ only inside
brackets share one parse.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from drpolicy.terraform.lexical import BLANK, COMMENT, HEREDOC, Unclosed, group_end
from drpolicy.terraform.shortcuts import MAX_DEPTH, Reader, TooDeep
from drpolicy.terraform.tree import Binary, Conditional, Expression, For, Opaque, Unary

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

MAX_OPERATORS = 1000
"""How many operators may stand at one level. It bounds the time Lark takes."""

MAX_CHARACTERS = 2_000_000

_PLAIN = re.compile(r'[^"#/<(){}\[\]\n\r]++')
_OPERATORS = re.compile(r"[-+*/%?:!<>=&|]")
_FOR = re.compile(rf"[\[{{]{BLANK}for(?![\w-])")
_CALLED = re.compile(r"(?:[\w)\]}\"]|\.[ \t]*+\*)\Z")
_KEYWORD = re.compile(r"(?<![\w-])(?:in|if)\Z")
_FULL_SPLAT = re.compile(r"\[\s*+\*\s*+\]")
_CHAIN = re.compile(r"[!-][ \t]*+[!-]")
_TOKEN = re.compile(r"[^\W\d][\w-]*+|\S")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_PREFIX_AFTER = frozenset("=?:&|<>!+-*/%,")

# Offsets relative to the start of the blanked text; what a span holds is read when the tree is built.
_Shape: TypeAlias = tuple[Any, ...]


class ExpressionParser:
    """Parses expressions and remembers them by text. ``parsed`` counts the calls of Lark, ``reused`` the answers from memory."""

    def __init__(self) -> None:
        self._trees: dict[str, Expression] = {}
        self._shapes: dict[str, _Shape | str] = {}
        self._lark: Lark | None = None
        self.parsed = 0
        self.reused = 0

    def parse(self, text: str) -> Expression:
        """Return the tree of an expression, offsets relative to ``text``. Never raises.

        What cannot be parsed is Opaque with the reason, as small a piece as can be told apart. Trees are no deeper than
        MAX_DEPTH.
        """
        found = self._trees.get(text)
        if found is not None:
            self.reused += 1
            return found
        try:
            found = self._trees[text] = self._parse(text)
        except RecursionError:
            # The caller's own stack is nearly full. Elsewhere the answer would be another, so it is not remembered.
            return Opaque("no stack left to parse it", 0, len(text))
        return found

    def remember(self, text: str, tree: Expression) -> None:
        """Take a tree that was parsed from this text before."""
        self._trees[text] = tree

    def _parse(self, text: str) -> Expression:
        if len(text) > MAX_CHARACTERS:
            return Opaque(f"longer than {MAX_CHARACTERS} characters", 0, len(text))
        try:
            return Reader(text, self._hard).read(0, len(text), 1)
        except TooDeep:
            return Opaque(f"nested deeper than {MAX_DEPTH}", 0, len(text))
        except Unclosed as unclosed:
            return Opaque(unclosed.message, 0, len(text))

    def _hard(self, reader: Reader, start: int, end: int, depth: int) -> Expression:
        blanked = _blank(reader.text, start, end)
        shape = self._shapes.get(blanked)
        if shape is None:
            self.parsed += 1
            shape = self._shapes[blanked] = self._shape(blanked)
        else:
            self.reused += 1
        if isinstance(shape, str):
            return Opaque(shape, start, end)
        return _build(reader, shape, start, depth)

    def _shape(self, blanked: str) -> _Shape | str:
        """Return the shape of a blanked text, or why it has none."""
        if len(_OPERATORS.findall(blanked)) > MAX_OPERATORS:
            return f"more than {MAX_OPERATORS} operators"
        # Imported here: a run whose expressions are all simple or cached needs no parser.
        from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

        if self._lark is None:
            from drpolicy.terraform.tables import load

            self._lark = load()
        simple, doubled = _without_chains(blanked)
        try:
            return _shape(self._lark.parse(simple), doubled, 1)
        except UnexpectedToken as error:
            token = "the end" if error.token.type == "$END" else repr(str(error.token).strip())
            return f"not an expression: unexpected {token}"
        except UnexpectedCharacters as error:
            return f"not an expression: unexpected {error.char!r}"
        except (UnexpectedEOF, UnexpectedInput):
            return "not an expression: unexpected end"
        except TooDeep:
            return f"operators nested deeper than {MAX_DEPTH}"


def _blank(text: str, start: int, end: int) -> str:
    """Return ``[start, end)`` in equal length with every inner group blanked, without newlines or comments.

    A group that is an operand becomes a string of underscores; arguments become blanks, and an index becomes ``0``.
    The brackets of a ``for`` expression that is the whole text stay.
    """
    out: list[str] = []
    at, last = start, end
    if _FOR.match(text, start, end) and group_end(text, start, end) == end:
        out.append(text[start])
        at, last = start + 1, end - 1
    while at < last:
        plain = _PLAIN.match(text, at, last)
        if plain is not None:
            out.append(plain[0])
            at = plain.end()
            continue
        char = text[at]
        comment = COMMENT.match(text, at, last)
        if comment is not None or char in "\n\r":
            stop = comment.end() if comment is not None else at + 1
            out.append(" " * (stop - at))
        elif char in ")]}/" or (char == "<" and not HEREDOC.match(text, at, last)):
            out.append(char)
            stop = at + 1
        else:
            stop = group_end(text, at, last)
            out.append(_placeholder(char, text[at:stop], _before(out)))
        at = stop
    if last < end:
        out.append(text[last])
    blanked = "".join(out)
    return blanked if blanked.isascii() else _NOT_ASCII.sub(_ascii, blanked)


def _before(out: list[str]) -> str:
    """Return the end of the last piece that is not blank, enough to tell an operand from an operator."""
    return next((piece.rstrip()[-40:] for piece in reversed(out) if not piece.isspace()), "")


def _placeholder(char: str, group: str, before: str) -> str:
    size = len(group) - 2
    if char in "([" and _CALLED.search(before) and not _KEYWORD.search(before):
        if char == "(":
            return f"({' ' * size})"
        if _FULL_SPLAT.fullmatch(group):
            return "[*]" + " " * (size - 1)
        return f"[{'0'.ljust(size)}]" if size else group
    return f'"{"_" * size}"'


def _ascii(match: re.Match[str]) -> str:
    return "u" if match[0].isalnum() else "\x00"


def _without_chains(blanked: str) -> tuple[str, dict[int, list[tuple[str, int]]]]:
    """Take all but the last of several prefix operators in a row, which python-hcl2's grammar lacks; say where they were.

    The result maps the offset of the operator that stays to those before it, outermost first.
    """
    if not _CHAIN.search(blanked):
        return blanked, {}
    out = list(blanked)
    doubled: dict[int, list[tuple[str, int]]] = {}
    previous = "="
    waiting: list[tuple[str, int]] = []
    tokens = [(match[0], match.start()) for match in _TOKEN.finditer(blanked)]
    for (token, at), (following, next_at) in pairwise(tokens):
        prefix = token in ("!", "-") and (previous in _PREFIX_AFTER or previous in ("in", "if"))
        if prefix and following in ("!", "-") and not blanked.startswith("!=", next_at):
            waiting.append((token, at))
            out[at] = " "
        elif prefix and waiting:
            doubled[at], waiting = waiting, []
        previous = token
    return "".join(out), doubled


def _shape(node: Tree[Token], doubled: dict[int, list[tuple[str, int]]], depth: int) -> _Shape:
    if depth > MAX_DEPTH:
        raise TooDeep
    start, end = node.meta.start_pos, node.meta.end_pos
    children = _trees(node)
    shape: _Shape
    match node.data:
        case "binary_op":
            operator, right = _trees(children[1])
            sign = str(operator.children[0]).strip()
            return "binary", sign, _shape(children[0], doubled, depth + 1), _shape(right, doubled, depth + 1)
        case "conditional":
            return ("conditional", *(_shape(child, doubled, depth + 1) for child in children))
        case "unary_op":
            shape = "unary", str(node.children[0]), _shape(children[0], {}, depth + 1), start
        case "expr_term" if children and children[0].data in ("for_tuple_expr", "for_object_expr"):
            return _for_shape(children[0], doubled, depth + 1)
        case _:
            shape = "operand", start, end
    for sign, at in reversed(doubled.get(start, [])):
        shape = "unary", sign, shape, at
    return shape


def _for_shape(node: Tree[Token], doubled: dict[int, list[tuple[str, int]]], depth: int) -> _Shape:
    intro, *rest = _trees(node)
    *names, collection = _trees(intro)
    condition = _trees(rest.pop())[0] if rest[-1].data == "for_cond" else None
    return (
        "for",
        [(name.meta.start_pos, name.meta.end_pos) for name in names],
        _shape(collection, doubled, depth),
        [_shape(each, doubled, depth) for each in rest],
        _shape(condition, doubled, depth) if condition is not None else None,
        any(getattr(child, "type", "") == "ELLIPSIS" for child in node.children),
        node.meta.start_pos,
        node.meta.end_pos,
    )


def _trees(node: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in node.children if not isinstance(child, str) and child.data != "new_line_or_comment"]


def _build(reader: Reader, shape: _Shape, base: int, depth: int) -> Expression:
    """Return the tree of a shape whose blanked text starts at ``base`` of the reader's text."""
    if depth > MAX_DEPTH:
        raise TooDeep
    match shape:
        case ("operand", start, end):
            found = reader.operand(base + start, base + end, depth)
            return Opaque("not an operand", base + start, base + end) if found is None else found
        case ("unary", sign, inner, start):
            operand = _build(reader, inner, base, depth + 1)
            return Unary(sign, operand, base + start, operand.end)
        case ("binary", sign, one, other):
            left, right = _build(reader, one, base, depth + 1), _build(reader, other, base, depth + 1)
            return Binary(sign, left, right, left.start, right.end)
        case ("conditional", *branches):
            condition, then, otherwise = (_build(reader, branch, base, depth + 1) for branch in branches)
            return Conditional(condition, then, otherwise, condition.start, otherwise.end)
        case ("for", spans, over, results, test, grouped, start, end):
            names = [reader.text[base + at : base + stop] for at, stop in spans]
            collection = _build(reader, over, base, depth + 1)
            *key, value = (_build(reader, result, base, depth + 1) for result in results)
            return For(
                key_name=names[0] if len(names) > 1 else None,
                value_name=names[-1],
                collection=collection,
                key=key[0] if key else None,
                value=value,
                condition=_build(reader, test, base, depth + 1) if test is not None else None,
                grouped=grouped,
                start=base + start,
                end=base + end,
            )
        case _:
            raise AssertionError(shape)
