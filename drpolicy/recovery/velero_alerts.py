"""Whether anybody is told when backups are not made any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from drpolicy.catalog.velero import failure_metrics
from drpolicy.kubernetes.kinds import kind_of
from drpolicy.kubernetes.navigation import elements, inside
from drpolicy.kubernetes.scalar_text import scalar_text
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Unknown, Value
from drpolicy.recovery.contradictions import Side, comparison


def alerts_in(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Return the objects that hold alerts."""
    return tuple(each for each in resources if kind_of(each) == "PrometheusRule")


def failures_noticed(cluster: str, header: Span | None, rules: Sequence[Resource], *, server_read: bool) -> Agreement:
    """Look for an alert on Velero's backups among the alerts that the files have.

    Wherever it is kept: the Prometheus of one cluster may look after another. Nothing is asked of a cluster none of whose alerts are in
    the files: they are kept elsewhere. It is a defect only where the server is in the files, too, whose chart may bring alerts along.
    ``header`` is where Velero is installed; ``None`` where it is not.
    """
    if header is None:
        return NOT_COMPARED
    telling = [(each, _speaks(each)) for each in rules]
    for rule, spoken in telling:
        if spoken & rule.presence is Truth.TRUE:
            return comparison(f"PrometheusRule {rule.name} looks at backups", (), None, Written(rule.span))
    own = [each for each in rules if each.deployment == cluster and each.presence is Truth.TRUE]
    if not own and not any(spoken & rule.presence is Truth.UNKNOWN for rule, spoken in telling):
        return NOT_COMPARED
    doubtful = any(spoken & rule.presence is Truth.UNKNOWN for rule, spoken in telling)
    if own and server_read and not doubtful:
        text = (
            f"none of the {len(own)} PrometheusRules of the cluster looks at backups"
            if len(own) > 1
            else f"{own[0].name} is the only alert"
        )
        return comparison("", [Side(text, (Written(header), Written(own[0].span)))], None, Written(header))
    return comparison("", (), Unknown(Reason.OUTSIDE_SCOPE, f"alerts on the backups of {cluster}", Written(header)), Written(header))


def _speaks(rule: Resource) -> Truth:
    """Whether an alert of a PrometheusRule rests on one of the metrics that tell; a rule that only records one tells nobody."""
    result = Truth.FALSE
    groups = rule.get("spec", "groups")
    if isinstance(groups, Unknown):
        return Truth.UNKNOWN
    for group in elements(groups):
        listing = inside(group, "rules")
        if isinstance(listing, Unknown):
            result = result | Truth.UNKNOWN
        for each in elements(listing):
            result = result | _alerts(each)
    return result


def _alerts(rule: Value[Any]) -> Truth:
    if isinstance(rule, Unknown):
        return Truth.UNKNOWN
    if isinstance(inside(rule, "alert"), Absent):
        return Truth.FALSE
    expression = inside(rule, "expr")
    found = scalar_text(expression)
    if found is None:
        return Truth.UNKNOWN if isinstance(expression, Unknown) else Truth.FALSE
    return Truth.TRUE if any(_names(found.text)) else Truth.UNKNOWN if isinstance(expression, Unknown) else Truth.FALSE


def _names(expression: str) -> Iterator[str]:
    return (each for each in failure_metrics() if each in expression)
