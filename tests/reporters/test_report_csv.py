from __future__ import annotations

import csv
from io import StringIO

from hypothesis import example, given, settings
from reports import EXAMPLE, hostile
from test_report_escaping import HOSTILE

from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.reporters.csv_table import COLUMNS, render


def rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(render(report).decode("utf-8"), newline=""), strict=True))


def test_a_row_per_finding() -> None:
    assert len(rows(EXAMPLE)) == len(EXAMPLE.findings)
    assert rows(EXAMPLE)[3] == {
        "verdict": "fail",
        "accepted": "",
        "severity": "high",
        "policy": "automatic-backup-off",
        "anti_pattern": "missing-database-backup",
        "subject": "aws_db_instance.reporting",
        "deployment": "terraform",
        "environment": "production",
        "services": "billing orders",
        "path": "terraform/databases.tf",
        "line": "9",
        "message": "reporting-db keeps no automatic backups (backup_retention_period = 0)",
        "not_known": "",
        "witness": "declared",
        "fingerprint": "automatic-backup-off:aws_db_instance.reporting",
    }
    assert [row["accepted"] for row in rows(EXAMPLE)].count("waived until 2027-03-31") == 1
    assert rows(EXAMPLE)[10]["not_known"] == "module rds: module not on disk; var.region: variable not set"


def test_no_cell_is_a_formula() -> None:
    report = replace(EXAMPLE, findings=(replace(EXAMPLE.findings[0], message='=HYPERLINK("https://example.org")'),))
    assert rows(report)[0]["message"] == '\'=HYPERLINK("https://example.org")'


@given(HOSTILE)
@example('",\r\n=1+1')
@example("\t@SUM(A1)")
@settings(max_examples=60, deadline=None)
def test_whatever_things_are_called(text: str) -> None:
    report = hostile(text)
    lines = list(csv.reader(StringIO(render(report).decode("utf-8"), newline=""), strict=True))
    assert [len(line) for line in lines] == [len(COLUMNS)] * (len(report.findings) + 1)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for line in lines for cell in line)
