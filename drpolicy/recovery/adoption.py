"""What services and tiers take from resources that they name: objectives of Resilience Hub, regions of Region switch plans.

What is written in a declaration stands; a resource that it names fills in the rest, and whether both agree is asked elsewhere
(``outside_agreements``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from drpolicy.declarations.documents import ObjectiveDeclaration, ServiceDeclaration, TierSettings
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value, members
from drpolicy.recovery import resilience_hub, switch_plans
from drpolicy.recovery.addresses import refers
from drpolicy.recovery.claims import objectives_of
from drpolicy.recovery.links import Links
from drpolicy.recovery.resilience_hub import Stated, stated
from drpolicy.recovery.switch_plans import SwitchPlan, switch_plan

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Adopted:
    """Declarations with what they name filled in, and what that says."""

    services: tuple[ServiceDeclaration, ...] = ()
    tiers: Mapping[str, TierSettings] = field(default_factory=dict)
    policies: Mapping[str, Stated | Unknown | Absent] = field(default_factory=dict)
    """Per service that names one: what its policy states; Absent where nothing that was read is called so."""
    tier_policies: Mapping[str, Stated | Unknown | Absent] = field(default_factory=dict)
    plans: Mapping[str, SwitchPlan | Unknown | Absent] = field(default_factory=dict)


def adopted(services: Iterable[ServiceDeclaration], tiers: Mapping[str, TierSettings], links: Links, missing: Unknown | None) -> Adopted:
    """Return the declarations completed; ``missing`` says why a name may be that of something which was not read."""
    declared = tuple(services)
    policies = {each.name: _policy(each.resilience_hub, links, missing) for each in declared if not isinstance(each.resilience_hub, Absent)}
    of_tiers = {
        name: _policy(each.resilience_hub, links, missing)
        for name, each in tiers.items()
        if each.resilience_hub is not None and not isinstance(each.resilience_hub, Absent)
    }
    plans = {each.name: _plan(each.region_switch, links, missing) for each in declared if not isinstance(each.region_switch, Absent)}
    completed = {name: _completed_tier(each, of_tiers.get(name)) for name, each in tiers.items()}
    found = (_of_policy(each, policies.get(each.name), _of_tier(each, of_tiers)) for each in declared)
    return Adopted(tuple(_of_plan(each, plans.get(each.name), completed) for each in found), completed, policies, of_tiers, plans)


def _policy(text: Value[str], links: Links, missing: Unknown | None) -> Stated | Unknown | Absent:
    resource = named(text, resilience_hub.RESOURCE_TYPES, links, missing)
    return stated(resource.value, links) if isinstance(resource, Known) else resource


def _plan(text: Value[str], links: Links, missing: Unknown | None) -> SwitchPlan | Unknown | Absent:
    resource = named(text, switch_plans.RESOURCE_TYPES, links, missing)
    return switch_plan(resource.value) if isinstance(resource, Known) else resource


def named(text: Value[str], types: Iterable[str], links: Links, missing: Unknown | None) -> Value[Resource]:
    """Return the resource of one of the types that a reference names, by its address or ``deployment//address``."""
    if not isinstance(text, Known):
        return text
    wanted = text.value
    found = [each for type_ in sorted(types) for each in links.of_type(type_) if is_called(wanted, each) is not Truth.FALSE]
    if len(found) == 1:
        only = found[0]
        if only.presence is Truth.TRUE and is_called(wanted, only) is Truth.TRUE:
            return Known(only, text.origin)
        return only.why or Unknown(Reason.COUNT_NOT_KNOWN, only.key, Written(only.span))
    if found:
        return Unknown(Reason.AMBIGUOUS, " or ".join(each.key for each in found), text.origin)
    if wanted.startswith("arn:"):
        return Unknown(Reason.OUTSIDE_SCOPE, f"{wanted}: no file here makes it", text.origin)
    return missing or Absent(text.origin)


def is_called(reference: str, resource: Resource) -> Truth:
    """Whether a reference names a resource; the only instance of several that may be there needs no index."""
    return refers(reference, resource.deployment, resource.address)


def _completed_tier(tier: TierSettings, said: Stated | Unknown | Absent | None) -> TierSettings:
    if not isinstance(said, Stated):
        return tier
    place = _reference(tier.resilience_hub, tier.span)
    return replace(tier, objectives=tuple(_completed(tier.objectives, said, place)))


def _of_tier(service: ServiceDeclaration, policies: Mapping[str, Stated | Unknown | Absent]) -> Stated | Unknown | Absent | None:
    return policies.get(service.tier.value) if isinstance(service.tier, Known) else None


