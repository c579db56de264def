"""What python-hcl2's parser is given to see of an expression: one level, without strings, brackets, newlines or comments."""

from __future__ import annotations

import re
from itertools import pairwise

from drpolicy.model.patterns import deferred
from drpolicy.terraform.lexical import BLANK, COMMENT, HEREDOC, group_end

_PLAIN = deferred(r'[^"#/<(){}\[\]\n\r]++')
_FOR = deferred(rf"[\[{{]{BLANK}for(?![\w-])")
_CALLED = deferred(r"(?:[\w)\]}\"]|\.[ \t]*+\*)\Z")
_KEYWORD = deferred(r"(?<![\w-])(?:in|if)\Z")
_FULL_SPLAT = deferred(r"\[\s*+\*\s*+\]")
_CHAIN = deferred(r"[!-][ \t]*+[!-]")
_TOKEN = deferred(r"[^\W\d][\w-]*+|\S")
_NOT_ASCII = deferred(r"[^\x00-\x7f]")
_PREFIX_AFTER = frozenset("=?:&|<>!+-*/%,")


def blank(text: str, start: int, end: int) -> str:
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


def without_chains(blanked: str) -> tuple[str, dict[int, list[tuple[str, int]]]]:
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
