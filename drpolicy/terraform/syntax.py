"""Expressions: text to tree. python-hcl2's grammar decides structure; equal texts are parsed once.

What needs no parser is read by ``shortcuts``. The rest is given to Lark one level at a time, with strings, heredocs and
brackets blanked to the same length: positions stay, and no nesting reaches the parser. What is left is parsed by its
skeleton, so that texts with the same operators share one parse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from drpolicy.model.patterns import deferred
from drpolicy.terraform.blanking import blank, without_chains
from drpolicy.terraform.lexical import Unclosed
from drpolicy.terraform.shortcuts import MAX_DEPTH, Reader, TooDeep
from drpolicy.terraform.skeletons import Shape, placed, shipped_shapes, skeleton_of
from drpolicy.terraform.templates import bare_template
from drpolicy.terraform.tree import Binary, Conditional, Expression, For, Literal, Opaque, Unary

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

MAX_OPERATORS = 1000
"""How many operators may stand at one level. It bounds the time Lark takes."""

MAX_CHARACTERS = 2_000_000

_OPERATORS = deferred(r"[-+*/%?:!<>=&|]")


class Refusal(NamedTuple):
    """Why a text is no expression, and at which character."""

    why: str
    at: int


class ExpressionParser:
    """Parses expressions and remembers them by text. ``parsed`` counts the calls of Lark, ``reused`` the answers from memory.

    ``shapes`` are those of skeletons that an earlier run has parsed; ``learned`` are the ones that this one had to.
    """

    def __init__(self, shapes: Mapping[str, Shape] | None = None) -> None:
        self._trees: dict[str, Expression] = {}
        self._known = shapes or {}
        self._failed: dict[str, Refusal] = {}
        self._lark: Lark | None = None
        self.learned: dict[str, Shape] = {}
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
            found = self._trees[text] = self._parse(text, lambda reader: reader.read(0, len(text), 1))
        except RecursionError:
            # The caller's own stack is nearly full. Elsewhere the answer would be another, so it is not remembered.
            return Opaque("no stack left to parse it", 0, len(text))
        return found

    def parse_template(self, text: str) -> Expression:
        """Return the tree of a template that stands in no quotes, as a text in JSON does. Else as ``parse``; not remembered."""
        if "${" not in text and "%{" not in text:
            return Literal(text, 0, len(text))
        try:
            return self._parse(text, lambda reader: bare_template(reader, 0, len(text), 1))
        except RecursionError:
            return Opaque("no stack left to parse it", 0, len(text))

    def shapes_of(self, skeletons: Iterable[str]) -> dict[str, Shape]:
        """Return the shapes of skeletons, each asked of the grammar. Raises ValueError for one that it refuses."""
        found: dict[str, Shape] = {}
        for each in skeletons:
            shape = self._ask(each)
            if isinstance(shape, Refusal):
                raise ValueError(f"{each}: {shape.why}")
            found[each] = shape
        return found

    def _parse(self, text: str, read: Callable[[Reader], Expression]) -> Expression:
        if len(text) > MAX_CHARACTERS:
            return Opaque(f"longer than {MAX_CHARACTERS} characters", 0, len(text))
        try:
            return read(Reader(text, self._hard))
        except TooDeep:
            return Opaque(f"nested deeper than {MAX_DEPTH}", 0, len(text))
        except Unclosed as unclosed:
            return Opaque(unclosed.message, 0, len(text))

    def _hard(self, reader: Reader, start: int, end: int, depth: int) -> Expression:
        shape = self._shape_of(blank(reader.text, start, end))
        if isinstance(shape, Refusal):
            at = start + shape.at
            opening = reader.text[at : at + 1] if at < end else ""
            # A string or bracket stands blanked in the text that was refused.
            why = f"not an expression: unexpected {opening!r}" if opening and opening in '"[{(<' else shape.why
            return Opaque(why, start, end, at)
        return _build(reader, shape, start, depth)

    def _shape_of(self, blanked: str) -> Shape | Refusal:
        """Return the shape of a blanked text, or why it has none; what has a skeleton that is known needs no parser."""
        skeleton = skeleton_of(blanked)
        if skeleton is not None:
            text = skeleton.text
            known = shipped_shapes().get(text) or self._known.get(text) or self.learned.get(text)
            if known is not None:
                self.reused += 1
                return placed(known, skeleton)
            found = self._ask(text)
            if not isinstance(found, Refusal):
                self.learned[text] = found
                return placed(found, skeleton)
        # Only the text itself says which word is the unexpected one.
        failed = self._failed.get(blanked)
        if failed is not None:
            self.reused += 1
            return failed
        answer = self._ask(blanked)
        if isinstance(answer, Refusal):
            self._failed[blanked] = answer
        return answer

    def _ask(self, blanked: str) -> Shape | Refusal:
        """Return what the grammar says of a text, or why it refuses it."""
        self.parsed += 1
        if len(_OPERATORS.findall(blanked)) > MAX_OPERATORS:
            return Refusal(f"more than {MAX_OPERATORS} operators", 0)
        # Imported here: a run whose expressions are all simple or cached needs no parser.
        from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

        if self._lark is None:
            from drpolicy.terraform.tables import load

            self._lark = load()
        simple, doubled = without_chains(blanked)
        try:
            return _shape(self._lark.parse(simple), doubled, 1)
        except UnexpectedToken as error:
            # Where no token fits, Lark's spare one runs on into what follows: its first word is what is unexpected.
            token = str(error.token)
            word = next(iter(token.split()), "")
            if not word:
                return Refusal("not an expression: unexpected end", len(blanked))
            return Refusal(f"not an expression: unexpected {word!r}", (error.pos_in_stream or 0) + token.index(word))
        except UnexpectedCharacters as error:
            return Refusal(f"not an expression: unexpected {error.char!r}", error.pos_in_stream or 0)
        except (UnexpectedEOF, UnexpectedInput):
            return Refusal("not an expression: unexpected end", len(blanked))
        except TooDeep:
            return Refusal(f"operators nested deeper than {MAX_DEPTH}", 0)


def _shape(node: Tree[Token], doubled: dict[int, list[tuple[str, int]]], depth: int) -> Shape:
    if depth > MAX_DEPTH:
        raise TooDeep
    start, end = node.meta.start_pos, node.meta.end_pos
    children = _trees(node)
    shape: Shape
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


def _for_shape(node: Tree[Token], doubled: dict[int, list[tuple[str, int]]], depth: int) -> Shape:
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


def _build(reader: Reader, shape: Shape, base: int, depth: int) -> Expression:
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
