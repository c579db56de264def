"""Rows from plain data: the shipped bundle, or YAML documents read elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drpolicy.catalog.rows import (
    AttributeDefault,
    Bound,
    Catalog,
    CopyPlace,
    Join,
    Link,
    MechanismRow,
    RecoveryTime,
    Requirement,
    StoreRow,
)
from drpolicy.model.durations import parse_duration

BUNDLE = Path(__file__).with_name("bundle.json")
"""Generated from the YAML beside it by ``drpolicy.app.bundle``; a test holds it current."""


@cache
def built_in_catalog() -> Catalog:
    """Return the shipped catalog."""
    data = json.loads(BUNDLE.read_text("utf-8"))
    return catalog_from(data["stores"], data["mechanisms"], data["unjudged"])


def catalog_from(stores: Iterable[Mapping[str, Any]], mechanisms: Iterable[Mapping[str, Any]], unjudged: Iterable[str] = ()) -> Catalog:
    """Build a catalog from plain mappings in the form of the YAML files. Raises KeyError or ValueError on a bad row."""
    return Catalog(
        {row.type: row for row in map(_store, stores)},
        {row.id: row for row in map(_mechanism, mechanisms)},
        frozenset(unjudged),
    )


def _store(data: Mapping[str, Any]) -> StoreRow:
    return StoreRow(
        type=data["type"],
        kind=data["kind"],
        names=tuple(data["names"]),
        arn_service=data["arn"]["service"],
        arn_resource=data["arn"]["resource"],
        data_class=data["dataClass"],
        fields=dict(data["fields"]),
        defaults=tuple(AttributeDefault(each["attribute"], each["value"], each["source"]) for each in data["defaults"]),
        joins=tuple(Join(each["as"], each["type"], each["store"], each.get("certain", False)) for each in data.get("joins", ())),
        replica_of=data.get("replicaOf", ""),
        computed=tuple(data.get("computed", ())),
    )


def _mechanism(data: Mapping[str, Any]) -> MechanismRow:
    link, recovery = data.get("link"), data["recovery"]
    return MechanismRow(
        id=data["id"],
        title=data["title"],
        kind=data["kind"],
        recovery=RecoveryTime(
            parse_duration(recovery["atLeast"]).seconds,
            parse_duration(recovery["atMost"]).seconds if "atMost" in recovery else None,
            recovery["source"],
        ),
        survives=dict(data["survives"]),
        stores=tuple(data.get("stores", ())),
        matched=data.get("matched", ""),
        link=Link(link["type"], link.get("store", ""), link.get("sibling", "")) if link else None,
        each=data.get("each", ""),
        enabled=data.get("enabled", "true"),
        copy=_copy(data.get("copy", {"at": "store"})),
        requires=tuple(
            Requirement(each["id"], each["that"], each["text"], tuple(each.get("stores", ()))) for each in data.get("requires", ())
        ),
        gap=_bound(data.get("gap")),
        worst_gap=_bound(data.get("worstGap")),
        retention=data.get("retention", ""),
    )


def _copy(data: Mapping[str, str]) -> CopyPlace:
    match data:
        case {"at": "store" | "link" as place}:
            return CopyPlace(place)
        case {"region": expression}:
            return CopyPlace("region", expression)
        case {"reference": path}:
            return CopyPlace("reference", path)
        case _:
            raise ValueError(f"copy must have at, region or reference, not {sorted(data)}")


def _bound(data: Mapping[str, str] | None) -> Bound | None:
    return None if data is None else Bound(data["is"], data["source"], data.get("when", ""))
