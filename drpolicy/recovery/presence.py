"""Members of the estate that may not be there: an unknown count, or a selection that is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.stores import Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Unknown
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.recurring import key_of


def uncertain_members(resources: Sequence[Resource], stores: Mapping[str, Store], rules: Sequence[Draft]) -> dict[str, Unknown]:
    """Return why each member may not be there, by its key; what is certain is left out."""
    found = {each.key: _reason(each) for each in resources if each.presence is Truth.UNKNOWN}
    for rule in rules:
        if rule.presence is Truth.UNKNOWN:
            found[key_of(rule)] = rule.why or Unknown(Reason.COUNT_NOT_KNOWN, key_of(rule), Written(rule.span))
    for store in stores.values():
        for member in store.protections.elements:
            if member.presence is Truth.UNKNOWN:
                protection = member.value
                found[protection.key] = member.why or Unknown(Reason.COUNT_NOT_KNOWN, protection.key, Written(protection.span))
    return found


def _reason(resource: Resource) -> Unknown:
    return resource.why or Unknown(Reason.COUNT_NOT_KNOWN, resource.key, Written(resource.span))
