"""Lose a region, a zone or an account: what happens now, service by service."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from drpolicy.app.check import estate_of
from drpolicy.app.reading import Read
from drpolicy.app.settings import Settings
from drpolicy.app.taken import taken_along
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.estate import Estate
from drpolicy.model.loss import Loss, Reason, ServiceLoss, ServiceOutcome, StoreLoss
from drpolicy.model.provenance import Derived, written_at
from drpolicy.model.ranges import Range
from drpolicy.model.services import Service, Target
from drpolicy.model.spans import Span
from drpolicy.model.stores import Protection, Recovery, Store
from drpolicy.model.symbols import told
from drpolicy.model.truth import Truth, every
from drpolicy.model.values import Absent, Known, Member, Value
from drpolicy.recovery.bounds import survives
from drpolicy.recovery.logic import truth_of

Kind = Literal["region", "az", "account"]
NOTHING_LOST = Range(Duration(0), Duration(0), "not affected")
_MOST_OBSTACLES = 3


def parse_loss(text: str) -> tuple[Kind, str]:
    """Read ``ap-northeast-2``, ``region:…``, ``az:…`` or ``account:…``. Raises ValueError."""
    kind, separator, name = text.partition(":")
    if not separator:
        return "region", text
    if kind in ("region", "az", "account") and name:
        return kind, name  # type: ignore[return-value]  # checked on the line above
    raise ValueError(f"{text!r} is not a region, az:ZONE or account:NUMBER")


def lose(kind: Kind, name: str, settings: Settings, found: Read) -> Loss:
    """Return what is lost and what is left when ``name`` is gone at ``settings.as_of``."""
    estate = estate_of(settings, found)
    hit = {store.key: _hit(store, kind, name) for store in estate.stores}
    gone = [store for store in estate.stores if hit[store.key] is not Truth.FALSE and _is_record(store)]
    claimed = {store.key for service in estate.services for store in service.stores}
    return Loss(
        what=name if kind == "region" else f"{kind}:{name}",
        disruption=kind,
        as_of=settings.as_of.isoformat(),
        known=tuple(sorted(_known(estate, kind))),
        services=tuple(sorted((_service(service, kind, name, estate, hit) for service in estate.services), key=_worst_first)),
        unclaimed=tuple(_store(store, kind, name, estate) for store in gone if store.key not in claimed),
        also=tuple(taken_along(estate, built_in_catalog(), name)) if kind == "region" else (),
        affected=len(gone),
    )


def _worst_first(service: ServiceLoss) -> tuple[int, bool, str]:
    return ("lost", "misses", "unproven", "meets", "unaffected").index(service.outcome), service.tier != "critical", service.name


def _is_record(store: Store) -> bool:
    return not isinstance(store.data_class, Known) or store.data_class.value == "system-of-record"


def _hit(store: Store, kind: Kind, name: str) -> Truth:
    value = store.account if kind == "account" else store.region
    wanted = name.rstrip("abcdef") if kind == "az" else name
    if isinstance(value, Known):
        return Truth.of(value.value == wanted)
    return Truth.FALSE if isinstance(value, Absent) else Truth.UNKNOWN


def _known(estate: Estate, kind: Kind) -> set[str]:
    values = [store.account if kind == "account" else store.region for store in estate.stores]
    return {value.value for value in values if isinstance(value, Known)}


def _service(service: Service, kind: Kind, name: str, estate: Estate, hit: dict[str, Truth]) -> ServiceLoss:
    stores = [store for store in service.stores if _is_record(store) and hit[store.key] is not Truth.FALSE]
    target = next((each for each in service.targets if each.disruption == kind), None)
    declared_rpo = _value(target.declared_rpo) if target is not None else None
    declared_rto = _value(target.declared_rto) if target is not None else None
    losses = tuple(_store(store, kind, name, estate) for store in stores)
    rpo, rto = (target.rpo, target.rto) if target is not None and stores else _widest(losses)
    return ServiceLoss(
        service.name,
        service.tier.value if isinstance(service.tier, Known) else None,
        declared_rpo,
        declared_rto,
        _outcome(losses, target, rpo, rto, certain=any(hit[store.key] is Truth.TRUE for store in stores)),
        rpo,
        rto,
        losses,
        service.span,
    )


def _outcome(losses: tuple[StoreLoss, ...], target: Target | None, rpo: Range, rto: Range, *, certain: bool) -> ServiceOutcome:
    if not losses:
        return "unaffected"
    if not certain:
        # Whether any of its stores is gone is not known: nothing worse than that can be said.
        return "unproven"
    if rpo.best == UNBOUNDED and rto.best == UNBOUNDED:
        return "lost"
    declared = [target.rpo.within(target.declared_rpo), target.rto.within(target.declared_rto)] if target is not None else []
    asked = [isinstance(each, Known) for each in (target.declared_rpo, target.declared_rto)] if target is not None else []
    met = every(truth for truth, ask in zip(declared, asked, strict=True) if ask)
    if met is Truth.FALSE:
        return "misses"
    return "meets" if met is Truth.TRUE and any(asked) else "unproven"


def _widest(losses: tuple[StoreLoss, ...]) -> tuple[Range, Range]:
    if not losses:
        return NOTHING_LOST, NOTHING_LOST
    weakest = max(losses, key=lambda each: (each.rpo.best, each.rpo.worst))
    slowest = max(losses, key=lambda each: (each.rto.best, each.rto.worst))
    return weakest.rpo, slowest.rto


def _value(value: Value[Duration]) -> Duration | None:
    return value.value if isinstance(value, Known) else None


def _store(store: Store, kind: Kind, name: str, estate: Estate) -> StoreLoss:
    recovery: Recovery = getattr(store.recovery, kind)
    copies = recovery.copies.elements
    certain = any(member.presence is Truth.TRUE for member in copies)
    possible = bool(copies) or recovery.copies.rest is not None
    return StoreLoss(
        store.name,
        Truth.TRUE if certain else Truth.UNKNOWN if possible else Truth.FALSE,
        recovery.rpo,
        recovery.rto,
        tuple(_source(member.value, member.presence) for member in sorted(copies, key=_freshest)),
        tuple(_obstacles(store, kind, name, estate))[:_MOST_OBSTACLES],
        store.span,
    )


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


def _obstacles(store: Store, kind: Kind, name: str, estate: Estate) -> Iterator[Reason]:
    """Yield why what looks like a copy does not help, the most telling reason first."""
    if kind == "region" and store.kind == "namespace":
        for location in estate.locations:
            reads = isinstance(location.region, Known) and location.region.value == name
            if isinstance(location.cluster_role, Known) and location.cluster_role.value == "dr" and reads:
                bucket = location.bucket.value if isinstance(location.bucket, Known) else "a bucket"
                at = written_at(location.bucket.origin) or location.span
                yield Reason(f"Velero on {location.cluster} reads {bucket} in {name}", at)
    seen: set[str] = set()
    for member in store.protections.elements:
        value = survives(member.value, kind)
        text, place = _why_not(member.value, value, store)
        beside = member.value.kind != "backup" and member.value.region is store.region
        if truth_of(value) is Truth.FALSE and not beside and text not in seen:
            seen.add(text)
            yield Reason(text, place or member.value.span)
    if not seen and store.protections.rest is None:
        yield Reason("nothing protects it", store.span)
    rest = store.protections.rest
    if rest is not None:
        yield Reason(f"not known: {told(rest)}", written_at(rest.cause.origin))


def _why_not(protection: Protection, value: Value[bool], store: Store) -> tuple[str, Span | None]:
    """Return the reason in words; a place that only says where the store itself is gives way to the protection's."""
    origin = value.origin
    place = written_at(origin)
    if place == written_at(store.region.origin):
        place = protection.span
    if isinstance(origin, Derived) and origin.how:
        return origin.how, place
    return f"{protection.name} does not survive it", place
