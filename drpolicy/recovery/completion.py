"""Declarations completed from what was read beside them: resources that they name, then labels on what they claim."""

from __future__ import annotations

from collections.abc import Mapping

from drpolicy.model.records import replace
from drpolicy.recovery.adoption import adopted
from drpolicy.recovery.assembly import missing_module
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.fleet import Fleet
from drpolicy.recovery.inputs import Inputs
from drpolicy.recovery.label_agreements import completed
from drpolicy.recovery.labels import labels_by_service
from drpolicy.recovery.links import Links
from drpolicy.recovery.stores import StoreFacts


def with_named(inputs: Inputs, links: Links) -> Inputs:
    """Return the inputs with what declarations take from the resources that they name."""
    outside = adopted(inputs.declarations.services, inputs.tiers, links, missing_module(inputs.roots))
    if not (outside.policies or outside.tier_policies or outside.plans):
        return inputs
    declarations = replace(inputs.declarations, services=outside.services)
    return replace(inputs, declarations=declarations, tiers=outside.tiers, outside=outside)


def with_labels(inputs: Inputs, claimed: Mapping[str, list[Claimed]], facts: Mapping[str, StoreFacts], fleet: Fleet) -> Inputs:
    """Return the inputs with what tags and annotations say of services."""
    keys = {name: [each.store for each in references] for name, references in claimed.items()}
    labels = labels_by_service(keys, facts, fleet.resources, inputs.tags, inputs.annotations)
    if not labels:
        return inputs
    services = tuple(completed(each, labels.get(each.name, ()), inputs.tiers) for each in inputs.declarations.services)
    return replace(inputs, declarations=replace(inputs.declarations, services=services), labels=labels)
