from __future__ import annotations

import pytest
from backup_estates import SEOUL, TOKYO, one, plan, selection, store_of, table

from drpolicy.model.durations import DAY, MINUTE, Duration
from drpolicy.model.provenance import used_at
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown
from drpolicy.recovery.logic import truth_of

T = "aws_dynamodb_table.t"
TAKEN = selection("resources = [aws_dynamodb_table.t.arn]") + table()
VAULT = 'resource "aws_backup_vault" "v" {\n  provider = aws.tokyo\n  name     = "v"\n}\n'


def rule(text: str) -> str:
    return SEOUL + TOKYO + 'variable "x" {}\n' + VAULT + plan(text) + TAKEN


def test_a_rule_gives_interval_and_worst_case() -> None:
    found = one(rule('schedule = "cron(0 3 * * ? *)"\n start_window = "60"\n completion_window = 120'), T, "backup-plan").value
    assert isinstance(found.gap, Known) and found.gap.value == Duration(DAY)
    assert isinstance(found.worst_gap, Known) and found.worst_gap.value == Duration(DAY + 180 * MINUTE)
    assert truth_of(found.scheduled) is Truth.TRUE


def test_a_schedule_that_never_fires_is_none() -> None:
    found = one(rule('schedule = "cron(0 0 31 2 ? *)"'), T, "backup-plan").value
    assert truth_of(found.scheduled) is Truth.FALSE
    assert isinstance(found.gap, Absent)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("var.x", Truth.UNKNOWN),
        ('var.x == "a" ? "cron(0 3 * * ? *)" : "cron(0 5 * * ? *)"', Truth.TRUE),
        ('var.x == "a" ? "cron(0 3 * * ? *)" : "cron(0 0 31 2 ? *)"', Truth.UNKNOWN),
        ('var.x == "a" ? "cron(0 0 30 2 ? *)" : "cron(0 0 31 2 ? *)"', Truth.FALSE),
        ('"daily"', Truth.FALSE),
    ],
)
def test_whether_it_recurs(schedule: str, expected: Truth) -> None:
    found = one(rule(f"schedule = {schedule}"), T, "backup-plan").value
    assert truth_of(found.scheduled) is expected
    assert not isinstance(found.scheduled, Unknown) or found.scheduled.symbol.startswith("whether it recurs:")


def test_a_copy_carries_its_own_settings_and_points_at_its_attribute() -> None:
    text = rule('schedule = "cron(0 3 * * ? *)"\n copy_action {\n destination_vault_arn = aws_backup_vault.v.arn\n }')
    found = one(text, T, "backup-plan-copy").value
    assert set(found.attributes.fields) == {"destination_vault_arn"}
    assert isinstance(found.region, Known) and found.region.value == "ap-northeast-1"
    span = used_at(found.region.origin)
    assert span is not None and span.text == "aws_backup_vault.v.arn"


def test_region_and_account_of_a_copy_are_read_from_a_partly_known_arn() -> None:
    text = rule('copy_action {\n destination_vault_arn = "arn:aws:backup:ap-northeast-1:${var.x}:backup-vault:v"\n }')
    found = one(text, T, "backup-plan-copy").value
    assert isinstance(found.region, Known) and found.region.value == "ap-northeast-1"
    assert isinstance(found.account, Unknown) and found.account.symbol == "root:var.x"


def test_the_target_vault_of_a_rule_is_in_the_region_of_its_plan() -> None:
    text = rule('schedule = "cron(0 3 * * ? *)"').replace('"Default"', "aws_backup_vault.v.name")
    found = one(text, T, "backup-plan").value
    assert isinstance(found.region, Known) and found.region.value == "ap-northeast-2"


def test_rules_and_copies_of_unknown_number_leave_a_store_open() -> None:
    copies = 'dynamic "copy_action" {\n for_each = var.x\n content {\n destination_vault_arn = copy_action.value\n }\n }'
    assert store_of(rule(copies), T).protections.rest is not None
    assert store_of(rule(""), T).protections.rest is None


def test_retention() -> None:
    assert isinstance(one(rule(""), T, "backup-plan").value.retention, Absent)
    days = one(rule('lifecycle {\n delete_after = "35"\n }'), T, "backup-plan").value.retention
    assert isinstance(days, Known) and days.value == Duration(35 * DAY)
    assert isinstance(one(rule("lifecycle {\n delete_after = var.x\n }"), T, "backup-plan").value.retention, Unknown)


@pytest.mark.parametrize(
    ("mode", "expected"), [("changeable_for_days = 3", Truth.TRUE), ("", Truth.FALSE), ("changeable_for_days = var.x", Truth.UNKNOWN)]
)
def test_a_lock_in_compliance_mode_makes_it_immutable(mode: str, expected: Truth) -> None:
    vault = 'resource "aws_backup_vault" "here" {\n  name = "here"\n}\n'
    lock = f'resource "aws_backup_vault_lock_configuration" "l" {{\n backup_vault_name = aws_backup_vault.here.name\n {mode}\n}}\n'
    text = rule('schedule = "cron(0 3 * * ? *)"').replace('"Default"', "aws_backup_vault.here.name") + vault + lock
    assert truth_of(one(text, T, "backup-plan").value.immutable) is expected


def test_a_bucket_without_versions_is_not_backed_up() -> None:
    bucket = 'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
    text = SEOUL + plan() + selection("resources = [aws_s3_bucket.b.arn]") + bucket
    assert truth_of(one(text, "aws_s3_bucket.b", "backup-plan").value.works) is Truth.FALSE
    versions = (
        'resource "aws_s3_bucket_versioning" "b" {\n bucket = aws_s3_bucket.b.id\n versioning_configuration {\n status = "Enabled"\n }\n}\n'
    )
    assert truth_of(one(text + versions, "aws_s3_bucket.b", "backup-plan").value.works) is Truth.TRUE


def test_continuous_backup_is_not_bounded_below_by_the_schedule() -> None:
    database = 'resource "aws_db_instance" "d" {\n  identifier = "d"\n}\n'
    taken = selection("resources = [aws_db_instance.d.arn]") + database
    text = SEOUL + plan('schedule = "cron(0 3 * * ? *)"\n enable_continuous_backup = true') + taken
    found = one(text, "aws_db_instance.d", "backup-plan").value
    assert isinstance(found.gap, Known) and found.gap.value == Duration(0)
