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
from drpolicy.model.durations import DAY, HOUR, Duration
from drpolicy.model.provenance import Derived, Provenance, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Object, Unknown, Value
from drpolicy.recovery.backup_selections import Answer, both, either, elements, placed
from drpolicy.recovery.conversions import number_of
from drpolicy.recovery.drafts import Draft, Drafts
from drpolicy.recovery.holding_index import HoldingIndex
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import equal, known
from drpolicy.recovery.rule_gaps import Times, about, cron_times
from drpolicy.recovery.tags import tagged

POLICY = "aws_dlm_lifecycle_policy"
ATTACHMENT = "aws_volume_attachment"
RESOURCE_TYPES = frozenset({POLICY, ATTACHMENT})

_SNAPSHOTS = "EBS_SNAPSHOT_MANAGEMENT"
_UNITS = {"HOURS": HOUR, "DAYS": DAY, "WEEKS": 7 * DAY, "MONTHS": 28 * DAY, "YEARS": 365 * DAY}
"""Seconds at least."""


def find(catalog: Catalog, links: Links, held: Mapping[str, Holding]) -> Drafts:
    """Return one protection per volume, schedule and cross-region copy."""
    policies = links.of_type(POLICY)
    if not policies:
        return Drafts()
    index = HoldingIndex({key: each for key, each in held.items() if each.row.type in catalog.mechanisms["dlm-schedule"].stores})
    found: list[Draft] = []
    opened: dict[str, Unknown] = {}
    for policy in policies:
        details = next(elements(policy.get("policy_details")), None)
        if details is None:
            continue
        if not isinstance(details.value, Known) or not isinstance(details.value.value, Object):
            _open(opened, policy, index, details.why or _unread(policy))
            continue
        _of_policy(catalog, policy, details.value, links, index, found, opened)
    return Drafts(tuple(found), opened)


def _of_policy(
    catalog: Catalog,
    policy: Resource,
    details: Known[Object],
    links: Links,
    index: HoldingIndex,
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
    drafts, more = _schedules(catalog, policy, details)
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
        times = _times(schedule)
        retention = _retention(schedule, times)
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
            found.append(_draft(catalog, "dlm-copy", policy, inner, place, here, on, times, region, _retention(inner, times)))
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
    )


def _times(schedule: Known[Object]) -> Times:
    """Return how often snapshots begin. Nothing bounds when they are complete, so there is no guaranteed worst case."""
    unbounded: Value[Duration] = Absent(schedule.origin)
    member = next(elements(schedule.value.get("create_rule", schedule.origin)), None)
    if member is None:
        return Times(unbounded, unbounded, known(False, "a schedule without a rule never runs", schedule.origin))
    rule = member.value
    if not isinstance(rule, Known) or not isinstance(rule.value, Object):
        why = member.why or (rule if isinstance(rule, Unknown) else _no_rule(schedule.origin))
        return Times(about(why, "interval of"), unbounded, about(why, "whether it recurs:"))
    cron = rule.value.get("cron_expression", rule.origin)
    if not isinstance(cron, Absent):
        return replace(cron_times(cron, Absent(rule.origin), rule.origin), worst=unbounded)
    every = rule.value.get("interval", rule.origin)
    hours = number_of(every)
    if hours is not None and hours > 0:
        # Hours are the only unit of a creation rule (API reference, CreateRule, IntervalUnit, 2026-11).
        return Times(Known(Duration(hours * HOUR), every.origin), unbounded, known(True, "it recurs by itself", every.origin))
    if isinstance(every, Unknown):
        interval = about(every, "hours", lambda value: Duration(value * HOUR) if isinstance(value, (int, float)) else None)
        return Times(interval, unbounded, known(True, "an interval is written", every.origin))
    return Times(unbounded, unbounded, known(False, "neither an interval nor a cron expression is written", rule.origin))


def _no_rule(origin: Provenance) -> Unknown:
    return Unknown(Reason.COUNT_NOT_KNOWN, "create_rule", origin)


def _retention(settings: Known[Object], times: Times) -> Value[Duration]:
    """Return how long a snapshot is kept at least: an age, or a number of snapshots at the interval of the schedule."""
    member = next(elements(settings.value.get("retain_rule", settings.origin)), None)
    if member is None:
        return Absent(settings.origin)
    rule = member.value
    if not isinstance(rule, Known) or not isinstance(rule.value, Object):
        return about(member.why or _no_rule(settings.origin), "retention in")
    count, age = rule.value.get("count", rule.origin), rule.value.get("interval", rule.origin)
    number = number_of(count)
    if number is not None and isinstance(times.gap, Known):
        return Known(
            Duration(number * times.gap.value.seconds), Derived("snapshots kept at the interval", (count.origin, times.gap.origin))
        )
    unit, kept = rule.value.get("interval_unit", rule.origin), number_of(age)
    if kept is not None and isinstance(unit, Known) and unit.value in _UNITS:
        return Known(Duration(kept * _UNITS[unit.value]), age.origin)
    unknown = next((each for each in (count, age, unit, times.gap) if isinstance(each, Unknown)), None)
    return Absent(rule.origin) if unknown is None else about(unknown, "retention by")
