"""Data Lifecycle Manager: the volumes that a policy takes snapshots of, and what each of its schedules gives them.

Sources: Amazon Data Lifecycle Manager API reference (``PolicyDetails``, ``Schedule``, ``CreateRule``, ``CrossRegionCopyRule``)
and hashicorp/aws docs, aws_dlm_lifecycle_policy, 2026-11. A policy works in its own region and account; a volume is a
target when it carries any one of ``target_tags``; a run starts within an hour, and nothing says when a snapshot is complete.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drpolicy.catalog.rows import Catalog
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Object, Unknown, Value
from drpolicy.recovery.backup_selections import Answer, both, either, elements, placed
from drpolicy.recovery.drafts import Draft, Drafts, of_plan
from drpolicy.recovery.holding_index import HoldingIndex
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import equal, known
from drpolicy.recovery.rule_gaps import Times, about
from drpolicy.recovery.snapshot_rules import expires_of, retention_of, times_of
from drpolicy.recovery.tags import tagged

POLICY = "aws_dlm_lifecycle_policy"
ATTACHMENT = "aws_volume_attachment"
RESOURCE_TYPES = frozenset({POLICY, ATTACHMENT})

_SNAPSHOTS = "EBS_SNAPSHOT_MANAGEMENT"


def find(catalog: Catalog, links: Links, held: Mapping[str, Holding]) -> Drafts:
    """Return one protection per volume, schedule and cross-region copy."""
    policies = links.of_type(POLICY)
    if not policies:
        return Drafts()
    index = HoldingIndex({key: each for key, each in held.items() if each.row.type in catalog.mechanisms["dlm-schedule"].stores})
    found: list[Draft] = []
    rules: list[Draft] = []
    opened: dict[str, Unknown] = {}
    for policy in policies:
        details = next(elements(policy.get("policy_details")), None)
        if details is None:
            continue
        if not isinstance(details.value, Known) or not isinstance(details.value.value, Object):
            _open(opened, policy, index, details.why or _unread(policy))
            continue
        drafts, more = _schedules(catalog, policy, details.value)
        rules.extend(of_plan(policy, drafts))
        _of_policy(policy, details.value, links, index, (drafts, more), found, opened)
    return Drafts(tuple(found), opened, tuple(rules))


def _of_policy(
    policy: Resource,
    details: Known[Object],
    links: Links,
    index: HoldingIndex,
    schedules: tuple[Sequence[Draft], Unknown | None],
    found: list[Draft],
    opened: dict[str, Unknown],
) -> None:
    header = details.origin
    if not isinstance(policy.get("default_policy"), Absent):
        # A default policy takes every volume of the region that has no recent backup of another kind and is not excluded.
        _open(opened, policy, index, Unknown(Reason.OUTSIDE_SCOPE, f"default policy {policy.key}", policy.get("default_policy").origin))
        return
    type_ = details.value.get("policy_type", header)
    if isinstance(type_, Unknown):
        _open(opened, policy, index, type_)
        return
    if isinstance(type_, Known) and type_.value != _SNAPSHOTS:
        return
    volumes = _lists(details.value.get("resource_types", header), "VOLUME")
    instances = _lists(details.value.get("resource_types", header), "INSTANCE")
    if instances[0] is not Truth.FALSE:
        _open_attached(opened, policy, links, index, instances[1])
    if volumes[0] is Truth.FALSE:
        return
    drafts, more = schedules
    for key, answer in _targets(details, index).items():
        holding = index.held[key]
        presence, why = both(both(both(answer, volumes), (policy.presence, policy.why)), placed(policy, holding.resource))
        if presence is Truth.FALSE:
            continue
        if more is not None:
            opened.setdefault(key, more)
        for draft in drafts:
            here, reason = both((presence, why), (draft.presence, draft.why))
            found.append(replace(draft, store=key, presence=here, why=reason))


def _open(opened: dict[str, Unknown], policy: Resource, index: HoldingIndex, why: Unknown) -> None:
    for holding in index.all:
        if placed(policy, holding.resource)[0] is not Truth.FALSE:
            opened.setdefault(holding.key, why)


def _open_attached(opened: dict[str, Unknown], policy: Resource, links: Links, index: HoldingIndex, why: Unknown | None) -> None:
    """Open the volumes attached to instances: a policy for instances takes them, and which ones it targets is not followed."""
    reason = why or Unknown(Reason.OUTSIDE_SCOPE, f"volumes of the instances of {policy.key}", Written(policy.span))
    for attachment in links.of_type(ATTACHMENT):
        resolution = links.resolve(attachment.get("volume_id"), index.types, attachment)
        for match in resolution.matches:
            if match.value.key in index.held and placed(policy, match.value)[0] is not Truth.FALSE:
                opened.setdefault(match.value.key, reason)


def _unread(policy: Resource) -> Unknown:
    return Unknown(Reason.COUNT_NOT_KNOWN, f"{policy.key}.policy_details", Written(policy.span))


def _lists(value: Value[Any], wanted: str) -> Answer:
    """Whether a list of texts contains one."""
    result: Answer = (Truth.FALSE, None)
    for member in elements(value):
        if isinstance(member.value, Unknown):
            result = either(result, (Truth.UNKNOWN, member.value))
        elif isinstance(member.value, Known) and member.value.value == wanted:
            result = either(result, (member.presence, member.why))
    return result


def _targets(details: Known[Object], index: HoldingIndex) -> dict[str, Answer]:
    tags = details.value.get("target_tags", details.origin)
    found: dict[str, Answer] = defaultdict(lambda: (Truth.FALSE, None))
    if isinstance(tags, Known) and isinstance(tags.value, Object):
        for name, value in tags.value.fields.items():
            key = Known(name, tags.origin)
            for holding in index.tagged(key, value):
                answer = tagged(holding.resource, key, value)
                if answer[0] is not Truth.FALSE:
                    found[holding.key] = either(found[holding.key], answer)
    rest = tags if isinstance(tags, Unknown) else tags.value.rest if isinstance(tags, Known) and isinstance(tags.value, Object) else None
    if rest is not None:
        for holding in index.all:
            found[holding.key] = either(found[holding.key], (Truth.UNKNOWN, rest))
    return found


def _schedules(catalog: Catalog, policy: Resource, details: Known[Object]) -> tuple[Sequence[Draft], Unknown | None]:
    """Return the drafts of every schedule and copy, without a store, and why there may be more."""
    state = policy.get("state")
    on: Value[bool] = known(True, "state is ENABLED where nothing is written", Written(policy.span))
    if not isinstance(state, Absent):
        on = equal("the policy is switched on", state, Known("ENABLED", state.origin))
        on = about(on, "whether it is ENABLED:") if isinstance(on, Unknown) else on
    found: list[Draft] = []
    more: Unknown | None = None
    for position, member in enumerate(elements(details.value.get("schedule", details.origin))):
        schedule = member.value
        if not isinstance(schedule, Known) or not isinstance(schedule.value, Object):
            more = more or member.why or (schedule if isinstance(schedule, Unknown) else None)
            continue
        address = f"{policy.address}.schedule[{position}]"
        times = times_of(schedule)
        retention = retention_of(schedule, times)
        found.append(_draft(catalog, "dlm-schedule", policy, schedule, address, member, on, times, policy.region, retention))
        for number, copy in enumerate(elements(schedule.value.get("cross_region_copy_rule", schedule.origin))):
            inner = copy.value
            if not isinstance(inner, Known) or not isinstance(inner.value, Object):
                more = more or copy.why or (inner if isinstance(inner, Unknown) else None)
                continue
            presence, why = both((member.presence, member.why), (copy.presence, copy.why))
            region = next((each for each in _copy_regions(inner) if not isinstance(each, Absent)), Absent(inner.origin))
            here = Member(inner, presence, why)
            place = f"{address}.cross_region_copy_rule[{number}]"
            found.append(_draft(catalog, "dlm-copy", policy, inner, place, here, on, times, region, retention_of(inner, times)))
    return found, more


def _copy_regions(rule: Known[Object]) -> Iterator[Value[Any]]:
    for name in ("target", "target_region"):
        yield rule.value.get(name, rule.origin)


def _draft(
    catalog: Catalog,
    mechanism: str,
    policy: Resource,
    settings: Known[Object],
    address: str,
    member: Member[Value[Any]],
    enabled: Value[bool],
    times: Times,
    region: Value[str],
    retention: Value[Duration],
) -> Draft:
    row = catalog.mechanisms[mechanism]
    header = settings.origin
    return Draft(
        row=row,
        store="",
        name=f"{row.title} {address}",
        address=address,
        type=policy.type,
        deployment=policy.deployment,
        region=region,
        account=policy.account,
        enabled=enabled,
        prerequisites=(),
        scheduled=times.scheduled,
        gap=times.gap,
        worst_gap=times.worst,
        retention=retention,
        immutable=known(False, "no lock is read", header),
        attributes=settings.value,
        copy_attributes=Object(),
        span=written_at(header) or policy.span,
        presence=member.presence,
        why=member.why,
        times=times,
        expires=expires_of(settings, retention),
    )
