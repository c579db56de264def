"""The service × disruption table: what is declared, what can be achieved, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.provenance import Derived
from drpolicy.model.ranges import Range
from drpolicy.model.records import dataclass, replace
from drpolicy.model.report import Report, ServiceFacts, TargetFacts
from drpolicy.model.stores import DISRUPTIONS
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known

State = Literal["met", "missed", "open", "undeclared"]
Measure = Literal["RPO", "RTO"]
STATES: Final[tuple[State, ...]] = ("missed", "open", "undeclared", "met")
"""Worst first."""

_ALWAYS: Final = frozenset({"corruption", "region"})
_STATE_OF: Final[dict[Truth, State]] = {Truth.TRUE: "met", Truth.FALSE: "missed", Truth.UNKNOWN: "open"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One objective beside what can be achieved; ``declared`` is empty when nothing is."""

    measure: Measure
    state: State
    declared: str
    achievable: str
    basis: str


@dataclass(frozen=True, slots=True)
class Pair:
    """The RPO and the RTO of a service for one disruption."""

    rpo: Cell
    rto: Cell
    weakest: str


@dataclass(frozen=True, slots=True)
class Row:
    """A service and, per column of the table, its pair; ``None`` where nothing was worked out."""

    service: ServiceFacts
    pairs: tuple[Pair | None, ...]

    @property
    def worst(self) -> int:
        """The rank of its worst cell in ``STATES``."""
        return min((STATES.index(cell.state) for cell in _cells(self.pairs)), default=len(STATES))


@dataclass(frozen=True, slots=True)
class RecoveryTable:
    """The disruptions that are columns, and a row per service in the order of the report."""

    disruptions: tuple[str, ...]
    rows: tuple[Row, ...]

    def states(self, column: int) -> Iterator[State]:
        """Iterate over the states in one column."""
        return (cell.state for row in self.rows for cell in _cells(row.pairs[column : column + 1]))


def recovery_table(report: Report) -> RecoveryTable:
    """Return the table: every disruption with a declared objective, and corruption and region wherever worked out."""
    wanted = {
        target.disruption
        for service in report.services
        for target in service.targets
        if target.disruption in _ALWAYS or target.declared_rto is not None or target.declared_rpo is not None
    }
    known = tuple(each for each in DISRUPTIONS if each in wanted)
    disruptions = (*known, *sorted(wanted.difference(known)))
    return RecoveryTable(disruptions, tuple(_row(service, disruptions) for service in report.services))


def _row(service: ServiceFacts, disruptions: tuple[str, ...]) -> Row:
    targets = {target.disruption: target for target in service.targets}
    return Row(service, tuple(_pair(targets[each]) if each in targets else None for each in disruptions))


def _pair(target: TargetFacts) -> Pair:
    rpo = _cell("RPO", target.declared_rpo, target.rpo)
    if target.rpo.best == UNBOUNDED and target.rto.best != UNBOUNDED:
        # Something comes back, from however long ago: a copy that somebody made once.
        rpo = replace(rpo, achievable="no limit")
    return Pair(rpo, _cell("RTO", target.declared_rto, target.rto), target.weakest)


def _cell(measure: Measure, declared: Duration | None, reach: Range) -> Cell:
    if declared is None:
        return Cell(measure, "undeclared", "", achievable(measure, reach), reach.basis)
    state = _STATE_OF[reach.within(Known(declared, Derived("declared", ())))]
    return Cell(measure, state, str(declared), achievable(measure, reach), reach.basis)


def achievable(measure: Measure, reach: Range) -> str:
    """Return a range in few characters: ``24h``, ``15m–24h``, ``≥ 1h``, ``not known``; ``all lost`` or ``never`` when nothing helps."""
    if reach.best == UNBOUNDED:
        return "all lost" if measure == "RPO" else "never"
    if reach.worst == UNBOUNDED:
        return f"≥ {reach.best}" if reach.best.seconds > 0 else "not known"
    return str(reach.best) if reach.best == reach.worst else f"{reach.best}–{reach.worst}"


def _cells(pairs: tuple[Pair | None, ...]) -> Iterator[Cell]:
    return (cell for pair in pairs if pair is not None for cell in (pair.rpo, pair.rto))
