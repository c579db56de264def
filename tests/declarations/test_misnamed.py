"""Tiers that are not there and regions that do not exist: at their line, with the nearest that does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from drpolicy.app.judging import judged
from drpolicy.app.policies import load_policies
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.catalog.load import built_in_catalog
from drpolicy.declarations.region_names import region_problem
from drpolicy.sources.trees import MemoryTree

CONFIG = "apiVersion: drpolicy.dev/v1\nkind: Config\n"
TIERS = (
    CONFIG + "tiers:\n  critical: {objectives: {region: {rto: 1h, rpo: 15m}}}\n  important: {objectives: {region: {rto: 4h, rpo: 1h}}}\n"
)
SERVICE = (
    "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: orders}\nspec:\n  owner: team\n  stores: [{ref: aws_db_instance.d}]\n"
)
DATABASE = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_db_instance" "d" {\n  tags = {\n    tier = "Bronze"\n  }\n}\n'


def said(service: str, config: str = "", more: dict[str, str] | None = None) -> list[tuple[str, str, str, str]]:
    """Return level, effect, place and message of each diagnostic."""
    files = {"main.tf": DATABASE, "orders.yaml": SERVICE + service, **(more or {})}
    if config:
        files["drpolicy.yaml"] = config
    tree = MemoryTree(files)
    found = read_tree(tree)
    policies = load_policies(tree, found.configuration, found.base)
    every = judged(Settings((Path(),), Path(), date(2026, 11, 1)), found, policies).diagnostics
    return [(each.level, each.effect, str(each.span), each.message) for each in every]


@pytest.mark.parametrize(
    ("tier", "message"),
    [
        ("gold", "no tier is called 'gold'; one of critical, important"),
        ("Critical", "no tier is called 'Critical'; did you mean 'critical'?"),
        ("importent", "no tier is called 'importent'; did you mean 'important'?"),
    ],
)
def test_a_tier_that_the_configuration_does_not_have_is_an_error(tier: str, message: str) -> None:
    assert said(f"  tier: {tier}\n", TIERS) == [("error", "invalid", "orders.yaml:7:9", message)]


@pytest.mark.parametrize("tier", ["critical", "important", "'${TIER}'"])
def test_a_tier_that_is_there_or_not_known_is_none(tier: str) -> None:
    assert said(f"  tier: {tier}\n", TIERS) == []


def test_the_service_stays_with_all_that_is_right_of_it() -> None:
    objectives = "  objectives: {corruption: {rto: 2h, rpo: 1h}}\n"
    found = read_tree(MemoryTree({"orders.yaml": SERVICE + "  tier: gold\n" + objectives, "drpolicy.yaml": TIERS}))
    (service,) = found.declarations.services
    assert [each.disruption for each in service.objectives] == ["corruption"]


def test_a_tier_with_an_error_of_its_own_is_there_all_the_same() -> None:
    broken = TIERS + "  gold: {objectives: {region: {rto: 1}}}\n"
    assert [message for _, _, place, message in said("  tier: gold\n", broken) if place.startswith("orders")] == []


OWN = "  objectives: {all: {rto: 2h, rpo: 1h}}\n"
LISTED = "list it under 'tiers' in drpolicy.yaml, with its objectives"


@pytest.mark.parametrize(
    ("tier", "own", "advice"),
    [
        ("critical", "", None),
        ("critcal", "", "did you mean 'critical'?"),
        ("critcal", OWN, "did you mean 'critical'?"),
        ("gold", "", LISTED),
        # It says at least what it asks for itself.
        ("gold", OWN, None),
    ],
)
@pytest.mark.parametrize("config", ["", CONFIG])
def test_without_tiers_one_that_no_policy_speaks_of_is_a_warning(tier: str, own: str, advice: str | None, config: str) -> None:
    text = f"the tier '{tier}' asks for nothing of orders: no drpolicy.yaml and no policy has it; {advice}"
    expected = [("warning", "none", "orders.yaml:7:9", text)] if advice else []
    assert said(f"  tier: {tier}\n{own}", config) == expected


POLICY = """apiVersion: drpolicy.dev/v1
kind: Policy
metadata: {id: gold-without-runbook, title: Gold without a runbook, antiPattern: missing-runbook}
spec:
  subject: Service
  assert: has(self.runbook)
  severity: [{when: 'self.?tier.orValue("") == "gold"', is: high}, {is: low}]
  message: "{self.name} has no runbook"
