"""Which roles may delete a store and all of its copies, however their policies are written."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of, store

from drpolicy.model.truth import Truth

SERVICE = """apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: shop}
spec:
  owner: team-shop
  stores: [{ref: aws_db_instance.orders}]
"""
DATABASE = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
variable "policy" {}
resource "aws_db_instance" "orders" {
  identifier              = "orders"
  backup_retention_period = 7
}
resource "aws_iam_role" "ci" {
  name               = "ci"
  assume_role_policy = "{}"
%s}
"""
BOTH = '["rds:Delete*"]'
MAY = [("aws_iam_role.ci", Truth.TRUE)]
MAYBE = [("aws_iam_role.ci", Truth.UNKNOWN)]
ATTACHED = """
resource "aws_iam_policy" "ci" {
  policy = %s
}
resource "aws_iam_role_policy_attachment" "ci" {
  role       = "ci"
  policy_arn = aws_iam_policy.ci.arn
}
"""
DOCUMENT = """
data "aws_iam_policy_document" "ci" {
  statement {
    actions   = %s
    resources = ["*"]
%s  }
}
"""


def document(actions: str, more: str = "") -> str:
    return f'jsonencode({{ Statement = [{{ Effect = "Allow", Action = {actions}, Resource = "*"{more} }}] }})'


def may(text: str, inside: str = "") -> list[tuple[str, Truth]]:
    found = store(estate_of({"main.tf": DATABASE % inside + text, "shop.yaml": SERVICE}), "aws_db_instance.orders")
    return [(each.value, each.presence) for each in found.deleters.elements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ATTACHED % document(BOTH), MAY),
        (ATTACHED % document('"*"'), MAY),
        (ATTACHED % document('["rds:DeleteDBInstance"]'), []),
        (ATTACHED % document('["RDS:deletedb*"]'), MAY),
        (ATTACHED % document('["rds:DeleteDB?nstance*"]'), MAY),
        (ATTACHED % document(BOTH, ', Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }'), []),
        (ATTACHED % "var.policy", []),
        (ATTACHED % "data.aws_iam_policy_document.ci.json" + DOCUMENT % (BOTH, ""), MAY),
        (
            ATTACHED % "data.aws_iam_policy_document.ci.json"
            + DOCUMENT % (BOTH, '    condition {\n      test = "Bool"\n      variable = "a"\n      values = ["b"]\n    }\n'),
            [],
        ),
    ],
)
def test_what_a_policy_allows(text: str, expected: list[tuple[str, Truth]]) -> None:
    assert may(text) == expected


def test_what_stands_on_the_role_itself() -> None:
    assert may("", '  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]\n') == MAY
    assert may("", f'  inline_policy {{\n    name   = "a"\n    policy = {document(BOTH)}\n  }}\n') == MAY
    assert may("", '  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]\n') == []


def test_a_boundary_or_another_policy_may_take_it_away() -> None:
    boundary = '  permissions_boundary = "arn:aws:iam::111122223333:policy/boundary"\n'
    assert may(ATTACHED % document(BOTH), boundary) == MAYBE
    other = 'resource "aws_iam_role_policy" "other" {\n  role   = aws_iam_role.ci.id\n  policy = var.policy\n}\n'
    assert may(ATTACHED % document(BOTH) + other) == MAYBE


def test_a_copy_in_another_account_is_out_of_reach() -> None:
    vault = """
resource "aws_backup_plan" "orders" {
  name = "orders"
  rule {
    rule_name         = "daily"
    target_vault_name = "here"
    schedule          = "cron(0 3 * * ? *)"
    copy_action {
      destination_vault_arn = "arn:aws:backup:eu-central-1:444455556666:backup-vault:there"
    }
  }
}
resource "aws_backup_selection" "orders" {
  name         = "orders"
  plan_id      = aws_backup_plan.orders.id
  iam_role_arn = aws_iam_role.ci.arn
  resources    = [aws_db_instance.orders.arn]
}
"""
    assert may(ATTACHED % document('"*"') + vault) == []
