"""What a change does, in the formats that show it."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from reports import EXAMPLE, compared, hostile
from test_report_json import DRAFTS, SCHEMA

from drpolicy.model.findings import BaselineMark, WaiverMark
from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.reporters.formats import FORMATS, Options

CHANGED = compared(EXAMPLE)


def rendered(name: str, report: Report = CHANGED, *, full: bool = False) -> str:
    output = FORMATS[name].render(report, Options(full=full, width=120))
    return output if isinstance(output, str) else output.decode()


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("report", [CHANGED, compared(hostile("x"))])
def test_json_meets_the_schema(draft: Any, report: Report) -> None:
    assert [error.message for error in draft(SCHEMA).iter_errors(json.loads(rendered("json", report)))] == []
    assert jsonschema.Draft7Validator(SCHEMA).is_valid(json.loads(rendered("json", EXAMPLE)))


def test_json_names_what_moved() -> None:
    comparison = json.loads(rendered("json"))["comparison"]
    assert (comparison["base"], len(comparison["services"])) == ("0123456789abcdef0123456789abcdef01234567", 1)
    assert comparison["better"] == [
        {
            "fingerprint": "no-copy-outside-region:aws_db_instance.primary",
            "policy": "no-copy-outside-region",
            "severity": "high",
            "subject": "aws_db_instance.primary",
            "deployment": "terraform",
            "before": "fail",
            "after": None,
            "why": "primary is gone",
        }
    ]
    assert [(each["before"], each["after"], each["why"]) for each in comparison["worse"]] == [
        ("pass", "fail", "it passed"),
        ("fail", "fail", "it was low"),
    ]


def test_the_screen_shows_only_what_the_change_brings() -> None:
    lines = rendered("text").splitlines()
    at = lines.index("since 0123456789ab: 2 worse, 1 newly undecided, 1 better")
    assert lines[at + 1 : at + 5] == [
        "  worse      critical  location-reads-failed-region (default): it passed (kubernetes/dr/velero.yaml:5:13)",
        "  worse      critical  no-copy-outside-region (orders): it was low (terraform/databases.tf:13:1)",
        "  undecided  high      no-copy-outside-region (media): it is new (terraform/media.tf:1:18)",
        "  better     high      no-copy-outside-region (primary): primary is gone (terraform/databases.tf:1:1)",
    ]
    assert "restore-test-cannot-fail" not in rendered("text")
    assert "restore-test-cannot-fail" in rendered("text", full=True)


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        ({"waiver": WaiverMark("moving", "2027-03-31", "team-orders", None)}, "it passed; waived until 2027-03-31"),
        ({"baseline": BaselineMark("2026-10-01")}, "it passed; in the baseline"),
    ],
)
def test_what_somebody_accepts_says_so(accepted: dict[str, Any], said: str) -> None:
    assert CHANGED.comparison is not None
    first, *rest = CHANGED.comparison.worse
    worse = (replace(first, finding=replace(first.finding, **accepted)), *rest)
    report = replace(CHANGED, comparison=replace(CHANGED.comparison, worse=worse))
    assert f"location-reads-failed-region  kubernetes/dr/velero.yaml:5:13\n    default: {said}\n" in rendered("text", report)
    assert f"| `default` | {said} |" in rendered("markdown", report)


def test_a_long_address_hides_neither_the_reason_nor_the_place() -> None:
    assert CHANGED.comparison is not None
    (first, *_) = CHANGED.comparison.worse
    name = "module.publishing.module.secure_bucket_of_the_database_backups.aws_s3_bucket.this"
    long = replace(
        first, finding=replace(first.finding, subject=replace(first.finding.subject, name=name)), why="it was not decided: var.days"
    )
    report = replace(CHANGED, comparison=replace(CHANGED.comparison, worse=(long,)))
    lines = FORMATS["text"].render(report, Options(width=80))
    assert isinstance(lines, str)
    assert (
        "  worse      critical  location-reads-failed-region  …rnetes/dr/velero.yaml:5:13\n"
        "    …et_of_the_database_backups.aws_s3_bucket.this: it was not decided: var.days\n"
    ) in lines


def test_markdown_folds_away_what_did_not_move() -> None:
    assert CHANGED.comparison is not None
    page = rendered("markdown", replace(CHANGED, comparison=replace(CHANGED.comparison, services=CHANGED.services)))
    table = page.partition("### Services and disruptions\n\n")[2]
    assert table.startswith("<details>\n<summary>all ")
    assert "| `orders` | `critical` | region | ✗ **missed**: 15m → all lost | as before |" in table
    assert "<summary>" not in rendered("markdown").partition("### Services and disruptions\n\n")[2].partition("\n### ")[0]


def test_markdown_shows_each_objective_before_and_after() -> None:
    page = rendered("markdown")
    assert "| **worse** | critical | `no-copy-outside-region` | `orders` | it was low | `terraform/databases.tf:13:1` |" in page
    assert "| Service | Tier | Disruption | RPO before | RPO now | RTO before | RTO now |" in page
    assert "| `orders` | `critical` | region | – | ✗ **missed**: 15m → all lost | – | ✗ **missed**: 1h → never |" in page
    before = "| `billing` | `important` | region | ✗ **missed**: 15m → all lost | ✗ **missed**: 1h → all lost | ✗ **missed**: 1h → never |"
    assert before in page
    assert "**high** `restore-test-cannot-fail`" not in page


@pytest.mark.parametrize("name", list(FORMATS))
def test_without_a_comparison_nothing_is_said_of_one(name: str) -> None:
    assert "0123456789ab" not in rendered(name, EXAMPLE, full=True)
