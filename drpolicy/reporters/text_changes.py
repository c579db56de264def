"""What a change does to the findings, on a terminal."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

from drpolicy.model.report import Change, Report
from drpolicy.reporters import sentences
from drpolicy.reporters.printable import place
from drpolicy.reporters.text_ink import SEVERITY_STYLES, Ink

_INDENT = 2
_WORDS = {"worse": "bold red", "undecided": "yellow", "better": "green"}


def comparison_lines(report: Report, ink: Ink, limit: int | None) -> list[Text]:
    """Return what is worse, undecided and better since the base, one line each; with a ``limit``, the first of them."""
    comparison, said = report.comparison, sentences.compared(report)
    if comparison is None or said is None:
        return []
    changes = [
        *(("worse", each) for each in comparison.worse),
        *(("undecided", each) for each in comparison.undecided),
        *(("better", each) for each in comparison.better),
    ]
    lines = ink.wrapped(ink.text((said, "bold")), hanging=2)
    for word, change in changes[:limit]:
        lines += _lines(word, change, ink, whole=limit is None)
    if limit is not None and len(changes) > limit:
        lines.append(ink.text((f"  … and {sentences.number(len(changes) - limit, 'more change')}: --full", "dim")))
    return lines


def _lines(word: str, change: Change, ink: Ink, *, whole: bool) -> list[Text]:
    """Return a change on one line, or on two where its address is long: what it is and where, then why."""
    finding, why = change.finding, sentences.moved(change)
    head = ink.text(
        (f"{word:<9}  ", _WORDS[word]), (f"{finding.severity:<8}  ", SEVERITY_STYLES[finding.severity]), (finding.policy, "bold")
    )
    one = head + ink.text(f" ({finding.subject.name}): {why}", (f" ({place(finding.span)})", ink.at(finding.span)))
    if whole or one.cell_len <= ink.width - _INDENT:
        return ink.wrapped(one, _INDENT, hanging=_INDENT)
    where = ink.tail(place(finding.span), ink.width - _INDENT - head.cell_len - 2)
    subject = ink.tail(finding.subject.name, ink.width - 2 * _INDENT - cell_len(ink.plain(why)) - 2)
    below = ink.wrapped(ink.text(f"{subject}: {why}"), 2 * _INDENT, limit=1)
    return [*ink.wrapped(head + ink.text("  ", (where, ink.at(finding.span))), _INDENT, limit=1), *below]
