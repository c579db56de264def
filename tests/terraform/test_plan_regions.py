"""The region and the account of resources in plans and states."""

from __future__ import annotations

from typing import Any

import pytest
from plan_files import by_address, change, configured, load, plan, refers

from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Unknown, same


def provider(alias: str = "", **expressions: Any) -> dict[str, Any]:
    written = {name: each if isinstance(each, (dict, list)) else {"constant_value": each} for name, each in expressions.items()}
    return {"name": "aws", **({"alias": alias} if alias else {}), "expressions": written}


def one(providers: dict[str, Any], key: str = "aws", after: dict[str, Any] | None = None, **more: Any) -> Resource:
    resources = {"resources": [configured("aws_db_instance.a", key)]}
    data = plan(change("aws_db_instance.a", after or {}), configuration={**resources, **more.pop("root", {})}, providers=providers, **more)
    return by_address(load(data))["aws_db_instance.a"]


def test_the_provider_says_the_region() -> None:
    found = one({"aws": provider(region="eu-west-1"), "aws.dr": provider("dr", region="eu-north-1")}, "aws.dr")
    assert isinstance(found.region, Known)
    assert (found.region.value, found.provider) == ("eu-north-1", "aws.dr")


def test_a_variable_says_the_region() -> None:
    found = one({"aws": provider(region=refers("var.region"))}, variables={"region": "eu-west-1"})
    assert isinstance(found.region, Known)
    assert found.region.value == "eu-west-1"


def test_a_local_leaves_the_region_open() -> None:
    assert isinstance(one({"aws": provider(region=refers("local.region"))}).region, Unknown)


def test_the_resource_says_the_region() -> None:
    """AWS provider 6: every resource has a region, and the plan has it even if nobody wrote it."""
    found = one({"aws": provider(region=refers("local.region"))}, after={"region": "eu-west-3"})
    assert isinstance(found.region, Known)
    assert found.region.value == "eu-west-3"


def test_the_arn_says_region_and_account() -> None:
    found = one({}, after={"arn": "arn:aws:rds:eu-west-1:111122223333:db:a"})
    assert isinstance(found.region, Known)
    assert isinstance(found.account, Known)
    assert (found.region.value, found.account.value) == ("eu-west-1", "111122223333")


def test_a_provider_inside_a_module_reads_the_variables_of_the_call() -> None:
    calls = {
        "db": {
            "source": "./db",
            "expressions": {"where": refers("var.region")},
            "module": {"resources": [configured("aws_db_instance.a", "module.db:aws")], "variables": {"where": {}}},
        }
    }
    data = plan(
        change("module.db.aws_db_instance.a", {}),
        configuration={"module_calls": calls, "variables": {"region": {}}},
        providers={"module.db:aws": {**provider(region=refers("var.where")), "module_address": "module.db"}},
        variables={"region": "eu-south-1"},
    )
    found = by_address(load(data))["module.db.aws_db_instance.a"]
    assert isinstance(found.region, Known)
    assert (found.region.value, found.provider) == ("eu-south-1", "module.db.aws")


@pytest.mark.parametrize(
    ("expressions", "account"),
    [
        ({"allowed_account_ids": ["111122223333"]}, "111122223333"),
        ({"assume_role": [{"role_arn": {"constant_value": "arn:aws:iam::444455556666:role/x"}}]}, "444455556666"),
    ],
)
def test_the_provider_says_the_account(expressions: dict[str, Any], account: str) -> None:
    written = {name: {"constant_value": each} if name == "allowed_account_ids" else each for name, each in expressions.items()}
    found = one({"aws": {"name": "aws", "expressions": written}})
    assert isinstance(found.account, Known)
    assert found.account.value == account


def test_two_resources_of_a_state_are_not_known_to_be_in_one_region() -> None:
    """A state shown as JSON does not say which provider configuration made a resource."""
    resources = [
        {"address": f"aws_sqs_queue.{name}", "mode": "managed", "type": "aws_sqs_queue", "name": name, "values": {}} for name in ("a", "b")
    ]
    found = by_address(load({"format_version": "1.0", "values": {"root_module": {"resources": resources}}}, kind="state"))
    one, other = found["aws_sqs_queue.a"], found["aws_sqs_queue.b"]
    assert same(one.region, other.region) is Truth.UNKNOWN


def test_two_resources_of_one_provider_in_a_raw_state_are_in_one_region() -> None:
    resources = [
        {
            "mode": "managed",
            "type": "aws_sqs_queue",
            "name": name,
            "provider": f'provider["registry.terraform.io/hashicorp/aws"]{alias}',
            "instances": [{"attributes": {"name": name}}],
        }
        for name, alias in (("a", ""), ("b", ""), ("c", ".dr"))
    ]
    found = by_address(load({"version": 4, "lineage": "x", "resources": resources}, kind="state"))
    regions = [found[f"aws_sqs_queue.{name}"].region for name in "abc"]
    assert same(regions[0], regions[1]) is Truth.TRUE
    assert same(regions[0], regions[2]) is Truth.UNKNOWN
    assert found["aws_sqs_queue.c"].provider == "aws.dr"
