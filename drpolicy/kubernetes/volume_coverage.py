"""What a Velero backup captures of the volumes of a namespace, one by one: the namespace has what every one of its volumes has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drpolicy.kubernetes.coverage import EXCLUDE_LABEL, Capture, captures_volumes
from drpolicy.kubernetes.navigation import inside, strings
from drpolicy.kubernetes.velero import BackupSpec
from drpolicy.kubernetes.volume_policies import Configurations, action_of
from drpolicy.kubernetes.workloads import VolumeClaim
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Unknown

_ORDER: Final = {Truth.FALSE: 0, Truth.UNKNOWN: 1, Truth.TRUE: 2}


def captures_claims(
    spec: BackupSpec, home: Resource, claims: Sequence[VolumeClaim], snapshot_locations: Truth, configurations: Configurations
) -> Capture:
    """Decide whether a backup takes the data of all claims along, and how the least of them. ``home`` is the object of the backup."""
    found = [(claim, _of_claim(spec, home, claim, snapshot_locations, configurations)) for claim in claims]
    least = min(found, key=lambda each: (_ORDER[each[1].truth], each[1].how != "snapshot"))
    alone = len({(each.truth, each.why) for _, each in found}) == 1
    return least[1] if alone else replace(least[1], why=f"claim {least[0].name}: {least[1].why}")


def _of_claim(spec: BackupSpec, home: Resource, claim: VolumeClaim, snapshot_locations: Truth, configurations: Configurations) -> Capture:
    label = strings(inside(claim.labels, EXCLUDE_LABEL))
    if isinstance(label, Known) and label.value == "true":
        return Capture(Truth.FALSE, f"the claim is labelled {EXCLUDE_LABEL}: true", label.origin)
    captured = captures_volumes(
        spec,
        snapshot_locations=snapshot_locations,
        opted_in=claim.opted_in,
        opted_out=claim.opted_out,
        action=action_of(spec.resource_policy, home, claim, configurations),
    )
    if isinstance(label, Unknown) and captured.truth is Truth.TRUE:
        return replace(
            captured, truth=Truth.UNKNOWN, why=f"whether the claim is labelled {EXCLUDE_LABEL} is not known", origin=label.origin
        )
    return captured
