"""Where a resource is, in whose account, and with which tags."""

from __future__ import annotations

from typing import Any

import pytest

from drpolicy.model.provenance import steps
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.load import load_terraform

PROVIDERS = """
variable "region" {}
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "dr"
  region = var.region
}
provider "aws" {
  alias = "bare"
}
"""


def resources(text: str, **files: str) -> dict[str, Resource]:
    tree = MemoryTree({"main.tf": text, **files})
    estate = load_terraform(tree, discover(tree))
    assert estate.problems == ()
    return {resource.address: resource for root in estate.roots for resource in root.resources}


def said(value: Value[Any]) -> object:
    return value.symbol if isinstance(value, Unknown) else plain(value)


@pytest.mark.parametrize(
    ("block", "region"),
    [
        ('resource "aws_db_instance" "x" {\n}', "eu-west-1"),
        ('resource "aws_db_instance" "x" {\n  provider = aws.dr\n}', "root:var.region"),
        ('resource "aws_db_instance" "x" {\n  provider = "aws.dr"\n}', "root:var.region"),
        ('resource "aws_db_instance" "x" {\n  provider = aws.bare\n}', "root:provider.aws.bare.region"),
        ('resource "aws_db_instance" "x" {\n  provider = aws.nowhere\n}', "root:provider.aws.nowhere.region"),
        ('resource "aws_db_instance" "x" {\n  region = "us-east-2"\n}', "us-east-2"),
        ('resource "aws_db_instance" "x" {\n  region = null\n}', "eu-west-1"),
        ('resource "aws_config_aggregate_authorization" "x" {\n  region = "us-east-2"\n}', "eu-west-1"),
        ('resource "aws_route53_resolver_rule" "x" {\n}', "eu-west-1"),
        ('resource "aws_route53_record" "x" {\n}', None),
        ('resource "aws_iam_role" "x" {\n}', None),
        ('resource "google_sql_database" "x" {\n}', None),
    ],
)
def test_regions(block: str, region: str | None) -> None:
    (found,) = resources(PROVIDERS + block).values()
    assert said(found.region) == region


def test_the_region_says_how_it_was_found() -> None:
    found = resources(PROVIDERS + 'resource "aws_db_instance" "x" {\n  provider = aws.dr\n}\nresource "aws_db_instance" "y" {\n}\n')
    assert [(step.text, str(step.span)) for step in steps(found["aws_db_instance.x"].region.origin)] == [
        ("through provider aws.dr", "main.tf:14:14"),
        ("through var.region", "main.tf:8:12"),
        ("written", "main.tf:2:1"),
    ]
    assert [(step.text, str(step.span)) for step in steps(found["aws_db_instance.y"].region.origin)] == [
        ("through provider aws", "main.tf:16:1"),
        ("written", "main.tf:4:12"),
    ]
    assert found["aws_db_instance.x"].provider == "aws.dr"


def test_modules_inherit_the_default_and_get_aliases_only_when_passed() -> None:
    inner = """
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.other]
    }
  }
}
resource "aws_db_instance" "default" {
}
resource "aws_db_instance" "other" {
  provider = aws.other
}
resource "aws_db_instance" "dr" {
  provider = aws.dr
}
"""
    middle = 'module "deep" {\n  source = "../inner"\n  providers = {\n    aws.other = aws.swapped\n  }\n}\n'
    calls = """
module "plain" {
  source = "./inner"
}
module "mapped" {
  source = "./inner"
  providers = {
    aws       = aws.dr
    aws.other = aws
  }
}
module "middle" {
  source = "./middle"
  providers = {
    aws         = aws.bare
    aws.swapped = aws.dr
  }
}
"""
    found = resources(PROVIDERS + calls, **{"inner/main.tf": inner, "middle/main.tf": middle})
    assert {address: said(one.region) for address, one in found.items()} == {
        "module.plain.aws_db_instance.default": "eu-west-1",
        "module.plain.aws_db_instance.other": "root:module.plain.provider.aws.other.region",
        "module.plain.aws_db_instance.dr": "root:module.plain.provider.aws.dr.region",
        "module.mapped.aws_db_instance.default": "root:var.region",
        "module.mapped.aws_db_instance.other": "eu-west-1",
        "module.mapped.aws_db_instance.dr": "root:module.mapped.provider.aws.dr.region",
        "module.middle.module.deep.aws_db_instance.default": "root:provider.aws.bare.region",
        "module.middle.module.deep.aws_db_instance.other": "root:var.region",
        "module.middle.module.deep.aws_db_instance.dr": "root:module.middle.module.deep.provider.aws.dr.region",
    }
    assert found["module.middle.module.deep.aws_db_instance.other"].provider == "aws.dr"


