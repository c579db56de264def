"""Files that are no plan, or a damaged one: always a problem with a place, never an exception."""

from __future__ import annotations

import json
from typing import Any

import pytest
from plan_files import change, codes, golden, load, only_root, plan

from drpolicy.terraform.files import TerraformProblem
from drpolicy.terraform.plans.documents import Kind, read_document


def refused(data: bytes, kind: Kind = "plan") -> TerraformProblem:
    found = read_document("plan.json", data, kind)
    assert isinstance(found, TerraformProblem)
    assert found.code == "plan-invalid"
    return found


@pytest.mark.parametrize(
    ("data", "message", "place"),
    [
        (b"", "plan.json: not valid JSON: expecting value", "plan.json:1:1"),
        (b'{"a": 1,\n "b": }', "plan.json: not valid JSON: expecting value", "plan.json:2:7"),
        (b'{"a" 1}', "plan.json: not valid JSON: ':' is expected here", "plan.json:1:6"),
        (b'{"a": 1 "b"}', "plan.json: not valid JSON: ',' or '}' is expected here", "plan.json:1:9"),
        (b'{"a": 1} x', "plan.json: not one JSON document: more follows", "plan.json:1:9"),
        (b'{"a": NaN}', "plan.json: not valid JSON: NaN is no JSON", "plan.json:1:7"),
        (
            b'{"resource_changes": [{"a": 1}, {]}',
            "plan.json: not valid JSON: expecting property name enclosed in double quotes",
            "plan.json:1:34",
        ),
        (b"[]", "plan.json: no plan: the document is not a JSON object", "plan.json:1:1"),
        (b"{}", "plan.json: no plan: 'format_version' is missing; give the output of 'terraform show -json'", "plan.json:1:1"),
        (b'{"format_version": "2.0"}', "plan.json: format_version '2.0' is not known; 1.x is read", "plan.json:1:1"),
        (b'{"format_version": "1.0", "values": {}}', "plan.json: it is a state; give it with --state", "plan.json:1:1"),
        (b'{"version": 4, "lineage": "x"}', "plan.json: it is a state; give it with --state", "plan.json:1:1"),
        (
            b"PK\x03\x04rest",
            "plan.json is a plan as terraform plan -out writes it; give the output of 'terraform show -json plan.json'",
            "plan.json:1:1",
        ),
        (b"\xff\xfe{", "plan.json was not read: it is not UTF-8: byte 0xff at offset 0, in line 1", "plan.json:1:1"),
        (b'{"a": "\xff"}', "plan.json was not read: it is not UTF-8: byte 0xff at offset 7, in line 1", "plan.json:1:8"),
        (
            b'{"@level":"info","@message":"Terraform 1.11.4"}\n{"@level":"info"}\n',
            "plan.json: not one JSON document: it is the log of terraform plan -json; give the output of 'terraform show -json PLANFILE'",
            "plan.json:1:48",
        ),
    ],
)
def test_what_is_no_plan_is_refused_with_a_place(data: bytes, message: str, place: str) -> None:
    problem = refused(data)
    assert (problem.message, str(problem.span)) == (message, place)


def test_a_plan_is_no_state() -> None:
    assert refused(json.dumps(plan()).encode(), "state").message == "plan.json: it is a plan; give it with --plan"


def test_an_old_state_is_named_as_such() -> None:
    problem = refused(b'{"version": 3, "lineage": "x", "modules": []}', "state")
    assert problem.message == (
        "plan.json: no state: 'format_version' is missing (a state of version 4 is read, older ones are not); "
        "give the output of 'terraform show -json'"
    )


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, '{"configuration":' + "[" * 200_000])
def test_deep_nesting_is_refused(text: str) -> None:
    assert "nested too deeply" in refused(text.encode()).message


def test_modules_nested_without_end_are_refused() -> None:
    text = '{"format_version":"1.2","planned_values":{"root_module":' + '{"child_modules":[' * 500 + "]}" * 500 + "}}"
    assert refused(text.encode()).message == "plan.json: modules are nested more than 60 levels deep"


def test_an_address_that_is_given_twice_counts_once() -> None:
    estate = load(plan(change("aws_s3_bucket.a", {"bucket": "first"}), change("aws_s3_bucket.a", {"bucket": "second"})))
    (bucket,) = only_root(estate).resources
    assert bucket.get("bucket").value == "first"  # type: ignore[union-attr] # known
    assert [each.message for each in estate.problems if each.code == "plan-entry"] == [
        "aws_s3_bucket.a is given twice, in line 1 and again here; the first one counts"
    ]


@pytest.mark.parametrize(
    "entry",
    [
        {"mode": "managed"},
        {**change("aws_s3_bucket.a", {}), "type": 1},
        {**change("aws_s3_bucket.a", {}), "change": None},
        {**change("aws_s3_bucket.a", {}), "change": {"actions": ["create"], "after": [], "after_unknown": {}}},
    ],
)
def test_a_resource_that_is_none_is_left_out_and_named(entry: dict[str, Any]) -> None:
    estate = load(plan(entry, change("aws_s3_bucket.b", {"bucket": "b"})))
    assert [each.address for each in only_root(estate).resources] == ["aws_s3_bucket.b"]
    assert "plan-entry" in codes(estate)


def test_windows_powershell_writes_utf_16() -> None:
    data = golden("references/plan.json").decode().encode("utf-16")
    assert len(only_root(load(data)).resources) == 17


def test_a_byte_order_mark_and_crlf_are_no_trouble() -> None:
    data = b"\xef\xbb\xbf" + golden("references/plan.json").replace(b"\n", b"\r\n")
    assert len(only_root(load(data)).resources) == 17
