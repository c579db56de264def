"""AWS Backup: which stores the selections of a plan take in.

As AWS documents it (AWS Backup Developer Guide, "Assigning resources" and API reference, ``BackupSelection``, 2026-11): a
plan takes resources of its own region and account only; ``resources`` are ARNs or patterns, any of which may match, as may
any ``selection_tag``; every ``condition`` must hold beside; ``not_resources`` takes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from drpolicy.model.provenance import Derived
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value, same
from drpolicy.recovery.arns import covers, pattern_of
from drpolicy.recovery.holding_index import HoldingIndex
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.selection_conditions import conditions_hold
from drpolicy.recovery.tags import tagged

Answer: TypeAlias = tuple[Truth, Unknown | None]
"""A truth, and what keeps it from being known."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A store that a selection takes or may take for a plan. ``plan`` is ``None`` when the plan was not read: ``why`` says so."""

    plan: Resource | None
    holding: Holding
    presence: Truth
    why: Unknown | None
    explicit: Truth = Truth.FALSE
    """Whether an ARN, or a pattern of its service, names it: not a tag alone. A bare ``*`` is neither, as no page says."""


def selections(links: Links, held: Mapping[str, Holding]) -> Iterator[Selected]:
    """Yield what every selection takes, or may take, of the stores; what it certainly does not take is left out."""
    index = HoldingIndex(held)
    for selection in links.of_type("aws_backup_selection"):
        plans = list(_plans(selection, links))
        for holding, answer, explicit in taken(selection, index, links):
            certain = both(answer, (selection.presence, selection.why))
            if not plans:
                here = both(certain, placed(selection, holding.resource))
                if here[0] is not Truth.FALSE:
                    yield Selected(None, holding, here[0], here[1] or _unread(selection), explicit)
            for plan in plans:
                presence, why = both(both(certain, (plan.presence, plan.why)), placed(plan.value, holding.resource))
                if presence is not Truth.FALSE:
                    yield Selected(plan.value, holding, presence, why, explicit)


def placed(plan: Resource, store: Resource) -> Answer:
    """Whether a store is in the region and the account of what selects it."""
    result: Answer = (Truth.TRUE, None)
    for what, ours, theirs in (("region", plan.region, store.region), ("account", plan.account, store.account)):
        if isinstance(ours, Absent) or isinstance(theirs, Absent):
            # Neither is ever nowhere: what is not said is not known.
            result = both(result, (Truth.UNKNOWN, Unknown(Reason.OUTSIDE_SCOPE, f"{what} of {store.key}", theirs.origin)))
            continue
        truth = same(ours, theirs)
        unknown = ours if isinstance(ours, Unknown) else theirs
        result = both(result, (truth, unknown if truth is Truth.UNKNOWN and isinstance(unknown, Unknown) else None))
    return result


def both(one: Answer, other: Answer) -> Answer:
    """Return the conjunction; the first one that is UNKNOWN gives the reason."""
    truth = one[0] & other[0]
    if truth is not Truth.UNKNOWN:
        return truth, None
    return truth, one[1] if one[0] is Truth.UNKNOWN else other[1]


def either(one: Answer, other: Answer) -> Answer:
    """Return the disjunction; the first one that is UNKNOWN gives the reason."""
    truth = one[0] | other[0]
    if truth is not Truth.UNKNOWN:
        return truth, None
    return truth, one[1] if one[0] is Truth.UNKNOWN else other[1]


def elements(value: Value[Any]) -> Iterator[Member[Value[Any]]]:
    """Yield the elements of a list or of repeated blocks, and one that stands for those that may follow."""
    if isinstance(value, Unknown):
        yield Member(value, Truth.UNKNOWN, value)
    elif isinstance(value, Known) and isinstance(value.value, Members):
        yield from value.value.elements
        if value.value.rest is not None:
            yield Member(value.value.rest, Truth.UNKNOWN, value.value.rest)


def _plans(selection: Resource, links: Links) -> Iterable[Member[Resource]]:
    """Return the plan that a selection belongs to: exactly one, so of several candidates each may be it."""
    value = selection.get("plan_id")
    matches = links.resolve(value, ("aws_backup_plan",), selection).matches
    if len(matches) < 2:
        return matches
    why = Unknown(Reason.AMBIGUOUS, " or ".join(each.value.key for each in matches), value.origin)
    return [Member(each.value, Truth.UNKNOWN, why) for each in matches]


def _unread(selection: Resource) -> Unknown:
    plan = selection.get("plan_id")
    return plan if isinstance(plan, Unknown) else Unknown(Reason.OUTSIDE_SCOPE, f"{selection.key}.plan_id", plan.origin)


