"""What stands by in Terraform and on clusters: which regions, what is there for what, and what a loss takes along."""

from __future__ import annotations

from pathlib import Path

import pytest
from recovery_estates import AS_OF, PROVIDERS, estate_of

from drpolicy.app.lose import lose
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.components import Component
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.sources.trees import MemoryTree

CLUSTERS = """apiVersion: drpolicy.dev/v1
kind: Config
clusters:
  - {name: primary, region: eu-west-1, role: primary, paths: ["primary/**"]}
  - {name: dr, region: eu-central-1, role: dr, paths: ["dr/**"]}
"""
GROUP = 'resource "aws_autoscaling_group" "%s" {\n  provider = %s\n  name     = %s\n  max_size = %s\n}\n'
SERVICE = """apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: shop}
spec:
  owner: team-shop
  regions: {primary: eu-west-1, dr: [eu-central-1]}
  stores: [{ref: aws_s3_bucket.media}]
"""


def component(files: dict[str, str] | str, address: str) -> Component:
    (found,) = [each for each in estate_of(files).components if each.address == address]
    return found


def told(members: object) -> list[tuple[str, Truth]]:
    return [(member.value, member.presence) for member in members.elements]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("here", "there", "twin"),
    [
        ('"shop", aws, "shop"', '"shop_dr", aws.dr, "shop"', True),
        ('"shop", aws, "shop-ireland"', '"shop_dr", aws.dr, "shop-frankfurt"', True),
        ('"primary", aws, "a"', '"standby", aws.dr, "b"', True),
        ('"shop", aws, "a"', '"orders_dr", aws.dr, "b"', False),
    ],
)
def test_twins_have_one_name_or_one_address(here: str, there: str, twin: bool) -> None:
    def made(words: str, most: int) -> str:
        label, provider, name = (each.strip() for each in words.split(","))
        return GROUP % (label.strip('"'), provider, name, most)

    address = f"aws_autoscaling_group.{there.split(',')[0].strip(chr(34))}"
    found = component(made(here, 4) + made(there, 2), address)
    assert isinstance(found.twin, Known) is twin
    assert told(found.differences) == ([("max_size is 2, and 4 in eu-west-1", Truth.TRUE)] if twin else [])


def test_of_two_that_may_be_meant_none_is() -> None:
    groups = GROUP % ("shop", "aws", '"a"', 4) + GROUP % ("shop_primary", "aws", '"b"', 4) + GROUP % ("shop_dr", "aws.dr", '"c"', 2)
    assert not isinstance(component(groups, "aws_autoscaling_group.shop_dr").twin, Known)


def test_another_environment_has_no_twin_here() -> None:
    files = {
        "prod/dr/main.tf": 'provider "aws" {\n  region = "eu-central-1"\n}\n' + GROUP % ("shop", "aws", '"shop"', 2),
        "dev/main.tf": 'provider "aws" {\n  region = "eu-west-1"\n}\n' + GROUP % ("shop", "aws", '"shop"', 4),
    }
    found = [each for each in estate_of(files).components if each.deployment == "prod/dr"]
    assert [isinstance(each.twin, Known) for each in found] == [False]


def test_what_a_service_declares_wins_over_the_default_provider() -> None:
    def root(region: str, most: int) -> str:
        return f'provider "aws" {{\n  region = "{region}"\n}}\n' + GROUP % ("shop", "aws", '"shop"', most)

    bucket = 'resource "aws_s3_bucket" "media" {\n  bucket = "media"\n}\n'
    files = {"ireland/main.tf": root("eu-west-1", 4) + bucket, "frankfurt/main.tf": root("eu-central-1", 0)}
    assert not any(isinstance(each.twin, Known) for each in estate_of(files).components)
    (there,) = [each for each in estate_of({**files, "shop.yaml": SERVICE}).components if each.deployment == "frankfurt"]
    assert told(there.differences) == [("max_size is 0, and 4 in eu-west-1", Truth.TRUE)]


def test_a_region_of_both_sides_stands_by_for_nothing() -> None:
    both = {"main.tf": PROVIDERS + GROUP % ("shop", "aws", '"shop"', 4) + GROUP % ("shop_dr", "aws.dr", '"shop"', 2)}
    active = CLUSTERS + "  - {name: second, region: eu-central-1, role: primary, paths: ['second/**']}\n"
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    clusters = {f"{name}/namespace.yaml": namespace for name in ("primary", "dr", "second")}
    assert isinstance(component({**both, **clusters, "drpolicy.yaml": CLUSTERS}, "aws_autoscaling_group.shop_dr").twin, Known)
    found = component({**both, **clusters, "drpolicy.yaml": active}, "aws_autoscaling_group.shop_dr")
    assert not isinstance(found.twin, Known)