@pytest.mark.parametrize(
    ("settings", "account"),
    [
        ("", "root:default account"),
        ('allowed_account_ids = ["123456789012"]', "123456789012"),
        ('allowed_account_ids = ["123456789012", "210987654321"]', "root:provider.aws.account"),
        ('assume_role {\n  role_arn = "arn:aws:iam::123456789012:role/x"\n}', "123456789012"),
        ('assume_role {\n  role_arn = "arn:aws:iam::${var.id}:role/x"\n}', "root:var.id"),
        ("assume_role {\n  role_arn = var.id\n}", "account of root:var.id"),
        ('profile = "p"', "root:profile p"),
        ('access_key = "k"', "root:provider.aws.account"),
    ],
)
def test_accounts(settings: str, account: str) -> None:
    found = resources(f'variable "id" {{}}\nprovider "aws" {{\n{settings}\n}}\nresource "aws_db_instance" "x" {{\n}}\n')
    assert said(found["aws_db_instance.x"].account) == account


def test_two_aliases_with_the_same_credentials_are_one_account() -> None:
    found = resources(PROVIDERS + 'resource "aws_a_b" "x" {\n}\nresource "aws_a_b" "y" {\n  provider = aws.dr\n}\n')
    left, right = found["aws_a_b.x"].account, found["aws_a_b.y"].account
    assert isinstance(left, Unknown) and isinstance(right, Unknown)
    assert (left.symbol, left.reason) == (right.symbol, Reason.OUTSIDE_SCOPE)


def test_default_tags_lie_beneath_tags() -> None:
    text = """
provider "aws" {
  default_tags {
    tags = { a = "default", b = "default" }
  }
}
resource "aws_a_b" "x" {
  tags = { b = "own", c = "own" }
}
resource "aws_a_b" "y" {
}
"""
    found = resources(text)
    assert plain(found["aws_a_b.x"].get("tags_all")) == {"a": "default", "b": "own", "c": "own"}
    assert plain(found["aws_a_b.y"].get("tags_all")) == {"a": "default", "b": "default"}
    assert plain(found["aws_a_b.x"].get("tags")) == {"b": "own", "c": "own"}


def test_data_sources_that_can_be_known() -> None:
    text = (
        PROVIDERS
        + """
data "aws_region" "here" {
}
data "aws_region" "there" {
  provider = aws.dr
}
data "aws_caller_identity" "me" {
}
data "aws_partition" "p" {
}
data "aws_ami" "a" {
}
resource "aws_a_b" "x" {
  here  = data.aws_region.here.name
  id    = data.aws_region.here.id
  there = data.aws_region.there.region
  me    = data.aws_caller_identity.me.account_id
  part  = data.aws_partition.p.partition
  ami   = data.aws_ami.a.id
  self  = aws_a_b.y.region
}
resource "aws_a_b" "y" {
  provider = aws.dr
}
"""
    )
    found = resources(text)
    fields = found["aws_a_b.x"].attributes.fields
    assert {name: said(fields[name]) for name in ("here", "id", "there", "me", "part", "ami", "self")} == {
        "here": "eu-west-1",
        "id": "eu-west-1",
        "there": "root:var.region",
        "me": "root:default account",
        "part": "aws",
        "ami": "root//data.aws_ami.a.id",
        "self": "root:var.region",
    }
    ami = fields["ami"]
    assert isinstance(ami, Unknown) and ami.reason is Reason.DATA_SOURCE
    assert found["data.aws_ami.a"].data and not found["aws_a_b.x"].data