def taken(selection: Resource, index: HoldingIndex, links: Links) -> Iterator[tuple[Holding, Answer, Truth]]:
    """Yield the stores that a selection's terms take or may take, and whether an ARN names them; where they are is not asked."""
    included = _named(selection, "resources", index, links)
    bare = any(isinstance(each.value, Known) and each.value.value == "*" for each in elements(selection.get("resources")))
    explicit = {key: Truth.UNKNOWN if bare else answer[0] for key, answer in included.items()}
    for element in elements(selection.get("selection_tag")):
        _add_tagged(included, element, index)
    conditions = list(elements(selection.get("condition")))
    if not included and conditions and not any(True for name in ("resources", "selection_tag") for _ in elements(selection.get(name))):
        # No page says whether conditions alone select anything.
        why = Unknown(Reason.OUTSIDE_SCOPE, f"{selection.key} without resources", Derived("no resources", (conditions[0].value.origin,)))
        included = {holding.key: (Truth.UNKNOWN, why) for holding in index.all}
    excluded = _named(selection, "not_resources", index, links) if included else {}
    for key, answer in included.items():
        holding = index.held[key]
        out, why_out = excluded.get(key, (Truth.FALSE, None))
        result = both(answer, (~out, why_out))
        if result[0] is not Truth.FALSE and conditions:
            result = both(result, conditions_hold(conditions, holding.resource))
        if result[0] is not Truth.FALSE:
            yield holding, result, explicit.get(key, Truth.FALSE)


def _named(selection: Resource, attribute: str, index: HoldingIndex, links: Links) -> dict[str, Answer]:
    """Return the stores that a list of ARNs and patterns names or may name."""
    found: dict[str, Answer] = {}
    for element in elements(selection.get(attribute)):
        value = element.value
        if isinstance(value, Absent):
            continue
        referred = _referred(value, selection, index, links)
        for key, answer in referred.items():
            found[key] = either(found.get(key, (Truth.FALSE, None)), both(answer, (element.presence, element.why)))
        if referred or (isinstance(value, Unknown) and value.target is not None and value.target.key in links.by_key):
            continue
        pattern = pattern_of(value)
        for holding in index.named_by(value, pattern, selection.deployment):
            truth = covers(pattern, index.arn(holding))
            if truth is not Truth.FALSE:
                why = value if isinstance(value, Unknown) else _unsettled(value, holding)
                answer = both((truth, why if truth is Truth.UNKNOWN else None), (element.presence, element.why))
                found[holding.key] = either(found.get(holding.key, (Truth.FALSE, None)), answer)
    return found


def _referred(value: Known[Any] | Unknown, selection: Resource, index: HoldingIndex, links: Links) -> dict[str, Answer]:
    """Return the stores that a value refers to by identity."""
    if isinstance(value, Known) and not isinstance(value.value, str):
        return {}
    matches = links.resolve(value, index.types, selection).matches
    several = Unknown(Reason.AMBIGUOUS, " or ".join(each.value.key for each in matches), value.origin) if len(matches) > 1 else None
    found: dict[str, Answer] = {}
    for match in matches:
        holding = index.held.get(match.value.key)
        if holding is None:
            continue
        # That the store itself may not be there is no doubt about the link.
        sure = several is None and (match.presence is Truth.TRUE or match.why is match.value.why)
        found[holding.key] = (Truth.TRUE, None) if sure else (Truth.UNKNOWN, several or match.why)
    return found


def _unsettled(value: Known[Any], holding: Holding) -> Unknown:
    return Unknown(Reason.AMBIGUOUS, f"{value.value} or not: {holding.key}", value.origin)


def _add_tagged(found: dict[str, Answer], element: Member[Value[Any]], index: HoldingIndex) -> None:
    """Add the stores that a ``selection_tag`` block takes. Its only type is STRINGEQUALS (API reference, ``Condition``, 2026-11)."""
    block = element.value
    if not isinstance(block, Known) or not isinstance(block.value, Object):
        why = element.why or (block if isinstance(block, Unknown) else None)
        for holding in index.all:
            found[holding.key] = either(found.get(holding.key, (Truth.FALSE, None)), (Truth.UNKNOWN, why))
        return
    key, wanted, type_ = (block.value.get(name, block.origin) for name in ("key", "value", "type"))
    operator = same(type_, Known("STRINGEQUALS", block.origin))
    here = both((operator, type_ if isinstance(type_, Unknown) else None), (element.presence, element.why))
    if here[0] is Truth.FALSE:
        return
    for holding in index.tagged(key, wanted):
        answer = both(tagged(holding.resource, key, wanted), here)
        if answer[0] is not Truth.FALSE:
            found[holding.key] = either(found.get(holding.key, (Truth.FALSE, None)), answer)
