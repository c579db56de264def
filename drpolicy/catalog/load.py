"""Rows from plain data: the shipped bundle, or YAML documents read elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from drpolicy.catalog.rows import (
    AttributeDefault,
    Bound,
    Catalog,
    ComponentRow,
    ControlPlaneRow,
    CopyKey,
    CopyPlace,
    Country,
    Join,
    Joint,
    Link,
    MechanismRow,
    Omitted,
    OperationRow,
    RecoveryTime,
    Requirement,
    StepRow,
    StepText,
    StoreRow,
    TwinRow,
)
from drpolicy.model.durations import parse_duration

BUNDLE = Path(__file__).with_name("bundle.json")
"""Generated from the YAML beside it by ``drpolicy.app.bundle``; a test holds it current."""


@cache
def bundle() -> Mapping[str, Any]:
    """Return the shipped rows as plain data, by the directory that they come from."""
    data: Mapping[str, Any] = json.loads(BUNDLE.read_text("utf-8"))
    return data


@cache
def built_in_catalog() -> Catalog:
    """Return the shipped catalog."""
    data = bundle()
    beside = (data["components"], data["countries"], data["operations"], data["steps"], data["control_planes"])
    return catalog_from(data["stores"], data["mechanisms"], data["unjudged"], *beside)


def catalog_from(
    stores: Iterable[Mapping[str, Any]],
    mechanisms: Iterable[Mapping[str, Any]],
    unjudged: Iterable[str] = (),
    components: Iterable[Mapping[str, Any]] = (),
    countries: Iterable[Mapping[str, Any]] = (),
    operations: Iterable[Mapping[str, Any]] = (),
    steps: Iterable[Mapping[str, Any]] = (),
    control_planes: Iterable[Mapping[str, Any]] = (),
) -> Catalog:
    """Build a catalog from plain mappings in the form of the YAML files. Raises KeyError or ValueError on a bad row."""
    return Catalog(
        {row.type: row for row in map(_store, stores)},
        {row.id: row for row in map(_mechanism, mechanisms)},
        {row.type: row for row in map(_component, components)},
        frozenset(unjudged),
        {region: Country(each["country"], tuple(each["regions"])) for each in countries for region in each["regions"]},
        tuple(map(_operation, operations)),
        tuple(map(_step, steps)),
        tuple(map(_control_plane, control_planes)),
    )


def _control_plane(data: Mapping[str, Any]) -> ControlPlaneRow:
    operations = {command: tuple(beginnings) for command, beginnings in data["operations"].items()}
    return ControlPlaneRow(data["service"], data["region"], operations, frozenset(data["types"]), data["remains"], data["source"])


def _step(data: Mapping[str, Any]) -> StepRow:
    return StepRow(
        data["mechanism"],
        tuple(data.get("stores", ())),
        data["section"],
        _step_text(data.get("failover")),
        _step_text(data.get("drill")),
        data["source"],
    )


def _step_text(data: Mapping[str, Any] | None) -> StepText | None:
    if data is None:
        return None
    return StepText(
        data["does"], tuple(data["commands"]), tuple(data["verify"]), data["expect"], data.get("after", ""), tuple(data.get("cleanup", ()))
    )


def _operation(data: Mapping[str, Any]) -> OperationRow:
    return OperationRow(
        data["program"],
        data["service"],
        {argument: dict(types) for argument, types in data["names"].items()},
        {operation: tuple(arguments) for operation, arguments in data["makes"].items()},
        dict(data.get("promotes", {})),
        data["regional"],
        data["source"],
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
        defaults=tuple(map(_default, data["defaults"])),
        joins=tuple(map(_join, data.get("joins", ()))),
        replica_of=data.get("replicaOf", ""),
        aws_backup=data.get("awsBackup", ""),
        key=data.get("key", ""),
        keys=data.get("keys", ""),
        live=tuple(data.get("live", ())),
        computed=tuple(data.get("computed", ())),
    )


def _component(data: Mapping[str, Any]) -> ComponentRow:
    defaults, joins = tuple(map(_default, data.get("defaults", ()))), tuple(map(_join, data.get("joins", ())))
    twin = _twin(data["twin"]) if "twin" in data else None
    return ComponentRow(data["type"], data["kind"], dict(data.get("fields", {})), defaults, joins, twin, tuple(data.get("regional", ())))


def _twin(data: Mapping[str, Any]) -> TwinRow:
    by, equal, at_least, entries = (tuple(data.get(name, ())) for name in ("by", "equal", "atLeast", "entries"))
    return TwinRow(by, equal, at_least, entries, data.get("needed", False))


def _join(data: Mapping[str, Any]) -> Join:
    return Join(data["as"], data["type"], data["store"], data.get("certain", False))


def _default(data: Mapping[str, Any]) -> AttributeDefault:
    omitted = data.get("omitted", "default")
    if omitted not in get_args(Omitted):
        raise ValueError(f"omitted must be one of {', '.join(get_args(Omitted))}, not {omitted!r}")
    if omitted == "default" and "value" not in data:
        raise ValueError(f"{data['attribute']}: a default of the provider has a value")
    return AttributeDefault(data["attribute"], data.get("value"), data["source"], omitted, data.get("means", ""))


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
        link=_link(link) if link else None,
        each=data.get("each", ""),
        enabled=data.get("enabled", "true"),
        once=data.get("once", False),
        copy=_copy(data.get("copy", {"at": "store"})),
        key=_key(data["key"]) if "key" in data else None,
        requires=tuple(
            Requirement(each["id"], each["that"], each["text"], tuple(each.get("stores", ()))) for each in data.get("requires", ())
        ),
        gap=_bound(data.get("gap")),
        worst_gap=_bound(data.get("worstGap")),
        retention=data.get("retention", ""),
    )


def _link(data: Mapping[str, Any]) -> Link:
    if sum(way in data for way in ("store", "sibling", "namedBy", "beside", "chosen")) != 1:
        raise ValueError(f"link must have one of store, sibling, namedBy, beside or chosen, not {sorted(data)}")
    joint = data.get("joint")
    return Link(
        data["type"],
        data.get("store", ""),
        data.get("sibling", ""),
        data.get("namedBy", ""),
        data.get("beside", False),
        Joint(joint["type"], joint["first"], joint.get("name", "")) if joint else None,
        dict(data.get("through", {})),
        data.get("chosen", ""),
    )


def _copy(data: Mapping[str, Any]) -> CopyPlace:
    match data:
        case {"at": "store" | "link" as place}:
            return CopyPlace(place)
        case {"region": expression}:
            return CopyPlace("region", expression)
        case {"reference": path}:
            return CopyPlace("reference", path, tuple(data.get("types", ())), data.get("account", ""))
        case _:
            raise ValueError(f"copy must have at, region or reference, not {sorted(data)}")


def _key(data: Mapping[str, Any]) -> CopyKey:
    if not {"self", "copy"} & set(data):
        raise ValueError(f"key must have self or copy, not {sorted(data)}")
    return CopyKey(tuple(data.get("self", ())), tuple(data.get("copy", ())), data["source"])


def _bound(data: Mapping[str, str] | None) -> Bound | None:
    return None if data is None else Bound(data["is"], data["source"], data.get("when", ""))
