"""What is lost, and what is left, when a region, a zone or an account is gone now."""

from __future__ import annotations

from typing import Final, Literal

from drpolicy.model.durations import Duration
from drpolicy.model.ranges import Range
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth

ServiceOutcome = Literal["lost", "misses", "unknown", "unproven", "undeclared", "meets", "unaffected"]
"""``lost``: it cannot be recovered. ``misses``: an objective cannot be met. ``unknown``: whether it can be recovered is not known.
The others can be: ``unproven`` where nothing shows that its objectives are met, ``undeclared`` where it declares none."""

OUTCOMES: Final[tuple[ServiceOutcome, ...]] = ("lost", "misses", "unknown", "unproven", "undeclared", "meets", "unaffected")
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence with the place that shows it."""

    text: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class StoreLoss:
    """One store that is gone, or may be: from where it can be had back, or why not."""

    name: str
    gone: Truth
    """TRUE, or UNKNOWN where it may be somewhere else, not exist, or hold nothing of record; ``doubts`` say so."""
    recoverable: Truth
    """Whether it can be had back where it is gone."""
    rpo: Range
    rto: Range
    sources: tuple[Reason, ...]
    """The copies that are left, the best first."""
    obstacles: tuple[Reason, ...]
    """Why other copies do not help."""
    doubts: tuple[Reason, ...]
    span: Span

    @property
    def lost(self) -> Truth:
        """Whether it is gone and cannot be had back."""
        return self.gone & ~self.recoverable


@dataclass(frozen=True, slots=True)
class NeededLoss:
    """A service that another one cannot do without."""

    name: str
    gone: Truth
    lost: Truth
    span: Span


@dataclass(frozen=True, slots=True)
class ServiceLoss:
    """One service: what it declared, and what happens."""

    name: str
    tier: str | None
    declared: Truth
    """Whether it declares an objective for this loss."""
    declared_rpo: Duration | None
    declared_rto: Duration | None
    gone: Truth
    """Whether data of its own, or of a service that it cannot do without, is gone; it is where it declares to run, too."""
    primary: bool
    """Whether it declares the lost region as its primary one."""
    outcome: ServiceOutcome
    rpo: Range
    rto: Range
    stores: tuple[StoreLoss, ...]
    """Its own that are gone or may be."""
    needs: tuple[NeededLoss, ...]
    """The services that it cannot do without of which data is gone or may be."""
    beside: tuple[str, ...]
    """What else of it is gone, for certain: stores that hold no data of record."""
    span: Span


@dataclass(frozen=True, slots=True)
class Loss:
    """The answer to ``drpolicy lose``."""

    what: str
    """``ap-northeast-2``, ``az:ap-northeast-2a``, ``account:111122223333``."""
    disruption: Literal["region", "az", "account"]
    as_of: str
    known: tuple[str, ...]
    """The regions or accounts in which the files say that stores of record are."""
    services: tuple[ServiceLoss, ...]
    unclaimed: tuple[StoreLoss, ...]
    """Stores that no service claims."""
    also: tuple[Reason, ...]
    """What else goes: clusters, Terraform roots whose plan needs it, state."""
    affected: int
    """How many stores are gone, or may be."""
    unread: int
    """How many calls of modules could not be followed: what they make is in none of this."""

    @property
    def name(self) -> str:
        """The region, zone or account without the word for it."""
        return self.what.removeprefix(f"{self.disruption}:")
