"""Backup policies of AWS Organizations: the plans and selections that they make in every account that they are attached to.

Syntax: AWS Organizations User Guide, "Backup policy syntax and examples", 2026-11. Plans and selections are returned in the
shape that Terraform gives them, so that everything that is known of AWS Backup holds for them too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from drpolicy.model.provenance import Default, Derived, Provenance, Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.values import Absent, Known, Object, Unknown, Value, members, target_of

POLICY: Final = "aws_organizations_policy"
ATTACHMENT: Final = "aws_organizations_policy_attachment"
RESOURCE_TYPES: Final = frozenset({POLICY, ATTACHMENT})

_OPERATORS: Final = ("@@assign", "@@append")
_RULE: Final[Mapping[str, str]] = {
    "schedule_expression": "schedule",
    "schedule_expression_timezone": "schedule_expression_timezone",
    "start_backup_window_minutes": "start_window",
    "complete_backup_window_minutes": "completion_window",
    "target_backup_vault_name": "target_vault_name",
    "enable_continuous_backup": "enable_continuous_backup",
}
"""Names of a rule in a policy, and those of ``aws_backup_plan``."""

_WINDOWS: Final[Mapping[str, Known[Any]]] = {
    "start_window": Known(
        480, Default("start_window = 480 minutes", "AWS Backup Developer Guide, backup plan options: start window 8 hours, 2026-11")
    ),
    "completion_window": Known(
        10080,
        Default("completion_window = 10080 minutes", "AWS Backup Developer Guide, backup plan options: completion window 7 days, 2026-11"),
    ),
}
"""What AWS Backup takes where a policy says nothing; through ``aws_backup_plan`` the provider sends other ones."""


def organization_plans(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Return the plans and selections of every backup policy, one of each per region that the policy names."""
    found = [each for each in resources if each.type in RESOURCE_TYPES and not each.data]
    attachments = [each for each in found if each.type == ATTACHMENT]
    return tuple(made for each in found if each.type == POLICY for made in _of_policy(each, attachments))


def _of_policy(policy: Resource, attachments: Iterable[Resource]) -> Iterator[Resource]:
    kind, content = policy.get("type"), policy.get("content")
    if not isinstance(kind, Known) or kind.value != "BACKUP_POLICY":
        return
    account = _accounts(policy, attachments)
    plans = _plans(content)
    if isinstance(plans, Unknown):
        yield from _made(policy, policy.address, plans, account, {"rule": plans}, {"content": {"resources": plans}})
        return
    for name, plan in plans.items():
        address = f'{policy.address}.plans["{name}"]'
        rules = [_rule(each, content.origin, account) for each in _children(plan, "rules").values()]
        body: dict[str, Value[Any]] = {"rule": Known(members(rules), content.origin)}
        selections = dict(_selections(_children(plan, "selections"), content.origin))
        for region in _texts(plan.get("regions")):
            here = f'{address}["{region}"]' if len(_texts(plan.get("regions"))) > 1 else address
            yield from _made(policy, here, Known(region, content.origin), account, body, selections)


def _made(
    policy: Resource,
    address: str,
    region: Value[str],
    account: Value[str],
    plan: Mapping[str, Value[Any]],
    selections: Mapping[str, Mapping[str, Value[Any]]],
) -> Iterator[Resource]:
    """Yield one plan in a region, and the selections that refer to it."""
    placed = replace(policy, address=address, type="aws_backup_plan", attributes=Object(plan), region=region, account=account)
    yield placed
    origin = Through(address, policy.span, Written(policy.span), placed.key, "id")
    for name, terms in selections.items():
        attributes = Object({"plan_id": Known(address, origin), **terms})
        yield replace(placed, address=f'{address}.selections["{name}"]', type="aws_backup_selection", attributes=attributes)


