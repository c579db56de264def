"""What is asked of live AWS and what comes back. Nothing here judges, and nothing here needs boto3."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

from drpolicy.model.findings import Diagnostic
from drpolicy.model.provenance import Observed
from drpolicy.model.records import dataclass, field
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Members, Value

REMAINDER: Final = "*"
"""The name of a fact that stands for whatever was not listed or not read; all its values are Unknown."""


class LiveUnavailable(Exception):
    """Live confirmation cannot start at all on this machine; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials given explicitly. Without them botocore's own chain decides (environment, profile, role)."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """How AWS is asked.

    ``region`` is where identity is asked, and buckets whose region nobody wrote. ``as_of`` (ISO 8601, UTC) is the time of an
    answer that carries no Date header. ``endpoint_url`` replaces the AWS endpoints of every service.
    """

    region: str
    as_of: str
    endpoint_url: str | None = None
    credentials: Credentials | None = None
    profile: str | None = None
    attempts: int = 4
    """How often one call is tried, throttling included."""
    connect_timeout: float = 5.0
    """Seconds."""
    read_timeout: float = 20.0
    """Seconds."""
    page_limit: int = 20
    """How many pages of one bucket listing are read; a page has up to 1,000 names."""
    read_limit: int = 20
    """How many of the newest backups of one schedule, and of the newest restores, are opened."""


@dataclass(frozen=True, slots=True)
class BucketQuestion:
    """Ask for a bucket, its versioning and replication, and the buckets that it replicates to.

    ``key`` is the declared resource (``deployment//address``), empty for what only AWS names; ``span`` its header.
    """

    name: str
    region: str | None
    key: str
    span: Span


@dataclass(frozen=True, slots=True)
class DatabaseQuestion:
    """Ask for an RDS instance, its latest restorable time, and its backups and replicas in other regions.

    ``account`` is the account it is declared in, when that is known: an instance is only contradicted by the account it should be
    in. ``copy_regions`` are the regions where its backups are declared to be replicated to.
    """

    identifier: str
    region: str
    key: str
    span: Span
    account: str | None = None
    copy_regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VeleroBucketQuestion:
    """Ask what Velero has put into a bucket: backups and restores. ``location_key`` is the backup storage location."""

    bucket: str
    prefix: str
    region: str | None
    location_key: str
    span: Span


LiveQuestion: TypeAlias = BucketQuestion | DatabaseQuestion | VeleroBucketQuestion
RestorePointKind = Literal["velero-backup", "rds-point-in-time", "rds-replicated-backup"]


@dataclass(frozen=True, slots=True, eq=False)
class RestorePointFact:
    """A point in time that can, or cannot, be restored. Times are ISO 8601 in UTC.

    ``subject`` is the key handed in with the question. ``name`` is REMAINDER for what was not listed or not read: its presence
    means that the other facts of the same subject are not all there is.
    """

    kind: RestorePointKind
    subject: str
    name: str
    region: Value[str]
    taken_at: Value[str]
    """The time whose data comes back: when a Velero backup started, the latest restorable time of a database."""
    completed: Value[bool]
    span: Span
    phase: Value[str]
    """What the service itself calls the state."""
    completed_at: Value[str]
    expires_at: Value[str]
    errors: Value[int]
    schedule: Value[str]
    namespaces: Value[Members[Any]]
    """The namespaces included; ``*`` alone for all of them."""
    excluded_namespaces: Value[Members[Any]]
    location: Value[str]
    """The name of the backup storage location, as Velero wrote it into the backup."""


@dataclass(frozen=True, slots=True, eq=False)
class RestoreFact:
    """A Velero restore that ended and left its results in the bucket. ``name`` is REMAINDER for what was not listed."""

    subject: str
    name: str
    finished_at: Value[str]
    passed: Value[bool]
    """Whether the results hold no error."""
    errors: Value[int]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class MissingFact:
    """Something that was declared and that AWS says does not exist.

    ``certain`` is TRUE when AWS was asked in the right account for sure; bucket names are global, so they always are.
    """

    key: str
    type: str
    name: str
    origin: Observed
    span: Span
    certain: Truth = Truth.TRUE


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What AWS answered.

    A question is never dropped: what was denied, throttled, disabled, truncated or unreachable is Unknown with that reason
    in the attributes of its resource, or in a fact named REMAINDER, and stands in ``problems`` once. Equal questions are asked once.
    """

    account: Value[str]
    resources: tuple[Resource, ...] = ()
    restore_points: tuple[RestorePointFact, ...] = ()
    restore_tests: tuple[RestoreFact, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    missing: tuple[MissingFact, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    """(declared key, observed key): which observed resource answers for which declared one."""
