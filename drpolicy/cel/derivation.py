"""Why a condition gave what it gave: the tree of its sub-conditions, each with its result, down to the values that were read.

Made on demand, for people. Every step is evaluated for itself, so it costs a multiple of the evaluation.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from drpolicy.cel.compile import Compiler
from drpolicy.cel.program import Program
from drpolicy.cel.quantifiers import ranged, weighed
from drpolicy.cel.results import MEMBERSHIP, Result, Scope
from drpolicy.cel.syntax import Comprehension, Conditional, Logic, Node, Unary
from drpolicy.cel.trace import READS, Read, distinct
from drpolicy.model.durations import Duration
from drpolicy.model.ranges import Range
from drpolicy.model.records import dataclass
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Members, Unknown

MOST = 8
"""How many elements of a collection, or operands, are shown where all of them had a say."""


@dataclass(frozen=True, slots=True)
class Step:
    """A sub-condition and what it gave. Without ``parts``, ``reads`` are the values that it rests on."""

    text: str
    result: Result
    parts: tuple[Step, ...] = ()
    reads: tuple[Read, ...] = ()
    element: str = ""
    """The element of a collection that it was asked of: ``p is read replica``."""
    omitted: int = 0
    """Parts that say the same and are not shown."""

    @property
    def truth(self) -> Truth:
        """The truth of the step; an error is UNKNOWN."""
        return Truth.TRUE if self.result is True else Truth.FALSE if self.result is False else Truth.UNKNOWN


def derive(program: Program, scope: Scope) -> Step:
    """Return the derivation of a condition over a scope. Raises nothing, changes nothing."""
    return _step(Compiler(program.text, program.types, True), program.node, dict(scope))


def _step(compiler: Compiler, node: Node, scope: Scope, element: str = "") -> Step:
    reads: list[Read] = []
    result = compiler.build(node)({**scope, READS: reads})
    text = " ".join(compiler.source(node).split())
    match node:
        case Logic(operator, operands):
            steps = [_step(compiler, each, scope) for each in operands]
            parts = _deciding(steps, result, decisive=operator == "||")
        case Unary("!", operand):
            parts = [_step(compiler, operand, scope)]
        case Conditional(condition, then, otherwise):
            first = _step(compiler, condition, scope)
            taken = (then,) if first.result is True else (otherwise,) if first.result is False else (then, otherwise)
            parts = [first, *(_step(compiler, each, scope) for each in taken)]
        case Comprehension(kind="exists" | "all"):
            parts = _deciding(_elements(compiler, node, scope), result, decisive=node.kind == "exists")
        case _:
            parts = []
    return Step(text, result, tuple(parts[:MOST]), () if parts else distinct(reads), element, max(len(parts) - MOST, 0))


def _elements(compiler: Compiler, node: Comprehension, scope: Scope) -> list[Step]:
    """Return a step for each element that may be there, and one for those that nobody knows of."""
    plain = Compiler(compiler.text, compiler.types, False)
    pool = ranged(plain.build(node.source)(dict(scope)), node, dict(scope))
    if not isinstance(pool, Members):
        return []
    source = " ".join(compiler.source(node.source).split())
    steps = []
    for member in pool.elements:
        if member.presence is Truth.FALSE:
            continue
        step = _step(compiler, node.body, {**scope, node.variable: member.value}, f"{node.variable} is {name_of(member.value)}")
        said = weighed(member, step.result, node.kind == "exists")
        if said is not step.result:
            why = member.why or MEMBERSHIP
            step = Step(step.text, said, (), (Read(source, why),), f"{step.element}, which may not be there")
        steps.append(step)
    if pool.rest is not None:
        steps.append(Step(source, pool.rest, (), (Read(source, pool.rest),), f"more of {source} than is known"))
    return steps


def _deciding(steps: list[Step], result: Result, *, decisive: bool) -> list[Step]:
    """Return the steps that made the result what it is: one that decided, all that are not known, or else every one."""
    if result is decisive:
        return [each for each in steps if each.result is decisive][:1]
    if isinstance(result, Unknown):
        return [each for each in steps if isinstance(each.result, Unknown)]
    return [each for each in steps if each.result is not True] or steps if result is not True else steps


def name_of(value: Any) -> str:
    """Return what people call an element of the estate: its name, else what it is of; a plain value as it stands."""
    if isinstance(value, Known):
        value = value.value
    if isinstance(value, (str, int, float, date, Duration, Range)):
        return str(value)
    named = (getattr(value, attribute, None) for attribute in ("name", "service", "disruption", "id"))
    return next((each for each in named if isinstance(each, str)), type(value).__name__.lower())
