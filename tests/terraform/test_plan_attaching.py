"""Which root a plan is of, and what is said when it is of none, or of an older one."""

from __future__ import annotations

import json

from plan_files import by_address, change, codes, load, plan

from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.plans.attaching import PlanFile
from drpolicy.terraform.scope import Inputs

TWO = {"a/main.tf": 'resource "aws_s3_bucket" "b" {}\n', "c/main.tf": 'resource "aws_s3_bucket" "b" {}\n'}
DATA = plan(change("aws_s3_bucket.b", {"bucket": "planned"}))


def messages(estate: TerraformEstate, code: str) -> list[str]:
    return [each.message for each in estate.problems if each.code == code]


def test_a_plan_is_of_the_only_root() -> None:
    estate = load(DATA, {"a/main.tf": TWO["a/main.tf"]})
    assert [(root.name, root.path) for root in estate.roots] == [("a", "a")]
    assert by_address(estate)["aws_s3_bucket.b"].channel == "plan"
    assert messages(estate, "plan-used") == ["a is judged by the plan plan.json of Terraform 1.11.4, not by its HCL alone"]


def test_of_two_roots_one_has_to_be_named() -> None:
    estate = load(DATA, TWO)
    assert messages(estate, "plan-root") == [
        "plan.json: there are 2 Terraform roots; say which one it is of, as --plan ROOT=plan.json (roots: a, c)"
    ]
    named = load(DATA, TWO, root="c")
    assert {root.name: [each.channel for each in root.resources] for root in named.roots} == {"a": ["hcl"], "c": ["plan"]}


def test_a_root_that_is_not_there_is_an_error() -> None:
    assert messages(load(DATA, TWO, root="d"), "plan-root") == ["plan.json: there is no Terraform root 'd' (roots: a, c)"]


def test_deployments_of_one_root_are_told_apart_by_name() -> None:
    tree = MemoryTree({"a/main.tf": TWO["a/main.tf"]})
    inputs = {"a": (Inputs(name="prod"), Inputs(name="dev"))}
    file = PlanFile("plan", "plan.json", json.dumps(DATA).encode(), "dev")
    estate = load_terraform(tree, discover(tree), inputs=inputs, plans=[file])
    assert {root.name: root.resources[0].channel for root in estate.roots} == {"prod": "hcl", "dev": "plan"}
    both = load_terraform(tree, discover(tree), inputs=inputs, plans=[PlanFile("plan", "plan.json", file.data, "a")])
    assert messages(both, "plan-root") == ["plan.json: a has several deployments; name one of them (deployments: dev, prod)"]


def test_one_root_is_judged_by_one_file() -> None:
    tree = MemoryTree({"a/main.tf": TWO["a/main.tf"]})
    data = json.dumps(DATA).encode()
    estate = load_terraform(tree, discover(tree), plans=[PlanFile("plan", "1.json", data), PlanFile("plan", "2.json", data)])
    assert messages(estate, "plan-root") == ["2.json was not used: a is judged by 1.json; give one of them"]


def test_a_plan_without_hcl_is_named_after_its_directory() -> None:
    places = {
        "plan.json": ("root", ""),
        "envs/prod/plan.json": ("envs/prod", "envs/prod"),
        "/tmp/prod.json": ("prod", ""),
        "-": ("plan", ""),
    }
    for path, name in places.items():
        (root,) = load(DATA, path=path).roots
        assert (root.name, root.path) == name
    assert messages(load(DATA), "plan-used") == ["root is judged by the plan plan.json of Terraform 1.11.4, its HCL was not read"]


def test_resources_that_the_plan_does_not_know_are_named() -> None:
    files = {
        "main.tf": 'resource "aws_s3_bucket" "b" {}\n\nresource "aws_s3_bucket" "new" {}\nresource "aws_s3_bucket" "none" { count = 0 }\n'
    }
    estate = load(DATA, files)
    (stale,) = [each for each in estate.problems if each.code == "plan-stale"]
    assert stale.message == "plan.json does not know aws_s3_bucket.new, so nothing was judged of it; make the plan again"
    assert str(stale.span) == "main.tf:3:1"
    assert list(by_address(estate)) == ["aws_s3_bucket.b"]


def test_what_the_configuration_of_the_plan_has_is_not_stale() -> None:
    """It is there and has no instance, or is being deleted."""
    files = {"main.tf": 'resource "aws_s3_bucket" "b" {}\n'}
    data = plan(change("aws_s3_bucket.b", None, actions=["delete"]), configuration={"resources": [{"address": "aws_s3_bucket.b"}]})
    estate = load(data, files)
    assert (codes(estate), by_address(estate)) == (["plan-used"], {})


def test_what_a_state_does_not_know_is_not_applied() -> None:
    data = {"format_version": "1.0", "values": {"root_module": {"resources": []}}}
    estate = load(data, {"main.tf": 'resource "aws_s3_bucket" "b" {}\n'}, kind="state", path="state.json")
    assert messages(estate, "plan-stale") == [
        "state.json does not know aws_s3_bucket.b, so nothing was judged of it; they are not applied, or the state is older"
    ]


def test_the_variables_of_the_plan_are_those_of_the_root() -> None:
    """A provider behind a local is known once the variables are."""
    files = {
        "main.tf": 'variable "region" {}\nlocals { where = "${var.region}-1" }\nprovider "aws" { region = local.where }\n'
        'resource "aws_s3_bucket" "b" {}\n'
    }
    estate = load(plan(change("aws_s3_bucket.b", {}), variables={"region": "eu-west"}), files)
    assert by_address(estate)["aws_s3_bucket.b"].region.value == "eu-west-1"  # type: ignore[union-attr] # known
    assert not estate.roots[0].library