TASK = """
resource "aws_ecr_repository" "shop" {
  name = "shop"
}
variable "tag" {}
resource "aws_ecs_task_definition" "shop" {
  family                = "shop"
  container_definitions = "[]"
}
resource "aws_ecs_task_definition" "shop_dr" {
  provider = aws.dr
  family   = "shop"
  container_definitions = jsonencode([{ name = "shop", image = %s, environment = [{ name = "TAG", value = var.tag }] }])
}
"""


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ('"${aws_ecr_repository.shop.repository_url}:${var.tag}"', [("aws_ecr_repository.shop", Truth.TRUE)]),
        ('"111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop:${var.tag}"', [("111122223333.dkr.ecr.eu-west-1.amazonaws.com", Truth.TRUE)]),
        ('"111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop:${var.tag}"', []),
        ('"registry.example.com/shop:${var.tag}"', []),
    ],
)
def test_names_in_a_container_definition(image: str, expected: list[tuple[str, Truth]]) -> None:
    assert told(component(TASK % image, "aws_ecs_task_definition.shop_dr").primary_names) == expected


def test_of_two_variables_of_one_name_the_last_counts() -> None:
    pod = """apiVersion: v1
kind: Pod
metadata: {name: shop, namespace: shop}
spec:
  containers:
    - name: shop
      image: shop
      env:
        - {name: AWS_REGION, value: %s}
        - {name: AWS_REGION, value: %s}
"""
    for values, expected in ((("eu-west-1", "eu-central-1"), []), (("eu-central-1", "eu-west-1"), [("AWS_REGION=eu-west-1", Truth.TRUE)])):
        estate = estate_of({"drpolicy.yaml": CLUSTERS, "primary/a.yaml": pod % values, "dr/a.yaml": pod % values})
        assert told(next(each for each in estate.clusters if each.name == "dr").primary_names) == expected


BACKEND = """terraform {
  backend "s3" {
    bucket = "s"
    key    = "k"
    region = "eu-west-1"
%s  }
}
provider "aws" {
  region = "%s"
}
"""
ROLE = 'resource "aws_s3_bucket" "media" {\n  bucket = "media"\n}\n'


def also(files: dict[str, str], region: str) -> list[str]:
    settings = Settings(paths=(Path(),), cwd=Path(), as_of=AS_OF)
    return [each.text for each in lose(region, settings, read_tree(MemoryTree(files), every_type=True)).also]


def test_a_lock_of_another_region_is_needed() -> None:
    lock = '    dynamodb_endpoint = "https://dynamodb.eu-central-1.amazonaws.com"\n'
    files = {"main.tf": BACKEND % (lock, "eu-west-1") + ROLE}
    (root,) = estate_of(files).deployments
    assert told(root.plan_needs) == [("the table of its locks in eu-central-1", Truth.TRUE)]
    assert also(files, "eu-central-1") == ["no plan of root succeeds: it needs the table of its locks"]


def test_states_of_several_roots_are_told_together() -> None:
    files = {f"{name}/main.tf": BACKEND % ("", "eu-central-1") + ROLE.replace("media", name) for name in ("a", "b")}
    assert also(files, "eu-west-1") == ["states, with their locks: those of a, b"]
    assert also({"a/main.tf": files["a/main.tf"]}, "eu-west-1") == ["the state of a, and its lock"]


def test_services_that_are_changed_through_the_region_cannot_be_changed() -> None:
    record = 'resource "aws_route53_record" "shop" {\n  zone_id = "Z1"\n  name = "shop"\n  type = "A"\n  records = ["192.0.2.1"]\n}\n'
    role = 'resource "aws_iam_role" "shop" {\n  name = "shop"\n  assume_role_policy = "{}"\n}\n'
    one = "nothing of Route 53 can be changed until it is back; names still resolve, and records with health checks still fail over"
    assert also({"main.tf": PROVIDERS + record}, "us-east-1") == [one]
    both = "nothing of Route 53 and IAM can be changed until it is back; what is set up goes on"
    assert also({"main.tf": PROVIDERS + record + role}, "us-east-1") == [both]
    assert also({"main.tf": PROVIDERS + record}, "us-west-2") == []
