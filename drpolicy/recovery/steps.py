"""How each store of a service is had back: which copy, by which commands, with the real names, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from drpolicy.catalog.rows import Catalog, StepRow, StepText
from drpolicy.model.durations import UNBOUNDED
from drpolicy.model.estate import Estate
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.services import Service
from drpolicy.model.stores import Protection, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Value, target_of
from drpolicy.recovery.logic import truth_of

Purpose = Literal["failover", "drill"]

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

_BLANK = deferred(r"\{(store|copy|region|home|vault|schedule|namespace|service|address|awsBackup|cluster|drill)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One store and the way it is had back; ``text`` is ``None`` where the catalog has no commands for the mechanism."""

    store: Store
    protection: Protection | None
    section: str
    does: str
    text: StepText | None
    source: str


def steps_of(service: Service, estate: Estate, catalog: Catalog, purpose: Purpose) -> tuple[Step, ...]:
    """Return a step for each store of a service, in the order in which they are taken.

    At failover the copy is one that survives the loss of the region, the fastest first; in a drill it is one that keeps points in time.
    A copy that is not certain to exist or to work is taken only where there is no other.
    """
    ordered = sorted(service.stores, key=lambda store: (_rank(store), store.key))
    return tuple(_step(service, store, estate, catalog, purpose) for store in ordered)


def _rank(store: Store) -> int:
    if store.kind == "namespace":
        return len(ORDER) + 1
    return ORDER.index(store.kind) if store.kind in ORDER else len(ORDER)


def _step(service: Service, store: Store, estate: Estate, catalog: Catalog, purpose: Purpose) -> Step:
    chosen = next(_choices(store, catalog, purpose), None)
    if chosen is None:
        return Step(store, None, "restore", f"{store.name}: no copy is known that could be used", None, "")
    protection, row, text = chosen
    if row is None or text is None:
        return Step(store, protection, "restore", f"{store.name}: recover it from {protection.name}", None, "")
    named = _names(service, store, protection, estate, catalog)
    filled = StepText(
        _filled(text.does, named),
        tuple(_filled(each, named) for each in text.commands),
        tuple(_filled(each, named) for each in text.verify),
        _filled(text.expect, named),
        _filled(text.after, named),
        tuple(_filled(each, named) for each in text.cleanup),
    )
    return Step(store, protection, row.section, filled.does, filled, row.source)


def _choices(store: Store, catalog: Catalog, purpose: Purpose) -> Iterator[tuple[Protection, StepRow | None, StepText | None]]:
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
        found.append(((not certain, text is None, not live, *gaps, ", replicated" in protection.name, position), (protection, row, text)))
    return (choice for _, choice in sorted(found, key=lambda each: each[0]))


def _names(service: Service, store: Store, protection: Protection, estate: Estate, catalog: Catalog) -> Mapping[str, str]:
    namespace = store.address.rpartition("/")[2] if store.kind == "namespace" else ""
    name = namespace or _api_name(store.attributes.fields, store.type, catalog) or f"<name of {store.address}>"
    schedule = protection.address.partition(" → ")[0].rpartition("/")[2] if protection.mechanism == "velero-schedule" else ""
    row = catalog.stores.get(store.type)
    cluster = next((each.name for each in estate.clusters if _text(each.role) == "dr"), "")
    known = {
        "store": name,
        "copy": _copy_name(protection, estate, catalog) or f"<name of {protection.address}>",
        "region": _text(protection.region) or _text(store.region) or f"<region of {protection.address}>",
        "home": _text(store.region) or f"<region of {store.address}>",
        "vault": _vault(protection, estate) or f"<vault of {protection.address}>",
        "schedule": schedule or "<schedule>",
        "cluster": cluster or "the DR cluster",
        "namespace": namespace or "<namespace>",
        "service": service.name,
        "address": protection.address if protection.kind == "replica" else store.address,
        "awsBackup": row.aws_backup if row is not None else "",
        "drill": f"drill-{re.sub(r'[^a-z0-9-]', '-', (namespace or name).strip('<>').lower())}"[:60].rstrip("-"),
    }
    return {blank: _harmless(text) for blank, text in known.items()}


def _harmless(text: str) -> str:
    """Return a name without what a shell or Markdown would take for something else: names come from files that anybody may have written."""
    blank = text.startswith("<")
    plain = re.sub(r"[^\w./:@\[\]\"', -]", "_", text.strip("<>"))
    return f"<{plain}>" if blank else plain if re.fullmatch(r"[\w./:@\[\]\"-]*", plain) else f"<{plain}>"


def _filled(text: str, named: Mapping[str, str]) -> str:
    return _BLANK.sub(lambda blank: named[blank[1]], text)


def _text(value: Value[str]) -> str:
    return value.value if isinstance(value, Known) else ""


def _api_name(attributes: Mapping[str, Value[object]], type_: str, catalog: Catalog) -> str:
    row = catalog.stores.get(type_)
    for name in row.names if row is not None else ():
        value = attributes.get(name)
        if isinstance(value, Known):
            return str(value.value)
    return ""


def _copy_name(protection: Protection, estate: Estate, catalog: Catalog) -> str:
    copy = next((each for each in estate.stores if each.key == protection.copy_store), None)
    if copy is not None:
        return _api_name(copy.attributes.fields, copy.type, catalog)
    return _api_name(protection.attributes.fields, protection.type, catalog)


def _vault(protection: Protection, estate: Estate) -> str:
    value = protection.attributes.fields.get("destination_vault_arn") or protection.attributes.fields.get("target_vault_name")
    if isinstance(value, Known):
        return str(value.value).rpartition(":")[2]
    target = target_of(value) if value is not None else None
    resource = next((each for each in estate.resources if target is not None and each.key == target.key), None)
    return _text(resource.get("name")) if resource is not None else ""
