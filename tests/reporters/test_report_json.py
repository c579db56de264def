from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import DATABASES, EMPTY, EXAMPLE, hostile, reach, span

from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.model.spans import Source
from drpolicy.reporters.json_report import render

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
DRAFTS = (jsonschema.Draft7Validator, jsonschema.Draft202012Validator)


def decoded(report: Report) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(render(report))
    return fields


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("report", [EXAMPLE, EMPTY, hostile("x")])
def test_output_meets_the_schema_under_both_drafts(draft: Any, report: Report) -> None:
    draft.check_schema(SCHEMA)
    assert [error.message for error in draft(SCHEMA).iter_errors(decoded(report))] == []


def objects(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, dict):
        yield path
        for key, each in value.items():
            yield from objects(each, (*path, key))
    elif isinstance(value, list) and value:
        yield from objects(value[0], (*path, 0))


OPEN = {("policies",)} | {("coverage", each) for each in ("files", "expressions", "unknown", "blocks", "unjudged", "classes")}


@pytest.mark.parametrize(
    "path",
    [each for each in objects(decoded(EXAMPLE)) if each not in OPEN and each[-1:] not in {("controls",), ("objectives",), ("recovery",)}],
)
def test_the_schema_refuses_fields_it_does_not_describe(path: tuple[Any, ...]) -> None:
    report = decoded(EXAMPLE)
    at = report
    for key in path:
        at = at[key]
    at["unexpected"] = 1
    assert not jsonschema.Draft7Validator(SCHEMA).is_valid(report)


def test_every_field_is_described() -> None:
    def undescribed(schema: Any, path: str) -> list[str]:
        found = []
        for name, each in schema.get("properties", {}).items():
            if "$ref" not in each and not each.get("description"):
                found.append(f"{path}.{name}")
            found += undescribed(each, f"{path}.{name}")
        return found

    assert undescribed(SCHEMA, "") == []
    assert [miss for name, each in SCHEMA["definitions"].items() for miss in undescribed(each, name)] == []


def test_a_failure_is_written_in_full() -> None:
    assert decoded(EXAMPLE)["findings"][3] == {
        "policy": "automatic-backup-off",
        "anti_pattern": "missing-database-backup",
        "severity": "high",
        "verdict": "fail",
        "witness": "declared",
        "subject": {
            "kind": "Store",
            "name": "reporting",
            "address": "aws_db_instance.reporting",
            "type": "aws_db_instance",
            "deployment": "terraform",
            "root": "terraform",
            "environment": "production",
        },
        "location": {
            "path": "terraform/databases.tf",
            "start": {"line": 9, "column": 3},
            "end": {"line": 9, "column": 30},
            "snippet": "  backup_retention_period = 0",
        },
        "message": "reporting-db keeps no automatic backups (backup_retention_period = 0)",
        "remedy": "backup_retention_period = 14\nApplies without replacement.",
        "evidence": [],
        "cause": "reporting-retention",
        "unknowns": [],
        "waiver": None,
        "baseline": None,
        "fingerprint": "automatic-backup-off:aws_db_instance.reporting",
        "basis": "b",
        "calendar": False,
        "gated": True,
    }


def test_summary_counts_add_up_to_the_findings() -> None:
    summary = decoded(EXAMPLE)["summary"]
    assert summary == {
        "pass": 1,
        "fail": 8,
        "unknown": 3,
        "not_applicable": 1,
        "waived": 1,
        "baselined": 0,
        "diagnostics": 2,
        "gate": "failed",
        "fail_on": "high",
        "gate_reasons": ["4 failures of high or worse"],
    }
    assert sum(summary[key] for key in ("pass", "fail", "unknown", "not_applicable", "waived", "baselined")) == len(EXAMPLE.findings)


def test_findings_keep_the_order_of_the_report_one_to_a_line() -> None:
    lines = render(EXAMPLE).decode().splitlines()
    at = lines.index('"findings": [')
    written = [json.loads(line.strip().rstrip(","))["fingerprint"] for line in lines[at + 1 : at + 1 + len(EXAMPLE.findings)]]
    assert written == [finding.fingerprint for finding in EXAMPLE.findings]


def test_durations_are_seconds_and_null_is_unbounded() -> None:
    orders = decoded(EXAMPLE)["services"][2]
    assert orders["objectives"] == {"corruption": {"rto": 14400, "rpo": 3600}, "region": {"rto": 3600, "rpo": 900}}
    assert orders["recovery"]["corruption"] == {
        "rto": {"best": 1800, "worst": None, "basis": "no measured restore", "unknowns": []},
        "rpo": {"best": 300, "worst": 300, "basis": "point-in-time recovery", "unknowns": []},
        "weakest": "primary",
    }
    assert decoded(EXAMPLE)["services"][1]["objectives"] == {}


def test_fractions_of_a_second_are_kept() -> None:
    service = EXAMPLE.services[1]
    changed = replace(service, targets=(replace(service.targets[0], rpo=reach("250ms", "1s")),))
    assert decoded(replace(EXAMPLE, services=(changed,)))["services"][0]["recovery"]["region"]["rpo"]["best"] == 0.25


def test_diagnostics_have_a_place_or_a_path() -> None:
    warning, error = decoded(EXAMPLE)["diagnostics"]
    assert (warning["path"], warning["location"]["start"]) == ("terraform/databases.tf", {"line": 3, "column": 3})
    assert (error["path"], error["location"], error["effect"]) == ("terraform/old.tf", None, "incomplete")


def test_a_long_line_is_cut_to_the_part_around_the_place() -> None:
    source = Source("plan.json", "x" * 100_000 + "HERE" + "y" * 100_000)
    found = replace(EXAMPLE.findings[0], span=span(source, "HERE"))
    location = decoded(replace(EXAMPLE, findings=(found,)))["findings"][0]["location"]
    assert location["start"]["column"] == 100_001
    assert len(location["snippet"]) == 200
    assert "HERE" in location["snippet"]


def test_lone_surrogates_do_not_break_the_encoding() -> None:
    found = replace(EXAMPLE.findings[0], message="a\ud800b", span=span(DATABASES, "multi_az"))
    assert decoded(replace(EXAMPLE, findings=(found,)))["findings"][0]["message"] == "a?b"


@given(st.text())
@settings(deadline=None)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    report = decoded(hostile(text))
    assert report["findings"][0]["message"] == text
    assert list(report["policies"]) == [text]
    assert report["coverage"]["live"] == [text]
