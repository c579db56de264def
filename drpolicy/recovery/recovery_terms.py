"""The terms of an RTO beside the recovery itself: somebody notices, somebody decides. What nobody declares counts as nothing."""

from __future__ import annotations

from collections.abc import Mapping

from drpolicy.declarations.documents import RecoveryTerms, ServiceDeclaration, TierSettings
from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.provenance import Through
from drpolicy.model.ranges import Range
from drpolicy.model.records import dataclass, replace
from drpolicy.model.values import Absent, Known, Unknown, Value

NAMES = ("detection", "decision")


@dataclass(frozen=True, slots=True, eq=False)
class Delay:
    """What passes before a recovery begins: what is declared of it, what is not known, and what nobody declares."""

    declared: tuple[tuple[str, Known[Duration]], ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    missing: tuple[str, ...] = NAMES

    @property
    def seconds(self) -> float:
        return sum(value.value.seconds for _, value in self.declared)


def term(service: ServiceDeclaration, tiers: Mapping[str, TierSettings], name: str) -> Value[Duration]:
    """Return one term: the service's own, else its tier's."""
    own: Value[Duration] = getattr(service.terms, name)
    tier = tiers.get(service.tier.value) if isinstance(service.tier, Known) else None
    terms: RecoveryTerms | None = tier.terms if tier is not None else None
    if not isinstance(own, Absent) or tier is None or terms is None:
        return own
    inherited: Value[Duration] = getattr(terms, name)
    return Known(inherited.value, Through(f"tier {tier.name}", None, inherited.origin)) if isinstance(inherited, Known) else inherited


def delay_of(service: ServiceDeclaration, tiers: Mapping[str, TierSettings]) -> Delay:
    """Return what passes before the recovery of a service begins."""
    found = [(name, term(service, tiers, name)) for name in NAMES]
    return Delay(
        tuple((name, value) for name, value in found if isinstance(value, Known)),
        tuple(value for _, value in found if isinstance(value, Unknown)),
        tuple(name for name, value in found if isinstance(value, Absent)),
    )


def after(delay: Delay, range_: Range) -> Range:
    """Return an RTO with what passes before it. A term that is not known bounds nothing from above."""
    if not delay.declared and not delay.unknowns:
        return range_
    said = " and ".join(f"{value.value} {name}" for name, value in delay.declared)
    return replace(
        range_,
        best=_later(range_.best, delay.seconds),
        worst=UNBOUNDED if delay.unknowns else _later(range_.worst, delay.seconds),
        basis=f"{range_.basis}, after {said}" if said else range_.basis,
        unknowns=(*range_.unknowns, *delay.unknowns),
        origins=(*range_.origins, *(value.origin for _, value in delay.declared)),
    )


def _later(duration: Duration, seconds: float) -> Duration:
    return duration if duration == UNBOUNDED else duration + Duration(seconds)
