"""The two example estates, judged as of their own date, and the texts that are committed for them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from drpolicy.app.check import assemble
from drpolicy.app.demo import EXAMPLE_DATE
from drpolicy.app.lose import lose
from drpolicy.app.picture import picture_of
from drpolicy.app.reading import Read, read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.picture import Picture
from drpolicy.model.report import Report
from drpolicy.model.spans import Span
from drpolicy.reporters.estate_graph import graphviz, mermaid
from drpolicy.reporters.estate_text import render_estate
from drpolicy.reporters.formats import FORMATS, Options
from drpolicy.reporters.loss_text import render_loss
from drpolicy.sources.trees import MemoryTree

sys.setrecursionlimit(20_000)  # what the command line runs with

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
REGION = "ap-northeast-2"


@cache
def example_files(state: str) -> Mapping[str, str]:
    """Return the files of an example estate under the path that a report of the repository gives them."""
    found = (path for path in sorted((ROOT / "examples" / state).rglob("*")) if path.is_file())
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in found}


def read_files(files: Mapping[str, str], state: str) -> Read:
    scope = f"examples/{state}"
    return read_tree(MemoryTree(files), ROOT, (scope,), scope)


def settings() -> Settings:
    return Settings(paths=(ROOT,), cwd=ROOT, as_of=date.fromisoformat(EXAMPLE_DATE))


def report_of(files: Mapping[str, str], state: str) -> Report:
    return assemble(settings(), read_files(files, state))


@cache
def example_report(state: str) -> Report:
    return report_of(example_files(state), state)


def place(span: Span) -> str:
    start, end = span.start, span.end
    return f"{span.path}:{start.line}:{start.column}-{end.line}:{end.column}"


def finding_line(finding: Finding) -> str:
    subject = f"{finding.subject.kind} {finding.subject.address}"
    return f"{finding.verdict.value} {finding.severity} {finding.policy} {place(finding.span)} {subject} | {finding.message}"


def findings_text(state: str) -> str:
    return "".join(f"{line}\n" for line in _findings_lines(example_report(state)))


def _findings_lines(report: Report) -> Iterator[str]:
    open_ = [each for each in report.findings if each.verdict in (Verdict.FAIL, Verdict.UNKNOWN)]
    yield from map(finding_line, open_)
    if not open_:
        yield "no FAIL and no UNKNOWN"
        passes = Counter(each.policy for each in report.findings if each.verdict is Verdict.PASS)
        yield from (f"pass {count} {policy}" for policy, count in sorted(passes.items()))


def loss_text(state: str) -> str:
    found = read_files(example_files(state), state)
    return render_loss(lose(REGION, settings(), found), color=False, unicode=True)


def screen_text(state: str) -> str:
    rendered = FORMATS["text"].render(example_report(state), Options(width=100))
    assert isinstance(rendered, str)
    return rendered if rendered.endswith("\n") else rendered + "\n"


def picture(state: str) -> Picture:
    return picture_of(settings(), read_files(example_files(state), state))


def estate_text(state: str) -> str:
    return render_estate(picture(state), Options(width=100))


def goldens() -> dict[str, str]:
    """Return every committed text by the name of its file."""
    return {
        "before.findings.txt": findings_text("before"),
        "after.findings.txt": findings_text("after"),
        "before.lose.txt": loss_text("before"),
        "after.lose.txt": loss_text("after"),
        "before.screen.txt": screen_text("before"),
        "before.estate.txt": estate_text("before"),
        "after.estate.txt": estate_text("after"),
        "before.estate.dot.txt": graphviz(picture("before")).decode(),
        "after.estate.mermaid.txt": mermaid(picture("after")).decode(),
    }
