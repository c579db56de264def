"""The field guide's boxes, ticked by findings and nothing else."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from drpolicy.app.policies import Policies
from drpolicy.catalog.guide.checklist import GuideItem, guide
from drpolicy.declarations.documents import EvidenceDeclaration
from drpolicy.model.findings import Finding, Grade, Verdict
from drpolicy.model.records import replace
from drpolicy.model.report import WORD_ALONE, Box, BoxReason, BoxState, ServiceFacts
from drpolicy.model.spans import Span
from drpolicy.model.values import Known
from drpolicy.recovery.drill_history import committed
from drpolicy.sources.history import History
from drpolicy.sources.problems import Unreadable

OWNED: Final = frozenset({"Service", "Store", "Protection", "Drill", "Runbook"})
"""Kinds of subject that always are some service's; what stands around them is everybody's where no service claims it."""

OF_PEOPLE: Final = frozenset({"training", "review"})


def checklist_of(
    findings: Iterable[Finding],
    guides: Mapping[str, Sequence[str]],
    evidence: Iterable[EvidenceDeclaration],
    services: Iterable[ServiceFacts],
    service: str | None = None,
    history: History | Unreadable | None = None,
) -> tuple[Box, ...]:
    """Return every box in the guide's order; with a service, by what concerns it alone.

    A box is ticked when a policy that proves it passes and none of its policies fails or is undecided. It is open when one
    fails: a waiver accepts the risk and ticks nothing. Else it is unknown: nothing that was read says that it is done, or somebody's
    word alone does for a critical service, or for something automated that no job in the files does.
    """
    of_item: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.gated and (service is None or _concerns(finding, service)):
            for item in guides.get(finding.policy, ()):
                of_item[item].append(finding)
    records = _Records(evidence, history)
    # A tier that is not known may be the critical one.
    declared = tuple(services)
    critical = frozenset(each.name for each in declared if each.tier in (None, "critical"))
    by_hand = frozenset(each.name for each in declared if not each.retested)
    return tuple(_box(item, of_item[item.id], records, critical | by_hand if item.automated else critical) for item in guide().items)


def policy_guides(policies: Policies) -> Mapping[str, Sequence[str]]:
    """Return the guide items that each policy speaks of."""
    return {each.document.id: each.document.guide for each in policies.compiled}


def _concerns(finding: Finding, service: str) -> bool:
    services = finding.subject.services
    return service in services or (not services and finding.subject.kind not in OWNED)


def _box(item: GuideItem, findings: Sequence[Finding], records: _Records, strict: frozenset[str]) -> Box:
    """Return a box; for the services in ``strict`` somebody's word alone is not enough."""
    failed = [each for each in findings if each.verdict is Verdict.FAIL]
    undecided = [each for each in findings if each.verdict is Verdict.UNKNOWN]
    proven = [each for each in findings if each.verdict is Verdict.PASS and each.policy in item.proof]
    proven.sort(key=lambda each: item.proof.index(each.policy))
    # A record says more than the declaration that it was made for: it comes first.
    proofs = sorted(((each, records.behind(each)) for each in proven), key=lambda each: each[1] is None)
    weak = [_proof(*each, records) for each in proofs if _is_word_alone(each[1]) and strict.intersection(each[0].subject.services)]
    state: BoxState = "open" if failed else "ticked" if proven and not undecided and not weak else "unknown"
    match state:
        case "open":
            reasons = [BoxReason(each.policy, each.subject.name, each.message, each.span, "declared", "") for each in failed]
        case "ticked":
            reasons = [_proof(*each, records) for each in proofs]
        case "unknown":
            reasons = [reason for each in undecided for reason in _questions(each)]
            reasons += [replace(each, text=WORD_ALONE.format(record=each.text), about=each.text) for each in weak]
    return Box(item.id, state, tuple(dict.fromkeys(reasons)))


def _questions(finding: Finding) -> Iterator[BoxReason]:
    for each in finding.unknowns:
        text = f"{each.what}: {each.unknown.reason.label}; {each.unknown.reason.settle}"
        span = each.span or finding.span
        yield BoxReason(finding.policy, finding.subject.name, text, span, "declared", "", each.what, each.unknown.reason)
    if not finding.unknowns:
        yield BoxReason(finding.policy, finding.subject.name, finding.message, finding.span, "declared", "")


def _is_word_alone(proof: tuple[EvidenceDeclaration, Span] | None) -> bool:
    """Whether a test rests on somebody's word. Who was trained, and what was reviewed, nobody but people can say."""
    if proof is None or proof[0].grade != "attested":
        return False
    return not (isinstance(proof[0].kind, Known) and proof[0].kind.value in OF_PEOPLE)


def _proof(finding: Finding, proof: tuple[EvidenceDeclaration, Span] | None, records: _Records) -> BoxReason:
    """Return the record that a pass rests on, with the day on which git has its date, else the place it is about."""
    name = finding.subject.name
    if proof is None:
        grade: Grade = "observed" if finding.witness == "observed" else "declared"
        return BoxReason(finding.policy, name, name, finding.span, grade, "")
    record, span = proof
    day = record.date.value.isoformat() if isinstance(record.date, Known) else ""
    committed = records.committed(record)
    text = f"{name}: {record.name}" + (f", committed {committed}" if committed else "")
    return BoxReason(finding.policy, name, text, span, record.grade, day)


class _Records:
    """Evidence documents by where they stand."""

    def __init__(self, evidence: Iterable[EvidenceDeclaration], history: History | Unreadable | None) -> None:
        self._history = history
        self._by_path: dict[str, list[EvidenceDeclaration]] = defaultdict(list)
        for record in sorted(evidence, key=lambda each: each.extent.offset):
            self._by_path[record.extent.path].append(record)

    def behind(self, finding: Finding) -> tuple[EvidenceDeclaration, Span] | None:
        """Return the first record that a finding's evidence stands in, and the place in it."""
        spans = (*(each.span for each in finding.evidence if each.span is not None), finding.span)
        return next(((record, span) for span in spans if (record := self.at(span)) is not None), None)

    def committed(self, record: EvidenceDeclaration) -> str:
        """Return the day on which the date of a record was committed; empty where nobody asked git, or it does not know."""
        day = committed(record, self._history) if isinstance(self._history, History) else None
        return day.isoformat() if isinstance(day, date) else ""

    def at(self, span: Span) -> EvidenceDeclaration | None:
        """Return the record that a place lies in."""
        records = self._by_path.get(span.path, [])
        before = bisect_right(records, span.offset, key=lambda each: each.extent.offset)
        record = records[before - 1] if before else None
        return record if record is not None and span.offset < record.extent.end_offset else None
