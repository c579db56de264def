"""Failures as a GitLab code quality report (GitLab Docs, "Code Quality", "Code Quality report format", 2026-11).

Only failures that nobody accepted are entries: GitLab compares the fingerprints of two branches and shows what came and
what went, so every entry is a thing to repair. An entry whose fingerprint another one has would vanish.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from drpolicy.model.findings import Finding, Severity, Verdict
from drpolicy.model.report import Report
from drpolicy.reporters.printable import one_line
from drpolicy.reporters.sections import with_verdict

SEVERITIES: Final[dict[Severity, str]] = {
    "critical": "blocker",
    "high": "critical",
    "medium": "major",
    "low": "minor",
    "advice": "info",
}
"""What GitLab calls each severity."""


def render(report: Report) -> bytes:
    """Return the report as UTF-8 JSON, one entry a line."""
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    body = ",\n ".join(map(encode, _entries(report)))
    return (f"[\n {body}\n]\n" if body else "[]\n").encode("utf-8", "replace")


def _entries(report: Report) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding in with_verdict(report, Verdict.FAIL):
        seen[finding.fingerprint] += 1
        yield _entry(finding, seen[finding.fingerprint])


def _entry(finding: Finding, number: int) -> dict[str, Any]:
    return {
        "description": one_line(finding.message).strip() or "(nothing said)",
        "check_name": one_line(finding.policy),
        "fingerprint": _unique(finding.fingerprint, number),
        # What the gate does not count is information, however grave it would be elsewhere.
        "severity": SEVERITIES[finding.severity] if finding.gated else "info",
        "location": {"path": finding.span.path, "lines": {"begin": finding.span.start.line}},
    }


def _unique(fingerprint: str, number: int) -> str:
    # An empty one is refused with the whole file.
    return (fingerprint or "none") if number == 1 else f"{fingerprint or 'none'}-{number}"
