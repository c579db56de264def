"""The estate as a picture: what is where, and what protects it."""

from __future__ import annotations

from collections import Counter

from drpolicy.app.check import estate_of
from drpolicy.app.reading import Read
from drpolicy.app.settings import Settings
from drpolicy.model.estate import Estate
from drpolicy.model.picture import NOWHERE, Copy, CopyState, Picture, PicturedCluster, PicturedService, PicturedStore
from drpolicy.model.stores import DISRUPTIONS, Protection, Store
from drpolicy.model.symbols import plain_symbol, told
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Value
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.services import leading_nowhere

_STATES: dict[Truth, CopyState] = {Truth.TRUE: "works", Truth.FALSE: "off", Truth.UNKNOWN: "not known"}
_SHOWN = ("corruption", "region")


def picture_of(settings: Settings, found: Read) -> Picture:
    """Return the picture of what was read."""
    return _picture(estate_of(settings, found), settings.as_of.isoformat())


def _picture(estate: Estate, as_of: str) -> Picture:
    owners: dict[str, list[str]] = {}
    for service in estate.services:
        for store in service.stores:
            owners.setdefault(store.key, []).append(service.name)
    stores = tuple(_store(each, owners.get(each.key, []), estate) for each in estate.stores)
    weight = Counter(store.region for store in stores)
    weight.update({copy.region: 0 for store in stores for copy in store.copies})
    clusters = tuple(PicturedCluster(each.name, _region(each.region), _text(each.role)) for each in estate.clusters)
    weight.update({cluster.region: 0 for cluster in clusters})
    return Picture(
        as_of=as_of,
        regions=tuple(sorted(weight, key=lambda region: (region == NOWHERE, -weight[region], region))),
        services=tuple(
            PicturedService(
                each.name,
                _text(each.tier),
                tuple(store.key for store in each.stores),
                tuple(each.depends_on),
                tuple((target.disruption, target.rpo, target.rto) for target in each.targets if target.disruption in _SHOWN),
                tuple(plain_symbol(member.value) for member in leading_nowhere(each)),
            )
            for each in estate.services
        ),
        stores=stores,
        clusters=clusters,
    )


def _store(store: Store, services: list[str], estate: Estate) -> PicturedStore:
    rest = store.protections.rest
    return PicturedStore(
        key=store.key,
        name=store.name,
        address=store.address,
        type=store.type,
        kind=store.kind,
        deployment=store.deployment,
        region=_region(store.region),
        data_class=_text(store.data_class),
        presence=Truth.UNKNOWN if store.key in estate.uncertain else Truth.TRUE,
        services=tuple(services),
        copies=tuple(_copy(member.value, store, member.presence) for member in store.protections.elements),
        more=told(rest) if rest is not None else "",
        recovery=tuple((each, getattr(store.recovery, each).rpo, getattr(store.recovery, each).rto) for each in _SHOWN),
        span=store.span,
    )


def _copy(protection: Protection, store: Store, presence: Truth) -> Copy:
    beside = protection.region is store.region or isinstance(protection.region, Absent)
    return Copy(
        name=protection.name.removesuffix(protection.address).rstrip(),
        kind=protection.kind,
        region=_region(store.region if beside else protection.region),
        store=protection.copy_store,
        state=_STATES[presence & truth_of(protection.works)],
        interval=_interval(protection),
        kept=str(protection.retention.value) if isinstance(protection.retention, Known) and protection.kind != "replica" else "",
        survives=tuple(
            each for each in DISRUPTIONS if presence is Truth.TRUE and truth_of(getattr(protection.survives, each)) is Truth.TRUE
        ),
        span=protection.span,
    )


def _interval(protection: Protection) -> str:
    if not (truth_of(protection.survives.corruption) is Truth.TRUE or truth_of(protection.survives.region) is Truth.TRUE):
        # A second zone is no second point in time.
        return ""
    if truth_of(protection.scheduled) is Truth.FALSE:
        return "once"
    if not isinstance(protection.gap, Known):
        return ""
    return f"every {protection.gap.value}" if protection.gap.value.seconds else "continuous"


def _region(value: Value[str]) -> str:
    match value:
        case Known(name):
            return name
        case Absent():
            return "global"
        case _:
            return NOWHERE


def _text(value: Value[str]) -> str:
    return value.value if isinstance(value, Known) else ""
