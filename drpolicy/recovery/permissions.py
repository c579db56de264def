"""What a role of IAM may do, as far as its policies are written in the files, and whether that deletes a store and all of its copies.

A statement counts when it allows, has no condition, and is about every resource (``*``): what else it takes is not asked. A boundary, a
statement that denies or a policy that is not known leaves the answer open (AWS IAM User Guide, "Policy evaluation logic", 2026-11).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from drpolicy.catalog.deletions import deleting_actions
from drpolicy.kubernetes.navigation import elements, inside, text
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.stores import Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, same, target_of
from drpolicy.recovery.trust import DOCUMENT, ROLE, encoded_in

POLICY: Final = "aws_iam_policy"
INLINE: Final = "aws_iam_role_policy"
ATTACHMENT: Final = "aws_iam_role_policy_attachment"
RESOURCE_TYPES: Final = frozenset({POLICY, INLINE, ATTACHMENT, ROLE, DOCUMENT})

_ADMINISTRATOR = deferred(r"arn:aws[a-z-]*:iam::aws:policy/AdministratorAccess")
"""The policy of AWS that allows everything (AWS Managed Policy Reference, AdministratorAccess, 2026-11)."""


@dataclass(frozen=True, slots=True, eq=False)
class Permissions:
    """The actions that a role may take on everything, with wildcards, and why it may be allowed less."""

    role: Resource
    actions: tuple[str, ...]
    origin: Provenance
    doubt: Unknown | None


def permissions_of(resources: Sequence[Resource]) -> list[Permissions]:
    """Return the roles that may take some action on everything."""
    by_key = {each.key: each for each in resources if each.type in (POLICY, DOCUMENT)}
    found = []
    for role in resources:
        if role.type == ROLE and not role.data and role.presence is not Truth.FALSE:
            policies = list(_policies(role, resources, by_key))
            allowed = list(_allowed(policies, by_key))
            actions = tuple(action for names, denies, _ in allowed if not denies for action in names)
            if actions:
                origin = next(place for names, denies, place in allowed if names and not denies)
                found.append(Permissions(role, actions, origin, _doubt(role, policies, allowed, by_key)))
    return found


def _doubt(
    role: Resource,
    policies: Sequence[tuple[Value[Any], Provenance]],
    allowed: Sequence[tuple[tuple[str, ...], bool, Provenance]],
    by_key: Mapping[str, Resource],
) -> Unknown | None:
    """Return why a role may be allowed less than its statements say."""
    unread = next((each for each, _ in policies if isinstance(each, Unknown) and not list(_statements(each, by_key))), None)
    if unread is not None:
        return unread
    if not isinstance(role.get("permissions_boundary"), Absent):
        what = "its boundary"
    elif any(denies for _, denies, _ in allowed):
        what = "a statement that denies"
    else:
        return role.why
    return Unknown(Reason.OUTSIDE_SCOPE, f"{role.key}: what {what} leaves of its permissions", Written(role.span))


def deleters(store: Store, roles: Sequence[Permissions]) -> tuple[Members[str], Value[str], bool]:
    """Return the roles of a store's account that may delete it and all it could be had back from, the first, and whether any was asked.

    None where a copy survives the loss of the account, or where what a mechanism keeps may outlive whoever deletes it.
    """
    absent: Value[str] = Absent(Written(store.span))
    needed = _needed(store) if roles else frozenset()
    found: list[Member[str]] = []
    first = absent
    for each in roles if needed else ():
        if same(each.role.account, store.account) is Truth.TRUE and all(_may(each, action) for action in needed):
            presence = each.role.presence if each.doubt is None else Truth.UNKNOWN
            found.append(Member(each.role.address, presence, each.doubt))
            first = Known(each.role.address, each.origin) if isinstance(first, Absent) else first
    return Members(tuple(found)), first, bool(needed)


def _needed(store: Store) -> frozenset[str]:
    """Return the actions that delete a store and its copies; nothing where some may be left, or where it has none."""
    table = deleting_actions()
    recovery = store.recovery
    kept = recovery.account.copies
    copies = [*recovery.corruption.copies, *recovery.region.copies]
    mechanisms = [each.mechanism for each in copies]
    if kept.elements or kept.rest is not None or not copies or store.type not in table or any(each not in table for each in mechanisms):
        return frozenset()
    return frozenset((*table[store.type], *(action for each in mechanisms for action in table[each])))


def _may(permissions: Permissions, action: str) -> bool:
    return any(re.fullmatch(_pattern(each), action, re.IGNORECASE) for each in permissions.actions)


def _pattern(action: str) -> str:
    return "".join(".*" if each == "*" else "." if each == "?" else re.escape(each) for each in action)


def _allowed(
    policies: Sequence[tuple[Value[Any], Provenance]], by_key: Mapping[str, Resource]
) -> Iterator[tuple[tuple[str, ...], bool, Provenance]]:
    """Yield the actions of each statement of a role's policies, whether it denies them, and its place."""
    for policy, place in policies:
        if isinstance(policy, Known) and isinstance(policy.value, str) and _ADMINISTRATOR.fullmatch(policy.value):
            yield ("*",), False, place
        else:
            yield from ((names, denies, place) for names, denies in _statements(policy, by_key))


