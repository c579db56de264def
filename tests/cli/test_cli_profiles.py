"""--profile: only what gives evidence for an outside framework, on check, audit and policy list; explain by another tool's id."""

from __future__ import annotations

import json
import re
from pathlib import Path

from command_line import AS_OF, BEFORE, DATABASE, here, write


def policies(out: str) -> set[str]:
    return {finding["policy"] for finding in json.loads(out)["findings"]}


def test_a_profile_judges_its_policies_alone() -> None:
    code, out, err = here("check", BEFORE, *AS_OF, "--profile", "isms-p", "--format", "json")
    assert (code, err) == (1, "")
    everything = policies(here("check", BEFORE, *AS_OF, "--format", "json").out)
    assert {"no-copy-outside-region", "drill-overdue"} <= policies(out) < everything
    assert "store-in-one-zone" in everything - policies(out)


def test_a_profile_sets_parameters_and_the_configuration_sets_them_over(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DATABASE.replace("= 0", "= 14")})

    def verdicts(*more: str) -> list[str]:
        report = json.loads(here("check", tmp_path, *AS_OF, *more, "--format", "json").out)
        return [each["verdict"] for each in report["findings"] if each["policy"] == "backup-retention-too-short"]

    assert verdicts() == ["pass"]
    assert verdicts("--profile", "aws-config") == ["fail"]
    settings = "apiVersion: drpolicy.dev/v1\nkind: Config\npolicies:\n  params:\n    backup-retention-too-short: {minimum: 3d}\n"
    write(tmp_path, {"drpolicy.yaml": settings})
    assert verdicts("--profile", "aws-config") == ["pass"]


def test_a_waiver_of_a_policy_that_the_profile_leaves_out_is_no_mistake(tmp_path: Path) -> None:
    waiver = '# drpolicy: ignore[store-in-one-zone, no-such-policy] until=2027-01-01 reason="one zone is enough"\n'
    write(tmp_path, {"main.tf": DATABASE.replace("resource", waiver + "resource")})
    report = json.loads(here("check", tmp_path, *AS_OF, "--profile", "isms-p", "--format", "json").out)
    unknown = [each["message"] for each in report["diagnostics"] if each["message"].startswith("no policy is called")]
    assert unknown == ["no policy is called 'no-such-policy'"]


def test_a_misspelt_profile_is_named_with_the_nearest() -> None:
    said = "drpolicy: no profile is called 'ismsp'; did you mean 'isms-p'?\n"
    assert here("check", BEFORE, *AS_OF, "--profile", "ismsp") == (2, "", said)
    assert here("policy", "list", "--profile", "ismsp") == (2, "", said)


def test_the_policies_of_a_profile_are_listed_by_control() -> None:
    code, out, err = here("policy", "list", "--profile", "dora")
    assert (code, err) == (0, "")
    assert out.startswith("DORA\nsource: Regulation (EU) 2022/2554")
    assert "Art. 12  Backup, restoration and recovery\n  database-without-backup\n" in out


def test_another_tools_check_is_explained() -> None:
    code, out, err = here("explain", "ckv2_aws_8")
    assert (code, err) == (0, "")
    assert (
        out
        == "Checkov CKV2_AWS_8\n  database-without-backup  A database without backups\n  more: drpolicy explain database-without-backup\n"
    )


def test_a_report_under_a_profile_shows_the_controls_of_that_framework_alone() -> None:
    def shown(profile: str) -> set[str]:
        report = json.loads(here("audit", BEFORE, *AS_OF, "--profile", profile, "--format", "json").out)
        return {framework for facts in report["policies"].values() for framework in facts["controls"]}

    assert shown("dora") == {"dora"}
    assert shown("aws-fsbp") == {"aws-fsbp"}
    said = here("audit", BEFORE, *AS_OF, "--profile", "aws-fsbp", "--format", "markdown").out
    assert "evidence for AWS Foundational Security Best Practices RDS.11" in said
    assert "ISMS-P" not in said


def test_a_report_as_text_says_where_the_controls_are_and_counts_what_has_no_subject() -> None:
    said = "controls: evidence for the controls of ISMS-P: --format markdown, or --output html=FILE"
    assert said in here("audit", BEFORE, *AS_OF, "--profile", "isms-p").out.splitlines()
    assert "controls: " not in here("audit", BEFORE, *AS_OF).out
    shown = here("audit", BEFORE, *AS_OF, "--profile", "isms-p", "--format", "markdown").out
    assert "no subject" not in shown
    assert re.search(r"contacts-not-checked \(\d failed\), .*, \d+ policies without a subject; no file shows", shown)
