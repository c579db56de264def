"""Files that ``generate`` writes: their text, and for every character of it the place in the configuration that it comes from."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Position, Source, Span
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.terraform.conversion import text
from drpolicy.terraform.evaluate import evaluate, framed, parsed, written
from drpolicy.terraform.files import Expr
from drpolicy.terraform.scope import Scope, guarded
from drpolicy.terraform.terragrunt.paths import portable
from drpolicy.terraform.tree import Literal, Template
from drpolicy.terraform.unknowns import EvaluationError

REFERENCE = "terragrunt_generated"
"""The name under which a generated file refers to a value of the configuration, so that what it comes from is not lost."""

# A quoted value of an attribute. Labels and aliases are names: they are never references.
_VALUE = deferred(r'\s*+(?!alias\b)[\w-]++\s*+=(?:[^"\n]++|"(?:[^"\\\n]++|\\.)*+")*+"(?:[^"\\\n]++|\\.)*+')
_PLAIN = deferred(r'[^"\\$%\n]*+')


@dataclass(frozen=True, eq=False)
class GeneratedSource(Source):
    """A generated file. Its path and positions are those of the configuration that it is written in."""

    origin: Source = field(default_factory=lambda: Source("", ""), repr=False)
    segments: tuple[tuple[int, int, bool], ...] = field(default=(), repr=False)
    """Where each piece of the text begins, where it comes from, and whether its characters stand there one for one."""

    def position(self, offset: int) -> Position:
        if not self.segments:
            return self.origin.position(0)
        at = max(bisect_right(self.segments, offset, key=lambda segment: segment[0]) - 1, 0)
        start, place, exact = self.segments[at]
        return self.origin.position(place + max(offset - start, 0) if exact else place)

    def line(self, number: int) -> str:
        return self.origin.line(number)


@dataclass(slots=True)
class Rendered:
    """The text of a generated file, as far as it is known."""

    origin: Source
    prefix: str
    """What the names of its references begin with: one table serves all files of a unit."""

    pieces: list[str] = field(default_factory=list)
    segments: list[tuple[int, int, bool]] = field(default_factory=list)
    values: dict[str, Value[Any]] = field(default_factory=dict)
    """What the references in the text mean."""

    bare: Unknown | None = None
    """Something unknown that stands where the text need not be a value."""

    length: int = 0
    line: str = ""

    def add(self, piece: str, place: int, exact: bool) -> None:
        """Append a piece that comes from ``place``."""
        if not piece:
            return
        self.segments.append((self.length, place, exact))
        self.pieces.append(piece)
        self.length += len(piece)
        _, newline, after = piece.rpartition("\n")
        self.line = after if newline else self.line + piece

    def value(self, value: Value[Any], place: int) -> None:
        """Append what an interpolation gives: a reference where that is possible or needed, else its text."""
        quoted = _VALUE.fullmatch(self.line) is not None
        match value:
            case Known(inner) if not isinstance(inner, (Members, Object)) and not (
                quoted and isinstance(inner, str) and _PLAIN.fullmatch(inner)
            ):
                self.add(text(inner), place, False)
                return
            case Known(str()) | Unknown():
                name = f"{self.prefix}{len(self.values)}"
                self.values[name] = value
                if not quoted and isinstance(value, Unknown) and self.bare is None:
                    self.bare = value
                self.add(f"${{{REFERENCE}.{name}}}" if quoted else f"{REFERENCE}.{name}", place, False)
            case Absent() | Known():
                raise EvaluationError("only primitive values can be part of a string")

    def source(self) -> GeneratedSource:
        """Return the file as far as it is written."""
        return GeneratedSource(self.origin.path, "".join(self.pieces), self.origin, tuple(self.segments))


def rendered(expr: Expr, scope: Scope, prefix: str) -> Rendered | Unknown:
    """Return the text that an attribute gives; Unknown when nothing of it is known. Raises ``EvaluationError`` as Terragrunt does."""
    found = Rendered(expr.file.source, prefix)
    tree = parsed(expr, scope)
    start = expr.syntax.value_start
    if isinstance(tree, Literal) and isinstance(tree.value, str):
        _literal(found, tree.value, expr, start)
        return found
    if isinstance(tree, Template) and len(tree.parts) > 1:
        frame = framed(expr, scope, {})
        for part in tree.parts:
            if isinstance(part, Literal) and isinstance(part.value, str):
                _literal(found, part.value, expr, start + part.start)
            else:
                span = frame.span(part.start, part.end)
                value = guarded(scope, f"generate at {span}", span, lambda part=part: evaluate(part, frame))  # type: ignore[misc] # bound early on purpose
                found.value(portable(value), start + part.start)
        return found
    whole = portable(written(expr, scope, {}))
    match whole:
        case Known(str() as known):
            place = written_at(whole.origin)
            if isinstance(whole.origin, Written) and place is not None and place.text == known:
                found.origin = place.source
                found.add(known, place.offset, True)
            else:
                found.add(known, start, False)
            return found
        case Unknown(parts=parts) if parts:
            for one in parts:
                if isinstance(one, Known):
                    found.add(one.value, start, False)
                else:
                    found.value(one, start)
            return found
        case Unknown():
            return whole
        case _:
            return found


def _literal(found: Rendered, value: str, expr: Expr, start: int) -> None:
    """Add literal text line by line: the lines of a heredoc keep their places, whatever indentation is taken from them."""
    source = expr.file.source.text
    if not expr.text.startswith("<<"):
        found.add(value, start, False)
        return
    at = source.find("\n", start) + 1 if source.startswith("<<", start) else start
    for number, line in enumerate(value.splitlines(keepends=True)):
        if number:
            at = source.find("\n", at) + 1 or at
        end = source.find("\n", at)
        there = source[at : end if end >= 0 else len(source)]
        indented = (
            len(there) - len(there.lstrip()) - (len(line) - len(line.lstrip())) if line.strip() and source[at - 1 : at] == "\n" else 0
        )
        found.add(line, at + max(indented, 0), True)


def span_of(expr: Expr) -> Span:
    """Return the header of what an attribute generates: its first line."""
    span = expr.span
    end = span.source.text.find("\n", span.offset, span.end_offset)
    return span if end < 0 else Span(span.source, span.offset, end)
