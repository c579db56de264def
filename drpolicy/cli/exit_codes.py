"""Exit codes, and which one wins: 70, then 2, 1, 3, 0."""

from __future__ import annotations

from typing import Final

from drpolicy.model.report import Report

PASSED: Final = 0
FAILED: Final = 1
"""The gate failed."""
INVALID: Final = 2
"""Usage, configuration, policy, declaration or waiver invalid; what could be read is still reported."""
INCOMPLETE: Final = 3
"""Input of a judged deployment could not be read, or live access was denied."""
INTERNAL: Final = 70
"""A bug; never confused with a finding."""


def code_of(report: Report, *, require_subjects: bool) -> int:
    """Return the exit code of a report."""
    match report.gate.outcome:
        case "invalid":
            return INVALID
        case "failed":
            return FAILED
        case "incomplete":
            return INCOMPLETE
        case "passed":
            nothing = report.coverage.stores == 0 and not report.services
            return INCOMPLETE if require_subjects and nothing else PASSED
