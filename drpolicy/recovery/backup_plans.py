"""AWS Backup: which stores a plan's selections take in, and what each rule gives them.

Selection as AWS documents it (AWS Backup Developer Guide, Assigning resources, 2026-11): ``resources`` are ARNs or
wildcards, ``selection_tag`` blocks are alternatives, ``not_resources`` takes out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from drpolicy.catalog.rows import Catalog
from drpolicy.model.durations import DAY, MINUTE, Duration
from drpolicy.model.provenance import Default, Provenance, Through, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.schedules import parse_aws, worst_gap
from drpolicy.model.truth import Truth, some
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.recovery.drafts import Draft, Drafts
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import known

START_WINDOW = Default("start_window = 480 minutes", "AWS Backup Developer Guide, backup plan options: start window 8 hours, 2026-11")
COMPLETION_WINDOW = Default(
    "completion_window = 10080 minutes", "AWS Backup Developer Guide, backup plan options: completion window 7 days, 2026-11"
)
RESOURCE_TYPES = frozenset(
    {
        "aws_backup_plan",
        "aws_backup_selection",
        "aws_backup_vault",
        "aws_backup_vault_lock_configuration",
        "aws_backup_restore_testing_plan",
        "aws_backup_restore_testing_selection",
    }
)


def find(catalog: Catalog, links: Links, held: Mapping[str, Holding]) -> Drafts:
    """Return one protection per store, plan rule and copy action."""
    plans = _selected_plans(links)
    found: list[Draft] = []
    opened: dict[str, Unknown] = {}
    for selection in links.of_type("aws_backup_selection"):
        for holding in held.values():
            taken, why = _takes(selection, holding, links)
            if taken is Truth.FALSE:
                continue
            if not plans[selection.key]:
                if why is None:
                    why = Unknown(Reason.OUTSIDE_SCOPE, f"{selection.key}.plan_id", selection.get("plan_id").origin)
                opened.setdefault(holding.key, why)
            for plan in plans[selection.key]:
                presence = taken & selection.presence & plan.presence
                reason = why or selection.why or plan.why
                found.extend(_rules(catalog, links, plan, holding, presence, reason))
    return Drafts(tuple(found), opened)


def _selected_plans(links: Links) -> Mapping[str, list[Resource]]:
    plans: dict[str, list[Resource]] = defaultdict(list)
    for selection in links.of_type("aws_backup_selection"):
        resolution = links.resolve(selection.get("plan_id"), ("aws_backup_plan",), selection)
        plans[selection.key].extend(match.value for match in resolution.matches)
    return plans


def _takes(selection: Resource, holding: Holding, links: Links) -> tuple[Truth, Unknown | None]:
    """Whether a selection takes in a store, and what keeps that from being known."""
    truths: list[Truth] = []
    why: Unknown | None = None
    for element in _list(selection, "resources"):
        truth, unknown = _names(element, selection, holding, links)
        truths.append(truth)
        why = why or unknown
    for element in _list(selection, "selection_tag"):
        truth, unknown = _tagged(element, holding)
        truths.append(truth)
        why = why or unknown
    for element in _list(selection, "not_resources"):
        truth, unknown = _names(element, selection, holding, links)
        if truth is not Truth.FALSE:
            return (~truth & some(truths)), why or unknown
    return some(truths), why


def _list(resource: Resource, attribute: str) -> Iterator[Member[Value[Any]]]:
    value = resource.get(attribute)
    if isinstance(value, Unknown):
        yield Member(value, Truth.UNKNOWN, value)
    elif isinstance(value, Known) and isinstance(value.value, Members):
        yield from value.value.elements
        if value.value.rest is not None:
            yield Member(value.value.rest, Truth.UNKNOWN, value.value.rest)


def _names(element: Member[Value[Any]], selection: Resource, holding: Holding, links: Links) -> tuple[Truth, Unknown | None]:
    value = element.value
    resolution = links.resolve(value, (holding.row.type,), selection)
    if any(match.value is holding.resource for match in resolution.matches):
        return element.presence, element.why
    if isinstance(value, Known) and isinstance(value.value, str):
        if "*" in value.value:
            return _wildcard(value.value, holding), None
        return Truth.FALSE, None
    if isinstance(value, Unknown):
        if value.target is not None and value.target.key in links.by_key:
            return Truth.FALSE, None
        if holding.resource.deployment == selection.deployment:
            return Truth.UNKNOWN, value
    return Truth.FALSE, None


def _wildcard(pattern: str, holding: Holding) -> Truth:
    if pattern == "*":
        return Truth.TRUE
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return Truth.FALSE
    if not fnmatchcase(holding.row.arn_service, parts[2]):
        return Truth.FALSE
    names = [holding.resource.get(name) for name in holding.row.names]
    name = next((each.value for each in names if isinstance(each, Known)), None)
    if parts[5] == "*":
        return Truth.TRUE
    if name is None:
        return Truth.UNKNOWN if fnmatchcase(holding.row.arn_resource, parts[5][: len(holding.row.arn_resource)]) else Truth.FALSE
    return Truth.of(fnmatchcase(holding.row.arn_resource + str(name), parts[5]))


def _tagged(element: Member[Value[Any]], holding: Holding) -> tuple[Truth, Unknown | None]:
    """Whether a ``selection_tag`` block (type STRINGEQUALS) matches the store's tags, default tags included."""
    block = element.value
    if not isinstance(block, Known) or not isinstance(block.value, Object):
        return Truth.UNKNOWN, element.why
    header = block.origin
    key, wanted = block.value.get("key", header), block.value.get("value", header)
    if isinstance(key, Unknown) or isinstance(wanted, Unknown):
        return Truth.UNKNOWN, key if isinstance(key, Unknown) else wanted if isinstance(wanted, Unknown) else None
    tags = holding.resource.get("tags_all")
    if isinstance(tags, Absent):
        tags = holding.resource.get("tags")
    if isinstance(tags, Unknown):
        return Truth.UNKNOWN, tags
    if not isinstance(tags, Known) or not isinstance(key, Known) or not isinstance(wanted, Known):
        return Truth.FALSE, None
    tag = tags.value.get(str(key.value), header) if isinstance(tags.value, Object) else Absent(header)
    match tag:
        case Unknown():
            return Truth.UNKNOWN, tag
        case Known(value):
            return Truth.of(str(value) == str(wanted.value)) & element.presence, element.why
        case _:
            return Truth.FALSE, None


