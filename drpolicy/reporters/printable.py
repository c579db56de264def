"""Text that comes from a repository, made harmless to print, and the written line that a span stands on."""

from __future__ import annotations

from typing import Final

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span

_SPACES: Final = deferred(r"[\t\n\r\v\f\x1c-\x1f\x85\u2028\u2029]+")
# C0 and C1 controls (terminal escapes), bidirectional overrides and isolates ("Trojan Source", CVE-2021-42574),
# byte order marks, and lone surrogates, which no encoding can carry.
_HOSTILE: Final = deferred(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
REPLACEMENT: Final = "\ufffd"

LINE_LIMIT: Final = 200
"""Characters of a source line that a report repeats."""


def one_line(text: str) -> str:
    """Return the text on one line: white space collapsed where it breaks lines, control characters replaced."""
    if text.isascii() and text.isprintable():
        return text
    return _HOSTILE.sub(REPLACEMENT, _SPACES.sub(" ", text))


def several_lines(text: str) -> str:
    """Return the text with its line feeds, and everything else as ``one_line`` has it."""
    return "\n".join(one_line(line) for line in text.splitlines())


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The line on which a span starts, or the part of it around the span: ``text[start : start + length]`` is the span."""

    line: int
    text: str
    start: int
    length: int


def excerpt(span: Span, limit: int = LINE_LIMIT) -> Excerpt:
    """Return at most ``limit`` characters of the line on which the span starts, with the span's place in them.

    A span that runs over several lines is cut at the end of the first; an empty one has length 0.
    """
    line, column = span.start
    text = span.source.line(line)
    start = min(column - 1, len(text))
    length = min(span.end_offset - span.offset, len(text) - start)
    if len(text) > limit:
        # The window keeps a third of its room for what stands before the span.
        first = max(0, min(start - limit // 3, len(text) - limit))
        text, start = text[first : first + limit], start - first
        length = min(length, limit - start)
    return Excerpt(line, text, start, max(length, 0))


def place(span: Span) -> str:
    """Return ``path:line:column`` on one line."""
    return one_line(str(span))
