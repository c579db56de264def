"""What services take from the Resilience Hub policy and the Region switch plan that they name, and where both contradict them."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of, plain

from drpolicy.model.provenance import Derived, written_at
from drpolicy.model.services import Agreement, Service
from drpolicy.model.values import Unknown

POLICY = """\
resource "aws_resiliencehub_resiliency_policy" "critical" {
  name = "critical"
  tier = "Critical"
  policy {
    software {
      rto = "4h"
      rpo = "1h0m0s"
    }
    region {
      rto = "1h"
      rpo = "15m"
    }
  }
}
"""
PLAN = """\
resource "aws_arcregionswitch_plan" "orders" {
  name                            = "orders"
  recovery_approach               = "activePassive"
  regions                         = ["eu-west-1", "eu-central-1"]
  primary_region                  = "eu-west-1"
  recovery_time_objective_minutes = 30
  workflow {
    workflow_target_action = "activate"
    step {
      name                 = "promote"
      execution_block_type = "AuroraGlobalDatabase"
    }
  }
}
"""
HUB = "resilienceHub: aws_resiliencehub_resiliency_policy.critical"
SWITCH = "regionSwitch: aws_arcregionswitch_plan.orders"


def service(main: str, *lines: str, config: str = "") -> Service:
    head = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: orders}\nspec:\n  owner: a-team\n  stores: []\n"
    files = {"main.tf": main, "orders.yaml": head + "".join(f"  {line}\n" for line in lines)}
    if config:
        files["drpolicy.yaml"] = f"apiVersion: drpolicy.dev/v1\nkind: Config\n{config}"
    (found,) = estate_of(files).services
    return found


def objectives(found: Service) -> dict[str, tuple[object, object]]:
    return {each.disruption: (plain(each.declared_rto), plain(each.declared_rpo)) for each in found.targets}


def places(agreement: Agreement) -> list[str]:
    assert isinstance(agreement.holds.origin, Derived)
    return [str(written_at(each)) for each in agreement.holds.origin.sources]


def test_what_is_not_written_is_taken_from_the_policy() -> None:
    found = service(POLICY, HUB, "objectives: {region: {rpo: 15m}}")
    assert objectives(found) == {"corruption": ("4h", "1h"), "region": ("1h", "15m")}
    assert str(written_at(next(each for each in found.targets if each.disruption == "region").declared_rto.origin)) == "main.tf:10:13"
    assert found.agreements.resilience_hub_agrees.text == ""


def test_what_is_written_stands_and_both_places_are_told() -> None:
    found = service(POLICY, HUB, "objectives: {all: {rto: 2h}}")
    assert objectives(found)["region"] == ("2h", "15m")
    agreement = found.agreements.resilience_hub_agrees
    assert agreement.text == (
        "corruption RTO 2h is declared, and aws_resiliencehub_resiliency_policy.critical says 4h; "
        "region RTO 2h is declared, and aws_resiliencehub_resiliency_policy.critical says 1h"
    )
    assert places(agreement) == ["orders.yaml:8:27", "main.tf:6:13", "orders.yaml:8:27", "main.tf:10:13"]


def test_a_tier_takes_its_objectives_from_a_policy() -> None:
    found = service(POLICY, "tier: critical", config=f"tiers: {{critical: {{{HUB}}}}}\n")
    assert objectives(found) == {"corruption": ("4h", "1h"), "region": ("1h", "15m")}
    assert (found.agreements.resilience_hub_agrees.compared, found.agreements.resilience_hub_agrees.text) == (True, "")


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ('rto = "1h"', "1h"),
        ("rto = 3600", "refused by Terraform"),  # a Go duration has a unit
        ("rto = 0", "0s"),
        ('rto = "soon"', "refused by Terraform"),
        ("rto = var.rto", "variable not set"),
    ],
)
def test_durations_of_the_older_generation(written: str, given: str) -> None:
    block = f"  policy {{\n    az {{\n      {written}\n    }}\n  }}\n"
    main = f'variable "rto" {{}}\nresource "aws_resiliencehub_resiliency_policy" "critical" {{\n{block}}}\n'
    found = service(main, HUB)
    assert dict(objectives(found))["az"][0] == given


def test_seconds_of_the_other_provider() -> None:
    written = "policy = { region = { rto_in_secs = 3600, rpo_in_secs = 90 } }"
    main = f'resource "awscc_resiliencehub_resiliency_policy" "critical" {{\n  {written}\n}}\n'
    assert objectives(service(main, f"{HUB.replace('aws_', 'awscc_')}"))["region"] == ("1h", "1m30s")


def test_a_policy_that_cannot_be_known_keeps_objectives_open() -> None:
    found = service(POLICY, "resilienceHub: arn:aws:resiliencehub:eu-west-1:111122223333:resiliency-policy/x")
    assert plain(found.has_objectives) == "outside scope"
    assert isinstance(found.agreements.resilience_hub_agrees.holds, Unknown)


def test_an_application_without_a_policy_says_nothing() -> None:
    found = service('resource "aws_resiliencehub_app" "orders" {\n  name = "orders"\n}\n', "resilienceHub: aws_resiliencehub_app.orders")
    assert found.agreements.resilience_hub_agrees.text == (
        "resilienceHub names aws_resiliencehub_app.orders, and no policy of Resilience Hub, nor an application that has one, that was read "
        "is called so"
    )


def test_regions_and_rto_are_taken_from_the_plan() -> None:
    found = service(PLAN, SWITCH)
    assert list(found.dr_regions) == ["eu-central-1"]
    assert objectives(found)["region"] == ("30m", None)
    assert found.agreements.region_switch_agrees.text == ""


def test_an_rto_of_the_service_or_its_tier_comes_first() -> None:
    found = service(PLAN, SWITCH, "tier: critical", config="tiers: {critical: {objectives: {region: {rto: 1h, rpo: 15m}}}}\n")
    assert objectives(found)["region"] == ("1h", "15m")
    assert found.agreements.region_switch_agrees.text == ""


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (
            "regions: {primary: eu-central-1, dr: [eu-west-1]}",
            "the service is declared to run in eu-central-1, and to aws_arcregionswitch_plan.orders eu-west-1 is the primary region",
        ),
        (
            "regions: {primary: eu-west-1, dr: [eu-north-1]}",
            "the service is declared to be recovered in eu-north-1, and aws_arcregionswitch_plan.orders switches between eu-west-1 and "
            "eu-central-1",
        ),
        ("objectives: {region: {rto: 20m}}", "region RTO 20m is declared, and aws_arcregionswitch_plan.orders is to take up to 30m"),
        ("objectives: {region: {rto: 45m}}", ""),
        ("strategy: active-active", "strategy active-active is declared, and aws_arcregionswitch_plan.orders is activePassive"),
        ("strategy: backup-restore", ""),
    ],
)
def test_a_plan_that_does_otherwise(lines: str, text: str) -> None:
    assert service(PLAN, SWITCH, lines).agreements.region_switch_agrees.text == text


def test_a_workflow_that_may_be_there_is_not_missing() -> None:
    main = PLAN.replace("  workflow {", '  dynamic "workflow" {\n    for_each = var.x\n    content {').replace(
        "    }\n  }\n}", "    }\n    }\n  }\n}"
    )
    agreement = service('variable "x" {}\n' + main, SWITCH).agreements.region_switch_agrees
    assert (agreement.text, plain(agreement.holds)) == ("", "variable not set")


def test_a_workflow_for_each_region_is_read() -> None:
    main = 'variable "regions" {\n  default = ["eu-west-1", "eu-central-1"]\n}\n' + PLAN.replace(
        '["eu-west-1", "eu-central-1"]', "var.regions"
    ).replace("  workflow {\n", '  dynamic "workflow" {\n    for_each = toset(var.regions)\n    content {\n').replace(
        '_action = "activate"\n', '_action = "activate"\n    workflow_target_region = workflow.value\n'
    ).replace("    }\n  }\n}", "    }\n    }\n  }\n}")
    found = service(main, SWITCH)
    assert (plain(found.agreements.region_switch_agrees.holds), list(found.dr_regions)) == (True, ["eu-central-1"])


@pytest.mark.parametrize(
    ("count", "given"), [("count = 1", "1h"), ("count = 2", "ambiguous"), ("count = var.x", "variable not set"), ("count = 0", None)]
)
def test_the_only_instance_needs_no_index(count: str, given: str | None) -> None:
    main = 'variable "x" {}\n' + POLICY.replace('  name = "critical"\n', f'  name = "critical"\n  {count}\n')
    found = service(main, HUB)
    assert (objectives(found).get("region", (None, None))[0] or (plain(found.has_objectives) or None)) == given


@pytest.mark.parametrize(("minutes", "holds"), [("30", False), ("120", True), ("var.minutes", "variable not set")])
def test_a_tag_is_held_against_an_objective_that_comes_from_the_plan(minutes: str, holds: object) -> None:
    table = 'variable "minutes" {}\nresource "aws_dynamodb_table" "a" {\n  name = "a"\n  tags = { RTO = "2h" }\n}\n'
    head = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: orders}\nspec:\n  owner: a-team\n"
    files = {
        "main.tf": PLAN.replace("= 30", f"= {minutes}") + table,
        "orders.yaml": f"{head}  stores: [{{ref: aws_dynamodb_table.a}}]\n  {SWITCH}\n",
        "drpolicy.yaml": "apiVersion: drpolicy.dev/v1\nkind: Config\ntags: {rto: [RTO]}\n",
    }
    (found,) = estate_of(files).services
    assert plain(found.agreements.tags_agree.holds) == holds
