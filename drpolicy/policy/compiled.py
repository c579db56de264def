"""Policies compiled against the subjects' types: every mistake is found when a policy is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache, cached_property
from typing import Any

from drpolicy.cel import CelProblem, Message, Program, Type, compile_expression, compile_message, record_type
from drpolicy.cel.types import BOOL, DYN
from drpolicy.model.durations import parse_duration
from drpolicy.model.estate import SUBJECTS
from drpolicy.model.findings import Diagnostic, Severity
from drpolicy.model.provenance import Default
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.values import Known, Object, members
from drpolicy.policy.documents import PolicyDocument
from drpolicy.policy.places import path_problem


@dataclass(frozen=True, eq=False)
class CompiledPolicy:
    """A policy ready to be evaluated. Its conditions are compiled when they are first asked: few runs have subjects for all."""

    document: PolicyDocument
    subjects: str
    """The estate's list of its subjects."""
    params: Object

    @cached_property
    def when(self) -> Program:
        return self._program(self.document.when)

    @cached_property
    def assertion(self) -> Program:
        return self._program(self.document.assertion, self.when.facts)

    @cached_property
    def severity(self) -> tuple[tuple[Severity, Program | None], ...]:
        return tuple((case.severity, self._program(case.when) if case.when else None) for case in self.document.severity)

    @cached_property
    def message(self) -> Message:
        message = compile_message(self.document.message, _environment(self.document.subject))
        assert isinstance(message, Message), message
        return message

    def _program(self, text: str, given: frozenset[str] = frozenset()) -> Program:
        program = _condition(text, self.document.subject, given)
        assert isinstance(program, Program), program
        return program


def compile_policy(document: PolicyDocument, overrides: Mapping[str, Any] | None = None) -> CompiledPolicy | list[Diagnostic]:
    """Type-check a policy; every problem is a diagnostic at its place in the policy."""
    if document.subject not in SUBJECTS:
        near = get_close_matches(document.subject, SUBJECTS, 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; one of {', '.join(SUBJECTS)}"
        return [_diagnostic(document, "spec.subject", f"no subject {document.subject!r}{hint}")]
    problems = list(_problems(document))
    return problems or compile_checked(document, overrides)


def compile_checked(document: PolicyDocument, overrides: Mapping[str, Any] | None = None) -> CompiledPolicy | list[Diagnostic]:
    """Return a policy that was checked before, as all that are shipped were; only the parameters that are set can be wrong."""
    unknown = set(overrides or ()) - set(document.params)
    if unknown:
        return [_diagnostic(document, "spec.params", f"{document.id} has no parameter {sorted(unknown)[0]!r}")]
    return CompiledPolicy(document, SUBJECTS[document.subject][1], parameters({**document.params, **(overrides or {})}, document))


def _problems(document: PolicyDocument) -> Iterator[Diagnostic]:
    record, _ = SUBJECTS[document.subject]
    when = _condition(document.when, document.subject, frozenset())
    facts = when.facts if isinstance(when, Program) else frozenset()
    yield from _faults(document, "spec.when", when)
    yield from _faults(document, "spec.assert", _condition(document.assertion, document.subject, facts))
    for number, case in enumerate(document.severity):
        if case.when:
            yield from _faults(document, f"spec.severity[{number}].when", _condition(case.when, document.subject, frozenset()))
    for path in document.locate:
        if problem := path_problem(record, path):
            yield _diagnostic(document, "spec.locate", f"{document.id}: spec.locate: {problem}")
    message = compile_message(document.message, _environment(document.subject))
    if not isinstance(message, Message):
        yield from _faults(document, "spec.message", tuple(message))


def _faults(document: PolicyDocument, part: str, compiled: Program | tuple[CelProblem, ...]) -> Iterator[Diagnostic]:
    if not isinstance(compiled, Program):
        yield from (_located(document, part, problem) for problem in compiled)


def _environment(subject: str) -> dict[str, Type]:
    return {"self": record_type(SUBJECTS[subject][0]), "params": DYN}


@cache
def _condition(text: str, subject: str, given: frozenset[str]) -> Program | tuple[CelProblem, ...]:
    """Compile a condition. The conditions of severities recur from policy to policy: each is compiled once per subject."""
    compiled = compile_expression(text, _environment(subject), BOOL, given)
    return compiled if isinstance(compiled, Program) else tuple(compiled)


def parameters(values: Mapping[str, Any], document: PolicyDocument) -> Object:
    """Return parameters as conditions read them: a text that is a duration is one."""
    return Object({name: Known(_parameter(value), Default(f"{name} = {value}", f"policy {document.id}")) for name, value in values.items()})


def _parameter(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueError:
            return value
    if isinstance(value, (list, tuple)):
        return members([Known(_parameter(each), Default(str(each), "policy parameter")) for each in value])
    return value


def _located(document: PolicyDocument, part: str, problem: CelProblem) -> Diagnostic:
    hint = f"; did you mean {problem.suggestion!r}?" if problem.suggestion and problem.suggestion not in problem.message else ""
    span = document.spans.get(part)
    if span is not None and span.text.find("\n") < 0:
        quoted = 1 if span.text[:1] in "\"'" else 0
        span = Span(span.source, span.offset + quoted + problem.start, span.offset + quoted + max(problem.end, problem.start + 1))
    return _diagnostic(document, part, f"{document.id}: {part}: {problem.message}{hint}", span)


def _diagnostic(document: PolicyDocument, part: str, message: str, span: Span | None = None) -> Diagnostic:
    return Diagnostic("error", "policy-invalid", message, span or document.spans.get(part), f"policy {document.id}", "invalid")
