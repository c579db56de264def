"""Velero's resource policies: which of the volume policies in a ConfigMap takes a volume, and what it has done with it.

Format: velero.io docs, "Resource filtering", section "Resource policies" (v1.18, read 2026-11): the first policy that matches counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from drpolicy.kubernetes.coverage import Action
from drpolicy.kubernetes.embedded import embedded
from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text
from drpolicy.kubernetes.workloads import VolumeClaim
from drpolicy.model.patterns import deferred
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value

Configurations = Mapping[tuple[str, str], Resource]
"""The ConfigMaps of a cluster by namespace and name."""

_ACTIONS: Final[Mapping[str, Action]] = {"skip": "skip", "snapshot": "snapshot", "fs-backup": "fs-backup", "custom": "custom"}
_QUANTITY: Final = deferred(r"([0-9]{1,18}(?:\.[0-9]{1,9})?)([kKMGTPE]i?|m)?")
_POWERS: Final = {"": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}


def action_of(policy: Value[Any], home: Resource, claim: VolumeClaim, configurations: Configurations) -> Action | None:
    """Return what the policy that a backup names has done with a volume; ``None`` when there is none, or none of it matches.

    ``home`` is the object that names it: the ConfigMap is in the same namespace.
    """
    if isinstance(policy, Absent):
        return None
    name = text(inside(policy, "name"))
    held = configurations.get((namespace_of(home), name)) if name is not None else None
    if held is None:
        return "unknown"
    texts = [value for _, value in entries(held.get("data"))]
    found = embedded(texts[0]) if len(texts) == 1 else None
    if found is None or found.unknown is not None or found.problems or len(found.roots) != 1:
        return "unknown"
    policies = inside(found.roots[0], "volumePolicies")
    if isinstance(policies, Unknown):
        return "unknown"
    for each in elements(policies):
        match _matches(inside(each, "conditions"), claim):
            case Truth.TRUE:
                return _ACTIONS.get(text(inside(each, "action", "type")) or "", "unknown")
            case Truth.UNKNOWN:
                return "unknown"
            case Truth.FALSE:
                continue
    return None


def _matches(conditions: Value[Any], claim: VolumeClaim) -> Truth:
    """Return whether all conditions hold; of a volume's driver, type and attributes a claim says nothing."""
    if isinstance(conditions, Unknown):
        return Truth.UNKNOWN
    result = Truth.TRUE
    for name, value in entries(conditions):
        match name:
            case "storageClass":
                result = result & _one_of(value, claim.storage_class)
            case "capacity":
                result = result & _within(strings(value), claim.size)
            case "pvcLabels":
                result = result & _labelled(value, claim.labels)
            case _:
                result = result & Truth.UNKNOWN
    return result


def _one_of(listing: Value[Any], given: Value[str]) -> Truth:
    # A claim that names no class has the cluster's default one.
    if not isinstance(given, Known) or isinstance(listing, Unknown):
        return Truth.UNKNOWN
    names = list(elements(listing))
    if any(isinstance(each, Known) and each.value == given.value for each in names):
        return Truth.TRUE
    return Truth.UNKNOWN if any(isinstance(each, Unknown) for each in names) else Truth.FALSE


def _labelled(wanted: Value[Any], labels: Value[Any]) -> Truth:
    result = Truth.UNKNOWN if isinstance(wanted, Unknown) else Truth.TRUE
    for name, value in entries(wanted):
        given = inside(labels, name)
        match strings(value), strings(given):
            case Known(value=want), Known(value=have):
                result = result & Truth.of(want == have)
            case Known(), Absent():
                return Truth.FALSE
            case _:
                result = result & Truth.UNKNOWN
    return result


def _within(bounds: Value[str], size: Value[str]) -> Truth:
    """Return whether a size lies in ``from,to``, of which either may be left out; both ends belong to it."""
    given = _bytes(size.value) if isinstance(size, Known) else None
    if given is None or not isinstance(bounds, Known):
        return Truth.UNKNOWN
    low, comma, high = (each.strip() for each in bounds.value.partition(","))
    least, most = _bytes(low or "0"), _bytes(high) if high else None
    if not comma or least is None or (high and most is None):
        return Truth.UNKNOWN
    return Truth.of(least <= given and (most is None or given <= most))


def _bytes(quantity: str) -> Decimal | None:
    """Return a quantity of Kubernetes in bytes; ``None`` for what is none."""
    found = _QUANTITY.fullmatch(quantity.strip())
    if found is None:
        return None
    unit = found[2] or ""
    if unit == "m":
        return Decimal(found[1]) / 1000
    factor: int = (1024 if unit.endswith("i") else 1000) ** _POWERS[unit[:1]]
    return Decimal(found[1]) * factor
