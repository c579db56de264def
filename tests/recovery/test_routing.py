"""Where routes lead, how long they lead to a dead target, and what of it is not known."""

from __future__ import annotations

import pytest
from recovery_estates import PROVIDERS, estate_of, plain

from drpolicy.model.services import Endpoint
from drpolicy.recovery.logic import truth_of

BALANCERS = 'resource "aws_lb" "here" {}\nresource "aws_lb" "there" {\n  provider = aws.dr\n}\n'


def record(name: str, policy: str, target: str, more: str = "") -> str:
    return f"""resource "aws_route53_record" "{name}" {{
  zone_id        = "Z1"
  name           = "shop.example.com"
  type           = "A"
  set_identifier = "{name}"
  {more}
  {policy}
  alias {{
    name    = {target}
    zone_id = "Z2"
  }}
}}
"""


def latency(region: str) -> str:
    return f'latency_routing_policy {{\n    region = "{region}"\n  }}'


def failover(type_: str) -> str:
    return f'failover_routing_policy {{\n    type = "{type_}"\n  }}'


def endpoint(text: str, files: dict[str, str] | None = None) -> Endpoint:
    (found,) = estate_of({"main.tf": PROVIDERS + BALANCERS + text, **(files or {})}).endpoints
    return found


CHECK = """resource "aws_route53_health_check" "c" {
  type              = "HTTPS"
  request_interval  = 10
  %s
}
"""


@pytest.mark.parametrize(
    ("check", "seconds"),
    [("failure_threshold = 2", "1m20s"), ("", "1m30s"), ("failure_threshold = var.often", "variable not set")],
)
def test_the_time_until_a_record_has_moved(check: str, seconds: str) -> None:
    text = record("p", failover("PRIMARY"), "aws_lb.here.dns_name", "health_check_id = aws_route53_health_check.c.id")
    found = endpoint('variable "often" {}\n' + CHECK % check + text)
    assert plain(found.switch_time) == seconds


@pytest.mark.parametrize(
    ("target", "region"),
    [
        ("aws_lb.there.dns_name", "eu-central-1"),
        ('"shop-123.us-east-1.elb.amazonaws.com"', "us-east-1"),
        ('"shop-123.elb.ap-northeast-2.amazonaws.com"', "ap-northeast-2"),
        ('"s3-website-us-west-2.amazonaws.com"', "us-west-2"),
        ('"shop.us-east-1.example.com"', None),
        ("var.target", None),
    ],
)
def test_where_a_target_is(target: str, region: str | None) -> None:
    found = endpoint('variable "target" {}\n' + record("p", failover("PRIMARY"), target))
    assert [each.value for each in found.regions.elements if each.why is None] == ([region] if region else [])


def test_a_record_that_may_not_be_there_is_no_proven_defect() -> None:
    one = record("a", latency("eu-west-1"), "aws_lb.here.dns_name")
    two = record("b", latency("eu-central-1"), "aws_lb.there.dns_name")
    assert truth_of(endpoint(one + two).health_checked).value == "false"
    counted = two.replace("{\n  zone_id", "{\n  count   = var.many\n  zone_id", 1)
    assert truth_of(endpoint('variable "many" {}\n' + one + counted).health_checked).value == "unknown"


def test_records_of_one_region_share_load_and_are_no_route() -> None:
    one = record("a", latency("eu-west-1"), "aws_lb.here.dns_name")
    two = record("b", latency("eu-west-1"), "aws_lb.here.dns_name")
    assert estate_of(BALANCERS + one + two).endpoints == ()


def test_a_route_of_a_non_production_deployment_says_so() -> None:
    text = record("p", failover("PRIMARY"), "aws_lb.here.dns_name")
    (found,) = estate_of({"envs/staging/main.tf": PROVIDERS + BALANCERS + text}).endpoints
    assert plain(found.environment) == "staging"
