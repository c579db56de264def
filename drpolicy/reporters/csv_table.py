"""The findings as CSV for a spreadsheet: RFC 4180, UTF-8, one finding a row, passes too."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Final

from drpolicy.model.findings import Finding
from drpolicy.model.report import Report
from drpolicy.reporters.printable import one_line

COLUMNS: Final = (
    "verdict",
    "accepted",
    "severity",
    "policy",
    "anti_pattern",
    "subject",
    "deployment",
    "environment",
    "services",
    "path",
    "line",
    "message",
    "not_known",
    "witness",
    "fingerprint",
)

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet evaluate a cell (OWASP, "CSV Injection")."""


def render(report: Report) -> bytes:
    """Return the table with its header."""
    out = StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    table.writerows([_cell(each) for each in _row(finding)] for finding in report.every())
    return out.getvalue().encode("utf-8", "replace")


def _row(finding: Finding) -> tuple[str, ...]:
    subject = finding.subject
    return (
        finding.verdict.value,
        _accepted(finding),
        finding.severity,
        finding.policy,
        finding.anti_pattern,
        subject.address,
        subject.deployment,
        subject.environment or "",
        " ".join(subject.services),
        finding.span.path,
        str(finding.span.start.line),
        finding.message,
        "; ".join(dict.fromkeys(f"{each.what}: {each.unknown.reason.label}" for each in finding.unknowns)),
        finding.witness,
        finding.fingerprint,
    )


def _accepted(finding: Finding) -> str:
    if finding.waiver is not None:
        return f"waived until {finding.waiver.until}"
    return f"in the baseline since {finding.baseline.since}" if finding.baseline is not None else ""


def _cell(text: str) -> str:
    clean = one_line(text)
    return "'" + clean if clean.startswith(_FORMULA) else clean
