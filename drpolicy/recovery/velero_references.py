"""Whether what a schedule and a restore name is on their cluster: snapshot locations and ConfigMaps.

Where one is missing, or a ConfigMap has not exactly one key, every backup or restore is FailedValidation, and nothing fails when the
object is applied (velero-io/velero, pkg/controller/backup_controller.go and restore_controller.go, internal/resourcepolicies and
internal/resourcemodifiers, read 2026-11). The storage location of a schedule is asked for with what Velero refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.navigation import elements, entries, inside, strings
from drpolicy.kubernetes.velero import SnapshotLocation, VeleroSchedule, snapshot_location
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.provenance import Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.contradictions import Side, comparison
from drpolicy.recovery.locations import Site
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.velero_targets import absence_of

CONFIG_MAPS: Final = frozenset({"kubernetes_config_map", "kubernetes_config_map_v1"})
"""What Terraform makes a ConfigMap with."""
_CONFIG_MAP: Final = "configmap"


def names_found(schedule: VeleroSchedule, site: Site, objects: Sequence[Resource], others: Iterable[Resource]) -> Agreement:
    """Look for the snapshot locations and the resource policy that a schedule names. ``others`` are what Terraform makes."""
    spec, header = schedule.template, Written(schedule.span)
    policy = _config_map(spec.resource_policy)
    waits = site.is_dr or truth_of(schedule.paused) is Truth.TRUE
    if waits or (not spec.snapshot_locations.elements and isinstance(policy, Absent)):
        return NOT_COMPARED
    found = [*_snapshots(schedule, site, objects), *_held(policy, "resource policy", schedule.resource, site, objects, others)]
    doubt = schedule.paused if isinstance(schedule.paused, Unknown) else None
    return _judged(f"schedule {schedule.name}", "what it names is there", found, schedule.resource, doubt, header)


def modifiers_found(restores: Sequence[Resource], site: Site, objects: Sequence[Resource], others: Iterable[Resource]) -> Agreement:
    """Look for the resource modifiers that the Restore objects of a cluster name."""
    named = [(each, modifier) for each in restores if not isinstance(modifier := _config_map(each.get("spec", "resourceModifier")), Absent)]
    if not named:
        return NOT_COMPARED
    made = list(others)
    results = []
    for restore, modifier in named:
        found = list(_held(modifier, "resource modifiers", restore, site, objects, made))
        results.append(_judged(f"restore {restore.name}", "its modifiers are there", found, restore, None, Written(restore.span)))
    missing = [each for each in results if each.text]
    unknown = [each for each in results if isinstance(each.holds, Unknown)]
    return (missing or unknown or results)[0]


def _judged(
    who: str, how: str, found: Sequence[Side | Unknown], resource: Resource, doubt: Unknown | None, header: Provenance
) -> Agreement:
    sides = [Side(f"{who} {each.text}", each.places) for each in found if isinstance(each, Side)]
    unknown = next((each for each in found if isinstance(each, Unknown)), None)
    doubt = doubt or (absence_of(resource) if resource.presence is Truth.UNKNOWN else None)
    return comparison(how, () if doubt is not None else sides, (doubt if sides else None) or unknown, header)


def _config_map(reference: Value[Any]) -> Value[str]:
    """Return the name of the ConfigMap that is referred to; Absent for another kind, of which Velero takes no notice."""
    kind = strings(inside(reference, "kind"))
    if isinstance(kind, Known) and kind.value.lower() != _CONFIG_MAP:
        return Absent(kind.origin)
    return kind if isinstance(kind, (Unknown, Absent)) else strings(inside(reference, "name"))


def _snapshots(schedule: VeleroSchedule, site: Site, objects: Sequence[Resource]) -> Iterator[Side | Unknown]:
    """Yield the snapshot locations that are not there, and those of which there are two for one provider."""
    locations = [each for resource in objects if (each := snapshot_location(resource)) is not None]
    unread = site.tree.unread("VolumeSnapshotLocation")
    chosen: dict[str, SnapshotLocation] = {}
    for member in schedule.template.snapshot_locations.elements:
        name = strings(member.value)
        if not isinstance(name, Known):
            if isinstance(name, Unknown):
                yield name
            continue
        if member.presence is Truth.UNKNOWN:
            if member.why is not None:
                yield member.why
            continue
        own = [each for each in locations if each.name == name.value]
        if not own:
            yield _missing_snapshots(name, locations, unread, site)
            continue
        if all(each.resource.presence is Truth.UNKNOWN for each in own):
            yield absence_of(own[0].resource)
            continue
        provider = own[0].provider
        if len(own) == 1 and isinstance(provider, Known):
            first = chosen.setdefault(provider.value, own[0])
            if first is not own[0]:
                text = f"names two snapshot locations of provider {provider.value}, {first.name} and {own[0].name}"
                yield Side(text, (name.origin, Written(first.span), Written(own[0].span)))


def _missing_snapshots(name: Known[str], locations: Sequence[SnapshotLocation], unread: Unknown | None, site: Site) -> Side | Unknown:
    certain = [each for each in locations if isinstance(each.resource.get("metadata", "name"), Known)]
    # A cluster none of whose locations is in the files has them elsewhere.
    if unread is not None or not locations or len(certain) < len(locations):
        return unread or Unknown(Reason.OUTSIDE_SCOPE, f"snapshot location {name.value} on {site.name}", name.origin)
    others = ", ".join(sorted({each.name for each in certain}))
    text = f"names snapshot location {name.value}, and there is only {others}"
    return Side(text, (name.origin, *(Written(each.span) for each in certain)))


def _held(
    name: Value[str], what: str, home: Resource, site: Site, objects: Sequence[Resource], others: Iterable[Resource]
) -> Iterator[Side | Unknown]:
    """Yield what is wrong with a ConfigMap, which has to be in the namespace of the object that names it."""
    if not isinstance(name, Known):
        if isinstance(name, Unknown):
            yield name
        return
    maps = [each for each in objects if each.type == "v1/ConfigMap"]
    alike = [each for each in maps if each.name == name.value]
    own = [each for each in alike if _beside(each, home)]
    if own:
        certain = [each for each in own if each.presence is Truth.TRUE]
        if not certain:
            yield absence_of(own[0])
        elif len(own) == 1:
            yield from _of_one_key(name, what, own[0])
        return
    unread = next((each for each in (*site.tree.charts, *site.tree.beside)), None)
    where = f"on {site.name}" if unread is None else f"from {unread.what}: {unread.why}"
    missing = Unknown(Reason.OUTSIDE_SCOPE, f"ConfigMap {name.value} {where}", name.origin)
    alike = [each for each in alike if each.presence is Truth.TRUE]
    beside = [each for each in maps if _beside(each, home) and each.presence is Truth.TRUE]
    named = [each.get("metadata", "name") for each in maps]
    made = any(each.type in CONFIG_MAPS and _may_be(each, name.value) for each in others)
    if made or unread is not None or any(isinstance(each, Unknown) for each in named) or not (alike or beside):
        yield missing
    elif alike:
        namespace = namespace_of(alike[0])
        text = f"names ConfigMap {name.value} for its {what}, which is in namespace {namespace} and not in {namespace_of(home)}"
        yield Side(text, (name.origin, Written(alike[0].span)))
    else:
        others_ = ", ".join(sorted({each.name for each in beside}))
        text = f"names ConfigMap {name.value} for its {what}, and in namespace {namespace_of(home)} there is only {others_}"
        yield Side(text, (name.origin, *(Written(each.span) for each in beside)))


def _beside(one: Resource, home: Resource) -> bool:
    """Whether two objects are in one namespace, or may be: whoever applies the files may give them one."""
    written = [each.get("metadata", "namespace") for each in (one, home)]
    return namespace_of(one) == namespace_of(home) or not all(isinstance(each, Known) for each in written)


def _may_be(resource: Resource, name: str) -> bool:
    """Whether a ConfigMap that Terraform makes may have a name."""
    metadata = next(iter(elements(resource.get("metadata"))), resource.get("metadata"))
    written = strings(inside(metadata, "name"))
    return not isinstance(written, Known) or written.value == name


def _of_one_key(name: Known[str], what: str, held: Resource) -> Iterator[Side]:
    data = held.get("data")
    keys = [key for key, _ in entries(data)]
    closed = isinstance(data, Absent) or (isinstance(data, Known) and getattr(data.value, "rest", None) is None)
    if closed and len(keys) != 1:
        there = f"{len(keys)} keys" if keys else "no key"
        yield Side(f"names ConfigMap {name.value} for its {what}, which has {there} and not one", (name.origin, Written(held.span)))
