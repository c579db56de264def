"""Policies compiled against the subjects' types: every mistake is found when a policy is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
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


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy ready to be evaluated."""

    document: PolicyDocument
    subjects: str
    """The estate's list of its subjects."""
    when: Program
    assertion: Program
    severity: tuple[tuple[Severity, Program | None], ...]
    message: Message
    params: Object


def compile_policy(document: PolicyDocument, overrides: Mapping[str, Any] | None = None) -> CompiledPolicy | list[Diagnostic]:
    """Type-check and compile; every problem is a diagnostic at its place in the policy."""
    if document.subject not in SUBJECTS:
        near = get_close_matches(document.subject, SUBJECTS, 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; one of {', '.join(SUBJECTS)}"
        return [_diagnostic(document, "spec.subject", f"no subject {document.subject!r}{hint}")]
    unknown = set(overrides or ()) - set(document.params)
    if unknown:
        return [_diagnostic(document, "spec.params", f"{document.id} has no parameter {sorted(unknown)[0]!r}")]
    record, subjects = SUBJECTS[document.subject]
    environment = _environment(document.subject)
    problems: list[Diagnostic] = []

    def program(text: str, part: str, given: frozenset[str] = frozenset()) -> Program | None:
        compiled = _condition(text, document.subject, given)
        if isinstance(compiled, Program):
            return compiled
        problems.extend(_located(document, part, problem) for problem in compiled)
        return None

    when = program(document.when, "spec.when")
    assertion = program(document.assertion, "spec.assert", when.facts if when is not None else frozenset())
    severity = [
        (case.severity, program(case.when, f"spec.severity[{number}].when") if case.when else None)
        for number, case in enumerate(document.severity)
    ]
    problems.extend(
        _diagnostic(document, "spec.locate", f"{document.id}: spec.locate: {problem}")
        for path in document.locate
        if (problem := path_problem(record, path))
    )
    message = compile_message(document.message, environment)
    if not isinstance(message, Message):
        problems.extend(_located(document, "spec.message", problem) for problem in message)
    elif when is not None and assertion is not None and not problems:
        return CompiledPolicy(
            document,
            subjects,
            when,
            assertion,
            tuple(severity),
            message,
            _parameters({**document.params, **(overrides or {})}, document),
        )
    return problems


def _environment(subject: str) -> dict[str, Type]:
    return {"self": record_type(SUBJECTS[subject][0]), "params": DYN}


@cache
def _condition(text: str, subject: str, given: frozenset[str]) -> Program | tuple[CelProblem, ...]:
    """Compile a condition. The conditions of severities recur from policy to policy: each is compiled once per subject."""
    compiled = compile_expression(text, _environment(subject), BOOL, given)
    return compiled if isinstance(compiled, Program) else tuple(compiled)


def _parameters(values: Mapping[str, Any], document: PolicyDocument) -> Object:
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
