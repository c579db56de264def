"""SARIF with every finding: what passed, what is open, what was accepted."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from reports import EMPTY, EXAMPLE, compared, hostile
from sarif_profile import FULL
from test_report_escaping import HOSTILE
from test_report_sarif import OFFICIAL, SCHEMAS

from drpolicy.model.findings import BaselineMark
from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.reporters.sarif import render_full


def results(report: Report) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(render_full(report))["runs"][0]["results"]
    return read


@pytest.mark.parametrize("schema", [FULL, *(SCHEMAS[1:] if OFFICIAL else [])])
@pytest.mark.parametrize("report", [EXAMPLE, EMPTY, compared(EXAMPLE), hostile("x"), hostile(""), compared(hostile("y" * 3000))])
def test_output_meets_the_schema(report: Report, schema: dict[str, Any]) -> None:
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    errors = validator(schema).iter_errors(json.loads(render_full(report)))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_every_finding_is_a_result_of_its_kind() -> None:
    assert Counter((each["kind"], each["level"]) for each in results(EXAMPLE)) == {
        ("fail", "error"): 6,
        ("fail", "warning"): 1,
        ("fail", "note"): 2,
        ("open", "none"): 3,
        ("pass", "none"): 1,
        ("notApplicable", "none"): 1,
    }


def test_what_is_open_says_what_settles_it() -> None:
    (first, *_) = [each for each in results(EXAMPLE) if each["kind"] == "open"]
    settle = "pass --var-file or --var, list the var-file in drpolicy.yaml, or give the variable a default"
    assert first["properties"]["unknowns"] == [{"what": "var.region", "reason": "variable not set", "settle": settle}]


def test_what_was_accepted_is_suppressed() -> None:
    old = replace(EXAMPLE.findings[3], baseline=BaselineMark("2026-09-01"))
    report = replace(EXAMPLE, findings=(EXAMPLE.findings[-1], old))
    waived, baselined = (each["suppressions"][0] for each in results(report))
    justification = "until 2027-03-31: moving to Aurora (team-orders)"
    assert (waived["kind"], waived["status"], waived["justification"]) == ("inSource", "accepted", justification)
    assert waived["location"]["physicalLocation"]["region"]["startLine"] == 3
    assert baselined == {"kind": "external", "status": "accepted", "justification": "in the baseline since 2026-09-01"}


def test_a_comparison_gives_every_result_a_state() -> None:
    assert not any("baselineState" in each for each in results(EXAMPLE))
    assert Counter(each["baselineState"] for each in results(compared(EXAMPLE))) == {"unchanged": 10, "updated": 3, "new": 1}


@given(HOSTILE)
@settings(max_examples=40, deadline=None)
def test_whatever_things_are_called(text: str) -> None:
    errors = jsonschema.Draft7Validator(FULL).iter_errors(json.loads(render_full(compared(hostile(text)))))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []
