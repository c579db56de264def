"""The baseline: the findings that stood on the day the gate was switched on. They stay visible; their truth does not change.

An entry covers one finding, the one of its fingerprint, for as long as what decided it is what was accepted: it lapses
when the deciding values change or when more is at stake. What only time decides is never in a baseline; a waiver with a
date is for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from drpolicy.model.findings import SEVERITIES, BaselineMark, Diagnostic, Finding, Severity, Verdict
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field, replace

STANDING: Final = (Verdict.FAIL, Verdict.UNKNOWN)
"""Verdicts that a baseline can hold."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted finding, as it stood. ``since`` is the day it was first accepted."""

    fingerprint: str
    basis: str
    policy: str
    subject: str
    """``deployment//address``, for people and to tell what lies in a module that is not on disk."""
    verdict: Verdict
    severity: Severity
    since: str
    awaits: tuple[str, ...] = ()
    """For an undecided finding that only waits for modules that are not on disk: these, as ``deployment:address``."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries by fingerprint, and the paths that they were drawn up over."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    paths: tuple[str, ...] = (".",)


@dataclass(frozen=True, slots=True)
class Baselined:
    """Findings with the baseline laid over, and what of the baseline did not hold."""

    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]
    gone: tuple[Entry, ...]
    """Entries that no finding needs any more: what they accepted is repaired or removed."""


def apply_baseline(findings: Iterable[Finding], baseline: Baseline, unresolved: frozenset[str]) -> Baselined:
    """Mark what the baseline covers. ``unresolved`` are the modules that are not on disk, as ``deployment:address``."""
    left = dict(baseline.entries)
    result: list[Finding] = []
    lapsed: list[Diagnostic] = []
    for finding in findings:
        # Taken out: a second finding with the same fingerprint would be a new one.
        entry = left.pop(finding.fingerprint, None) if accepts(finding) else None
        if entry is None:
            result.append(finding)
        elif (why := _lapse(entry, finding, unresolved)) is not None:
            result.append(finding)
            message = f"{finding.policy} on {finding.subject.name} was in the baseline since {entry.since}: {why}"
            lapsed.append(Diagnostic("note", "baseline-lapsed", message, finding.span))
        else:
            result.append(replace(finding, baseline=BaselineMark(entry.since)))
    return Baselined(tuple(result), tuple(lapsed), tuple(entry for entry in left.values() if not _hidden(entry, unresolved)))


def accepts(finding: Finding) -> bool:
    """Whether a finding is one that a baseline can hold: it stands, nobody waived it, and it is not the date that decides."""
    return finding.verdict in STANDING and finding.waiver is None and not finding.calendar


def _lapse(entry: Entry, finding: Finding, unresolved: frozenset[str]) -> str | None:
    """Return why an entry does not cover the finding of its fingerprint, or ``None``."""
    if SEVERITIES.index(finding.severity) < SEVERITIES.index(entry.severity):
        return f"it was accepted as {entry.severity}, and is {finding.severity} now"
    if entry.basis == finding.basis and entry.verdict is finding.verdict:
        return None
    # Whether terraform init ran is no change: neither to a verdict that a module decides, nor away from it.
    arrived = bool(entry.awaits) and unresolved.isdisjoint(entry.awaits)
    if arrived or awaited(finding):
        return None
    return "what decided it has changed"


def awaited(finding: Finding) -> tuple[str, ...]:
    """Return the modules that an undecided finding waits for, as ``deployment:address``; empty when it waits for anything else."""
    if finding.verdict is not Verdict.UNKNOWN or any(each.unknown.reason is not Reason.MODULE_NOT_ON_DISK for each in finding.unknowns):
        return ()
    # Some symbols end in the module's source.
    return tuple(dict.fromkeys(each.unknown.symbol.partition(" (")[0] for each in finding.unknowns))


def _hidden(entry: Entry, unresolved: frozenset[str]) -> bool:
    """Whether the subject lies in a module that is not on disk: it is not gone, only not to be seen."""
    deployment, _, address = entry.subject.partition("//")
    return any(_inside(f"{deployment}:{address}", module) for module in unresolved)


def _inside(place: str, module: str) -> bool:
    return place.startswith(module) and place[len(module) : len(module) + 1] in {".", "["}


def drawn_up(findings: Iterable[Finding], previous: Baseline, paths: Sequence[str], unresolved: frozenset[str], as_of: date) -> Baseline:
    """Return the baseline of what stands now. What was accepted before keeps its day, as long as the entry holds."""
    entries: dict[str, Entry] = {each.fingerprint: each for each in previous.entries.values() if _hidden(each, unresolved)}
    for finding in findings:
        if accepts(finding):
            before = previous.entries.get(finding.fingerprint)
            held = before is not None and _lapse(before, finding, unresolved) is None
            if before is not None and held and awaited(finding):
                # What was accepted when the modules were there says more than that they are missing.
                entries.setdefault(finding.fingerprint, before)
                continue
            since = before.since if before is not None and held else as_of.isoformat()
            entries.setdefault(finding.fingerprint, entry_of(finding, since))
    return Baseline(entries, tuple(paths))


def entry_of(finding: Finding, since: str) -> Entry:
    """Return the entry that accepts a finding as it stands."""
    subject = finding.subject
    return Entry(
        finding.fingerprint,
        finding.basis,
        finding.policy,
        f"{subject.deployment}//{subject.address}",
        finding.verdict,
        finding.severity,
        since,
        awaited(finding),
    )


def pruned(baseline: Baseline, gone: Iterable[Entry]) -> Baseline:
    """Return the baseline without what is gone. Nothing is ever added."""
    names = {each.fingerprint for each in gone}
    return replace(baseline, entries={name: each for name, each in baseline.entries.items() if name not in names})
