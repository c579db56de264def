from __future__ import annotations

import pytest
from backup_estates import SEOUL, TOKYO, members, one, plan, selection, store_of, table

from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth

T = "aws_dynamodb_table.t"
ALL = 'resources = ["*"]'


def presence(text: str, address: str = T) -> Truth:
    found = members(text, address, "backup-plan")
    return found[0].presence if found else Truth.FALSE


@pytest.mark.parametrize(
    "terms", ["resources = [aws_dynamodb_table.t.arn]", ALL, 'selection_tag {\n type = "STRINGEQUALS"\n key = "b"\n value = "y"\n }']
)
def test_a_plan_takes_nothing_of_another_region(terms: str) -> None:
    here = table('tags = { b = "y" }')
    there = table('provider = aws.tokyo\n tags = { b = "y" }')
    assert presence(SEOUL + TOKYO + plan() + selection(terms) + here) is Truth.TRUE
    assert presence(SEOUL + TOKYO + plan() + selection(terms) + there) is Truth.FALSE


def test_an_unknown_region_leaves_it_open_and_says_which() -> None:
    unset = 'variable "r" {}\nprovider "aws" {\n  alias = "x"\n  region = var.r\n}\n'
    member = one(SEOUL + unset + plan() + selection(ALL) + table("provider = aws.x"), T, "backup-plan")
    assert member.presence is Truth.UNKNOWN
    assert member.why is not None and member.why.reason is Reason.VARIABLE_NOT_SET


