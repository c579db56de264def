"""AWS Backup: what each rule of a plan, and each copy it makes, gives the stores that the plan takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drpolicy.catalog.rows import Catalog
from drpolicy.model.durations import DAY, Duration
from drpolicy.model.provenance import Derived, Through, Written, used_at, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Resource
from drpolicy.model.stores import Prerequisite
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Object, Unknown, Value
from drpolicy.recovery.arns import pattern_of
from drpolicy.recovery.backup_opt_in import SETTINGS, opt_in_prerequisite
from drpolicy.recovery.backup_selections import both, elements, selections
from drpolicy.recovery.backup_vaults import LOCK, VAULTS, VaultLock, locked, retention_prerequisite, vault_locks
from drpolicy.recovery.conditions import compute
from drpolicy.recovery.conversions import converted, number_of
from drpolicy.recovery.drafts import Draft, Drafts, of_plan
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import known, truth_of
from drpolicy.recovery.rule_gaps import about, rule_gaps

RESOURCE_TYPES = frozenset(
    {
        *VAULTS,
        "aws_backup_plan",
        "aws_backup_selection",
        LOCK,
        SETTINGS,
    }
)
_AIR_GAPPED = "target_logically_air_gapped_backup_vault_arn"
CONTINUOUS = frozenset({"aws_db_instance", "aws_rds_cluster", "aws_s3_bucket"})
"""Types that AWS Backup backs up continuously (Developer Guide, continuous backups and point-in-time recovery, 2026-11)."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a plan gives any store: drafts without one, and why there may be more."""

    drafts: tuple[Draft, ...]
    opened: Unknown | None


def find(catalog: Catalog, links: Links, held: Mapping[str, Holding]) -> Drafts:
    """Return one protection per store, plan rule and copy action, for the types that AWS Backup supports."""
    supported = catalog.taken_by_aws_backup()
    eligible = {key: holding for key, holding in held.items() if holding.row.type in supported}
    locks = vault_locks(links)
    plans = {each.key: _plan(catalog, links, each, locks) for each in links.of_type("aws_backup_plan")}
    prerequisites: dict[tuple[str, str, str], tuple[Prerequisite, ...]] = {}
    found: list[Draft] = []
    opened: dict[str, Unknown] = {}
    for each in selections(links, eligible):
        key = each.holding.key
        if each.plan is None:
            if each.why is not None:
                opened.setdefault(key, each.why)
            continue
        plan = plans.get(each.plan.key)
        if plan is None:
            # A plan that a data source reads.
            plan = plans[each.plan.key] = _plan(catalog, links, each.plan, locks)
        if plan.opened is not None:
            opened.setdefault(key, plan.opened)
        for draft in plan.drafts:
            presence, why = both((each.presence, each.why), (draft.presence, draft.why))
            # What is asked of a rule does not depend on the rule; of a copy it depends on the account that it goes to.
            asking = (draft.row.id, key, draft.address if draft.row.id == "backup-plan-copy" else "")
            needed = prerequisites.get(asking)
            if needed is None:
                needed = prerequisites[asking] = _prerequisites(draft, each.holding)
            asked = (*needed, *draft.prerequisites, *opt_in_prerequisite(links, each.holding, each.explicit))
            gap = _gap(draft, each.holding)
            found.append(replace(draft, store=key, presence=presence, why=why, prerequisites=asked, gap=gap))
    rules = (rule for each in links.of_type("aws_backup_plan") for rule in of_plan(each, plans[each.key].drafts))
    return Drafts(tuple(found), opened, tuple(rules))


def _prerequisites(draft: Draft, holding: Holding) -> tuple[Prerequisite, ...]:
    asked = [each for each in draft.row.requires if not each.stores or holding.row.type in each.stores]
    if not asked:
        return ()
    header = Written(draft.span)
    copy, store = (
        Object({"account": draft.account}),
        Object({**holding.scope.fields, "account": holding.resource.account}, holding.scope.rest),
    )
    scope = {"store": store, "copy": copy, "self": draft.attributes}
    return tuple(Prerequisite(each.id, compute(each.that, scope, header), each.text) for each in asked)


def _gap(draft: Draft, holding: Holding) -> Value[Duration]:
    """Return what is lost at least: with continuous backup that is not the interval of the rule."""
    if draft.row.id != "backup-plan" or holding.row.type not in CONTINUOUS:
        return draft.gap
    header = Written(draft.span)
    continuous = converted(draft.attributes.get("enable_continuous_backup", header), bool, f"{draft.address}.enable_continuous_backup")
    match truth_of(continuous):
        case Truth.TRUE:
            return Known(Duration(0), Derived("continuous backup", (continuous.origin,)))
        case Truth.UNKNOWN if isinstance(continuous, Unknown):
            return about(continuous, "gap with or without continuous backup")
        case _:
            return draft.gap


def _plan(catalog: Catalog, links: Links, plan: Resource, locks: Mapping[str, VaultLock]) -> _Plan:
    found: list[Draft] = []
    opened: Unknown | None = None
    for position, member in enumerate(elements(plan.get("rule"))):
        rule = member.value
        if not isinstance(rule, Known) or not isinstance(rule.value, Object):
            opened = opened or member.why or (rule if isinstance(rule, Unknown) else None)
            continue
        address = f"{plan.address}.rule[{position}]"
        found.append(_draft(catalog, links, plan, rule, None, address, member, locks))
        gapped = _air_gapped(rule, member)
        if gapped is not None:
            found.append(_draft(catalog, links, plan, rule, gapped.value, f"{address}.{_AIR_GAPPED}", gapped, locks))
        for number, copy in enumerate(elements(rule.value.get("copy_action", rule.origin))):
            inner = copy.value
            if not isinstance(inner, Known) or not isinstance(inner.value, Object):
                opened = opened or copy.why or (inner if isinstance(inner, Unknown) else None)
                continue
            presence, why = both((member.presence, member.why), (copy.presence, copy.why))
            here = Member(inner, presence, why)
            found.append(_draft(catalog, links, plan, rule, inner, f"{address}.copy_action[{number}]", here, locks))
    return _Plan(tuple(found), opened)


