"""Policies of AWS Resilience Hub taken over and written, held against the service's own API model."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.app.reading import read_tree
from drpolicy.app.resilience_hub_export import FORMS, NotExported, exported
from drpolicy.app.resilience_hub_import import TIERS, as_service, as_tiers, policies
from drpolicy.app.service_draft import ObjectiveDraft, document, tiers_document
from drpolicy.app.service_imports import NotImported
from drpolicy.catalog.load import built_in_catalog
from drpolicy.cli.arguments import FORMS as OFFERED
from drpolicy.declarations.configuration import load_configuration
from drpolicy.declarations.load import load_declarations
from drpolicy.model.spans import Source
from drpolicy.model.values import Known
from drpolicy.recovery.build import build_estate
from drpolicy.recovery.resilience_hub import APPROACHES
from drpolicy.sources.trees import MemoryTree
from drpolicy.sources.yaml_documents import documents

OLDER = {
    "policyName": "web-critical",
    "tier": "MissionCritical",
    "dataLocationConstraint": "SameCountry",
    "policy": {
        "Software": {"rtoInSecs": 14400, "rpoInSecs": 3600},
        "Hardware": {"rtoInSecs": 900, "rpoInSecs": 0},
        "AZ": {"rtoInSecs": 900, "rpoInSecs": 0},
        "Region": {"rtoInSecs": 5400, "rpoInSecs": 900},
    },
}
NEWER = {
    "policyArn": "arn:aws:resiliencehub:eu-west-1:111122223333:policy/web:6f0c",
    "name": "web",
    "availabilitySlo": {"target": 99.9},
    "multiAz": {"disasterRecoveryApproach": "ACTIVE_ACTIVE", "rtoInMinutes": 5, "rpoInMinutes": 0},
    "multiRegion": {"disasterRecoveryApproach": "PILOT_LIGHT", "rtoInMinutes": 90},
    "dataRecovery": {"timeBetweenBackupsInMinutes": 60},
}


def taken(data: object, path: str = "hub.json") -> list[Any]:
    found, said = policies(json.dumps(data, indent=1), path)
    assert said == []
    return found


def model(client: str) -> Any:
    return botocore.session.Session().get_service_model(client)


def test_the_tables_are_those_of_the_api() -> None:
    older, newer = model("resiliencehub"), model("resiliencehubv2")
    assert set(TIERS) == set(older.shape_for("ResiliencyPolicyTier").enum)
    assert older.shape_for("DisruptionType").enum == ["Software", "Hardware", "AZ", "Region"]
    for shape in ("MultiAzDisasterRecoveryApproach", "MultiRegionDisasterRecoveryApproach"):
        assert {*APPROACHES, "HOT_STANDBY"} == set(newer.shape_for(shape).enum)
    assert tuple(FORMS) == OFFERED


@pytest.mark.parametrize("data", [{"policy": OLDER}, {"resiliencyPolicies": [OLDER]}, OLDER], ids=["describe", "list", "input"])
def test_a_policy_of_the_older_generation(data: object) -> None:
    (policy,) = taken(data)
    assert (policy.name, policy.tier, policy.strategy) == ("web-critical", "critical", "")
    assert policy.objectives == (
        ObjectiveDraft("corruption", "4h", "1h"),
        ObjectiveDraft("hardware", "15m", "0s"),
        ObjectiveDraft("az", "15m", "0s"),
        ObjectiveDraft("region", "1h30m", "15m"),
    )
    assert policy.notes[1:] == (
        "Software is taken as corruption: what goes wrong in the application and its data",
        "dataLocationConstraint SameCountry is not taken over: it says where the policy is kept; write dataLocation on stores",
        "it states nothing for account",
    )


@pytest.mark.parametrize("data", [{"policy": NEWER}, {"policySummaries": [NEWER]}, NEWER], ids=["get", "list", "input"])
def test_a_policy_of_the_newer_generation(data: object) -> None:
    (policy,) = taken(data)
    assert (policy.name, policy.tier, policy.strategy) == ("web", "", "pilot-light")
    assert policy.objectives == (ObjectiveDraft("az", "5m", "0s"), ObjectiveDraft("region", "1h30m", ""))
    assert policy.notes[1:] == (
        "multiAz: the approach ACTIVE_ACTIVE is not taken over: no strategy here is the same",
        "dataRecovery is not taken over: 1h between backups is no objective for a disruption; write corruption: {rpo: …}",
        "availabilitySlo is not taken over: it says nothing of a recovery",
        "it states nothing for corruption, hardware, account",
    )


def test_tiers_are_a_configuration_that_can_be_read() -> None:
    other = {**OLDER, "policyName": "Web_Important", "tier": "Important", "policy": {"Region": {"rtoInSecs": 60, "rpoInSecs": 60}}}
    text = tiers_document(as_tiers(taken({"resiliencyPolicies": [OLDER, other]})))
    assert (
        text[text.index("tiers:") :]
        == """\