def test_provider_configurations_of_a_root() -> None:
    tree = MemoryTree({"main.tf": PROVIDERS + 'provider "random" {\n}\n'})
    (root,) = load_terraform(tree, ["main.tf"]).roots
    assert [(one.name, said(one.region), str(one.span)) for one in root.providers] == [
        ("aws", "eu-west-1", "main.tf:3:1"),
        ("aws.dr", "root:var.region", "main.tf:6:1"),
        ("aws.bare", "root:provider.aws.bare.region", "main.tf:10:1"),
        ("random", None, "main.tf:13:1"),
    ]
    assert isinstance(root.providers[3].region, Absent) and isinstance(root.providers[0].region, Known)


BY_REGION = """
variable "extra" {}
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias    = "by_region"
  for_each = toset(["eu-west-1", "eu-central-1"])
  region   = each.value
  default_tags {
    tags = { where = each.key }
  }
}
"""


def test_a_provider_with_for_each_is_chosen_by_key() -> None:
    text = """
resource "aws_db_instance" "one" {
  provider = aws.by_region["eu-central-1"]
}
resource "aws_db_instance" "all" {
  for_each = toset(["eu-west-1", "eu-central-1"])
  provider = aws.by_region[each.key]
}
resource "aws_db_instance" "none" {
  provider = aws.by_region["us-east-1"]
}
resource "aws_db_instance" "some" {
  for_each = var.extra
  provider = aws.by_region[each.key]
}
module "m" {
  source    = "./m"
  for_each  = toset(["eu-central-1"])
  providers = { aws = aws.by_region[each.key], aws.other = aws }
}
"""
    module = 'resource "aws_db_instance" "x" {\n}\nresource "aws_db_instance" "y" {\n  provider = aws.other\n}\n'
    found = resources(BY_REGION + text, **{"m/main.tf": module})
    assert {address: said(each.region) for address, each in found.items()} == {
        "aws_db_instance.one": "eu-central-1",
        'aws_db_instance.all["eu-central-1"]': "eu-central-1",
        'aws_db_instance.all["eu-west-1"]': "eu-west-1",
        "aws_db_instance.none": 'root:provider.aws.by_region["us-east-1"] of aws_db_instance.none.region',
        "aws_db_instance.some[*]": "root:provider.aws.by_region[each.key] of aws_db_instance.some.region",
        'module.m["eu-central-1"].aws_db_instance.x': "eu-central-1",
        'module.m["eu-central-1"].aws_db_instance.y': "eu-west-1",
    }
    assert said(found["aws_db_instance.one"].get("tags_all")) == {"where": "eu-central-1"}
    assert found["aws_db_instance.one"].provider == 'aws.by_region["eu-central-1"]'


def test_a_provider_with_for_each_is_several_configurations() -> None:
    tree = MemoryTree({"main.tf": BY_REGION})
    (root,) = load_terraform(tree, discover(tree)).roots
    assert [(each.name, said(each.region)) for each in root.providers] == [
        ("aws", "eu-west-1"),
        ('aws.by_region["eu-central-1"]', "eu-central-1"),
        ('aws.by_region["eu-west-1"]', "eu-west-1"),
    ]


def test_a_region_that_is_no_text_is_not_known() -> None:
    tree = MemoryTree({"main.tf": 'resource "aws_sqs_queue" "q" {\n  region = { a = 1 }\n}\n'})
    (queue,) = load_terraform(tree, discover(tree)).roots[0].resources
    assert isinstance(queue.region, Unknown)
    assert (queue.region.reason, queue.region.symbol) == (Reason.FUNCTION_NOT_EVALUATED, "region of aws_sqs_queue: not a string")
