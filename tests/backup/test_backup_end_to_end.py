"""AWS Backup as it selects: each clause on an estate of its own, from the file to the protection of the store."""

from __future__ import annotations

import pytest
from backup_estates import SEOUL, estate_of, members, one, plan, selection, store_of, table

from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.logic import truth_of

T = "aws_dynamodb_table.t"
BY_ARN = selection("resources = [aws_dynamodb_table.t.arn]")


def tag(key: str, value: str) -> str:
    return f'selection_tag {{\n type = "STRINGEQUALS"\n key = "{key}"\n value = "{value}"\n }}\n'


@pytest.mark.parametrize(("tags", "taken"), [('a = "1"', True), ('b = "2"', True), ('a = "2", b = "1"', False), ("", False)])
def test_any_of_several_tags_is_enough(tags: str, taken: bool) -> None:
    text = SEOUL + plan() + selection(tag("a", "1") + tag("b", "2")) + table(f"tags = {{ {tags} }}")
    assert [each.presence for each in members(text, T, "backup-plan")] == [Truth.TRUE] * taken


def test_tags_that_modules_merge_count() -> None:
    module = """
variable "tags" {
  type = map(string)
}
resource "aws_dynamodb_table" "t" {
  name = "t"
  tags = merge({ team = "orders" }, var.tags, { backup = "daily" })
}
"""
    root = SEOUL + plan() + selection(tag("backup", "daily")) + 'module "orders" {\n source = "./orders"\n tags = { backup = "none" }\n}\n'
    found = one({"main.tf": root, "orders/main.tf": module}, "module.orders.aws_dynamodb_table.t", "backup-plan")
    assert found.presence is Truth.TRUE


def test_several_plans_may_take_one_store() -> None:
    second = (plan('schedule = "cron(0 9 ? * SUN *)"') + BY_ARN).replace('"p"', '"q"').replace(".p.id", ".q.id").replace('"s"', '"r"')
    text = SEOUL + plan() + BY_ARN + second + table()
    assert sorted(each.value.address for each in members(text, T, "backup-plan")) == [
        "aws_backup_plan.p.rule[0]",
        "aws_backup_plan.q.rule[0]",
    ]
    assert str(store_of(text, T).recovery.corruption.rpo) == "24h to 28h"


VAULT = 'resource "aws_backup_vault" "v" {\n name = "v"\n}\n'
LOCK = 'resource "aws_backup_vault_lock_configuration" "l" {\n backup_vault_name = %s\n min_retention_days = 30\n}\n'
DATA = 'data "aws_backup_vault" "d" {\n name = "v"\n}\n'


@pytest.mark.parametrize("target", ["aws_backup_vault.v.name", "aws_backup_vault.v.id", '"v"', "data.aws_backup_vault.d.name"])
@pytest.mark.parametrize("locked", ["aws_backup_vault.v.name", '"v"'])
def test_a_vault_is_found_by_reference_by_name_and_by_data_source(target: str, locked: str) -> None:
    rule = 'schedule = "cron(0 3 * * ? *)"\n lifecycle {\n delete_after = 7\n }'
    text = SEOUL + VAULT + LOCK % locked + DATA + plan(rule).replace('"Default"', target) + BY_ARN + table()
    assert [each.value for each in one(text, T, "backup-plan").value.unmet.elements] == [
        "aws_backup_vault.v takes only recovery points kept 30 days or longer"
    ]


def test_a_rule_without_a_schedule_recurs_by_that_of_aws_backup() -> None:
    found = one(SEOUL + plan("") + BY_ARN + table(), T, "backup-plan").value
    assert truth_of(found.scheduled) is Truth.TRUE
    assert found.timing == "daily 05:00 Etc/UTC, start window 1h → 25h, completion window 3h → 28h"
    assert str(store_of(SEOUL + plan("") + BY_ARN + table(), T).recovery.corruption.rpo) == "24h to 28h"


def test_account_and_region_of_a_copy() -> None:
    vault = "arn:aws:backup:eu-west-1:444455556666:backup-vault:v"
    rule = f'schedule = "cron(0 3 * * ? *)"\n copy_action {{\n destination_vault_arn = "{vault}"\n }}'
    found = one(SEOUL + plan(rule) + BY_ARN + table(), T, "backup-plan-copy").value
    assert isinstance(found.region, Known) and found.region.value == "eu-west-1"
    assert isinstance(found.account, Known) and found.account.value == "444455556666"
    assert truth_of(found.survives.region) is Truth.TRUE


def test_a_rule_is_there_whether_or_not_it_takes_anything() -> None:
    (found,) = estate_of(SEOUL + plan()).schedules
    assert not found.stores.elements
