"""Findings on rules of Backup plans: the sentence, the place inside of the rule, and the evidence that leads to it."""

from __future__ import annotations

import pytest
from policy_runs import SEOUL, findings

from drpolicy.model.findings import Finding, Verdict
from drpolicy.policy.builtin import built_in_policies
from drpolicy.policy.compiled import CompiledPolicy, compile_policy

PLAN = (
    SEOUL
    + """
resource "aws_backup_vault" "v" {
  name = "v"
}

resource "aws_backup_vault_lock_configuration" "v" {
  backup_vault_name  = aws_backup_vault.v.name
  min_retention_days = 30
}

resource "aws_backup_plan" "p" {
  name = "p"

  rule {
    rule_name         = "r"
    target_vault_name = aws_backup_vault.v.name
    %s

    lifecycle {
      %s
    }
  }
}
"""
)
WEEKDAYS = 'schedule          = "cron(0 3 ? * MON-FRI *)"\n    schedule_expression_timezone = "Europe/Berlin"'


def failed(id_: str, schedule: str, lifecycle: str) -> Finding:
    document = next(each for each in built_in_policies() if each.id == id_)
    compiled = compile_policy(document)
    assert isinstance(compiled, CompiledPolicy)
    (finding,) = findings(compiled, PLAN % (schedule, lifecycle))
    assert finding.verdict is Verdict.FAIL
    return finding


@pytest.mark.parametrize(
    ("policy", "schedule", "lifecycle", "message", "text", "evidence"),
    [
        (
            "retention-shorter-than-interval",
            WEEKDAYS,
            "delete_after = 2",
            "schedule aws_backup_plan.p.rule[0] keeps a backup 2d and makes one every 3d1h: part of the time there is none",
            "2",
            "cron(0 3 ? * MON-FRI *) in Europe/Berlin: largest gap 3d1h",
        ),
        (
            "schedule-never-runs",
            'schedule = "cron(0 3 31 4 ? *)"',
            "delete_after = 35",
            "schedule aws_backup_plan.p.rule[0] (cron(0 3 31 4 ? *)) never makes a backup: no date matches it",
            '"cron(0 3 31 4 ? *)"',
            "fires: no, cron(0 3 31 4 ? *) never runs",
        ),
        (
            "backup-plan-without-schedule",
            "",
            "delete_after = 35",
            "rule aws_backup_plan.p.rule[0] says no schedule, so AWS Backup takes its own (cron(0 5 ? * * *)), "
            "and every plan shows it as a change",
            "rule {",
            "unwritten: yes, no schedule is written",
        ),
        (
            "retention-outside-lock",
            WEEKDAYS,
            "delete_after = 14",
            "rule aws_backup_plan.p.rule[0] makes nothing in a vault that refuses its retention: "
            "aws_backup_vault.v takes only recovery points kept 30 days or longer",
            "14",
            "requirement met: no, retention within the bounds of the lock",
        ),
        (
            "cold-storage-too-short",
            WEEKDAYS,
            "cold_storage_after = 30\n      delete_after       = 60",
            "rule aws_backup_plan.p.rule[0] deletes backups less than 90 days after they have moved to cold storage, "
            "which AWS Backup refuses",
            "lifecycle {",
            "cold_storage_after is 30",
        ),
        (
            "continuous-backup-refused",
            WEEKDAYS + "\n    enable_continuous_backup = true",
            "delete_after = 365",
            "rule aws_backup_plan.p.rule[0] makes continuous backups, which are kept 1 to 35 days and never in cold storage; "
            "its lifecycle says otherwise",
            "365",
            "delete_after is 365",
        ),
        (
            "backup-window-too-short",
            WEEKDAYS + "\n    start_window = 30",
            "delete_after = 35",
            "rule aws_backup_plan.p.rule[0] gives a job 30 minutes to start, and AWS Backup takes no less than 60",
            "30",
            "start_window is 30",
        ),
    ],
)
def test_a_finding_points_into_the_rule(policy: str, schedule: str, lifecycle: str, message: str, text: str, evidence: str) -> None:
    finding = failed(policy, schedule, lifecycle)
    assert finding.message == message
    assert finding.span.text == text
    assert evidence in [each.text for each in finding.evidence]
    assert finding.subject.type == "aws_backup_plan"


def test_the_same_of_a_rule_is_said_once() -> None:
    """A vault lock stands in the finding on the rule, and not on each store that the rule would have protected."""
    taken = """
resource "aws_dynamodb_table" "t" {
  name = "t"
}

resource "aws_backup_selection" "s" {
  name         = "s"
  plan_id      = aws_backup_plan.p.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  resources    = [aws_dynamodb_table.t.arn]
}
"""
    document = next(each for each in built_in_policies() if each.id == "protection-cannot-work")
    compiled = compile_policy(document)
    assert isinstance(compiled, CompiledPolicy)
    verdicts = {each.verdict for each in findings(compiled, PLAN % (WEEKDAYS, "delete_after = 14") + taken)}
    assert verdicts == {Verdict.NOT_APPLICABLE}
