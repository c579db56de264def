"""The report as one self-contained page: no network, no script, fit for paper, for people who were not there.

Equal reports give equal bytes. Everything that comes from a repository is cleaned of control characters and escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache, partial
from importlib.resources import files
from typing import Final, NamedTuple

from jinja2 import Environment, StrictUndefined, Template

from drpolicy.model.findings import Finding, Grade, Verdict
from drpolicy.model.report import Report
from drpolicy.model.spans import Span
from drpolicy.reporters import checklist, sentences
from drpolicy.reporters.controls import claim, controls, idle
from drpolicy.reporters.languages import translator
from drpolicy.reporters.modules import addresses, by_source
from drpolicy.reporters.objectives import recovery_table
from drpolicy.reporters.printable import excerpt, place, several_lines
from drpolicy.reporters.questions import questions, settled_by
from drpolicy.reporters.remedies import remedy_parts
from drpolicy.reporters.sections import baselined, counts, failures_by_service, waived, with_verdict

GRADES: Final[tuple[tuple[Grade, str], ...]] = (
    ("observed", "answered by the running system"),
    ("recorded", "written by a machine, with a hash or a job behind it"),
    ("declared", "read in code; deployment not confirmed"),
    ("attested", "written by a person"),
    ("estimated", "worked out, and proof of nothing"),
)
"""Grades of evidence, strongest first, and what each means."""

MARKS: Final = {"met": "✓", "missed": "✗", "open": "?", "undeclared": "·", "passed": "✓", "failed": "✗", "incomplete": "?", "invalid": "✗"}


class Snippet(NamedTuple):
    """A source line around the part that a finding points at."""

    line: int
    before: str
    inside: str
    after: str


def render(report: Report, language: str = "en") -> bytes:
    """Return the page as UTF-8, its fixed texts in a language; what policies and findings say stays English."""
    translate = translator(language)
    passed = tuple(with_verdict(report, Verdict.PASS))
    page = _template().render(
        report=report,
        run=report.run,
        coverage=report.coverage,
        count=counts(report),
        summary=sentences.summary(report, translate),
        read_files=sentences.parts_read(report, translate),
        nothing=sentences.nothing_held(report, translate),
        gate=sentences.gate(report, translate),
        tree=sentences.state_of_tree(report, translate),
        gaps=sentences.not_covered(report, translate),
        table=recovery_table(report),
        modules={kind: by_source(report.coverage.modules.get(kind, ())) for kind in ("unresolved", "stubbed")},
        sections=failures_by_service(report),
        calendar=sentences.by_calendar(report, translate),
        questions=questions(report),
        waived=waived(report),
        baselined=baselined(report),
        controls=tuple((each, claim(each, translate)) for each in controls(report, translate)),
        grades=tuple((grade, meaning, tally) for (grade, meaning), tally in zip(GRADES, _tally(report.findings), strict=True)),
        passed=passed,
        marks=MARKS,
        language=language,
        _=translate,
        number=partial(sentences.number, translate=translate),
        addresses=partial(addresses, translate=translate),
        idle=partial(idle, translate=translate),
        checklist=checklist.sections(report.checklist, language) if report.checklist else (),
        checklist_summary=checklist.summary(report.checklist, translate),
        source_of=partial(checklist.source_of, translate=translate),
        said_of=partial(checklist.said_of, translate=translate),
        settled_by=partial(settled_by, translate=translate),
    )
    return page.encode("utf-8", "replace")


def _tally(findings: Iterable[Finding]) -> list[int]:
    tally = Counter(evidence.grade for finding in findings for evidence in finding.evidence)
    return [tally[grade] for grade, _ in GRADES]


def _snippet(span: Span) -> Snippet | None:
    part = excerpt(span)
    if not part.text.strip():
        return None
    end = part.start + part.length
    return Snippet(part.line, part.text[: part.start], part.text[part.start : end], part.text[end:])


def _clean(value: object) -> object:
    # Markup is a string already escaped; only what is still plain text is cleaned, and numbers pass through.
    return several_lines(value) if type(value) is str else value


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=_clean, trim_blocks=True, lstrip_blocks=True)
    environment.filters["place"] = place
    environment.filters["snippet"] = _snippet
    environment.filters["remedy"] = remedy_parts
    return environment.from_string(files("drpolicy.reporters").joinpath("report.html.j2").read_text(encoding="utf-8"))
