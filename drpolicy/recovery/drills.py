"""Evidence becomes drills: how old, how strong, and what they measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from drpolicy.declarations.documents import EvidenceDeclaration
from drpolicy.model.durations import DAY, UNBOUNDED, Duration
from drpolicy.model.provenance import Written
from drpolicy.model.ranges import Range
from drpolicy.model.services import Drill
from drpolicy.model.stores import Claim, Objective
from drpolicy.model.truth import Truth, some
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, members
from drpolicy.recovery.logic import truth_of

PROVES: Mapping[str, str] = {"failover": "region", "restore": "corruption"}
"""The disruption that a kind of drill speaks of when the record does not say."""

MEASUREMENT_AGE = Duration(366 * DAY)
"""How long a measured recovery proves anything: plans are tested at least yearly (DORA Art. 11(6); NIST SP 800-53 r5 CP-4, 2026-11)."""


def drills(
    evidence: Iterable[EvidenceDeclaration], claims: Mapping[str, Claim], named: Mapping[str, Members[str]], as_of: date
) -> Iterator[Drill]:
    """Yield every dated record up to the day. A date that is not known makes the age Unknown.

    ``named`` are the stores of its service that each record names. A restore of none of them proves nothing of the service.
    """
    for record in evidence:
        if isinstance(record.date, Known) and record.date.value > as_of:
            continue
        service = record.service.value if isinstance(record.service, Known) else ""
        kind = record.kind.value if isinstance(record.kind, Known) else ""
        stores = named[record.name]
        whole = not record.stores.elements and record.stores.rest is None
        if kind in PROVES and not whole and not stores.elements and stores.rest is None:
            continue
        claim = claims.get(service)
        disruption = record.disruption.value if isinstance(record.disruption, Known) else PROVES.get(kind, "")
        objective = _objective(claim, disruption)
        yield Drill(
            key=f"evidence//{record.name}",
            name=record.name,
            service=service,
            kind=record.kind,
            grade=record.grade,
            age=_age(record.date, as_of),
            passed=record.passed,
            environment=record.environment,
            disruption=disruption,
            measured_rto=record.measured_rto,
            measured_rpo=record.measured_rpo,
            measured_restore=record.measured_restore,
            integrity=record.integrity,
            application=record.application,
            declared_rto=objective.rto if objective is not None else Absent(Written(record.span)),
            declared_rpo=objective.rpo if objective is not None else Absent(Written(record.span)),
            months_ago=_periods(record.date, as_of, 1),
            quarters_ago=_periods(record.date, as_of, 3),
            years_ago=_periods(record.date, as_of, 12),
            backup_completed=record.backup.completed,
            backup_bytes=record.backup.size,
            usual_backup_bytes=record.backup.usual_size,
            backup_contents=record.backup.contents,
            cleaned_up=record.cleanup,
            runbook_held=record.runbook,
            contacts_reached=record.contacts,
            stores=stores,
            whole=whole,
            required_by=members([claim]) if claim is not None else Members(),
            span=record.span,
        )


def _age(written: Value[date], as_of: date) -> Value[Duration]:
    if isinstance(written, Known):
        return Known(Duration((as_of - written.value).days * DAY), written.origin)
    return written


def _periods(written: Value[date], as_of: date, months: int) -> Value[int]:
    """Return how many calendar periods of so many months lie between two days: 0 for the same one."""
    if not isinstance(written, Known):
        return written
    then, now = written.value, as_of
    return Known((now.year * 12 + now.month - 1) // months - (then.year * 12 + then.month - 1) // months, written.origin)


def _objective(claim: Claim | None, disruption: str) -> Objective | None:
    objectives = claim.objectives if claim is not None else ()
    return next((each for each in objectives if each.disruption == disruption), None)


def is_drill(drill: Drill) -> bool:
    """Whether something was really restored or failed over: a tabletop exercise never counts as one."""
    return isinstance(drill.kind, Known) and drill.kind.value in PROVES


def newest(found: Iterable[Drill]) -> Drill | None:
    """Return the newest restore or failover drill; of two on one day the one that failed."""
    dated = [each for each in found if is_drill(each) and isinstance(each.age, Known)]
    return min(dated, key=lambda each: (_days(each), truth_of(each.passed) is Truth.TRUE), default=None)


def newest_of(kind: str, found: Iterable[Drill]) -> Members[Drill]:
    """Return the newest records of a kind: all of the newest day, and for certain none whose day or kind is not known."""
    possible = [each for each in found if isinstance(each.kind, Unknown) or (isinstance(each.kind, Known) and each.kind.value == kind)]
    certain = [each.age.value for each in possible if isinstance(each.kind, Known) and isinstance(each.age, Known)]
    least = min(certain, default=UNBOUNDED)
    near = [each for each in possible if not isinstance(each.age, Known) or each.age.value <= least]
    doubts = [each for each in near if not (isinstance(each.kind, Known) and isinstance(each.age, Known))]
    # What may be newer makes even the newest of the others uncertain.
    why = next((value for each in doubts for value in (each.kind, each.age) if isinstance(value, Unknown)), None)
    sole = len(near) == 1 and isinstance(near[0].kind, Known)
    return Members(tuple(Member(each, Truth.TRUE if why is None or sole else Truth.UNKNOWN, None if sole else why) for each in near))


def _days(drill: Drill) -> float:
    return drill.age.value.seconds if isinstance(drill.age, Known) else MEASUREMENT_AGE.seconds


Called = Callable[[str], Truth]
"""Whether a record that writes a name means a store."""


def covers(drill: Drill, stores: Iterable[Called]) -> bool:
    """Whether a record is about every store of its service for certain."""
    return drill.whole or all(some(map(called, drill.stores)) is Truth.TRUE for called in stores)


def restored(drill: Drill, called: Called) -> Truth:
    """Whether a record says that the store that is called so was got back: by a restore or a failover that passed."""
    if not isinstance(drill.kind, Known):
        return Truth.FALSE if isinstance(drill.kind, Absent) else Truth.UNKNOWN & truth_of(drill.passed)
    if drill.kind.value not in PROVES:
        return Truth.FALSE
    if drill.whole:
        return truth_of(drill.passed)
    covered = some(map(called, drill.stores)) | (Truth.FALSE if drill.stores.rest is None else Truth.UNKNOWN)
    return covered & truth_of(drill.passed)


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
