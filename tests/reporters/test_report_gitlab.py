from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given, settings
from reports import EMPTY, EXAMPLE, hostile
from test_report_escaping import HOSTILE

from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.reporters.gitlab import render

PROFILE = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string"},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "additionalProperties": False,
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/)"},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}
"""What GitLab asks of the artefact, as a schema written for this project (GitLab Docs, "Code Quality report format", 2026-11)."""


def entries(report: Report) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(render(report))
    return read


def test_a_failure_is_an_entry() -> None:
    assert entries(EXAMPLE)[3] == {
        "description": "reporting-db keeps no automatic backups (backup_retention_period = 0)",
        "check_name": "automatic-backup-off",
        "fingerprint": "automatic-backup-off:aws_db_instance.reporting",
        "severity": "critical",
        "location": {"path": "terraform/databases.tf", "lines": {"begin": 9}},
    }


def test_only_open_failures_are_entries_and_a_library_is_information() -> None:
    severities = [(each["check_name"], each["severity"]) for each in entries(EXAMPLE)]
    assert severities == [
        ("location-reads-failed-region", "blocker"),
        ("no-copy-outside-region", "blocker"),
        ("no-copy-outside-region", "blocker"),
        ("automatic-backup-off", "critical"),
        ("restore-test-cannot-fail", "critical"),
        ("objectives-missing", "minor"),
        ("stale-drill", "major"),
        ("no-copy-outside-region", "info"),
    ]


def test_no_entry_vanishes_behind_another() -> None:
    twice = replace(EXAMPLE, findings=(*EXAMPLE.findings[:1], *EXAMPLE.findings[:1]))
    assert [each["fingerprint"][-3:] for each in entries(twice)] == ["ult", "t-2"]


@pytest.mark.parametrize("report", [EXAMPLE, EMPTY])
def test_output_meets_the_format(report: Report) -> None:
    assert [error.message for error in jsonschema.Draft7Validator(PROFILE).iter_errors(entries(report))] == []
    assert render(EMPTY) == b"[]\n"


@given(HOSTILE)
@example("\ud800")
@settings(max_examples=60, deadline=None)
def test_whatever_things_are_called(text: str) -> None:
    read = entries(hostile(text))
    assert [error.message for error in jsonschema.Draft7Validator(PROFILE).iter_errors(read)] == []
    assert len({each["fingerprint"] for each in read}) == len(read) == 2
