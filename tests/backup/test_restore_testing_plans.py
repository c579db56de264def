"""AWS Backup restore testing plans: what they restore, how often, and whether that proves anything."""

from __future__ import annotations

import pytest

from drpolicy.model.clusters import RestoreTest
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.logic import truth_of
from tests.backup.backup_estates import SEOUL, estate_of, table

TABLES = table('tags = { tier = "gold" }', "gold") + table("", "plain")
BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'


def plan(selection: str = "", schedule: str = "cron(0 5 ? * MON *)") -> str:
    return f"""{SEOUL}{TABLES}{BUCKET}
resource "aws_backup_restore_testing_plan" "weekly" {{
  name                = "weekly"
  schedule_expression = "{schedule}"
}}
{selection}
"""


def selection(terms: str = 'protected_resource_arns = ["*"]', kind: str = "DynamoDB", plan_name: str = '"weekly"') -> str:
    return f"""
resource "aws_backup_restore_testing_selection" "s" {{
  name                      = "s"
  restore_testing_plan_name = {plan_name}
  protected_resource_type   = "{kind}"
  {terms}
}}
"""


def restore_test(text: str) -> RestoreTest:
    (found,) = estate_of(text).restore_tests
    return found


def taken(text: str) -> dict[str, Truth]:
    return {each.value.removeprefix("root//"): each.presence for each in restore_test(text).stores.elements}


def test_the_schedule_is_read_as_aws_reads_it() -> None:
    found = restore_test(plan(selection()))
    assert isinstance(found.gap, Known)
    assert (found.name, str(found.gap.value), truth_of(found.fires)) == ("aws_backup_restore_testing_plan.weekly", "7d", Truth.TRUE)
    assert truth_of(restore_test(plan(selection(), "cron(0 5 31 2 ? *)")).fires) is Truth.FALSE


@pytest.mark.parametrize(
    ("chosen", "stores"),
    [
        (selection(), {"aws_dynamodb_table.gold": Truth.TRUE, "aws_dynamodb_table.plain": Truth.TRUE}),
        (selection(kind="S3"), {"aws_s3_bucket.b": Truth.TRUE}),
        (selection("protected_resource_arns = [aws_dynamodb_table.gold.arn]"), {"aws_dynamodb_table.gold": Truth.TRUE}),
        (
            selection(
                'protected_resource_conditions {\n    string_equals {\n      key = "aws:ResourceTag/tier"\n      value = "gold"\n    }\n  }'
            ),
            {"aws_dynamodb_table.gold": Truth.TRUE},
        ),
        (
            selection("protected_resource_arns = [var.table]"),
            {"aws_dynamodb_table.gold": Truth.UNKNOWN, "aws_dynamodb_table.plain": Truth.UNKNOWN},
        ),
        (selection(plan_name='"another"'), {}),
        ("", {}),
    ],
)
def test_which_stores_are_restored(chosen: str, stores: dict[str, Truth]) -> None:
    assert taken(plan(chosen)) == stores


@pytest.mark.parametrize(
    ("terms", "verifies"),
    [("", Truth.FALSE), ("validation_window_hours = 0", Truth.FALSE), ("validation_window_hours = 4", Truth.UNKNOWN)],
)
def test_what_is_deleted_at_once_is_looked_at_by_nobody(terms: str, verifies: Truth) -> None:
    found = restore_test(plan(selection(f'protected_resource_arns = ["*"]\n  {terms}')))
    assert (truth_of(found.verifies), truth_of(found.sound)) == (verifies, verifies)


def test_a_service_is_tested_by_a_plan_that_takes_one_of_its_stores() -> None:
    declared = """apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team
  stores: [{ref: aws_dynamodb_table.NAME}]
"""
    chosen = plan(selection("protected_resource_arns = [aws_dynamodb_table.gold.arn]"))
    for name, expected in (("gold", ["aws_backup_restore_testing_plan.weekly"]), ("plain", [])):
        (service,) = estate_of({"main.tf": chosen, "s.yaml": declared.replace("NAME", name)}).services
        assert [each.name for each in service.restore_tests] == expected


def test_the_types_of_the_other_provider_are_read_alike() -> None:
    text = plan(selection(plan_name="aws_backup_restore_testing_plan.weekly.restore_testing_plan_name"))
    other = text.replace("aws_backup_restore_testing", "awscc_backup_restore_testing").replace('provider "aws"', 'provider "awscc"')
    other = SEOUL + other.replace("  name                =", "  restore_testing_plan_name =")
    found = restore_test(other)
    assert (found.name, truth_of(found.selects)) == ("awscc_backup_restore_testing_plan.weekly", Truth.TRUE)
    assert taken(other) == {"aws_dynamodb_table.gold": Truth.TRUE, "aws_dynamodb_table.plain": Truth.TRUE}
