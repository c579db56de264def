from __future__ import annotations

import re

from hypothesis import example, given, settings
from reports import DATABASES, EXAMPLE, compared, finding, hostile, span
from test_report_escaping import HOSTILE

from drpolicy.model.findings import Severity, Verdict
from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.model.spans import Source
from drpolicy.reporters.github import render

COMMAND = re.compile(r"::(?P<kind>error|warning|notice) (?P<fields>(?:(?:file|line|col|title)=[^:,\r\n]*,?)+)::(?P<data>[^\r\n]+)")


def commands(report: Report) -> list[str]:
    return [line for line in render(report).split("\n") if line.lstrip().startswith("::")]


def test_a_failure_is_an_annotation() -> None:
    said = "reporting-db keeps no automatic backups (backup_retention_period = 0)"
    assert commands(EXAMPLE)[3] == f"::error file=terraform/databases.tf,line=9,col=3,title=automatic-backup-off (high)::{said}"
    kinds = [line.split(" ")[0] for line in commands(EXAMPLE)]
    assert kinds == ["::error"] * 5 + ["::notice"] * 2


def test_the_summary_stands_below_as_plain_text() -> None:
    lines = render(EXAMPLE).splitlines()[len(commands(EXAMPLE)) :]
    assert lines == [
        "7 failed · 3 unknown · 1 passed · 1 not applicable · 1 waived · 1 by the calendar · 2 diagnostics",
        "1 finding depends on the calendar and does not count here: drpolicy audit",
        "gate pr failed: 4 failures of high or worse",
    ]


def many(count: int, severity: Severity) -> Report:
    where = span(DATABASES, "multi_az")
    found = [finding(f"policy-{at}", Verdict.FAIL, where, f"m {at}", severity=severity) for at in range(count)]
    return replace(EXAMPLE, findings=tuple(found))


def test_no_more_than_github_shows() -> None:
    assert len(commands(many(10, "high"))) == 10
    lines = commands(many(25, "medium"))
    assert len(lines) == 10
    assert lines[8].endswith("::m 8")
    assert lines[9] == "::warning title=drpolicy::16 more findings in the log and the reports"


def test_only_what_a_change_brings() -> None:
    lines = commands(compared(EXAMPLE))
    assert [re.search("title=([^ ]*)", line)[1] for line in lines] == ["location-reads-failed-region", "no-copy-outside-region"]  # type: ignore[index]


def test_properties_are_escaped_as_the_toolkit_escapes_them() -> None:
    source = Source("a,b:c%.tf", "x\n")
    report = replace(EXAMPLE, findings=(finding("p", Verdict.FAIL, source.span(0, 1), "50% of it: gone, ##[group]x"),))
    assert commands(report) == ["::error file=a%2Cb%3Ac%25.tf,line=1,col=1,title=p (high)::50%25 of it: gone, ## [group]x"]


@given(HOSTILE)
@example("::error::x")
@example("\n::set-output name=a::b")
@example("##[add-path]/x")
@settings(max_examples=60, deadline=None)
def test_no_name_gives_a_command(text: str) -> None:
    output = render(hostile(text))
    assert "##[" not in output
    assert "\r" not in output
    lines = [line for line in re.split(r"[\n\v\f\x1c-\x1e\x85\u2028\u2029]", output) if line.lstrip().startswith("::")]
    assert len(lines) == 2
    assert all(COMMAND.fullmatch(line) for line in lines if not line.endswith("::"))
