"""Waivers in comments and annotations: ``drpolicy: ignore[policy-id, …] until=2027-03-31 reason="…" owner=…``.

The annotation ``drpolicy.dev/ignore`` of a manifest holds the same without the leading ``drpolicy:``. Comments need no
particular place; whoever calls this knows what a comment is, and which subject it stands at.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from drpolicy.declarations.dates import parse_date
from drpolicy.declarations.validation import invalid
from drpolicy.declarations.wording import quoted
from drpolicy.model.findings import Diagnostic
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span

ANNOTATION: Final = "drpolicy.dev/ignore"
POLICY_ID: Final = deferred(r"[a-z0-9]++(?:-[a-z0-9]++)*+")
"""Kebab-case, as policies are named."""

POLICY_LIMIT: Final = 50
"""Policies that one waiver may name."""

# Prose may mention the tool; what reads like an attempt at a waiver is taken for one.
_MARK = deferred(r"(?<![\w./-])drpolicy:[ \t]*+(?=[\w-]++[ \t]*+\[|(?i:ignore|skip|disable|waive|suppress)\b)")
_HEAD = deferred(r"ignore\[([^\]\n]*+)\]")
_SPACE = deferred(r"[ \t\r\n]++")
_WORD = deferred(r"[^ \t\r\n]++")
_NAME = deferred(r"([A-Za-z_][A-Za-z0-9_-]*+)=")
_VALUE = deferred(r"\"((?:[^\"\\]|\\.)*+)\"|'([^']*+)'|([^\s\"'][^\s]*+)")
_ESCAPE = deferred(r"\\(.)", re.DOTALL)
_ENDS = deferred(r"[ \t\r\n]*+(?:\*/|-->)?[ \t\r\n]*+\Z")
_FIELDS = ("until", "reason", "owner")
_NEEDED: Final = {"until": "until=2027-03-31", "reason": 'reason="…"'}


@dataclass(frozen=True, slots=True)
class InlineWaiver:
    """An acceptance that stands beside what it accepts, up to and including the day ``until``.

    ``policies`` holds each id with its place; ``span`` goes from ``drpolicy:`` (in an annotation: ``ignore``) to the last value.
    """

    policies: tuple[tuple[str, Span], ...]
    until: date
    reason: str
    owner: str | None
    span: Span


class _Malformed(Exception):
    """What is wrong with a waiver, and where in its text. Never leaves this module."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message, self.start, self.end = message, start, end


def parse_comment(text: str, span: Span) -> InlineWaiver | Diagnostic | None:
    """Parse the waiver in a comment; ``None`` for a comment that attempts none. ``span`` is where the comment's text stands."""
    mark = _MARK.search(text)
    return None if mark is None else _parsed(text, mark.start(), mark.end(), span)


def parse_annotation(text: str, span: Span) -> InlineWaiver | Diagnostic:
    """Parse the value of the annotation ``drpolicy.dev/ignore``; the leading ``drpolicy:`` may be there or not.

    ``span`` is where the value stands. Its quotes are accounted for; with escapes in it, positions are the whole value.
    """
    mark = _MARK.match(text)
    return _parsed(text, 0, mark.end() if mark else 0, span)


def _parsed(text: str, start: int, at: int, span: Span) -> InlineWaiver | Diagnostic:
    try:
        return _waiver(text, start, at, span)
    except _Malformed as error:
        return invalid("waiver-invalid", error.message, _within(text, span, error.start, error.end))


def _waiver(text: str, start: int, at: int, span: Span) -> InlineWaiver:
    head = _HEAD.match(text, at)
    if head is None:
        raise _Malformed('a waiver is written: drpolicy: ignore[policy-id] until=2027-03-31 reason="…"', start, _word_end(text, at))
    policies = tuple((name, _within(text, span, first, last)) for name, first, last in _policies(text, head))
    fields, end = _fields(text, head.end())
    missing = {name: example for name, example in _NEEDED.items() if name not in fields}
    if missing:
        raise _Malformed(f"the waiver has no {' and no '.join(missing)}; add {' '.join(missing.values())}", start, end)
    until, reason, owner = fields["until"], fields["reason"], fields.get("owner")
    day = parse_date(until[0])
    if isinstance(day, str):
        raise _Malformed(day, until[1], until[2])
    for name, field in (("reason", reason), ("owner", owner)):
        if field is not None and not field[0].strip():
            raise _Malformed(f"the {name} of the waiver is empty", field[1], field[2])
    return InlineWaiver(policies, day, reason[0].strip(), owner[0].strip() if owner else None, _within(text, span, start, end))


def _policies(text: str, head: re.Match[str]) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    at = head.start(1)
    parts = head[1].split(",", POLICY_LIMIT)
    if len(parts) > POLICY_LIMIT:
        raise _Malformed(f"a waiver names at most {POLICY_LIMIT} policies", head.start(1), head.end(1))
    for part in parts:
        name = part.strip()
        first = at + len(part) - len(part.lstrip())
        last = first + len(name)
        at += len(part) + 1
        if not name:
            raise _Malformed("the waiver names no policy; write ignore[policy-id]", head.start(), head.end())
        if "*" in name or "?" in name:
            raise _Malformed(f"{quoted(name)} is a wildcard; name each policy", first, last)
        if POLICY_ID.fullmatch(name) is None:
            raise _Malformed(f"{quoted(name)} is not a policy id", first, last)
        if any(name == other for other, _, _ in found):
            raise _Malformed(f"{quoted(name)} is named twice", first, last)
        found.append((name, first, last))
    return found


def _fields(text: str, at: int) -> tuple[dict[str, tuple[str, int, int]], int]:
    """Return each field's text with its offsets, and where the last one ends."""
    fields: dict[str, tuple[str, int, int]] = {}
    end = at
    while _ENDS.match(text, at) is None:
        space, word_end = _SPACE.match(text, at), _word_end(text, at)
        if space is None:
            raise _Malformed(f"a space is missing before {quoted(text[at:word_end])}", at, word_end)
        at = space.end()
        word_end = _word_end(text, at)
        name = _NAME.match(text, at)
        if name is None:
            raise _Malformed(
                f"{quoted(text[at:word_end])} is not part of a waiver; a reason of several words stands in quotes", at, word_end
            )
        if name[1] not in _FIELDS:
            raise _Malformed(f"unknown field {quoted(name[1])}; the fields here are {', '.join(_FIELDS)}", at, name.end() - 1)
        if name[1] in fields:
            raise _Malformed(f"{quoted(name[1])} is given twice", at, name.end() - 1)
        value = _VALUE.match(text, name.end())
        if value is None:
            quote = text[name.end() : name.end() + 1] in {'"', "'"}
            raise _Malformed(f"the {name[1]} of the waiver " + ("has no closing quote" if quote else "is empty"), at, word_end)
        double, single, bare = value.groups()
        content = _ESCAPE.sub(r"\1", double) if double is not None else single if single is not None else bare
        fields[name[1]] = (content, value.start(), value.end())
        at = end = value.end()
    return fields, end


def _word_end(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    word = _WORD.match(text, space.end() if space else at)
    return word.end() if word else at


def _within(text: str, span: Span, start: int, end: int) -> Span:
    """Return the place of characters of a text that stands at a span, with or without quotes around it."""
    written = span.text
    if written == text:
        shift = 0
    elif written[1:-1] == text and written[:1] in {'"', "'"}:
        shift = 1
    else:
        return span
    return Span(span.source, span.offset + shift + start, span.offset + shift + end)
