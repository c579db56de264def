"""What stands in one region, zone or account, and what is left of it when that is gone: three-valued, store by store."""

from __future__ import annotations

from typing import Final, Literal

from drpolicy.catalog.rows import Catalog
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.stores import Protection, Recovery, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value, same
from drpolicy.recovery.bounds import recovery_by, survives
from drpolicy.recovery.logic import truth_of

Kind = Literal["region", "az", "account"]
_ZONES: Final = ("availability_zone", "availability_zone_name")


@dataclass(frozen=True, slots=True)
class LostPlace:
    """What is gone: ``name`` is that of a region, a zone or an account; ``region`` is the one that a zone is in."""

    kind: Kind
    name: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a store may not be gone: it may not be ``there``, not ``exist``, or be no store ``of record``."""

    of: Literal["there", "exist", "of record"]
    why: Unknown


def _is_there(store: Store, place: LostPlace) -> tuple[Truth, Unknown | None]:
    """Return whether a store stands in what is gone, and why that is not known."""
    value = store.account if place.kind == "account" else store.region
    if isinstance(value, Absent):
        return Truth.FALSE, None
    there = same(value, Known(place.region if place.kind == "az" else place.name, Written(store.span)))
    if there is Truth.UNKNOWN and isinstance(value, Unknown):
        return there, value
    return _in_zone(store, place.name) if there is Truth.TRUE and place.kind == "az" else (there, None)


def _in_zone(store: Store, zone: str) -> tuple[Truth, Unknown | None]:
    """Return whether a store of the zone's region is in the zone: only a zone that is written tells, and not all of what has a standby."""
    written = next((each for each in map(store.attributes.fields.get, _ZONES) if isinstance(each, Known)), None)
    if written is not None and written.value == zone:
        return Truth.TRUE, None
    if written is not None and truth_of(store.multi_az) is Truth.FALSE:
        return Truth.FALSE, None
    return Truth.UNKNOWN, Unknown(Reason.COMPUTED, f"zone of {store.address}", Written(store.span))


def is_gone(store: Store, place: LostPlace, presence: Truth, why: Unknown | None) -> tuple[Truth, tuple[Doubt, ...]]:
    """Return whether data of record is gone with a store, and everything that keeps it from being certain.

    ``presence`` is whether the store exists, and ``why`` that is not known. A store of another class is not asked about.
    """
    there, region = _is_there(store, place)
    class_ = store.data_class
    record = same(class_, Known("system-of-record", Written(store.span)))
    found = []
    if presence is Truth.UNKNOWN and why is not None:
        found.append(Doubt("exist", why))
    if region is not None:
        found.append(Doubt("there", region))
    if isinstance(class_, Unknown):
        found.append(Doubt("of record", class_))
    gone = presence & there & record
    return gone, tuple(found) if gone is Truth.UNKNOWN else ()


def _outlives(protection: Protection, place: LostPlace) -> Truth:
    """Return whether a copy is left of a store that is gone. One in the lost region is not, wherever the store may be."""
    truth = truth_of(survives(protection, place.kind))
    if truth is Truth.UNKNOWN and place.kind == "region" and _is(protection.region, place.name):
        return Truth.FALSE
    return truth


def left_of(store: Store, place: LostPlace, catalog: Catalog) -> Recovery:
    """Return what can be had back of a store, given that it is gone."""
    recovery: Recovery = getattr(store.recovery, place.kind)
    if all(_outlives(each, place) is not Truth.FALSE for each in recovery.copies):
        return recovery
    kept = (each for each in store.protections.elements if _outlives(each.value, place) is not Truth.FALSE)
    return recovery_by(place.kind, Members(tuple(kept), store.protections.rest), catalog)


def is_left(recovery: Recovery) -> Truth:
    """Return whether a copy is left: certainly, perhaps, or none."""
    return recovery.copies.exists(lambda _: Truth.TRUE)


def _is(value: Value[str], name: str) -> bool:
    return isinstance(value, Known) and value.value == name
