"""The objectives of a service as a policy of AWS Resilience Hub: input of its API, or Terraform.

Sources: the AWS API models resiliencehub 2020-04-30 (CreateResiliencyPolicyRequest: RTO and RPO, in seconds, for Software, Hardware and AZ
at least) and resiliencehubv2 2026-02-17 (CreatePolicyRequest: whole minutes), and hashicorp/aws docs of both resources (an approach is
required for each of multi_az and multi_region), 2026-11. A target is rounded down, and never loosened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from drpolicy.app.resilience_hub_import import TIERS
from drpolicy.declarations.documents import ServiceDeclaration, TierSettings
from drpolicy.model.durations import MINUTE
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.stores import Objective
from drpolicy.model.values import Known
from drpolicy.recovery.claims import objectives_of
from drpolicy.recovery.resilience_hub import APPROACHES

Json: TypeAlias = "str | int | Mapping[str, Json]"

_OLDER: Final[Mapping[str, str]] = {"Software": "corruption", "Hardware": "hardware", "AZ": "az", "Region": "region"}
_REQUIRED: Final = ("Software", "Hardware", "AZ")
_NEWER: Final[Mapping[str, str]] = {"multiAz": "az", "multiRegion": "region"}
_UNFIT = deferred(r"[^A-Za-z0-9_-]")
_LONGEST: Final = 60
"""Characters of a policy's name (EntityName in both models)."""


class NotExported(Exception):
    """The service cannot be written as such a policy; the message says why."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A policy as text, and what of the declaration is not in it."""

    text: str
    left_out: tuple[str, ...]


def exported(service: ServiceDeclaration, tiers: Mapping[str, TierSettings], form: str) -> Exported:
    """Return the objectives of a service, and of its tier, in one of the ``FORMS``. Raises NotExported."""
    objectives = {each.disruption: each for each in objectives_of(service, tiers)}
    if not objectives:
        raise NotExported(f"{service.name} declares no objectives, and its tier has none")
    said: list[str] = []
    write, terraform = FORMS[form]
    policy = write(service, objectives, said, terraform)
    return Exported(_terraform(form, service.name, policy) if terraform else json.dumps(policy, indent=2) + "\n", tuple(said))


def _older(service: ServiceDeclaration, objectives: Mapping[str, Objective], said: list[str], terraform: bool) -> Mapping[str, Json]:
    targets: dict[str, Json] = {}
    lacking: list[str] = []
    for name, disruption in _OLDER.items():
        parts = {part: _seconds(objectives.get(disruption), part, 1, disruption, said) for part in ("rto", "rpo")}
        missing = [part.upper() for part, value in parts.items() if value is None]
        if name in _REQUIRED or not missing:
            lacking.extend(f"{part} for {disruption}" for part in missing)
            targets[name] = {f"{part}InSecs": value for part, value in parts.items() if value is not None}
        elif len(missing) == 1:
            said.append(f"the objective for {disruption}: a policy states both an RTO and an RPO, and no {missing[0]} is declared")
    if lacking:
        raise NotExported(f"Resilience Hub asks for what {service.name} does not declare: {', '.join(lacking)}")
    said.extend(_left_out(service, objectives, ("account",)))
    if isinstance(service.strategy, Known):
        said.append(f"strategy {service.strategy.value}: this generation has no approach")
    return {"policyName": _name(service, said), "tier": _tier(service, said), "policy": targets}


def _newer(service: ServiceDeclaration, objectives: Mapping[str, Objective], said: list[str], terraform: bool) -> Mapping[str, Json]:
    policy: dict[str, Json] = {"name": _name(service, said)}
    for name, disruption in _NEWER.items():
        parts = {part: _seconds(objectives.get(disruption), part, MINUTE, disruption, said) for part in ("rto", "rpo")}
        target: dict[str, Json] = {f"{part}InMinutes": value for part, value in parts.items() if value is not None}
        approach = _approach(service) if name == "multiRegion" else ""
        if not target:
            continue
        if approach:
            target["disasterRecoveryApproach"] = approach
        elif terraform:
            why = "no strategy is declared" if name == "multiRegion" else "no approach for zones can be declared"
            said.append(f"the objective for {disruption}: Terraform requires an approach, and {why}")
            continue
        policy[name] = target
    if len(policy) == 1:
        raise NotExported(f"nothing that {service.name} declares can be written so: {'; '.join(said) or 'no objective for az or region'}")
    said.extend(_left_out(service, objectives, ("corruption", "hardware", "account")))
    if isinstance(service.tier, Known):
        said.append(f"tier {service.tier.value}: this generation has no tiers")
    return policy


