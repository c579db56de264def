"""Conditions: the one door to the language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from drpolicy.cel.check import check
from drpolicy.cel.compile import Compiler
from drpolicy.cel.guards import facts
from drpolicy.cel.parser import parse
from drpolicy.cel.results import NOTHING, CelError, Evaluator, Result
from drpolicy.cel.syntax import CelProblem, Comprehension, Logic, Node, children
from drpolicy.cel.text import to_text
from drpolicy.cel.trace import READS, Read, Trace, distinct
from drpolicy.cel.types import Type, describe, fits
from drpolicy.model.records import dataclass, field
from drpolicy.model.truth import Truth


@dataclass(frozen=True, eq=False)
class Program:
    """A condition that parsed and checked: its tree, its type, and evaluation over a scope.

    A scope holds a value per name of the environment. Evaluation raises nothing, changes nothing and always ends.
    """

    text: str
    node: Node
    type: Type
    types: dict[int, Type] = field(repr=False)
    whole: str = ""
    """Of a part: the text of the condition that it is of, which places are counted in."""

    @cached_property
    def _run(self) -> Evaluator:
        return Compiler(self.whole or self.text, self.types, False).build(self.node)

    @cached_property
    def _binds(self) -> bool:
        return any(isinstance(each, Comprehension) for each in _nodes(self.node))

    @cached_property
    def facts(self) -> frozenset[str]:
        """The selections that are certainly there wherever the condition is true."""
        return frozenset(facts(self.node))

    @cached_property
    def parts(self) -> tuple[Program, ...]:
        """The conditions of which all are true where this one is, each with a text of its own; itself where it has no parts."""
        match self.node:
            case Logic("&&", operands):
                return tuple(Program(to_text(each), each, self.type, self.types, self.text) for each in operands)
            case _:
                return (self,)

    @cached_property
    def asked(self) -> tuple[tuple[Program, str], ...]:
        """The parts, each with its text where nothing but ``self`` can decide it, so that one answer holds; else with none."""
        return tuple((part, "" if "params" in part.text else part.text) for part in self.parts)

    def evaluate(self, scope: Mapping[str, object]) -> Result:
        """Return a plain value, an Unknown or a CelError."""
        # A comprehension binds its variable in the scope, so it gets one of its own.
        result = self._run(dict(scope) if self._binds or type(scope) is not dict else scope)
        return CelError("nothing is given", self.node, True) if result is NOTHING else result

    def truth(self, scope: Mapping[str, object]) -> Truth:
        """Return the truth of a condition; an error is UNKNOWN."""
        result = self._run(dict(scope) if self._binds or type(scope) is not dict else scope)
        return Truth.TRUE if result is True else Truth.FALSE if result is False else Truth.UNKNOWN

    @cached_property
    def _record(self) -> Evaluator:
        return Compiler(self.whole or self.text, self.types, True).build(self.node)

    def trace(self, scope: Mapping[str, object]) -> Trace:
        """Evaluate again, and return the result with the leaf values that decided it."""
        reads: list[Read] = []
        own: dict[str, Any] = {**scope, READS: reads}
        result = self._record(own)
        return Trace(result, distinct(reads), result if isinstance(result, CelError) else None)


def compile_expression(
    text: str, environment: Mapping[str, Type], expect: Type | None = None, given: frozenset[str] = frozenset()
) -> Program | list[CelProblem]:
    """Parse and check a condition; return it, or every problem found. Raises nothing.

    ``expect`` is the type it must have. ``given`` are the ``facts`` of a condition known to hold where this one is asked:
    optional fields that need no ``has`` here.
    """
    node = parse(text)
    if isinstance(node, CelProblem):
        return [node]
    checked = check(node, environment, given)
    if checked.problems:
        return checked.problems
    type = checked.types[id(node)]
    if expect is not None and not fits(type, expect):
        return [CelProblem(f"expected {describe(expect)}, not {describe(type)}", node.start, node.end)]
    return Program(text, node, type, checked.types)


def _nodes(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children(node))
