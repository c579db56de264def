"""What is not known: where it stands, what to write or run, and which verdicts that would settle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from drpolicy.model.findings import Finding, OpenQuestion
from drpolicy.model.patterns import deferred
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.policy.evidence import plain_symbol

_MOST = 12
_VARIABLE = deferred(r"var\.(?P<name>[A-Za-z_][\w-]*)")


@dataclass(frozen=True, slots=True)
class Question:
    """One unknown, and the findings that wait for it."""

    asked: OpenQuestion
    deployment: str
    root: str
    findings: tuple[Finding, ...]


def open_questions(what: str, findings: Sequence[Finding]) -> list[Question]:
    """Return the unknowns of a name, with or without their deployment, those that most verdicts wait for first."""
    asked: dict[str, tuple[OpenQuestion, list[Finding]]] = {}
    for finding in findings:
        for question in finding.unknowns:
            if what in (question.what, plain_symbol(question.what)):
                asked.setdefault(question.what, (question, []))[1].append(finding)
    found = [Question(question, each[0].subject.deployment, each[0].subject.root, tuple(each)) for question, each in asked.values()]
    return sorted(found, key=lambda each: (-len(each.findings), each.asked.what))


def unknown_lines(question: Question, var_files: Mapping[str, str]) -> Iterator[str]:
    """Yield what is to be known of an unknown."""
    unknown = question.asked.unknown
    yield f"{plain_symbol(question.asked.what)} of {question.deployment or 'this repository'}: {unknown.reason.label}"
    if question.asked.span is not None:
        yield f"  {question.asked.span}"
    yield f"  settle it: {unknown.reason.settle}"
    yield from (f"    {line}" for line in _commands(question, var_files.get(unknown.symbol)))
    yield f"  {len(question.findings)} {'verdict waits' if len(question.findings) == 1 else 'verdicts wait'} for it"
    for finding in question.findings[:_MOST]:
        yield f"    {finding.policy}  {finding.subject.address}  {finding.fingerprint}"
    if len(question.findings) > _MOST:
        yield f"    … and {len(question.findings) - _MOST} more"


def _commands(question: Question, file: str | None) -> Iterator[str]:
    """Yield what to type, where that can be said."""
    symbol = plain_symbol(question.asked.what)
    match question.asked.unknown.reason:
        case Reason.VARIABLE_NOT_SET if variable := _VARIABLE.match(symbol):
            yield f"drpolicy check --var-file {file}, which sets it" if file else f"drpolicy check --var '{variable['name']}=…'"
            yield f"or in drpolicy.yaml: deployments: [{{path: {question.root or '.'}, varFiles: [{file or '<file>.tfvars'}]}}]"
        case Reason.MODULE_NOT_ON_DISK if question.root:
            yield f"terraform -chdir={question.root} init -backend=false"
        case Reason.OUTSIDE_SCOPE if symbol.endswith(".region"):
            yield "in drpolicy.yaml: defaults: {region: <region>}"
        case _:
            return
