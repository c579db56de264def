"""The gate: from findings and diagnostics to an outcome, apart from both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, Literal

from drpolicy.model.findings import SEVERITIES, Diagnostic, Finding, Severity, Verdict
from drpolicy.model.records import dataclass
from drpolicy.model.report import GATE_COUNTS, Change, Comparison, Gate, GateCount, GateCounted, GateFacts

Reaction = Literal["ignore", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What makes the gate fail. ``preset`` gives the rest when it is not said."""

    preset: Gate = "pr"
    fail_on: Severity = "high"
    on_unknown: Reaction = "warn"
    on_incomplete: Reaction = "fail"
    on_lost: Reaction = "fail"
    """What a change does that breaks what passed before it, however little is known to rest on it."""


PRESETS: Final[Mapping[Gate, GateSettings]] = {
    "hook": GateSettings("hook", "high", "warn", "warn", "fail"),
    "pr": GateSettings("pr", "high", "warn", "fail", "fail"),
    "audit": GateSettings("audit", "high", "warn", "fail", "fail"),
}
"""``hook`` never stops a commit for what it could not read; what depends on the calendar fails only ``audit``."""


def fails(finding: Finding, settings: GateSettings) -> bool:
    """Whether a finding makes the gate fail."""
    if finding.accepted or not finding.gated:
        return False
    if finding.calendar and settings.preset != "audit":
        return False
    serious = SEVERITIES.index(finding.severity) <= SEVERITIES.index(settings.fail_on)
    if finding.verdict is Verdict.UNKNOWN:
        return serious and settings.on_unknown == "fail"
    return serious and finding.verdict is Verdict.FAIL


def decide(findings: Iterable[Finding], diagnostics: Sequence[Diagnostic], settings: GateSettings, *, empty: bool = False) -> GateFacts:
    """Return the outcome with its reasons. An audit of nothing is incomplete: ``empty`` says that no data was found."""
    return _decided(_counted("standing", [finding for finding in findings if fails(finding, settings)]), diagnostics, settings, empty)


def decide_change(comparison: Comparison, diagnostics: Sequence[Diagnostic], settings: GateSettings, *, empty: bool = False) -> GateFacts:
    """Return the outcome of a change: only what it makes worse counts, what it breaks, and critical stores that it leaves undecided."""
    failing = [each.finding for each in (*comparison.worse, *comparison.undecided) if fails(each.finding, settings)]
    failing += [each.finding for each in comparison.undecided if obscures(each) and each.finding not in failing]
    lost = [each.finding for each in comparison.worse if loses(each, settings) and each.finding not in failing]
    return _decided((*_counted("brought", failing), *_counted("lost", lost)), diagnostics, settings, empty)


def loses(change: Change, settings: GateSettings) -> bool:
    """Whether a change breaks what passed: somebody took that care, whether or not a service is declared. Advice stays advice."""
    finding = change.finding
    counts = finding.gated and not finding.accepted and not (finding.calendar and settings.preset != "audit")
    broken = change.before is Verdict.PASS and change.after is Verdict.FAIL
    return settings.on_lost == "fail" and broken and counts and finding.severity != "advice"


def obscures(change: Change) -> bool:
    """Whether a change leaves a critical store undecided that was not known to fail before."""
    finding = change.finding
    critical = finding.severity == "critical" and finding.subject.kind == "Store" and finding.gated and not finding.accepted
    return critical and change.after is Verdict.UNKNOWN and change.before is not Verdict.FAIL and not finding.calendar


def _counted(what: GateCounted, failing: Sequence[Finding]) -> tuple[GateCount, ...]:
    if not failing:
        return ()
    return (GateCount(what, len(failing), min(failing, key=lambda each: SEVERITIES.index(each.severity)).severity),)


def _reason(counted: GateCount, settings: GateSettings) -> str:
    findings = f"{counted.count} finding{'s' if counted.count != 1 else ''}"
    return GATE_COUNTS[counted.what].format(findings=findings, severity=settings.fail_on, worst=counted.worst)


def _decided(counts: tuple[GateCount, ...], diagnostics: Sequence[Diagnostic], settings: GateSettings, empty: bool) -> GateFacts:
    reasons = tuple(_reason(each, settings) for each in counts)
    invalid = _first(_placed(each) for each in diagnostics if each.effect == "invalid")
    if invalid:
        return GateFacts("invalid", settings.fail_on, (*invalid, *reasons), counts)
    incomplete = _first(each.message for each in diagnostics if each.effect == "incomplete")
    if counts:
        return GateFacts("failed", settings.fail_on, reasons, counts)
    if incomplete and settings.on_incomplete == "fail":
        return GateFacts("incomplete", settings.fail_on, incomplete)
    if empty and settings.preset == "audit":
        return GateFacts("incomplete", settings.fail_on, ("nothing that holds data was found",))
    return GateFacts("passed", settings.fail_on, ())


_NAMED: Final = 5
"""Messages that the gate's own sentence gives; the diagnostics are all there."""


def _first(messages: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(messages), _NAMED))


def _placed(diagnostic: Diagnostic) -> str:
    """Return the message with the file that it is about: what is invalid says nothing of it by itself."""
    span = diagnostic.span
    where = f"{span.path}:{span.start.line}" if span is not None else diagnostic.path
    return f"{where}: {diagnostic.message}" if where else diagnostic.message
