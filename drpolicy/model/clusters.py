"""Clusters, their schedules, backup locations and restore tests, and points in time that were seen."""

from __future__ import annotations

from typing import Final

from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.durations import Duration
from drpolicy.model.installations import NOT_INSTALLED, Installation
from drpolicy.model.provenance import Derived
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span
from drpolicy.model.stores import HIDDEN, OPTIONAL, Claim, Prerequisite
from drpolicy.model.values import Absent, Known, Members, Object, Value

BY_ITSELF: Final = Known(True, Derived("AWS Backup ends it", ()))
NEVER_SHIFTED: Final = Absent(Derived("what runs it reads no seconds", ()))
NEVER_SYNCED: Final = Absent(Derived("nothing says when it is synchronised", ()))


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """One recurring rule: a rule of a Backup plan, a schedule of Data Lifecycle Manager, a Velero Schedule, or one of an operator."""

    key: str
    name: str
    address: str
    type: str
    kind: str
    """``backup-plan-rule``, ``snapshot-schedule``, ``velero`` or ``operator``: an operator that runs a database in a cluster."""
    deployment: str
    environment: Value[str] = field(metadata=OPTIONAL)
    cluster: str
    expression: Value[str] = field(metadata=OPTIONAL)
    unwritten: Value[bool]
    """Whether no schedule is written, and the one that AWS Backup takes then counts."""
    valid: Value[bool]
    """Whether the expression can be parsed by what runs it."""
    problem: str
    """Why it is not valid, or empty."""
    fires: Value[bool]
    """Whether it ever fires."""
    paused: Value[bool]
    gap: Value[Duration] = field(metadata=OPTIONAL)
    """The largest time between two runs, in any year."""
    worst_gap: Value[Duration] = field(metadata=OPTIONAL)
    """The same with the windows in which a run may start and be completed; absent when nothing bounds it, and for Velero and operators."""
    retention: Value[Duration] = field(metadata=OPTIONAL)
    """The age at which what it makes is deleted; absent when nothing is deleted for its age, or never the last one."""
    outlasted: Value[bool]
    """Whether a copy that it makes, or another rule of the same plan or policy, is kept until its next one is made."""
    prerequisites: Members[Prerequisite]
    """What the vaults ask that it writes to; only of a rule of a Backup plan."""
    unmet: Members[str]
    """The prerequisites that do not hold, in words."""
    location: Value[str] = field(metadata=OPTIONAL)
    malformed: Value[str] = field(metadata=OPTIONAL)
    """What is wrong with its fields: those that the API server drops in silence, or refuses; at the first of them."""
    stores: Members[str]
    """Keys of the stores it captures."""
    required_by: Members[Claim]
    attributes: Object
    span: Span = field(metadata=HIDDEN)
    beside_server: Agreement = NOT_COMPARED
    """It is in the namespace of Velero's server, the only one that the server looks at."""
    outlives_pruning: Agreement = NOT_COMPARED
    """Argo CD does not take the Backups that it makes for objects that are in no file any more, and delete them."""
    hooks_fit: Agreement = NOT_COMPARED
    """Its hooks, and those in the annotations of pods that it takes along, meet the containers that they name."""
    names_found: Agreement = NOT_COMPARED
    """The snapshot locations and the resource policy that it names are there."""
    as_five_fields: Value[Duration] = field(default=NEVER_SHIFTED, metadata=OPTIONAL)
    """The largest time between two runs that its five fields have for whoever reads no seconds; only where its operator reads them."""


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
    malformed: Value[str] = field(metadata=OPTIONAL)
    """What is wrong with its fields: those that the API server drops in silence, or refuses; at the first of them."""
    attributes: Object
    span: Span = field(metadata=HIDDEN)
    beside_server: Agreement = NOT_COMPARED
    """It is in the namespace of Velero's server, the only one that the server looks at."""
    sync_period: Value[Duration] = field(default=NEVER_SYNCED, metadata=OPTIONAL)
    """How long it takes at most until a backup in the bucket is seen on the cluster; absent where it never is."""
    has_credentials: Agreement = NOT_COMPARED
    """Something lets Velero into the bucket: a Secret with the key that is named, or a role."""
    permitted: Agreement = NOT_COMPARED
    """The role of Velero's server allows what Velero does with the bucket."""
    key_fits: Agreement = NOT_COMPARED
    """The key that it encrypts with is in the bucket's region, and the replication of the bucket takes along what is encrypted with it."""
    copy_bounded: Agreement = NOT_COMPARED
    """On a DR cluster: what it reads is no repository that S3 replicates object by object without a bound on how late each one is."""
    kept_in_bucket: Agreement = NOT_COMPARED
    """No lifecycle rule of its bucket deletes, or archives, what backups in it still need."""
    alone_in_bucket: Agreement = NOT_COMPARED
    """No other cluster, but for a DR cluster, writes to the same bucket and prefix."""


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
    selects: Value[bool]
    """Whether anything says what it restores."""
    stores: Members[str]
    """Keys of the stores that a restore testing plan takes; a job's are those of its cluster."""
    span: Span = field(metadata=HIDDEN)
    ends: Value[bool] = BY_ITSELF
    """Whether a deadline of the job, or a limit in its script, ends it where the restore never ends."""


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
class Identity:
    """A service account whose pods get their role on clusters of other regions alone."""

    name: str
    """Namespace and name, and what stands in the way, in words."""
    account: str
    """Namespace and name."""
    regions: Members[str]
    """The regions of the clusters on which it gets its role."""
    at: Value[str] = field(metadata=OPTIONAL)
    """Where both sides say so."""
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
    primary_names: Members[str]
    """On a DR cluster: the AWS hosts, ARNs and settings in its manifests that name the region of a cluster that it stands in for."""
    primary_names_at: Value[str] = field(metadata=OPTIONAL)
    """The first of them, to point at."""
    delivered_from: Members[str]
    """On a DR cluster: the clusters of other regions whose Argo CD applies manifests to it."""
    delivered_from_at: Value[str] = field(metadata=OPTIONAL)
    lost_identities: Members[Identity]
    """On a DR cluster: the service accounts whose role trusts, or whose pod identity is for, clusters of other regions alone."""
    required_by: Members[Claim]
    span: Span = field(metadata=HIDDEN)
    velero: Installation = NOT_INSTALLED
