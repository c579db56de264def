"""Placeholders of templating tools in otherwise readable files: ``{{ … }}`` and ``${VAR}``; and blanks that people leave in names.

What stands in their place is decided by a tool that is not run here, so a text that holds one is Unknown; what is written around it
is kept as its parts. The same placeholder text in one file stands for the same value.
"""

from __future__ import annotations

from itertools import zip_longest

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.values import Known, Unknown

PLACEHOLDER = deferred(r"\{\{(?:[^{}]|\}(?!\})|\{(?!\{))*+\}\}|\$\{[^{}\n]*+\}")

_BLANK = deferred(
    r"<[A-Za-z][^<>\n]*+>|\$\([A-Za-z_][^()\n]*+\)|\$[A-Za-z_]\w*+|\{[A-Za-z_][^{}\n]*+\}|\[[A-Za-z_][^\[\]\n]*+\]|%[A-Za-z_]\w*+%|@[A-Za-z_]\w*+@"
)
"""None of these characters stands in the name of a bucket or region (S3 User Guide, "General purpose bucket naming rules", 2026-11)."""


def placeholder(text: str, span: Span, parts: tuple[Known[str] | Unknown, ...] = ()) -> Unknown:
    """Return the unknown value that a placeholder stands for."""
    return Unknown(Reason.TEMPLATE_PLACEHOLDER, f"{span.path}:{text}", Written(span), parts=parts)


def has_placeholder(text: str) -> bool:
    """Whether a text holds a placeholder."""
    return ("{{" in text or "${" in text) and PLACEHOLDER.search(text) is not None


def is_blank(name: str) -> bool:
    """Whether a name of something in AWS has still to be filled in: ``<BUCKET>``, ``$(BUCKET)``, ``$BUCKET``, ``{bucket}``."""
    return _BLANK.search(name) is not None


def text_value(text: str, span: Span, inner: int, length: int) -> Known[str] | Unknown:
    """Return the value of a text: Unknown with its parts when it holds a placeholder.

    ``[inner, inner + length)`` are the offsets in the source between the quotes, if there are any. Where escapes or
    indentation make the text differ from what is written, the pieces are matched by the placeholders around them.
    """
    if not has_placeholder(text):
        return Known(text, Written(span))
    source = span.source
    written = source.text[inner : inner + length]
    wanted = list(PLACEHOLDER.finditer(text))
    found = list(PLACEHOLDER.finditer(written))
    aligned = [match[0] for match in wanted] == [match[0] for match in found]
    parts: list[Known[str] | Unknown] = []
    at, raw_at = 0, 0
    for match, raw in zip_longest(wanted, found if aligned else ()):
        here = source.span(inner + raw.start(), inner + raw.end()) if raw else span
        if match.start() > at:
            before = source.span(inner + raw_at, inner + raw.start()) if raw else span
            parts.append(Known(text[at : match.start()], Written(before)))
        parts.append(placeholder(match[0], here))
        at = match.end()
        raw_at = raw.end() if raw else 0
    if at < len(text):
        parts.append(Known(text[at:], Written(source.span(inner + raw_at, inner + length) if aligned else span)))
    whole = len(parts) == 1
    return placeholder(text, span, () if whole else tuple(parts))
