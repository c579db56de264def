"""The report: the one argument of every reporter."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Final, Literal

from drpolicy.model.durations import Duration
from drpolicy.model.estate import Inference
from drpolicy.model.findings import Diagnostic, Finding, Grade, Severity, Verdict
from drpolicy.model.ranges import Range
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span

Gate = Literal["hook", "pr", "audit"]
GateOutcome = Literal["passed", "failed", "incomplete", "invalid"]


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """What a report says of a policy."""

    title: str
    anti_pattern: str
    why: str
    remediation: str
    controls: Mapping[str, tuple[str, ...]]
    guide: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """One cell pair of the service × disruption table."""

    disruption: str
    declared_rto: Duration | None
    declared_rpo: Duration | None
    rto: Range
    rpo: Range
    weakest: str


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What a report says of a service."""

    name: str
    tier: str | None
    owner: str | None
    targets: tuple[TargetFacts, ...]
    span: Span
    retested: bool = False
    """Whether a job or plan in the files restores it again and again, whose success proves something."""


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    """A deployment that was judged, or named only."""

    name: str
    kind: Literal["terraform", "kubernetes"]
    environment: str | None
    account: str | None
    regions: tuple[str, ...]
    resources: int
    library: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was read, and what was not."""

    deployments: tuple[DeploymentFacts, ...] = ()
    files: Mapping[str, int] = field(default_factory=dict)
    """Count per kind: terraform, manifests, declarations, not_read …"""
    expressions: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    """Why expressions are unknown: how many by reason."""
    blocks: Mapping[str, int] = field(default_factory=dict)
    """The blocks at the top of the Terraform files, by type."""
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """``evaluated``, ``stubbed``, ``unresolved`` → addresses with their sources."""
    stores: int = 0
    unclaimed_stores: int = 0
    unjudged: Mapping[str, int] = field(default_factory=dict)
    """Resources of types that hold data and that the catalog has no row for, by type."""
    classes: Mapping[str, int] = field(default_factory=dict)
    """Stores by data class: only a system of record is asked for backups."""
    policies: int = 0
    without_subjects: tuple[str, ...] = ()
    """Policies that had no subject at all: they say nothing about this estate."""
    inferred: tuple[Inference, ...] = ()
    live: tuple[str, ...] = ()
    """What live confirmation asked and what it could not."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How the report came about."""

    mode: Literal["check", "audit"]
    gate: Gate
    paths: tuple[str, ...]
    as_of: str
    commit: str | None
    dirty: bool | None
    policy_digest: str
    config_digest: str
    version: str


GateCounted = Literal["standing", "brought", "lost"]
GATE_COUNTS: Final[Mapping[GateCounted, str]] = {
    "standing": "{findings} of severity {severity} or worse, the worst {worst}",
    "brought": "{findings} of severity {severity} or worse that this change brings, the worst {worst}",
    "lost": "{findings} that passed before this change",
}
"""What the gate failed on, in words."""


@dataclass(frozen=True, slots=True)
class GateCount:
    """Findings that made the gate fail: all that stand, those that a change brings, or those that passed before it."""

    what: GateCounted
    count: int
    worst: Severity


@dataclass(frozen=True, slots=True)
class GateFacts:
    """What the gate decided and why."""

    outcome: GateOutcome
    """``invalid`` before all others, as in the exit code: something that was written down was not judged as it stands."""
    fail_on: Severity
    reasons: tuple[str, ...] = ()
    counts: tuple[GateCount, ...] = ()
    """The last of the reasons in figures where findings count, for reports in other languages than those."""


@dataclass(frozen=True, slots=True)
class Change:
    """A finding that a change moved: as it is now, or as it was when nothing is left of it."""

    finding: Finding
    before: Verdict | None
    """``None`` when there was no such subject."""
    after: Verdict | None
    """``None`` when there is no such subject any more."""
    why: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the files do to the findings since a revision. Every change is in one of the three lists, worst first."""

    base: str
    """The full id of the commit that was compared with."""
    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    undecided: tuple[Change, ...]
    """Findings that could be decided before, or that did not exist, and that cannot be decided now."""
    services: tuple[ServiceFacts, ...]
    """The services as they were."""


BoxState = Literal["ticked", "open", "unknown"]


WORD_ALONE: Final = "{record} is somebody's word alone; let a job record it"


@dataclass(frozen=True, slots=True)
class BoxReason:
    """What ticks a box, or keeps it from being ticked."""

    policy: str
    subject: str
    text: str
    span: Span
    grade: Grade
    day: str
    """The day of the record that says so, as ISO 8601; empty where no record does."""
    about: str = ""
    """What is in doubt; ``text`` says it with the doubt."""
    doubt: Reason | None = None
    """Why it is not known; ``None`` where it is known from somebody's word alone."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the field guide's checklists. A waived finding still keeps it open."""

    item: str
    """Its id, such as ``monthly.5``."""
    state: BoxState
    reasons: tuple[BoxReason, ...]
    """Of a ticked box its evidence, of an open one its failures, of an unknown one what is not known; none where nothing speaks of it."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a run found."""

    run: RunFacts
    gate: GateFacts
    policies: Mapping[str, PolicyFacts]
    findings: tuple[Finding, ...]
    """Worst first, then by place."""
    services: tuple[ServiceFacts, ...]
    diagnostics: tuple[Diagnostic, ...]
    coverage: Coverage
    not_applicable: Collection[Finding] = ()
    """The findings of policies on what they do not apply to, in the order of the policies; made whenever they are gone through."""
    checklist: tuple[Box, ...] = ()
    """Of an audit: the field guide's boxes, in the guide's order."""
    comparison: Comparison | None = None
    """With ``--diff``: what changed since the revision; the gate then looks at nothing else."""
    var_files: Mapping[str, str] = field(default_factory=dict)
    """By the symbol of a variable that is not set: the var-file of the repository that gives it a value."""

    def every(self) -> Iterator[Finding]:
        """Iterate over all findings, those that do not apply last."""
        return chain(self.findings, self.not_applicable)
