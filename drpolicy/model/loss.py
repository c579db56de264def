"""What is lost, and what is left, when a region, a zone or an account is gone now."""

from __future__ import annotations

from typing import Literal

from drpolicy.model.durations import Duration
from drpolicy.model.ranges import Range
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth

ServiceOutcome = Literal["unaffected", "unresolved", "meets", "misses", "unproven", "lost"]
"""``unresolved``: none of its stores that were found is gone, and a reference of it leads nowhere."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence with the place that shows it."""

    text: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class StoreLoss:
    """One store that is gone: from where it can be had back, or why not."""

    name: str
    recoverable: Truth
    rpo: Range
    rto: Range
    sources: tuple[Reason, ...]
    """The copies that are left, the best first."""
    obstacles: tuple[Reason, ...]
    """Why other copies do not help."""
    span: Span


@dataclass(frozen=True, slots=True)
class ServiceLoss:
    """One service: what it declared, and what happens."""

    name: str
    tier: str | None
    declared_rpo: Duration | None
    declared_rto: Duration | None
    outcome: ServiceOutcome
    rpo: Range
    rto: Range
    stores: tuple[StoreLoss, ...]
    span: Span
    nowhere: tuple[Reason, ...] = ()
    """Its references to stores that were not found."""


@dataclass(frozen=True, slots=True)
class Loss:
    """The answer to ``drpolicy lose``."""

    what: str
    """``ap-northeast-2``, ``az:ap-northeast-2a``, ``account:111122223333``."""
    disruption: Literal["region", "az", "account"]
    as_of: str
    known: tuple[str, ...]
    """What could have been asked for: the regions or accounts in the files."""
    services: tuple[ServiceLoss, ...]
    unclaimed: tuple[StoreLoss, ...]
    """Stores that no service claims."""
    also: tuple[Reason, ...]
    """What else goes: clusters, Terraform roots whose plan needs it, state."""
    affected: int
    """How many stores are gone."""
