"""The estate: everything known about recoverability. It is all that policies see.

Every field is a Value, Members or an identifier. CEL types, the fields page and the schema come from these
dataclasses: a name is camelCase there, ``optional`` fields are read through ``has()`` or ``orValue``.
Durations are ``Duration`` (seconds); a Range says how much, or how long, at best and at worst.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from drpolicy.model.durations import Duration
from drpolicy.model.ranges import Range
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.values import Members, Object, Unknown, Value

DISRUPTIONS: Final = ("corruption", "hardware", "az", "region", "account")
OPTIONAL: Final = {"optional": True}
HIDDEN: Final = {"cel": False}


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
    unmet: Members[str]
    """The prerequisites that do not hold, in words."""
    attributes: Object
    """The raw attributes of the resource, or nested block, that makes the protection."""
    copy_attributes: Object
    """The raw attributes of the resource that holds the copy; empty when it is not in the files."""
    required_by: Members[Claim]
    span: Span = field(metadata=HIDDEN)


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
    """``database``, ``table``, ``object``, ``file``, ``block``, ``cache``, ``namespace``, ``state`` …"""
    deployment: str
    environment: Value[str] = field(metadata=OPTIONAL)
    region: Value[str] = field(metadata=OPTIONAL)
    account: Value[str] = field(metadata=OPTIONAL)
    data_class: Value[str]
    """``system-of-record``, ``replica``, ``copy``, ``derived``, ``cache``, ``ephemeral``."""
    multi_az: Value[bool] = field(metadata=OPTIONAL)
    versioned: Value[bool] = field(metadata=OPTIONAL)
    deletion_guarded: Value[bool] = field(metadata=OPTIONAL)
    """Whether something stops a destroy: deletion protection or ``prevent_destroy``."""
    final_snapshot: Value[bool] = field(metadata=OPTIONAL)
    """Whether a destroy leaves a last snapshot behind."""
    keeps_backups: Value[bool] = field(metadata=OPTIONAL)
    """Whether automated backups outlive a destroy."""
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


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """One recurring rule: a Backup plan rule, a Velero Schedule, a CronJob."""

    key: str
    name: str
    address: str
    type: str
    kind: str
    """``backup-plan-rule``, ``velero``, ``cronjob``."""
    deployment: str
    environment: Value[str] = field(metadata=OPTIONAL)
    cluster: str
    expression: Value[str] = field(metadata=OPTIONAL)
    valid: Value[bool]
    """Whether the expression can be parsed by what runs it."""
    problem: str
    """Why it is not valid, or empty."""
    fires: Value[bool]
    """Whether it ever fires."""
    paused: Value[bool]
    gap: Value[Duration] = field(metadata=OPTIONAL)
    retention: Value[Duration] = field(metadata=OPTIONAL)
    location: Value[str] = field(metadata=OPTIONAL)
    stores: Members[str]
    """Keys of the stores it captures."""
    required_by: Members[Claim]
    attributes: Object
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """Where backups are put or read: a vault, a bucket behind a Velero location, a snapshot location."""

    key: str
    name: str
    address: str
    type: str
    kind: str
    """``vault``, ``velero-storage``, ``velero-snapshots``."""
    deployment: str
    environment: Value[str] = field(metadata=OPTIONAL)
    cluster: str
    cluster_role: Value[str] = field(metadata=OPTIONAL)
    cluster_region: Value[str] = field(metadata=OPTIONAL)
    primary_region: Value[str] = field(metadata=OPTIONAL)
    """The region of the primary cluster that this one stands in for; only for a DR cluster."""
    bucket: Value[str] = field(metadata=OPTIONAL)
    prefix: Value[str] = field(metadata=OPTIONAL)
    region: Value[str] = field(metadata=OPTIONAL)
    """Where the data really is: the bucket's own region when the bucket is known, else what the location says."""
    written_region: Value[str] = field(metadata=OPTIONAL)
    bucket_store: str
    """Key of the bucket's Store, or empty."""
    bucket_versioned: Value[bool] = field(metadata=OPTIONAL)
    default: Value[bool]
    read_only: Value[bool]
    shared_with_writer: Value[bool]
    """Whether another cluster writes to the same bucket and prefix, or to the bucket that this one is a copy of."""
    locked: Value[bool]
    observed: bool
    """Whether live AWS was asked what is in the bucket."""
    newest_backup_age: Value[Duration] = field(metadata=OPTIONAL)
    """Age of the newest completed backup in the bucket; unbounded when there is none. Only for an observed location."""
    newest_restore_age: Value[Duration] = field(metadata=OPTIONAL)
    """Age of the newest restore without errors; unbounded when there is none. Only for an observed location."""
    required_by: Members[Claim]
    attributes: Object
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class RestoreTest:
    """A recurring job or plan that is meant to prove that backups can be restored."""

    key: str
    name: str
    address: str
    type: str
    deployment: str
    environment: Value[str] = field(metadata=OPTIONAL)
    cluster: str
    gap: Value[Duration] = field(metadata=OPTIONAL)
    fires: Value[bool]
    """Whether its schedule can be parsed and ever fires; a Job runs once, when it is made."""
    suspended: Value[bool]
    image: Value[str] = field(metadata=OPTIONAL)
    has_shell: Value[bool]
    """Whether the image has the interpreter that the command asks for."""
    has_tools: Value[bool]
    """Whether the image is known to carry the tools the script calls."""
    missing_tools: Members[str]
    has_permission: Value[bool]
    """Whether a binding in the files gives its service account a role; the namespace's default one may not create restores."""
    can_fail: Value[bool]
    """Whether a failed restore makes the job fail."""
    picks_latest: Value[bool]
    """Whether it takes the newest completed backup."""
    waits: Value[bool]
    """Whether it waits for the restore to end instead of sleeping."""
    asserts_phase: Value[bool]
    verifies: Value[bool]
    """Whether something of the restored application or data is looked at."""
    scoped: Value[bool]
    """Whether only the named namespaces are restored."""
    cleans_up: Value[bool]
    """Whether it cleans up whatever happens."""
    records: Value[bool]
    """Whether result and times are written down."""
    sound: Value[bool]
    """Whether it can start, can fail, takes the newest backup and checks the result: then a green run proves something."""
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class RestorePoint:
    """A point in time that was seen to exist (live)."""

    key: str
    name: str
    store: str
    region: Value[str] = field(metadata=OPTIONAL)
    taken_at: str
    age: Value[Duration]
    completed: Value[bool]
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """A Kubernetes cluster: a tree of manifests."""

    key: str
    name: str
    deployment: str
    environment: Value[str] = field(metadata=OPTIONAL)
    region: Value[str] = field(metadata=OPTIONAL)
    role: Value[str] = field(metadata=OPTIONAL)
    """``primary`` or ``dr``."""
    has_velero: Value[bool]
    manual_backups: Members[str]
    manual_backups_at: Value[str] = field(metadata=OPTIONAL)
    """The first manual Backup object, to point at."""
    schedules: Members[Schedule]
    locations: Members[Location]
    restore_tests: Members[RestoreTest]
    required_by: Members[Claim]
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class Drill:
    """A dated record of a drill, restore test, training or review."""

    key: str
    name: str
    service: str
    kind: Value[str]
    """``restore``, ``failover``, ``tabletop``, ``training``, ``review``."""
    grade: str
    """``observed``, ``recorded`` or ``attested``."""
    age: Value[Duration]
    passed: Value[bool]
    environment: Value[str] = field(metadata=OPTIONAL)
    disruption: str
    measured_rto: Value[Duration] = field(metadata=OPTIONAL)
    measured_rpo: Value[Duration] = field(metadata=OPTIONAL)
    integrity: Value[bool] = field(metadata=OPTIONAL)
    """Whether data integrity was checked and held."""
    application: Value[bool] = field(metadata=OPTIONAL)
    """Whether the application was started and worked."""
    stores: Members[str]
    """What the record names as restored; nothing named stands for the whole service."""
    whole: bool
    """Whether it covers every store of its service."""
    required_by: Members[Claim]
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class Runbook:
    """The document that says how a service is recovered."""

    key: str
    name: str
    service: str
    path: Value[str]
    exists: Value[bool]
    sections: Members[str]
    """Which of ``promotion``, ``dns``, ``connections``, ``integrity``, ``failback``, ``contacts`` it has."""
    needs: Members[str]
    """Which of these the service needs, from its estate."""
    missing: Members[str]
    reviewed_age: Value[Duration] = field(metadata=OPTIONAL)
    required_by: Members[Claim]
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """How something is reached: a DNS record, or a database host written into configuration."""

    key: str
    name: str
    address: str
    kind: str
    """``host`` (a literal host in configuration) or ``record`` (a DNS record)."""
    deployment: str
    environment: Value[str] = field(metadata=OPTIONAL)
    cluster: str
    host: Value[str] = field(metadata=OPTIONAL)
    region: Value[str] = field(metadata=OPTIONAL)
    """The region that is part of the host name."""
    regional: Value[bool]
    overridden: Value[bool]
    """Whether a DR cluster in the same files gives the same key another value."""
    restored: Value[bool]
    """Whether a backup holds it, so that a restore brings it back."""
    failover: Value[bool]
    """Whether the record has a failover partner."""
    health_checked: Value[bool]
    lacks: str
    """What a failover record is without, in words."""
    required_by: Members[Claim]
    attributes: Object
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class Provider:
    """A provider configuration of a deployment."""

    name: str
    alias: str
    region: Value[str] = field(metadata=OPTIONAL)
    sounds_like_dr: bool
    used: bool
    """Whether something that was read is made with it."""
    same_as_default: Value[bool]
    """Whether its region is the default provider's."""
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class Deployment:
    """A Terraform root with one set of inputs."""

    key: str
    name: str
    environment: Value[str] = field(metadata=OPTIONAL)
    account: Value[str] = field(metadata=OPTIONAL)
    regions: Members[str]
    """The regions in which it holds resources."""
    store_regions: Members[str]
    providers: Members[Provider]
    alias_at: Value[str] = field(metadata=OPTIONAL)
    """The region of the provider alias that promises another place and is not."""
    state_region: Value[str] = field(metadata=OPTIONAL)
    state_stored: Value[bool]
    """Whether a remote backend is written."""
    networks: Members[str]
    """Address ranges of its networks, where they are known."""
    cidr_overlaps: Members[str]
    """Pairs of networks in different regions whose address ranges overlap."""
    cidr_overlaps_at: Value[str] = field(metadata=OPTIONAL)
    holds_data: bool
    services_declared: bool
    """Whether any service is declared in what was read."""
    first_with_data: bool
    """Whether it is the first deployment that holds data: what is said of all of them is said of this one."""
    providers_at: Value[str] = field(metadata=OPTIONAL)
    """The provider configuration of the second region, to point at."""
    required_by: Members[Claim]
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A service's objective for one disruption, held against what its stores can do."""

    disruption: str
    declared_rto: Value[Duration] = field(metadata=OPTIONAL)
    declared_rpo: Value[Duration] = field(metadata=OPTIONAL)
    rto: Range
    rpo: Range
    weakest: str
    """Name of the store that decides the RPO."""


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """A declared service."""

    key: str
    name: str
    environment: Value[str] = field(metadata=OPTIONAL)
    owner: Value[str] = field(metadata=OPTIONAL)
    tier: Value[str] = field(metadata=OPTIONAL)
    strategy: Value[str] = field(metadata=OPTIONAL)
    has_objectives: Value[bool]
    """Whether an RTO and an RPO are declared, by itself or through its tier."""
    targets: Members[Target]
    stores: Members[Store]
    unresolved: Members[str]
    """References to stores that resolve to nothing in what was read."""
    unresolved_at: Value[str] = field(metadata=OPTIONAL)
    regions: Members[str]
    """The regions where its stores, their copies and its clusters are."""
    dr_regions: Members[str]
    """The DR regions it declares."""
    dr_regions_at: Value[str] = field(metadata=OPTIONAL)
    runbook: Value[str] = field(metadata=OPTIONAL)
    runbook_exists: Value[bool] = field(metadata=OPTIONAL)
    drills: Members[Drill]
    test_max_age: Value[Duration] = field(metadata=OPTIONAL)
    """How old the newest drill may be, as the service or its tier declares."""
    last_drill_age: Value[Duration] = field(metadata=OPTIONAL)
    last_drill_passed: Value[bool] = field(metadata=OPTIONAL)
    missed_rpo: str
    """Which declared RPO cannot be met, or cannot be shown to be, in words."""
    missed_rpo_at: Value[Duration] = field(metadata=OPTIONAL)
    missed_rto: str
    missed_rto_at: Value[Duration] = field(metadata=OPTIONAL)
    restore_tests: Members[RestoreTest]
    depends_on: Members[str]
    required_by: Members[Claim]
    """Itself, so that severity conditions read the same for every subject."""
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True)
class Inference:
    """Something the tool concluded without being told, printed so that it can be corrected."""

    text: str
    span: Span | None