why: It is gold.
remediation: Write one.
"""


def test_policies_of_a_users_own_speak_of_tiers_too() -> None:
    assert said("  tier: gold\n", CONFIG + "policies: {directories: [own]}\n", {"own/gold.yaml": POLICY}) == []


def test_a_tier_that_a_tag_says_is_a_warning_at_most() -> None:
    message = "orders: no tier is called 'bronze'; one of critical, important (tag tier of aws_db_instance.d)"
    assert said("", TIERS + "tags: {tier: [tier]}\n") == [("warning", "none", "main.tf:6:12", message)]


def test_nothing_is_said_of_tiers_where_the_configuration_was_not_read() -> None:
    assert [level for level, *_ in said("  tier: gold\n", CONFIG + "tiers: [\n")] == ["error"]


KNOWN = built_in_catalog().countries
PLACE = "a place of your own is written as country:name, such as kr:data-centre"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ap-northeast-2", None),
        ("us-gov-west-1", None),
        ("kr:data-centre-2", None),
        ("ap-northest-2", ("error", "no region is called 'ap-northest-2'; did you mean 'ap-northeast-2'?")),
        ("eu-wset-1", ("error", "no region is called 'eu-wset-1'; did you mean 'eu-west-1'?")),
        ("ue-central-1", ("error", "no region is called 'ue-central-1'; did you mean 'eu-central-1'?")),
        ("EU-WEST-1", ("error", "'EU-WEST-1' is no region of AWS; did you mean 'eu-west-1'?")),
        ("eu_west_1", ("error", "'eu_west_1' is no region of AWS; did you mean 'eu-west-1'?")),
        ("eu-west-1a", ("error", "'eu-west-1a' is no region of AWS; did you mean 'eu-west-1'?")),
        ("seoul", ("error", f"'seoul' is no region of AWS; {PLACE}")),
        # It may be new: another number, another point of the compass, another part of the world.
        ("eu-north-12", ("warning", "'eu-north-12' is no region that this version knows, unlike eu-north-1")),
        ("sa-west-1", ("warning", "'sa-west-1' is no region that this version knows")),
        ("nz-south-1", ("warning", "'nz-south-1' is no region that this version knows")),
    ],
)
def test_names_of_regions(text: str, problem: tuple[str, str] | None) -> None:
    assert region_problem(text, KNOWN) == problem


def test_regions_of_services_protections_and_the_configuration() -> None:
    protection = """apiVersion: drpolicy.dev/v1
kind: Protection
metadata: {name: central}
spec:
  stores: {types: [aws_db_instance]}
  mechanism: aws-backup
  region: eu-centarl-1
  gap: 24h
  retention: 35d
  owner: team-platform
  reviewedUntil: 2027-03-31
"""
    config = (
        CONFIG
        + "defaults: {region: eu-wst-1}\nlive: {regions: [eu-west-1, Frankfurt]}\nclusters:\n"
        + "  - {name: here, region: seoul-dc, role: primary, paths: ['one/**']}\n"
        + "  - {name: there, region: ap-northest-1, role: dr, paths: ['two/**']}\n"
    )
    # The service runs where a cluster is, which need not be in AWS.
    found = said("  regions: {primary: seoul-dc, dr: [eu-west-1, eu-cenral-1]}\n", config, {"p.yaml": protection})
    regions = [each for each in found if "manifest" not in each[3]]
    assert sorted((level, place, message.partition(";")[0]) for level, _, place, message in regions) == [
        ("error", "drpolicy.yaml:3:20", "no region is called 'eu-wst-1'"),
        ("error", "drpolicy.yaml:4:29", "'Frankfurt' is no region of AWS"),
        ("error", "drpolicy.yaml:7:27", "no region is called 'ap-northest-1'"),
        ("error", "orders.yaml:7:48", "no region is called 'eu-cenral-1'"),
        ("error", "p.yaml:7:11", "no region is called 'eu-centarl-1'"),
    ]
