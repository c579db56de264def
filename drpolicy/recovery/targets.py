"""A service's objectives held against what its stores, and the services it cannot do without, can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.provenance import Written
from drpolicy.model.ranges import Range
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.services import Drill, Target
from drpolicy.model.stores import DISRUPTIONS, Claim, Objective, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value
from drpolicy.recovery.bounds import NOTHING, widest
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.drills import measured
from drpolicy.recovery.recovery_terms import Delay, after

ALWAYS_SHOWN = ("corruption", "region")
"""Disruptions whose recovery is worked out even when nobody declared an objective for them."""

GRAVEST = ("region", "account", "corruption", "az", "hardware")
"""The order in which missed objectives are named."""

MOST_NAMED = 3
"""Stores named in one sentence."""

NO_STORE = Range(NOTHING, NOTHING, "it has no store")


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """What can be had back of a service after one disruption, and the store that decides."""

    rpo: Range
    rto: Range
    weakest: str
    parts: tuple[tuple[str, Range, Range], ...] = ()
    """Name, RPO and RTO of each store."""


def own_reaches(stores: Members[Store], missing: Sequence[Claimed], delay: Delay) -> dict[str, Reach]:
    """Return, per disruption, the worst of a service's stores. A store that was not found keeps the worst case open.

    ``delay`` passes before any recovery begins, and is part of each RTO.
    """
    nowhere = [(each.text, each.why or Unknown(Reason.OUTSIDE_SCOPE, each.text, Written(each.reference.span))) for each in missing]
    return {disruption: own_reach(disruption, stores, nowhere, delay) for disruption in DISRUPTIONS}


def own_reach(disruption: str, stores: Members[Store], missing: Sequence[tuple[str, Unknown]], delay: Delay) -> Reach:
    """Return the worst of some stores after one disruption; ``missing`` are references that resolve to nothing, and why."""
    found = [
        (
            member.value.name,
            _certain(getattr(member.value.recovery, disruption).rpo, member),
            _certain(after(delay, getattr(member.value.recovery, disruption).rto), member),
        )
        for member in stores.elements
        if not (isinstance(member.value.data_class, Known) and member.value.data_class.value != "system-of-record")
    ]
    for text, why in missing:
        nowhere = Range(NOTHING, UNBOUNDED, "it was not found", (why,))
        found.append((text, nowhere, nowhere))
    if stores.rest is not None:
        found.append(("further stores", *(Range(NOTHING, UNBOUNDED, "not known", (stores.rest,)),) * 2))
    if not found:
        return Reach(NO_STORE, after(delay, NO_STORE), "")
    weakest, rpo = widest([(name, each) for name, each, _ in found])
    _, rto = widest([(name, each) for name, _, each in found])
    return Reach(rpo, rto, weakest, tuple(found))


def _certain(range_: Range, member: Member[Store]) -> Range:
    """Return the range; a store that may not exist asks for nothing for certain."""
    unknown = member.value.data_class if isinstance(member.value.data_class, Unknown) else member.why
    if member.presence is Truth.TRUE and not isinstance(member.value.data_class, Unknown):
        return range_
    return replace(range_, best=NOTHING, unknowns=(*range_.unknowns, *([unknown] if unknown is not None else [])))


def with_dependencies(own: Mapping[str, Mapping[str, Reach]], hard: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Reach]]:
    """Return each service's reaches with those of everything it cannot do without, however far away."""
    needed = {name: everything_needed(name, hard) for name in own}
    return {
        name: {
            disruption: together(name, {each: own[each][disruption] for each in (name, *needed[name]) if each in own})
            for disruption in DISRUPTIONS
        }
        for name in own
    }


