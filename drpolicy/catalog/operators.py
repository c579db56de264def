"""Databases that operators run in a cluster: rows that say which objects ask for one, and how the operator backs it up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, TypeVar, get_args

from drpolicy.catalog.load import bundle
from drpolicy.model.durations import parse_duration
from drpolicy.model.records import dataclass

_Word = TypeVar("_Word", bound=str)

DestinationPlace = Literal["store", "element", "storage", "holder-storage", "reference", "cluster", "operator"]
"""Which object says where a backup goes; ``cluster``: it stays beside the volumes, ``operator``: the operator's own configuration."""

CronDialect = Literal["standard", "fields", "cronjob", "crontab", "seconds", "quartz"]
"""How an expression is written: robfig's ``ParseStandard``; the same without descriptors such as ``@daily``; of a CronJob of Kubernetes;
a line of crontab; with a first field for seconds; or Quartz's six or seven."""

WindowForm = Literal["barman", "go", "days", "words", "elastic"]
"""How a length of time is written: ``30d`` with m for months of 31 days; ``720h``; a number of days; ``3 weeks``; ``30d`` with m for
minutes."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an operator's backups go. Paths are of the object that ``place`` says; ``url`` is ``s3://bucket/prefix``.

    ``endpoint`` is who serves the bucket when that is not AWS; ``volume`` is what stands there when they go to a volume of the same
    cluster. For ``storage``: the name at ``storage`` of an element is a key of the mapping at ``storages`` of the store, or the ``name``
    of an element of that list; for ``holder-storage``, of the object of the schedule. For ``reference``: ``name`` of the store names an
    object of ``type``. Only where ``only`` holds is it a bucket of S3.
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
    only: tuple[str, tuple[str, ...]] = ("", ())


@dataclass(frozen=True, slots=True)
class Archiving:
    """Changes are archived all the time, at least every so many seconds; ``None`` when nothing bounds it.

    Only where something stands at ``when`` of the store, if that is a path, that is not false. What is written at one of ``paths`` of the
    store counts instead, as PostgreSQL writes a time, or as a number of ``unit`` seconds.
    """

    seconds: float | None
    source: str
    when: str = ""
    paths: tuple[str, ...] = ()
    unit: float = 1


@dataclass(frozen=True, slots=True)
class BackupRetention:
    """How long backups are kept: for a time, written at ``window``, or until there are ``count`` newer ones.

    Paths are of the object that ``place`` says; ``{name}`` in them is the name of the schedule's element. Of several that are written the
    shortest counts. ``counted`` is the path of an element to the expression whose runs are counted, when it is not the backup's own.
    """

    place: Literal["store", "element", "reference"]
    window: str = ""
    form: WindowForm = "go"
    count: str = ""
    counted: str = ""
    where: tuple[str, tuple[str, ...]] = ("", ())
    """A path, and what may stand there for this to count; an empty text is nothing."""
    unless: str = ""
    """A path that is false when nothing is deleted after all."""
    at_least: str = ""
    """A path to a number of backups that are kept however old they are."""
    default: float | None = None
    """Seconds, when nothing is written, or zero."""
    least_days: float = 0
    """What is written below counts as this."""
    elsewhere: str = ""
    """A path that is written when another file may say it."""
    expires: bool = False
    """Whether what is older is deleted even if it is the last one; most operators delete old backups only once a new one is made."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class NativeBackup:
    """One way in which an operator takes backups by itself.

    It is written in objects of ``type`` that name the store at ``cluster`` (by its own name, or by one at ``named`` of the store) or select
    it by labels at ``selector``, else in the store's own; ``each`` is a list or mapping in it whose elements are schedules.
    ``expressions`` are paths of an element to cron expressions.
    """

    title: str
    expressions: tuple[str, ...]
    destination: Destination
    type: tuple[str, str] = ("", "")
    cluster: str = ""
    each: str = ""
    where: tuple[str, tuple[str, ...]] = ("", ())
    """A path of the object, and what may stand there; an empty text is nothing."""
    requires: str = ""
    """A path of an element at which something must be written for this to be it."""
    named: str = ""
    selector: str = ""
    everywhere: str = ""
    """The namespace whose objects select stores of any namespace."""
    cron: CronDialect = "standard"
    """What reads the expressions; where that is written stands beside it in the row."""
    standard_expression: str = ""
    """What applies when no expression is written."""
    standard_source: str = ""
    retentions: tuple[BackupRetention, ...] = ()
    suspended: str = ""
    enabled: str = ""
    switch: str = ""
    """A path of the store that must be true for the backup to be taken."""
    off: str = ""
    """A path of the store that switches it off when it is false."""
    continuous: Archiving | None = None


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
    data_class: str = "system-of-record"
    replica: str = ""
    """A path that is true when it follows another cluster."""
    elsewhere: str = ""
    """What else may protect it that no object of the cluster says."""


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
