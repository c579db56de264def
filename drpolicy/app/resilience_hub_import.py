"""Policies of AWS Resilience Hub, of both generations, as tiers or as the objectives of a service.

Sources: the AWS API models resiliencehub 2020-04-30 (ResiliencyPolicy, DisruptionPolicy, FailurePolicy) and resiliencehubv2 2026-02-17
(Policy, MultiAzTargets, MultiRegionTargets, DataRecoveryTargets), 2026-11. What has no counterpart here is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from drpolicy.app.api_answers import answer, count, listed, text
from drpolicy.app.service_draft import ObjectiveDraft, ServiceDraft, TierDraft, service_name
from drpolicy.app.service_imports import NotImported
from drpolicy.declarations.reading import Field
from drpolicy.model.durations import MINUTE, format_duration
from drpolicy.model.records import dataclass
from drpolicy.recovery.resilience_hub import APPROACHES, DISRUPTIONS

TIERS: Final[Mapping[str, str]] = {
    "MissionCritical": "critical",
    "Critical": "critical",
    "Important": "important",
    "CoreServices": "core-services",
    "NonCritical": "non-critical",
    "NotApplicable": "",
}
"""Tiers of the older generation (ResiliencyPolicyTier), and what they are called here; most severe first."""

_APPROACHES: Final = (*APPROACHES, "HOT_STANDBY")
_LOCATIONS: Final = ("AnyLocation", "SameContinent", "SameCountry")
_OLDER: Final = {"Software": "software", "Hardware": "hardware", "AZ": "az", "Region": "region"}


@dataclass(frozen=True, slots=True)
class HubPolicy:
    """One policy in our words; ``notes`` say what of it was not taken over."""

    name: str
    tier: str
    objectives: tuple[ObjectiveDraft, ...]
    strategy: str
    notes: tuple[str, ...]


def policies(text_: str, path: str) -> tuple[list[HubPolicy], list[str]]:
    """Return the policies that a file holds, and what is to be said of the file. Raises NotImported.

    It is what describe-resiliency-policy, list-resiliency-policies, get-policy or list-policies print, or the input of
    create-resiliency-policy or create-policy.
    """
    root = answer(text_, path)
    found = [_policy(each, path) for each in listed(root, ("resiliencyPolicies", "policySummaries"), ("policy",))]
    if not found:
        raise NotImported(f"{path}: the list has no policy")
    said = [f"{root.get('nextToken').place}: the list goes on after this page (nextToken)"] if text(root, "nextToken") else []
    return found, said


def _policy(each: Field, path: str) -> HubPolicy:
    older = each.get("policyName").written
    name = text(each, "policyName" if older else "name")
    if not name:
        raise NotImported(f"{each.header}: no policy of Resilience Hub: neither policyName nor name is in it")
    place = f"from {path}:{each.get('policyName' if older else 'name').place.start.line}, policy {name} of Resilience Hub"
    return _of_older(each, name, place) if older else _of_newer(each, name, place)


def _of_older(each: Field, name: str, place: str) -> HubPolicy:
    tier = text(each, "tier", tuple(TIERS))
    notes = [f"{place}, tier {tier or 'not said'}"]
    disruptions = each.get("policy")
    for key, inner in disruptions.items():
        if key not in _OLDER:
            raise NotImported(f"{inner.header}: {key} is not one of {', '.join(_OLDER)}")
    objectives = [
        _objective(DISRUPTIONS[_OLDER[key]], disruptions.get(key), "rtoInSecs", "rpoInSecs", 1)
        for key in _OLDER
        if disruptions.get(key).written
    ]
    if any(each.disruption == "corruption" for each in objectives):
        notes.append("Software is taken as corruption: what goes wrong in the application and its data")
    location = text(each, "dataLocationConstraint", _LOCATIONS)
    if location not in ("", "AnyLocation"):
        notes.append(f"dataLocationConstraint {location} is not taken over: it says where the policy is kept; write dataLocation on stores")
    notes.extend(_account(objectives))
    return HubPolicy(name, TIERS.get(tier, ""), tuple(objectives), "", tuple(notes))


def _of_newer(each: Field, name: str, place: str) -> HubPolicy:
    notes = [place]
    objectives: list[ObjectiveDraft] = []
    strategy = ""
    for key, disruption in (("multiAz", "az"), ("multiRegion", "region")):
        inner = each.get(key)
        if not inner.written:
            continue
        objectives.append(_objective(disruption, inner, "rtoInMinutes", "rpoInMinutes", MINUTE))
        approach = text(inner, "disasterRecoveryApproach", _APPROACHES)
        if key == "multiRegion" and approach in APPROACHES:
            strategy = APPROACHES[approach]
        elif approach:
            notes.append(f"{key}: the approach {approach} is not taken over: no strategy here is the same")
    backups = count(each.get("dataRecovery"), "timeBetweenBackupsInMinutes")
    if backups is not None:
        notes.append(
            f"dataRecovery is not taken over: {format_duration(backups * MINUTE)} between backups is no objective for a disruption; "
            "write corruption: {rpo: …}"
        )
    if each.get("availabilitySlo").written:
        notes.append("availabilitySlo is not taken over: it says nothing of a recovery")
    notes.extend(_account(objectives))
    return HubPolicy(name, "", tuple(each for each in objectives if each.rto or each.rpo), strategy, tuple(notes))


def _account(objectives: Sequence[ObjectiveDraft]) -> Iterator[str]:
    named = {each.disruption for each in objectives}
    missing = [name for name in ("corruption", "hardware", "region") if name not in named]
    yield f"it states nothing for {', '.join((*missing, 'account'))}"


def _objective(disruption: str, inner: Field, rto: str, rpo: str, unit: int) -> ObjectiveDraft:
    parts = ("" if (value := count(inner, name)) is None else format_duration(value * unit) for name in (rto, rpo))
    return ObjectiveDraft(disruption, *parts)


def as_tiers(found: Sequence[HubPolicy]) -> list[TierDraft]:
    """Return a tier for each policy that states an objective, named after its tier where no other has that one, else after the policy."""
    stating = [each for each in found if each.objectives]
    if not stating:
        raise NotImported("no policy in it states an RTO or an RPO")
    tiers = [each.tier for each in stating]
    names = [each.tier if each.tier and tiers.count(each.tier) == 1 else service_name(each.name) for each in stating]
    for name in names:
        if names.count(name) > 1:
            raise NotImported(f"several policies in it would be the tier {name}: take over one at a time")
    return [TierDraft(name, each.objectives, (*each.notes, *_strategy_note(each))) for name, each in zip(names, stating, strict=True)]


def _strategy_note(policy: HubPolicy) -> Iterator[str]:
    if policy.strategy:
        yield f"its approach is no part of a tier: write strategy: {policy.strategy} in its services"


def as_service(found: Sequence[HubPolicy], name: str) -> ServiceDraft:
    """Return a service with the objectives of the one policy that a file holds. Raises NotImported when it holds several."""
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise NotImported(f"it holds {len(found)} policies ({names}): a service has one; leave --service out to take them over as tiers")
    (policy,) = found
    return ServiceDraft(
        name=service_name(name),
        tier=policy.tier,
        objectives=policy.objectives,
        strategy=policy.strategy,
        stores_known=False,
        notes=policy.notes,
    )
