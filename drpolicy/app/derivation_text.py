"""A derivation as lines for people: each sub-condition with its result, each value with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from drpolicy.cel.derivation import Step
from drpolicy.model.provenance import written_at
from drpolicy.model.symbols import told
from drpolicy.model.truth import Truth
from drpolicy.policy.derivations import Derivation
from drpolicy.policy.evidence import evidence_of

_SAID = {Truth.TRUE: "true", Truth.FALSE: "false", Truth.UNKNOWN: "not known"}


def derivation_lines(derivation: Derivation) -> Iterator[str]:
    """Yield the lines of a derivation, two spaces for each level."""
    if derivation.presence is not None:
        place = written_at(derivation.presence.cause.origin)
        yield f"it may not be there: {told(derivation.presence)}" + (f"  {place}" if place else "")
    for title, step in (("when", derivation.when), ("assert", derivation.assertion)):
        if step is not None:
            yield from _step(step, title, 0)
    for each in derivation.severities:
        yield from _step(each.step, "severity", 0)
        if not each.counts:
            yield f"  not counted: it is {each.severity} only if a reference of which the store is not known means this one"


def _step(step: Step, title: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if step.element:
        yield f"{indent}{step.element}"
        indent += "  "
        depth += 1
    yield f"{indent}{title + ' ' if title else ''}{step.text}: {_SAID[step.truth]}"
    for evidence in evidence_of(step.reads):
        yield f"{indent}  {evidence.text}" + (f"  {evidence.span}" if evidence.span is not None else "")
    for part in step.parts:
        yield from _step(part, "", depth + 1)
    if step.omitted:
        yield f"{indent}  … and {step.omitted} more"
