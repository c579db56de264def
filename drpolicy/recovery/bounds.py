"""How much would be lost and how long recovery takes, per store and disruption, as ranges.

``worst`` counts only protections certain to exist and to survive; ``best`` also the possible ones. Classes of mechanism
give lower bounds for RTO; only a measured restore gives an upper one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from drpolicy.catalog.rows import Catalog
from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.ranges import Range
from drpolicy.model.reasons import Reason
from drpolicy.model.stores import DISRUPTIONS, Protection, Recoveries, Recovery
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value
from drpolicy.recovery.logic import truth_of

NOTHING = Duration(0)


def recoveries(protections: Members[Protection], catalog: Catalog) -> Recoveries:
    """Return what can be had back after each disruption."""
    return Recoveries(**{disruption: recovery_by(disruption, protections, catalog) for disruption in DISRUPTIONS})


def survives(protection: Protection, disruption: str) -> Value[bool]:
    """Return whether a protection survives a disruption of its store."""
    value: Value[bool] = getattr(protection.survives, disruption)
    return value


def recovery_by(disruption: str, protections: Members[Protection], catalog: Catalog) -> Recovery:
    """Return what can be had back after one disruption."""
    copies = _surviving(disruption, protections)
    return Recovery(disruption, _rpo(disruption, copies), _rto(disruption, copies, catalog), copies)


def _surviving(disruption: str, protections: Members[Protection]) -> Members[Protection]:
    """Keep what survives, or may survive; what is not known says why."""
    kept = []
    for member in protections.elements:
        value = survives(member.value, disruption)
        presence = member.presence & truth_of(value)
        if presence is not Truth.FALSE:
            kept.append(Member(member.value, presence, member.why or (value if isinstance(value, Unknown) else None)))
    return Members(tuple(kept), protections.rest)


def _rpo(disruption: str, copies: Members[Protection]) -> Range:
    best_of = [(_least_loss(each.value), each) for each in copies.elements]
    worst_of = [(_most_loss(each.value), each) for each in copies.elements if each.presence is Truth.TRUE]
    best = min((loss for loss, _ in best_of), default=UNBOUNDED)
    worst = min((loss for loss, _ in worst_of), default=UNBOUNDED)
    if copies.rest is not None:
        best = NOTHING
    deciding = next((each.value for loss, each in (*worst_of, *best_of) if loss == (worst if worst_of else best)), None)
    return Range(
        best,
        max(best, worst),
        _basis(disruption, deciding, copies),
        _unknowns(copies, disruption),
        (deciding.survives.region.origin,) if deciding is not None else (),
    )


def _least_loss(protection: Protection) -> Duration:
    if truth_of(protection.scheduled) is Truth.FALSE:
        return UNBOUNDED
    return protection.gap.value if isinstance(protection.gap, Known) else NOTHING


def _most_loss(protection: Protection) -> Duration:
    if truth_of(protection.scheduled) is not Truth.TRUE:
        return UNBOUNDED
    return protection.worst_gap.value if isinstance(protection.worst_gap, Known) else UNBOUNDED


def _rto(disruption: str, copies: Members[Protection], catalog: Catalog) -> Range:
    best, worst, basis = UNBOUNDED, UNBOUNDED, f"nothing survives the loss ({disruption})"
    for member in copies.elements:
        time = catalog.mechanisms[member.value.mechanism].recovery
        if Duration(time.at_least) < best:
            best, basis = Duration(time.at_least), f"{member.value.name}: {time.source}"
        if member.presence is Truth.TRUE and time.at_most is not None:
            worst = min(worst, Duration(time.at_most))
    if copies.rest is not None:
        best = NOTHING
    unknowns = _unknowns(copies, disruption)
    if best != UNBOUNDED and worst == UNBOUNDED:
        unknowns = (*unknowns, *(not_measured(member) for member in copies.elements[:1]))
    return Range(best, max(best, worst), basis, unknowns)


def not_measured(member: Member[Protection]) -> Unknown:
    """Return the Unknown that says nobody has measured how long a recovery takes."""
    return Unknown(Reason.NOT_OBSERVED, f"time to recover {member.value.store} by {member.value.mechanism}", member.value.enabled.origin)


def _basis(disruption: str, deciding: Protection | None, copies: Members[Protection]) -> str:
    if deciding is None:
        return f"nothing survives the loss ({disruption})" if copies.rest is None else "no protection is known"
    if truth_of(deciding.scheduled) is Truth.FALSE:
        return f"{deciding.name}: not recurring"
    every = deciding.timing or f"every {deciding.gap.value}" if isinstance(deciding.gap, Known) else ""
    gap = every if isinstance(deciding.gap, Known) and deciding.gap.value > NOTHING else "continuous"
    bound = "" if isinstance(deciding.worst_gap, Known) else ", without a guaranteed bound"
    return f"{deciding.name}: {gap}{bound}"


def _unknowns(copies: Members[Protection], disruption: str) -> tuple[Unknown, ...]:
    found: list[Unknown] = [] if copies.rest is None else [copies.rest]
    for member in copies.elements:
        if member.presence is Truth.UNKNOWN:
            value = survives(member.value, disruption)
            if isinstance(value, Unknown):
                found.append(value)
            elif member.why is not None:
                found.append(member.why)
        for bound in (member.value.gap, member.value.worst_gap):
            if isinstance(bound, Unknown):
                found.append(bound)
        # What does not recur has no lag that anybody could measure.
        recurs = truth_of(member.value.scheduled) is not Truth.FALSE
        if isinstance(member.value.worst_gap, Absent) and member.presence is not Truth.FALSE and recurs:
            lag = f"lag of {member.value.name} of {member.value.store}"
            found.append(Unknown(Reason.NOT_OBSERVED, lag, member.value.enabled.origin))
    return _each_once(found)


def _each_once(found: Iterable[Unknown]) -> tuple[Unknown, ...]:
    """Keep the first of every symbol: what an Unknown can be (``among``) may hold objects, which have no hash."""
    kept: dict[str, Unknown] = {}
    for unknown in found:
        kept.setdefault(unknown.symbol, unknown)
    return tuple(kept.values())


def widest(ranges: Sequence[tuple[str, Range]]) -> tuple[str, Range]:
    """Return the weakest of several ranges by name: the largest best, then the largest worst, of all."""
    name, weakest = max(ranges, key=lambda each: (each[1].best, each[1].worst))
    worst = max(each.worst for _, each in ranges)
    unknowns = _each_once(unknown for _, each in ranges for unknown in each.unknowns)
    return name, Range(weakest.best, worst, f"{name}: {weakest.basis}", unknowns, weakest.origins)
