from __future__ import annotations

import subprocess
import sys

import pytest
from reports import EMPTY, EXAMPLE

from drpolicy.model.records import replace
from drpolicy.reporters.formats import FORMATS, Options


def test_the_table_names_every_format_once() -> None:
    assert list(FORMATS) == ["text", "json", "sarif", "sarif-full", "html", "markdown", "github", "gitlab", "junit", "csv"]
    assert all(name == each.name and each.summary for name, each in FORMATS.items())


@pytest.mark.parametrize(
    ("name", "unwanted"),
    [
        *((name, "rich,jinja2") for name in ("json", "sarif", "sarif-full", "markdown", "github", "gitlab", "junit", "csv")),
        ("html", "rich"),
    ],
)
def test_a_format_loads_only_what_it_needs(name: str, unwanted: str) -> None:
    program = f"""
import sys
from drpolicy.model.report import Coverage, GateFacts, Report, RunFacts
from drpolicy.reporters.formats import FORMATS, Options
run = RunFacts("check", "pr", (), "2026-11-01", None, None, "", "", "0")
FORMATS[{name!r}].render(Report(run, GateFacts("passed", "high"), {{}}, (), (), (), Coverage()), Options())
print(sorted(set({unwanted!r}.split(",")) & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", FORMATS)
def test_equal_reports_give_equal_output(name: str) -> None:
    render = FORMATS[name].render
    assert render(EXAMPLE, Options()) == render(replace(EXAMPLE), Options())
    assert render(EXAMPLE, Options()) != render(EMPTY, Options())


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_ever_claims_compliance(name: str) -> None:
    for report in (EXAMPLE, EMPTY):
        output = FORMATS[name].render(report, Options(full=True))
        assert "complian" not in (output if isinstance(output, str) else output.decode()).lower()


@pytest.mark.parametrize("name", ["text", "html", "markdown", "github"])
def test_an_estate_without_stores_does_not_look_well(name: str) -> None:
    output = FORMATS[name].render(EMPTY, Options())
    assert "Nothing that holds data was found, so nothing was judged recoverable. This is not a pass." in (
        output if isinstance(output, str) else output.decode()
    )
