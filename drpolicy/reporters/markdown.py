"""The report as Markdown: for a pull request comment, a CI step summary, or a file beside an audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from drpolicy.model.findings import Verdict
from drpolicy.model.report import Report
from drpolicy.model.spans import Span
from drpolicy.reporters import controls, sentences
from drpolicy.reporters.inert import code, fenced, inert
from drpolicy.reporters.objectives import Cell, State, recovery_table
from drpolicy.reporters.printable import place
from drpolicy.reporters.sections import Cause, failures_by_service, questions, waived, with_verdict

MARKER: Final = "<!-- drpolicy -->"
"""The first line, by which a comment of an earlier run is found and replaced."""

SIZE_LIMIT: Final = 900_000
"""Bytes; GitHub refuses a step summary beyond 1 MiB (GitHub "Workflow commands", 2026-11)."""

_STATES: Final[dict[State, str]] = {"met": "✓ met", "missed": "✗ **missed**", "open": "? not decided", "undeclared": "· no objective"}


def render(report: Report) -> bytes:
    """Return the Markdown as UTF-8, cut between blocks at ``SIZE_LIMIT`` with a note that it is."""
    kept: list[bytes] = []
    size = 0
    for block in _blocks(report):
        encoded = (block + "\n\n").encode("utf-8", "replace")
        size += len(encoded)
        if size > SIZE_LIMIT:
            kept.append(b"The report goes on; the JSON and HTML reports have all of it.\n")
            break
        kept.append(encoded)
    return b"".join(kept).rstrip(b"\n") + b"\n"


def _blocks(report: Report) -> Iterator[str]:
    yield MARKER
    yield f"## drpolicy: gate {report.gate.outcome}"
    yield f"**{' · '.join(sentences.summary(report))}**"
    yield inert(sentences.gate(report))
    nothing = sentences.nothing_held(report)
    if nothing is not None:
        yield f"**{inert(nothing)}**"
    yield from _scope(report)
    yield from _recovery(report)
    yield from _failures(report)
    yield from _questions(report)
    yield from _waived(report)
    yield from _controls(report)
    yield from _diagnostics(report)
    yield from _passed(report)


def _scope(report: Report) -> Iterator[str]:
    yield "### Scope"
    run = report.run
    lines = [
        inert(sentences.read(report)),
        f"Commit: {code(sentences.state_of_tree(report))}, as of {code(run.as_of)}, drpolicy {code(run.version)}",
        f"Policies {code(run.policy_digest)}, configuration {code(run.config_digest)}",
        *(f"Inferred: {inert(each.text)}" for each in report.coverage.inferred),
    ]
    gaps = sentences.not_covered(report)
    if gaps:
        lines.append(f"**Not covered:** {inert('; '.join(gaps))}")
    yield _items(lines)


def _recovery(report: Report) -> Iterator[str]:
    yield "### Services and disruptions"
    table = recovery_table(report)
    if not report.services:
        yield "No service is declared: nobody has said how much loss or downtime is acceptable."
        return
    rows = [
        (code(row.service.name), code(row.service.tier or ""), inert(disruption), _cell(pair.rpo), _cell(pair.rto))
        for row in table.rows
        for disruption, pair in zip(table.disruptions, row.pairs, strict=True)
        if pair is not None
    ]
    yield _table(("Service", "Tier", "Disruption", "RPO declared → achievable", "RTO declared → achievable"), rows)


def _cell(cell: Cell) -> str:
    reached = inert(cell.achievable)
    return f"{_STATES[cell.state]}: {inert(cell.declared)} → {reached}" if cell.declared else f"{_STATES[cell.state]}: {reached}"


def _failures(report: Report) -> Iterator[str]:
    yield "### Failures"
    sections = failures_by_service(report)
    if not sections:
        yield f"None of {sentences.number(report.coverage.policies, 'policy', 'policies')} failed on what was read and decided."
    for section in sections:
        yield f"#### {code(section.service.name) if section.service is not None else 'Not tied to a declared service'}"
        for cause in section.causes:
            yield from _cause(cause, report)


def _cause(cause: Cause, report: Report) -> Iterator[str]:
    finding = cause.finding
    yield f"**{finding.severity}** {code(finding.policy)} at {_at(finding.span)}: {inert(finding.message)}"
    notes = [f"because {inert(each.text)}{_where(each.span)} ({each.grade})" for each in finding.evidence]
    if cause.others:
        notes.append("also breaks " + ", ".join(dict.fromkeys(f"{code(each.policy)} ({code(each.subject.name)})" for each in cause.others)))
    if notes:
        yield _items(notes)
    policy = report.policies.get(finding.policy)
    written = finding.remedy or (policy.remediation if policy is not None else "")
    remedy = "\n".join(sentences.smallest_remedy(written)) if written else ""
    if remedy:
        yield fenced(remedy)


def _questions(report: Report) -> Iterator[str]:
    asked = questions(report)
    if asked:
        yield "### Not known, and how to settle it"
        rows = [
            (
                sentences.number(len(each.findings), "verdict"),
                f"{inert(each.what)}{_where(each.span)}",
                inert(each.reason),
                inert(each.settle),
            )
            for each in asked
        ]
        yield _table(("Waiting", "What", "Why", "Settle it by"), rows)


def _waived(report: Report) -> Iterator[str]:
    rows = [
        (code(each.policy), code(each.subject.name), inert(each.waiver.until), inert(each.waiver.owner), inert(each.waiver.reason))
        for each in waived(report)
        if each.waiver is not None
    ]
    if rows:
        yield "### Waivers"
        yield _table(("Policy", "Subject", "Until", "Owner", "Reason"), rows)


def _controls(report: Report) -> Iterator[str]:
    found = controls.controls(report)
    if found:
        yield "### Control evidence"
        yield "A control asks for more than configuration can show; this is evidence for an assessor, not a judgement."
        yield _items(inert(controls.sentence(each)) for each in found)


def _diagnostics(report: Report) -> Iterator[str]:
    if report.diagnostics:
        yield "### Diagnostics"
        yield _items(
            f"**{each.level}** {code(place(each.span) if each.span is not None else each.path)}: {inert(each.message)}"
            for each in report.diagnostics
        )


def _passed(report: Report) -> Iterator[str]:
    passed = list(with_verdict(report, Verdict.PASS))
    if passed:
        lines = _items(f"{code(each.policy)} {code(each.subject.name)} at {_at(each.span)}" for each in passed)
        yield f"<details>\n<summary>{sentences.number(len(passed), 'pass', 'passes')}</summary>\n\n{lines}\n\n</details>"


def _at(span: Span) -> str:
    return code(place(span))


def _where(span: Span | None) -> str:
    return f" ({_at(span)})" if span is not None else ""


def _items(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows))
