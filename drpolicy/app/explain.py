"""Explain a policy, a finding by its fingerprint, everything that is said of a line or a resource, or what is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from drpolicy.app.check import assemble
from drpolicy.app.derivation_text import derivation_lines
from drpolicy.app.explain_subject import names, of_subject, subject_lines
from drpolicy.app.explain_unknown import open_questions, unknown_lines
from drpolicy.app.judging import context_of
from drpolicy.app.parity import beside
from drpolicy.app.policies import load_policies
from drpolicy.app.policy_page import page
from drpolicy.app.reading import Read, read
from drpolicy.app.settings import Settings
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.records import dataclass
from drpolicy.model.report import Report
from drpolicy.model.symbols import told
from drpolicy.policy.builtin import built_in_policies
from drpolicy.policy.compiled import CompiledPolicy
from drpolicy.policy.context import Context
from drpolicy.policy.derivations import derivation_of
from drpolicy.recovery.build import build_estate

TAKEN: Final = (
    "give a policy, a fingerprint, FILE:LINE, an address or a name (aws_db_instance.orders), what is not known (var.region), "
    "or the id of another tool's check (CKV_AWS_133)"
)
"""What may be asked for."""


class NotFound(Exception):
    """Nothing of that name; the message says what there is."""


@dataclass(frozen=True, slots=True)
class _Line:
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class _Explained:
    """A report, and what its findings were derived from."""

    report: Report
    policies: tuple[CompiledPolicy, ...]
    estate: Estate
    context: Context


def explain(what: str, settings: Callable[[], Settings]) -> str:
    """Return the explanation. Only a finding, a line or an unknown makes it read anything. Raises NotFound."""
    by_id = {document.id: document for document in built_in_policies()}
    if what in by_id:
        return page(by_id[what])
    known = beside(what)
    if known is not None:
        return known
    place = _place(what)
    wanted = settings()
    found = read(wanted)
    explained = _explained(wanted, found)
    found.remembered.keep()
    findings = explained.report.findings
    if place is not None:
        touched = [finding for finding in findings if _touches(finding, place)]
        if not touched:
            raise NotFound(f"nothing is said of {what}")
        return "\n\n".join("\n".join(_finding(finding, explained)) for finding in touched)
    matching = [finding for finding in explained.report.every() if finding.fingerprint.startswith(what)]
    if len(matching) == 1:
        return "\n".join(_finding(matching[0], explained))
    questions = open_questions(what, findings) if what else []
    if questions:
        return "\n\n".join("\n".join(unknown_lines(each, explained.report.var_files)) for each in questions)
    every = tuple(explained.report.every())
    subjects = of_subject(what, every) if what else []
    if subjects:
        return "\n\n".join("\n".join(subject_lines(each)) for each in subjects)
    if matching:
        raise NotFound(f"{len(matching)} findings begin with {what!r}")
    raise NotFound(f"nothing here is called {what!r}; {_hint(what, by_id, names(every))}")


def _hint(what: str, policies: Iterable[str], addresses: Sequence[str]) -> str:
    near = get_close_matches(what, policies, 1)
    if near:
        return f"did you mean the policy {near[0]!r}?"
    like = get_close_matches(what, addresses, 1)
    return f"did you mean {like[0]!r}?" if like else TAKEN


def _explained(settings: Settings, found: Read) -> _Explained:
    policies = load_policies(found.tree, found.configuration, found.base, found.remembered.documents, settings.profile)
    estate = build_estate(found.inputs, built_in_catalog(), settings.as_of)
    return _Explained(assemble(settings, found), policies.compiled, estate, context_of(settings, found, policies))


def _place(what: str) -> _Line | None:
    path, separator, line = what.rpartition(":")
    return _Line(path, int(line)) if separator and line.isdecimal() else None


def _touches(finding: Finding, place: _Line) -> bool:
    spans = [finding.span, *(evidence.span for evidence in finding.evidence if evidence.span is not None)]
    named = [span for span in spans if span.path == place.path or span.path.endswith("/" + place.path)]
    return any(span.start.line <= place.line <= span.end.line for span in named)


def _finding(finding: Finding, explained: _Explained) -> Iterator[str]:
    facts = explained.report.policies[finding.policy]
    yield f"{finding.verdict.value.upper()}  {finding.policy}  {finding.severity}  {finding.span}"
    yield f"  {finding.message}"
    yield f"  subject: {finding.subject.kind} {finding.subject.address} of {finding.subject.deployment or 'this repository'}"
    if finding.evidence:
        yield "  because"
        for evidence in finding.evidence:
            yield f"    {evidence.text} [{evidence.grade}]" + (f"  {evidence.span}" if evidence.span else "")
    if finding.verdict is not Verdict.NOT_APPLICABLE or not finding.message.startswith("switched off"):
        derivation = derivation_of(finding, explained.policies, explained.estate, explained.context)
        if derivation is not None:
            yield "  how it was decided"
            yield from (f"    {line}" for line in derivation_lines(derivation))
    if finding.unknowns:
        yield "  not known"
        for question in finding.unknowns:
            yield f"    {told(question.unknown)}" + (f"  {question.span}" if question.span else "")
            yield f"      settle it: {question.unknown.reason.settle}"
    if finding.waiver is not None:
        yield f"  waived until {finding.waiver.until} by {finding.waiver.owner or 'nobody named'}: {finding.waiver.reason}"
    if finding.baseline is not None:
        yield f"  in the baseline since {finding.baseline.since}"
    yield f"  why: {facts.why}"
    yield "  what to do"
    yield from (f"    {line}" for line in (finding.remedy or facts.remediation).splitlines())
    yield f"  fingerprint {finding.fingerprint}"
