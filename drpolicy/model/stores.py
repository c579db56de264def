"""Stores, what protects them, and what can be had back after each disruption.

Durations are ``Duration`` (seconds); a Range says how much, or how long, at best and at worst.
"""

from __future__ import annotations

from typing import Final

from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Derived
from drpolicy.model.ranges import Range
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Members, Object, Value

DISRUPTIONS: Final = ("corruption", "hardware", "az", "region", "account")
BESIDE: Final = frozenset({"dependency"})
"""Classes of what a recovery needs beside the data: keys, parameters, secrets, images."""
OPTIONAL: Final = {"optional": True}
HIDDEN: Final = {"cel": False}
UNCONFINED: Final = Known(False, Derived("no service declares that its data must not leave the country", ()))

NO_ROLE: Final = Absent(Derived("no role in the files may delete it and its copies", ()))
NO_KEY: Final = Absent(Derived("no key is written", ()))
NOT_REPLICATED: Final = Known(False, Derived("no key is written", ()))


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """What a service declares for one disruption."""

    disruption: str
    rto: Value[Duration] = field(metadata=OPTIONAL)
    rpo: Value[Duration] = field(metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A service's claim on a store: what is at stake when the store is lost."""

    service: str
    tier: Value[str] = field(metadata=OPTIONAL)
    objectives: Members[Objective]


@dataclass(frozen=True, slots=True, eq=False)
class Survival:
    """Which disruptions of the store a protection lives through."""

    corruption: Value[bool]
    hardware: Value[bool]
    az: Value[bool]
    region: Value[bool]
    account: Value[bool]


@dataclass(frozen=True, slots=True, eq=False)
class Prerequisite:
    """Something without which a protection does not work at all."""

    id: str
    met: Value[bool]
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Protection:
    """One way to get a store back."""

    key: str
    name: str
    address: str
    type: str
    deployment: str
    environment: Value[str] = field(metadata=OPTIONAL)
    mechanism: str
    """The row of the catalog, such as ``s3-replication``."""
    kind: str
    """``backup`` (points in time), ``replica`` (live copy) or ``versions`` (history beside the data)."""
    store: str
    store_address: str
    store_type: str
    store_kind: str
    store_data_class: Value[str]
    store_region: Value[str] = field(metadata=OPTIONAL)
    store_attributes: Object
    """The raw attributes of the store, provider defaults filled in."""
    region: Value[str] = field(metadata=OPTIONAL)
    """Where the copy is."""
    account: Value[str] = field(metadata=OPTIONAL)
    enabled: Value[bool]
    works: Value[bool]
    """Whether every prerequisite holds."""
    prerequisites: Members[Prerequisite]
    scheduled: Value[bool]
    """Whether it recurs by itself; a manual copy does not."""
    gap: Value[Duration] = field(metadata=OPTIONAL)
    """The scheduled interval: the largest distance between two points in time."""
    worst_gap: Value[Duration] = field(metadata=OPTIONAL)
    """The proven worst case, with windows and time-outs; absent when nothing bounds it."""
    retention: Value[Duration] = field(metadata=OPTIONAL)
    immutable: Value[bool]
    survives: Survival
    volume_data_moves: Value[bool]
    """Whether volume data is in the copy, not only in snapshots beside the volume (Velero)."""
    application_consistent: Value[bool] = field(metadata=OPTIONAL)
    """Whether the databases in it are brought to rest first; absent where the question does not arise (only Velero's copies of volumes)."""
    unmet: Members[str]
    """The prerequisites that do not hold, in words."""
    attributes: Object
    """The raw attributes of the resource, or nested block, that makes the protection."""
    copy_attributes: Object
    """The raw attributes of the resource that holds the copy; empty when it is not in the files."""
    copy_store: str
    """Key of the store that holds the copy, or empty."""
    required_by: Members[Claim]
    span: Span = field(metadata=HIDDEN)
    confined: Value[bool] = UNCONFINED
    """Whether a service declares that the store's data must not leave its country."""
    confined_to_region: Value[bool] = UNCONFINED
    """Whether, besides, AWS has no other region in that country."""
    leaves_country: Value[bool] = UNCONFINED
    """Whether the copy is in another country than the store."""
    key_region: Value[str] = field(default=NO_KEY, metadata=OPTIONAL)
    """The region of the key that encrypts the copy, where one is written."""
    key_replicated: Value[bool] = NOT_REPLICATED
    """Whether the copy can be read with a replica of that key in the copy's own region: it is not known where there is one."""
    timing: str = ""
    """When it is made and what is guaranteed, in words; empty where no schedule says."""


@dataclass(frozen=True, slots=True, eq=False)
class Recovery:
    """What can be had back after one disruption."""

    disruption: str
    rpo: Range
    rto: Range
    copies: Members[Protection]
    """The protections that survive, or may survive, the disruption."""


@dataclass(frozen=True, slots=True, eq=False)
class Recoveries:
    """One Recovery per disruption."""

    corruption: Recovery
    hardware: Recovery
    az: Recovery
    region: Recovery
    account: Recovery


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """Something that holds data."""

    key: str
    name: str
    address: str
    type: str
    kind: str
    """``database``, ``table``, ``warehouse``, ``ledger``, ``object``, ``file``, ``block``, ``cache``, ``search``, ``stream``,
    ``message``, ``identity``, ``secret``, ``parameter``, ``key``, ``registry``, ``image``, ``cluster``, ``namespace`` …"""
    deployment: str
    environment: Value[str] = field(metadata=OPTIONAL)
    region: Value[str] = field(metadata=OPTIONAL)
    account: Value[str] = field(metadata=OPTIONAL)
    data_class: Value[str]
    """``system-of-record``, ``replica``, ``copy``, ``derived``, ``cache``, ``ephemeral``, ``log``, or ``dependency``: what a recovery
    needs beside the data (a secret, a key, an image)."""
    multi_az: Value[bool] = field(metadata=OPTIONAL)
    versioned: Value[bool] = field(metadata=OPTIONAL)
    history_locked: Value[bool] = field(metadata=OPTIONAL)
    """Whether its earlier versions are safe from whoever may delete objects."""
    deletion_guarded: Value[bool] = field(metadata=OPTIONAL)
    """Whether something stops a destroy: deletion protection or ``prevent_destroy``."""
    final_snapshot: Value[bool] = field(metadata=OPTIONAL)
    """Whether a destroy leaves a last snapshot behind."""
    keeps_backups: Value[bool] = field(metadata=OPTIONAL)
    """Whether automated backups outlive a destroy."""
    copies_tags: Value[bool] = field(metadata=OPTIONAL)
    """Whether its snapshots carry its tags."""
    own_backups: Value[bool] = field(metadata=OPTIONAL)
    """Whether the store itself takes backups (matters for a replica that is promoted)."""
    replica_of: Value[str] = field(metadata=OPTIONAL)
    services_declared: bool
    """Whether any service is declared in what was read."""
    required_by: Members[Claim]
    protections: Members[Protection]
    recovery: Recoveries
    observed: bool
    """Whether this is what live AWS answered, rather than what the files declare."""
    drift: Members[str]
    """Where the account differs from the files, in words; only for an observed store."""
    newest_point_age: Value[Duration] = field(metadata=OPTIONAL)
    """Age of the newest point in time that can be restored; only for an observed store."""
    attributes: Object
    """The raw attributes, provider defaults filled in."""
    span: Span = field(metadata=HIDDEN)
    confined: Value[bool] = UNCONFINED
    """Whether a service declares that its data must not leave its country."""
    confined_to_region: Value[bool] = UNCONFINED
    """Whether, besides, AWS has no other region in that country."""
    deleters_asked: bool = False
    """Whether roles that may act on everything are in the files, and all that it could be had back from is in its account, unlocked."""
    deleters: Members[str] = Members()
    """The roles in the files that may delete it and everything that it could be had back from."""
    deleters_at: Value[str] = field(default=NO_ROLE, metadata=OPTIONAL)
    """Where the first of them is allowed to."""


def holds_data(data_class: Value[str]) -> bool:
    """Whether something of a class holds data, or may: it is counted as a store, and its deployment as one that has data."""
    return not isinstance(data_class, Known) or data_class.value not in BESIDE
