"""Declarations as the rest of the tool sees them.

Every field that a finding may point at is a Value with the place it was written at, or carries a span. A field that was
left out is Absent at the header of what encloses it; a placeholder (``${X}``) is Unknown. ``span`` of a document is
where its name is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from drpolicy.model.durations import Duration
from drpolicy.model.findings import Diagnostic
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span
from drpolicy.model.values import Members, Value


@dataclass(frozen=True, slots=True, eq=False)
class ObjectiveDeclaration:
    """What is declared for one disruption, or for ``all``; ``span`` is the disruption's name."""

    disruption: str
    rto: Value[Duration]
    rpo: Value[Duration]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class StoreReference:
    """A store that a service claims: by ``text`` (address, ``deployment//address`` or ARN), or by cluster and namespace.

    ``span`` is the reference itself: the text, or the key ``kubernetes``.
    """

    name: Value[str]
    text: Value[str]
    cluster: Value[str]
    namespace: Value[str]
    data_class: Value[str]
    span: Span
    data_location: Value[str]
    """``country`` when the data must not leave it, else ``any``."""
    personal_data: Value[object]
    """Known when it holds personal data; its value is of no interest."""
    transfer_basis: Value[str]
    """Why personal data may go abroad."""


@dataclass(frozen=True, slots=True, eq=False)
class Contact:
    """A role, and the rota that holds it."""

    role: Value[str]
    rota: Value[str]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Dependency:
    """Another service that a service needs; ``hard`` unless it says otherwise."""

    service: Value[str]
    kind: Value[str]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class RecoveryTerms:
    """What an RTO holds beside the recovery itself, and how long the way back takes."""

    detection: Value[Duration]
    decision: Value[Duration]
    failback: Value[Duration]


@dataclass(frozen=True, slots=True, eq=False)
class ServiceDeclaration:
    """A service, as its own document declares it: a tier's objectives are not filled in."""

    name: str
    labels: Mapping[str, Value[str]]
    owner: Value[str]
    """The team or role."""
    contacts: Members[Contact]
    environment: Value[str]
    tier: Value[str]
    strategy: Value[str]
    objectives: Members[ObjectiveDeclaration]
    primary_region: Value[str]
    dr_regions: Members[Value[str]]
    primary_cluster: Value[str]
    dr_clusters: Members[Value[str]]
    stores: Members[StoreReference]
    runbook: Value[str]
    """Path of the runbook."""
    runbook_reviewed: Value[date]
    dependencies: Members[Dependency]
    test_max_age: Value[Duration]
    test_every: Value[str]
    """``month``, ``quarter`` or ``year``."""
    records: Members[Value[str]]
    """Names of the DNS records that it is reached by."""
    terms: RecoveryTerms
    resilience_hub: Value[str]
    """What of AWS Resilience Hub, in Terraform, states its objectives."""
    region_switch: Value[str]
    """The ARC Region switch plan, in Terraform, that carries it over."""
    span: Span
    extent: Span


@dataclass(frozen=True, slots=True, eq=False)
class Artefact:
    """A file that a machine wrote, and the SHA-256 that it had."""

    path: Value[str]
    sha256: Value[str]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class BackupRecord:
    """What a record says of the backup that was restored. Sizes are in bytes."""

    name: Value[str]
    completed: Value[bool]
    size: Value[int]
    usual_size: Value[int]
    contents: Value[bool]


@dataclass(frozen=True, slots=True, eq=False)
class EvidenceDeclaration:
    """A dated record. Its grade is ``recorded`` when it names a job, or an artefact with its hash; else ``attested``.

    The hashes are not checked here.
    """

    name: str
    service: Value[str]
    kind: Value[str]
    date: Value[date]
    environment: Value[str]
    disruption: Value[str]
    stores: Members[Value[str]]
    passed: Value[bool]
    application: Value[bool]
    integrity: Value[bool]
    measured_rto: Value[Duration]
    measured_rpo: Value[Duration]
    measured_restore: Value[Duration]
    """How long the restore alone took, without what comes before and after it."""
    backup: BackupRecord
    cleanup: Value[bool]
    runbook: Value[bool]
    contacts: Value[bool]
    grade: Literal["recorded", "attested"]
    job: Value[str]
    artefacts: Members[Artefact]
    approver: Value[str]
    """The role that accepted it."""
    span: Span
    extent: Span


@dataclass(frozen=True, slots=True, eq=False)
class ProtectionDeclaration:
    """A protection that is managed elsewhere; it counts until ``reviewed_until``, that day included."""

    name: str
    references: Members[Value[str]]
    types: Members[Value[str]]
    mechanism: Value[str]
    region: Value[str]
    account: Value[str]
    gap: Value[Duration]
    retention: Value[Duration]
    owner: Value[str]
    reviewed_until: Value[date]
    span: Span
    extent: Span