def _policies(role: Resource, resources: Sequence[Resource], by_key: Mapping[str, Resource]) -> Iterator[tuple[Value[Any], Provenance]]:
    """Yield the policies of a role: texts, what makes them, or the ARN of one of AWS's own; each with the place that gives it."""
    for arn in elements(role.get("managed_policy_arns")):
        yield _attached(arn, by_key), arn.origin
    for block in elements(role.get("inline_policy")):
        yield inside(block, "policy"), block.origin
    for each in resources:
        if each.type in (INLINE, ATTACHMENT) and each.presence is Truth.TRUE and _is_of(each.get("role"), role, each):
            value = each.get("policy") if each.type == INLINE else _attached(each.get("policy_arn"), by_key)
            yield value, Derived(f"{each.address} gives it to {role.address}", (Written(each.span), value.origin))


def _is_of(named: Value[Any], role: Resource, by: Resource) -> bool:
    target = target_of(named)
    if target is not None:
        return target.key == role.key
    name = role.get("name")
    return isinstance(named, Known) and isinstance(name, Known) and named.value == name.value and by.deployment == role.deployment


def _attached(arn: Value[Any], by_key: Mapping[str, Resource]) -> Value[Any]:
    target = target_of(arn)
    policy = by_key.get(target.key) if target is not None else None
    return policy.get("policy") if policy is not None and policy.type == POLICY else arn


def _statements(policy: Value[Any], by_key: Mapping[str, Resource]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield the actions of each statement that is about everything and has no condition, and whether it denies them."""
    encoded = encoded_in(policy)
    target = target_of(policy)
    document = by_key.get(target.key) if target is not None else None
    if isinstance(policy, Known) and isinstance(policy.value, str):
        yield from _of_text(policy.value)
    elif encoded is not None:
        for each in _several(inside(encoded, "Statement")):
            whole = "*" in _texts(inside(each, "Resource")) and isinstance(inside(each, "Condition"), Absent)
            denies = text(inside(each, "Effect")) == "Deny"
            yield (_texts(inside(each, "Action")) if whole or denies else ()), denies
    elif document is not None and document.type == DOCUMENT:
        for each in elements(document.get("statement")):
            whole = "*" in _texts(inside(each, "resources")) and not list(elements(inside(each, "condition")))
            denies = text(inside(each, "effect")) == "Deny"
            yield (_texts(inside(each, "actions")) if whole or denies else ()), denies


def _of_text(policy: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError):
        return
    statements = document.get("Statement", ()) if isinstance(document, dict) else ()
    for each in statements if isinstance(statements, list) else (statements,):
        if isinstance(each, dict):
            denies = each.get("Effect") == "Deny"
            whole = "*" in _list(each.get("Resource")) and "Condition" not in each
            yield (_list(each.get("Action")) if whole or denies else ()), denies


def _list(value: object) -> tuple[str, ...]:
    return tuple(each for each in (value if isinstance(value, list) else (value,)) if isinstance(each, str))


def _several(value: Value[Any]) -> Iterator[Value[Any]]:
    if isinstance(value, Known) and isinstance(value.value, Members):
        yield from elements(value)
    else:
        yield value


def _texts(value: Value[Any]) -> tuple[str, ...]:
    return tuple(found for each in _several(value) if (found := text(each)) is not None)
