"""Recurring jobs that are meant to prove a restore, as policies see them."""

from __future__ import annotations

from drpolicy.kubernetes.kinds import kind_of
from drpolicy.kubernetes.restore_tests import RestoreTestFacts
from drpolicy.model.clusters import RestoreTest
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Written
from drpolicy.model.records import dataclass
from drpolicy.model.schedules import fires, parse_kubernetes, worst_gap
from drpolicy.model.values import Absent, Known, Members, Unknown, Value
from drpolicy.recovery.logic import all_of, known, negated


@dataclass(frozen=True, slots=True)
class _Times:
    """Whether a job ever runs, and the largest distance between two runs; Absent when there is none."""

    fires: Value[bool]
    gap: Value[Duration]


def restore_test(facts: RestoreTestFacts) -> RestoreTest:
    """Return a restore test with the verdict whether a green run of it proves anything."""
    times = _times(facts)
    return RestoreTest(
        key=f"{facts.cluster}//{facts.resource.address}",
        name=facts.resource.name,
        address=facts.resource.address,
        type=facts.resource.type,
        deployment=facts.cluster,
        environment=Absent(Written(facts.span)),
        cluster=facts.cluster,
        gap=times.gap,
        fires=times.fires,
        suspended=facts.suspended,
        image=facts.image,
        has_shell=facts.has_shell,
        has_tools=facts.has_tools,
        missing_tools=facts.missing_tools,
        has_permission=facts.has_permission,
        can_fail=facts.can_fail,
        picks_latest=facts.picks_latest,
        waits=facts.waits,
        asserts_phase=facts.asserts_phase,
        verifies=facts.verifies,
        scoped=facts.scoped,
        cleans_up=facts.cleans_up,
        records=facts.records,
        sound=all_of(
            "it can start, can fail, takes the newest backup and checks the result",
            [
                negated(facts.suspended),
                times.fires,
                facts.has_shell,
                facts.has_tools,
                facts.has_permission,
                facts.can_fail,
                facts.picks_latest,
                facts.waits,
                facts.asserts_phase,
                facts.verifies,
            ],
        ),
        selects=known(True, "its script restores a backup", Written(facts.span)),
        stores=Members(),
        span=facts.span,
        ends=facts.ends,
    )


def _times(facts: RestoreTestFacts) -> _Times:
    """Read the schedule as the CronJob controller does, which never runs a job whose schedule or time zone it cannot parse."""
    expression = facts.expression
    if kind_of(facts.resource) != "CronJob":
        return _Times(known(True, "a Job runs once, when it is made", Written(facts.span)), Absent(expression.origin))
    match expression:
        case Unknown():
            return _Times(expression, expression)
        case Absent(origin):
            return _Times(known(False, "no schedule is written", origin), expression)
        case Known(text, origin):
            zone = facts.time_zone.value if isinstance(facts.time_zone, Known) else None
            try:
                recurrence = parse_kubernetes(text, zone)
            except ValueError as problem:
                return _Times(known(False, str(problem), origin), Absent(origin))
            if not fires(recurrence):
                return _Times(known(False, "no date matches it", origin), Absent(origin))
            if isinstance(facts.time_zone, Unknown):
                # A zone that does not exist keeps the job from running.
                return _Times(facts.time_zone, facts.time_zone)
            return _Times(Known(True, origin), Known(worst_gap(recurrence), origin))
