"""Waivers: a dated, owned, reasoned acceptance of a finding. The finding stays visible; its truth does not change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

from drpolicy.model.durations import Duration
from drpolicy.model.findings import Diagnostic, Finding, Severity, Verdict, WaiverMark
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
    """Pattern of addresses or ``deployment//address``, in which ``*`` is any text and ``?`` any character; empty for an inline waiver."""
    reason: str
    until: date
    owner: str
    formal: bool
    """Whether it is a register entry with owner, approver and ticket."""
    span: Span
    approver: str = ""
    ticket: str = ""
    extent: Span | None = None
    """For an inline waiver: the block or document it stands in or directly above. Of a module call, all that the call makes."""


@dataclass(frozen=True, slots=True)
class Waived:
    """Findings with their waivers laid over, and what is wrong with the waivers."""

    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]


def apply_waivers(
    findings: Iterable[Finding],
    waivers: Sequence[Waiver],
    policies: Mapping[str, str],
    as_of: date,
    limits: Mapping[Severity, Duration] | None = None,
) -> Waived:
    """Mark what is waived. Expired, unused and unknown waivers, and those that may not waive, are diagnostics.

    ``policies`` gives the id of a policy under each name that it has or had; ``limits`` how far ahead of ``as_of`` the last
    day of a waiver may lie, by the severity of what it waives.
    """
    used: set[int] = set()
    result: list[Finding] = []
    diagnostics: dict[tuple[str, Span], Diagnostic] = {}
    current = [(number, each) for number, each in enumerate(waivers) if as_of <= each.until]
    for finding in findings:
        marked = finding
        if finding.verdict in (Verdict.FAIL, Verdict.UNKNOWN):
            for number, waiver in current:
                if policies.get(waiver.policy) != finding.policy or not _covers(waiver, finding):
                    continue
                used.add(number)
                refusal = _refusal(waiver, finding, as_of, limits or {})
                if refusal is not None:
                    diagnostics[refusal.code, waiver.span] = refusal
                    continue
                marked = replace(finding, waiver=_mark(waiver))
                break
        result.append(marked)
    for number, waiver in enumerate(waivers):
        problem = _problem(waiver, number in used, policies, as_of)
        if problem is not None:
            diagnostics.setdefault((problem.code, waiver.span), problem)
    return Waived(tuple(result), tuple(diagnostics.values()))


def _mark(waiver: Waiver) -> WaiverMark:
    return WaiverMark(waiver.reason, waiver.until.isoformat(), waiver.owner, waiver.span, waiver.approver, waiver.ticket)


def _refusal(waiver: Waiver, finding: Finding, as_of: date, limits: Mapping[Severity, Duration]) -> Diagnostic | None:
    """Return why a waiver may not waive a finding that it covers, or ``None``."""
    what = f"{finding.policy} is {finding.severity} here"
    if finding.severity in REGISTER_ONLY and not waiver.formal:
        lacks = [f"no {name}" for name in ("approver", "ticket") if not getattr(waiver, name)] if waiver.extent is None else []
        here = f"; this one has {' and '.join(lacks)}" if lacks else ""
        message = f"{what}: only a register entry with owner, approver and ticket waives it{here}"
        return Diagnostic("warning", "waiver-not-formal", message, waiver.span)
    limit = limits.get(finding.severity)
    ahead = (waiver.until - as_of).days
    if limit is not None and ahead * 86_400 > limit.seconds:
        message = f"{what}: a waiver of it may run {limit} from today, and this one runs {ahead}d, until {waiver.until.isoformat()}"
        return Diagnostic("warning", "waiver-too-long", message, waiver.span)
    return None


def _covers(waiver: Waiver, finding: Finding) -> bool:
    if waiver.extent is not None:
        return any(_holds(waiver.extent, place) for place in (finding.span, *finding.made_by))
    subject = finding.subject
    names = (subject.address, f"{subject.deployment}//{subject.address}", subject.name)
    # Brackets are an address's own, as in module.db[0].aws_db_instance.this["a"], and no set of characters.
    pattern = waiver.subject.replace("[", "[[]")
    return any(fnmatchcase(name, pattern) for name in names)


def _holds(extent: Span, place: Span) -> bool:
    # By position: a generated file has the places of the file that it is written in, and offsets of its own.
    return extent.path == place.path and extent.start <= place.start < extent.end


def _problem(waiver: Waiver, used: bool, policies: Mapping[str, str], as_of: date) -> Diagnostic | None:
    if waiver.policy not in policies:
        near = get_close_matches(waiver.policy, policies, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return Diagnostic("warning", "waiver-unknown-policy", f"no policy is called {waiver.policy!r}{hint}", waiver.span)
    if waiver.until < as_of:
        return Diagnostic("warning", "waiver-expired", f"the waiver of {waiver.policy} held until {waiver.until.isoformat()}", waiver.span)
    if not used:
        return Diagnostic("warning", "waiver-unused", f"nothing here needs the waiver of {waiver.policy}; remove it", waiver.span)
    if waiver.until - as_of <= NOTICE:
        return Diagnostic("note", "waiver-expiring", f"the waiver of {waiver.policy} ends on {waiver.until.isoformat()}", waiver.span)
    return None
