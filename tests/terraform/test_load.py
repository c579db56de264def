"""The entry: what is evaluated, what is counted, and what is wrong."""

from __future__ import annotations

from drpolicy.model.resources import TerraformRoot
from drpolicy.model.values import Unknown
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.load import load_terraform


def loaded(files: dict[str, str | bytes], *types: str) -> TerraformEstate:
    tree = MemoryTree(files)
    return load_terraform(tree, discover(tree), wanted=lambda type_: not types or type_ in types)


def only(estate: TerraformEstate) -> TerraformRoot:
    (root,) = estate.roots
    return root


def test_only_wanted_types_are_evaluated_and_the_others_are_followed() -> None:
    text = 'resource "a_x" "one" {\n  v = a_y.two.v\n}\nresource "a_y" "two" {\n  v = 5\n  w = upper("a")\n}\ndata "a_y" "three" {\n}\n'
    estate = loaded({"main.tf": text}, "a_x")
    (resource,) = only(estate).resources
    assert plain(resource.get("v")) == 5
    assert dict(estate.coverage.unread) == {"a_y": 2}
    assert (estate.coverage.files, estate.coverage.roots, estate.coverage.attributes, estate.coverage.expressions) == (1, 1, 3, 2)
    assert (only(estate).attributes, only(estate).expressions) == (3, 2)


def test_places_of_a_resource() -> None:
    text = '# first\nresource "a_x" "one" {\n  v = 1\n}\n'
    (resource,) = only(loaded({"dir/main.tf": text})).resources
    assert (str(resource.span), resource.span.text) == ("dir/main.tf:2:1", 'resource "a_x" "one" {')
    assert resource.extent.text == text[8:-1]
    assert (resource.deployment, resource.address, resource.type, resource.name, resource.channel) == (
        "dir",
        "a_x.one",
        "a_x",
        "one",
        "hcl",
    )


def test_what_is_wrong_is_said_and_costs_no_more_than_itself() -> None:
    estate = loaded(
        {
            "bad.tf": 'resource "a_x" "one" {\n  v = (1 +* 2)\n  w = 2\n}\n',
            "binary.tf": b"\x00\x01",
            "j.tf.json": '{"nonsense": {}}',
            "broken.tf": "resource a_x {{{\n",
            "good.tf": 'resource "a_x" "two" {\n  v = 1\n}\n',
            "terraform.tfvars.json": "[",
        }
    )
    found = {resource.address: resource for resource in only(estate).resources}
    assert isinstance(found["a_x.one"].get("v"), Unknown)
    assert (plain(found["a_x.one"].get("w")), plain(found["a_x.two"].get("v"))) == (2, 1)
    assert [(problem.path, problem.code) for problem in estate.problems] == [
        ("bad.tf", "hcl-expression"),
        ("binary.tf", "file-not-text"),
        ("broken.tf", "hcl-syntax"),
        ("j.tf.json", "terraform-json"),
        ("terraform.tfvars.json", "var-file"),
    ]


def test_other_top_level_blocks_are_no_trouble() -> None:
    text = """
moved {
  from = a_x.a
  to   = a_x.b
}
import {
  to = a_x.b
  id = "i"
}
removed {
  from = a_x.c
}
check "c" {
  assert {
    condition     = true
    error_message = "m"
  }
}
"""
    estate = loaded({"main.tf": text})
    assert estate.problems == ()
    assert only(estate).resources == ()


def test_nothing_at_all() -> None:
    assert loaded({}).roots == ()
    estate = loaded({"main.tf": ""})
    assert (only(estate).name, only(estate).resources, estate.problems) == ("root", (), ())


def test_loading_twice_gives_the_same() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": 'variable "u" {}\nresource "a_x" "one" {\n  for_each = var.u\n  v = [each.key, uuid()]\n}\n'
    }
    first, second = (only(loaded(files)).resources[0] for _ in range(2))
    left, right = first.get("v", 0), second.get("v", 0)
    assert isinstance(left, Unknown) and isinstance(right, Unknown) and left.symbol == right.symbol
