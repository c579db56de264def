"""The report says which Backup plans cover nothing that was read."""

from __future__ import annotations

from pathlib import Path

from repositories import PROVIDER, checked, repository

PLAN = """
resource "aws_backup_plan" "%(name)s" {
  name = "%(name)s"
  rule {
    rule_name         = "daily"
    target_vault_name = "v"
    schedule          = "cron(0 5 * * ? *)"
  }
}

resource "aws_backup_selection" "%(name)s" {
  name         = "%(name)s"
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  plan_id      = aws_backup_plan.%(name)s.id
  resources    = [%(covers)s]
}
"""
STORE = 'resource "aws_efs_file_system" "files" {\n  encrypted = true\n}\n'


def inferred(directory: Path, *plans: tuple[str, str]) -> list[str]:
    text = PROVIDER + STORE + "".join(PLAN % {"name": name, "covers": covers} for name, covers in plans)
    report = checked(repository(directory, {"envs/a/main.tf": text}))
    return [each.text for each in report.coverage.inferred if "store that was read" in each.text]


def test_a_plan_that_covers_nothing_is_named(tmp_path: Path) -> None:
    assert inferred(tmp_path, ("covering", "aws_efs_file_system.files.arn"), ("idle", "")) == [
        "envs/a//aws_backup_plan.idle covers no store that was read"
    ]


def test_plans_that_cover_nothing_are_counted(tmp_path: Path) -> None:
    assert inferred(tmp_path, ("first", ""), ("second", "")) == [
        "envs/a//aws_backup_plan.first and 1 more AWS Backup plan cover no store that was read"
    ]


def test_nothing_is_said_of_plans_that_cover_something(tmp_path: Path) -> None:
    assert inferred(tmp_path, ("covering", "aws_efs_file_system.files.arn")) == []
