"""What a change does: the findings of the same policies over the files as they were and as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from drpolicy.model.findings import SEVERITIES, Finding, Verdict
from drpolicy.model.report import Change, Comparison, ServiceFacts

Direction = Literal["worse", "better", "undecided"]


def compare(base: str, before: Sequence[Finding], after: Sequence[Finding], services: tuple[ServiceFacts, ...]) -> Comparison:
    """Pair findings by fingerprint and sort what moved; what is as it was is left out. The order is that of the findings."""
    earlier = {each.fingerprint: each for each in before}
    later = {each.fingerprint for each in after}
    moved: dict[Direction, list[Change]] = {"worse": [], "better": [], "undecided": []}
    for direction, change in _moved(earlier, later, before, after):
        moved[direction].append(change)
    return Comparison(base, tuple(moved["worse"]), tuple(moved["better"]), tuple(moved["undecided"]), services)


def _moved(
    earlier: dict[str, Finding], later: set[str], before: Sequence[Finding], after: Sequence[Finding]
) -> Iterable[tuple[Direction, Change]]:
    for now in after:
        then = earlier.get(now.fingerprint)
        found = _direction(then, now)
        if found is not None:
            direction, why = found
            yield direction, Change(now, then.verdict if then is not None else None, now.verdict, why)
    for then in before:
        if then.fingerprint not in later and then.verdict in (Verdict.FAIL, Verdict.UNKNOWN):
            yield "better", Change(then, then.verdict, None, f"{then.subject.name} is gone")


def _direction(then: Finding | None, now: Finding) -> tuple[Direction, str] | None:
    was = then.verdict if then is not None else None
    match now.verdict:
        case Verdict.FAIL if was is not Verdict.FAIL:
            return "worse", _said(was)
        case Verdict.FAIL if then is not None and _graver(then, now):
            return "worse", f"it was {then.severity}"
        case (Verdict.FAIL | Verdict.UNKNOWN) as verdict if then is not None and then.accepted and not now.accepted:
            return "worse" if verdict is Verdict.FAIL else "undecided", "it is no longer accepted"
        case Verdict.UNKNOWN if was is not Verdict.UNKNOWN:
            return "undecided", _said(was)
        case Verdict.PASS | Verdict.NOT_APPLICABLE if was in (Verdict.FAIL, Verdict.UNKNOWN):
            return "better", _said(was)
        case _:
            return None


def _graver(then: Finding, now: Finding) -> bool:
    return SEVERITIES.index(now.severity) < SEVERITIES.index(then.severity)


def _said(was: Verdict | None) -> str:
    match was:
        case None:
            return "it is new"
        case Verdict.PASS:
            return "it passed"
        case Verdict.FAIL:
            return "it failed"
        case Verdict.UNKNOWN:
            return "it was not decided"
        case Verdict.NOT_APPLICABLE:
            return "it did not apply"
