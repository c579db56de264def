"""What policies of AWS Resilience Hub state, read from Terraform.

Sources: hashicorp/aws docs of aws_resiliencehub_resiliency_policy, aws_resiliencehub_app, aws_resiliencehubv2_policy and
aws_resiliencehubv2_service, and the AWS API models resiliencehub 2020-04-30 and resiliencehubv2 2026-02-17, 2026-11. The older
generation states objectives per disruption, as Go durations in hashicorp/aws and in seconds in awscc; the newer one states whole
minutes for the loss of a zone and of a region, and an approach. Neither knows the loss of an account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from drpolicy.model.durations import MINUTE, Duration, go_duration
from drpolicy.model.provenance import Derived, Through
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.recovery.conversions import converted, number_of
from drpolicy.recovery.links import Links

DISRUPTIONS: Final[Mapping[str, str]] = {"software": "corruption", "hardware": "hardware", "az": "az", "region": "region"}
"""The disruptions of the older generation, in our words. ``software`` is what goes wrong in the application and its data."""

APPROACHES: Final[Mapping[str, str]] = {
    "ACTIVE_ACTIVE": "active-active",
    "WARM_STANDBY": "warm-standby",
    "PILOT_LIGHT": "pilot-light",
    "BACKUP_AND_RESTORE": "backup-restore",
}
"""The approaches of the newer generation that are strategies here. HOT_STANDBY is none of them."""

_ATTACHED: Final[Mapping[str, str]] = {
    "aws_resiliencehub_app": "resiliency_policy_arn",
    "awscc_resiliencehub_app": "resiliency_policy_arn",
    "aws_resiliencehubv2_service": "policy_arn",
    "awscc_resiliencehubv2_service": "policy_arn",
}
"""Types that have a policy, and the attribute that names it."""


@dataclass(frozen=True, slots=True)
class Units:
    """How a type writes its objectives: the attributes, what makes seconds of them, and in which blocks they are per disruption."""

    rto: str
    rpo: str
    of: Callable[[object], float | None]
    blocks: Mapping[str, tuple[str, ...]]
    grain: int = 1
    """Seconds of the smallest objective that can be written."""


def _go(written: object) -> float | None:
    try:
        return go_duration(written).seconds if isinstance(written, str) else None
    except ValueError:
        return None


def _times(unit: int) -> Callable[[object], float | None]:
    return lambda written: None if isinstance(written, bool) or not isinstance(written, int | float) else written * unit


_OLDER: Final = {disruption: ("policy", block) for block, disruption in DISRUPTIONS.items()}
_NEWER: Final = {"az": ("multi_az",), "region": ("multi_region",)}
POLICIES: Final[Mapping[str, Units]] = {
    "aws_resiliencehub_resiliency_policy": Units("rto", "rpo", _go, _OLDER),
    "awscc_resiliencehub_resiliency_policy": Units("rto_in_secs", "rpo_in_secs", _times(1), _OLDER),
    "aws_resiliencehubv2_policy": Units("rto_in_minutes", "rpo_in_minutes", _times(MINUTE), _NEWER, MINUTE),
    "awscc_resiliencehubv2_policy": Units("rto_in_minutes", "rpo_in_minutes", _times(MINUTE), _NEWER, MINUTE),
}
RESOURCE_TYPES: Final = frozenset({*POLICIES, *_ATTACHED})


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """What one policy states. ``grain`` is the smallest step, in seconds, in which it can be written."""

    policy: Resource
    objectives: Mapping[str, tuple[Value[Duration], Value[Duration]]]
    """RTO and RPO per disruption that the policy has."""
    strategy: Value[str]
    grain: int


def stated(resource: Resource, links: Links) -> Stated | Unknown | Absent:
    """Return what a policy states, or the policy of an application or service; Absent when that has none."""
    attached = _ATTACHED.get(resource.type)
    if attached is None:
        return _stated(resource)
    value = resource.get(attached)
    if isinstance(value, Absent):
        return value
    resolution = links.resolve(value, POLICIES, resource)
    if resolution.single is not None:
        return _stated(resolution.single)
    why = resolution.unknown or next((each.why for each in resolution.matches if each.why is not None), None)
    return why or Unknown(Reason.OUTSIDE_SCOPE, f"{resource.key}.{attached}", value.origin)


def _stated(policy: Resource) -> Stated:
    units = POLICIES[policy.type]
    objectives = {disruption: _objective(policy, units, path) for disruption, path in units.blocks.items()}
    return Stated(
        policy,
        {name: each for name, each in objectives.items() if not all(isinstance(part, Absent) for part in each)},
        _strategy(policy),
        units.grain,
    )


def _objective(policy: Resource, units: Units, path: tuple[str, ...]) -> tuple[Value[Duration], Value[Duration]]:
    rto, rpo = (_duration(policy, units, inside(policy, *path, name), ".".join((*path, name))) for name in (units.rto, units.rpo))
    return rto, rpo


def _duration(policy: Resource, units: Units, value: Value[Any], name: str) -> Value[Duration]:
    if not isinstance(value, Known):
        return replace(value, among=()) if isinstance(value, Unknown) else value
    # Terraform makes a number of a text before the provider sees it, and a text of a number.
    value = converted(value, str, f"{policy.key}.{name}") if units.of is _go else value
    if not isinstance(value, Known):
        return value
    number = number_of(value)
    seconds = units.of(value.value if units.of is _go or number is None else number)
    if seconds is None or seconds < 0:
        return Unknown(Reason.REFUSED, f"{policy.key}.{name}", value.origin)
    return Known(Duration(seconds), Through(policy.address, None, value.origin))


def _strategy(policy: Resource) -> Value[str]:
    value = inside(policy, "multi_region", "disaster_recovery_approach")
    if not isinstance(value, Known):
        return value
    strategy = APPROACHES.get(str(value.value))
    if strategy is None:
        return Absent(value.origin)
    return Known(strategy, Through(policy.address, None, Derived(f"{value.value}", (value.origin,))))


def inside(resource: Resource, *names: str) -> Value[Any]:
    """Return what stands in nested blocks, each of which may be written once: a list of one in HCL, an object in a plan."""
    value: Value[Any] = Known(resource.attributes, resource.get().origin)
    for name in names:
        if not isinstance(value, Known):
            return value
        inner = value.value
        if isinstance(inner, Members):
            value = next(_first(inner), Absent(value.origin))
            inner = value.value if isinstance(value, Known) else None
        if isinstance(value, Unknown):
            return value
        value = inner.get(name, value.origin) if isinstance(inner, Object) else Absent(value.origin)
    return value


def _first(listed: Members[Any]) -> Iterator[Value[Any]]:
    for each in listed.elements:
        if each.presence is Truth.TRUE:
            yield each.value
        elif each.why is not None:
            yield each.why
    if listed.rest is not None:
        yield listed.rest