def everything_needed(name: str, hard: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the services that one cannot do without, however far away, each once and itself left out."""
    needed, pending = {name: None}, list(hard.get(name, ()))
    while pending:
        other = pending.pop()
        if other not in needed:
            needed[other] = None
            pending.extend(hard.get(other, ()))
    return tuple(needed)[1:]


def together(name: str, reaches: Mapping[str, Reach]) -> Reach:
    """Return the worst of a service and of those that it cannot do without: the reach of each by its name, its own among them or not."""
    if len(reaches) == 1 and name in reaches:
        return reaches[name]
    decider, rpo = widest([(each, reach.rpo) for each, reach in reaches.items()])
    _, rto = widest([(each, reach.rto) for each, reach in reaches.items()])
    weakest = reaches[decider].weakest
    parts = tuple(
        (store if each == name else f"{store} of {each}", loss, time)
        for each, reach in reaches.items()
        for store, loss, time in reach.parts
    )
    return Reach(rpo, rto, weakest if decider == name else f"{weakest} of {decider}", parts)


def targets_of(claim: Claim, reaches: Mapping[str, Reach], drills: Sequence[Drill], undeclared: Sequence[str] = ()) -> list[Target]:
    """Return a target per disruption that is declared or always shown; ``undeclared`` are the terms of an RTO that nobody declares."""
    declared = {each.disruption: each for each in claim.objectives}
    return [
        target_of(disruption, declared.get(disruption), reaches[disruption], drills, claim, undeclared)
        for disruption in DISRUPTIONS
        if disruption in declared or disruption in ALWAYS_SHOWN
    ]


def target_of(
    disruption: str, objective: Objective | None, reach: Reach, drills: Sequence[Drill], claim: Claim, undeclared: Sequence[str] = ()
) -> Target:
    """Return one objective, or none, held against what can be had back, with what drills of the whole service have measured."""
    absent: Value[Duration] = Absent(claim.tier.origin)
    rto = measured(reach.rto, "rto", disruption, drills, claim.tier)
    if undeclared and objective is not None:
        rto = replace(rto, basis=f"{rto.basis}; {' and '.join(undeclared)} not declared, counted as 0s")
    return Target(
        disruption=disruption,
        declared_rto=objective.rto if objective is not None else absent,
        declared_rpo=objective.rpo if objective is not None else absent,
        rto=rto,
        rpo=measured(reach.rpo, "rpo", disruption, drills, claim.tier),
        weakest=reach.weakest,
    )


def missed(targets: Sequence[Target], reaches: Mapping[str, Reach], part: str) -> tuple[str, Value[Duration] | None]:
    """Say which objectives fail, or else which cannot be shown to hold; and where the gravest of them is declared."""
    failed, open_ = [], []
    for target in sorted(targets, key=lambda each: GRAVEST.index(each.disruption)):
        declared: Value[Duration] = getattr(target, f"declared_{part}")
        range_: Range = getattr(target, part)
        if not isinstance(declared, Known):
            continue
        met = range_.within(declared)
        if met is Truth.FALSE:
            failed.append(
                (f"{target.disruption} {declared.value} declared, {_shortfalls(reaches[target.disruption], declared, part)}", declared)
            )
        elif met is Truth.UNKNOWN:
            store = f" ({target.weakest})" if target.weakest else ""
            open_.append((f"{target.disruption} {declared.value} declared, {range_}{store}", declared))
    if failed:
        return "cannot be met: " + "; ".join(text for text, _ in failed), failed[0][1]
    if open_:
        return "nothing shows to be met: " + "; ".join(text for text, _ in open_), open_[0][1]
    return "is met", None


def _at_best(range_: Range, rto: Range) -> str:
    if range_.best != UNBOUNDED:
        return f"{range_.best} at best"
    return "nothing recoverable" if rto.best == UNBOUNDED else "nothing that recurs"


def _shortfalls(reach: Reach, declared: Known[Duration], part: str) -> str:
    """Name every store that falls short, the worst first."""
    ranges = [(name, rpo if part == "rpo" else rto, rto) for name, rpo, rto in reach.parts]
    short = sorted((each for each in ranges if each[1].best > declared.value), key=lambda each: -each[1].best.seconds)
    said = [f"{name} {_at_best(range_, rto)}" for name, range_, rto in short]
    if not said:
        return f"{reach.rpo if part == 'rpo' else reach.rto} at best"
    return ", ".join(said[:MOST_NAMED]) + (f" and {len(said) - MOST_NAMED} more" if len(said) > MOST_NAMED else "")