def _air_gapped(rule: Known[Object], member: Member[Value[Any]]) -> Member[Known[Object]] | None:
    """Return the copy in the air-gapped vault that a rule names. It is made of some types only, and no page that was read lists them.

    Source: AWS Backup API reference, ``BackupRuleInput``, TargetLogicallyAirGappedBackupVaultArn, 2026-11.
    """
    vault = rule.value.get(_AIR_GAPPED, rule.origin)
    if isinstance(vault, Absent):
        return None
    settings = {"destination_vault_arn": vault, "lifecycle": rule.value.get("lifecycle", rule.origin)}
    why = member.why or Unknown(Reason.OUTSIDE_SCOPE, "whether the air-gapped vault takes the type", vault.origin)
    return Member(Known(Object(settings), vault.origin), Truth.UNKNOWN, why)


def _draft(
    catalog: Catalog,
    links: Links,
    plan: Resource,
    rule: Known[Object],
    copy: Known[Object] | None,
    address: str,
    member: Member[Any],
    locks: Mapping[str, VaultLock],
) -> Draft:
    row = catalog.mechanisms["backup-plan" if copy is None else "backup-plan-copy"]
    settings = rule if copy is None else copy
    header = settings.origin
    name = settings.value.get("target_vault_name" if copy is None else "destination_vault_arn", header)
    vault = links.resolve(name, VAULTS, plan).single
    region, account = (plan.region, plan.account) if copy is None else _destination(name, vault, plan)
    times, retention = rule_gaps(rule), _retention(settings)
    if copy is not None and times.words:
        times = replace(times, words=f"{times.words}, then the copy")
    return Draft(
        row=row,
        store="",
        name=f"{row.title} ({plan.exported}) {address}" if plan.exported else f"{row.title} {address}",
        address=address,
        type=plan.type,
        deployment=plan.deployment,
        region=region,
        account=account,
        enabled=known(True, "the rule is part of the plan", header),
        prerequisites=retention_prerequisite(vault, locks, retention),
        scheduled=times.scheduled,
        gap=times.gap,
        # A copied continuous recovery point is a snapshot: the copy is never fresher than the rule. A copy job begins when the backup
        # is complete, and no page says by when it ends (AWS Backup Developer Guide, Copy a backup, 2026-11).
        worst_gap=times.worst if copy is None else Absent(header),
        retention=retention,
        immutable=locked(vault, locks, header),
        attributes=settings.value,
        copy_attributes=vault.attributes if vault is not None else Object(),
        span=written_at(header) or plan.span,
        presence=member.presence,
        why=member.why,
        times=times,
    )


def _destination(name: Value[Any], vault: Resource | None, plan: Resource) -> tuple[Value[str], Value[str]]:
    """Return region and account of the vault that a copy goes to: its own, or those that its ARN says."""
    if vault is not None:
        return _through(vault.region, vault, name), _through(vault.account, vault, name)
    if isinstance(name, (Known, Unknown)):
        fields = pattern_of(name)[:5]
        text = all(isinstance(piece, str) for segment in fields[:4] for piece in segment)
        if len(fields) == 5 and text and fields[0] == ("arn",) and fields[3]:
            region: Value[str] = Known("".join(str(piece) for piece in fields[3]), name.origin)
            match fields[4]:
                case (str() as account,):
                    return region, Known(account, name.origin)
                case (Unknown() as unknown,):
                    return region, unknown
                case _ if isinstance(name, Unknown):
                    return region, about(name, "account in")
    nowhere = name if isinstance(name, Unknown) else Unknown(Reason.OUTSIDE_SCOPE, f"{plan.key} copy vault", name.origin)
    return about(nowhere, "region of"), about(nowhere, "account of")


def _through(value: Value[str], vault: Resource, name: Value[Any]) -> Value[str]:
    if not isinstance(value, Known):
        return value
    return Known(value.value, Through(vault.address, used_at(name.origin), value.origin))


def _retention(settings: Known[Object]) -> Value[Duration]:
    """Return how long a recovery point is kept; Absent when for ever (``delete_after`` not written)."""
    found = list(elements(settings.value.get("lifecycle", settings.origin)))
    if not found:
        return Absent(settings.origin)
    inner, uncertain = found[0].value, found[0].why
    if isinstance(inner, Unknown):
        return about(inner, "retention in")
    if not isinstance(inner, Known) or not isinstance(inner.value, Object):
        return Absent(settings.origin)
    days = inner.value.get("delete_after", inner.origin)
    if found[0].presence is Truth.UNKNOWN and uncertain is not None:
        return about(uncertain, "retention in")
    number = number_of(days)
    if number is not None and number <= 0:
        # The provider does not send 0, and -1 takes the end away (API reference, Lifecycle, 2026-11).
        return Absent(days.origin)
    if number is not None:
        return Known(Duration(number * DAY), days.origin)
    if isinstance(days, Unknown):
        return about(days, "retention of days", lambda value: Duration(value * DAY) if isinstance(value, (int, float)) else None)
    return Absent(inner.origin)
