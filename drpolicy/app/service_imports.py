"""Services out of what others keep: a CSV file of a CMDB, and Backstage's catalog-info.yaml."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from drpolicy.app.service_draft import ServiceDraft, StoreDraft, service_name
from drpolicy.model.durations import parse_duration
from drpolicy.model.spans import Source
from drpolicy.sources.documents import plain
from drpolicy.sources.yaml_documents import documents

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "service", "service name", "application", "application name", "ci name"),
    "owner": ("owner", "owned by", "team", "support group", "owner team"),
    "tier": ("tier", "criticality", "business criticality", "service tier"),
    "environment": ("environment", "env"),
    "rto": ("rto", "recovery time objective"),
    "rpo": ("rpo", "recovery point objective"),
    "depends_on": ("depends on", "dependencies", "dependson"),
    "stores": ("stores", "data stores"),
    "runbook": ("runbook",),
}
"""Headings that a column may have, in any case, with spaces, ``_`` or ``-``."""

ANNOTATION = "drpolicy.dev/"
"""Before ``tier``, ``rto``, ``rpo`` and ``runbook`` in the annotations of a Backstage component."""


class NotImported(Exception):
    """The file cannot be taken over; the message says where and why."""


def from_csv(text: str, path: str) -> tuple[list[ServiceDraft], list[str]]:
    """Return the services of a CSV file, a line each, and the headings that were passed over. Raises NotImported."""
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text.partition("\n")[0], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""), dialect=dialect))
    except csv.Error as problem:
        raise NotImported(f"{path}: {problem}") from None
    headings = [each for each in (rows[0] if rows else {}) if each is not None]
    columns = {field: next((each for each in headings if _heading(each) in names), "") for field, names in COLUMNS.items()}
    if not columns["name"]:
        raise NotImported(f"{path}: no column is called {', '.join(COLUMNS['name'][:3])}, and there is a line below it")
    drafts: dict[str, ServiceDraft] = {}
    for number, row in enumerate(rows, 2):
        told = {field: (row.get(column) or "").strip() for field, column in columns.items() if column}
        if told["name"]:
            draft = _of_row(told, f"{path}:{number}")
            if draft.name in drafts:
                raise NotImported(f"{path}:{number}: {draft.name} is there twice")
            drafts[draft.name] = draft
    return list(drafts.values()), [each for each in headings if each not in columns.values()]


def _heading(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.strip().lower())


def _of_row(told: Mapping[str, str], place: str) -> ServiceDraft:
    notes = [f"from {place}"]
    times = {}
    for name in ("rto", "rpo"):
        value = told.get(name, "")
        times[name] = value if is_duration(value) else ""
        if value and not times[name]:
            notes.append(f"{name.upper()}: {place} says {value!r}, which has no unit; write 4h, 15m or the like")
    stores = tuple(StoreDraft(reference=each) for each in _listed(told.get("stores", "")))
    return ServiceDraft(
        name=service_name(told["name"]),
        owner=told.get("owner", ""),
        environment=told.get("environment", "").lower(),
        tier=told.get("tier", "").lower(),
        rto=times["rto"],
        rpo=times["rpo"],
        stores=stores,
        stores_known=bool(stores),
        runbook=told.get("runbook", ""),
        depends_on=tuple(service_name(each) for each in _listed(told.get("depends_on", ""))),
        notes=tuple(notes),
    )


def _listed(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"[;|\n]|,(?=\s)", text) if each.strip()]


def is_duration(text: str) -> bool:
    """Whether a text is a duration with a unit."""
    try:
        parse_duration(text)
    except ValueError:
        return False
    return True


def from_backstage(text: str, path: str) -> list[ServiceDraft]:
    """Return the components of a Backstage catalog file (Descriptor Format of Catalog Entities, 2026-11). Raises NotImported."""
    read = documents(Source(path, text))
    if read.problems:
        raise NotImported(f"{read.problems[0].span or path}: {read.problems[0].message}")
    found = [draft for document in read for draft in _of_entity(plain(document.root), path)]
    if not found:
        raise NotImported(f"{path}: it holds no Component of backstage.io")
    return found


def _of_entity(entity: Any, path: str) -> Iterator[ServiceDraft]:
    if (
        not isinstance(entity, dict)
        or entity.get("kind") != "Component"
        or not str(entity.get("apiVersion", "")).startswith("backstage.io/")
    ):
        return
    metadata, spec = _mapping(entity.get("metadata")), _mapping(entity.get("spec"))
    name = metadata.get("name")
    if not isinstance(name, str):
        return
    told = {key.removeprefix(ANNOTATION): str(value) for key, value in _mapping(metadata.get("annotations")).items()}
    needed = spec.get("dependsOn")
    references = [each for each in needed if isinstance(each, str)] if isinstance(needed, list) else []
    others = [each for each in references if not each.lower().startswith("component:")]
    notes = [f"from {path}", *([f"it depends on {', '.join(others)}, too: add what holds data to stores"] if others else [])]
    times = {name: told[name] if is_duration(told.get(name, "")) else "" for name in ("rto", "rpo")}
    yield ServiceDraft(
        name=service_name(name),
        owner=str(spec.get("owner", "")).rpartition(":")[2].rpartition("/")[2],
        tier=told.get("tier", ""),
        rto=times["rto"],
        rpo=times["rpo"],
        runbook=told.get("runbook", ""),
        stores_known=False,
        depends_on=tuple(service_name(each.rpartition(":")[2].rpartition("/")[2]) for each in references if each not in others),
        notes=tuple(notes),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
