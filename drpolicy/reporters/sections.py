"""What text, Markdown and HTML show of a report, grouped once: counts, causes, waivers, services, controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from drpolicy.model.findings import SEVERITIES, Evidence, Finding, Verdict
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass, replace
from drpolicy.model.report import Report, ServiceFacts
from drpolicy.model.spans import Span


@dataclass(frozen=True, slots=True)
class Counts:
    """Findings by verdict. What is waived, in the baseline or left to an audit is counted as that only, so that the seven add up to all."""

    passed: int
    failed: int
    unknown: int
    not_applicable: int
    waived: int
    baselined: int
    calendar: int
    """Failures that depend on the date, where the gate is not that of an audit."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures that one written place decides: the worst of them, and what else it breaks."""

    finding: Finding
    others: tuple[Finding, ...]

    @property
    def services(self) -> tuple[str, ...]:
        """The services that it concerns, those of the worst finding first."""
        return tuple(dict.fromkeys(name for finding in (self.finding, *self.others) for name in _concerned(finding)))

    @property
    def here(self) -> tuple[Finding, ...]:
        """What else is wrong at the same place."""
        return tuple(each for each in self.others if each.span == self.finding.span)

    @property
    def elsewhere(self) -> tuple[Finding, ...]:
        """What the place breaks elsewhere."""
        return tuple(each for each in self.others if each.span != self.finding.span)


@dataclass(frozen=True, slots=True)
class ServiceFailures:
    """The failures that concern a service; ``service`` is ``None`` for those that no declared service could be tied to."""

    service: ServiceFacts | None
    causes: tuple[Cause, ...]


def counts(report: Report) -> Counts:
    """Count the findings of a report."""
    verdicts = Counter(finding.verdict for finding in report.findings if not finding.accepted)
    waived = sum(finding.waiver is not None for finding in report.findings)
    calendar = len(left_to_audits(report))
    return Counts(
        passed=verdicts[Verdict.PASS],
        failed=verdicts[Verdict.FAIL] - calendar,
        unknown=verdicts[Verdict.UNKNOWN],
        not_applicable=verdicts[Verdict.NOT_APPLICABLE] + len(report.not_applicable),
        waived=waived,
        baselined=len(report.findings) - verdicts.total() - waived,
        calendar=calendar,
    )


def with_verdict(report: Report, verdict: Verdict) -> Iterator[Finding]:
    """Iterate over the findings of one verdict that nobody accepted, in the order of the report."""
    return (finding for finding in report.findings if finding.verdict is verdict and not finding.accepted)


def left_to_audits(report: Report) -> tuple[Finding, ...]:
    """Return the failures that depend on the date, which only the gate of an audit counts; in one, none is left."""
    if report.run.gate == "audit":
        return ()
    return tuple(finding for finding in with_verdict(report, Verdict.FAIL) if finding.calendar)


def counting(report: Report) -> Iterator[Finding]:
    """Iterate over the failures that nobody accepted, without those that are left to audits, in the order of the report."""
    audit = report.run.gate == "audit"
    return (finding for finding in with_verdict(report, Verdict.FAIL) if audit or not finding.calendar)


def waived(report: Report) -> tuple[Finding, ...]:
    """Return the waived findings, the first to expire first."""
    marked = [(finding.waiver.until, finding) for finding in report.findings if finding.waiver is not None]
    return tuple(finding for _, finding in sorted(marked, key=lambda each: each[0]))


def baselined(report: Report) -> tuple[Finding, ...]:
    """Return the findings that the baseline covers, in the order of the report."""
    return tuple(finding for finding in report.findings if finding.baseline is not None)