@dataclass(frozen=True, slots=True, eq=False)
class Estate:
    """Everything known about recoverability; one member list per subject."""

    services: tuple[Service, ...] = ()
    stores: tuple[Store, ...] = ()
    protections: tuple[Protection, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    locations: tuple[Location, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    restore_tests: tuple[RestoreTest, ...] = ()
    restore_points: tuple[RestorePoint, ...] = ()
    drills: tuple[Drill, ...] = ()
    runbooks: tuple[Runbook, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    resources: tuple[Resource, ...] = ()
    uncertain: Mapping[str, Unknown] = field(default_factory=dict)
    """Members whose existence is not certain (unknown count or for_each), and why: a FAIL on them is capped at UNKNOWN."""
    inferences: tuple[Inference, ...] = ()


SUBJECTS: Final[dict[str, tuple[type[Any], str]]] = {
    "Service": (Service, "services"),
    "Store": (Store, "stores"),
    "Protection": (Protection, "protections"),
    "Schedule": (Schedule, "schedules"),
    "Location": (Location, "locations"),
    "Cluster": (Cluster, "clusters"),
    "RestoreTest": (RestoreTest, "restore_tests"),
    "RestorePoint": (RestorePoint, "restore_points"),
    "Drill": (Drill, "drills"),
    "Runbook": (Runbook, "runbooks"),
    "Endpoint": (Endpoint, "endpoints"),
    "Deployment": (Deployment, "deployments"),
    "Resource": (Resource, "resources"),
}
"""The closed set of subjects: the word used in policies, its class, and its list in the estate."""
