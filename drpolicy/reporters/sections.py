"""What text, Markdown and HTML show of a report, grouped once: counts, causes, open questions, waivers, services, controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.report import Report, ServiceFacts
from drpolicy.model.spans import Span


@dataclass(frozen=True, slots=True)
class Counts:
    """Findings by verdict. Waived ones are counted as waived only, so that the five add up to all findings."""

    passed: int
    failed: int
    unknown: int
    not_applicable: int
    waived: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures that one written place decides: the worst of them, and what else it breaks."""

    finding: Finding
    others: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One unknown thing, how to settle it, and the undecided findings that wait for it."""

    what: str
    reason: str
    settle: str
    span: Span | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ServiceFailures:
    """The failures that concern a service; ``service`` is ``None`` for those that no declared service could be tied to."""

    service: ServiceFacts | None
    causes: tuple[Cause, ...]


def counts(report: Report) -> Counts:
    """Count the findings of a report."""
    verdicts = Counter(finding.verdict for finding in report.findings if finding.waiver is None)
    return Counts(
        passed=verdicts[Verdict.PASS],
        failed=verdicts[Verdict.FAIL],
        unknown=verdicts[Verdict.UNKNOWN],
        not_applicable=verdicts[Verdict.NOT_APPLICABLE],
        waived=len(report.findings) - verdicts.total(),
    )


def with_verdict(report: Report, verdict: Verdict) -> Iterator[Finding]:
    """Iterate over the findings of one verdict that nobody waived, in the order of the report."""
    return (finding for finding in report.findings if finding.verdict is verdict and finding.waiver is None)


def waived(report: Report) -> tuple[Finding, ...]:
    """Return the waived findings, the first to expire first."""
    marked = [(finding.waiver.until, finding) for finding in report.findings if finding.waiver is not None]
    return tuple(finding for _, finding in sorted(marked, key=lambda each: each[0]))


def causes(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Group failures by their cause, in the order given; what the gate does not count comes last."""
    groups: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda each: not each.gated):
        groups.setdefault(finding.cause or finding.fingerprint, []).append(finding)
    return tuple(Cause(group[0], tuple(group[1:])) for group in groups.values())


def failures(report: Report) -> tuple[Cause, ...]:
    """Return the causes of all failures that nobody waived, worst first."""
    return causes(with_verdict(report, Verdict.FAIL))


def questions(report: Report) -> tuple[Question, ...]:
    """Group what is not known by its symbol; what settles the most verdicts comes first.

    An undecided finding that names no unknown is a question of its own: nothing undecided is left out.
    """
    first: dict[str, Question] = {}
    waiting: dict[str, list[Finding]] = {}
    for finding in with_verdict(report, Verdict.UNKNOWN):
        asked = {
            each.unknown.symbol: Question(each.what, each.unknown.reason.label, each.unknown.reason.settle, each.span, ())
            for each in reversed(finding.unknowns)
        }
        if not asked:
            explain = f"run drpolicy explain {finding.policy}"
            asked = {f"finding {finding.fingerprint}": Question(finding.message, "not decided", explain, finding.span, ())}
        for symbol, question in asked.items():
            first.setdefault(symbol, question)
            waiting.setdefault(symbol, []).append(finding)
    ordered = sorted(first, key=lambda symbol: (-len(waiting[symbol]), symbol))
    return tuple(
        Question(each.what, each.reason, each.settle, each.span, tuple(waiting[symbol])) for symbol in ordered for each in (first[symbol],)
    )


def failures_by_service(report: Report) -> tuple[ServiceFailures, ...]:
    """Group the causes of failures by declared service, in the order of the report; the rest comes last.

    A failure concerns a service when the service has a stake in its subject, or when it has the same cause as one that
    does. It may concern several.
    """
    failed = tuple(with_verdict(report, Verdict.FAIL))
    about: dict[str, list[int]] = {}
    decided: dict[str, list[int]] = {}
    for at, finding in enumerate(failed):
        for name in finding.subject.services:
            about.setdefault(name, []).append(at)
        if finding.cause:
            decided.setdefault(finding.cause, []).append(at)
    tied: set[int] = set()
    sections = []
    for service in report.services:
        concern = set(about.get(service.name, ()))
        concern.update([other for at in concern for other in decided.get(failed[at].cause, ())])
        if concern:
            sections.append(ServiceFailures(service, causes(failed[at] for at in sorted(concern))))
            tied |= concern
    rest = causes(finding for at, finding in enumerate(failed) if at not in tied)
    return (*sections, ServiceFailures(None, rest)) if rest else tuple(sections)
