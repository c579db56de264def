"""Recurring jobs that are meant to prove a restore, as policies see them."""

from __future__ import annotations

from drpolicy.kubernetes.restore_tests import RestoreTestFacts
from drpolicy.model.durations import Duration
from drpolicy.model.estate import RestoreTest
from drpolicy.model.provenance import Written
from drpolicy.model.schedules import fires, parse_kubernetes, worst_gap
from drpolicy.model.values import Absent, Known, Value
from drpolicy.recovery.logic import all_of, negated


def restore_test(facts: RestoreTestFacts) -> RestoreTest:
    """Return a restore test with the verdict whether a green run of it proves anything."""
    return RestoreTest(
        key=f"{facts.cluster}//{facts.resource.address}",
        name=facts.resource.name,
        address=facts.resource.address,
        type=facts.resource.type,
        deployment=facts.cluster,
        environment=Absent(Written(facts.span)),
        cluster=facts.cluster,
        gap=_gap(facts),
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
        span=facts.span,
    )


def _gap(facts: RestoreTestFacts) -> Value[Duration]:
    expression = facts.expression
    if not isinstance(expression, Known):
        return expression
    zone = facts.time_zone.value if isinstance(facts.time_zone, Known) else None
    try:
        recurrence = parse_kubernetes(expression.value, zone)
    except ValueError:
        return Absent(expression.origin)
    return Known(worst_gap(recurrence), expression.origin) if fires(recurrence) else Absent(expression.origin)
