"""How each store of a service is had back: which copy, by which commands, with the real names, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from drpolicy.catalog.rows import Catalog, StepRow, StepText
from drpolicy.model.durations import UNBOUNDED
from drpolicy.model.estate import Estate
from drpolicy.model.records import dataclass
from drpolicy.model.services import Service
from drpolicy.model.stores import Protection, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.step_names import DeclaredRegions, Purpose, filled, harmless, made_by, names_of, regions_of, text_of

ORDER: Final = (
    "secret",
    "key",
    "parameter",
    "identity",
    "registry",
    "image",
    "database",
    "ledger",
    "warehouse",
    "table",
    "object",
    "file",
    "block",
)
"""Kinds of store in the order in which they come back: what others need first. What is not named comes after these, namespaces last."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One store and the way it is had back; ``text`` is ``None`` where the catalog has no commands for the mechanism."""

    store: Store
    protection: Protection | None
    section: str
    does: str
    text: StepText | None
    source: str
    notes: tuple[str, ...] = ()
    """What in it is the declaration's word, in sentences."""
    drill: str = ""
    """What is made in a drill is called."""


def steps_of(service: Service, estate: Estate, catalog: Catalog, purpose: Purpose, declared: DeclaredRegions) -> tuple[Step, ...]:
    """Return a step for each store of a service, in the order in which they are taken.

    At failover the copy is one that survives the loss of the region, the fastest first; in a drill it is one that keeps points in time.
    A copy that is not certain to exist or to work is taken only where there is no other. A namespace is restored on the DR cluster,
    where there is one, from a copy that is there.
    """
    ordered = sorted(service.stores, key=lambda store: (_rank(store), store.key))
    return tuple(_step(service, store, estate, catalog, purpose, declared) for store in ordered)


def _rank(store: Store) -> int:
    if store.kind == "namespace":
        return len(ORDER) + 1
    return ORDER.index(store.kind) if store.kind in ORDER else len(ORDER)


def _step(service: Service, store: Store, estate: Estate, catalog: Catalog, purpose: Purpose, declared: DeclaredRegions) -> Step:
    standby = _standby(estate)
    chosen = next(_choices(store, catalog, purpose, standby), None)
    if chosen is None:
        return Step(store, None, "restore", f"{store.name}: no copy is known that could be used", None, "")
    protection, row, text = chosen
    if row is None or text is None:
        return Step(store, protection, "restore", f"{store.name}: recover it from {protection.name}", None, "")
    regions = regions_of(store, protection, purpose, declared)
    cluster = standby if purpose == "failover" or (standby and _is_there(store, protection)) else store.deployment
    named = {**names_of(service, store, protection, estate, catalog), **regions.named, "cluster": harmless(cluster or "the DR cluster")}
    written = StepText(
        filled(text.does, named),
        tuple(filled(each, named) for each in text.commands),
        tuple(filled(each, named) for each in text.verify),
        filled(text.expect, named),
        filled(text.after, named),
        tuple(filled(each, named) for each in text.cleanup),
    )
    used = " ".join((*text.commands, *text.verify, *text.cleanup))
    notes = tuple(note for blank, note in regions.notes.items() if f"{{{blank}}}" in used)
    return Step(store, protection, row.section, written.does, written, row.source, notes, named["drill"])


def _is_there(store: Store, protection: Protection) -> bool:
    """Whether a copy is sure to be where a namespace is recovered when its region is lost."""
    return any(each.value.key == protection.key and each.presence is Truth.TRUE for each in store.recovery.region.copies.elements) and (
        truth_of(protection.survives.region) is Truth.TRUE
    )


def drilled_schedule(store: Store, estate: Estate, catalog: Catalog) -> str:
    """Return the Velero schedule from which a drill restores a namespace; empty where none is."""
    copies = (protection for protection, _, _ in _choices(store, catalog, "drill", _standby(estate)))
    return next((made_by(each) for each in copies if each.mechanism == "velero-schedule"), "")


def _standby(estate: Estate) -> str:
    return next((each.name for each in estate.clusters if text_of(each.role) == "dr"), "")


def _choices(
    store: Store, catalog: Catalog, purpose: Purpose, standby: str
) -> Iterator[tuple[Protection, StepRow | None, StepText | None]]:
    """Yield what the store can be had back from, the best first."""
    found = []
    copies = store.recovery.region.copies if purpose == "failover" else store.recovery.corruption.copies
    for position, member in enumerate(copies.elements):
        protection = member.value
        row = catalog.step(protection.mechanism, store.type)
        text = getattr(row, purpose) if row is not None else None
        certain = member.presence is Truth.TRUE and truth_of(protection.works) is Truth.TRUE
        # The freshest comes first; among equals the one that guarantees it.
        gaps = [gap.value if isinstance(gap, Known) else UNBOUNDED for gap in (protection.gap, protection.worst_gap)]
        live = purpose == "failover" and protection.kind == "replica"
        elsewhere = bool(standby) and store.kind == "namespace" and not _is_there(store, protection)
        found.append(
            ((not certain, text is None, not live, elsewhere, *gaps, ", replicated" in protection.name, position), (protection, row, text))
        )
    return (choice for _, choice in sorted(found, key=lambda each: each[0]))
