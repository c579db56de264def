"""Databases that operators run in a cluster: rows that say which objects ask for one, and how the operator backs it up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, get_args

from drpolicy.catalog.load import bundle
from drpolicy.model.durations import parse_duration
from drpolicy.model.records import dataclass

DestinationPlace = Literal["store", "element", "storage", "reference", "cluster", "operator"]
"""Which object says where a backup goes; ``cluster``: it stays beside the volumes, ``operator``: the operator's own configuration."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an operator's backups go. Paths are of the object that ``place`` says; ``url`` is ``s3://bucket/prefix``.

    ``endpoint`` is who serves the bucket when that is not AWS; ``volume`` is what stands there when they go to a volume of the same
    cluster. For ``storage``: the name at ``storage`` of an element is a key of the mapping at ``storages`` of the store. For
    ``reference``: ``name`` of the store names an object of ``type``.
    """

    place: DestinationPlace
    bucket: str = ""
    region: str = ""
    url: str = ""
    endpoint: str = ""
    volume: str = ""
    storages: str = ""
    storage: str = ""
    name: str = ""
    type: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class NativeBackup:
    """One way in which an operator takes backups by itself.

    It is written in objects of ``type`` that name the store at ``cluster``, else in the store's own; ``each`` is a list in it whose
    elements are schedules. ``expressions`` are paths of an element to cron expressions, with a first field for ``seconds`` if it says
    so. ``continuous`` bounds in seconds what is lost where changes are archived all the time.
    """

    title: str
    expressions: tuple[str, ...]
    destination: Destination
    type: tuple[str, str] = ("", "")
    cluster: str = ""
    each: str = ""
    where: tuple[str, tuple[str, ...]] = ("", ())
    """A path of the object, and what may stand there; an empty text is nothing."""
    seconds: bool = False
    suspended: str = ""
    enabled: str = ""
    switch: str = ""
    """A path of the store that must be true for the backup to be taken."""
    off: str = ""
    """A path of the store that switches it off when it is false."""
    continuous: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """An operator, by the object that asks it for a database; ``is_`` is the kind of store."""

    id: str
    title: str
    type: tuple[str, str]
    """Group and kind."""
    engine: str
    is_: str
    backups: tuple[NativeBackup, ...]
    replica: str = ""
    """A path that is true when it follows another cluster."""
    elsewhere: str = ""
    """What else may protect it that no object of the cluster says."""


_PLACES: Final[tuple[DestinationPlace, ...]] = get_args(DestinationPlace)


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
        replica=data.get("replica", ""),
        elsewhere=data.get("elsewhere", ""),
    )


def _backup(data: Mapping[str, Any]) -> NativeBackup:
    made, where, continuous = data.get("object", {}), data.get("where", {}), data.get("continuous")
    return NativeBackup(
        title=data["title"],
        expressions=tuple(data["expressions"]),
        destination=_destination(data["destination"]),
        type=(made.get("group", ""), made.get("kind", "")),
        cluster=made.get("cluster", ""),
        each=data.get("each", ""),
        where=(where.get("path", ""), tuple(where.get("is", ()))),
        seconds=data.get("seconds", False),
        suspended=data.get("suspended", ""),
        enabled=data.get("enabled", ""),
        switch=data.get("switch", ""),
        off=data.get("off", ""),
        continuous=parse_duration(continuous["is"]).seconds if continuous else None,
        source=continuous["source"] if continuous else "",
    )


def _destination(data: Mapping[str, str]) -> Destination:
    place = next((each for each in _PLACES if each == data["in"]), None)
    if place is None:
        raise ValueError(f"in must be one of {', '.join(_PLACES)}, not {data['in']!r}")
    paths = {name: data[name] for name in ("bucket", "region", "url", "endpoint", "volume", "storages", "storage", "name") if name in data}
    return Destination(place=place, type=(data.get("group", ""), data.get("kind", "")), **paths)
