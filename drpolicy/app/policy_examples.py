"""Run the examples that policies carry: input files in, verdict out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from drpolicy.app.demo import EXAMPLE_DATE
from drpolicy.app.reading import Read, read_tree
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Diagnostic, Finding, Verdict
from drpolicy.model.records import dataclass, replace
from drpolicy.policy.compiled import CompiledPolicy, compile_policy
from drpolicy.policy.context import Context
from drpolicy.policy.derivations import Derivation, derivation_of
from drpolicy.policy.documents import Example, PolicyDocument
from drpolicy.policy.engine import judge
from drpolicy.recovery.build import build_estate
from drpolicy.sources.history import SHALLOW, History
from drpolicy.sources.problems import Unreadable
from drpolicy.sources.trees import MemoryTree

_WORST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one example gave."""

    policy: str
    example: Example
    given: str
    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def good(self) -> bool:
        """Whether the verdict is the expected one, and every input could be read."""
        return self.given == self.example.expect and not any(each.level == "error" for each in self.diagnostics)


def run_examples(document: PolicyDocument) -> Iterator[Outcome]:
    """Yield the outcome of every example of a policy, in order."""
    compiled = compile_policy(document)
    for example in document.examples:
        if isinstance(compiled, CompiledPolicy):
            yield run_example(compiled, example)
        else:
            yield Outcome(document.id, example, "invalid policy", (), tuple(compiled))


def run_example(policy: CompiledPolicy, example: Example) -> Outcome:
    """Judge the files of an example. The verdict of several subjects is the worst one; of none, not applicable."""
    found, _, findings = _judged(policy, example)
    verdicts = {finding.verdict for finding in findings}
    given = next((verdict.value for verdict in _WORST if verdict in verdicts), Verdict.NOT_APPLICABLE.value)
    return Outcome(policy.document.id, example, given, tuple(findings), found.diagnostics)


def derivations(policy: CompiledPolicy, example: Example) -> Iterator[tuple[Finding, Derivation | None]]:
    """Yield the findings of an example with how each came about."""
    _, estate, findings = _judged(policy, example)
    for finding in findings:
        yield finding, derivation_of(finding, [policy], estate, _CONTEXT)


_CONTEXT = Context(trace_passes=True)


def _judged(policy: CompiledPolicy, example: Example) -> tuple[Read, Estate, list[Finding]]:
    found = read_tree(MemoryTree(example.files))
    inputs = replace(found.inputs, history=_history(example)) if example.changed or example.shallow else found.inputs
    estate = build_estate(inputs, built_in_catalog(), _day(example))
    judged = judge([policy], estate, _CONTEXT).every()
    return found, estate, [each for each in judged if example.subject in ("", each.subject.address, each.subject.name)]


def _history(example: Example) -> History | Unreadable:
    if example.shallow:
        return SHALLOW

    def ask(path: str) -> dict[int, date]:
        day = example.changed.get(path)
        return {number: date.fromisoformat(day) for number in range(1, example.files[path].count("\n") + 2)} if day else {}

    return History(ask)


def _day(example: Example) -> date:
    return date.fromisoformat(example.as_of or EXAMPLE_DATE)


def untested(document: PolicyDocument, outcomes: Mapping[str, int]) -> tuple[str, ...]:
    """Return the verdicts that no example of a policy shows, of those that every policy can give."""
    if document.observed_only:
        # Only an answer of live AWS gives these a subject: tests/aws judges them.
        return ()
    wanted = ["pass", "fail"]
    if document.when != "true":
        wanted.append("not_applicable")
    return tuple(verdict for verdict in wanted if not outcomes.get(verdict))
