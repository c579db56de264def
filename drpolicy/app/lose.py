"""Lose a region, a zone or an account: what happens now, service by service.

A service is judged by what is lost of it with that place alone: its stores there, and those of the services that it cannot do
without. What is not known to be there counts as perhaps gone, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drpolicy.app.check import estate_of
from drpolicy.app.lost_places import place_of
from drpolicy.app.lost_services import Around, Own, own_loss
from drpolicy.app.lost_stores import store_loss
from drpolicy.app.reading import Read
from drpolicy.app.settings import Settings
from drpolicy.app.taken import taken_along
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.durations import Duration
from drpolicy.model.loss import OUTCOMES, Loss, NeededLoss, ServiceLoss, ServiceOutcome, StoreLoss
from drpolicy.model.provenance import Written
from drpolicy.model.ranges import Range
from drpolicy.model.records import replace
from drpolicy.model.services import Drill, Service, Target
from drpolicy.model.stores import Objective, Store
from drpolicy.model.truth import Truth, every, some
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.assembly import hard_dependencies
from drpolicy.recovery.gone import Doubt, LostPlace, is_gone, left_of
from drpolicy.recovery.recovery_terms import NAMES
from drpolicy.recovery.targets import everything_needed, target_of, together

NOTHING_LOST = Range(Duration(0), Duration(0), "not affected")


def lose(what: str, settings: Settings, found: Read) -> Loss:
    """Return what is lost and what is left when ``what`` is gone at ``settings.as_of``. Raises NotAPlace."""
    estate, catalog = estate_of(settings, found), built_in_catalog()
    place = place_of(what, catalog.countries, estate)
    declared = found.inputs.declarations.services
    around = Around(
        place,
        estate,
        catalog,
        {each.name: each.primary_region for each in declared},
        {each.name: hard_dependencies(each) for each in declared},
    )
    own = {service.name: own_loss(service, around) for service in estate.services}
    unclaimed = _unclaimed(around)
    touched = {store.key for service in estate.services for store in service.stores if _gone(store, around)[0] is not Truth.FALSE}
    return Loss(
        what=place.name if place.kind == "region" else f"{place.kind}:{place.name}",
        disruption=place.kind,
        as_of=settings.as_of.isoformat(),
        known=tuple(sorted(_places(estate.stores, place))),
        services=tuple(sorted((_service(service, own, around) for service in estate.services), key=_worst_first)),
        unclaimed=unclaimed,
        also=tuple(taken_along(estate, catalog, place.name)) if place.kind == "region" else (),
        affected=len(touched) + len(unclaimed),
        unread=sum(each.outcome == "unresolved" for root in found.inputs.roots if not root.library for each in root.modules),
    )


def _worst_first(service: ServiceLoss) -> tuple[int, bool, str]:
    return OUTCOMES.index(service.outcome), service.tier != "critical", service.name


def _places(stores: Sequence[Store], place: LostPlace) -> set[str]:
    """Return where stores are that are, or may be, of record."""
    values = [each.account if place.kind == "account" else each.region for each in stores if not _is_other(each)]
    return {each.value for each in values if isinstance(each, Known)}


def _is_other(store: Store) -> bool:
    """Whether a store holds no data of record, for certain."""
    return isinstance(store.data_class, Known) and store.data_class.value != "system-of-record"


def _gone(store: Store, around: Around) -> tuple[Truth, tuple[Doubt, ...]]:
    why = around.estate.uncertain.get(store.key)
    return is_gone(store, around.place, Truth.UNKNOWN if why is not None else Truth.TRUE, why)


def _unclaimed(around: Around) -> tuple[StoreLoss, ...]:
    claimed = {store.key for service in around.estate.services for store in service.stores}
    found = []
    for store in around.estate.stores:
        gone, doubts = _gone(store, around)
        if store.key not in claimed and gone is not Truth.FALSE:
            found.append(store_loss(store, left_of(store, around.place, around.catalog), gone, doubts, around))
    return tuple(found)


def _service(service: Service, own: Mapping[str, Own], around: Around) -> ServiceLoss:
    mine = own[service.name]
    others = {each: own[each] for each in everything_needed(service.name, around.hard) if each in own}
    hit = {name: each for name, each in {service.name: mine, **others}.items() if each.gone is not Truth.FALSE}
    lost, gone = (some(values) for values in ([each.lost for each in hit.values()], [each.gone for each in hit.values()]))
    target = _target(service, hit, around) if hit else None
    spans = {each.name: each.span for each in around.estate.services}
    primary = _is_primary(service, around)
    asked = (target.declared_rpo, target.declared_rto) if target is not None else ()
    return ServiceLoss(
        name=service.name,
        tier=service.tier.value if isinstance(service.tier, Known) else None,
        declared=some(Truth.TRUE if isinstance(each, Known) else Truth.of(None if isinstance(each, Unknown) else False) for each in asked),
        declared_rpo=_value(target.declared_rpo) if target is not None else None,
        declared_rto=_value(target.declared_rto) if target is not None else None,
        gone=Truth.TRUE if primary and hit else gone,
        primary=primary,
        outcome=_outcome(target, lost),
        rpo=target.rpo if target is not None else NOTHING_LOST,
        rto=target.rto if target is not None else NOTHING_LOST,
        stores=mine.stores,
        needs=tuple(NeededLoss(name, each.gone, each.lost, spans[name]) for name, each in hit.items() if name != service.name),
        beside=tuple(each.name for each in _beside(service, around)),
        span=service.span,
    )


def _is_primary(service: Service, around: Around) -> bool:
    declared = around.primaries.get(service.name)
    return around.place.kind == "region" and isinstance(declared, Known) and declared.value == around.place.name


def _beside(service: Service, around: Around) -> list[Store]:
    """Return what else of a service is gone for certain: a cache, a log, a copy."""
    found = []
    for member in service.stores.elements:
        as_record = replace(member.value, data_class=Known("system-of-record", Written(member.value.span)))
        if _is_other(member.value) and is_gone(as_record, around.place, member.presence, member.why)[0] is Truth.TRUE:
            found.append(member.value)
    return found


def _target(service: Service, hit: Mapping[str, Own], around: Around) -> Target:
    """Return what the service declares for this loss, held against what is left of what is gone."""
    (claim,) = service.required_by
    kind, rest = around.place.kind, claim.objectives.rest
    objective = next((each for each in claim.objectives if each.disruption == kind), None)
    if objective is None and rest is not None:
        objective = Objective(kind, rest, rest)
    reach = together(service.name, {name: each.reach for name, each in hit.items()})
    undeclared = [name for name in NAMES if isinstance(service.detection if name == "detection" else service.decision, Absent)]
    return target_of(kind, objective, reach, _rehearsals(service, hit, around), claim, undeclared)


def _rehearsals(service: Service, hit: Mapping[str, Own], around: Around) -> tuple[Drill, ...]:
    """Return the drills that speak of this loss: a failover of the whole service is one from where it is, or declares to be.

    None counts where something that may be gone cannot be had back.
    """
    own = hit.get(service.name)
    if own is None or any(each.recoverable is Truth.FALSE for other in hit.values() for each in other.stores):
        return ()
    return tuple(service.drills) if own.whole or _is_primary(service, around) or around.place.kind == "az" else ()


def _outcome(target: Target | None, lost: Truth) -> ServiceOutcome:
    if target is None:
        return "unaffected"
    if lost is Truth.TRUE:
        return "lost"
    pairs = ((target.rpo, target.declared_rpo), (target.rto, target.declared_rto))
    asked = [range_.within(declared) for range_, declared in pairs if not isinstance(declared, Absent)]
    met = every(asked)
    if met is Truth.FALSE:
        return "misses"
    if asked and met is Truth.TRUE:
        return "meets"
    if lost is Truth.UNKNOWN:
        return "unknown"
    return "unproven" if asked else "undeclared"


def _value(value: Value[Duration]) -> Duration | None:
    return value.value if isinstance(value, Known) else None
