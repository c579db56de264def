"""The names in the commands that have a store back: of copies, regions, vaults and schedules, and of what a drill makes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from drpolicy.catalog.rows import Catalog
from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.model.estate import Estate
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.services import Service
from drpolicy.model.stores import Protection, Store
from drpolicy.model.values import Absent, Known, Unknown, Value, target_of

Purpose = Literal["failover", "drill"]

_BLANK = deferred(r"\{(store|copy|region|home|vault|schedule|backup|namespace|service|address|awsBackup|cluster|engine|drill)\}")


@dataclass(frozen=True, slots=True)
class DeclaredRegions:
    """Where a service says that it runs and fails over to: it stands in where no file says where a store is."""

    primary: str = ""
    dr: tuple[str, ...] = ()

    @staticmethod
    def by(service: ServiceDeclaration) -> DeclaredRegions:
        """Return the regions that a service declares."""
        return DeclaredRegions(text_of(service.primary_region), tuple(each.value for each in service.dr_regions if isinstance(each, Known)))


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions for the blanks of a command, and what is to be said of those that no file gives."""

    named: Mapping[str, str]
    notes: Mapping[str, str]


def regions_of(store: Store, protection: Protection, purpose: Purpose, declared: DeclaredRegions) -> Regions:
    notes: dict[str, str] = {}
    home, there = text_of(store.region), text_of(protection.region)
    # Equal symbols are one region; a copy without any is where its store is.
    beside = isinstance(protection.region, Absent) or (
        isinstance(protection.region, Unknown) and isinstance(store.region, Unknown) and protection.region.symbol == store.region.symbol
    )
    if not home and declared.primary:
        home = declared.primary
        notes["home"] = _of_declaration(home, "primary region", store.address)
    if not there and beside:
        there = home
        notes.update({"region": notes["home"]} if "home" in notes else {})
    if not there and purpose == "failover" and len(declared.dr) == 1:
        there = declared.dr[0]
        notes["region"] = _of_declaration(there, "DR region", protection.address)
    blank = store.address if beside else protection.address
    named = {"home": home or f"<region of {store.address}>", "region": there or f"<region of {blank}>"}
    return Regions({name: harmless(text) for name, text in named.items()}, notes)


def _of_declaration(region: str, what: str, address: str) -> str:
    return f"{harmless(region)} is the {what} that the service declares: no file says where {address} is."


def names_of(service: Service, store: Store, protection: Protection, estate: Estate, catalog: Catalog) -> Mapping[str, str]:
    namespace = store.address.rpartition("/")[2] if store.kind == "namespace" else ""
    name = namespace or _api_name(store.attributes.fields, store.type, catalog) or f"<name of {store.address}>"
    made = made_by(protection)
    row = catalog.stores.get(store.type)
    engine = store.attributes.fields.get("engine")
    known = {
        "store": name,
        "copy": _copy_name(protection, estate, catalog) or f"<name of {protection.address}>",
        "vault": _vault(protection, estate) or f"<vault of {protection.address}>",
        "schedule": (made if protection.mechanism == "velero-schedule" else "") or "<schedule>",
        "backup": (made if protection.mechanism == "velero-manual-backup" else "") or "<backup>",
        "engine": str(engine.value) if isinstance(engine, Known) else f"<engine of {store.address}>",
        "namespace": namespace or "<namespace>",
        "service": service.name,
        "address": protection.address if protection.kind == "replica" else store.address,
        "awsBackup": row.aws_backup if row is not None else "",
        "drill": drill_name(namespace or (_label(store.address, store.type) if name.startswith("<") else name)),
    }
    return {blank: harmless(text) for blank, text in known.items()}


def made_by(protection: Protection) -> str:
    """Return the name of the Velero object that makes a backup."""
    return protection.address.partition(" → ")[0].rpartition("/")[2]


def drill_name(name: str) -> str:
    """Return a name for what a drill makes, of what the services take: at most 40 letters, digits and single hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", f"drill-{name.lower()}")[:40].rstrip("-")


def _label(address: str, type_: str) -> str:
    """Return what a resource is called in the files: ``db`` of ``module.db.aws_db_instance.this``, where modules call everything so."""
    parts = [part for part in address.split(".") if part not in ("module", type_)]
    return ".".join(part for part in parts if part != "this" or len(parts) == 1)


def harmless(text: str) -> str:
    """Return a name without what a shell or Markdown would take for something else: names come from files that anybody may have written."""
    blank = text.startswith("<")
    plain = re.sub(r"[^\w./:@\[\]\"', -]", "_", text.strip("<>"))
    return f"<{plain}>" if blank else plain if re.fullmatch(r"[\w./:@\[\]\"-]*", plain) else f"<{plain}>"


def filled(text: str, named: Mapping[str, str]) -> str:
    return _BLANK.sub(lambda blank: named[blank[1]], text)


def text_of(value: Value[str]) -> str:
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
    return text_of(resource.get("name")) if resource is not None else ""
