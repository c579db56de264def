"""ARC Region switch plans, read from Terraform: between which regions, how, in what time, and by which steps.

Source: hashicorp/aws docs of aws_arcregionswitch_plan, and the AWS API model arc-region-switch 2022-07-26 (Plan, Workflow, Step),
2026-11: a plan is between two regions; a workflow without a target region is for either of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from drpolicy.model.durations import MINUTE, Duration
from drpolicy.model.provenance import Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value, members
from drpolicy.recovery.backup_selections import elements
from drpolicy.recovery.conversions import number_of

RESOURCE_TYPES: Final = frozenset({"aws_arcregionswitch_plan", "awscc_arcregionswitch_plan"})
"""Both providers' types. What is a block, and singular, in one is a list, and plural, in the other."""


@dataclass(frozen=True, slots=True, eq=False)
class SwitchStep:
    """A step of a workflow: its name, and the kind of its execution block."""

    name: Value[str]
    kind: Value[str]


@dataclass(frozen=True, slots=True, eq=False)
class Workflow:
    """What is done to activate or deactivate a region; ``target`` is Absent where it is for either."""

    action: Value[str]
    target: Value[str]
    steps: Members[SwitchStep]


@dataclass(frozen=True, slots=True, eq=False)
class SwitchPlan:
    """A plan as it is declared."""

    resource: Resource
    approach: Value[str]
    """``activeActive`` or ``activePassive``."""
    regions: Members[Value[str]]
    primary: Value[str]
    rto: Value[Duration]
    workflows: Members[Workflow]

    def others(self, than: str) -> tuple[Known[str], ...]:
        """Return its regions but for one, where they are known."""
        return tuple(each for each in self.regions if isinstance(each, Known) and each.value != than)

    @property
    def open(self) -> Unknown | None:
        """Why its regions are not all known."""
        return next((each for each in self.regions if isinstance(each, Unknown)), self.regions.rest)


def switch_plan(resource: Resource) -> SwitchPlan:
    """Return what a plan declares."""
    return SwitchPlan(
        resource,
        _through(resource, resource.get("recovery_approach")),
        _regions(resource),
        _through(resource, resource.get("primary_region")),
        _minutes(resource, resource.get("recovery_time_objective_minutes")),
        _workflows(resource),
    )


def _through(resource: Resource, value: Value[Any]) -> Value[str]:
    return Known(str(value.value), Through(resource.address, None, value.origin)) if isinstance(value, Known) else value


def _regions(resource: Resource) -> Members[Value[str]]:
    listed = resource.get("regions")
    if isinstance(listed, Unknown):
        return Members((), listed)
    found = list(elements(listed))
    rest = next((why for each in found if (why := _doubt(each, resource)) is not None), None)
    return members((_through(resource, each.value) for each in found if each.presence is Truth.TRUE), rest)


def _doubt(member: Member[Value[Any]], resource: Resource) -> Unknown | None:
    """Return why a member may not be there."""
    if member.presence is Truth.TRUE:
        return None
    return member.why or Unknown(Reason.COUNT_NOT_KNOWN, resource.key, Written(resource.span))


def _minutes(resource: Resource, value: Value[Any]) -> Value[Duration]:
    if not isinstance(value, Known):
        return value
    number = number_of(value)
    if number is None or number < 0:
        return Unknown(Reason.REFUSED, f"{resource.key}.recovery_time_objective_minutes", value.origin)
    return Known(Duration(number * MINUTE), Through(resource.address, None, value.origin))


def _workflows(resource: Resource) -> Members[Workflow]:
    written = [resource.get(name) for name in ("workflow", "workflows")]
    listed, rest = _objects(next((each for each in written if not isinstance(each, Absent)), written[0]), resource)
    return members((_workflow(each, resource) for each in listed), rest)


def _workflow(written: Known[Object], resource: Resource) -> Workflow:
    inner, origin = written.value, written.origin
    steps = next((inner.fields[name] for name in ("step", "steps") if name in inner.fields), Absent(origin))
    listed, rest = _objects(steps, resource)
    return Workflow(
        inner.get("workflow_target_action", origin),
        inner.get("workflow_target_region", origin),
        members((SwitchStep(each.value.get("name", origin), each.value.get("execution_block_type", origin)) for each in listed), rest),
    )


def _objects(listed: Value[Any], resource: Resource) -> tuple[list[Known[Object]], Unknown | None]:
    """Return the objects that are certain to be in a list, and why there may be more."""
    found: list[Known[Object]] = []
    rest: Unknown | None = None
    for member in elements(listed):
        value = member.value
        if member.presence is Truth.TRUE and isinstance(value, Known) and isinstance(value.value, Object):
            found.append(value)
        else:
            rest = rest or _doubt(member, resource) or (value if isinstance(value, Unknown) else None)
    return found, rest


def activating(plan: SwitchPlan, region: str) -> Iterator[Workflow]:
    """Yield the workflows that activate a region, or may."""
    for each in plan.workflows:
        acts = not isinstance(each.action, Known) or each.action.value == "activate"
        if acts and (not isinstance(each.target, Known) or each.target.value == region):
            yield each


def steps_towards(plan: SwitchPlan, region: str) -> Iterator[str]:
    """Yield the steps that activate a region, in order, in words."""
    for workflow in activating(plan, region):
        for each in workflow.steps:
            name = each.name.value if isinstance(each.name, Known) else "<name>"
            yield f"{name} ({each.kind.value})" if isinstance(each.kind, Known) else name
