"""Findings of every verdict as SARIF results (OASIS SARIF 2.1.0 sections 3.27.9 kind, 3.27.10 level, 3.27.24 baselineState, 3.35)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.report import Report
from drpolicy.reporters.printable import one_line
from drpolicy.reporters.sarif_results import physical, result

KINDS: Final = {Verdict.FAIL: "fail", Verdict.UNKNOWN: "open", Verdict.PASS: "pass", Verdict.NOT_APPLICABLE: "notApplicable"}

Fields = dict[str, Any]


def full_result(finding: Finding, rule: int, states: Mapping[str, str] | None) -> Fields:
    """Return the result of a finding; with ``states``, those of ``baseline_states``, what it was at the base of a comparison."""
    fields = result(finding, rule)
    fields["kind"] = KINDS[finding.verdict]
    if finding.verdict is not Verdict.FAIL:
        # A level is how grave a failure is; SARIF wants "none" on everything else.
        fields["level"] = "none"
    if finding.accepted:
        fields["suppressions"] = [_suppression(finding)]
    if finding.unknowns:
        fields["properties"]["unknowns"] = [
            {"what": one_line(each.what), "reason": each.unknown.reason.label, "settle": each.unknown.reason.settle}
            for each in finding.unknowns
        ]
    if states is not None:
        fields["baselineState"] = states.get(finding.fingerprint, "unchanged")
    return fields


def _suppression(finding: Finding) -> Fields:
    waiver = finding.waiver
    if waiver is None:
        since = finding.baseline.since if finding.baseline is not None else ""
        return {"kind": "external", "status": "accepted", "justification": f"in the baseline since {one_line(since)}"}
    said = f"until {waiver.until}: {waiver.reason}" + (f" ({waiver.owner})" if waiver.owner else "")
    fields: Fields = {"kind": "external", "status": "accepted", "justification": one_line(said)}
    if waiver.span is not None:
        fields["location"] = {"physicalLocation": physical(waiver.span)}
        # A waiver in the file of what it accepts stands in the code; one elsewhere, in a register.
        fields["kind"] = "inSource" if waiver.span.path == finding.span.path else "external"
    return fields


def baseline_states(report: Report) -> dict[str, str] | None:
    """Return ``new`` or ``updated`` for what a change moved; ``None`` when nothing was compared."""
    if report.comparison is None:
        return None
    moved = (*report.comparison.worse, *report.comparison.undecided, *report.comparison.better)
    return {each.finding.fingerprint: "new" if each.before is None else "updated" for each in moved}
