"""One store that is gone, or may be: why that is not known, where it comes back from, and why other copies do not help."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from drpolicy.model.estate import Estate
from drpolicy.model.loss import Reason, StoreLoss
from drpolicy.model.provenance import Derived, written_at
from drpolicy.model.spans import Span
from drpolicy.model.stores import Protection, Recovery, Store
from drpolicy.model.symbols import told
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Member, Value
from drpolicy.recovery.bounds import survives
from drpolicy.recovery.gone import Doubt, LostPlace, is_left
from drpolicy.recovery.logic import truth_of

_MOST_OBSTACLES: Final = 3
_WHERE: Final = {"region": "", "az": "zone ", "account": "account "}


class Asked(Protocol):
    """What is asked of every store."""

    @property
    def place(self) -> LostPlace: ...
    @property
    def estate(self) -> Estate: ...


def store_loss(store: Store, recovery: Recovery, gone: Truth, doubts: Sequence[Doubt], around: Asked, primary: str = "") -> StoreLoss:
    """Return what becomes of a store.

    ``recovery`` is what is left of it, ``doubts`` why it may not be gone, ``primary`` what is declared of its region, or nothing.
    """
    doubted = {each.why.cause.symbol for each in doubts}
    return StoreLoss(
        store.name,
        gone,
        is_left(recovery),
        recovery.rpo,
        recovery.rto,
        tuple(_source(member.value, member.presence) for member in sorted(recovery.copies.elements, key=_freshest)),
        tuple(_obstacles(store, recovery, doubted, around.place, around.estate))[:_MOST_OBSTACLES],
        tuple(_in_words(each, around.place, store, primary) for each in doubts),
        store.span,
    )


def _in_words(doubt: Doubt, place: LostPlace, store: Store, primary: str) -> Reason:
    where = f"{_WHERE[place.kind]}{place.name}"
    at = written_at(doubt.why.cause.origin) or store.span
    match doubt.of:
        case "there" if place.kind == "az" and isinstance(store.region, Known):
            return Reason(f"perhaps not in {where}: no file says its zone", store.span)
        case "there":
            what = "account" if place.kind == "account" else "region"
            said = f"perhaps not in {where}, its {what} is not known: {told(doubt.why)}"
            return Reason(f"{said}; {primary}" if primary else said, at)
        case "exist":
            return Reason(f"perhaps not there at all: {told(doubt.why)}", at)
        case _:
            return Reason(f"perhaps no store of record: {told(doubt.why)}", at)


def _freshest(member: Member[Protection]) -> tuple[bool, float, float]:
    bounds = [each.value.seconds if isinstance(each, Known) else math.inf for each in (member.value.gap, member.value.worst_gap)]
    return member.presence is not Truth.TRUE, bounds[0], bounds[1]


def _source(protection: Protection, presence: Truth) -> Reason:
    where = protection.region.value if isinstance(protection.region, Known) else "a region that is not known"
    gap = f"every {protection.gap.value}" if isinstance(protection.gap, Known) and protection.gap.value.seconds else "continuous"
    bound = "" if isinstance(protection.worst_gap, Known) else ", lag without a bound"
    maybe = "" if presence is Truth.TRUE else "perhaps "
    words = "AWS Backup copy" if protection.mechanism.startswith("backup-plan") else protection.name
    if truth_of(protection.scheduled) is Truth.FALSE:
        return Reason(f"{maybe}from {where}: {words}, made once, however long ago", protection.span)
    return Reason(f"{maybe}from {where}: {words}, {gap}{bound}", protection.span)


def _obstacles(store: Store, recovery: Recovery, doubted: set[str], place: LostPlace, estate: Estate) -> Iterator[Reason]:
    """Yield why what looks like a copy does not help, the most telling reason first."""
    if place.kind == "region" and store.kind == "namespace":
        for location in estate.locations:
            reads = isinstance(location.region, Known) and location.region.value == place.name
            if isinstance(location.cluster_role, Known) and location.cluster_role.value == "dr" and reads:
                bucket = location.bucket.value if isinstance(location.bucket, Known) else "a bucket"
                at = written_at(location.bucket.origin) or location.span
                yield Reason(f"Velero on {location.cluster} reads {bucket} in {place.name}", at)
    left = {each.key for each in recovery.copies}
    seen: set[str] = set()
    for protection in store.protections:
        if protection.key in left:
            continue
        text, shown = _why_not(protection, survives(protection, place.kind), store, place)
        beside = protection.kind != "backup" and protection.region is store.region
        if not beside and text not in seen:
            seen.add(text)
            yield Reason(text, shown or protection.span)
    rest = store.protections.rest
    if not seen and not left and rest is None:
        yield Reason("nothing protects it", store.span)
    if rest is not None and (rest.cause.symbol not in doubted or not seen):
        yield Reason(f"what{' else' if seen else ''} protects it is not known: {told(rest)}", written_at(rest.cause.origin))


def _why_not(protection: Protection, value: Value[bool], store: Store, place: LostPlace) -> tuple[str, Span | None]:
    """Return the reason in words; a place that only says where the store itself is gives way to the protection's."""
    if truth_of(value) is not Truth.FALSE:
        return f"{protection.name}: the copy is in {place.name} itself", protection.span
    origin = value.origin
    at = written_at(origin)
    if at == written_at(store.region.origin):
        at = protection.span
    if isinstance(origin, Derived) and origin.how:
        return origin.how, at
    return f"{protection.name} does not survive it", at
