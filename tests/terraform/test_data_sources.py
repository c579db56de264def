"""Data sources whose answer follows from what is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.values import Known, Unknown, Value, target_of
from drpolicy.recovery.links import link_index
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.scope import Inputs

PROVIDERS = """
variable "unset" {}
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
provider "aws" {
  alias  = "dr"
  region = var.unset
}
"""


def resources(files: dict[str, str], **options: Any) -> dict[str, Resource]:
    tree = MemoryTree(files)
    estate = load_terraform(tree, discover(tree), **options)
    assert estate.problems == ()
    return {resource.key: resource for root in estate.roots for resource in root.resources}


def value(data: str, reference: str) -> Value[Any]:
    return resources({"main.tf": PROVIDERS + data + f'\nresource "t_r" "x" {{\n  v = {reference}\n}}\n'})["root//t_r.x"].get("v")


@pytest.mark.parametrize(
    ("type_", "argument", "attribute", "answer"),
    [
        ("aws_s3_bucket", 'bucket = "b"', "id", "b"),
        ("aws_s3_bucket", 'bucket = "b"', "bucket", "b"),
        ("aws_s3_bucket", 'bucket = "b"', "arn", "arn:aws:s3:::b"),
        ("aws_s3_bucket", 'bucket = "b"', "region", "eu-west-1"),
        ("aws_db_instance", 'db_instance_identifier = "d"', "db_instance_identifier", "d"),
        ("aws_db_instance", 'db_instance_identifier = "d"', "db_instance_arn", "arn:aws:rds:eu-west-1:111122223333:db:d"),
        ("aws_rds_cluster", 'cluster_identifier = "c"', "arn", "arn:aws:rds:eu-west-1:111122223333:cluster:c"),
        ("aws_dynamodb_table", 'name = "t"', "arn", "arn:aws:dynamodb:eu-west-1:111122223333:table/t"),
        ("aws_efs_file_system", 'file_system_id = "fs-1"', "arn", "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1"),
        ("aws_backup_vault", 'name = "v"', "arn", "arn:aws:backup:eu-west-1:111122223333:backup-vault:v"),
        ("aws_backup_vault", 'name = "v"\n  region = "us-east-1"', "arn", "arn:aws:backup:us-east-1:111122223333:backup-vault:v"),
        ("aws_backup_plan", 'plan_id = "p"', "arn", "arn:aws:backup:eu-west-1:111122223333:backup-plan:p"),
        ("aws_kms_alias", 'name = "alias/k"', "arn", "arn:aws:kms:eu-west-1:111122223333:alias/k"),
        ("aws_kms_key", 'key_id = "arn:aws:kms:eu-west-1:1:key/abc"', "id", "abc"),
        ("aws_region", 'name = "us-east-2"', "id", "us-east-2"),
        ("aws_region", "", "name", "eu-west-1"),
        ("aws_arn", 'arn = "arn:aws:backup:eu-west-1:111122223333:backup-vault:v"', "account", "111122223333"),
        ("aws_arn", 'arn = "arn:aws:backup:eu-west-1:111122223333:backup-vault:v"', "resource", "backup-vault:v"),
        ("aws_partition", "", "reverse_dns_prefix", "com.amazonaws"),
        ("aws_caller_identity", "", "account_id", "111122223333"),
    ],
)
def test_what_is_known(type_: str, argument: str, attribute: str, answer: str) -> None:
    found = value(f'data "{type_}" "x" {{\n  {argument}\n}}', f"data.{type_}.x.{attribute}")
    assert isinstance(found, Known)
    assert plain(found) == answer
    target = target_of(found)
    assert target is not None and target.key == f"root//data.{type_}.x"


@pytest.mark.parametrize(
    ("type_", "argument", "attribute"),
    [
        ("aws_s3_bucket", 'bucket = "b"', "hosted_zone_id"),
        ("aws_db_instance", 'db_instance_identifier = "d"', "backup_retention_period"),
        ("aws_db_instance", 'tags = { a = "b" }', "db_instance_identifier"),
        ("aws_kms_key", 'key_id = "alias/k"', "arn"),
        ("aws_region", 'endpoint = "ec2.us-east-1.amazonaws.com"', "name"),
        ("aws_arn", 'arn = "no-arn"', "account"),
        ("aws_ami", "", "id"),
    ],
)
def test_what_only_the_provider_knows_keeps_its_identity(type_: str, argument: str, attribute: str) -> None:
    found = value(f'data "{type_}" "x" {{\n  {argument}\n}}', f"data.{type_}.x.{attribute}")
    assert isinstance(found, Unknown)
    assert (found.reason, found.symbol) == (Reason.DATA_SOURCE, f"root//data.{type_}.x.{attribute}")


def test_an_arn_in_an_unknown_region_keeps_its_known_parts() -> None:
    found = value('data "aws_backup_vault" "x" {\n  provider = aws.dr\n  name = "v"\n}', "data.aws_backup_vault.x.arn")
    assert isinstance(found, Unknown)
    assert [part.value if isinstance(part, Known) else part.symbol for part in found.parts][:5] == [
        "arn:",
        "aws",
        ":backup:",
        "root:var.unset",
        ":",
    ]
    assert found.cause.symbol == "root:var.unset"


def test_a_data_source_of_a_name_that_is_declared_is_that_resource() -> None:
    text = """
