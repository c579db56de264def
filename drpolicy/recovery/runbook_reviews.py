"""When a runbook was last reviewed and changed, and when what it describes was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.model.durations import DAY, Duration
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.sources.history import History
from drpolicy.sources.markdown import Markdown
from drpolicy.sources.problems import Unreadable

_REVIEW_FIELDS: Final = ("lastReviewed", "last_reviewed", "last-reviewed")


def reviewed_age(service: ServiceDeclaration, document: Markdown | None, as_of: date) -> Value[Duration]:
    """Return how long ago somebody declared to have reviewed it; a day in the future is none."""
    declared = service.runbook_reviewed
    if isinstance(declared, Unknown):
        return declared
    if isinstance(declared, Known) and declared.value <= as_of:
        return Known(_age(declared.value, as_of), declared.origin)
    fields = document.front_matter if document is not None else {}
    written = next((fields[name] for name in _REVIEW_FIELDS if name in fields), None)
    if written is None:
        return Absent(service.runbook.origin)
    text, span = written
    try:
        reviewed = date.fromisoformat(text)
    except ValueError:
        return Absent(Written(span))
    if reviewed > as_of:
        return Absent(Written(span))
    return Known(_age(reviewed, as_of), Derived("last reviewed", (Written(span),)))


def content_age(document: Markdown | None, history: History | None, as_of: date, path: Known[str]) -> Value[Duration]:
    """Return how long ago anything but the date of its review was changed."""
    if document is None or history is None:
        return Absent(path.origin)
    fields = document.front_matter
    review = next((fields[name][1].start.line for name in _REVIEW_FIELDS if name in fields), 0)
    text = document.source.text
    last = text.count("\n") + 1
    changed = history.newest(document.source.path, 1, last, but=review)
    header = document.source.span(0, len(document.source.line(1)))
    return _since(changed, as_of, f"the text of {document.source.path}", header, path)


def described_age(history: History | None, written: Sequence[Span], as_of: date, path: Known[str]) -> Value[Duration]:
    """Return how long ago the newest change was made to the resources that it describes."""
    if history is None or not written:
        return Absent(path.origin)
    newest: tuple[date, Span] | None = None
    for span in written:
        changed = history.newest(span.path, span.start.line, span.end.line)
        if isinstance(changed, Unreadable):
            return _since(changed, as_of, span.path, span, path)
        if changed is not None and (newest is None or changed > newest[0]):
            newest = (changed, span)
    if newest is None:
        return Absent(path.origin)
    header = newest[1].source.offset(newest[1].start)
    line = newest[1].source.span(header, header + len(newest[1].text.partition("\n")[0]))
    return _since(newest[0], as_of, line.text.rstrip(" {"), line, path)


def _since(changed: date | Unreadable | None, as_of: date, what: str, span: Span, path: Known[str]) -> Value[Duration]:
    if isinstance(changed, Unreadable):
        return Unknown(Reason.FILE_UNREADABLE, f"when {what} last changed: {changed.reason}", Written(span))
    if changed is None:
        return Absent(path.origin)
    return Known(_age(min(changed, as_of), as_of), Derived(f"history: {what} last changed on {changed.isoformat()}", (Written(span),)))


def _age(day: date, as_of: date) -> Duration:
    return Duration((as_of - day).days * DAY)