@dataclass(frozen=True, slots=True, eq=False)
class Declarations:
    """Everything that the documents of a tree declare, in the order they were given. Names are unique per kind."""

    services: tuple[ServiceDeclaration, ...] = ()
    evidence: tuple[EvidenceDeclaration, ...] = ()
    protections: tuple[ProtectionDeclaration, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DeploymentSettings:
    """A Terraform root with one set of inputs. Paths are relative to ``drpolicy.yaml``."""

    path: Value[str]
    name: Value[str]
    environment: Value[str]
    account: Value[str]
    var_files: tuple[Value[str], ...]
    plan: Value[str]
    state: Value[str]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class EnvironmentSettings:
    """An environment; ``span`` is its name."""

    name: str
    production: Value[bool]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSettings:
    """A cluster; ``paths`` are globs, relative to ``drpolicy.yaml``."""

    name: str
    region: Value[str]
    role: Value[str]
    paths: tuple[Value[str], ...]
    deployment: Value[str]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class TierSettings:
    """A tier; ``span`` is its name."""

    name: str
    objectives: tuple[ObjectiveDeclaration, ...]
    test_max_age: Value[Duration]
    test_every: Value[str]
    span: Span
    terms: RecoveryTerms | None = None
    resilience_hub: Value[str] | None = None
    """What of AWS Resilience Hub, in Terraform, states the objectives that are not written here."""


@dataclass(frozen=True, slots=True, eq=False)
class PolicyParameters:
    """Parameters for one policy; ``span`` is its id, ``keys`` say where each parameter's name is."""

    policy: str
    values: Mapping[str, Value[object]]
    keys: Mapping[str, Span]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class SeverityOverride:
    """The severity of one policy; ``span`` is its id."""

    policy: str
    severity: Value[str]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class PolicyOverride:
    """What holds of policies for some subjects only; ``span`` is the key ``for``, the selectors are globs."""

    paths: tuple[Value[str], ...]
    deployments: tuple[Value[str], ...]
    services: tuple[Value[str], ...]
    disabled: tuple[Value[str], ...]
    params: Mapping[str, PolicyParameters]
    severities: Mapping[str, SeverityOverride]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class PolicySettings:
    """Which policies apply, and how."""

    directories: tuple[Value[str], ...] = ()
    disabled: tuple[Value[str], ...] = ()
    params: Mapping[str, PolicyParameters] = field(default_factory=dict)
    severities: Mapping[str, SeverityOverride] = field(default_factory=dict)
    overrides: tuple[PolicyOverride, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ScopeSettings:
    """What is judged; ``elsewhere`` are kinds of protection that are managed outside it."""

    elsewhere: tuple[Value[str], ...] = ()
    include: tuple[Value[str], ...] = ()
    exclude: tuple[Value[str], ...] = ()
    context_max_age: Value[Duration] | None = None
    """How old the export of another repository may be."""


@dataclass(frozen=True, slots=True, eq=False)
class WaiverEntry:
    """A waiver of a register, or of ``drpolicy.yaml``. ``until`` is the last day it holds; ``subject`` is a glob of addresses."""

    policy: Value[str]
    subject: Value[str]
    reason: Value[str]
    until: Value[date]
    owner: Value[str]
    approver: Value[str]
    ticket: Value[str]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class LabelSettings:
    """Names of tags, or of annotations, by what they say; ``disruption`` is what an RTO or RPO among them speaks of."""

    names: Mapping[str, tuple[Value[str], ...]]
    disruption: Value[str]


@dataclass(frozen=True, slots=True, eq=False)
class Configuration:
    """``drpolicy.yaml``. Its values are Known or Absent: a placeholder in it is an error."""

    span: Span
    default_region: Value[str]
    endpoint_url: Value[str]
    deployments: tuple[DeploymentSettings, ...] = ()
    environments: Mapping[str, EnvironmentSettings] = field(default_factory=dict)
    clusters: tuple[ClusterSettings, ...] = ()
    tiers: Mapping[str, TierSettings] = field(default_factory=dict)
    tier_names: tuple[str, ...] = ()
    """The names of all that are written, those with an error too."""
    policies: PolicySettings = PolicySettings()
    scope: ScopeSettings = ScopeSettings()
    waivers: tuple[WaiverEntry, ...] = ()
    registers: tuple[Value[str], ...] = ()
    """Paths of waiver registers."""
    live_regions: tuple[Value[str], ...] = ()
    waiver_limits: Mapping[str, Value[Duration]] = field(default_factory=dict)
    """How long a waiver may run, by severity."""
    recovery_times: Mapping[str, Value[Duration]] = field(default_factory=dict)
    """How long a recovery takes at least, by mechanism."""
    tags: LabelSettings | None = None
    """Tags that say ``owner``, ``tier``, ``rto`` or ``rpo`` of what they are on."""
    annotations: LabelSettings | None = None
    """Annotations and labels of namespaces and workloads that do so."""
    baseline: Value[str] | None = None
    """Path of the baseline, where it is not the usual one."""
