"""Databases that operators run in a cluster: the shape of the rows that say which objects ask for one, and how it is backed up."""

from __future__ import annotations

from typing import Literal

from drpolicy.catalog.operator_settings import Configuration
from drpolicy.model.records import dataclass

DestinationPlace = Literal["store", "element", "storage", "holder-storage", "reference", "cluster"]
"""Which object says where a backup goes; ``cluster``: it stays beside the volumes."""

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
    configuration: Configuration | None = None
    """What its databases take from the operator's own configuration: paths of a store find it under ``settings``."""
