"""Terraform's JSON syntax: the same blocks, values and places as in the native one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.model.provenance import steps
from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.spans import Source
from drpolicy.model.values import Known, Unknown
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.blocks import BlockSyntax
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.json_expressions import json_expression
from drpolicy.terraform.json_structure import json_index
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.syntax import ExpressionParser
from drpolicy.terraform.tree import Attribute, Expression, Name


def loaded(files: dict[str, str]) -> TerraformEstate:
    tree = MemoryTree(files)
    return load_terraform(tree, discover(tree))


def only(estate: TerraformEstate) -> TerraformRoot:
    assert estate.problems == ()
    (root,) = estate.roots
    return root


def resources(files: dict[str, str]) -> dict[str, Resource]:
    return {resource.address: resource for resource in only(loaded(files)).resources}


BUCKET = """{
  "resource": {
    "aws_s3_bucket": {
      "logs": {
        "bucket": "logs-${var.name}",
        "tags": {"team": "${upper(\\"dr\\")}"},
        "lifecycle_rule": [{"id": "a"}, {"id": "b", "expiration": {"days": 30}}],
        "lifecycle": {"prevent_destroy": true}
      }
    }
  },
  "variable": {"name": {"type": "string", "default": "x"}},
  "provider": {"aws": [{"region": "eu-west-1"}, {"alias": "dr", "region": "eu-central-1"}]}
}
"""


def test_places_are_those_of_the_json() -> None:
    bucket = resources({"dir/main.tf.json": BUCKET})["aws_s3_bucket.logs"]
    assert (str(bucket.span), bucket.span.text, bucket.extent.text[:8]) == ("dir/main.tf.json:4:7", '"logs": {', '"logs": ')
    assert plain(bucket.get("bucket")) == "logs-x"
    assert [(step.text, str(step.span)) for step in steps(bucket.get("bucket").origin)] == [
        ("template", "dir/main.tf.json:5:19"),
        ("written", "dir/main.tf.json:5:20"),
        ("through var.name", "dir/main.tf.json:5:27"),
        ("written", "dir/main.tf.json:12:54"),
    ]
    assert plain(bucket.get("tags")) == {"team": "DR"}
    assert plain(bucket.get("lifecycle_rule")) == [{"id": "a"}, {"expiration": [{"days": 30}], "id": "b"}]
    assert str(bucket.get("lifecycle_rule", 1, "expiration", 0, "days").origin) != ""
    assert bucket.guarded
    assert (plain(bucket.region), bucket.provider) == ("eu-west-1", "aws")


def test_places_inside_a_text_with_escapes() -> None:
    text = '{"resource": {"t_r": {"x": {"v": "a\\"\\u00e9\\ud83d\\ude00${upper(\\"b\\")}${local.c}"}}}, "locals": {"c": "${var.none}"}}'
    value = resources({"main.tf.json": text})["t_r.x"].get("v")
    assert isinstance(value, Unknown)
    spelled = [[step.span.text for step in steps(part.origin) if step.span is not None] for part in value.parts]
    assert spelled == [
        ['a\\"\\u00e9\\ud83d\\ude00'],
        ['upper(\\"b\\")', '\\"b\\"'],
        ["local.c", "var.none", "var.none"],
    ]


def test_dynamic_blocks_and_blocks_of_every_form() -> None:
    text = """{"resource": {"aws_backup_plan": {"p": {
      "rule": {"rule_name": "daily", "copy_action": {"destination_vault_arn": "arn", "lifecycle": {"delete_after": 7}}},
      "dynamic": {"advanced": {"for_each": ["a", "b"], "iterator": "it", "content": {"name": "${it.value}", "opts": {"x": 1}}}}
    }}}}"""
    plan = resources({"main.tf.json": text})["aws_backup_plan.p"]
    assert plain(plan.get("rule")) == [
        {"copy_action": [{"destination_vault_arn": "arn", "lifecycle": [{"delete_after": 7}]}], "rule_name": "daily"}
    ]
    assert plain(plan.get("advanced")) == [{"name": "a", "opts": [{"x": 1}]}, {"name": "b", "opts": [{"x": 1}]}]


def test_provider_references_are_texts() -> None:
    text = """{
      "provider": {"aws": [{"region": "a-1"}, {"alias": "dr", "region": "b-1"}]},
      "resource": {"aws_s3_bucket": {"x": {"provider": "aws.dr"}, "z": {}}},
      "module": {"m": {"source": "./m", "providers": {"aws": "aws.dr", "aws.other": "aws"}}}
    }"""
    module = """{"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "configuration_aliases": ["aws.other"]}}},
      "resource": {"aws_s3_bucket": {"x": {}, "y": {"provider": "aws.other"}}}}"""
    found = resources({"main.tf.json": text, "m/main.tf.json": module})
    assert {address: plain(each.region) for address, each in found.items()} == {
        "aws_s3_bucket.x": "b-1",
        "aws_s3_bucket.z": "a-1",
        "module.m.aws_s3_bucket.x": "b-1",
        "module.m.aws_s3_bucket.y": "a-1",
    }


def test_backend_settings_and_moved() -> None:
    text = """{"terraform": [{"backend": {"s3": {"bucket": "state", "key": "k"}}}],
      "moved": [{"from": "t_r.a", "to": "t_r.b"}, {"from": "module.x[\\"k\\"]", "to": "module.y"}]}"""
    root = only(loaded({"main.tf.json": text}))
    assert root.backend is not None
    assert (root.backend.type, plain(root.backend.attributes.fields["bucket"])) == ("s3", "state")
    assert [(each.old, each.new) for each in root.moved] == [("t_r.a", "t_r.b"), ('module.x["k"]', "module.y")]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("", ["not valid JSON: a value is expected here"]),
        ("[", ["not valid JSON: a value is expected here"]),
        ("5", ["the file needs a JSON object, or an array of them"]),
        ('{"resource": {"t_r": 5}}', ["resource needs a JSON object, or an array of them"]),
        ('{"nonsense": {}, "locals": {"a": 1}}', ["'nonsense' is no block of Terraform"]),
        ('{"locals": {"a": 1, "a": 2}}', ["'a' is given twice, in line 1 and again here; the last one counts"]),
        ('{"//": "only a comment", "resource": null, "data": []}', []),
    ],
)
def test_what_is_not_terraform_is_said(text: str, messages: list[str]) -> None:
    estate = loaded({"a.tf.json": text, "b.tf": 'resource "t_r" "x" {\n}\n'})
    assert [(each.code, each.message) for each in estate.problems] == [("terraform-json", message) for message in messages]
    assert [resource.address for root in estate.roots for resource in root.resources] == ["t_r.x"]


def test_an_array_at_the_root_and_at_every_label() -> None:
    file = json_index(Source("x.tf.json", '[{"resource": [{"a_b": [{"x": [{"v": 1}, {"v": 2}]}]}]}, {"locals": [{"k": 1}]}]'))

    def shown(block: BlockSyntax) -> tuple[Any, ...]:
        return block.type, block.labels, tuple(each.name for each in block.attributes), file.header(block).text

    assert [shown(each) for each in file.blocks] == [
        ("resource", ("a_b", "x"), ("v",), '"x": [{'),
        ("resource", ("a_b", "x"), ("v",), '"x": [{"v": 1}, {'),
        ("locals", (), ("k",), '"locals": [{'),
    ]


def tree_of(text: str) -> Expression:
    parser = ExpressionParser()
    return json_expression(text, "template", parser.parse_template, parser.parse)


def test_offsets_are_those_of_the_json_text() -> None:
    text = '["\\u00e9\\n${ a.b }"]'
    (item,) = tree_of(text).items  # type: ignore[union-attr]
    _, reference = item.parts
    assert isinstance(reference, Attribute) and isinstance(reference.of, Name)
    assert text[reference.start : reference.end] == "a.b"
    assert text[item.start : item.end] == '"\\u00e9\\n${ a.b }"'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.text() | JSON.map(json.dumps))
def test_no_text_makes_it_crash(text: str) -> None:
    file = json_index(Source("x.tf.json", text))
    for block in file.blocks:
        assert 0 <= block.start <= block.header_end <= block.end <= len(text)
    tree = tree_of(text)
    assert 0 <= tree.start <= tree.end <= len(text)


def test_literal_values_stay_what_they_are() -> None:
    value = resources({"a.tf.json": '{"variable": {"v": {"default": "${x}"}}, "resource": {"t_r": {"x": {"v": "${var.v}"}}}}'})[
        "t_r.x"
    ].get("v")
    assert isinstance(value, Known) and value.value == "${x}"
