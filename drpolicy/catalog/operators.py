"""The rows of databases that operators run in a cluster, as they are shipped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, TypeVar, get_args

from drpolicy.catalog.load import bundle
from drpolicy.catalog.operator_rows import (
    Archiving,
    BackupRetention,
    CronDialect,
    Destination,
    DestinationPlace,
    NativeBackup,
    OperatorRow,
    WindowForm,
)
from drpolicy.catalog.operator_settings import configuration
from drpolicy.model.durations import parse_duration

_Word = TypeVar("_Word", bound=str)

_PLACES: Final[tuple[DestinationPlace, ...]] = get_args(DestinationPlace)
_DIALECTS: Final[tuple[CronDialect, ...]] = get_args(CronDialect)
_FORMS: Final[tuple[WindowForm, ...]] = get_args(WindowForm)


@cache
def built_in_operators() -> Mapping[tuple[str, str], OperatorRow]:
    """Return the shipped rows by group and kind of the object that asks for a database."""
    return {row.type: row for row in map(_row, bundle()["operators"])}


@cache
def operator_types() -> frozenset[tuple[str, str]]:
    """Return group and kind of every object that a row reads."""
    found = set(built_in_operators())
    for row in built_in_operators().values():
        for backup in row.backups:
            found |= {backup.type, backup.destination.type}
    return frozenset(found - {("", "")})


@cache
def configuration_types() -> frozenset[tuple[str, str]]:
    """Return group and kind of the objects that operators alone are configured with: they ask for no database."""
    given = [row.configuration for row in built_in_operators().values() if row.configuration is not None]
    return frozenset(each.type for every in given for each in every.objects if each.type[0])


@cache
def database_images() -> Mapping[str, str]:
    """Return the engine of each image that is known to run one, by the last part of its name."""
    return {image: each["engine"] for each in bundle()["engines"] for image in each["images"]}


def _row(data: Mapping[str, Any]) -> OperatorRow:
    return OperatorRow(
        id=data["id"],
        title=data["title"],
        type=(data["group"], data["kind"]),
        engine=data["engine"],
        is_=data["is"],
        backups=tuple(map(_backup, data["backups"])),
        data_class=data.get("dataClass", "system-of-record"),
        replica=data.get("replica", ""),
        elsewhere=data.get("elsewhere", ""),
        configuration=configuration(data["configuration"]) if "configuration" in data else None,
    )


def _backup(data: Mapping[str, Any]) -> NativeBackup:
    made, where = data.get("object", {}), data.get("where", {})
    return NativeBackup(
        title=data["title"],
        expressions=tuple(data["expressions"]),
        destination=_destination(data["destination"]),
        type=(made.get("group", ""), made.get("kind", "")),
        cluster=made.get("cluster", ""),
        each=data.get("each", ""),
        where=(where.get("path", ""), tuple(where.get("is", ()))),
        requires=data.get("requires", ""),
        named=made.get("named", ""),
        selector=made.get("selector", ""),
        everywhere=made.get("everywhere", ""),
        cron=_one_of(_DIALECTS, data["cron"]["is"], "cron"),
        standard_expression=data.get("default", {}).get("is", ""),
        standard_source=data.get("default", {}).get("source", ""),
        retentions=tuple(map(_retention, data.get("retentions", ()))),
        suspended=data.get("suspended", ""),
        enabled=data.get("enabled", ""),
        switch=data.get("switch", ""),
        off=data.get("off", ""),
        continuous=_archiving(data["continuous"]) if "continuous" in data else None,
    )


def _archiving(data: Mapping[str, Any]) -> Archiving:
    return Archiving(
        seconds=parse_duration(data["is"]).seconds if "is" in data else None,
        source=data["source"],
        when=data.get("when", ""),
        paths=tuple(data.get("written", ())),
        unit=parse_duration(data["unit"]).seconds if "unit" in data else 1,
    )


def _retention(data: Mapping[str, Any]) -> BackupRetention:
    where, default = data.get("where", {}), data.get("default")
    return BackupRetention(
        place=_one_of(("store", "element", "reference"), data["in"], "in"),
        window=data.get("window", ""),
        form=_one_of(_FORMS, data.get("as", "go"), "as"),
        count=data.get("count", ""),
        counted=data.get("counted", ""),
        where=(where.get("path", ""), tuple(where.get("is", ()))),
        unless=data.get("unless", ""),
        at_least=data.get("atLeast", ""),
        default=parse_duration(default).seconds if default else None,
        least_days=data.get("leastDays", 0),
        elsewhere=data.get("elsewhere", ""),
        expires=data.get("expires", False),
        source=data["source"],
    )


def _destination(data: Mapping[str, Any]) -> Destination:
    paths = {name: data[name] for name in ("bucket", "region", "url", "endpoint", "volume", "storages", "storage", "name") if name in data}
    only = data.get("only", {})
    return Destination(
        place=_one_of(_PLACES, data["in"], "in"),
        type=(data.get("group", ""), data.get("kind", "")),
        only=(only.get("path", ""), tuple(only.get("is", ()))),
        **paths,
    )


def _one_of(allowed: tuple[_Word, ...], written: str, what: str) -> _Word:
    found = next((each for each in allowed if each == written), None)
    if found is None:
        raise ValueError(f"{what} must be one of {', '.join(allowed)}, not {written!r}")
    return found
