"""The recording evaluation: which leaf values decided a result.

A trace is made on demand by evaluating again with evaluators that write what they read into the scope, under a key that
is no identifier. Logic and quantifiers then drop what did not decide.
"""

from __future__ import annotations

from typing import Any, Final

from drpolicy.cel.quantifiers import ranged, settle, weighed
from drpolicy.cel.results import MEMBERSHIP, NOTHING, PLAIN, CelError, Evaluator, Result, Scope, derived, uncertainty
from drpolicy.cel.selection import finish
from drpolicy.cel.syntax import Comprehension, Node
from drpolicy.model.provenance import Derived, Provenance
from drpolicy.model.ranges import Range
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value

READS: Final = ""
"""The key of the list of reads in a scope."""


@dataclass(frozen=True, slots=True)
class Read:
    """A leaf that was read: the source text of its selection, and the value with its provenance."""

    expression: str
    value: Value[Any]


@dataclass(frozen=True, slots=True)
class Trace:
    """A result and the reads that decided it, in the order of reading and without repetition."""

    result: Result
    reads: tuple[Read, ...]
    error: CelError | None


def recorded(raw: Evaluator, holder: Evaluator | None, node: Node, text: str, optional: bool) -> Evaluator:
    """Return the evaluator of a selection that records the value it reads.

    A field that is no Value has no provenance of its own; it stands where the record it belongs to stands.
    """

    def run(scope: Scope) -> Result:
        value = raw(scope)
        record_read(value, holder, text, scope)
        return finish(value, node, optional)

    return run


def record_read(value: Any, holder: Evaluator | None, text: str, scope: Scope) -> None:
    """Record a raw value, and why its membership is uncertain."""
    reads: list[Read] = scope[READS]
    if isinstance(value, (Known, Unknown, Absent)):
        reads.append(Read(text, value))
    elif isinstance(value, Range):
        reads.append(Read(text, Known(value, Derived(value.basis, value.origins))))
    elif value is NOTHING or (isinstance(value, CelError) and value.absent):
        reads.append(Read(text, Absent(_origin(f"{text} is not given", holder, scope))))
    elif type(value) in PLAIN or type(value) is Truth:
        reads.append(Read(text, Known(value, _origin(_said(text, value, holder, scope), holder, scope))))
    if isinstance(value, Known):
        value = value.value
    why = uncertainty(value) if isinstance(value, Members) else None
    if why is not None:
        reads.append(Read(text, why))


def _said(text: str, value: Any, holder: Evaluator | None, scope: Scope) -> str:
    """Say whose plain field was read: ``read replica: kind is replica``."""
    if not isinstance(value, str | int | float):
        return text
    name = getattr(holder(scope), "name", None) if holder is not None else None
    field = text.rpartition(".")[2].removeprefix("?")
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{name}: {field} is {shown}" if isinstance(name, str) else text


def _origin(how: str, holder: Evaluator | None, scope: Scope) -> Provenance:
    span = getattr(holder(scope), "span", None) if holder is not None else None
    return Derived(how, (), span if isinstance(span, Span) else None)


def recorded_range(evaluator: Evaluator, text: str) -> Evaluator:
    """Return the evaluator of a comparison with a range that also records what keeps it undecided."""

    def run(scope: Scope) -> Result:
        at = len(scope[READS])
        result = evaluator(scope)
        if isinstance(result, Unknown):
            ranges = [
                read.value.value for read in scope[READS][at:] if isinstance(read.value, Known) and isinstance(read.value.value, Range)
            ]
            scope[READS].extend(Read(text, unknown) for each in ranges for unknown in each.unknowns)
        return result

    return run


def _deciding(outcomes: list[tuple[Result, list[Read]]], result: Result, decisive: bool) -> list[Read]:
    """Return the reads of the operands that made the result what it is."""
    if result is decisive:
        chosen = [reads for each, reads in outcomes if each is decisive][:1]
    elif isinstance(result, Unknown):
        chosen = [reads for each, reads in outcomes if isinstance(each, Unknown)]
    elif isinstance(result, CelError):
        chosen = [reads for each, reads in outcomes if not isinstance(each, bool)]
    else:
        chosen = [reads for _, reads in outcomes]
    return [read for reads in chosen for read in reads]


def traced_logic(operands: tuple[Evaluator, ...], decisive: bool, node: Node) -> Evaluator:
    """Return the recording evaluator of ``&&`` or ``||``."""

    def run(scope: Scope) -> Result:
        reads: list[Read] = scope[READS]
        start = len(reads)
        outcomes: list[tuple[Result, list[Read]]] = []
        for operand in operands:
            result = operand(scope)
            outcomes.append((result, reads[start:]))
            del reads[start:]
            if result is decisive:
                break
        result = settle([each for each, _ in outcomes], decisive, node)
        reads.extend(_deciding(outcomes, result, decisive))
        return result

    return run


def traced_quantifier(node: Comprehension, source: Evaluator, body: Evaluator, decisive: bool, text: str) -> Evaluator:
    """Return the recording evaluator of ``exists`` or ``all``: the witness, the counterexample, or all that had a say.

    The collection itself is a read only when no element decided: it is empty, or its membership is not known.
    """
    variable = node.variable

    def run(scope: Scope) -> Result:
        reads: list[Read] = scope[READS]
        start = len(reads)
        pool = ranged(source(scope), node, scope)
        if not isinstance(pool, Members):
            return pool
        before = [read for read in reads[start:] if read.expression != text]
        own = [read for read in reads[start:] if read.expression == text and isinstance(read.value, Known)]
        del reads[start:]
        outer = scope.get(variable, NOTHING)
        outcomes: list[tuple[Result, list[Read]]] = []
        for member in pool.elements:
            if member.presence is Truth.FALSE:
                continue
            scope[variable] = member.value
            result = body(scope)
            says = weighed(member, result, decisive)
            seen = reads[start:]
            del reads[start:]
            if isinstance(says, Unknown) and says is not result:
                seen.append(Read(text, member.why or MEMBERSHIP))
            outcomes.append((says, seen))
            if says is decisive:
                break
        scope[variable] = outer
        if pool.rest is not None:
            outcomes.append((pool.rest, [Read(text, pool.rest)]))
        result = settle([each for each, _ in outcomes], decisive, node)
        decided = _deciding(outcomes, result, decisive)
        reads.extend(before)
        reads.extend(decided or own)
        return derived(result) if isinstance(result, Unknown) else result

    return run


def distinct(reads: list[Read]) -> tuple[Read, ...]:
    """Return the reads without repetition."""
    return tuple({(read.expression, id(read.value)): read for read in reads}.values())
