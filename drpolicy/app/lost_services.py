"""What is gone of one service itself with a region, a zone or an account: its stores there, and what is left of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from drpolicy.app.lost_stores import store_loss
from drpolicy.catalog.rows import Catalog
from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.estate import Estate
from drpolicy.model.loss import Reason, StoreLoss
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.ranges import Range
from drpolicy.model.reasons import Reason as Why
from drpolicy.model.records import dataclass, replace
from drpolicy.model.services import Service
from drpolicy.model.stores import Recovery, Store
from drpolicy.model.symbols import plain_symbol, told
from drpolicy.model.truth import Truth, some
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value
from drpolicy.recovery.gone import LostPlace, is_gone, left_of
from drpolicy.recovery.recovery_terms import NAMES, Delay
from drpolicy.recovery.services import leading_nowhere
from drpolicy.recovery.targets import Reach, own_reach

NOT_FOUND: Final = Range(Duration(0), UNBOUNDED, "it was not found")


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What every service is asked about: the place that is gone, and what else is declared."""

    place: LostPlace
    estate: Estate
    catalog: Catalog
    primaries: Mapping[str, Value[str]]
    hard: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """What is gone of one service itself."""

    stores: tuple[StoreLoss, ...]
    gone: Truth
    lost: Truth
    reach: Reach
    whole: bool
    """Whether all of its stores of record are gone for certain."""


def own_loss(service: Service, around: Around) -> Own:
    """Return what is gone of a service's own stores; a reference that resolves to nothing may be anything, anywhere."""
    losses: list[StoreLoss] = []
    members: list[Member[Store]] = []
    whole = True
    for member in service.stores.elements:
        store = member.value
        gone, doubts = is_gone(store, around.place, member.presence, member.why)
        record = not isinstance(store.data_class, Known) or store.data_class.value == "system-of-record"
        whole = whole and (gone is Truth.TRUE or not record)
        if gone is Truth.FALSE:
            continue
        left = left_of(store, around.place, around.catalog)
        losses.append(store_loss(store, left, gone, doubts, around, _primary(service.name, around)))
        members.append(Member(_with(store, around.place, left), gone, doubts[0].why if doubts else None))
    nameless = leading_nowhere(service)
    missing = [(each.value, each.why or Unknown(Why.OUTSIDE_SCOPE, each.value, Written(service.span))) for each in nameless]
    nowhere = [
        StoreLoss(each.value, Truth.UNKNOWN, Truth.UNKNOWN, NOT_FOUND, NOT_FOUND, (), (), (_not_found(each, service),), service.span)
        for each in nameless
    ]
    rest = service.stores.rest
    further = [Truth.UNKNOWN] if rest is not None else []
    return Own(
        (*losses, *nowhere),
        some([*further, *(each.gone for each in (*losses, *nowhere))]),
        some([*further, *(each.lost for each in (*losses, *nowhere))]),
        own_reach(around.place.kind, Members(tuple(members), rest), missing, _delay(service)),
        whole,
    )


def _primary(name: str, around: Around) -> str:
    declared = around.primaries.get(name) if around.place.kind != "account" else None
    return f"{name} declares {declared.value} as its primary region" if isinstance(declared, Known) else ""


def _with(store: Store, place: LostPlace, left: Recovery) -> Store:
    match place.kind:
        case "region":
            return replace(store, recovery=replace(store.recovery, region=left))
        case "az":
            return replace(store, recovery=replace(store.recovery, az=left))
        case "account":
            return replace(store, recovery=replace(store.recovery, account=left))


def _not_found(member: Member[str], service: Service) -> Reason:
    """Say that a reference leads nowhere, and where it stands: what it means may be gone too."""
    first = service.unresolved_at
    place = written_at(first.origin) if isinstance(first, Known) and first.value == member.value else None
    if member.why is None:
        return Reason("nothing in these files makes it", place or service.span)
    cause = member.why.cause
    what = plain_symbol(cause.symbol)
    why = f"not known ({cause.reason.label})" if what == plain_symbol(member.value) else f"not known: {told(member.why)}"
    return Reason(why, place or written_at(cause.origin) or service.span)


def _delay(service: Service) -> Delay:
    terms = [(name, service.detection if name == "detection" else service.decision) for name in NAMES]
    return Delay(
        tuple((name, value) for name, value in terms if isinstance(value, Known)),
        tuple(value for _, value in terms if isinstance(value, Unknown)),
        tuple(name for name, value in terms if isinstance(value, Absent)),
    )
