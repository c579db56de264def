"""What is said of one resource, store, service or module: its findings, and how to have each explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from drpolicy.model.findings import SEVERITIES, Finding, Verdict

_ORDER: Final = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)
_COUNTED: Final = {Verdict.FAIL: "failed", Verdict.UNKNOWN: "not decided", Verdict.PASS: "passed"}


def of_subject(what: str, findings: Sequence[Finding]) -> list[tuple[Finding, ...]]:
    """Return the findings on what has an address or a name, by subject; of a module those on everything in it.

    A subject that no policy says anything of is left out where another of that name has findings.
    """
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        if _is_of(what, finding):
            subject = finding.subject
            found.setdefault((subject.kind, subject.deployment, subject.address), []).append(finding)
    told = [tuple(each) for each in found.values() if any(finding.verdict in _ORDER for finding in each)]
    return told or [tuple(each) for each in found.values()]


def names(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return what may be asked for, each once."""
    return tuple(dict.fromkeys(each.subject.address for each in findings))


def _is_of(what: str, finding: Finding) -> bool:
    subject = finding.subject
    address = f"{subject.deployment}//{subject.address}"
    if what in (subject.address, address, subject.name):
        return True
    inside = (f"{what}.", f"{what}[")
    return what.rpartition("//")[2].startswith("module.") and (subject.address.startswith(inside) or address.startswith(inside))


def subject_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield what is said of one subject, the worst first; what a policy does not apply to is counted only."""
    subject = findings[0].subject
    tally = Counter(each.verdict for each in findings)
    counted = [f"{tally[verdict]} {word}" for verdict, word in _COUNTED.items() if tally[verdict]]
    rest = tally[Verdict.NOT_APPLICABLE]
    counted += [f"{rest} not applicable"] if rest else []
    yield f"{subject.kind} {subject.address} of {subject.deployment or 'this repository'}: {', '.join(counted)}"
    said = sorted(
        (each for each in findings if each.verdict in _ORDER),
        key=lambda each: (_ORDER.index(each.verdict), SEVERITIES.index(each.severity), each.policy),
    )
    for each in said:
        yield f"  {each.verdict.value.upper():<7}  {each.severity:<8}  {each.policy}  {each.span}"
        if each.verdict is not Verdict.PASS:
            yield f"    {each.message}"
        yield f"    drpolicy explain {each.fingerprint}"
