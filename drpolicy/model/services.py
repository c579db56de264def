"""Services with their drills and runbooks, and the endpoints and deployments they run on."""

from __future__ import annotations

from typing import Final

from drpolicy.model.agreements import Agreement
from drpolicy.model.clusters import RestoreTest
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Derived
from drpolicy.model.ranges import Range
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span
from drpolicy.model.stores import HIDDEN, OPTIONAL, Claim, Store
from drpolicy.model.values import Absent, Known, Members, Object, Value

NO_ROUTE: Final = Known(False, Derived("it is no route", ()))
NOT_ASKED: Final = Absent(Derived("git was not asked: it is in an audit only", ()))
NO_SWITCH: Final = Absent(Derived("it is no failover record", ()))


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
    measured_restore: Value[Duration] = field(metadata=OPTIONAL)
    """How long the restore alone took: an RTO that it is longer than is missed, and one that it is within may be."""
    integrity: Value[bool] = field(metadata=OPTIONAL)
    """Whether data integrity was checked and held."""
    application: Value[bool] = field(metadata=OPTIONAL)
    """Whether the application was started and worked."""
    declared_rto: Value[Duration] = field(metadata=OPTIONAL)
    """The objective of its service for the disruption that it rehearses."""
    declared_rpo: Value[Duration] = field(metadata=OPTIONAL)
    months_ago: Value[int]
    """Calendar months since: 0 in the month of the judgement, 1 in the one before, whatever the days."""
    quarters_ago: Value[int]
    years_ago: Value[int]
    backup_completed: Value[bool] = field(metadata=OPTIONAL)
    """Whether the backup that was restored had completed."""
    backup_bytes: Value[int] = field(metadata=OPTIONAL)
    usual_backup_bytes: Value[int] = field(metadata=OPTIONAL)
    backup_contents: Value[bool] = field(metadata=OPTIONAL)
    """Whether the contents of the backup were compared with what it ought to hold."""
    cleaned_up: Value[bool] = field(metadata=OPTIONAL)
    runbook_held: Value[bool] = field(metadata=OPTIONAL)
    """Whether the runbook was followed and proved right."""
    contacts_reached: Value[bool] = field(metadata=OPTIONAL)
    stores: Members[str]
    """What the record names as restored; nothing named stands for the whole service."""
    whole: bool
    """Whether it covers every store of its service."""
    required_by: Members[Claim]
    span: Span = field(metadata=HIDDEN)
    committed: Value[str] = field(default=NOT_ASKED, metadata=OPTIONAL)
    """Day on which its date was last committed, says git; only in an audit."""
    committed_age: Value[Duration] = field(default=NOT_ASKED, metadata=OPTIONAL)
    mechanism_age: Value[Duration] = field(default=NOT_ASKED, metadata=OPTIONAL)
    """How long ago what makes the copies that it proves was last changed, says git; only in an audit."""
    mechanism_changed: str = ""
    """What was changed then, and on which day, in words."""