def _plans(content: Value[Any]) -> dict[str, dict[str, Any]] | Unknown:
    if isinstance(content, Unknown):
        return content
    try:
        plans = json.loads(content.value)["plans"] if isinstance(content, Known) else {}
        return {str(name): plan for name, plan in plans.items() if isinstance(plan, dict)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # Organizations refuses what is no policy: it gives nobody a plan.
        return {}


def _accounts(policy: Resource, attachments: Iterable[Resource]) -> Value[str]:
    """Return the account that a policy applies to: known where it is attached to that account alone."""
    targets = [each.get("target_id") for each in attachments if _attaches(each, policy)]
    if len(targets) == 1 and isinstance(targets[0], Known) and str(targets[0].value).isdigit():
        return targets[0]
    origin = targets[0].origin if targets else Written(policy.span)
    return Unknown(Reason.OUTSIDE_SCOPE, f"{policy.key}: the accounts that it is attached to", origin)


def _attaches(attachment: Resource, policy: Resource) -> bool:
    target = target_of(attachment.get("policy_id"))
    return target is not None and target.key == policy.key


def _children(plan: Mapping[str, Any], name: str) -> dict[str, Any]:
    inner = plan.get(name)
    return {key: each for key, each in inner.items() if isinstance(each, dict)} if isinstance(inner, dict) else {}


def _plain(value: Any) -> Any:
    """Return what a value operator gives: a policy says ``{"@@assign": value}`` for a value."""
    if not isinstance(value, dict):
        return value
    return next((value[each] for each in _OPERATORS if each in value), None)


def _texts(value: Any) -> list[str]:
    found = _plain(value)
    return [str(each) for each in found] if isinstance(found, list) else [] if found is None else [str(found)]


def _known(value: Any, origin: Provenance) -> Value[Any]:
    found = _plain(value)
    return Absent(origin) if found is None or isinstance(found, (dict, list)) else Known(found, origin)


def _block(fields: Mapping[str, Value[Any]], origin: Provenance) -> Known[Object]:
    return Known(Object({name: each for name, each in fields.items() if not isinstance(each, Absent)}), origin)


def _rule(rule: Mapping[str, Any], origin: Provenance, account: Value[str]) -> Known[Object]:
    fields = {name: _known(rule.get(written), origin) for written, name in _RULE.items()}
    for name, default in _WINDOWS.items():
        fields[name] = default if isinstance(fields[name], Absent) else fields[name]
    # Organizations fills in the account that the policy applies to.
    copies = [_copy(each, name, origin, account) for name, each in _children(rule, "copy_actions").items()]
    return _block({**fields, **_lifecycle(rule, origin), "copy_action": Known(members(copies), origin)}, origin)


def _copy(copy: Mapping[str, Any], name: str, origin: Provenance, account: Value[str]) -> Known[Object]:
    arn = str(_plain(copy.get("target_backup_vault_arn")) or name)
    return _block({"destination_vault_arn": _in_account(arn, origin, account), **_lifecycle(copy, origin)}, origin)


def _in_account(arn: str, origin: Provenance, account: Value[str]) -> Value[str]:
    """Return an ARN with the account that the policy applies to in the place of ``$account``."""
    before, placeholder, after = arn.partition("$account")
    if not placeholder:
        return Known(arn, origin)
    if isinstance(account, Known):
        return Known(f"{before}{account.value}{after}", Derived("the account that the policy applies to", (origin, account.origin)))
    if isinstance(account, Absent):
        return account
    parts = (Known(before, origin), account, Known(after, origin))
    return Unknown(account.reason, f"{before}{account.symbol}{after}", origin, parts=parts, root=account.cause)


def _lifecycle(settings: Mapping[str, Any], origin: Provenance) -> dict[str, Value[Any]]:
    written = settings.get("lifecycle")
    if not isinstance(written, dict):
        return {}
    days = {"delete_after": "delete_after_days", "cold_storage_after": "move_to_cold_storage_after_days"}
    block = _block({name: _known(written.get(key), origin) for name, key in days.items()}, origin)
    return {"lifecycle": Known(members([block]), origin)}


def _selections(written: Mapping[str, Any], origin: Provenance) -> Iterator[tuple[str, dict[str, Value[Any]]]]:
    for name, each in _children(written, "tags").items():
        key = _known(each.get("tag_key"), origin)
        blocks = [
            _block({"type": Known("STRINGEQUALS", origin), "key": key, "value": Known(value, origin)}, origin)
            for value in _texts(each.get("tag_value"))
        ]
        yield name, {"selection_tag": Known(members(blocks), origin)}
    for name, each in _children(written, "resources").items():
        yield name, dict(_resource_terms(each, origin))


def _resource_terms(written: Mapping[str, Any], origin: Provenance) -> Iterator[tuple[str, Value[Any]]]:
    for key, name in (("resource_types", "resources"), ("not_resource_types", "not_resources")):
        arns = _texts(written.get(key))
        if arns:
            yield name, Known(members(Known(each, origin) for each in arns), origin)
    conditions = {
        operator: Known(members(_condition(each, origin) for each in pairs.values()), origin)
        for operator, pairs in ((each, _children(_children(written, "conditions"), each)) for each in _children(written, "conditions"))
    }
    if conditions:
        yield "condition", Known(members([Known(Object(conditions), origin)]), origin)


def _condition(pair: Mapping[str, Any], origin: Provenance) -> Known[Object]:
    return _block({"key": _known(pair.get("condition_key"), origin), "value": _known(pair.get("condition_value"), origin)}, origin)
