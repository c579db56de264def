"""The report as Markdown: for a pull request comment, a CI step summary, or a file beside an audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
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
from drpolicy.reporters.remedies import remedy_parts
from drpolicy.reporters.sections import Cause, baselined, brought, failures_by_service, questions, telling, waived, with_verdict

MARKER: Final = "<!-- drpolicy -->"
"""The first line, by which a comment of an earlier run is found and replaced."""

SIZE_LIMIT: Final = 64_000
"""Bytes; GitHub refuses a comment of more than 65,536 characters ("body is too long"), GitLab one of more than a million."""

_LOUD: Final = ("critical", "high", "medium")
"""Severities whose failures are written out; the others are folded away."""
_OTHERS: Final = 8


def render(report: Report, language: str = "en") -> bytes:
    """Return the Markdown as UTF-8, its headings in a language, cut between blocks at ``SIZE_LIMIT`` with a note that it is."""
    kept: list[bytes] = []
    size = 0
    for block in _blocks(report, language):
        encoded = (block + "\n\n").encode("utf-8", "replace")
        size += len(encoded)
        if size > SIZE_LIMIT:
            kept.append(b"The report goes on; the JSON and HTML reports have all of it.\n")
            break
        kept.append(encoded)
    return b"".join(kept).rstrip(b"\n") + b"\n"


def _blocks(report: Report, language: str) -> Iterator[str]:
    translate = translator(language)
    yield MARKER
    yield f"## drpolicy: gate {report.gate.outcome}"
    yield f"**{' · '.join(sentences.summary(report))}**"
    yield inert(sentences.gate(report))
    nothing = sentences.nothing_held(report)
    if nothing is not None:
        yield f"**{inert(nothing)}**"
    yield from changes(report)
    gaps = sentences.not_covered(report)
    if gaps:
        yield f"**{translate('Not covered')}:** {inert('; '.join(gaps))}"
    yield from recovery(report, translate)
    if report.checklist:
        yield from markdown_blocks(report.checklist, language)
    yield from _failures(report, translate)
    yield from _questions(report, translate)
    yield from _waived(report, translate)
    yield from _baselined(report)
    yield from _diagnostics(report, translate)
    yield from _scope(report, translate)
    yield from _controls(report, translate)
    yield from _passed(report)


def _scope(report: Report, translate: Translate) -> Iterator[str]:
    run = report.run
    lines = [
        inert(sentences.read(report)),
        f"Commit: {code(sentences.state_of_tree(report))}, as of {code(run.as_of)}, drpolicy {code(run.version)}",
        f"Policies {code(run.policy_digest)}, configuration {code(run.config_digest)}",
        *(f"Inferred: {inert(each.text)}" for each in report.coverage.inferred),
        *(
            f"Module not on disk: {code(each.source)} ({sentences.number(each.calls, 'call')})"
            for each in by_source(report.coverage.modules.get("unresolved", ()))
        ),
        *(
            f"Module read from its documented interface: {code(each.source)} ({sentences.number(each.calls, 'call')})"
            for each in by_source(report.coverage.modules.get("stubbed", ()))
        ),
    ]
    yield folded(translate("Scope"), items(lines))


def _failures(report: Report, translate: Translate) -> Iterator[str]:
    yield f"### {translate('Failures') if report.comparison is None else translate('Failures that this change brings')}"
    sections = failures_by_service(brought(report))
    if not sections and report.comparison is not None:
        yield "None. What failed before and fails still is in the other reports."
    elif not sections:
        yield f"None of {sentences.number(report.coverage.policies, 'policy', 'policies')} failed on what was read and decided."
    for section in sections:
        yield f"#### {code(section.service.name) if section.service is not None else translate('Not tied to a declared service')}"
        for cause in section.causes:
            if cause.finding.severity in _LOUD:
                yield from _cause(cause, report, translate)
        quiet = [cause for cause in section.causes if cause.finding.severity not in _LOUD]
        if quiet:
            severities = " and ".join(dict.fromkeys(cause.finding.severity for cause in quiet))
            title = sentences.number(len(quiet), f"cause of severity {severities}", f"causes of severity {severities}")
            yield folded(title, items(f"{_heading(each.finding)}{_also(each)}" for each in quiet))


def _heading(finding: Finding) -> str:
    return f"**{finding.severity}** {code(finding.policy)} at {at(finding.span)}: {inert(finding.message)}"


def _cause(cause: Cause, report: Report, translate: Translate) -> Iterator[str]:
    finding = cause.finding
    yield _heading(finding)
    notes = [f"because {inert(each.text)}{where(each.span)}{_grade(each)}" for each in telling(finding)]
    if cause.others:
        notes.append(_also(cause).removeprefix("; "))
    if notes:
        yield items(notes)
    policy = report.policies.get(finding.policy)
    label = f"**{translate('Fix')}:** "
    for part in remedy_parts(finding.remedy or (policy.remediation if policy is not None else "")):
        yield f"{label.strip()}\n{fenced(part.text)}".lstrip("\n") if part.code else f"{label}{inert(part.text)}"
        label = ""


def _grade(evidence: Evidence) -> str:
    return "" if evidence.grade == "declared" else f" ({evidence.grade})"


def _also(cause: Cause) -> str:
    said = ""
    for label, others in (("also breaks", cause.elsewhere), ("also here", cause.here)):
        names = list(dict.fromkeys(f"{code(each.policy)} ({code(each.subject.name)})" for each in others))
        more = f" and {len(names) - _OTHERS} more" if len(names) > _OTHERS else ""
        said += f"; {label} {', '.join(names[:_OTHERS])}{more}" if names else ""
    return said


def _questions(report: Report, translate: Translate) -> Iterator[str]:
    asked = questions(report)
    if asked:
        yield f"### {translate('Not known, and how to settle it')}"
        rows = [
            (
                f"{sentences.number(len(each.findings), 'verdict')} of {sentences.number(each.policies, 'policy', 'policies')}",
                f"{code(each.what)}{f' in {code(each.where)}' if each.where else ''}{where(each.span)}",
                inert(each.reason),
                inert(each.settle),
            )
            for each in asked
        ]
        yield table((translate("Waiting"), translate("What"), translate("Why"), translate("Settle it by")), rows)


def _waived(report: Report, translate: Translate) -> Iterator[str]:
    rows = [
        (code(each.policy), code(each.subject.name), inert(each.waiver.until), inert(each.waiver.owner), inert(each.waiver.reason))
        for each in waived(report)
        if each.waiver is not None
    ]
    if rows:
        yield f"### {translate('Waivers')}"
        yield table((translate("Policy"), translate("Subject"), translate("Until"), translate("Owner"), translate("Reason")), rows)


def _baselined(report: Report) -> Iterator[str]:
    lines = [
        f"**{each.severity}** {code(each.policy)} ({code(each.subject.name)}) at {at(each.span)}, since {inert(each.baseline.since)}"
        for each in baselined(report)
        if each.baseline is not None
    ]
    if lines:
        yield folded(f"{len(lines):,} in the baseline", items(lines))


def _controls(report: Report, translate: Translate) -> Iterator[str]:
    found = controls.controls(report)
    if found:
        said = translate("A control asks for more than configuration can show; this is evidence for an assessor, not a judgement.")
        yield folded(translate("Control evidence"), f"{said}\n\n{items(inert(controls.sentence(each)) for each in found)}")


def _diagnostics(report: Report, translate: Translate) -> Iterator[str]:
    if report.diagnostics:
        yield f"### {translate('Diagnostics')}"
        yield items(
            f"**{each.level}** {code(place(each.span) if each.span is not None else each.path)}: {inert(each.message)}"
            for each in report.diagnostics
        )


def _passed(report: Report) -> Iterator[str]:
    tally = Counter(finding.policy for finding in with_verdict(report, Verdict.PASS))
    if tally:
        lines = items(f"{code(policy)} {count:,}" for policy, count in sorted(tally.items()))
        yield folded(sentences.number(tally.total(), "pass", "passes"), lines)
