"""Backups that Velero refuses: every run of such a schedule is FailedValidation, and nothing fails when it is applied.

Rules: pkg/controller/backup_controller.go and pkg/util/collections of velero-io/velero (v1.18, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from drpolicy.kubernetes.navigation import inside, text
from drpolicy.kubernetes.velero import StorageLocation, VeleroSchedule
from drpolicy.model.provenance import Provenance
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Value

_OLD: Final = ("includedResources", "excludedResources", "includeClusterResources")
_NEW: Final = (
    "includedClusterScopedResources",
    "excludedClusterScopedResources",
    "includedNamespaceScopedResources",
    "excludedNamespaceScopedResources",
)
_PAIRS: Final = (
    ("includedNamespaces", "excludedNamespaces"),
    ("includedResources", "excludedResources"),
    ("includedClusterScopedResources", "excludedClusterScopedResources"),
    ("includedNamespaceScopedResources", "excludedNamespaceScopedResources"),
)


def refusals(schedule: VeleroSchedule, locations: Sequence[StorageLocation] | None) -> Iterator[tuple[str, Provenance]]:
    """Yield why Velero refuses every backup of a schedule, and the value that is the reason.

    ``locations`` are all those of its cluster; ``None`` when there may be others.
    """
    template = schedule.resource.get("spec", "template")
    yield from _filters(template)
    yield from _location(schedule, locations)


def _filters(template: Value[Any]) -> Iterator[tuple[str, Provenance]]:
    old = next(((name, value) for name in _OLD if _given(value := inside(template, name))), None)
    new = next(((name, value) for name in _NEW if _given(value := inside(template, name))), None)
    if old is not None and new is not None:
        yield f"{old[0]} and {new[0]} are of two kinds of filters that may not be mixed", new[1].origin
    one, several = inside(template, "labelSelector"), inside(template, "orLabelSelectors")
    if _given(one) and _given(several):
        yield "labelSelector and orLabelSelectors may not both be given", several.origin
    for included, excluded in _PAIRS:
        names = {written for written, _ in _certain(inside(template, included))}
        for written, origin in _certain(inside(template, excluded)):
            if written == "*":
                yield f"{excluded} may not hold *", origin
            elif written in names:
                yield f"{written} is both in {included} and in {excluded}", origin
        if "*" in names and len(names) > 1:
            yield f"{included} may hold * only alone", inside(template, included).origin


def _certain(listing: Value[Any]) -> Iterator[tuple[str, Provenance]]:
    """Yield the texts that a list certainly holds."""
    if isinstance(listing, Known) and isinstance(listing.value, Members):
        for member in listing.value.elements:
            written = text(member.value)
            if written is not None and member.presence is Truth.TRUE:
                yield written, member.value.origin


def _given(value: Value[Any]) -> bool:
    """Whether a filter is certainly there: an empty one is none."""
    match value:
        case Known(value=Members() as listing):
            return listing.exists(lambda each: Truth.FALSE if isinstance(each, Absent) else Truth.TRUE) is Truth.TRUE
        case Known(value=Object() as inner):
            return bool(inner.fields)
        case Known():
            return True
        case _:
            return False


def _location(schedule: VeleroSchedule, locations: Sequence[StorageLocation] | None) -> Iterator[tuple[str, Provenance]]:
    name = schedule.template.storage_location
    if not isinstance(name, Known):
        return
    found = [each for each in locations or () if each.name == name.value]
    # A cluster none of whose locations is in the files has them elsewhere.
    if not found and locations:
        others = ", ".join(sorted({each.name for each in locations}))
        yield f"no storage location is called {name.value}; there is {others}", name.origin
    for each in found:
        mode = each.access_mode
        if len(found) == 1 and isinstance(mode, Known) and mode.value == "ReadOnly" and each.resource.presence is Truth.TRUE:
            yield f"storage location {each.name} is ReadOnly", mode.origin
