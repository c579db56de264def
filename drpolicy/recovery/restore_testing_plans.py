"""AWS Backup restore testing: what each plan restores, how often, and whether anybody looks at the result.

Source: AWS Backup Developer Guide, "Restore testing", and hashicorp/aws docs of both resources, 2026-11: the newest or a random
recovery point of the window is restored, the job fails when the restore does, and what was restored is deleted: at once, or
after the validation window. A plan without a selection restores nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from drpolicy.model.clusters import RestoreTest
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value, members
from drpolicy.recovery.backup_selections import both, elements, placed, taken
from drpolicy.recovery.conversions import number_of
from drpolicy.recovery.holding_index import HoldingIndex
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import all_of, any_of, from_truth, known
from drpolicy.recovery.rule_gaps import cron_times

PLANS: Final = ("aws_backup_restore_testing_plan", "awscc_backup_restore_testing_plan")
SELECTIONS: Final = ("aws_backup_restore_testing_selection", "awscc_backup_restore_testing_selection")
RESOURCE_TYPES: Final = frozenset({*PLANS, *SELECTIONS})
"""Both providers' types: their attributes have the same names."""

_BY_AWS: Final = "AWS Backup does so by itself"


def restore_testing_plans(links: Links, held: Mapping[str, Holding], environments: Mapping[str, Value[str]]) -> Iterator[RestoreTest]:
    """Yield every restore testing plan with the stores that its selections take; ``environments`` are those of the deployments."""
    plans = [each for type_ in PLANS for each in links.of_type(type_) if not each.exported]
    if not plans:
        return
    of_plan = {each.key: list(_selections(each, links)) for each in plans}
    for plan in plans:
        yield _restore_test(plan, of_plan[plan.key], links, held, environments.get(plan.deployment, Absent(Written(plan.span))))


def _selections(plan: Resource, links: Links) -> Iterator[Member[Resource]]:
    """Yield the selections that belong to a plan, or may."""
    for selection in [each for type_ in SELECTIONS for each in links.of_type(type_)]:
        resolution = links.resolve(selection.get("restore_testing_plan_name"), PLANS, selection)
        for match in resolution.matches:
            if match.value is plan:
                presence, why = both((match.presence, match.why), (selection.presence, selection.why))
                yield Member(selection, presence, why)
        if not resolution.matches and resolution.unknown is not None and selection.deployment == plan.deployment:
            yield Member(selection, Truth.UNKNOWN, resolution.unknown)


def _restore_test(
    plan: Resource, selections: list[Member[Resource]], links: Links, held: Mapping[str, Holding], environment: Value[str]
) -> RestoreTest:
    header = Written(plan.span)
    times = cron_times(plan.get("schedule_expression"), plan.get("schedule_expression_timezone"), header)
    does, never = known(True, _BY_AWS, header), known(False, "a plan cannot be suspended", header)
    selects, verifies = _selects(plan, selections), _verifies(plan, selections)
    return RestoreTest(
        key=plan.key,
        name=plan.address,
        address=plan.address,
        type=plan.type,
        deployment=plan.deployment,
        environment=environment,
        cluster="",
        gap=times.gap,
        fires=times.scheduled,
        suspended=never,
        image=Absent(header),
        has_shell=does,
        has_tools=does,
        missing_tools=Members(),
        has_permission=does,
        can_fail=does,
        picks_latest=does,
        waits=does,
        asserts_phase=does,
        verifies=verifies,
        scoped=does,
        cleans_up=does,
        records=does,
        sound=all_of("it recurs, restores something, and the result is looked at", [times.scheduled, selects, verifies]),
        selects=selects,
        stores=_stores(plan, selections, links, held),
        span=plan.span,
    )


def _selects(plan: Resource, selections: list[Member[Resource]]) -> Value[bool]:
    found = [from_truth(each.presence, "a selection", (Written(each.value.span),), each.why) for each in selections]
    return any_of("it has a selection", found) if found else known(False, "no selection belongs to it", Written(plan.span))


def _verifies(plan: Resource, selections: list[Member[Resource]]) -> Value[bool]:
    """Whether what was restored is looked at: without a validation window it is deleted at once; with one, whoever looks is not seen."""
    found: list[Value[bool]] = []
    for each in selections:
        window = each.value.get("validation_window_hours")
        hours = number_of(window)
        if isinstance(window, Absent) or hours == 0:
            found.append(known(False, "without a validation window what was restored is deleted at once", window.origin))
        elif hours is None and isinstance(window, Unknown):
            found.append(window)
        else:
            symbol = f"what validates the restores of {each.value.key} and calls PutRestoreValidationResult"
            found.append(Unknown(Reason.OUTSIDE_SCOPE, symbol, window.origin))
    return any_of("a validation of what was restored", found) if found else known(False, "it restores nothing", Written(plan.span))


def _stores(plan: Resource, selections: list[Member[Resource]], links: Links, held: Mapping[str, Holding]) -> Members[str]:
    found: dict[str, Member[str]] = {}
    for member in selections:
        for holding, answer, _ in taken(_as_backup_selection(member.value), _index(member.value, held), links):
            here = both(both(answer, (member.presence, member.why)), placed(plan, holding.resource))
            if here[0] is not Truth.FALSE and (holding.key not in found or here[0] is Truth.TRUE):
                found[holding.key] = Member(holding.key, *here)
    return Members(tuple(found[key] for key in sorted(found)))


def _index(selection: Resource, held: Mapping[str, Holding]) -> HoldingIndex:
    """Return the stores of the type that a selection protects: its names are those of the opt-in settings."""
    kind = selection.get("protected_resource_type")
    if not isinstance(kind, Known):
        return HoldingIndex({key: each for key, each in held.items() if each.row.aws_backup})
    return HoldingIndex({key: each for key, each in held.items() if each.row.aws_backup == kind.value})


def _as_backup_selection(selection: Resource) -> Resource:
    """Return a selection in the shape of those of backup plans, which select by the same ARNs and conditions."""
    fields: dict[str, Value[Any]] = {}
    arns, conditions = selection.get("protected_resource_arns"), selection.get("protected_resource_conditions")
    narrowed = any(True for _ in elements(conditions))
    if not isinstance(arns, Absent):
        fields["resources"] = arns
    elif narrowed:
        fields["resources"] = Known(members([Known("*", conditions.origin)]), conditions.origin)
    if narrowed:
        fields["condition"] = conditions
    return replace(selection, attributes=Object(fields))