tiers:
  # from hub.json:4, policy web-critical of Resilience Hub, tier MissionCritical
  # Software is taken as corruption: what goes wrong in the application and its data
  # dataLocationConstraint SameCountry is not taken over: it says where the policy is kept; write dataLocation on stores
  # it states nothing for account
  critical:
    objectives:
      corruption: {rto: 4h, rpo: 1h}
      hardware: {rto: 15m, rpo: 0s}
      az: {rto: 15m, rpo: 0s}
      region: {rto: 1h30m, rpo: 15m}
  # from hub.json:27, policy Web_Important of Resilience Hub, tier Important
  # dataLocationConstraint SameCountry is not taken over: it says where the policy is kept; write dataLocation on stores
  # it states nothing for corruption, hardware, account
  important:
    objectives:
      region: {rto: 1m, rpo: 1m}
"""
    )
    configuration, problems = load_configuration(documents(Source("drpolicy.yaml", text)).documents[0])
    assert (problems, set(configuration.tiers)) == ((), {"critical", "important"})


def test_two_policies_of_one_tier_keep_their_names() -> None:
    found = taken({"resiliencyPolicies": [OLDER, {**OLDER, "policyName": "batch", "tier": "Critical"}]})
    assert [each.name for each in as_tiers(found)] == ["web-critical", "batch"]


def test_a_service_has_one_policy() -> None:
    text = document(as_service(taken(NEWER), "Orders"))
    loaded = load_declarations(documents(Source("orders.yaml", text)).documents)
    assert [each.code for each in loaded.diagnostics] == ["owner-unassigned"]
    assert [each.name for each in loaded.services] == ["orders"]
    assert "  objectives: {az: {rto: 5m, rpo: 0s}, region: {rto: 1h30m}}\n  strategy: pilot-light" in text
    with pytest.raises(NotImported, match=r"it holds 2 policies \(web, web\): a service has one"):
        as_service(taken({"policySummaries": [NEWER, NEWER]}), "orders")


def test_a_list_that_goes_on_is_said() -> None:
    _, said = policies('{"resiliencyPolicies": [{"policyName": "a"}],\n "nextToken": "x"}', "hub.json")
    assert said == ["hub.json:2:15: the list goes on after this page (nextToken)"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "hub.json:1:1: not valid JSON"),
        ("[]", "hub.json:1:1: it holds no object"),
        ("{}", "hub.json:1:1: no policy of Resilience Hub: neither policyName nor name is in it"),
        ('{"resiliencyPolicies": []}', "hub.json: the list has no policy"),
        ('{"resiliencyPolicies": [3]}', "hub.json:1:25: resiliencyPolicies is not a list of objects"),
        ('{"policyName": "a",\n "tier": "Gold"}', "hub.json:2:10: tier is 'Gold', and not one of MissionCritical, "),
        ('{"policyName": "a", "policy": {"Flood": {}}}', "hub.json:1:32: Flood is not one of Software, Hardware, AZ, Region"),
        ('{"policyName": "a", "policy":\n{"AZ": {"rtoInSecs": "1h"}}}', "hub.json:2:22: rtoInSecs is not a whole number"),
        ('{"policyName": "a", "policy": {"AZ": {"rtoInSecs": -1}}}', "hub.json:1:52: rtoInSecs is not a whole number of nought or more"),
        (
            '{"name": "a", "multiRegion": {"disasterRecoveryApproach": "ACTIVE_PASSIVE"}}',
            "hub.json:1:59: disasterRecoveryApproach is 'ACTIVE_PASSIVE', and not one of ACTIVE_ACTIVE, ",
        ),
    ],
)
def test_what_is_no_policy_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(NotImported) as refused:
        policies(text, "hub.json")
    assert str(refused.value).startswith(message)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda each: (
            st.lists(each)
            | st.dictionaries(st.sampled_from(["policy", "policyName", "name", "Region", "rtoInSecs", "multiAz", "plans"]), each)
        ),
    )
)
def test_any_json_is_taken_over_or_refused(data: object) -> None:
    try:
        as_tiers(policies(json.dumps(data), "hub.json")[0])
    except NotImported:
        return


CONFIG = "apiVersion: drpolicy.dev/v1\nkind: Config\ntiers:\n  critical: {objectives: {all: {rto: 4h, rpo: 1h}}}\n"


def written(form: str, *lines: str, tier: str = "critical", name: str = "orders") -> tuple[str, tuple[str, ...]]:
    head = f"apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {{name: {name}}}\nspec:\n  owner: a-team\n  stores: []\n"
    body = "".join(f"  {line}\n" for line in ([f"tier: {tier}"] if tier else []) + list(lines))
    found = read_tree(MemoryTree({"drpolicy.yaml": CONFIG, "orders.yaml": head + body}))
    assert found.configuration is not None
    made = exported(found.declarations.services[0], found.configuration.tiers, form)
    return made.text, made.left_out


REGION = "objectives: {region: {rto: 90m, rpo: 90s}}"


def test_a_policy_of_the_older_generation_is_one_that_the_api_accepts() -> None:
    text, left_out = written("resiliencehub", REGION, "strategy: pilot-light")
    assert json.loads(text) == {
        "policyName": "orders",
        "tier": "Critical",
        "policy": {
            "Software": {"rtoInSecs": 14400, "rpoInSecs": 3600},
            "Hardware": {"rtoInSecs": 14400, "rpoInSecs": 3600},
            "AZ": {"rtoInSecs": 14400, "rpoInSecs": 3600},
            "Region": {"rtoInSecs": 5400, "rpoInSecs": 90},
        },
    }
    shape = model("resiliencehub").operation_model("CreateResiliencyPolicy").input_shape
    assert not ParamValidator().validate(json.loads(text), shape).has_errors()
    assert left_out == (
        "the objective for account: a policy has none for it",
        "strategy pilot-light: this generation has no approach",
    )


def test_a_policy_of_the_newer_generation_is_one_that_the_api_accepts() -> None:
    text, left_out = written("resiliencehubv2", REGION, "strategy: warm-standby", tier="")
    assert json.loads(text) == {
        "name": "orders",
        "multiRegion": {"rtoInMinutes": 90, "rpoInMinutes": 1, "disasterRecoveryApproach": "WARM_STANDBY"},
    }
    shape = model("resiliencehubv2").operation_model("CreatePolicy").input_shape
    assert not ParamValidator().validate(json.loads(text), shape).has_errors()
    assert left_out == ("the RPO for region, 1m30s, is rounded down to 1 minutes",)


def test_terraform_of_the_older_generation() -> None:
    text, _ = written("aws_resiliencehub_resiliency_policy", REGION)
    assert text.startswith(
        """\
