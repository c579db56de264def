"""What the baseline covers is shown by every format, and counted by none as a failure."""

from __future__ import annotations

import json

import pytest
from reports import DATABASES, EXAMPLE, finding, span

from drpolicy.model.findings import BaselineMark, Verdict
from drpolicy.model.records import replace
from drpolicy.reporters.formats import FORMATS, Options
from drpolicy.reporters.sections import counts, failures

OLD = finding(
    "automatic-backup-off",
    Verdict.FAIL,
    span(DATABASES, "skip_final_snapshot"),
    "the sandbox keeps no automatic backups",
    name="sandbox",
    baseline=BaselineMark("2026-09-01"),
)
REPORT = replace(EXAMPLE, findings=(*EXAMPLE.findings, OLD))


def rendered(name: str, *, full: bool = True) -> str:
    output = FORMATS[name].render(REPORT, Options(full=full))
    return output if isinstance(output, str) else output.decode()


def test_it_is_counted_once_and_as_no_failure() -> None:
    assert counts(REPORT).baselined == 1
    assert counts(REPORT).failed == counts(EXAMPLE).failed
    assert failures(REPORT) == failures(EXAMPLE)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("text", "in the baseline: automatic-backup-off (sandbox), fail, since 2026-09-01"),
        ("markdown", "- **high** `automatic-backup-off` (`sandbox`) at `terraform/databases.tf:10:3`, since 2026-09-01\n"),
        ("html", '<td data-label="Since">2026-09-01</td>'),
        ("json", '"baseline": {"since": "2026-09-01"}'),
    ],
)
def test_it_is_shown(name: str, shown: str) -> None:
    assert shown in rendered(name)


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_the_summary_names_it(name: str) -> None:
    assert (
        "1</b> in the baseline" in rendered(name) if name == "html" else "1 in the baseline" in " ".join(rendered(name, full=False).split())
    )


def test_it_is_no_alert() -> None:
    results = json.loads(rendered("sarif"))["runs"][0]["results"]
    assert "the sandbox" not in json.dumps(results)