def _rules(catalog: Catalog, links: Links, plan: Resource, holding: Holding, presence: Truth, why: Unknown | None) -> Iterator[Draft]:
    for position, member in enumerate(_list(plan, "rule")):
        rule = member.value
        if not isinstance(rule, Known) or not isinstance(rule.value, Object):
            continue
        here, reason = presence & member.presence, why or member.why
        address = f"{plan.address}.rule[{position}]"
        yield _draft(catalog, links, plan, rule, holding, address, here, reason, None)
        copies = rule.value.get("copy_action", rule.origin)
        if isinstance(copies, Known) and isinstance(copies.value, Members):
            for number, copy in enumerate(copies.value.elements):
                if isinstance(copy.value, Known) and isinstance(copy.value.value, Object):
                    inner = here & copy.presence
                    yield _draft(
                        catalog, links, plan, rule, holding, f"{address}.copy_action[{number}]", inner, reason or copy.why, copy.value
                    )


def _draft(
    catalog: Catalog,
    links: Links,
    plan: Resource,
    rule: Known[Object],
    holding: Holding,
    address: str,
    presence: Truth,
    why: Unknown | None,
    copy: Known[Object] | None,
) -> Draft:
    row = catalog.mechanisms["backup-plan" if copy is None else "backup-plan-copy"]
    header = (copy or rule).origin
    name = rule.value.get("target_vault_name", header) if copy is None else copy.value.get("destination_vault_arn", header)
    vault = links.resolve(name, ("aws_backup_vault",), plan)
    region, account = _vault_place(name, vault.single, plan, copy is None)
    gap, worst, scheduled = rule_gaps(rule)
    settings = (copy or rule).value
    return Draft(
        row=row,
        store=holding.key,
        name=f"{row.title} {address}",
        address=address,
        type=plan.type,
        deployment=plan.deployment,
        region=region,
        account=account,
        enabled=known(True, "the rule is part of the plan", header),
        prerequisites=(),
        scheduled=scheduled,
        gap=gap,
        # A copied continuous recovery point is a snapshot: the copy is never fresher than the rule.
        worst_gap=worst,
        retention=_retention(settings, header),
        immutable=_locked(vault.single, links, header),
        attributes=rule.value,
        copy_attributes=vault.single.attributes if vault.single is not None else Object(),
        span=written_at(header) or plan.span,
        presence=presence,
        why=why,
    )


