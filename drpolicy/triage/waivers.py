"""Waivers: a dated, owned, reasoned acceptance of a finding. The finding stays visible; its truth does not change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import Final

from drpolicy.model.findings import Diagnostic, Finding, Verdict, WaiverMark
from drpolicy.model.records import dataclass, replace
from drpolicy.model.spans import Span

REGISTER_ONLY: Final = ("critical", "high")
"""Severities that only a register entry with owner, approver and ticket can waive."""

NOTICE: Final = timedelta(days=14)
"""How long before its last day a waiver is announced."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver, whatever its form. ``until`` is the last day it holds."""

    policy: str
    subject: str
    """Glob of addresses or ``deployment//address``; empty for an inline waiver."""
    reason: str
    until: date
    owner: str
    formal: bool
    """Whether it is a register entry with owner, approver and ticket."""
    span: Span
    extent: Span | None = None
    """For an inline waiver: the block or document it stands in or directly above."""


@dataclass(frozen=True, slots=True)
class Waived:
    """Findings with their waivers laid over, and what is wrong with the waivers."""

    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]


def apply_waivers(findings: Iterable[Finding], waivers: Sequence[Waiver], known_policies: frozenset[str], as_of: date) -> Waived:
    """Mark what is waived. Expired, unused and unknown waivers, and those that may not waive, are diagnostics."""
    used: set[int] = set()
    result: list[Finding] = []
    diagnostics: dict[tuple[str, Span], Diagnostic] = {}
    current = [(number, each) for number, each in enumerate(waivers) if as_of <= each.until]
    for finding in findings:
        marked = finding
        if finding.verdict in (Verdict.FAIL, Verdict.UNKNOWN):
            for number, waiver in current:
                if not _covers(waiver, finding):
                    continue
                used.add(number)
                if finding.severity in REGISTER_ONLY and not waiver.formal:
                    message = (
                        f"{finding.policy} is {finding.severity} here: only a register entry with owner, approver and ticket waives it"
                    )
                    diagnostics["waiver-not-formal", waiver.span] = Diagnostic("warning", "waiver-not-formal", message, waiver.span)
                    continue
                marked = replace(finding, waiver=WaiverMark(waiver.reason, waiver.until.isoformat(), waiver.owner, waiver.span))
                break
        result.append(marked)
    for number, waiver in enumerate(waivers):
        problem = _problem(waiver, number in used, known_policies, as_of)
        if problem is not None:
            diagnostics.setdefault((problem.code, waiver.span), problem)
    return Waived(tuple(result), tuple(diagnostics.values()))


def _covers(waiver: Waiver, finding: Finding) -> bool:
    if waiver.policy != finding.policy:
        return False
    if waiver.extent is not None:
        same_file = waiver.extent.path == finding.span.path
        # By position: a generated file has the places of the file that it is written in, and offsets of its own.
        return same_file and waiver.extent.start <= finding.span.start < waiver.extent.end
    subject = finding.subject
    names = (subject.address, f"{subject.deployment}//{subject.address}", subject.name)
    return any(fnmatchcase(name, waiver.subject) for name in names)


def _problem(waiver: Waiver, used: bool, known: frozenset[str], as_of: date) -> Diagnostic | None:
    if waiver.policy not in known:
        return Diagnostic("warning", "waiver-unknown-policy", f"no policy is called {waiver.policy!r}", waiver.span)
    if waiver.until < as_of:
        return Diagnostic("warning", "waiver-expired", f"the waiver of {waiver.policy} held until {waiver.until.isoformat()}", waiver.span)
    if not used:
        return Diagnostic("warning", "waiver-unused", f"nothing here needs the waiver of {waiver.policy}; remove it", waiver.span)
    if waiver.until - as_of <= NOTICE:
        return Diagnostic("note", "waiver-expiring", f"the waiver of {waiver.policy} ends on {waiver.until.isoformat()}", waiver.span)
    return None
