from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from reports import DATABASES, EMPTY, EXAMPLE, evidence, finding, hostile, span
from sarif_profile import PROFILE

from drpolicy.model.findings import Diagnostic, Severity, Verdict
from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.model.spans import Source
from drpolicy.reporters.sarif import NOTIFICATION_LIMIT, RESULT_LIMIT, render

REPORTS = [EXAMPLE, EMPTY, hostile("x"), hostile(""), hostile("[a](1) {0} `\u202e\x1b"), hostile("y" * 3000)]
OFFICIAL = os.environ.get("DRPOLICY_SARIF_SCHEMA") or None


def run_of(report: Report) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(render(report))["runs"][0]
    return run


def with_findings(*findings: Any) -> Report:
    return replace(EXAMPLE, findings=findings)


SCHEMAS = [PROFILE, *([json.loads(Path(OFFICIAL).read_text(encoding="utf-8"))] if OFFICIAL else [])]
"""What code scanning asks for; and the schema of OASIS, which is not ours to ship: DRPOLICY_SARIF_SCHEMA names a copy of it."""


@pytest.mark.parametrize("schema", SCHEMAS, ids=["code-scanning", "oasis"][: len(SCHEMAS)])
@pytest.mark.parametrize("report", REPORTS)
def test_output_meets_the_schema(report: Report, schema: dict[str, Any]) -> None:
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    errors = validator(schema).iter_errors(json.loads(render(report)))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_only_failures_that_nobody_waived_are_results() -> None:
    shown = [each["partialFingerprints"]["drpolicy/v1"] for each in run_of(EXAMPLE)["results"]]
    wanted = [each.fingerprint for each in EXAMPLE.findings if each.verdict is Verdict.FAIL and each.waiver is None]
    assert shown == wanted
    assert len(wanted) == 8


def test_a_result_stands_on_its_attribute() -> None:
    result = run_of(EXAMPLE)["results"][3]
    assert result["ruleId"] == "automatic-backup-off"
    assert result["level"] == "error"
    assert result["message"] == {"text": "reporting-db keeps no automatic backups (backup_retention_period = 0)."}
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "terraform/databases.tf", "uriBaseId": "%SRCROOT%"},
                "region": {
                    "startLine": 9,
                    "startColumn": 3,
                    "endLine": 9,
                    "endColumn": 30,
                    "snippet": {"text": "  backup_retention_period = 0"},
                },
            },
            "logicalLocations": [
                {
                    "name": "aws_db_instance.reporting",
                    "fullyQualifiedName": "terraform//aws_db_instance.reporting",
                    "kind": "resource",
                }
            ],
        }
    ]


def test_evidence_is_linked_and_flows_to_the_result() -> None:
    result = run_of(EXAMPLE)["results"][0]
    assert result["message"]["text"] == (
        "the DR cluster's backup location reads ap-northeast-2, the region whose loss it is there for. "
        "Because [cluster dr stands in for cluster primary](1), [primary is in ap-northeast-2](2)."
    )
    assert [each["id"] for each in result["relatedLocations"]] == [1, 2]
    flow = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in flow] == [2, 3, 5]


@pytest.mark.parametrize(
    ("severity", "level"), [("critical", "error"), ("high", "error"), ("medium", "warning"), ("low", "note"), ("advice", "note")]
)
def test_level_follows_severity(severity: Severity, level: str) -> None:
    assert run_of(with_findings(replace(EXAMPLE.findings[0], severity=severity)))["results"][0]["level"] == level


def test_a_place_of_several_lines_is_cut_to_the_first() -> None:
    found = replace(EXAMPLE.findings[3], span=DATABASES.span(0, 200))
    region = run_of(with_findings(found))["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["endLine"]) == (1, 1)
    assert (region["startColumn"], region["endColumn"]) == (1, len(DATABASES.line(1)) + 1)


def test_paths_are_uri_references() -> None:
    source = Source("a b/c:d#é?.tf", "x = 1\n")
    found = finding("p", Verdict.FAIL, span(source, "x"), "m")
    location = run_of(with_findings(found))["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20b/c%3Ad%23%C3%A9%3F.tf"


def test_a_message_cannot_carry_a_link_of_its_own() -> None:
    found = finding(
        "p",
        Verdict.FAIL,
        span(DATABASES, "multi_az"),
        "see [here](https://example.org)",
        evidence=(evidence("[a](2)", span(DATABASES, "7")),),
    )
    assert run_of(with_findings(found))["results"][0]["message"]["text"] == (
        "see \\[here\\](https://example.org). Because [\\[a\\](2)](1)."
    )


def test_rules_explain_themselves() -> None:
    run = run_of(EXAMPLE)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(EXAMPLE.policies)
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    rule = next(rule for rule in rules if rule["id"] == "no-copy-outside-region")
    assert rule["properties"]["tags"] == ["same-region-backup", "ISMS-P 2.9.3", "NIST SP 800-53 CP-6", "NIST SP 800-53 CP-9"]
    assert "````text\nAdd a replica:\n\n```hcl\n" in rule["help"]["markdown"]


def test_a_finding_of_an_undescribed_policy_still_has_a_rule() -> None:
    run = run_of(with_findings(finding("user-policy", Verdict.FAIL, span(DATABASES, "multi_az"), "m")))
    rule = run["tool"]["driver"]["rules"][run["results"][0]["ruleIndex"]]
    assert (rule["id"], rule["help"]) == ("user-policy", {"text": "user-policy"})


def test_diagnostics_are_notifications_and_unread_input_is_no_success() -> None:
    (invocation,) = run_of(EXAMPLE)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [(each["level"], each["descriptor"]["id"], each["message"]["text"]) for each in invocation["toolExecutionNotifications"]] == [
        ("warning", "waiver-unused", "waiver covers nothing"),
        ("error", "file-unreadable", "not valid UTF-8"),
    ]
    assert invocation["toolExecutionNotifications"][1]["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "terraform/old.tf", "uriBaseId": "%SRCROOT%"}}}
    ]
    assert run_of(EMPTY)["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_beyond_the_limits_the_least_severe_are_left_out_and_said_so() -> None:
    findings = [finding(f"p{at}", Verdict.FAIL, span(DATABASES, "multi_az"), "m") for at in range(RESULT_LIMIT + 3)]
    noise = tuple(Diagnostic("note", "n", "n") for _ in range(NOTIFICATION_LIMIT + 1))
    run = run_of(replace(EXAMPLE, findings=tuple(findings), diagnostics=noise))
    assert [each["ruleId"] for each in run["results"]] == [f"p{at}" for at in range(RESULT_LIMIT)]
    assert [each["message"]["text"] for each in run["invocations"][0]["toolExecutionNotifications"][NOTIFICATION_LIMIT:]] == [
        "1 further diagnostic left out of this file; the JSON report has all of them.",
        "3 further failures left out of this file, the least severe ones; the JSON report has all of them.",
    ]