resource "aws_resiliencehub_resiliency_policy" "orders" {
  name = "orders"
  tier = "Critical"
  policy {
    software {
      rto = "14400s"
      rpo = "3600s"
    }
"""
    )
    assert text.endswith('    region {\n      rto = "5400s"\n      rpo = "90s"\n    }\n  }\n}\n')


def test_terraform_of_the_newer_generation_needs_an_approach() -> None:
    text, left_out = written("aws_resiliencehubv2_policy", REGION, "strategy: pilot-light")
    assert (
        text
        == """\
resource "aws_resiliencehubv2_policy" "orders" {
  name = "orders"
  multi_region {
    rto_in_minutes             = 90
    rpo_in_minutes             = 1
    disaster_recovery_approach = "PILOT_LIGHT"
  }
}
"""
    )
    assert "the objective for az: Terraform requires an approach, and no approach for zones can be declared" in left_out
    with pytest.raises(NotExported, match="the objective for region: Terraform requires an approach, and no strategy is declared"):
        written("aws_resiliencehubv2_policy", REGION)


@pytest.mark.parametrize("form", ["aws_resiliencehub_resiliency_policy", "aws_resiliencehubv2_policy"])
def test_a_service_agrees_with_the_terraform_that_is_written_from_it(form: str) -> None:
    made, _ = written(form, REGION, "strategy: pilot-light")
    head = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: orders}\nspec:\n  owner: a-team\n  stores: []\n  tier: critical\n"
    service = head + f"  {REGION}\n  strategy: pilot-light\n  resilienceHub: {form}.orders\n"
    found = read_tree(MemoryTree({"drpolicy.yaml": CONFIG, "orders.yaml": service, "main.tf": made}))
    (judged,) = build_estate(found.inputs, built_in_catalog(), date(2026, 11, 1)).services
    assert (judged.agreements.resilience_hub_agrees.compared, judged.agreements.resilience_hub_agrees.text) == (True, "")
    assert isinstance(judged.agreements.resilience_hub_agrees.holds, Known)


def test_what_the_older_generation_requires_is_not_made_up() -> None:
    with pytest.raises(NotExported) as refused:
        written("resiliencehub", "objectives: {region: {rto: 1h}, corruption: {rto: 4h, rpo: 1h}, az: {rto: 5m}}", tier="")
    assert str(refused.value) == ("Resilience Hub asks for what orders does not declare: RTO for hardware, RPO for hardware, RPO for az")
    with pytest.raises(NotExported, match="orders declares no objectives, and its tier has none"):
        written("resiliencehub", tier="")


def test_names_and_tiers_that_it_does_not_have() -> None:
    text, left_out = written("resiliencehub", "objectives: {all: {rto: 1h, rpo: 1h}}", tier="gold", name="shop.orders")
    assert (json.loads(text)["policyName"], json.loads(text)["tier"]) == ("shop-orders", "NotApplicable")
    assert "tier gold: Resilience Hub has none of that name; NotApplicable is written" in left_out
    assert "the name shop.orders is written as shop-orders: a policy's has 2 to 60 letters, digits, - and _" in left_out
