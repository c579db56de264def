"""What a change does to the findings, on a terminal."""

from __future__ import annotations

from rich.text import Text

from drpolicy.model.report import Change, Report
from drpolicy.reporters import sentences
from drpolicy.reporters.printable import place
from drpolicy.reporters.text_ink import SEVERITY_STYLES, Ink

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
        lines += ink.wrapped(_line(word, change, ink), 2, hanging=2, limit=1 if limit is not None else None)
    if limit is not None and len(changes) > limit:
        lines.append(ink.text((f"  … and {sentences.number(len(changes) - limit, 'more change')}: --full", "dim")))
    return lines


def _line(word: str, change: Change, ink: Ink) -> Text:
    finding = change.finding
    return ink.text(
        (f"{word:<9}  ", _WORDS[word]),
        (f"{finding.severity:<8}  ", SEVERITY_STYLES[finding.severity]),
        (finding.policy, "bold"),
        f" ({finding.subject.name}): {change.why}",
        (f" ({place(finding.span)})", "cyan"),
    )
