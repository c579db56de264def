"""Expressions that need no parser: literals, traversals, calls, containers and templates, whose pieces are read one by one.

What has an operator, a conditional or a ``for`` at its own level goes to ``hard``, which ``syntax.py`` supplies.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Literal as OneOf
from typing import NamedTuple, TypeAlias

from drpolicy.model.patterns import deferred
from drpolicy.terraform import templates
from drpolicy.terraform.lexical import BLANK, HEREDOC, IDENTIFIER, group_end, pieces
from drpolicy.terraform.tree import Attribute, Call, Expression, Fields, Index, Items, Literal, Name, Opaque, Splat

MAX_DEPTH = 64
"""How deep a tree can be; the deepest of 66,000 expressions in public repositories is 20. Deeper text is Opaque."""

_NUMBER = r"-?+\d++(?:\.\d++)?+(?:[eE][+-]?\d++)?+"
_ATOM = deferred(rf'({_NUMBER})|({IDENTIFIER})((?:\.{IDENTIFIER})*+)|("[^"\\$%\n]*+")')
_HEAD = deferred(rf"({_NUMBER})|({IDENTIFIER}(?:[ \t]*+::[ \t]*+{IDENTIFIER})*+)")
_STEP = deferred(rf"{BLANK}(?:\.(?!\.){BLANK}(?:({IDENTIFIER})|(\d++)|(\*))|\[{BLANK}(\*){BLANK}\]|(\[))")
_FRACTION = deferred(r"(?:\.\d++)++")
_FOR = deferred(rf"[\[{{]{BLANK}for(?![\w-])")
_KEY = deferred(rf"({IDENTIFIER})[ \t]*+(?:=(?![=>])|:(?!:))[ \t]*+")
_BLANKS = deferred(BLANK)
_SPREAD = deferred(r"\s*+\.\.\.$")
_OPEN_CALL = deferred(rf"{BLANK}\(")
_KEYWORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_MAX_DIGITS = 1000
_FLOAT_DIGITS = 15
"""Digits that a float always keeps."""

Hard: TypeAlias = Callable[["Reader", int, int, int], Expression]


class TooDeep(Exception):
    """The tree would be deeper than MAX_DEPTH. Never leaves this package."""


class _Step(NamedTuple):
    """One ``.name``, ``[key]``, ``.0``, ``.*`` or ``[*]`` after an operand; ``at`` to ``end`` is its name, key or star."""

    kind: OneOf["attribute", "index", "legacy", "fraction", "attribute splat", "full splat"]
    at: int
    end: int
    whole_end: int


class Reader:
    """Reads pieces of one text. Offsets are characters into that text."""

    __slots__ = ("hard", "text")

    def __init__(self, text: str, hard: Hard) -> None:
        self.text = text
        self.hard = hard

    def read(self, start: int, end: int, depth: int) -> Expression:
        """Read the expression that is ``[start, end)``, blanks and comments around it allowed.

        Raises TooDeep, and Unclosed when brackets do not pair.
        """
        if depth > MAX_DEPTH:
            raise TooDeep
        found = self.operand(start, end, depth)
        if found is not None:
            return found
        at, stop, _ = next(pieces(self.text, start, end, ""))
        if at == stop:
            return Opaque("expected an expression", start, end)
        return self.read(at, stop, depth) if (at, stop) != (start, end) else self.hard(self, start, end, depth)

    def operand(self, start: int, end: int, depth: int) -> Expression | None:
        """Read an operand: a primary expression and what is selected from it; None when ``[start, end)`` is not one."""
        text = self.text
        atom = _ATOM.fullmatch(text, start, end)
        if atom is not None:
            return self._atom(atom)
        head_end, steps = self._outline(start, end)
        if head_end < 0:
            return None
        if depth + len(steps) > MAX_DEPTH:
            raise TooDeep
        return self._select(self._primary(start, head_end, depth), steps, depth)

    def _atom(self, atom: re.Match[str]) -> Expression:
        start, end = atom.span()
        match atom.lastindex:
            case 1:
                return _number(atom[1], start, end)
            case 4:
                return Literal(self.text[start + 1 : end - 1], start, end)
        name, dotted = atom[2], atom[3]
        if not dotted and name in _KEYWORDS:
            return Literal(_KEYWORDS[name], start, end)
        at = start + len(name)
        found: Expression = Name(name, start, at)
        steps = dotted.split(".")[1:]
        if len(steps) > MAX_DEPTH:
            raise TooDeep
        for step in steps:
            at += 1 + len(step)
            found = Attribute(found, step, start, at)
        return found

    def _outline(self, start: int, end: int) -> tuple[int, list[_Step]]:
        """Return where the primary expression ends, and the steps after it; ``(-1, [])`` when that is not all there is."""
        text = self.text
        if start >= end:
            return -1, []
        head = _HEAD.match(text, start, end)
        if head is not None:
            at = head.end()
            call = _OPEN_CALL.match(text, at, end) if head.lastindex == 2 else None
            if call is not None:
                at = group_end(text, call.end() - 1, end)
        elif text[start] in '"([{' or HEREDOC.match(text, start, end):
            at = group_end(text, start, end)
        else:
            return -1, []
        head_end, steps = at, []
        while at < end:
            step = _STEP.match(text, at, end)
            if step is None:
                return -1, []
            at = step.end()
            match step.lastindex:
                case 1:
                    steps.append(_Step("attribute", *step.span(1), at))
                case 2 if text[at : at + 1] == "." and text[at + 1 : at + 2].isdigit():
                    # ``.0.0`` is a dot and a number with a fraction to HCL, which refuses it, and so is ``1.2.3`` one number.
                    fraction = _FRACTION.match(text, at, end)
                    assert fraction is not None
                    at = fraction.end()
                    steps.append(_Step("fraction", step.start(2), at, at))
                case 2 if not steps and head is not None and head.lastindex == 1 and head.end() == step.start():
                    steps.append(_Step("fraction", start, at, at))
                case 2:
                    steps.append(_Step("legacy", *step.span(2), at))
                case 3:
                    steps.append(_Step("attribute splat", *step.span(3), at))
                case 4:
                    steps.append(_Step("full splat", *step.span(4), at))
                case _:
                    inside = at
                    at = group_end(text, at - 1, end)
                    steps.append(_Step("index", inside, at - 1, at))
        return head_end, steps

    def _primary(self, start: int, end: int, depth: int) -> Expression:
        text = self.text
        char = text[start]
        if char == '"' or char == "<":
            return templates.template(self, start, end, depth)
        if char == "(":
            return self.read(start + 1, end - 1, depth + 1)
        if char in "[{":
            if _FOR.match(text, start, end):
                return self.hard(self, start, end, depth)
            return self._items(start, end, depth) if char == "[" else self._fields(start, end, depth)
        if text[end - 1] == ")":
            return self._call(start, end, depth)
        atom = _ATOM.fullmatch(text, start, end)
        return self._atom(atom) if atom else Opaque("expected a function call after ::", start, end)

    def _select(self, found: Expression, steps: list[_Step], depth: int) -> Expression:
        """Apply steps to an expression: ``[*]`` takes all that follow with it, ``.*`` only names and ``.0``."""
        text = self.text
        position = 0
        while position < len(steps):
            step = steps[position]
            position += 1
            match step.kind:
                case "attribute":
                    found = Attribute(found, text[step.at : step.end], found.start, step.whole_end)
                case "fraction":
                    why = f'"{text[step.at : step.end]}" is no number; indexes are written as [0][1]'
                    return Opaque(why, found.start, step.whole_end, step.at)
                case "legacy":
                    found = Index(found, _number(text[step.at : step.end], step.at, step.end), found.start, step.whole_end)
                case "index":
                    found = Index(found, self.read(step.at, step.end, depth + 1), found.start, step.whole_end)
                case "full splat" | "attribute splat":
                    last = len(steps)
                    if step.kind == "attribute splat":
                        stops = (at for at in range(position, last) if steps[at].kind not in ("attribute", "legacy"))
                        last = next(stops, last)
                    each = self._select(Name("*", step.at, step.end), steps[position:last], depth)
                    found = Splat(found, each, step.kind == "full splat", found.start, steps[last - 1].whole_end)
                    position = last
        return found

    def _elements(self, start: int, end: int, depth: int) -> list[Expression]:
        elements: list[Expression] = []
        for at, stop, separator in pieces(self.text, start, end, ","):
            if at < stop:
                elements.append(_separated(self.read(at, stop, depth + 1), self.text))
            elif separator:
                elements.append(Opaque("expected an expression", at, stop))
        return elements

    def _items(self, start: int, end: int, depth: int) -> Items:
        return Items(tuple(self._elements(start + 1, end - 1, depth)), start, end)

    def _call(self, start: int, end: int, depth: int) -> Call:
        text = self.text
        opened = text.index("(", start)
        name = re.sub(r"\s", "", _BLANKS.sub("", text[start:opened]))
        last = end - 1
        spread = _SPREAD.search(text[opened + 1 : last].rstrip())
        if spread is not None:
            last = opened + 1 + spread.start()
        return Call(name, tuple(self._elements(opened + 1, last, depth)), spread is not None, start, end)

    def _fields(self, start: int, end: int, depth: int) -> Fields:
        fields: list[tuple[Expression, Expression]] = []
        filled = False
        for at, stop, separator in pieces(self.text, start + 1, end - 1, ",\n"):
            if at < stop:
                key, value = self._field(at, stop, depth + 1)
                fields.append((key, _separated(value, self.text)))
            elif separator == "," and not filled:
                missing = Opaque("expected a key before the comma", at, stop)
                fields.append((missing, missing))
            filled = at < stop and separator != ","
        return Fields(tuple(fields), start, end)

    def _field(self, start: int, end: int, depth: int) -> tuple[Expression, Expression]:
        text = self.text
        plain = _KEY.match(text, start, end)
        if plain is not None:
            return Literal(plain[1], *plain.span(1)), self.read(plain.end(), end, depth)
        at, stop, separator = next(pieces(text, start, end, "=:"))
        if not separator:
            return Opaque('expected "=" after the key', start, end), Opaque('expected "=" after the key', start, end)
        value = _BLANKS.match(text, stop, end)
        assert value is not None
        return self.read(at, stop, depth), self.read(value.end() + 1, end, depth)


def _separated(found: Expression, text: str) -> Expression:
    """Say of an element that goes on with another operand that a comma is missing."""
    if not isinstance(found, Opaque) or found.at is None or not found.start < found.at < found.end:
        return found
    after, before = text[found.at], text[found.start : found.at].rstrip()[-1:]
    if (after.isalnum() or after in '_"[{') and (before.isalnum() or before in '_")]}'):
        return Opaque(f"{found.why}; a comma is missing before it", found.start, found.end, found.at)
    return found


def _number(text: str, start: int, end: int) -> Expression:
    if len(text) > _MAX_DIGITS:
        return Opaque(f"a number of more than {_MAX_DIGITS} digits", start, end)
    if text.lstrip("-").isdigit():
        # Minus zero is written with its sign, which no integer has.
        return Literal(int(text) or (-0.0 if text[0] == "-" else 0), start, end)
    value = float(text)
    significant = text.lower().partition("e")[0].lstrip("-0.").replace(".", "")
    if math.isfinite(value) and len(significant) <= _FLOAT_DIGITS and (value or not significant):
        return Literal(value, start, end)
    # More than a float holds: the evaluator reads the digits.
    return Call("tonumber", (Literal(text, start, end),), False, start, end)
