"""Sources and the places in them.

Positions are 1-based lines and columns counted in Unicode code points; ends are exclusive. That is SARIF's
region with ``columnKind: unicodeCodePoints``, so no reporter converts anything.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from drpolicy.model.records import dataclass, field, maker


class Position(NamedTuple):
    """A 1-based line and column."""

    line: int
    column: int


@dataclass(frozen=True, eq=False)
class Source:
    """A file read once: its path relative to the repository root (POSIX form) and its text."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> Position:
        """Return the position of a character offset; offsets past the end stand at the end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def offset(self, position: Position) -> int:
        """Return the character offset of a position, clamped to the text."""
        starts = self._line_starts
        if position.line > len(starts):
            return len(self.text)
        return min(starts[max(position.line, 1) - 1] + max(position.column, 1) - 1, len(self.text))

    def line(self, number: int) -> str:
        """Return the text of a 1-based line without its line ending."""
        starts = self._line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """Return the span of the characters ``[start, end)``."""
        return span_at(self, start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``[offset, end_offset)`` of a source. Two spans are equal when they lie in the same source object."""

    source: Source
    offset: int
    end_offset: int
    interface: str = field(default="", compare=False)
    """What is read is not written here but in this documented interface of the module that is called here; empty otherwise."""

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def start(self) -> Position:
        return self.source.position(self.offset)

    @property
    def end(self) -> Position:
        return self.source.position(self.end_offset)

    @property
    def text(self) -> str:
        """The characters of the span."""
        return self.source.text[self.offset : self.end_offset]

    def __str__(self) -> str:
        line, column = self.start
        return f"{self.path}:{line}:{column}"


span_at = maker(Span)
"""Makes a span as the class does, for those who make most of them."""


@dataclass(frozen=True, eq=False)
class InterfaceSource(Source):
    """Text that describes what a module makes. It is not in the repository: all of it stands for the ``place`` where that is called."""

    place: Span
    interface: str

    def span(self, start: int, end: int) -> Span:
        """Return the place of the call, whatever is asked for."""
        return Span(self.place.source, self.place.offset, self.place.end_offset, self.interface)