def _vault_place(name: Value[Any], vault: Resource | None, plan: Resource, local: bool) -> tuple[Value[str], Value[str]]:
    if vault is not None:
        origin = Through(vault.address, written_at(name.origin), vault.region.origin)
        region: Value[str] = Known(vault.region.value, origin) if isinstance(vault.region, Known) else vault.region
        return region, vault.account
    if isinstance(name, Known) and isinstance(name.value, str) and name.value.startswith("arn:"):
        parts = name.value.split(":")
        if len(parts) > 5:
            return Known(parts[3], name.origin), Known(parts[4], name.origin)
    if local:
        return plan.region, plan.account
    unknown = name if isinstance(name, Unknown) else Unknown(Reason.OUTSIDE_SCOPE, f"{plan.key} copy vault", name.origin)
    return unknown, unknown


def rule_gaps(rule: Known[Object]) -> tuple[Value[Duration], Value[Duration], Value[bool]]:
    """Return the scheduled interval, the proven worst case and whether a plan rule recurs at all.

    Without a schedule a rule runs on demand only (hashicorp/aws docs, aws_backup_plan, schedule, 2026-11).
    """
    schedule = rule.value.get("schedule", rule.origin)
    match schedule:
        case Absent():
            nothing: Value[Duration] = Absent(rule.origin)
            return nothing, nothing, known(False, "a rule without a schedule runs on demand only", rule.origin)
        case Unknown():
            return schedule, schedule, known(True, "a schedule is written", schedule.origin)
        case Known(text):
            zone = rule.value.get("schedule_expression_timezone", rule.origin)
            try:
                gap = worst_gap(parse_aws(str(text), str(zone.value) if isinstance(zone, Known) else "Etc/UTC"))
            except ValueError as problem:
                invalid = Unknown(Reason.POLICY_ERROR, f"schedule {text!r}: {problem}", schedule.origin)
                return invalid, invalid, known(False, f"{problem}", schedule.origin)
            windows = _minutes(rule, "start_window", 480) + _minutes(rule, "completion_window", 10080)
            return (
                Known(gap, schedule.origin),
                Known(gap + Duration(windows * MINUTE), schedule.origin),
                known(True, "it recurs by itself", schedule.origin),
            )


def _minutes(rule: Known[Object], attribute: str, default: int) -> float:
    value = rule.value.get(attribute, rule.origin)
    if isinstance(value, Known) and isinstance(value.value, (int, float)):
        return value.value
    return default if isinstance(value, Absent) else float("inf")


def _retention(settings: Object, header: Provenance) -> Value[Duration]:
    lifecycle = settings.get("lifecycle", header)
    if isinstance(lifecycle, Known) and isinstance(lifecycle.value, Members) and lifecycle.value.elements:
        inner = lifecycle.value.elements[0].value
        if isinstance(inner, Known) and isinstance(inner.value, Object):
            days = inner.value.get("delete_after", inner.origin)
            if isinstance(days, Known) and isinstance(days.value, (int, float)):
                return Known(Duration(days.value * DAY), days.origin)
            if isinstance(days, Unknown):
                return days
    return Absent(header)


def _locked(vault: Resource | None, links: Links, header: Provenance) -> Value[bool]:
    """Whether the vault is locked in compliance mode (``changeable_for_days`` written; AWS Backup Vault Lock, 2026-11)."""
    for lock in links.of_type("aws_backup_vault_lock_configuration"):
        resolution = links.resolve(lock.get("backup_vault_name"), ("aws_backup_vault",), lock)
        if vault is not None and resolution.single is vault:
            mode = lock.get("changeable_for_days")
            return known(isinstance(mode, Known), "vault lock in compliance mode", mode.origin)
    return known(False, "no vault lock", header if vault is None else Written(vault.span))
