"""What is not known: where it stands, what to write or run, and which verdicts that would settle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from drpolicy.model.findings import Finding, OpenQuestion
from drpolicy.model.patterns import deferred
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.symbols import deployment_of, named, plain_symbol

_MOST = 12
_VARIABLE = deferred(r"var\.(?P<name>[A-Za-z_][\w-]*)")


@dataclass(frozen=True, slots=True)
class Question:
    """One unknown, and the findings that wait for it."""

    asked: OpenQuestion
    deployment: str
    """The deployment that it is unknown in; the findings may be of others, which ask whether it protects them."""
    root: str
    findings: tuple[Finding, ...]


def open_questions(what: str, findings: Sequence[Finding]) -> list[Question]:
    """Return the unknowns of a name, with or without their deployment, those that most verdicts wait for first."""
    asked: dict[str, tuple[OpenQuestion, list[Finding]]] = {}
    for finding in findings:
        for question in finding.unknowns:
            if what in (question.what, plain_symbol(question.what), named(question.what)):
                asked.setdefault(question.what, (question, []))[1].append(finding)
    roots = {each.subject.deployment: each.subject.root for each in findings if each.subject.root}
    found = [_question(question, tuple(each), roots) for question, each in asked.values()]
    return sorted(found, key=lambda each: (-len(each.findings), each.asked.what))


def _question(asked: OpenQuestion, findings: tuple[Finding, ...], roots: Mapping[str, str]) -> Question:
    deployment = deployment_of(asked.what)
    return Question(asked, deployment, roots.get(deployment, deployment), findings)


def unknown_lines(question: Question, var_files: Mapping[str, str]) -> Iterator[str]:
    """Yield what is to be known of an unknown."""
    unknown = question.asked.unknown
    yield f"{named(question.asked.what)} of {question.deployment or 'this repository'}: {unknown.reason.label}"
    if question.asked.span is not None:
        yield f"  {question.asked.span}"
    yield f"  settle it: {unknown.reason.settle}"
    yield from (f"    {line}" for line in _commands(question, var_files.get(unknown.symbol)))
    waiting = f"{len(question.findings)} {'verdict waits' if len(question.findings) == 1 else 'verdicts wait'} for it"
    tally = Counter(each.subject.deployment for each in question.findings)
    apart = set(tally) != {question.deployment}
    # An unknown of one deployment may keep verdicts of others open, such as whether a backup plan in it selects a store of theirs.
    counted = ", ".join(f"{count} of {name or 'this repository'}" for name, count in tally.most_common())
    yield f"  {waiting}: {counted}" if apart else f"  {waiting}"
    for finding in question.findings[:_MOST]:
        subject = finding.subject
        address = f"{subject.deployment}//{subject.address}" if apart and subject.deployment else subject.address
        yield f"    {finding.policy}  {address}  {finding.fingerprint}"
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
