"""YAML inside a text: in a block scalar, a heredoc, a template, or a call of yamlencode. Positions are those of the original files."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from drpolicy.kubernetes.navigation import entries, inside, text
from drpolicy.kubernetes.scalar_text import ScalarText, scalar_text
from drpolicy.kubernetes.substitution import filled
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Provenance, Through, Written, written_at
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources.problems import Problem

DECODINGS = frozenset({"yamldecode", "provider::kubernetes::manifest_decode", "provider::kubernetes::manifest_decode_multi"})
"""Functions of Terraform whose result is read again where it is written."""

_TOKEN = deferred(r"\$\{unknown ([0-9]{1,6})\}")
_BLOCK = deferred(r"[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\r?\n")
_HEREDOC = deferred(r"<<-?[ \t]*\w[\w-]*[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class Embedded:
    """The documents that a text holds, what is wrong with it, and why they cannot be read, when they cannot."""

    roots: tuple[Value[Any], ...] = ()
    problems: tuple[Problem, ...] = ()
    unknown: Unknown | None = None


def embedded(value: Value[Any]) -> Embedded:
    """Return what a text holds. A value that is no text is what it holds itself; nothing, and an empty text, hold nothing."""
    encoded = _encoded(value)
    if encoded is not None:
        return Embedded((encoded,))
    match value:
        case Absent():
            return Embedded()
        case Known(value=Object() | Members()):
            return Embedded((_decoded(value),))
        case Known(value=str()) | Unknown():
            pieces = list(_pieces(value))
            if not any(isinstance(piece, Known) for piece, _ in pieces):
                return Embedded((), (), value if isinstance(value, Unknown) else None)
            return _read(pieces)
        case _:
            return Embedded()


def _encoded(value: Value[Any]) -> Value[Any] | None:
    """Return the argument of yamlencode or jsonencode that a value is the result of."""
    origin = _direct(value.origin)
    if isinstance(origin, Derived) and origin.how in {"yamlencode", "jsonencode"} and len(origin.made_of) == 1:
        made = origin.made_of[0]
        return made if isinstance(made, Known | Unknown | Absent) else None
    return None


def _decoded(value: Known[Any]) -> Value[Any]:
    """Return an object that a text was decoded to as it is written there, if it is to be found again in the text."""
    origin = _direct(value.origin)
    if isinstance(origin, Derived) and origin.how in DECODINGS and len(origin.made_of) == 1 and isinstance(origin.made_of[0], Known):
        wanted = _identity(value)
        found = [root for root in embedded(origin.made_of[0]).roots if _identity(root) == wanted]
        if len(found) == 1 and wanted is not None:
            return found[0]
    return value


def _identity(value: Value[Any]) -> tuple[object, ...] | None:
    """Return what tells one object from the others of a text: its kind, its names, and its keys."""
    names = [text(inside(value, *path)) for path in (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))]
    if names[0] is None or names[1] is None:
        return None
    return (*names, frozenset(name for name, _ in entries(value)))


def _direct(origin: Provenance) -> Provenance:
    while isinstance(origin, Through):
        origin = origin.inner
    return origin


def _pieces(value: Known[str] | Unknown) -> Iterator[tuple[Known[str] | Unknown, ScalarText | None]]:
    """Yield the parts of a text, each with where its characters are written."""
    if isinstance(value, Unknown):
        if not value.parts:
            scalar = scalar_text(value)
            # A template placeholder keeps its text, which may be a whole document with placeholders in it.
            if scalar is not None and "\n" in scalar.text:
                yield Known(scalar.text, value.origin), scalar
            else:
                yield value, None
            return
        for part in value.parts:
            if isinstance(part, Known):
                yield from _pieces_of(part)
            else:
                yield from _pieces(part)
        return
    origin = _direct(value.origin)
    if isinstance(origin, Derived) and origin.made_of:
        parts = [part for part in origin.made_of if isinstance(part, Known) and isinstance(part.value, str)]
        if "".join(part.value for part in parts) == value.value:
            for part in parts:
                yield from _pieces_of(part)
            return
    if isinstance(origin, Derived) and len(origin.made_of) == 2:
        yield from _pieces_of(value)
        return
    yield value, _written(value.value, value.origin)


def _pieces_of(part: Known[str]) -> Iterator[tuple[Known[str], ScalarText | None]]:
    """Yield a piece of a text, or what it consists of when it is itself a part of a text: the text, and the offset in it."""
    origin = _direct(part.origin)
    match origin:
        case Derived(made_of=(Known(value=str()) as whole, int(start))):
            at = 0
            for inner, scalar in _pieces(whole):
                if isinstance(inner, Known):
                    first, last = max(start - at, 0), min(start + len(part.value) - at, len(inner.value))
                    if first < last:
                        cut = inner.value[first:last]
                        span = scalar.span(first, last) if scalar is not None else None
                        if span is None:
                            yield Known(cut, inner.origin), None
                        else:
                            yield Known(cut, Written(span)), ScalarText(cut, span, bare=True)
                    at += len(inner.value)
        case _:
            yield part, _written(part.value, part.origin, bare=True)


def _written(text: str, origin: Provenance, *, bare: bool = False) -> ScalarText | None:
    span = written_at(origin)
    if span is None:
        return None
    opening = _HEREDOC.match(span.text)
    if opening is not None:
        # Without the line of the marker, and the one that ends it.
        body = span.text.rstrip().rfind("\n")
        span = Span(span.source, span.offset + opening.end(), max(span.offset + body + 1, span.offset + opening.end()))
        bare = True
    header = _BLOCK.match(span.text) if bare else None
    if header is not None:
        # The first piece of a block scalar begins with its header.
        span = Span(span.source, span.offset + header.end(), span.end_offset)
    return ScalarText(text, span, bare)


def _read(pieces: list[tuple[Known[str] | Unknown, ScalarText | None]]) -> Embedded:
    texts: list[str] = []
    starts: list[int] = []
    unknowns: list[Unknown] = []
    at = 0
    for piece, _ in pieces:
        if isinstance(piece, Known):
            text = piece.value
        else:
            text = f"${{unknown {len(unknowns)}}}"
            unknowns.append(piece)
        starts.append(at)
        texts.append(text)
        at += len(text)
    nowhere = Span(Source("", ""), 0, 0)
    otherwise = next((scalar.written for _, scalar in pieces if scalar is not None), nowhere)

    def point(offset: int, end: bool) -> Span:
        index = max(0, bisect_right(starts, offset - 1 if end and offset else offset) - 1)
        piece, scalar = pieces[index]
        within = offset - starts[index]
        if scalar is None:
            return written_at(piece.origin) or otherwise
        length = len(scalar.text)
        if end:
            return scalar.span(max(0, min(within, length) - 1), min(within, length))
        return scalar.span(min(within, max(length - 1, 0)), min(within + 1, length))

    def place(first: int, last: int) -> Span:
        start, stop = point(first, False), point(max(first, last), True)
        if start.source is not stop.source or stop.end_offset < start.offset:
            return start
        return Span(start.source, start.offset, stop.end_offset)

    # A tree without texts that hold YAML is read without the YAML library.
    from drpolicy.sources.yaml_documents import text_documents

    found = text_documents("".join(texts), place)

    def fill(placeholder: str, origin: Provenance) -> Value[Any] | None:
        match = _TOKEN.fullmatch(placeholder)
        return unknowns[int(match[1])] if match is not None and int(match[1]) < len(unknowns) else None

    roots = tuple(filled(document.root, fill) if unknowns else document.root for document in found)
    unknown = unknowns[0] if found.problems and unknowns else None
    return Embedded(roots, found.problems, unknown)