def test_accounts_nobody_names_are_equal_within_a_deployment_only() -> None:
    files = {"a/main.tf": SEOUL + plan() + selection(ALL) + table(name="a"), "b/main.tf": SEOUL + table(name="b")}
    assert one(files, "aws_dynamodb_table.a", "backup-plan").presence is Truth.TRUE
    assert one(files, "aws_dynamodb_table.b", "backup-plan").presence is Truth.UNKNOWN
    named = 'provider "aws" {\n region = "ap-northeast-2"\n allowed_account_ids = ["%s"]\n}\n'
    same = {"a/main.tf": named % "111122223333" + plan() + selection(ALL), "b/main.tf": named % "111122223333" + table(name="b")}
    other = {**same, "b/main.tf": named % "444455556666" + table(name="b")}
    assert one(same, "aws_dynamodb_table.b", "backup-plan").presence is Truth.TRUE
    assert members(other, "aws_dynamodb_table.b", "backup-plan") == []


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:dynamodb:*:*:table/*", Truth.TRUE),
        ("arn:aws:dynamodb:ap-northeast-2:*:table/t*", Truth.TRUE),
        ("arn:aws:dynamodb:*", Truth.TRUE),
        ("arn:aws:dynamodb:ap-northeast-1:*:table/*", Truth.FALSE),
        ("arn:aws:dynamodb:*:*:table/x*", Truth.FALSE),
        ("arn:aws:rds:*:*:db:*", Truth.FALSE),
        ("arn:aws:rds:*", Truth.FALSE),
        ("arn:aws:dynamodb:ap-northeast-2:111122223333:table/*", Truth.UNKNOWN),
        ("arn:aws:dynamodb:${var.r}:*:table/*", Truth.UNKNOWN),
        ("arn:aws:rds:${var.r}:*:db:*", Truth.FALSE),
        ("not an arn", Truth.FALSE),
    ],
)
def test_patterns(arn: str, expected: Truth) -> None:
    text = SEOUL + 'variable "r" {}\n' + plan() + selection(f'resources = ["{arn}"]') + table()
    assert presence(text) is expected


def test_what_is_taken_out_is_not_taken() -> None:
    out = selection(ALL + '\n not_resources = ["arn:aws:dynamodb:*:*:table/*"]')
    assert presence(SEOUL + plan() + out + table()) is Truth.FALSE
    unknown = selection(ALL + "\n not_resources = var.out")
    assert presence(SEOUL + 'variable "out" {}\n' + plan() + unknown + table()) is Truth.UNKNOWN


CONDITION = 'condition {{\n {operator} {{\n key = "aws:ResourceTag/stage"\n value = "{value}"\n }}\n }}'


@pytest.mark.parametrize(
    ("operator", "value", "tags", "expected"),
    [
        ("string_equals", "prod", 'tags = { stage = "prod" }', Truth.TRUE),
        ("string_equals", "prod", 'tags = { stage = "test" }', Truth.FALSE),
        ("string_equals", "prod", "", Truth.FALSE),
        ("string_like", "pr*", 'tags = { stage = "prod" }', Truth.TRUE),
        ("string_like", "*x*", 'tags = { stage = "prod" }', Truth.FALSE),
        ("string_not_equals", "prod", 'tags = { stage = "prod" }', Truth.FALSE),
        ("string_not_equals", "prod", 'tags = { stage = "test" }', Truth.TRUE),
        ("string_not_equals", "prod", "", Truth.UNKNOWN),
        ("string_not_like", "pr*", 'tags = { stage = "prod" }', Truth.FALSE),
        ("string_not_like", "pr*", 'tags = { stage = "test" }', Truth.TRUE),
        ("string_equals", "${var.stage}", 'tags = { stage = "prod" }', Truth.UNKNOWN),
        ("string_equals", "prod", "tags = { stage = var.stage }", Truth.UNKNOWN),
        ("string_equals", "true", "tags = { stage = true }", Truth.TRUE),
    ],
)
def test_conditions(operator: str, value: str, tags: str, expected: Truth) -> None:
    terms = ALL + "\n" + CONDITION.format(operator=operator, value=value)
    assert presence(SEOUL + 'variable "stage" {}\n' + plan() + selection(terms) + table(tags)) is expected


def test_conditions_hold_together_and_beside_a_named_resource() -> None:
    pair = '{\n key = "aws:ResourceTag/a"\n value = "1"\n }\n string_equals {\n key = "aws:ResourceTag/b"\n value = "2"\n }'
    terms = "resources = [aws_dynamodb_table.t.arn]\n condition {\n string_equals " + pair + "\n }"
    assert presence(SEOUL + plan() + selection(terms) + table('tags = { a = "1", b = "2" }')) is Truth.TRUE
    assert presence(SEOUL + plan() + selection(terms) + table('tags = { a = "1" }')) is Truth.FALSE


def test_conditions_alone_may_select_what_meets_them() -> None:
    terms = CONDITION.format(operator="string_equals", value="prod")
    assert presence(SEOUL + plan() + selection(terms) + table('tags = { stage = "prod" }')) is Truth.UNKNOWN
    assert presence(SEOUL + plan() + selection(terms) + table()) is Truth.FALSE


def test_default_tags_count() -> None:
    provider = 'provider "aws" {\n region = "ap-northeast-2"\n default_tags {\n tags = { b = "y" }\n }\n}\n'
    terms = 'selection_tag {\n type = "STRINGEQUALS"\n key = "b"\n value = "y"\n }'
    assert presence(provider + plan() + selection(terms) + table()) is Truth.TRUE
    assert presence(SEOUL + plan() + selection(terms) + table()) is Truth.FALSE
    assert presence(provider + plan() + selection(terms.replace("STRINGEQUALS", "STRINGLIKE")) + table()) is Truth.FALSE


def test_caches_are_not_backed_up_by_aws_backup() -> None:
    text = SEOUL + plan() + selection(ALL) + 'resource "aws_elasticache_replication_group" "c" {\n replication_group_id = "c"\n}\n'
    assert members(text, "aws_elasticache_replication_group.c", "backup-plan") == []


def test_a_plan_that_was_not_read_opens_what_its_selection_takes() -> None:
    text = SEOUL + 'variable "plan" {}\n' + selection(ALL).replace("aws_backup_plan.p.id", "var.plan")
    rest = store_of(text + table(), T).protections.rest
    assert rest is not None and rest.reason is Reason.VARIABLE_NOT_SET
    assert store_of(text + TOKYO + table("provider = aws.tokyo"), T).protections.rest is None