def _of_policy(
    service: ServiceDeclaration, said: Stated | Unknown | Absent | None, of_tier: Stated | Unknown | Absent | None
) -> ServiceDeclaration:
    if isinstance(of_tier, Unknown):
        service = replace(service, objectives=_opened(service.objectives, of_tier))
    if isinstance(said, Unknown):
        # It may state any objective, and the approach, that is not written.
        approach = said if isinstance(service.strategy, Absent) else service.strategy
        return replace(service, objectives=_opened(service.objectives, said), strategy=approach)
    if not isinstance(said, Stated):
        return service
    written = tuple(service.objectives)
    completed = members(_completed(written, said, _reference(service.resilience_hub, service.span)), service.objectives.rest)
    return replace(service, objectives=completed, strategy=said.strategy if isinstance(service.strategy, Absent) else service.strategy)


def _opened(listed: Members[T], why: Unknown) -> Members[T]:
    return Members(listed.elements, listed.rest or why)


def _reference(text: Value[str] | None, header: Span) -> Span:
    return text.origin.span if isinstance(text, Known) and isinstance(text.origin, Written) else header


def _completed(written: Iterable[ObjectiveDeclaration], said: Stated, place: Span) -> Iterator[ObjectiveDeclaration]:
    """Yield the objectives that are written, and what a policy states of each part that is not; ``all`` is written for each."""
    by_name = {each.disruption: each for each in written}
    general = by_name.get("all")
    for name in dict.fromkeys((*by_name, *said.objectives)):
        own, (rto, rpo) = by_name.get(name), said.objectives.get(name, (None, None))
        header = own.span if own is not None else place
        yield ObjectiveDeclaration(
            name,
            _filled(own.rto if own else None, general.rto if general else None, rto, place),
            _filled(own.rpo if own else None, general.rpo if general else None, rpo, place),
            header,
        )


def _filled(own: Value[T] | None, general: Value[T] | None, said: Value[T] | None, place: Span) -> Value[T]:
    for each in (own, general):
        if each is not None and not isinstance(each, Absent):
            return each
    if said is None or isinstance(said, Absent):
        return own if own is not None else Absent(Written(place))
    return said


def _of_plan(
    service: ServiceDeclaration, plan: SwitchPlan | Unknown | Absent | None, tiers: Mapping[str, TierSettings]
) -> ServiceDeclaration:
    if isinstance(plan, Unknown):
        return replace(
            service,
            primary_region=plan if isinstance(service.primary_region, Absent) else service.primary_region,
            dr_regions=service.dr_regions if service.dr_regions.elements else _opened(service.dr_regions, plan),
            strategy=plan if isinstance(service.strategy, Absent) else service.strategy,
            objectives=_opened(service.objectives, plan),
        )
    if not isinstance(plan, SwitchPlan):
        return service
    primary = plan.primary if isinstance(service.primary_region, Absent) else service.primary_region
    standby = service.dr_regions
    if not standby.elements and standby.rest is None:
        if isinstance(primary, Known):
            standby = members(plan.others(primary.value), plan.open)
        elif isinstance(primary, Unknown):
            standby = Members((), primary)
    strategy: Value[str] = service.strategy
    if isinstance(strategy, Absent) and isinstance(plan.approach, Unknown):
        strategy = plan.approach
    elif isinstance(strategy, Absent) and isinstance(plan.approach, Known) and plan.approach.value == "activeActive":
        strategy = Known("active-active", plan.approach.origin)
    service = replace(service, primary_region=primary, dr_regions=standby, strategy=strategy)
    return with_objective(service, tiers, "region", "rto", plan.rto, _reference(service.region_switch, service.span))


def with_objective(
    service: ServiceDeclaration, tiers: Mapping[str, TierSettings], disruption: str, part: str, value: Value[Duration], place: Span
) -> ServiceDeclaration:
    """Return a service with an objective for a disruption, where neither it nor its tier has one."""
    if isinstance(value, Absent) or service.objectives.rest is not None:
        return service
    for each in objectives_of(service, tiers):
        if disruption in ("all", each.disruption) and not isinstance(each.rto if part == "rto" else each.rpo, Absent):
            return service
    own = next((each for each in service.objectives if each.disruption == disruption), None)
    absent: Value[Duration] = Absent(Written(place))
    made = own or ObjectiveDeclaration(disruption, absent, absent, place)
    made = replace(made, rto=value) if part == "rto" else replace(made, rpo=value)
    return replace(service, objectives=members((*(each for each in service.objectives if each is not own), made)))
