"""What one question gave, before the replies of a run are put together."""

from __future__ import annotations

from drpolicy.aws.interface import LiveQuestion, MissingFact, RestoreFact, RestorePointFact
from drpolicy.model.findings import Diagnostic
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """Observed things, trouble, and what to ask next because the answer names it."""

    resources: tuple[Resource, ...] = ()
    restore_points: tuple[RestorePointFact, ...] = ()
    restore_tests: tuple[RestoreFact, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    missing: tuple[MissingFact, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    follow: tuple[LiveQuestion, ...] = ()
