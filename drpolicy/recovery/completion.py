"""Declarations completed from what was read beside them: resources that they name, then labels on what they claim."""

from __future__ import annotations

from collections.abc import Mapping

from drpolicy.model.records import replace
from drpolicy.model.truth import Truth
from drpolicy.recovery.adoption import adopted
from drpolicy.recovery.assembly import missing_module
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.fleet import Fleet
from drpolicy.recovery.inputs import Inputs
from drpolicy.recovery.label_agreements import completed
from drpolicy.recovery.labels import labels_by_service
from drpolicy.recovery.links import Links
from drpolicy.recovery.stores import StoreFacts
from drpolicy.recovery.velero_targets import absence_of


def with_named(inputs: Inputs, links: Links) -> Inputs:
    """Return the inputs with what declarations take from the resources that they name."""
    outside = adopted(inputs.declarations.services, inputs.tiers, links, missing_module(inputs.roots))
    if not (outside.policies or outside.tier_policies or outside.plans):
        return inputs
    declarations = replace(inputs.declarations, services=outside.services)
    return replace(inputs, declarations=declarations, tiers=outside.tiers, outside=outside)


def with_labels(
    inputs: Inputs, claimed: Mapping[str, list[Claimed]], facts: Mapping[str, StoreFacts], fleet: Fleet, links: Links
) -> Inputs:
    """Return the inputs with what tags and annotations say of services."""
    if not inputs.tags and not inputs.annotations:
        return inputs
    held = (resource for key in facts if (resource := links.by_key.get(key)) is not None)
    uncertain = {each.key: absence_of(each) for each in held if each.presence is Truth.UNKNOWN}
    keys = {name: [each.store for each in references] for name, references in claimed.items()}
    labels = labels_by_service(keys, facts, fleet.resources, inputs.tags, inputs.annotations, uncertain)
    services = tuple(completed(each, labels.get(each.name, ()), inputs.tiers) for each in inputs.declarations.services)
    return replace(inputs, declarations=replace(inputs.declarations, services=services), labels=labels)