resource "aws_s3_bucket" "made" {
  bucket = "b"
}
data "aws_s3_bucket" "read" {
  bucket = "b"
}
data "aws_s3_bucket" "other" {
  bucket = "elsewhere"
}
resource "aws_s3_bucket_versioning" "v" {
  bucket = data.aws_s3_bucket.read.id
}
resource "aws_s3_bucket_versioning" "w" {
  bucket = data.aws_s3_bucket.other.id
}
"""
    found = resources({"main.tf": PROVIDERS + text})
    links = link_index(found.values(), built_in_catalog())

    def linked(address: str) -> list[str]:
        origin = found[address]
        return [member.value.address for member in links.resolve(origin.get("bucket"), ["aws_s3_bucket"], origin).matches]

    assert linked("root//aws_s3_bucket_versioning.v") == ["aws_s3_bucket.made"]
    assert linked("root//aws_s3_bucket_versioning.w") == ["data.aws_s3_bucket.other"]


DOCUMENT = """data "aws_iam_policy_document" "x" {
  policy_id = "p"
  statement {
    sid       = "Deny"
    effect    = "Deny"
    actions   = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:DeleteRecoveryPoint"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringNotLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:&{aws:username}<"]
    }
  }
  statement {
    not_actions = ["s3:Get*"]
    resources   = ["b", "a"]
    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = ["1", "2"]
    }
  }
}"""


def test_a_policy_document_is_the_provider_s_json() -> None:
    found = value(DOCUMENT, "data.aws_iam_policy_document.x.json")
    assert isinstance(found, Known)
    assert found.value == (
        '{\n  "Version": "2012-10-17",\n  "Id": "p",\n  "Statement": [\n    {\n      "Sid": "Deny",\n      "Effect": "Deny",\n'
        '      "Action": [\n'
        '        "backup:UpdateRecoveryPointLifecycle",\n        "backup:DeleteRecoveryPoint"\n      ],\n      "Resource": "*",\n'
        '      "Principal": "*",\n      "Condition": {\n        "StringNotLike": {\n'
        '          "aws:PrincipalArn": "arn:${aws:username}\\u003c"\n        }\n      }\n    },\n    {\n      "Effect": "Allow",\n'
        '      "NotAction": "s3:Get*",\n      "Resource": [\n        "b",\n        "a"\n      ],\n      "Principal": {\n        "AWS": [\n'
        '          "2",\n          "1"\n        ],\n        "Service": "backup.amazonaws.com"\n      }\n    }\n  ]\n}'
    )
    minified = value(DOCUMENT, "data.aws_iam_policy_document.x.minified_json")
    assert isinstance(minified, Known) and json.loads(minified.value) == json.loads(found.value) and "\n" not in minified.value


@pytest.mark.parametrize(
    "body",
    [
        "statement {\n    actions = [var.unset]\n  }",
        'source_policy_documents = ["{}"]',
        'dynamic "statement" {\n    for_each = var.unset\n    content {}\n  }',
    ],
)
def test_a_policy_document_with_unknown_parts_is_unknown(body: str) -> None:
    found = value(f'data "aws_iam_policy_document" "x" {{\n  {body}\n}}', "data.aws_iam_policy_document.x.json")
    assert isinstance(found, Unknown) and found.symbol == "root//data.aws_iam_policy_document.x.json"


def state(backend: str, config: str, **more: Any) -> Value[Any]:
    files = {
        "network/main.tf": f'terraform {{\n  {backend}\n}}\nvariable "name" {{\n  default = "n"\n}}\n'
        f'output "vault" {{\n  value = "v-${{var.name}}"\n}}\n',
        "app/main.tf": f'data "terraform_remote_state" "net" {{\n  {config}\n}}\n'
        'resource "t_r" "x" {\n  v = data.terraform_remote_state.net.outputs.vault\n}\n',
    }
    return resources(files, **more)["app//t_r.x"].get("v")


S3 = 'backend "s3" {\n    bucket = "state"\n    key    = "net"\n    region = "eu-west-1"\n  }'
READS = 'backend = "s3"\n  config = {\n    bucket = "state"\n    key = "net"\n    region = "eu-west-1"\n  }'


def test_the_outputs_of_the_root_whose_state_is_read() -> None:
    assert plain(state(S3, READS)) == "v-n"
    assert plain(state('backend "local" {\n  path = "../states/n"\n}', 'backend = "local"\n  config = { path = "../states/n" }')) == "v-n"
    assert plain(state("", 'backend = "local"\n  config = { path = "../network/terraform.tfstate" }')) == "v-n"


@pytest.mark.parametrize(
    ("backend", "config"),
    [
        (S3.replace('"net"', '"other"'), READS),
        (S3.replace('    key    = "net"\n', ""), READS),
        (S3, READS + '\n  workspace = "prod"'),
        (S3, READS.replace('"net"', "var.key")),
        ('cloud {\n  organization = "o"\n}', READS),
    ],
)
def test_the_outputs_of_a_state_that_nobody_provably_keeps_are_unknown(backend: str, config: str) -> None:
    found = state(backend, config)
    assert isinstance(found, Unknown) and found.symbol == "app//data.terraform_remote_state.net.outputs.vault"


def test_two_deployments_of_one_state_are_told_apart_by_workspace() -> None:
    inputs = {
        "network": (Inputs((), {"name": "p"}, "prod", "net-prod"), Inputs((), {"name": "d"}, "dev", "net-dev")),
    }
    assert plain(state(S3, READS + '\n  workspace = "prod"', inputs=inputs)) == "v-p"
    assert isinstance(state(S3, READS, inputs=inputs), Unknown)


def test_states_that_read_each_other_are_a_cycle() -> None:
    def root(name: str, other: str) -> str:
        return (
            f'data "terraform_remote_state" "o" {{\n  backend = "local"\n  config = {{ path = "../{other}/terraform.tfstate" }}\n}}\n'
            f'output "v" {{\n  value = data.terraform_remote_state.o.outputs.v\n}}\n'
            f'resource "t_r" "x" {{\n  v = data.terraform_remote_state.o.outputs.v\n}}\n'
        )

    tree = MemoryTree({"a/main.tf": root("a", "b"), "b/main.tf": root("b", "a")})
    estate = load_terraform(tree, discover(tree))
    found = estate.roots[0].resources[0].get("v")
    assert isinstance(found, Unknown) and found.reason is Reason.CYCLE
    # Neither can be made from nothing, so it is worth saying.
    assert [(each.code, str(each.span)) for each in estate.problems] == [("reference-cycle", "b/main.tf:6:11")]
