"""The text of a YAML or JSON scalar, character by character with where each is written.

Quoting, escapes, folding and the indentation of block scalars make a value differ from what stands in the file. What is not
white space keeps its order, so the two are aligned on it.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.values import Known, Unknown, Value

_ESCAPE = deferred(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r?\n|.)", re.DOTALL)
_BLANK_ESCAPES = frozenset("ntrNLP_ ")


@dataclass(frozen=True, eq=False)
class ScalarText:
    """A text and the scalar it is the value of. ``span`` of a part is exact, or that of the whole scalar where escapes forbid it.

    ``bare``: it is no YAML scalar but a piece of a text, in which quotes are characters like others.
    """

    text: str
    written: Span
    bare: bool = False

    @cached_property
    def _offsets(self) -> list[int] | None:
        return _aligned(self.text, self.written, self.bare)

    def span(self, start: int, end: int) -> Span:
        """Return where the characters ``[start, end)`` are written."""
        offsets = self._offsets
        if offsets is None:
            return self.written
        if start >= len(offsets):
            return Span(self.written.source, self.written.end_offset, self.written.end_offset)
        last = offsets[max(start, min(end, len(offsets)) - 1)]
        return Span(self.written.source, offsets[start], last + 1 if end > start else offsets[start])


def scalar_text(value: Value[Any]) -> ScalarText | None:
    """Return the text of a scalar, placeholders as they are written; ``None`` for what is not text or is written nowhere."""
    span = written_at(value.origin)
    if span is None:
        return None
    match value:
        case Known(value=str() as text):
            return ScalarText(text, span)
        case Unknown(reason=Reason.TEMPLATE_PLACEHOLDER, parts=parts) if parts:
            return ScalarText("".join(map(_part, parts)), span)
        case Unknown(reason=Reason.TEMPLATE_PLACEHOLDER, symbol=symbol):
            # sources/placeholders.py: the symbol is the path of the file, a colon and the text.
            return ScalarText(symbol.removeprefix(f"{span.path}:"), span)
        case _:
            return None


def _part(part: Known[str] | Unknown) -> str:
    scalar = scalar_text(part)
    return "" if scalar is None else scalar.text


def _aligned(text: str, span: Span, bare: bool) -> list[int] | None:
    """Return the offset in the source of each character of the value; ``None`` when they cannot be aligned."""
    raw = span.text
    if raw == text:
        return list(range(span.offset, span.end_offset))
    quote = raw[:1] if raw[:1] in {'"', "'"} and not bare else ""
    at = 1 if quote else 0
    if raw[:1] in {"|", ">"} and not bare:
        at = raw.find("\n") + 1
        if at == 0:
            return None
    offsets: list[int] = []
    for character in text:
        if character.isspace():
            if at < len(raw) and raw[at] == character:
                offsets.append(span.offset + at)
                at += 1
            elif quote == '"' and raw[at : at + 1] == "\\" and raw[at + 1 : at + 2] in _BLANK_ESCAPES:
                offsets.append(span.offset + at)
                at += 2
            else:
                # Folded away, or trailing: it stands where the writing goes on.
                offsets.append(span.offset + min(at, max(len(raw) - 1, 0)))
            continue
        at = _skip_blank(raw, at, quote)
        if at >= len(raw):
            return None
        offsets.append(span.offset + at)
        if quote == '"' and raw[at] == "\\":
            match = _ESCAPE.match(raw, at)
            at = match.end() if match is not None else at + 1
        elif quote == "'" and raw.startswith("''", at):
            at += 2
        elif raw[at] != character:
            return None
        else:
            at += 1
    return offsets


def _skip_blank(raw: str, at: int, quote: str) -> int:
    while at < len(raw):
        if raw[at].isspace():
            at += 1
        elif quote == '"' and raw[at] == "\\" and raw[at + 1 : at + 2] in {"\n", "\r"}:
            at += 2
        else:
            break
    return at
