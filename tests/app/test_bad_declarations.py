"""Faulty policies, configuration and declarations: exit 2, at the place, and the report of all that could be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import GOOD, PROVIDER, checked, repository, said, verdict

from drpolicy.cli.exit_codes import INVALID, code_of
from drpolicy.model.estate import SUBJECTS
from drpolicy.model.findings import Verdict
from drpolicy.model.report import Report

CONFIG = "apiVersion: drpolicy.dev/v1\nkind: Config\n"
POLICY = """\
apiVersion: drpolicy.dev/v1
kind: Policy
metadata:
  id: {id}
  title: A rule of our own
  antiPattern: recoverability
  since: "0.1"
spec:
  subject: Store
  assert: {condition}
  severity:
    - {{is: high}}
  message: "{{self.name}} breaks our own rule"
why: We said so.
remediation: Do as we said.
"""
SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  tier: critical
  objectives:
    region: {rto: 1h, rpo: 15m}
  stores:
    - {name: db, ref: aws_db_instance.good}
"""


def run(tmp_path: Path, files: dict[str, str]) -> Report:
    report = checked(repository(tmp_path, {"main.tf": PROVIDER + GOOD, **files}))
    assert verdict(report, "database-without-backup", "aws_db_instance.good") is Verdict.FAIL, "what could be read is reported"
    return report


def with_policies(**policies: str) -> dict[str, str]:
    return {
        "drpolicy.yaml": CONFIG + "policies:\n  directories: [ours]\n",
        **{f"ours/{name}.yaml": text for name, text in policies.items()},
    }


def test_a_policy_with_an_unknown_field_is_named_and_the_others_judge(tmp_path: Path) -> None:
    bad = POLICY.format(id="bad-one", condition="self.protectons.exists(p, true)")
    good = POLICY.format(id="good-one", condition='self.type == "aws_dynamodb_table"')
    report = run(tmp_path, with_policies(bad=bad, good=good))
    assert said(report) == [
        "ours/bad.yaml:10:16: bad-one: spec.assert: no field 'protectons' on Store; did you mean 'protections'? [invalid]"
    ]
    assert verdict(report, "good-one", "aws_db_instance.good") is Verdict.FAIL
    assert "bad-one" not in report.policies
    assert code_of(report, require_subjects=False) == INVALID


@pytest.mark.parametrize(
    ("old", "new", "diagnostic"),
    [
        ("  subject:", "  subjekt:", "ours/p.yaml:9:3: unknown field 'subjekt'; did you mean 'subject'? [invalid]"),
        (
            "subject: Store",
            "subject: Stoer",
            f"ours/p.yaml:9:12: 'Stoer' is not one of {', '.join(SUBJECTS)}; did you mean 'Store'? [invalid]",
        ),
        (
            "{is: high}",
            "{is: hihg}",
            "ours/p.yaml:12:12: 'hihg' is not one of critical, high, medium, low, advice; did you mean 'high'? [invalid]",
        ),
        ("why: We said so.\n", "", "ours/p.yaml:1:1: 'why' is missing [invalid]"),
    ],
)
def test_a_malformed_policy_is_named_at_its_place(tmp_path: Path, old: str, new: str, diagnostic: str) -> None:
    text = POLICY.format(id="our-rule", condition='"true"')
    assert old in text
    report = run(tmp_path, with_policies(p=text.replace(old, new)))
    assert said(report)[-1] == diagnostic
    assert "our-rule" not in report.policies
    assert code_of(report, require_subjects=False) == INVALID


@pytest.mark.parametrize("condition", ["self.name +", "(" * 5_000, "'unclosed", "self.name", "self.name.matches('(')"])
def test_a_condition_that_is_none_is_a_diagnostic_on_its_line(tmp_path: Path, condition: str) -> None:
    report = run(tmp_path, with_policies(p=POLICY.format(id="our-rule", condition=f'"{condition}"')))
    found = [each for each in report.diagnostics if each.effect == "invalid"]
    assert [(each.span.path, each.span.start.line) for each in found if each.span is not None][:1] == [("ours/p.yaml", 10)]


def test_a_directory_of_policies_that_is_not_there(tmp_path: Path) -> None:
    report = run(tmp_path, with_policies())
    assert said(report) == [
        "ours: ours holds no policies; policies.directories names a directory of YAML files, relative to drpolicy.yaml [invalid]"
    ]


@pytest.mark.parametrize(
    ("text", "diagnostic"),
    [
        ("polices:\n  directories: [ours]\n", "drpolicy.yaml:3:1: unknown field 'polices'; did you mean 'policies'? [invalid]"),
        (
            "policies: {disable: [drill-overdu]}\n",
            "drpolicy.yaml:3:22: no policy is called 'drill-overdu'; did you mean 'drill-overdue'? [invalid]",
        ),
        (
            "policies: {disable: [\n",
            "drpolicy.yaml:4:1: not valid YAML: did not find expected node content while parsing a flow node [invalid]",
        ),
    ],
)
def test_an_invalid_configuration_is_named_and_the_rest_is_reported(tmp_path: Path, text: str, diagnostic: str) -> None:
    report = run(tmp_path, {"drpolicy.yaml": CONFIG + text})
    assert said(report) == [diagnostic]
    assert code_of(report, require_subjects=False) == INVALID


@pytest.mark.parametrize(
    ("old", "new", "diagnostic"),
    [
        ("rto: 1h", "rto: 60", "orders.yaml:8:19: 60 has no unit; write 60m or 60s [invalid]"),
        ("owner:", "onwer:", "orders.yaml:5:3: unknown field 'onwer'; did you mean 'owner'? [invalid]"),
        ("  stores:\n", "  stores: [\n", None),
        ("kind: Service", "kind: Servce", None),
    ],
)
def test_an_invalid_declaration_is_named_and_the_rest_is_reported(tmp_path: Path, old: str, new: str, diagnostic: str | None) -> None:
    assert old in SERVICE
    report = run(tmp_path, {"orders.yaml": SERVICE.replace(old, new)})
    invalid = [each for each in said(report) if each.endswith("[invalid]")]
    assert (diagnostic in invalid) if diagnostic is not None else invalid
    assert all(each.startswith("orders.yaml:") for each in invalid)
    assert code_of(report, require_subjects=False) == INVALID


def test_one_invalid_declaration_leaves_the_others(tmp_path: Path) -> None:
    other = SERVICE.replace("name: orders", "name: billing").replace("1h", "60")
    report = run(tmp_path, {"orders.yaml": SERVICE, "billing.yaml": other})
    assert "orders" in {each.name for each in report.services}
    assert said(report) == ["billing.yaml:8:19: 60 has no unit; write 60m or 60s [invalid]"]
