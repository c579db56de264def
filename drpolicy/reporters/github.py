"""Failures as annotations of a GitHub workflow (GitHub Docs, "Workflow commands for GitHub Actions", 2026-11).

GitHub shows ten annotations of each kind for a step and drops the others without a word: the worst nine are written, and
one that says how many more there are. With ``--diff`` they are those that the change brings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from drpolicy.model.findings import Finding, Severity
from drpolicy.model.report import Report
from drpolicy.reporters import sentences
from drpolicy.reporters.printable import one_line
from drpolicy.reporters.sections import brought, counting

Kind = Literal["error", "warning", "notice"]

KINDS: Final[dict[Severity, Kind]] = {"critical": "error", "high": "error", "medium": "warning", "low": "notice", "advice": "notice"}
LIMIT: Final = 10
"""Annotations of one kind that GitHub shows for a step."""


def render(report: Report) -> str:
    """Return one workflow command a line, and then the summary as plain lines of the log."""
    return "\n".join([*_annotations(report), *_summary(report)]) + "\n"


def _annotations(report: Report) -> Iterator[str]:
    by_kind: dict[Kind, list[Finding]] = {"error": [], "warning": [], "notice": []}
    for finding in counting(brought(report)):
        by_kind[KINDS[finding.severity] if finding.gated else "notice"].append(finding)
    for kind, findings in by_kind.items():
        shown = findings if len(findings) <= LIMIT else findings[: LIMIT - 1]
        yield from (_annotation(kind, each) for each in shown)
        if len(shown) < len(findings):
            yield f"::{kind} title=drpolicy::{sentences.number(len(findings) - len(shown), 'more finding')} in the log and the reports"


def _annotation(kind: Kind, finding: Finding) -> str:
    line, column = finding.span.start
    # No end: GitHub refuses a region that ends where the file does.
    fields = {"file": finding.span.path, "line": str(line), "col": str(column), "title": f"{finding.policy} ({finding.severity})"}
    said = ",".join(f"{name}={_property(text)}" for name, text in fields.items())
    return f"::{kind} {said}::{_data(finding.message)}"


def _summary(report: Report) -> Iterator[str]:
    for line in (
        " · ".join(sentences.summary(report)),
        sentences.by_calendar(brought(report)),
        sentences.compared(report),
        sentences.nothing_held(report),
        sentences.gate(report),
    ):
        if line:
            yield _plain(line)


def _data(text: str) -> str:
    """Return text as ``@actions/core`` escapes the data of a command."""
    return _plain(text.replace("%", "%25"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _plain(text: str) -> str:
    # The runner still finds commands of the old form anywhere in a line.
    return one_line(text).replace("##[", "## [")