def _seconds(objective: Objective | None, part: str, unit: int, disruption: str, said: list[str]) -> int | None:
    value = None if objective is None else objective.rto if part == "rto" else objective.rpo
    if not isinstance(value, Known):
        return None
    whole = int(value.value.seconds // unit)
    if whole * unit != value.value.seconds:
        rest = "minutes" if unit == MINUTE else "seconds"
        said.append(f"the {part.upper()} for {disruption}, {value.value}, is rounded down to {whole} {rest}")
    return whole


def _left_out(service: ServiceDeclaration, objectives: Mapping[str, Objective], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if name in objectives:
            yield f"the objective for {name}: a policy has none for it"
    if any(isinstance(each.data_location, Known) and each.data_location.value != "any" for each in service.stores):
        yield "dataLocation of stores: dataLocationConstraint is about where the policy is kept, not the data"
    if isinstance(service.terms.detection, Known) or isinstance(service.terms.decision, Known):
        yield "detection and decision: the RTO is the whole time, and a policy does not divide it"


def _name(service: ServiceDeclaration, said: list[str]) -> str:
    name = _UNFIT.sub("-", service.name)[:_LONGEST]
    name = f"{name}-policy" if len(name) < 2 else name
    if name != service.name:
        said.append(f"the name {service.name} is written as {name}: a policy's has 2 to {_LONGEST} letters, digits, - and _")
    return name


def _tier(service: ServiceDeclaration, said: list[str]) -> str:
    own = service.tier.value if isinstance(service.tier, Known) else ""
    # The most severe name comes first, and "critical" is the API's own word for the second.
    same = [name for name, ours in TIERS.items() if own and (ours == own or name == own)]
    if not same:
        said.append(f"tier {own or '(none declared)'}: Resilience Hub has none of that name; NotApplicable is written")
        return "NotApplicable"
    return next((name for name in same if name.lower() == own.lower()), same[0])


def _approach(service: ServiceDeclaration) -> str:
    own = service.strategy.value if isinstance(service.strategy, Known) else ""
    return next((name for name, strategy in APPROACHES.items() if strategy == own), "")


FORMS: Final[Mapping[str, tuple[Callable[..., Mapping[str, Json]], bool]]] = {
    "resiliencehub": (_older, False),
    "resiliencehubv2": (_newer, False),
    "aws_resiliencehub_resiliency_policy": (_older, True),
    "aws_resiliencehubv2_policy": (_newer, True),
}
"""The forms that can be written: clients of the AWS command line, whose create command reads the text, and types of hashicorp/aws."""

_TERRAFORM_NAMES: Final[Mapping[str, str]] = {"policyName": "name", "rtoInSecs": "rto", "rpoInSecs": "rpo"}
"""What Terraform calls otherwise than the API in snake case; objectives of the older generation are Go durations there."""


def _terraform(type_: str, name: str, policy: Mapping[str, Json]) -> str:
    label = re.sub(r"[^a-z0-9_]", "_", name)
    label = f"_{label}" if label[:1].isdigit() else label
    return "\n".join((f'resource "{type_}" "{label}" {{', *_arguments(policy, "  "), "}")) + "\n"


def _arguments(mapping: Mapping[str, Json], indent: str) -> Iterator[str]:
    flat = {_snake(name): _literal(name, value) for name, value in mapping.items() if not isinstance(value, Mapping)}
    width = max(map(len, flat), default=0)
    for name, text in flat.items():
        yield f"{indent}{name.ljust(width)} = {text}"
    for name, value in mapping.items():
        if isinstance(value, Mapping):
            yield f"{indent}{_snake(name)} {{"
            yield from _arguments(value, indent + "  ")
            yield f"{indent}}}"


def _literal(name: str, value: str | int) -> str:
    return json.dumps(f"{value}s" if name.endswith("InSecs") else value)


def _snake(name: str) -> str:
    return _TERRAFORM_NAMES.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
