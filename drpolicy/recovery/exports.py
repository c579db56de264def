"""What other repositories need to know of this one: its plans, selections, vaults and declared protections, as plain data.

Of each resource only what decides whom it protects, where the copies are and how long they are kept: identifiers, no other values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from drpolicy.declarations.documents import ProtectionDeclaration
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value, target_of
from drpolicy.recovery.inputs import Inputs
from drpolicy.recovery.organization_policies import organization_plans

KIND: Final = "Export"
API_VERSION: Final = "drpolicy.dev/v1"

Shape = Mapping[str, Any] | None
"""The fields of an object that are exported, each with its own shape; ``None`` for everything that is there."""

_LIFECYCLE: Final[Shape] = {"delete_after": None, "cold_storage_after": None}
_PAIR: Final[Shape] = {"type": None, "key": None, "value": None}
_RETAIN: Final[Shape] = {"count": None, "interval": None, "interval_unit": None}

EXPORTED: Final[Mapping[str, Shape]] = {
    "aws_backup_plan": {
        "rule": {
            "schedule": None,
            "schedule_expression_timezone": None,
            "start_window": None,
            "completion_window": None,
            "target_vault_name": None,
            "target_logically_air_gapped_backup_vault_arn": None,
            "enable_continuous_backup": None,
            "lifecycle": _LIFECYCLE,
            "copy_action": {"destination_vault_arn": None, "lifecycle": _LIFECYCLE},
        }
    },
    "aws_backup_selection": {
        "plan_id": None,
        "resources": None,
        "not_resources": None,
        "selection_tag": _PAIR,
        "condition": dict.fromkeys(("string_equals", "string_like", "string_not_equals", "string_not_like"), _PAIR),
    },
    "aws_backup_vault": {"name": None},
    "aws_backup_logically_air_gapped_vault": {"name": None, "min_retention_days": None, "max_retention_days": None},
    "aws_backup_vault_lock_configuration": {
        "backup_vault_name": None,
        "changeable_for_days": None,
        "min_retention_days": None,
        "max_retention_days": None,
    },
    "aws_backup_region_settings": {"resource_type_opt_in_preference": None},
    "aws_dlm_lifecycle_policy": {
        "state": None,
        "default_policy": None,
        "policy_details": {
            "policy_type": None,
            "resource_types": None,
            "target_tags": None,
            "schedule": {
                "create_rule": {"cron_expression": None, "interval": None, "interval_unit": None, "times": None},
                "retain_rule": _RETAIN,
                "cross_region_copy_rule": {"target": None, "target_region": None, "retain_rule": _RETAIN},
            },
        },
    },
}
"""Types that protect stores of other repositories."""


def exported(inputs: Inputs, name: str, day: date) -> dict[str, object]:
    """Return the document of a repository. The same inputs give the same document."""
    resources = [each for root in inputs.roots if not root.library for each in root.resources]
    chosen = [each for each in (*resources, *organization_plans(resources)) if each.type in EXPORTED and not each.data]
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "name": name,
        "date": day.isoformat(),
        "resources": [_resource(each) for each in sorted(chosen, key=lambda each: each.key)],
        "protections": [_protection(each) for each in sorted(inputs.declarations.protections, key=lambda each: each.name)],
    }


def _resource(resource: Resource) -> dict[str, object]:
    shape = EXPORTED[resource.type] or {}
    found: dict[str, object] = {"deployment": resource.deployment, "address": resource.address, "type": resource.type}
    for name, place in (("region", resource.region), ("account", resource.account)):
        if not isinstance(place, Absent):
            found[name] = _value(place, None)
    if resource.presence is not Truth.TRUE:
        found["uncertain"] = _reason(resource.why)
    found["attributes"] = dict(_fields(resource.attributes, shape))
    return found


def _fields(inner: Object, shape: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name in shape:
        value = inner.fields.get(name, inner.rest)
        if value is not None and not isinstance(value, Absent):
            yield name, _value(value, shape[name])


def _value(value: Value[Any], shape: Shape) -> object:
    """Return a value as plain data. What JSON cannot say is an object with one name that begins with ``$``."""
    target = target_of(value)
    if target is not None:
        return {"$reference": {"key": target.key, "attribute": target.attribute, **_resolved(value)}}
    match value:
        case Absent():
            return None
        case Unknown():
            return {"$unknown": _reason(value)}
        case Known(value=Members() as inner):
            return list(_members(inner, shape))
        case Known(value=Object() as inner):
            return dict(_fields(inner, shape if shape is not None else dict.fromkeys([*inner.fields], None)))
        case Known(value=scalar):
            plain: object = scalar
            return plain


def _resolved(value: Value[Any]) -> dict[str, object]:
    plain = isinstance(value, Known) and isinstance(value.value, str | int | float | bool)
    return {"value": value.value} if isinstance(value, Known) and plain else {}


def _members(inner: Members[Value[Any]], shape: Shape) -> Iterator[object]:
    for member in inner.elements:
        value = _value(member.value, shape)
        if member.presence is not Truth.FALSE:
            yield value if member.presence is Truth.TRUE else {"$uncertain": {"value": value, **_reason(member.why)}}
    if inner.rest is not None:
        yield {"$more": _reason(inner.rest)}


def _reason(why: Unknown | None) -> dict[str, object]:
    if why is None:
        return {}
    parts = [each.value if isinstance(each, Known) else {"$unknown": _reason(each)} for each in why.parts]
    among = [each.value for each in why.among]
    return {
        "reason": why.reason.name,
        "symbol": why.symbol,
        **({"parts": parts} if parts else {}),
        **({"among": among} if among and all(isinstance(each, str | int | float | bool) for each in among) else {}),
    }


def _protection(declaration: ProtectionDeclaration) -> dict[str, object]:
    """Return the document that declares a protection, as whoever wrote it could have."""
    stores = {"refs": list(_texts(declaration.references)), "types": list(_texts(declaration.types))}
    spec: dict[str, object] = {"stores": {name: each for name, each in stores.items() if each}}
    for name, value in (
        ("mechanism", declaration.mechanism),
        ("region", declaration.region),
        ("account", declaration.account),
        ("gap", declaration.gap),
        ("retention", declaration.retention),
        ("owner", declaration.owner),
        ("reviewedUntil", declaration.reviewed_until),
    ):
        if isinstance(value, Known):
            spec[name] = str(value.value).replace(" ", "")
    return {"apiVersion": API_VERSION, "kind": "Protection", "metadata": {"name": declaration.name}, "spec": spec}


def _texts(values: Iterable[Value[str]]) -> Iterator[str]:
    return (each.value for each in values if isinstance(each, Known))
