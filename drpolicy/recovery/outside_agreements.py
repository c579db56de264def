"""Whether a service declares what the Resilience Hub policy and the Region switch plan that it names say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drpolicy.declarations.documents import ObjectiveDeclaration, ServiceDeclaration
from drpolicy.model.agreements import Agreement
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Provenance
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.adoption import Adopted
from drpolicy.recovery.contradictions import Declared, Side, agreement, first_unknown
from drpolicy.recovery.resilience_hub import Stated
from drpolicy.recovery.switch_plans import SwitchPlan, Workflow, activating


def of_policies(service: ServiceDeclaration, among: Declared, outside: Adopted, header: Provenance) -> Agreement:
    """Return whether the objectives agree with the policy of Resilience Hub that the service, or its tier, names."""
    tier = among.tiers.get(service.tier.value) if isinstance(service.tier, Known) else None
    named: list[tuple[Value[str], Stated | Unknown | Absent, Iterable[ObjectiveDeclaration]]] = []
    if service.name in outside.policies:
        named.append((service.resilience_hub, outside.policies[service.name], service.objectives))
    if tier is not None and tier.name in outside.tier_policies and tier.resilience_hub is not None:
        named.append((tier.resilience_hub, outside.tier_policies[tier.name], tier.objectives))
    sides: list[Side] = []
    unknown: Unknown | None = None
    for reference, said, objectives in named:
        if isinstance(said, Stated):
            sides.extend(_objectives(objectives, said))
            sides.extend(_strategy(service, said) if reference is service.resilience_hub else ())
            unknown = unknown or first_unknown(part for _, own, theirs in _pairs(objectives, said) for part in (own, theirs))
        elif isinstance(said, Unknown):
            unknown = unknown or said
        elif isinstance(reference, Known):
            sides.append(_nothing(reference, "resilienceHub", "policy of Resilience Hub, nor an application that has one,"))
    found = agreement("the policy of Resilience Hub agrees", sides, unknown, header)
    return Agreement(found.holds, found.text, bool(named))


def _objectives(declared: Iterable[ObjectiveDeclaration], said: Stated) -> Iterator[Side]:
    for what, own, theirs in _pairs(declared, said):
        yield from _differing(what, own, theirs, said)


def _pairs(declared: Iterable[ObjectiveDeclaration], said: Stated) -> Iterator[tuple[str, Value[Duration], Value[Duration]]]:
    """Yield what is declared beside what the policy states of the same."""
    own = {each.disruption: each for each in declared}
    for name, (rto, rpo) in said.objectives.items():
        mine = own.get(name) or own.get("all")
        if mine is not None:
            yield f"{name} RTO", mine.rto, rto
            yield f"{name} RPO", mine.rpo, rpo


def _differing(what: str, own: Value[Duration], said: Value[Duration], by: Stated) -> Iterator[Side]:
    if not isinstance(own, Known) or not isinstance(said, Known):
        return
    # What cannot be written in whole minutes is written as fewer of them: a target is never loosened.
    if own.value != said.value and own.value.seconds // by.grain * by.grain != said.value.seconds:
        text = f"{what} {own.value} is declared, and {by.policy.address} says {said.value}"
        yield Side(text, (own.origin, said.origin))


def _strategy(service: ServiceDeclaration, said: Stated) -> Iterator[Side]:
    own, theirs = service.strategy, said.strategy
    if isinstance(own, Known) and isinstance(theirs, Known) and own.value != theirs.value:
        yield Side(f"strategy {own.value} is declared, and {said.policy.address} says {theirs.value}", (own.origin, theirs.origin))


def _nothing(reference: Known[str], field: str, what: str) -> Side:
    return Side(f"{field} names {reference.value}, and no {what} that was read is called so", (reference.origin,))


def of_plan(service: ServiceDeclaration, among: Declared, outside: Adopted, header: Provenance) -> Agreement:
    """Return whether the declaration agrees with the Region switch plan that it names."""
    plan = outside.plans.get(service.name)
    if plan is None:
        return Agreement(agreement("no plan is named", (), None, header).holds, "", False)
    if isinstance(plan, Unknown):
        return Agreement(plan, "")
    if isinstance(plan, Absent):
        reference = service.region_switch
        sides = [_nothing(reference, "regionSwitch", "Region switch plan")] if isinstance(reference, Known) else []
        return agreement("the plan is there", sides, None, header)
    sides = [*_places(service, plan), *_approach(service, plan), *_time(service, plan, among), *_acting(service, plan)]
    return agreement("the Region switch plan agrees", sides, _open(service, plan), header)


def _open(service: ServiceDeclaration, plan: SwitchPlan) -> Unknown | None:
    written = [plan.approach, plan.primary, plan.rto, service.primary_region, service.strategy, *service.dr_regions]
    targets = [part for each in plan.workflows for part in (each.action, each.target)]
    steps = next((each.steps.rest for each in plan.workflows if not each.steps.elements and each.steps.rest is not None), None)
    return first_unknown((*written, *targets)) or plan.open or plan.workflows.rest or service.dr_regions.rest or steps


def _places(service: ServiceDeclaration, plan: SwitchPlan) -> Iterator[Side]:
    primary = service.primary_region
    regions = [each for each in plan.regions if isinstance(each, Known)]
    between = f"{plan.resource.address} switches between {' and '.join(each.value for each in regions)}"
    if not isinstance(primary, Known) or plan.open is not None:
        return
    if primary.value not in {each.value for each in regions}:
        yield Side(
            f"the service is declared to run in {primary.value}, and {between}", (primary.origin, *(each.origin for each in regions))
        )
        return
    if isinstance(plan.primary, Known) and plan.primary.value != primary.value:
        text = (
            f"the service is declared to run in {primary.value}, and to {plan.resource.address} {plan.primary.value} is the primary region"
        )
        yield Side(text, (primary.origin, plan.primary.origin))
    standby = [each for each in service.dr_regions if isinstance(each, Known)]
    known = len(standby) == len(service.dr_regions.elements) and service.dr_regions.rest is None
    targets = {each.value for each in plan.others(primary.value)}
    if standby and known and not targets & {each.value for each in standby}:
        text = f"the service is declared to be recovered in {' or '.join(each.value for each in standby)}, and {between}"
        yield Side(text, (*(each.origin for each in standby), *(each.origin for each in regions)))


def _approach(service: ServiceDeclaration, plan: SwitchPlan) -> Iterator[Side]:
    strategy, approach = service.strategy, plan.approach
    if not isinstance(strategy, Known) or not isinstance(approach, Known) or approach.value not in ("activeActive", "activePassive"):
        return
    if (strategy.value == "active-active") != (approach.value == "activeActive"):
        text = f"strategy {strategy.value} is declared, and {plan.resource.address} is {approach.value}"
        yield Side(text, (strategy.origin, approach.origin))


def _time(service: ServiceDeclaration, plan: SwitchPlan, among: Declared) -> Iterator[Side]:
    """Yield a plan that is to take longer than the service may be away; one that is to take less leaves time to notice and decide."""
    for each in among.claims[service.name].objectives:
        if each.disruption == "region" and isinstance(each.rto, Known) and isinstance(plan.rto, Known) and plan.rto.value > each.rto.value:
            text = f"region RTO {each.rto.value} is declared, and {plan.resource.address} is to take up to {plan.rto.value}"
            yield Side(text, (each.rto.origin, plan.rto.origin))


def _acting(service: ServiceDeclaration, plan: SwitchPlan) -> Iterator[Side]:
    """Yield the DR regions of the plan that no workflow of it activates, or only one without a step."""
    primary = service.primary_region
    if not isinstance(primary, Known) or plan.workflows.rest is not None or plan.open is not None:
        return
    for region in plan.others(primary.value):
        found = list(activating(plan, region.value))
        if not found:
            yield Side(f"no workflow of {plan.resource.address} activates {region.value}", (region.origin,))
        elif not any(map(_does_something, found)):
            yield Side(f"the workflow of {plan.resource.address} that activates {region.value} has no step", (found[0].action.origin,))


def _does_something(workflow: Workflow) -> bool:
    return bool(workflow.steps.elements) or workflow.steps.rest is not None
