"""Services out of what others keep: a CSV file of a CMDB, and Backstage's catalog-info.yaml."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from drpolicy.app.service_draft import ServiceDraft, StoreDraft, service_name
from drpolicy.declarations.reading import Field
from drpolicy.declarations.shapes.service import STRATEGIES
from drpolicy.model.durations import parse_duration
from drpolicy.model.patterns import deferred
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
    "strategy": ("strategy", "dr strategy", "recovery strategy"),
    "primary_region": ("region", "primary region"),
    "dr_regions": ("dr region", "dr regions", "recovery region", "recovery regions"),
}
"""Headings that a column may have, in any case, with spaces, ``_`` or ``-``."""

UNITS: Mapping[str, str] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
}
"""Units that the heading of an RTO or RPO may name for its whole column, such as ``RTO (hours)``."""

_IN_UNIT = deferred(r"(.*?)[ (\[]+(?:in )?([a-z]+)[)\]]?")

_NUMBER = deferred(r"\d+(?:\.\d+)?")

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
        reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""), dialect=dialect)
        headings = [each for each in reader.fieldnames or () if each is not None]
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as problem:
        raise NotImported(f"{path}:{reader.line_num}:1: {problem}") from None
    columns = {field: next((each for each in headings if _heading(each)[0] in names), "") for field, names in COLUMNS.items()}
    if not columns["name"]:
        raise NotImported(f"{path}:1:1: no column is called {', '.join(COLUMNS['name'][:3])}")
    if not rows:
        raise NotImported(f"{path}:1:1: there is no line below the headings")
    lines = text.splitlines()
    drafts: dict[str, ServiceDraft] = {}
    for number, row in rows:
        told = {field: (row.get(column) or "").strip() for field, column in columns.items() if column}
        if told["name"]:
            units = {field: _heading(columns[field])[1] for field in ("rto", "rpo")}
            draft = _of_row(told, units, partial(_place, path, number, lines))
            if draft.name in drafts:
                raise NotImported(f"{_place(path, number, lines, told['name'])}: {draft.name} is there twice")
            drafts[draft.name] = draft
    return list(drafts.values()), [each for each in headings if each not in columns.values()]


def _place(path: str, number: int, lines: list[str], value: str) -> str:
    """Return the file, line and column of a value; a value of several lines begins before the line on which its row ends."""
    line = lines[number - 1] if number <= len(lines) else ""
    return f"{path}:{number}:{max(line.find(value), 0) + 1}"


def _heading(text: str) -> tuple[str, str]:
    """Return a heading as it is compared, and the unit that it names for its column."""
    words = re.sub(r"[\s_-]+", " ", text.strip().lower())
    named = _IN_UNIT.fullmatch(words)
    return (named[1].strip(), UNITS[named[2]]) if named is not None and named[2] in UNITS else (words, "")


def _of_row(told: Mapping[str, str], units: Mapping[str, str], place: Callable[[str], str]) -> ServiceDraft:
    notes = [f"from {place(told['name'])}"]
    times = {}
    for name in ("rto", "rpo"):
        value = told.get(name, "")
        written = f"{value}{units[name]}" if _NUMBER.fullmatch(value) else value
        times[name] = written if is_duration(written) else ""
        if value and not times[name]:
            notes.append(f"{name.upper()}: {place(value)} says {value!r}, which has no unit; write 4h, 15m or the like")
    strategy = re.sub(r"[\s_]+", "-", told.get("strategy", "").lower())
    if strategy and strategy not in STRATEGIES:
        notes.append(f"strategy: {place(told['strategy'])} says {told['strategy']!r}, which is none of {', '.join(STRATEGIES)}")
    stores = tuple(StoreDraft(reference=each) for each in _listed(told.get("stores", "")))
    return ServiceDraft(
        name=service_name(told["name"]),
        owner=told.get("owner", ""),
        environment=told.get("environment", "").lower(),
        tier=told.get("tier", "").lower(),
        rto=times["rto"],
        rpo=times["rpo"],
        strategy=strategy if strategy in STRATEGIES else "",
        primary_region=told.get("primary_region", ""),
        dr_regions=tuple(_listed(told.get("dr_regions", ""))),
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
    found = [draft for document in read for draft in _of_entity(plain(document.root), Field(document.root, document.span))]
    if not found:
        raise NotImported(f"{path}:1:1: it holds no Component of backstage.io")
    return found


def _of_entity(entity: Any, root: Field) -> Iterator[ServiceDraft]:
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
    place = root.get("metadata", "name").place
    notes = [f"from {place}", *([f"it depends on {', '.join(others)}, too: add what holds data to stores"] if others else [])]
    times = {each: told[each] if is_duration(told.get(each, "")) else "" for each in ("rto", "rpo")}
    for each in times:
        if told.get(each) and not times[each]:
            where = root.get("metadata", "annotations", f"{ANNOTATION}{each}").place
            notes.append(f"{each.upper()}: {where} says {told[each]!r}, which has no unit; write 4h, 15m or the like")
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
