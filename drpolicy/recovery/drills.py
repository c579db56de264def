"""Evidence becomes drills: how old, how strong, and what they measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from drpolicy.declarations.documents import EvidenceDeclaration
from drpolicy.model.durations import DAY, UNBOUNDED, Duration
from drpolicy.model.ranges import Range
from drpolicy.model.services import Drill
from drpolicy.model.stores import Claim
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Value, members
from drpolicy.recovery.logic import truth_of

PROVES: Mapping[str, str] = {"failover": "region", "restore": "corruption"}
"""The disruption that a kind of drill speaks of when the record does not say."""

MEASUREMENT_AGE = Duration(366 * DAY)
"""How long a measured recovery proves anything: plans are tested at least yearly (DORA Art. 11(6); NIST SP 800-53 r5 CP-4, 2026-11)."""


def drills(evidence: Iterable[EvidenceDeclaration], claims: Mapping[str, Claim], as_of: date) -> Iterator[Drill]:
    """Yield every dated record up to the day. A date that is not known makes the age Unknown."""
    for record in evidence:
        service = record.service.value if isinstance(record.service, Known) else ""
        kind = record.kind.value if isinstance(record.kind, Known) else ""
        if isinstance(record.date, Known) and record.date.value > as_of:
            continue
        claim = claims.get(service)
        yield Drill(
            key=f"evidence//{record.name}",
            name=record.name,
            service=service,
            kind=record.kind,
            grade=record.grade,
            age=_age(record.date, as_of),
            passed=record.passed,
            environment=record.environment,
            disruption=record.disruption.value if isinstance(record.disruption, Known) else PROVES.get(kind, ""),
            measured_rto=record.measured_rto,
            measured_rpo=record.measured_rpo,
            integrity=record.integrity,
            application=record.application,
            stores=Members(tuple(Member(each.value) for each in record.stores if isinstance(each, Known)), record.stores.rest),
            whole=not record.stores.elements,
            required_by=members([claim]) if claim is not None else Members(),
            span=record.span,
        )


def _age(written: Value[date], as_of: date) -> Value[Duration]:
    if isinstance(written, Known):
        return Known(Duration((as_of - written.value).days * DAY), written.origin)
    return written


def is_drill(drill: Drill) -> bool:
    """Whether something was really restored or failed over: a tabletop exercise never counts as one."""
    return isinstance(drill.kind, Known) and drill.kind.value in PROVES


def newest(found: Iterable[Drill]) -> Drill | None:
    """Return the newest restore or failover drill; of two on one day the one that failed."""
    dated = [each for each in found if is_drill(each) and isinstance(each.age, Known)]
    return min(dated, key=lambda each: (_days(each), truth_of(each.passed) is Truth.TRUE), default=None)


def _days(drill: Drill) -> float:
    return drill.age.value.seconds if isinstance(drill.age, Known) else MEASUREMENT_AGE.seconds


def covers(drill: Drill, stores: Iterable[frozenset[str]]) -> bool:
    """Whether a record is about every store of its service; each store is given by all its names."""
    return not drill.stores.elements or all(names & set(drill.stores) for names in stores)


def measured(range_: Range, part: str, disruption: str, found: Iterable[Drill], tier: Value[str]) -> Range:
    """Return the range with its upper bound brought down to what the newest passing drill of the whole service measured.

    A measurement never undercuts what cannot be undercut; one that rests on somebody's word does not count for a
    critical service; nothing measured counts where nothing survives.
    """
    critical = not isinstance(tier, Absent) and not (isinstance(tier, Known) and tier.value != "critical")
    counting = [
        (_days(drill), drill, value)
        for drill in found
        if is_drill(drill)
        and drill.whole
        and drill.disruption == disruption
        and truth_of(drill.passed) is Truth.TRUE
        and not (critical and drill.grade == "attested")
        and isinstance(drill.age, Known)
        and drill.age.value <= MEASUREMENT_AGE
        and isinstance(value := drill.measured_rto if part == "rto" else drill.measured_rpo, Known)
    ]
    if not counting or range_.best == UNBOUNDED:
        return range_
    _, drill, value = min(counting, key=lambda each: each[0])
    worst = min(range_.worst, max(range_.best, value.value))
    if worst == range_.worst:
        return range_
    basis = f"{range_.basis}; {value.value} measured by {drill.name} ({drill.grade})"
    return Range(range_.best, worst, basis, (), (*range_.origins, value.origin))
