"""``drpolicy waivers list | check``: every waiver that was written, wherever it stands, and what has become of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from drpolicy.app.check import assemble
from drpolicy.app.reading import read
from drpolicy.app.settings import Settings
from drpolicy.app.waiving import waivers_of
from drpolicy.model.findings import Diagnostic
from drpolicy.model.spans import Span
from drpolicy.reporters.printable import one_line
from drpolicy.triage.waivers import Waiver

CODE: Final = "waiver-"

STATES: Final[Mapping[str, str]] = {
    "waiver-expired": "expired",
    "waiver-unused": "unused",
    "waiver-unknown-policy": "unknown policy",
    "waiver-not-formal": "not formal",
    "waiver-too-long": "too long",
    "waiver-expiring": "expiring",
}
"""What a diagnostic says of its waiver, in a column; without one the waiver holds."""


def run(action: str, settings: Settings) -> tuple[str, bool]:
    """Carry out an action; return what to print, and whether every waiver is well formed, in use and in force."""
    found = read(settings)
    report = assemble(settings, found)
    # Of a configuration that cannot be read at all, no waiver is known.
    codes = (CODE,) if found.configuration is not None else (CODE, "config-invalid")
    problems = [each for each in report.diagnostics if each.code.startswith(codes)]
    good = all(each.level == "note" for each in problems)
    if action == "check":
        return "\n".join(_checked(problems)), good
    waivers, _ = waivers_of(found)
    # An inline waiver and one of a register may stand at one place only once.
    states = {each.span: STATES[each.code] for each in problems if each.code in STATES and each.span is not None}
    malformed = [each for each in problems if each.code not in STATES]
    return "\n".join((*_table(waivers, states), *map(_line, malformed))), True


def _table(waivers: Sequence[Waiver], states: Mapping[Span, str]) -> Iterator[str]:
    rows = [_row(each, states.get(each.span, "holds")) for each in sorted(waivers, key=lambda each: (each.until, str(each.span)))]
    head = ("until", "state", "policy", "subject", "owner", "approver", "where")
    widths = [max(len(row[at]) for row in (head, *(row[:-1] for row in rows))) for at in range(len(head))]
    if rows:
        yield "  ".join(text.ljust(width) for text, width in zip(head, widths, strict=True)).rstrip()
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row[:-1], widths, strict=True)).rstrip()
        yield f"            {row[-1]}"
    yield f"{len(rows)} waiver{'' if len(rows) == 1 else 's'}"


def _row(waiver: Waiver, state: str) -> tuple[str, ...]:
    subject = waiver.subject or "its block"
    texts = (
        waiver.until.isoformat(),
        state,
        waiver.policy,
        subject,
        waiver.owner or "-",
        waiver.approver or "-",
        str(waiver.span),
        waiver.reason,
    )
    return tuple(map(one_line, texts))


def _checked(problems: Sequence[Diagnostic]) -> Iterator[str]:
    yield from map(_line, problems)
    wrong = sum(each.level != "note" for each in problems)
    yield f"{wrong} waiver{'' if wrong == 1 else 's'} to repair" if wrong else "every waiver is in use and in force"


def _line(diagnostic: Diagnostic) -> str:
    return one_line(f"{diagnostic.level}: {diagnostic.span or diagnostic.path}: {diagnostic.message}")