def causes(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Group failures by what decides them, worst first.

    Failures of one ``cause`` belong together, and so does one whose evidence leads to the place of another that is at
    least as severe: of several at one place, as those of a module's instances are, only the ones that it leads there. Among
    equals come first those on what can be repaired where it stands, before what a service misses because of it; then the
    cause that breaks most. What the gate does not count comes last.
    """
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.cause or finding.fingerprint, []).append(finding)
    ordered = list(_apart([tuple(sorted(group, key=_standing)) for group in groups.values()]))
    merged: dict[int, list[Finding]] = {}
    for at, root in enumerate(_roots(ordered)):
        merged.setdefault(root, list(ordered[root])).extend(ordered[at] if at != root else ())
    found = [Cause(group[0], tuple(group[1:])) for group in merged.values()]
    return tuple(sorted(found, key=lambda each: (*_standing(each.finding), -len(each.others))))


def _apart(groups: Sequence[tuple[Finding, ...]]) -> Iterator[tuple[Finding, ...]]:
    """Yield the groups, those whose findings follow from different others, or only in part from one, in pieces."""
    places = _places(groups)
    for group in groups:
        pieces: dict[int, list[Finding]] = {}
        for finding in group:
            ahead = (groups[places[span]] for span in _leading(finding, groups, places))
            root = next((id(each) for each in ahead if each is not group and _comes_before(each[0], finding)), 0)
            pieces.setdefault(root, []).append(finding)
        yield from map(tuple, pieces.values())


def _places(groups: Sequence[tuple[Finding, ...]]) -> dict[Span, int]:
    """Return the group that stands at each place, by its number.

    What stands at the head of a block for a whole deployment, as of its providers, explains nothing else that rests on that block.
    """
    places: dict[Span, int] = {}
    for at, group in enumerate(groups):
        for finding in group:
            if finding.subject.kind != "Deployment" or not finding.span.text.endswith("{"):
                places.setdefault(finding.span, at)
    return places


def _leading(finding: Finding, groups: Sequence[tuple[Finding, ...]], places: Mapping[Span, int]) -> Iterator[Span]:
    """Yield the places of other findings that the evidence of a finding leads to.

    At the head of a block stands all that the block does not write: of the same subject, only what rests on the same fact follows.
    """
    for evidence in finding.evidence:
        if evidence.span is None or evidence.span not in places:
            continue
        there = groups[places[evidence.span]]
        apart = evidence.span.text.endswith("{") and there[0].subject == finding.subject
        if not apart or any(each.text == evidence.text for each in there[0].evidence):
            yield evidence.span


def _concerned(finding: Finding) -> tuple[str, ...]:
    subject = finding.subject
    return (subject.name, *subject.services) if subject.kind == "Service" else subject.services


def _standing(finding: Finding) -> tuple[bool, int, bool, bool]:
    return not finding.gated, SEVERITIES.index(finding.severity), finding.calendar, finding.subject.kind == "Service"


def _roots(groups: Sequence[tuple[Finding, ...]]) -> list[int]:
    """Return for each group the group whose place it follows from, or itself."""
    places = _places(groups)
    roots = list(range(len(groups)))
    for at, group in enumerate(groups):
        head = group[0]
        for span in _leading(head, groups, places):
            to = places[span] if span != head.span else at
            while roots[to] != to:
                to = roots[to]
            if to != at and _comes_before(groups[to][0], head):
                roots[at] = to
                break
    for at in range(len(roots)):
        while roots[roots[at]] != roots[at]:
            roots[at] = roots[roots[at]]
    return roots


def _comes_before(one: Finding, other: Finding) -> bool:
    """Whether a finding may stand for another: nothing is hidden behind something that counts for less."""
    serious = SEVERITIES.index(one.severity) <= SEVERITIES.index(other.severity)
    return serious and (one.gated, one.witness, one.calendar) == (other.gated, other.witness, other.calendar)


_PLAIN: Final = deferred(r"[^,]+(?:: (?:yes|no)| is \S+)")


def telling(finding: Finding) -> tuple[Evidence, ...]:
    """Return the evidence that says more than the line the finding stands on, which every format shows."""
    return tuple(each for each in finding.evidence if each.span != finding.span or not _PLAIN.fullmatch(each.text))


def brought(report: Report) -> Report:
    """Return the report with no other findings than those that the change makes worse; without a comparison, the report itself."""
    if report.comparison is None:
        return report
    return replace(report, findings=tuple(each.finding for each in report.comparison.worse), not_applicable=())


def failures(report: Report) -> tuple[Cause, ...]:
    """Return the causes of all failures that nobody accepted and that this gate looks at, worst first."""
    return causes(counting(report))


def failures_by_service(report: Report) -> tuple[ServiceFailures, ...]:
    """Group the causes of failures by declared service, each cause once: with the first service that its worst finding concerns.

    Services come in the order of their worst cause; what concerns no declared service comes last.
    """
    declared = {service.name: service for service in report.services}
    groups: dict[str, list[Cause]] = {}
    for cause in failures(report):
        groups.setdefault(next((name for name in cause.services if name in declared), ""), []).append(cause)
    rest = groups.pop("", [])
    sections = [ServiceFailures(declared[name], tuple(found)) for name, found in groups.items()]
    return (*sections, ServiceFailures(None, tuple(rest))) if rest else tuple(sections)
