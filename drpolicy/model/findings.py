"""Findings and diagnostics: what the engine and the readers say."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal

from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.values import Unknown

Severity = Literal["critical", "high", "medium", "low", "advice"]
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low", "advice")
"""Worst first."""

ANTI_PATTERNS: Final = (
    "untested-backup",
    "same-region-backup",
    "undefined-objectives",
    "manual-backup-only",
    "missing-database-backup",
    "missing-runbook",
    "no-dr-drill",
    "single-region",
    "recoverability",
    "consistency",
)
"""The eight anti-patterns of the field guide, and two of our own: the folders of ``policies/``."""

Grade = Literal["observed", "recorded", "attested", "estimated", "declared"]
Witness = Literal["declared", "observed"]


class Verdict(Enum):
    """The outcome of one policy on one subject."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class SubjectReference:
    """Which member of the estate a finding is about."""

    kind: str
    name: str
    address: str
    type: str
    deployment: str
    environment: str | None
    root: str = ""
    """Path of the deployment's root, for Terraform."""
    services: tuple[str, ...] = ()
    """Services with a stake in it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was read: what it says, how strong it is, where it stands."""

    text: str
    grade: Grade
    span: Span | None


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Something that kept a verdict from being decided."""

    what: str
    unknown: Unknown
    span: Span | None


@dataclass(frozen=True, slots=True)
class WaiverMark:
    """The waiver that covers a finding."""

    reason: str
    until: str
    owner: str
    span: Span | None
    approver: str = ""
    ticket: str = ""
    """Where it was decided. Both are empty for a waiver that is not in the register."""


@dataclass(frozen=True, slots=True)
class BaselineMark:
    """The baseline entry that covers a finding; ``since`` is the day it was first accepted."""

    since: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of one policy on one subject, with all that is needed to check it."""

    policy: str
    anti_pattern: str
    severity: Severity
    verdict: Verdict
    witness: Witness
    subject: SubjectReference
    span: Span
    message: str
    evidence: tuple[Evidence, ...]
    unknowns: tuple[OpenQuestion, ...]
    cause: str
    """Equal for findings that one written place decides; shown as one."""
    fingerprint: str
    basis: str
    calendar: bool = False
    """Whether the verdict depends on the date; such a FAIL never fails the hook or pr gate."""
    gated: bool = True
    """Whether the gate counts it: False for library modules that were not named."""
    waiver: WaiverMark | None = None
    remedy: str = ""
    """The smallest remedy for this subject, the patch first; empty for the policy's."""
    baseline: BaselineMark | None = None
    made_by: tuple[Span, ...] = ()
    """The calls of the modules that make the subject, the innermost first."""
    given: Span | None = None
    """Where a call in the root gives what decides to the module that ``span`` lies in."""

    @property
    def accepted(self) -> bool:
        """Whether a waiver or the baseline covers it: it is shown, and the gate does not count it."""
        return self.waiver is not None or self.baseline is not None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Trouble with the inputs, the configuration, a policy or a waiver."""

    level: Literal["error", "warning", "note"]
    code: str
    message: str
    span: Span | None = None
    path: str = ""
    """The file, when there is no span in it."""
    effect: Literal["none", "incomplete", "invalid"] = "none"
    """``incomplete``: input of a judged deployment was not read (exit 3); ``invalid``: config, policy or declaration (exit 2)."""
