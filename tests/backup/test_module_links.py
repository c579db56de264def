from __future__ import annotations

import pytest
from backup_estates import SEOUL, store_of, table

from drpolicy.model.reasons import Reason

T = "aws_dynamodb_table.t"


def module(argument: str) -> str:
    return f'module "backup" {{\n  source = "example/backup/aws"\n  {argument}\n}}\n'


@pytest.mark.parametrize(
    "argument",
    [
        "arn = aws_dynamodb_table.t.arn",
        "name = aws_dynamodb_table.t.name",
        "tables = { orders = [aws_dynamodb_table.t.arn] }",
        'pattern = "${aws_dynamodb_table.t.arn}/*"',
        'pattern = format("%s/*", aws_dynamodb_table.t.name)',
        "table = aws_dynamodb_table.t",
    ],
)
def test_a_module_that_is_not_there_may_protect_what_it_is_given(argument: str) -> None:
    rest = store_of(SEOUL + table() + module(argument), T).protections.rest
    assert rest is not None
    assert rest.reason is Reason.MODULE_NOT_ON_DISK
    assert rest.symbol == "root:module.backup (example/backup/aws)"


def test_it_protects_nothing_else() -> None:
    text = SEOUL + table() + table(name="other") + module("arn = aws_dynamodb_table.other.arn")
    assert store_of(text, T).protections.rest is None
    assert store_of(SEOUL + table() + module('name = "t"'), T).protections.rest is None


def test_instances_are_meant_by_the_whole() -> None:
    text = SEOUL + table("count = 2") + module("arns = aws_dynamodb_table.t[*].arn")
    for at in range(2):
        assert store_of(text, f"{T}[{at}]").protections.rest is not None
    single = SEOUL + table("count = 2") + module("arn = aws_dynamodb_table.t[1].arn")
    assert store_of(single, f"{T}[0]").protections.rest is None
    assert store_of(single, f"{T}[1]").protections.rest is not None
