"""Tokens of conditions, one at a time, so that a condition can stand inside other text (a message in braces)."""

from __future__ import annotations

import re
from typing import NamedTuple

from drpolicy.cel.syntax import CelProblem
from drpolicy.model.patterns import deferred

_TOKEN = deferred(
    r"""(?:[ \t\r\n\f]++|//[^\n]*+)*+(?:
    (?P<name>(?![rR]["'])[A-Za-z_][A-Za-z0-9_]*+)
    |(?P<operator>&&|\|\||[=!<>]=|\.(?![0-9])|[-+*/%<>!?:,()\[\]{}])
    |(?P<string>"(?:[^"\\\n]++|\\[^\n])*+"|'(?:[^'\\\n]++|\\[^\n])*+')
    |(?P<double>[0-9]++\.[0-9]++(?:[eE][+-]?[0-9]++)?+|\.[0-9]++(?:[eE][+-]?[0-9]++)?+|[0-9]++[eE][+-]?[0-9]++)
    |(?P<int>0[xX][0-9a-fA-F]++|[0-9]++)
    |(?P<raw>[rR](?:"[^"\n]*+"|'[^'\n]*+'))
    |(?P<end>\Z))""",
    re.VERBOSE,
)
_BLANK = deferred(r"(?:[ \t\r\n\f]++|//[^\n]*+)*+")
_ESCAPE = deferred(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))")
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"} | {mark: mark for mark in "\\'\"`?"}
_INSTEAD = {
    "=": "write == to compare",
    "&": "write && for and",
    "|": "write || for or",
    '"': "the string is not closed",
    "'": "the string is not closed",
}


class ProblemFound(Exception):
    """Carries a problem out of the lexer and the parser; it never leaves this package."""

    def __init__(self, problem: CelProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Token(NamedTuple):
    """``kind`` is name, int, double, string, operator or end; the text of a string is its value."""

    kind: str
    text: str
    start: int
    end: int


def token_at(text: str, offset: int) -> Token:
    """Return the first token at or after an offset. Raises ProblemFound."""
    match = _TOKEN.match(text, offset)
    if match is None:
        blank = _BLANK.match(text, offset)
        start = blank.end() if blank else offset
        character = text[start]
        hint = _INSTEAD.get(character)
        raise ProblemFound(CelProblem(f"unexpected {character!r}" + (f"; {hint}" if hint else ""), start, start + 1))
    kind = match.lastgroup or "end"
    start, end = match.span(kind)
    body = match[kind]
    if kind == "string":
        return Token(kind, _unescape(body[1:-1], start + 1) if "\\" in body else body[1:-1], start, end)
    if kind == "raw":
        return Token("string", body[2:-1], start, end)
    return Token(kind, body, start, end)


def _unescape(body: str, start: int) -> str:
    def replace(match: re.Match[str]) -> str:
        letter = match[5]
        if letter is not None:
            if letter not in _LETTERS:
                raise _bad_escape(match, start)
            return _LETTERS[letter]
        code = int(match[4], 8) if match[4] else int(match[1] or match[2] or match[3], 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise _bad_escape(match, start)
        return chr(code)

    return _ESCAPE.sub(replace, body)


def _bad_escape(match: re.Match[str], start: int) -> ProblemFound:
    return ProblemFound(CelProblem(f"{match[0]!r} is not an escape", start + match.start(), start + match.end()))