@dataclass(frozen=True, slots=True, eq=False)
class ControlPlaneStep:
    """A command of a runbook that changes a service which is changed through one region alone."""

    name: str
    """The command, the service and the region, in words."""
    command: str
    service: str
    region: str
    remains: str
    """What goes on working without the region, in words."""
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
    """Which it has of ``decision``, ``promotion``, ``restore-order``, ``dns``, ``connections``, ``integrity``, ``failback`` and
    ``contacts``."""
    needs: Members[str]
    """Which of these the service needs, from its estate."""
    missing: Members[str]
    strangers: Members[str]
    """What its commands name, with the command, and nothing that was read is called."""
    strangers_at: Value[str] = field(metadata=OPTIONAL)
    misdirected: Members[str]
    """Its commands that name something which is there and on which they do not work, in words."""
    misdirected_at: Value[str] = field(metadata=OPTIONAL)
    fails_over: bool
    """Whether its service has another region to fail over to: a copy of its data is there, or it declares one."""
    control_planes: Members[ControlPlaneStep]
    """Its commands, those of the way back left out, that change a service which is changed through one region alone."""
    control_planes_at: Value[str] = field(metadata=OPTIONAL)
    control_planes_with_data: Value[bool]
    """Whether one of these regions is one in which the service's stores are."""
    broken_links: Members[str]
    """Links to files and headings of the repository that are not there."""
    broken_links_at: Value[str] = field(metadata=OPTIONAL)
    contradictions: Members[str]
    """Where its front matter says otherwise than the declaration, in words."""
    contradictions_at: Value[str] = field(metadata=OPTIONAL)
    hosted_in: Value[str] = field(metadata=OPTIONAL)
    """The region in whose name an address of it is hosted; absent for a file of the repository, and where the address tells none."""
    hosted_with_data: Value[bool]
    """Whether that region is one in which the service's stores are."""
    has_contacts: Value[bool]
    """Whether somebody can be reached: the section has an address, or the declaration names rotas."""
    has_contacts_at: Value[str] = field(metadata=OPTIONAL)
    reviewed_age: Value[Duration] = field(metadata=OPTIONAL)
    content_age: Value[Duration] = field(metadata=OPTIONAL)
    """How long ago anything of it but the date of its review was changed, says git; only in an audit."""
    described_age: Value[Duration] = field(metadata=OPTIONAL)
    """How long ago the newest change was made to the stores it recovers and to their copies, says git; only in an audit."""
    required_by: Members[Claim]
    span: Span = field(metadata=HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """How something is reached: a DNS record, or a database host written into configuration."""

    key: str
    name: str
    address: str
    kind: str
    """``host`` (a literal host in configuration), ``record`` (a failover record), ``latency``, ``weighted`` or ``geolocation`` (records of
    several regions), ``accelerator``, ``origin-group`` or ``routing-control``."""
    deployment: str
    environment: Value[str] = field(metadata=OPTIONAL)
    cluster: str
    host: Value[str] = field(metadata=OPTIONAL)
    region: Value[str] = field(metadata=OPTIONAL)
    """The region that is part of the host name."""
    regional: Value[bool]
    """Whether the host is of one region of AWS."""
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
    regions: Members[str] = Members()
    """The regions that it leads to."""
    one_region: Value[bool] = NO_ROUTE
    """Whether everything that it leads to is in one region."""
    switch_time: Value[Duration] = field(default=NO_SWITCH, metadata=OPTIONAL)
    """How long it leads to a dead target at least: until the health check has failed, and the TTL is over."""


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
class Peering:
    """A peering connection, or an attachment of two transit gateways, between two regions."""

    name: str
    regions: Members[str]
    accepted: Value[bool]
    """Whether the other side accepts it: until then nothing passes."""
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
    plan_needs: Members[str]
    """What its plan needs in another region than its resources and its state: keys, locks, the states of others."""
    plan_needs_at: Value[str] = field(metadata=OPTIONAL)
    plan_reads_more: bool
    """Whether it is of one region, and its plan reads a key, a lock or a state that is not its own."""
    state_stored: Value[bool]
    """Whether a remote backend is written."""
    networks: Members[str]
    """Address ranges of its networks, where they are known."""
    cidr_overlaps: Members[str]
    """Pairs of networks in different regions whose address ranges overlap."""
    cidr_overlaps_at: Value[str] = field(metadata=OPTIONAL)
    peerings: Members[Peering]
    """Connections of two regions whose both ends it makes."""
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
class Agreements:
    """What has to agree in the declaration of a service."""

    dependencies_declared: Agreement
    """Every service that it depends on is declared."""
    no_cycle: Agreement
    """It cannot do without no service that cannot do without it."""
    dependencies_in_time: Agreement
    """What it cannot do without is declared to be back as soon as itself."""
    dependencies_in_region: Agreement
    """What it cannot do without is recovered in one of its DR regions."""
    objectives_within_tier: Agreement
    """No objective of its own is looser than its tier's."""
    recovered_elsewhere: Agreement
    """No DR region or cluster is the one it runs in."""
    one_partition: Agreement
    """Its regions are in one partition of AWS."""
    strategy_has_region: Agreement
    """A strategy that keeps something ready elsewhere says where."""
    classes_agree: Agreement
    """No other service says that one of its stores holds another class of data."""
    tags_agree: Agreement
    """The tags of its stores that the configuration names say what it declares."""
    annotations_agree: Agreement
    """The annotations and labels of its namespaces and workloads that the configuration names say what it declares."""
    resilience_hub_agrees: Agreement
    """The policy of AWS Resilience Hub that it, or its tier, names states the same objectives."""
    region_switch_agrees: Agreement
    """The ARC Region switch plan that it names carries it over as it is declared."""


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
    runbook_reviewed_age: Value[Duration] = field(metadata=OPTIONAL)
    drills: Members[Drill]
    newest_restores: Members[Drill]
    """The newest restore on record; more than one when a day has several."""
    newest_drills: Members[Drill]
    """The newest restore and the newest failover on record."""
    never_restored: Members[str]
    """Systems of record among its stores that no passing restore or failover on record covers."""
    test_every: Value[str] = field(metadata=OPTIONAL)
    """In which period a restore has to be on record, as the service or its tier declares: ``month``, ``quarter`` or ``year``."""
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
    detection: Value[Duration] = field(metadata=OPTIONAL)
    """How long it takes until somebody notices; part of the RTO, as is the next."""
    decision: Value[Duration] = field(metadata=OPTIONAL)
    failback: Value[Duration] = field(metadata=OPTIONAL)
    """How long the way back takes; not part of the RTO."""
    networks: Members[str]
    """Address ranges of the networks of the deployments that make its stores and their copies, where these are several."""
    cidr_overlaps: Members[str]
    """Pairs of these networks, of different deployments and regions, whose ranges overlap."""
    cidr_overlaps_at: Value[str] = field(metadata=OPTIONAL)
    agreements: Agreements
    required_by: Members[Claim]
    """Itself, so that severity conditions read the same for every subject."""
    span: Span = field(metadata=HIDDEN)
