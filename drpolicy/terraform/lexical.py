"""The lexical level of HCL: where a string, heredoc, comment or bracket ends. Nothing here knows what an expression means.

The rules are those of HCL's scanner (hashicorp/hcl, hclsyntax/scan_tokens.rl, 2026-11). Every pattern is possessive and
every loop iterative: time is linear in the text, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from drpolicy.model.patterns import deferred
from drpolicy.terraform.blocks import Comment

MAX_NESTING = 200
"""How many brackets, strings and interpolations may be open at once."""

_BLOCK_COMMENT = r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/"

IDENTIFIER = r"[^\W\d][\w-]*+"
"""A name: a letter or underscore of any script, then letters, digits, ``_`` and ``-``."""

BLANK = rf"(?:\s++|\#[^\n]*+|//[^\n]*+|{_BLOCK_COMMENT})*+"
"""White space, newlines and comments."""

INLINE_BLANK = rf"[ \t]*+(?:{_BLOCK_COMMENT}[ \t]*+)*+"
"""Blanks and comments that do not end a line."""

# A string whose interpolations hold neither strings, braces nor comments: nearly all of them.
_STRING = r'"(?:[^"\\$%\n]++|\\.|\$\$\{|%%\{|\$\{[^"{}\n#/]*+\}|[$%](?!\{))*+"'
_NO_COMMENT_OR_HEREDOC = r"/(?![/*])|<(?!<)"
_FLAT = rf'(?:[^"#/<(){{}}\[\]]++|{_STRING}|{_NO_COMMENT_OR_HEREDOC})*+'
_FLAT_GROUP = rf"\({_FLAT}\)|\[{_FLAT}\]|\{{{_FLAT}\}}"
_NESTED = rf'(?:[^"#/<(){{}}\[\]]++|{_STRING}|{_FLAT_GROUP}|{_NO_COMMENT_OR_HEREDOC})*+'

LINE_CODE = deferred(
    rf'(?:[^"\n\r#/<(){{}}\[\],;=]++|==|(?<=[!<>])=|{_STRING}|{_NO_COMMENT_OR_HEREDOC}|\({_NESTED}\)|\[{_NESTED}\]|\{{{_NESTED}\}})*+'
)
"""As much of one line as holds nothing but plain code, strings and groups nested at most twice. A shortcut: ``group_end`` decides."""

_PLAIN = {
    separators: re.compile(rf'(?:[^"#/<(){{}}\[\]{separators}]++|{_STRING}|{_NO_COMMENT_OR_HEREDOC})*+')
    for separators in ("", ",", ",\n", "=:")
}
"""Plain code and strings, up to a separator."""

COMMENT = deferred(rf"\#[^\n]*+|//[^\n]*+|{_BLOCK_COMMENT}")
HEREDOC = deferred(rf"<<(-?)({IDENTIFIER})\r?\n")

_CODE = deferred(_FLAT)
_QUOTED = deferred(r'(?:[^"\\$%\n]++|\\.|\$\$\{|%%\{|[$%](?!\{))*+')
_HEREDOC_LINE = deferred(r"(?:[^\n$%]++|\$\$\{|%%\{|[$%](?!\{))*+")
_CLOSER = {"(": ")", "[": "]", "{": "}"}


class Unclosed(Exception):
    """Something that was opened does not end where it has to. Never leaves this package."""

    def __init__(self, at: int, opened: int, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.opened = opened
        self.message = message


@lru_cache(maxsize=256)
def terminator(marker: str) -> re.Pattern[str]:
    """Return the pattern of the line that ends a heredoc: its marker with nothing but blanks around it."""
    return re.compile(rf"^[^\S\n]*+{re.escape(marker)}(?=[^\S\n]*+(?:\n|\Z))", re.MULTILINE)


def group_end(text: str, start: int, end: int, comments: list[Comment] | None = None) -> int:
    """Return the offset after the string, heredoc or bracket that opens at ``start``; add the comments inside.

    Raises Unclosed when it does not end before ``end``, when brackets do not pair, or when nested deeper than
    MAX_NESTING.
    """
    # The stack holds what closes each level: a bracket, a quote, or the pattern of a heredoc's last line.
    stack: list[tuple[str | re.Pattern[str], int]] = []
    at = _open(text, start, end, stack)
    while stack:
        if len(stack) > MAX_NESTING:
            raise Unclosed(at, start, f"nested deeper than {MAX_NESTING}")
        closer, opened = stack[-1]
        if closer == '"':
            at = _QUOTED.match(text, at, end).end()  # type: ignore[union-attr]  # matches the empty string
            char = text[at : at + 1] if at < end else ""
            if char == '"':
                stack.pop()
                at += 1
            elif char in ("$", "%"):
                stack.append(("}", at))
                at += 2
            else:
                raise Unclosed(at, opened, "unclosed string")
        elif isinstance(closer, str):
            at = _CODE.match(text, at, end).end()  # type: ignore[union-attr]  # matches the empty string
            if at >= end:
                raise Unclosed(at, opened, f'unclosed "{text[opened]}"')
            char = text[at]
            if char == closer:
                stack.pop()
                at += 1
            elif char in ")]}":
                raise Unclosed(at, opened, f'expected "{closer}", found "{char}"')
            elif comment := COMMENT.match(text, at, end):
                if comments is not None:
                    comments.append(Comment(at, comment.end()))
                at = comment.end()
            elif text.startswith("/*", at):
                raise Unclosed(at, at, "unclosed comment")
            else:
                at = _open(text, at, end, stack)
        else:
            at = _heredoc_step(text, at, end, stack)
    return at


def _open(text: str, at: int, end: int, stack: list[tuple[str | re.Pattern[str], int]]) -> int:
    """Push what opens at ``at`` and return where its inside begins; a lone ``<`` opens nothing."""
    char = text[at]
    if char != "<":
        stack.append((_CLOSER.get(char, char), at))
        return at + 1
    heredoc = HEREDOC.match(text, at, end)
    if heredoc is None:
        return at + 1
    last = terminator(heredoc[2])
    found = last.search(text, heredoc.end(), end)
    if found is None:
        raise Unclosed(end, at, f"heredoc without its closing {heredoc[2]}")
    body = heredoc.end(), found.start()
    if text.find("${", *body) < 0 and text.find("%{", *body) < 0:
        return found.end()
    stack.append((last, at))
    # A body of no lines ends at once; otherwise stand before its first character as after a newline.
    if found.start() == heredoc.end():
        stack.pop()
        return found.end()
    return heredoc.end()


def _heredoc_step(text: str, at: int, end: int, stack: list[tuple[str | re.Pattern[str], int]]) -> int:
    last, opened = stack[-1]
    at = _HEREDOC_LINE.match(text, at, end).end()  # type: ignore[union-attr]  # matches the empty string
    if at >= end:
        raise Unclosed(at, opened, "heredoc without its closing marker")
    if text[at] != "\n":
        stack.append(("}", at))
        return at + 2
    assert isinstance(last, re.Pattern)
    found = last.match(text, at + 1, end)
    if found is None:
        return at + 1
    stack.pop()
    return found.end()


def pieces(text: str, start: int, end: int, separators: str) -> Iterator[tuple[int, int, str]]:
    """Split ``[start, end)`` at separators outside brackets, strings and comments; yield each piece without its blanks.

    The third element is the separator after the piece, empty after the last. An empty piece starts where it ends.
    Raises Unclosed when brackets do not pair.
    """
    plain = _PLAIN[separators].match
    at = first = solid = start
    empty = True
    while True:
        run = plain(text, at, end)
        assert run is not None
        inside = run[0].strip()
        if inside:
            solid = at + len(run[0].rstrip())
            if empty:
                first, empty = solid - len(inside), False
        at = run.end()
        char = text[at] if at < end else ""
        if not char or char in separators:
            yield (at, at, char) if empty else (first, solid, char)
            if not char:
                return
            at += 1
            empty = True
            continue
        comment = COMMENT.match(text, at, end)
        if comment is not None:
            at = comment.end()
            continue
        if char in ")]}":
            raise Unclosed(at, at, f'unexpected "{char}"')
        if text.startswith("/*", at):
            raise Unclosed(at, at, "unclosed comment")
        if empty:
            first, empty = at, False
        at = solid = at + 1 if char == "<" and not HEREDOC.match(text, at, end) else group_end(text, at, end)
