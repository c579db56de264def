"""Restore points and restores as facts, with what was not read standing as one fact of its own."""

from __future__ import annotations

from typing import Any

from drpolicy.aws.interface import REMAINDER, RestoreFact, RestorePointFact, RestorePointKind
from drpolicy.model.provenance import Observed
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Unknown, Value


def restore_point(
    kind: RestorePointKind,
    subject: str,
    name: str,
    span: Span,
    origin: Observed,
    *,
    region: Value[str],
    taken_at: Value[str],
    phase: Value[str],
    **rest: Value[Any],
) -> RestorePointFact:
    """Return a fact; what is not given does not apply to its kind. RDS offers only points that can be restored."""
    absent: Value[Any] = Absent(origin)
    completed = rest.get("completed")
    if completed is None:
        completed = taken_at if isinstance(taken_at, Unknown) else Known(True, origin)
    return RestorePointFact(
        kind=kind,
        subject=subject,
        name=name,
        region=region,
        taken_at=taken_at,
        completed=completed,
        span=span,
        phase=phase,
        completed_at=rest.get("completed_at", absent),
        expires_at=rest.get("expires_at", absent),
        errors=rest.get("errors", absent),
        schedule=rest.get("schedule", absent),
        namespaces=rest.get("namespaces", absent),
        excluded_namespaces=rest.get("excluded_namespaces", absent),
        location=rest.get("location", absent),
    )


def all_unknown(kind: RestorePointKind, subject: str, name: str, region: Value[str], why: Unknown, span: Span) -> RestorePointFact:
    """Return a restore point of which nothing but its name could be read."""
    return RestorePointFact(
        kind=kind,
        subject=subject,
        name=name,
        region=region,
        taken_at=why,
        completed=why,
        span=span,
        phase=why,
        completed_at=why,
        expires_at=why,
        errors=why,
        schedule=why,
        namespaces=why,
        excluded_namespaces=why,
        location=why,
    )


def remainder(kind: RestorePointKind, subject: str, why: Unknown, span: Span) -> RestorePointFact:
    """Return the fact that stands for restore points that were not listed or not read."""
    return all_unknown(kind, subject, REMAINDER, why, why, span)


def restores_not_read(subject: str, why: Unknown, span: Span) -> RestoreFact:
    """Return the fact that stands for restores that were not listed."""
    return RestoreFact(subject, REMAINDER, why, why, why, span)
