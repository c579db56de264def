"""Recurring rules as policies see them: of Backup plans, of Data Lifecycle Manager, of operators, and what Velero's share with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from drpolicy.model.clusters import Schedule
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.records import dataclass
from drpolicy.model.stores import Claim, Prerequisite
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.logic import all_of, any_of, from_truth, known, negated, truth_of
from drpolicy.recovery.rule_gaps import UNWRITTEN, about

KINDS: Final[Mapping[str, str]] = {
    "backup-plan": "backup-plan-rule",
    "dlm-schedule": "snapshot-schedule",
    "velero-schedule": "velero",
    "operator-backup": "operator",
}
"""What kind of schedule makes a protection, by its row in the catalog; a copy has none of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Captures:
    """What recurring rules capture, and who needs it."""

    by_rule: Mapping[tuple[str, str], Sequence[Draft]]
    """Deployment and address of a rule → its drafts, one per store."""
    claims: Mapping[str, Members[Claim]]

    def of(self, deployment: str, address: str) -> Sequence[Draft]:
        """Return the drafts that a rule makes."""
        return self.by_rule.get((deployment, address), ())

    def stores(self, drafts: Iterable[Draft]) -> Members[str]:
        """Return the stores that drafts protect, each once."""
        return Members(tuple({each.store: Member(each.store, each.presence, each.why) for each in drafts}.values()))

    def required_by(self, drafts: Iterable[Draft]) -> Members[Claim]:
        """Return the services that rest on what drafts protect."""
        found: dict[str, Member[Claim]] = {}
        for each in drafts:
            for member in self.claims.get(each.store, Members()).elements:
                presence = member.presence & each.presence
                if member.value.service not in found or presence is Truth.TRUE:
                    found[member.value.service] = Member(member.value, presence, member.why or each.why)
        return Members(tuple(found.values()))


def captures(drafts: Iterable[Draft], claims: Mapping[str, Members[Claim]]) -> Captures:
    """Return what the drafts say of the rules that make them. ``claims`` are those on each store."""
    by_rule: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.row.id in KINDS and draft.presence is not Truth.FALSE:
            # Velero's drafts say behind an arrow where the copy is.
            by_rule[draft.deployment, draft.address.partition(" → ")[0]].append(draft)
    return Captures(by_rule, claims)


def schedules_of(rules: Sequence[Draft], found: Captures, environments: Mapping[str, Value[str]]) -> Iterator[Schedule]:
    """Yield the rules of plans, policies and operators. ``rules`` are theirs and their copies', without stores."""
    plans: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    for rule in rules:
        plans[rule.deployment, _plan(rule, found)].append(rule)
    for rule in rules:
        if rule.row.id in KINDS:
            yield _schedule(rule, plans[rule.deployment, _plan(rule, found)], found, environments)


def _schedule(rule: Draft, plan: Sequence[Draft], found: Captures, environments: Mapping[str, Value[str]]) -> Schedule:
    times, header = rule.times, Written(rule.span)
    if times is None:
        raise ValueError(f"{rule.address} has no times")
    own = found.of(rule.deployment, rule.address)
    on_cluster = rule.row.matched == "operator"
    nothing: Value[str] = Absent(header)
    # A copy that the rule makes of what it takes is asked the same.
    asked = [need for each in plan if each is rule or each.address.startswith(f"{rule.address}.") for need in each.prerequisites]
    return Schedule(
        key=key_of(rule),
        name=rule.name if on_cluster else rule.address,
        address=rule.address,
        type=rule.type,
        kind=KINDS[rule.row.id],
        deployment=rule.deployment,
        environment=environments.get(rule.deployment, nothing),
        cluster=rule.deployment if on_cluster else "",
        expression=times.expression,
        unwritten=_unwritten(rule, times.expression),
        valid=times.valid,
        problem=times.problem,
        fires=times.fires,
        paused=negated(rule.enabled),
        gap=times.gap,
        worst_gap=times.worst,
        as_five_fields=times.as_five_fields or Absent(header),
        retention=rule.expires or rule.retention,
        outlasted=any_of("another rule is kept longer", [_lasts(each) for each in plan if each is not rule] or [alone(header)]),
        prerequisites=Members(tuple(Member(each) for each in asked)),
        unmet=unmet(asked),
        location=nothing,
        malformed=nothing,
        stores=found.stores(own),
        required_by=found.required_by(own),
        attributes=rule.attributes,
        span=rule.span,
    )


def key_of(rule: Draft) -> str:
    """Return the identity of a rule."""
    return f"{rule.deployment}//{rule.address}"


def unmet(asked: Iterable[Prerequisite]) -> Members[str]:
    """Return what does not hold, in words, each once."""
    return Members(tuple(Member(text) for text in dict.fromkeys(each.text for each in asked if truth_of(each.met) is Truth.FALSE)))


def _unwritten(rule: Draft, expression: Value[str]) -> Value[bool]:
    if rule.row.id == "backup-plan" and isinstance(expression, Unknown):
        return about(expression, "whether the schedule is that of AWS Backup:", lambda text: False)
    by_default = expression.origin is UNWRITTEN
    return known(by_default, "no schedule is written" if by_default else "it has a schedule", expression.origin)


def _plan(rule: Draft, found: Captures) -> str:
    """Return what the rules of one plan, of one policy, or for one database share."""
    if rule.row.matched == "operator":
        return next((each.store for each in found.of(rule.deployment, rule.address)), rule.address)
    return rule.address.rpartition(".schedule[" if rule.row.matched == "snapshot-policy" else ".rule[")[0]


def alone(header: Written) -> Value[bool]:
    """Return that no other rule stands in for one."""
    return known(False, "no other rule of a plan stands beside it", header)


def _lasts(other: Draft) -> Value[bool]:
    """Whether something that another rule or copy of the plan makes is there at any time."""
    there = from_truth(other.presence, f"{other.name} is there", (Written(other.span),), other.why)
    return all_of(f"{other.name} is kept longer", [there, other.works, other.scheduled, _long_enough(other)])


def _long_enough(other: Draft) -> Value[bool]:
    kept, gap = other.expires or other.retention, other.gap
    if isinstance(gap, Absent):
        return known(False, "it has no interval", gap.origin)
    if isinstance(kept, Absent):
        return known(True, "nothing is deleted for its age", kept.origin)
    for each in (kept, gap):
        if isinstance(each, Unknown):
            return Unknown(each.reason, f"whether it is kept long enough: {each.symbol}", each.origin, root=each.cause)
    long: Duration = kept.value if isinstance(kept, Known) else gap.value if isinstance(gap, Known) else Duration(0)
    return Known(isinstance(gap, Known) and long >= gap.value, Derived("retention against interval", (kept.origin, gap.origin)))
