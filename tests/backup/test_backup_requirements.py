"""What stands between a plan and a recovery point: the region's opt-in, and the bounds of a vault lock."""

from __future__ import annotations

import pytest
from backup_estates import SEOUL, TOKYO, one, plan, selection, table

from drpolicy.model.truth import Truth
from drpolicy.recovery.logic import truth_of

T = "aws_dynamodb_table.t"
BY_TAG = selection('selection_tag {\n type = "STRINGEQUALS"\n key = "backup"\n value = "yes"\n }')
BY_ARN = selection("resources = [aws_dynamodb_table.t.arn]")
BY_TYPE = selection('resources = ["arn:aws:dynamodb:*:*:table/*"]')
ALL = selection('resources = ["*"]')
TABLE = table('tags = { backup = "yes" }')
CLUSTER = 'resource "aws_rds_cluster" "c" {\n cluster_identifier = "c"\n}\n'


def settings(preference: str, header: str = "") -> str:
    return (
        f'variable "x" {{}}\nresource "aws_backup_region_settings" "s" {{\n {header}\n resource_type_opt_in_preference = {preference}\n}}\n'
    )


@pytest.mark.parametrize(
    ("selected", "preference", "expected"),
    [
        (BY_TAG, "{ DynamoDB = false }", Truth.FALSE),
        (BY_TAG, "{ DynamoDB = true }", Truth.TRUE),
        (BY_TAG, "{ DynamoDB = var.x }", Truth.UNKNOWN),
        (BY_TAG, "var.x", Truth.UNKNOWN),
        (BY_TAG, "{ RDS = false }", Truth.TRUE),
        (BY_ARN, "{ DynamoDB = false }", Truth.TRUE),
        (BY_TYPE, "{ DynamoDB = false }", Truth.TRUE),
        (ALL, "{ DynamoDB = false }", Truth.UNKNOWN),
    ],
)
def test_settings_apply_to_what_is_taken_by_tags_alone(selected: str, preference: str, expected: Truth) -> None:
    text = SEOUL + plan() + selected + TABLE + settings(preference)
    assert truth_of(one(text, T, "backup-plan").value.works) is expected


def test_aurora_must_be_opted_in_even_when_it_is_assigned_explicitly() -> None:
    text = SEOUL + plan() + selection("resources = [aws_rds_cluster.c.arn]") + CLUSTER + settings("{ Aurora = false }")
    found = one(text, "aws_rds_cluster.c", "backup-plan").value
    assert truth_of(found.works) is Truth.FALSE
    assert [each.value for each in found.unmet.elements] == ["aws_backup_region_settings.s does not opt in Aurora"]


def test_settings_of_another_region_say_nothing() -> None:
    text = SEOUL + TOKYO + plan() + BY_TAG + TABLE + settings("{ DynamoDB = false }", "provider = aws.tokyo")
    assert truth_of(one(text, T, "backup-plan").value.works) is Truth.TRUE


def vault(lock: str, lifecycle: str) -> str:
    rule = f'schedule = "cron(0 3 * * ? *)"\n {lifecycle}'
    return (
        SEOUL
        + 'variable "x" {}\nresource "aws_backup_vault" "v" {\n name = "v"\n}\n'
        + f'resource "aws_backup_vault_lock_configuration" "l" {{\n backup_vault_name = aws_backup_vault.v.name\n {lock}\n}}\n'
        + plan(rule).replace('"Default"', "aws_backup_vault.v.name")
        + BY_ARN
        + TABLE
    )


BOUNDS = "min_retention_days = 7\n max_retention_days = 90"


@pytest.mark.parametrize(
    ("lock", "lifecycle", "expected"),
    [
        (BOUNDS, "lifecycle {\n delete_after = 35\n }", Truth.TRUE),
        (BOUNDS, "lifecycle {\n delete_after = 3\n }", Truth.FALSE),
        (BOUNDS, "lifecycle {\n delete_after = 365\n }", Truth.FALSE),
        (BOUNDS, "", Truth.FALSE),
        ("min_retention_days = 7", "", Truth.TRUE),
        (BOUNDS, "lifecycle {\n delete_after = var.x\n }", Truth.UNKNOWN),
        ("min_retention_days = var.x", "lifecycle {\n delete_after = 35\n }", Truth.UNKNOWN),
        (f"count = var.x\n {BOUNDS}", "lifecycle {\n delete_after = 3\n }", Truth.UNKNOWN),
        ("changeable_for_days = 3", "lifecycle {\n delete_after = 3\n }", Truth.TRUE),
    ],
)
def test_a_job_whose_retention_is_outside_the_bounds_of_the_lock_fails(lock: str, lifecycle: str, expected: Truth) -> None:
    assert truth_of(one(vault(lock, lifecycle), T, "backup-plan").value.works) is expected


def test_the_bounds_of_an_air_gapped_vault_are_its_own() -> None:
    text = (
        SEOUL
        + 'resource "aws_backup_logically_air_gapped_vault" "v" {\n name = "v"\n min_retention_days = 7\n max_retention_days = 90\n}\n'
        + plan(
            'schedule = "cron(0 3 * * ? *)"\n copy_action {\n'
            " destination_vault_arn = aws_backup_logically_air_gapped_vault.v.arn\n lifecycle {\n delete_after = 3\n }\n }"
        )
        + BY_ARN
        + TABLE
    )
    found = one(text, T, "backup-plan-copy").value
    assert [each.value for each in found.unmet.elements] == [
        "aws_backup_logically_air_gapped_vault.v takes only recovery points kept 7 to 90 days"
    ]
    assert truth_of(found.immutable) is Truth.TRUE
