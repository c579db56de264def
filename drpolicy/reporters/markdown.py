"""The report as Markdown: for a pull request comment, a CI step summary, or a file beside an audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from drpolicy.model.findings import Evidence, Finding, Verdict
from drpolicy.model.report import Report
from drpolicy.reporters import controls, sentences
from drpolicy.reporters.checklist import markdown_blocks
from drpolicy.reporters.inert import code, fenced, inert
from drpolicy.reporters.languages import Translate, translator
from drpolicy.reporters.markdown_blocks import at, folded, items, table, where
from drpolicy.reporters.markdown_recovery import changes, recovery
from drpolicy.reporters.modules import by_source
from drpolicy.reporters.printable import place
from drpolicy.reporters.questions import Question, questions, settled_by
from drpolicy.reporters.remedies import remedy_parts
from drpolicy.reporters.sections import Cause, baselined, brought, failures_by_service, telling, waived, with_verdict

MARKER: Final = "<!-- drpolicy -->"
"""The first line, by which a comment of an earlier run is found and replaced."""

SIZE_LIMIT: Final = 64_000
"""Bytes; GitHub refuses a comment of more than 65,536 characters ("body is too long"), GitLab one of more than a million."""

_LOUD: Final = ("critical", "high", "medium")
"""Severities whose failures are written out; the others are folded away."""
_OTHERS: Final = 8


def render(report: Report, language: str = "en") -> bytes:
    """Return the Markdown as UTF-8, its fixed texts in a language, cut between blocks at ``SIZE_LIMIT`` with a note that it is."""
    translate = translator(language)
    kept: list[bytes] = []
    size = 0
    for block in _blocks(report, language, translate):
        encoded = (block + "\n\n").encode("utf-8", "replace")
        size += len(encoded)
        if size > SIZE_LIMIT:
            kept.append((translate("The report goes on; the JSON and HTML reports have all of it.") + "\n").encode())
            break
        kept.append(encoded)
    return b"".join(kept).rstrip(b"\n") + b"\n"


def _blocks(report: Report, language: str, translate: Translate) -> Iterator[str]:
    yield MARKER
    yield f"## drpolicy: {translate('gate {outcome}').format(outcome=translate(report.gate.outcome))}"
    yield f"**{' · '.join(sentences.summary(report, translate))}**"
    yield inert(sentences.gate(report, translate))
    nothing = sentences.nothing_held(report, translate)
    if nothing is not None:
        yield f"**{inert(nothing)}**"
    yield from changes(report, translate)
    gaps = sentences.not_covered(report, translate)
    if gaps:
        yield f"**{translate('Not covered')}:** {inert('; '.join(gaps))}"
    yield from recovery(report, translate)
    if report.checklist:
        yield from markdown_blocks(report.checklist, language)
    yield from _failures(report, translate)
    yield from _questions(report, translate)
    yield from _waived(report, translate)
    yield from _baselined(report, translate)
    yield from _diagnostics(report, translate)
    yield from _scope(report, translate)
    yield from _controls(report, translate)
    yield from _passed(report, translate)


def _scope(report: Report, translate: Translate) -> Iterator[str]:
    run = report.run
    modules = report.coverage.modules
    commit = code(sentences.state_of_tree(report, translate))
    lines = [
        inert(sentences.read(report, translate)),
        translate("Commit: {commit}, as of {day}, drpolicy {version}").format(
            commit=commit, day=code(run.as_of), version=code(run.version)
        ),
        translate("Policies {policies}, configuration {configuration}").format(
            policies=code(run.policy_digest), configuration=code(run.config_digest)
        ),
        *(f"{translate('Inferred')}: {inert(each.text)}" for each in report.coverage.inferred),
        *_modules(translate("Module not on disk"), modules.get("unresolved", ()), translate),
        *_modules(translate("Module read from its documented interface"), modules.get("stubbed", ()), translate),
    ]
    yield folded(translate("Scope"), items(lines))


def _modules(said: str, entries: Iterable[str], translate: Translate) -> Iterator[str]:
    return (f"{said}: {code(each.source)} ({sentences.number(each.calls, 'call', None, translate)})" for each in by_source(entries))


def _failures(report: Report, translate: Translate) -> Iterator[str]:
    yield f"### {translate('Failures') if report.comparison is None else translate('Failures that this change brings')}"
    shown = brought(report)
    sections = failures_by_service(shown)
    if not sections and report.comparison is not None:
        yield translate("None. What failed before and fails still is in the other reports.")
    elif not sections and sentences.by_calendar(shown) is None:
        policies = sentences.number(report.coverage.policies, "policy", "policies", translate)
        yield translate("None of {policies} failed on what was read and decided.").format(policies=policies)
    for section in sections:
        yield f"#### {code(section.service.name) if section.service is not None else translate('Not tied to a declared service')}"
        for cause in section.causes:
            if cause.finding.severity in _LOUD:
                yield from _cause(cause, report, translate)
        quiet = [cause for cause in section.causes if cause.finding.severity not in _LOUD]
        if quiet:
            severities = translate(" and ").join(dict.fromkeys(translate(cause.finding.severity) for cause in quiet))
            title = translate("{causes} of severity {severities}")
            causes = sentences.number(len(quiet), "cause", None, translate)
            listed = items(f"{_heading(each.finding, translate)}{_also(each, translate)}" for each in quiet)
            yield folded(title.format(causes=causes, severities=severities), listed)
    calendar = sentences.by_calendar(shown, translate)
    if calendar is not None:
        yield inert(calendar)


def _heading(finding: Finding, translate: Translate) -> str:
    where_it_is = f"{code(finding.policy)} {translate('at')} {at(finding.span)}"
    return f"**{translate(finding.severity)}** {where_it_is}: {inert(finding.message)}"


def _cause(cause: Cause, report: Report, translate: Translate) -> Iterator[str]:
    finding = cause.finding
    yield _heading(finding, translate)
    notes = [f"{translate('because')} {inert(each.text)}{where(each.span)}{_grade(each, translate)}" for each in telling(finding)]
    if cause.others:
        notes.append(_also(cause, translate).removeprefix("; "))
    if notes:
        yield items(notes)
    policy = report.policies.get(finding.policy)
    label = f"**{translate('Fix')}:** "
    for part in remedy_parts(finding.remedy or (policy.remediation if policy is not None else "")):
        yield f"{label.strip()}\n{fenced(part.text)}".lstrip("\n") if part.code else f"{label}{inert(part.text)}"
        label = ""


def _grade(evidence: Evidence, translate: Translate) -> str:
    return "" if evidence.grade == "declared" else f" ({translate(evidence.grade)})"


def _also(cause: Cause, translate: Translate) -> str:
    said = ""
    for label, others in ((translate("also breaks"), cause.elsewhere), (translate("also here"), cause.here)):
        names = list(dict.fromkeys(f"{code(each.policy)} ({code(each.subject.name)})" for each in others))
        more = f" {translate('and {count} more').format(count=len(names) - _OTHERS)}" if len(names) > _OTHERS else ""
        said += f"; {label} {', '.join(names[:_OTHERS])}{more}" if names else ""
    return said


def _questions(report: Report, translate: Translate) -> Iterator[str]:
    asked = questions(report)
    if asked:
        inside = translate("in")
        yield f"### {translate('Not known, and how to settle it')}"
        rows = [
            (
                _waiting(each, translate),
                f"{code(each.what)}{f' {inside} {code(each.where)}' if each.where else ''}{where(each.span)}",
                inert(translate(each.reason)),
                inert(settled_by(each, translate)),
            )
            for each in asked
        ]
        yield table((translate("Waiting"), translate("What"), translate("Why"), translate("Settle it by")), rows)


def _waiting(question: Question, translate: Translate) -> str:
    verdicts = sentences.number(len(question.findings), "verdict", None, translate)
    policies = sentences.number(question.policies, "policy", "policies", translate)
    return f"{verdicts} {translate('of {policies}').format(policies=policies)}"


def _waived(report: Report, translate: Translate) -> Iterator[str]:
    rows = [
        (code(each.policy), code(each.subject.name), inert(each.waiver.until), inert(each.waiver.owner), inert(each.waiver.reason))
        for each in waived(report)
        if each.waiver is not None
    ]
    if rows:
        yield f"### {translate('Waivers')}"
        yield table((translate("Policy"), translate("Subject"), translate("Until"), translate("Owner"), translate("Reason")), rows)


def _baselined(report: Report, translate: Translate) -> Iterator[str]:
    lines = [
        f"**{translate(each.severity)}** {code(each.policy)} ({code(each.subject.name)}) {translate('at')} {at(each.span)}, "
        + translate("since {day}").format(day=inert(each.baseline.since))
        for each in baselined(report)
        if each.baseline is not None
    ]
    if lines:
        yield folded(sentences.number(len(lines), "in the baseline", "in the baseline", translate), items(lines))


def _controls(report: Report, translate: Translate) -> Iterator[str]:
    found = controls.controls(report, translate)
    if found:
        said = translate("A control asks for more than configuration can show; this is evidence for an assessor, not a judgement.")
        yield folded(translate("Control evidence"), f"{said}\n\n{items(inert(controls.sentence(each, translate)) for each in found)}")


def _diagnostics(report: Report, translate: Translate) -> Iterator[str]:
    if report.diagnostics:
        yield f"### {translate('Diagnostics')}"
        yield items(
            f"**{translate(each.level)}** {code(place(each.span) if each.span is not None else each.path)}: {inert(each.message)}"
            for each in report.diagnostics
        )


def _passed(report: Report, translate: Translate) -> Iterator[str]:
    tally = Counter(finding.policy for finding in with_verdict(report, Verdict.PASS))
    if tally:
        lines = items(f"{code(policy)} {count:,}" for policy, count in sorted(tally.items()))
        yield folded(sentences.number(tally.total(), "pass", "passes", translate), lines)
