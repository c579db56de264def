"""What an IAM role allows: three-valued, and never more than is written."""

from __future__ import annotations

import pytest

from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.truth import Truth
from drpolicy.recovery.iam_rights import rights_of
from drpolicy.recovery.links import link_index
from drpolicy.sources.trees import MemoryTree

HEAD = """\
# velero
provider "aws" {
  region = "eu-west-1"
}
variable "x" {}
resource "aws_s3_bucket" "b" {
  bucket = "b"
}
resource "aws_iam_role" "r" {
  name = "r"
}
"""


def allowed(text: str, action: str = "s3:PutObject", arn: str = "arn:aws:s3:::b/p/o") -> Truth:
    roots = read_tree(MemoryTree({"main.tf": HEAD + text})).inputs.roots
    resources = [each for root in roots for each in root.resources]
    links = link_index(resources, built_in_catalog())
    role = next(each for each in resources if each.type == "aws_iam_role")
    bucket = next(each for each in resources if each.type == "aws_s3_bucket")
    return rights_of(role, links).allow(action, arn, bucket.key)


def inline(statement: str) -> str:
    policy = f"jsonencode({{ Statement = [{{ {statement} }}] }})"
    return f'resource "aws_iam_role_policy" "p" {{\n  role = aws_iam_role.r.id\n  policy = {policy}\n}}\n'


@pytest.mark.parametrize(
    ("statement", "truth"),
    [
        ('Effect = "Allow", Action = "s3:*", Resource = "*"', Truth.TRUE),
        ('Effect = "Allow", Action = "S3:put*", Resource = "arn:aws:s3:::b/*"', Truth.TRUE),
        ('Effect = "Allow", Action = ["s3:GetObject", "s3:PutObjec?"], Resource = ["arn:aws:s3:::b/p/*"]', Truth.TRUE),
        ('Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::b/q/*"', Truth.FALSE),
        ('Effect = "Allow", Action = "s3:GetObject", Resource = "*"', Truth.FALSE),
        ('Effect = "Deny", Action = "s3:*", Resource = "*"', Truth.FALSE),
        ('Effect = "Allow", NotAction = "iam:*", Resource = "*"', Truth.TRUE),
        ('Effect = "Allow", NotAction = "s3:*", Resource = "*"', Truth.FALSE),
        ('Effect = "Allow", Action = "s3:*", NotResource = "arn:aws:s3:::c/*"', Truth.UNKNOWN),
        ('Effect = "Allow", Action = "s3:*", Resource = var.x', Truth.UNKNOWN),
        ('Effect = "Allow", Action = var.x, Resource = "arn:aws:s3:::c/*"', Truth.FALSE),
        ('Effect = var.x, Action = "s3:*", Resource = "*"', Truth.UNKNOWN),
        ('Effect = "Allow", Action = "s3:*", Resource = "${aws_s3_bucket.b.arn}/*"', Truth.TRUE),
        ('Effect = "Allow", Action = "s3:*", Resource = aws_s3_bucket.b.arn', Truth.FALSE),
        ('Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*"', Truth.FALSE),
    ],
)
def test_a_statement(statement: str, truth: Truth) -> None:
    assert allowed(inline(statement)) is truth


def test_json_that_is_written_out_counts_around_what_is_not_known_in_it() -> None:
    text = '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::${var.x}/*"}}'
    policy = f'resource "aws_iam_role_policy" "p" {{\n  role = aws_iam_role.r.name\n  policy = <<EOT\n{text}\nEOT\n}}\n'
    assert allowed(policy) is Truth.FALSE
    assert allowed(policy, "s3:GetObject") is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("role", "arn", "truth"),
    [
        ("aws_iam_role.r.name", "aws_iam_policy.p.arn", Truth.TRUE),
        ('"r"', "aws_iam_policy.p.arn", Truth.TRUE),
        ('"other"', "aws_iam_policy.p.arn", Truth.FALSE),
        ("var.x", "aws_iam_policy.p.arn", Truth.UNKNOWN),
        ("aws_iam_role.r.name", '"arn:aws:iam::aws:policy/ReadOnlyAccess"', Truth.UNKNOWN),
        ("aws_iam_role.r.name", "var.x", Truth.UNKNOWN),
    ],
)
def test_an_attachment(role: str, arn: str, truth: Truth) -> None:
    document = 'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["s3:*"]\n    resources = ["*"]\n  }\n}\n'
    policy = 'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
    attachment = f'resource "aws_iam_role_policy_attachment" "a" {{\n  role = {role}\n  policy_arn = {arn}\n}}\n'
    assert allowed(document + policy + attachment) is truth


def test_nothing_is_allowed_where_nothing_is_written() -> None:
    assert allowed("") is Truth.FALSE


def test_rights_are_read_only_where_a_file_speaks_of_velero() -> None:
    text = HEAD.replace("# velero\n", "") + inline('Effect = "Allow", Action = "s3:*", Resource = "*"')
    (root,) = read_tree(MemoryTree({"main.tf": text})).inputs.roots
    assert [each.address for each in root.resources] == ["aws_s3_bucket.b"]
