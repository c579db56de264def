"""Recovery ranges: how much, or how long, at best and at worst."""

from __future__ import annotations

from typing import TypeAlias

from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.provenance import Provenance
from drpolicy.model.records import dataclass
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown


@dataclass(frozen=True, slots=True)
class Range:
    """The amount that would be lost, or the time that recovery would take.

    ``best`` counts every protection that may exist and is what cannot be undercut; ``worst`` counts only those certain
    to exist and to survive and is what is guaranteed. ``basis`` says in words where both come from, ``unknowns`` what
    keeps them apart, ``origins`` the places they were read.
    """

    best: Duration
    worst: Duration
    basis: str
    unknowns: tuple[Unknown, ...] = ()
    origins: tuple[Provenance, ...] = ()

    def within(self, objective: Known[Duration] | Unknown | Absent) -> Truth:
        """Whether the range meets an objective: TRUE iff worst ≤ objective, FALSE iff best > objective."""
        if not isinstance(objective, Known):
            return Truth.UNKNOWN
        if self.worst <= objective.value:
            return Truth.TRUE
        return Truth.FALSE if self.best > objective.value else Truth.UNKNOWN

    def __str__(self) -> str:
        if self.best == self.worst:
            return "nothing recoverable" if self.best == UNBOUNDED else str(self.best)
        if self.worst == UNBOUNDED:
            return f"{self.best} or more"
        return f"{self.best} to {self.worst}"


Bounded: TypeAlias = Known[Duration] | Unknown | Absent
